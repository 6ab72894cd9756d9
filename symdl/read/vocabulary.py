"""What formulas show of names, all of them together: which letters are indices or sizes, which names are families.

The order of the givens does not matter.  A subscript is an index where its letter is bound by a sum, given a range,
shifted (`t-1`), or stands at a family beside such a letter; otherwise it is part of the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from symdl.language.functions import ScalarFunction
from symdl.problem import Givens
from symdl.read.names import BOLD, Names, is_plain_index, letters_of, not_bold
from symdl.read.nodes import (
    Big,
    CaseRows,
    Derivative,
    Factorial,
    Group,
    Mark,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Scripted,
    Sum,
)
from symdl.read.own import of_own_letter
from symdl.read.scripts import (
    Formula,
    Occurrence,
    bound_by,
    brace,
    children,
    conditions_in,
    inside_of,
    is_by_entries,
    is_label_word,
    unprimed,
)

_MATRIX = 2
_NUMBERED = re.compile(r".+_(?:\d|\{\d+\})")
_LABELLED = re.compile(r"(.+)_[a-z]")


class Vocabulary(Names):
    """The names of one problem, as far as givens and formulas have shown them."""

    def learn(self, givens: Givens) -> None:
        """Takes over all that `givens` fix."""
        from symdl.language import Opaque, free_symbols, is_index, label_of, quantities

        own = givens.said("own").keys()
        self.twofold |= {x for s in givens.vectors if (x := of_own_letter(s.name)) is not None} - own
        self.sampled |= givens.said("sampled").keys()
        self.twofold |= self.sampled
        self.learnt |= {s.name for s in givens.vectors} | {s.name for s in givens.families}
        families = {label.name for label in givens.families}
        labelled = {n for n in self.learnt if (m := _LABELLED.fullmatch(n)) and m.group(1) in families}
        self.apart |= labelled | {n for n in self.learnt if _NUMBERED.fullmatch(n)}
        for label, ranges in givens.families.items():
            key = label.name
            self.families.add(key)
            self.arity[key] = self.explicit[key] = len(ranges)
            self.fixed.add(key)
            # Beside w^{(0)} = (1, 2) what stands in brackets above w is part of a name.
            if "^{(" not in key and not any(n.startswith(f"{key}^{{(") for n in self.learnt):
                self.raised.add(key)
            for run in ranges:
                self.sizes |= {s.name for s in free_symbols(run.lo) | free_symbols(run.hi)}
        for letters in givens.letters.values():
            self.ranged |= set(letters)
        used = [d.body for d in givens.definitions] + [d.head for d in givens.definitions]
        used += [v.quantity for v in givens.values]
        used += [s for f in givens.facts for s in f.relation.sides]
        self.quantities |= {label_of(q).name for q in frozenset().union(*map(quantities, used))}
        symbols = frozenset().union(*map(free_symbols, used))
        self.sizes |= {s.name for s in symbols if s.is_positive and s.is_integer}
        self.inputs |= {s.name for s in givens.positions}
        self.quantities |= {label_of(c).name for c in givens.constants}
        self.quantities |= {k.name for k in givens.families}
        self.quantities |= {k.name for k in givens.vectors}
        for d in givens.definitions:
            self.defined.add(d.label.name)
            self.ranged |= {p.name for p in d.pattern if is_index(p)}
        for label, rank in givens.vectors.items():
            self.fixed.add(label.name)
            self.explicit[label.name] = self.arity.get(label.name, 0) - rank
        self.functions |= {k.name: tuple(str(a) for a in v) for k, v in givens.arguments.items()}
        self.double |= self.ranged & {label.name for label in givens.families}
        self.ranged -= self.quantities - self.inputs
        self.labels |= self.quantities
        for label, rank in givens.vectors.items():
            # The members \sigma_k alone leave the name before a bracket to the function.
            if label.name == r"\sigma" and (rank or not givens.families.get(label)):
                self.mapped.add(label.name)
        bodies = [d.body for d in givens.definitions if isinstance(d.body, Opaque)]
        self.unknown |= {b.label.name for b in bodies if not givens.definitions_of(b.label)}

    def survey(self, formulas: list[Formula]) -> None:
        """Finds out what the names of these formulas are.

        Raises  `GivensError` where one letter is both an index and a vector.
        """
        # The letters of all sums come first: they tell indices from labels.
        for item in (i for f in formulas for big in f.sums for i in big.below):
            self._bind(item)
        for formula in formulas:
            self._take_labelled_sizes(formula)
        strong: list[set[str]] = [set() for _ in formulas]
        uses: list[list[Occurrence]] = []
        scripted: list[list[tuple[Occurrence, list[str]]]] = []
        for formula in formulas:
            found, lettered = self._collect(formula)
            uses.append(found)
            scripted.append(lettered)
        everything = [o for lettered in scripted for o, _ in lettered]
        self.labels |= {o.key for o in everything} | self.defined
        for o in everything:
            for item in o.below:
                self._arithmetic(item)
        self.ranged |= self.bound
        for n, lettered in enumerate(scripted):
            for o, _ in lettered:
                for script in (*o.below, o.above):
                    if isinstance(script, Name) and self._is_upper(script.text) and o.key in self.families:
                        self.sizes.add(script.text)
            strong[n] |= {x for _, letters in lettered for x in letters if self.is_strong(x)}
            bound = _summed(formulas[n].sums) - self.sizes
            strong[n] |= {x for o, letters in lettered if o.key for x in letters if x in bound}
            self.double |= bound & self.labels & strong[n]
        below = [[(o, [x for i in o.below for x in letters_of(i)]) for o, _ in lettered] for lettered in scripted]
        changed = True
        while changed:
            changed = False
            for n, named in enumerate(below):
                for o, names in named:
                    changed |= self._grow(o, names, strong[n])
        self._take_ends(below, strong)
        for formula, letters in zip(formulas, strong, strict=True):
            formula.letters |= letters
        for found, letters in zip(uses, strong, strict=True):
            self.here = letters & self.double
            for o in found:
                self._count(o)
        self.here = set()

    def _collect(self, formula: Formula) -> tuple[list[Occurrence], list[tuple[Occurrence, list[str]]]]:
        """The names in a formula, and those of them that bear scripts, with the letters in these."""
        found: list[Occurrence] = []
        kept, self.plain, self.bounds = self.plain, set(), []
        for side in (*formula.sides, *formula.cells):
            self._walk(side, found, formula)
        marked = [o for o in found if o.below or o.above is not None]
        lettered = [(o, [x for i in (*o.below, o.above) for x in letters_of(i)]) for o in marked]
        scripts = {x for o, letters in lettered if o.key for x in letters}
        compared = {x for o, letters in lettered if not o.key for x in letters if not self._is_upper(x)}
        self.plain = kept | (self.plain - scripts)
        for name in self.bounds:
            if self._is_upper(name) or name not in scripts | self.ranged | self.bound | self.inputs | compared:
                self.sizes.add(name)
        return found, lettered

    def _take_labelled_sizes(self, formula: Formula) -> None:
        """Takes n_{in} and d_k for lengths where sums end there: the label is a word, or what is summed is named so."""
        ends = [big.above for big in formula.sums if isinstance(big.above, Scripted)]
        nodes = (n for s in (*formula.sides, *formula.cells) for n in inside_of(s)) if ends else ()
        cores = {n.text for n in nodes if isinstance(n, Name)}
        for key in map(self.labelled_size, ends):
            label = key.partition("_")[2]
            is_vector = not {label, label.upper()}.isdisjoint(cores) and label not in self.bound | self.ranged
            if key and (is_vector if len(label) == 1 else label.startswith("{")):
                self.sizes.add(key)

    def _walk(self, node: Node, found: list[Occurrence], formula: Formula) -> None:
        """Collects the names in `node`, scripts apart."""
        if isinstance(node, Big):
            self._walk_big(node, found, formula)
        elif isinstance(node, CaseRows):
            for value, conditions in node.rows:
                self._walk(value, found, formula)
                for item in conditions or ():
                    is_equation = isinstance(item, Relation) and set(item.signs) <= {"=", "!="}
                    (self._walk_comparison if is_equation else self._walk)(item, found, formula)
        elif conditions := conditions_in(node):
            for item in conditions:
                self._walk_comparison(item, found, formula)
        elif (o := self.occurrence(node)) is not None:
            self._walk_name(o, node, found, formula)
        elif isinstance(node, Scripted) and is_by_entries(node):
            for item in node.subs:
                self._bind(item)
            for sup in node.sups:
                self.bounds += letters_of(sup)
            self._walk(node.core, found, formula)
        else:
            self._walk_inside(node, found, formula)

    def _walk_big(self, node: Big, found: list[Occurrence], formula: Formula) -> None:
        """Collects the names in a sum or product, and its letters and where they end."""
        for item in node.below:
            self._bind(item)
            if not isinstance(item, Relation):
                continue
            if item.signs[0] != "=" and all(isinstance(s, Name) for s in item.sides):
                found.append(Occurrence("", None, item.sides, item))
            if isinstance(item.sides[0], Scripted):
                self._walk(item.sides[0], found, formula)
            elif item.signs != ("in",):
                self.bounds += [x for side in item.sides[1:] for x in letters_of(side)]
        if node.above is not None:
            self.bounds += letters_of(node.above)
        self._walk(node.body, found, formula)

    def _walk_name(self, o: Occurrence, node: Node, found: list[Occurrence], formula: Formula) -> None:
        """Collects a name, and those in its powers and in the arithmetic of its indices."""
        found.append(o)
        # Beside e_n the e of e^{-x} is still Euler's number.
        if o.key != "e":
            (self.quantities if o.below or o.above is not None else self.plain).add(o.key)
        if isinstance(node, Scripted):
            for sup in self.power_of(node):
                self._walk(sup, found, formula)
            for sub in node.subs:
                self._inside_script(sub, found, formula)

    def _walk_inside(self, node: Node, found: list[Occurrence], formula: Formula) -> None:
        """Collects the names in what is made of others; what is applied is no quantity."""
        if isinstance(node, Factorial):
            self.bounds += [x for x in letters_of(node.body) if x not in self.quantities | self.defined | self.learnt]
        if isinstance(node, Derivative) and self.guesses:
            self._differentiated(node)
            o = self.occurrence(node.of)
            if o is not None and o.node is node.of and isinstance(node.of, Name) and self._is_builtin(o.key):
                for variable, _ in node.wrt:
                    self._walk(variable, found, formula)
                return
        if isinstance(node, (Sum, Product)) and self._has_dots(node):
            self._dotted(node)
        if not isinstance(node, Product):
            for child in children(node):
                self._walk(child, found, formula)
            return
        for (_, part), following in zip(node.parts, [*node.parts[1:], None], strict=True):
            if not (following and self._applies(part, following)):
                self._walk(part, found, formula)
            elif isinstance(part, Scripted):
                for sup in part.sups:
                    self._walk(sup, found, formula)

    def _is_builtin(self, key: str) -> bool:
        """Whether a name can only be the built-in function: nothing says that it is a quantity."""
        said = self.learnt | self.defined | self.quantities | self.plain
        return key not in said and isinstance(self.is_function(key), ScalarFunction)

    def _differentiated(self, node: Derivative) -> None:
        """Takes f in df(x)/dx for a function, although nothing declares it."""
        of = node.of
        if not isinstance(of, Product) or len(of.parts) != 2 or of.parts[1][0]:
            return
        head, group = of.parts[0][1], of.parts[1][1]
        o = self.occurrence(head)
        if o is None or o.below or not isinstance(group, Group) or group.bracket != "(":
            return
        inside = [self.occurrence(i) for i in group.items]
        variables = [self.occurrence(v) for v, _ in node.wrt]
        keys = [x.key for x in inside if x is not None]
        meets = len(keys) == len(inside) and any(v is not None and v.key in keys for v in variables)
        if meets and self.is_function(o.key) is None:
            self.functions.setdefault(o.key, tuple(keys))

    def _applies(self, part: Node, following: tuple[str, Node]) -> bool:
        """Whether a built-in function's name stands before its bracket."""
        core = following[1].core if isinstance(following[1], Scripted) else following[1]
        if following[0] or not isinstance(core, Group) or core.bracket not in ("(", "["):
            return False
        o = self.occurrence(part)
        if unprimed(part) in self.unknown:
            return True
        if o is None or o.below:
            return False
        return o.key in self.unknown or self.is_function(o.key.rstrip("'")) is not None

    def _inside_script(self, sub: Node, found: list[Occurrence], formula: Formula) -> None:
        for child in (sub,) if self.points(sub) else children(sub):
            if isinstance(child, Scripted):
                self._walk(child, found, formula)

    def _walk_comparison(self, item: Node, found: list[Occurrence], formula: Formula) -> None:
        sides = item.sides if isinstance(item, Relation) else (item,)
        names = [s.text for s in sides if isinstance(s, Name)]
        if len(names) == len(sides):
            found.append(Occurrence("", None, tuple(sides), item))
            return
        for side in sides:
            self._walk(side, found, formula)

    def _bind(self, item: Node) -> None:
        sides = item.sides if isinstance(item, Relation) else (item,)
        first = sides[0]
        if isinstance(first, Name):
            self.bound.add(first.text)
        elif isinstance(first, Product):
            self.bound |= {n.text for _, n in first.parts if isinstance(n, Name)}
        if isinstance(item, Relation) and item.signs[0] in ("!=", "<", "<=", ">", ">=") and isinstance(sides[-1], Name):
            if self._is_upper(sides[-1].text):
                self.sizes.add(sides[-1].text)
            else:
                self.ranged.add(sides[-1].text)

    def upper(self, node: Node) -> None:
        """The names in a bound are sizes, unless they are index letters."""
        for name in letters_of(node):
            self.sizes.add(name)

    def _arithmetic(self, item: Node) -> None:
        if isinstance(item, Sum) and all(is_plain_index(n) for _, n in item.terms):
            for name in letters_of(item):
                if not self._is_upper(name):
                    self.bound.add(name)
                else:
                    self.sizes.add(name)

    def _has_dots(self, node: Sum | Product) -> bool:
        inner = [n for _, n in (node.terms if isinstance(node, Sum) else node.parts)]
        return any(isinstance(n, Mark) and n.text == "dots" for n in inner)

    def _dotted(self, node: Node) -> None:
        for child in children(node):
            o = self.occurrence(child)
            if o is not None and o.below:
                self.families.add(o.key)
                for item in o.below:
                    if isinstance(item, Name):
                        self.sizes.add(item.text)
            elif not isinstance(child, Mark):
                self._dotted(child)

    def _grow(self, o: Occurrence, names: list[str], strong: set[str]) -> bool:
        """Spreads what is known from the letters below a name to families and back; whether anything was new."""
        before = len(strong), len(self.families), len(self.raised)
        key = self.base(o)
        known = [x for x in names if x in strong or (x in self.sizes and key in self.families)]
        if key and not strong.isdisjoint(known) and not (len(o.below) == 1 and is_label_word(o.below[0])):
            self.families.add(key)
        if key in self.families or known:
            strong |= {x for x in names if self.may_be_index(x)}
        if key in self.families and len(o.below) == self.arity.get(key, 0) >= _MATRIX and o.above is None:
            # A matrix with both its indices: k_{jk}, where k is a family and an index.
            strong |= {x for x in names if x in self.double}
        if isinstance(o.above, Name) and o.above.text in strong:
            self.raised.add(o.key)
        return before != (len(strong), len(self.families), len(self.raised))

    def _take_ends(self, below: list[list[tuple[Occurrence, list[str]]]], strong: list[set[str]]) -> None:
        r"""Takes the T of \alpha_{Tk} for a last index, where both the indices of \alpha_{tk} are letters."""
        several = [(o, names, n) for n, named in enumerate(below) for o, names in named if len(o.below) >= _MATRIX]
        whole = {
            (o.key, len(o.below)) for o, names, n in several if len(names) >= len(o.below) and strong[n] >= set(names)
        }
        for o, names, n in several:
            ends = {x.text for x in o.below if isinstance(x, Name) and self._is_upper(x.text)}
            if (o.key, len(o.below)) in whole and ends and set(names) - ends <= strong[n]:
                self.sizes |= ends

    def find_apart(self) -> bool:
        r"""Takes \mathbf{W}_1 beside \mathbf{W} for a name of its own: entries are not bold; whether any was new."""
        before = len(self.apart)
        for key, numbers in self.numbered.items():
            if BOLD.fullmatch(key) and key in self.plain and key not in self.lettered | self.raised:
                self.apart |= {f"{key}_{brace(n)}" for n in numbers}
                if key not in self.fixed:
                    for table in (self.explicit, self.arity, self.least):
                        table.pop(key, None)
        return len(self.apart) > before

    def find_aliases(self) -> bool:
        r"""Takes a_i for an entry of the vector \mathbf{a} where no other a is known; whether any was new."""
        before = len(self.aliases)
        for bold in sorted(self.families):
            plain, arity = not_bold(bold), self.arity.get(bold, 0)
            taken = {bold} | self.aliases.keys() | self.learnt | self.defined | self.plain | self.fixed
            if not arity or plain in taken:
                continue
            # b_2 = 0 beside \mathbf{b}, or \mathbf{b}_1 beside it, shows that numbers tell names apart.
            own = plain in self.headed or any(a.startswith(f"{bold}_") for a in self.apart)
            if self.raw.get(plain) == {arity} and not own:
                self.aliases[plain] = bold
        return len(self.aliases) > before

    def _count(self, o: Occurrence) -> None:
        if not o.key or (o.key == "e" and self.is_euler(o.node)):
            return
        if not o.below and o.above is None:
            self.least[o.key] = 0
            self.mentioned.add(o.key)
            return
        if o.above is None and len(o.below) == 1 and isinstance(o.below[0], Number):
            self.numbered.setdefault(o.key, set()).add(o.below[0].text)
        elif o.below:
            self.lettered.add(o.key)
        is_plain = o.above is None and all(self.is_index_item(i, None) for i in o.below)
        self.raw.setdefault(o.key, set()).add(len(o.below) if is_plain else 0)
        count, key = self.split(o, None)
        if count is not None:
            self.explicit[key] = max(self.explicit.get(key, 0), count)
            if key not in self.fixed:
                self.arity[key] = max(self.arity.get(key, 0), count)
            self.families.add(key)
        self.least[key] = min(self.least.get(key, 99), count or 0)
        self.mentioned.add(key)


def _summed(sums: Iterable[Big]) -> set[str]:
    """The letters that sums bind."""
    return {x for big in sums for first in bound_by(big) for x in letters_of(first)}
