"""What the names of a problem mean: which letters are indices or sizes, which names are families, and of what rank.

It is found out from all formulas together, so the order of the givens does not matter.  A subscript is an index where
its letter is bound by a sum, given a range, shifted (`t-1`), or stands at a family beside such a letter; otherwise it
is part of the name.
"""

from __future__ import annotations

import re

from symdl.errors import GivensError
from symdl.language.functions import FamilyFunction, ScalarFunction, by_spelling
from symdl.problem import Givens
from symdl.read.nodes import (
    Big,
    Derivative,
    Factorial,
    Group,
    Indicator,
    Mark,
    Nabla,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Scripted,
    Sum,
    Word,
)
from symdl.read.scripts import (
    Formula,
    Occurrence,
    brace,
    children,
    head_text,
    is_by_entries,
    is_label_word,
    is_list,
    script_items,
    slice_items,
    spell,
)
from symdl.read.tokens import Source, word_set

BOLD_IDENTITIES = (r"\mathbf{I}", r"\boldsymbol{I}")
_GREEK_INDICES = (r"\tau", r"\kappa", r"\nu")
_LABELS = word_set(
    "in out max min hid hidden new old ref norm test train avg std init pred true pos neg total loss dim data model "
    "var mean sum reg ce mse mid top last first opt input output rec next prev neu alt"
)
"""Words that are labels where their letters are no indices."""
_MATRIX = 2
_NUMBERED = re.compile(r".+_(?:\d|\{\d+\})")
_ALONE = re.compile(r"\\mathit\{(.+)\}")
_BOLD = re.compile(r"\\(?:mathbf|boldsymbol|vec)\{(\\?[A-Za-z]+)\}")


class Vocabulary:
    """The names of one problem.

    `families` are the keys of indexed names, with `arity` the number of their index positions; `explicit` is how many
    of these the author writes at least once.  `functions` maps a declared function's key to its parameters' keys.
    `apart` are members that are names of their own (w_0 beside w_1, …, w_n), `aliases` maps a plain letter to the bold
    one of whose vector it names the entries, `raw` says how many subscripts each letter stands with;
    `letters` are known to be index letters even where they stand alone; `by_entry` says that the author writes
    softmax(z_i) for the entry i of softmax(z).  Where it `guesses`, what is differentiated may be a function that
    nothing declares.  `unknown` are functions of which only the name is known.
    """

    def __init__(self) -> None:
        self.families: set[str] = set()
        self.raised: set[str] = set()
        self.arity: dict[str, int] = {}
        self.explicit: dict[str, int] = {}
        self.least: dict[str, int] = {}
        self.fixed: set[str] = set()
        self.sizes: set[str] = set()
        self.ranged: set[str] = set()
        self.bound: set[str] = set()
        self.labels: set[str] = set()
        self.plain: set[str] = set()
        self.defined: set[str] = set()
        self.functions: dict[str, tuple[str, ...]] = {}
        self.mentioned: set[str] = set()
        self.mentioned_in_givens: set[str] = set()
        self.quantities: set[str] = set()
        self.inputs: set[str] = set()
        self.ties: set[str] = set()
        self.matrices: set[str] = set()
        self.bounds: list[str] = []
        self.apart: set[str] = set()
        self.learnt: set[str] = set()
        self.letters: set[str] = set()
        self.by_entry = False
        self.guesses = False
        self.builtin: dict[str, ScalarFunction | FamilyFunction] = {}
        self.aliases: dict[str, str] = {}
        self.raw: dict[str, set[int]] = {}
        self.numbered: dict[str, set[str]] = {}
        self.lettered: set[str] = set()
        self.headed: set[str] = set()
        self.unknown: set[str] = set()
        self.index_names: set[str] = set()
        """Index letters of more than one sign, y' and y_i."""
        self.layered: set[str] = set()
        """Names whose superscript is an index without brackets, the layer in a^l_j."""
        self.twofold: set[str] = set()
        """Names that stand for one thing alone and for another with an index: L beside L_t in L = \\sum_t L_t."""
        self.bare: set[str] = set()
        """Names that stand somewhere without a bracket after them."""
        self.double: set[str] = set()
        """Letters that are index letters and names of families: k in \\sum_k q_{ik} k_{jk}."""
        self.here: set[str] = set()
        """Those of them that are index letters in the formula whose names are counted."""
        self.mapped: set[str] = set()
        """Names that are written as the logistic function or another built-in one and are quantities here."""

    def copy(self) -> Vocabulary:
        """One that can be added to without a change to this one."""
        found = Vocabulary.__new__(Vocabulary)
        found.__dict__ = {k: v if isinstance(v, bool) else v.copy() for k, v in self.__dict__.items()}
        return found

    # Occurrences

    def occurrence(self, node: Node) -> Occurrence | None:
        """The name that this node is, with its scripts; None where it is none."""
        if isinstance(node, (Name, Word)):
            text = head_text(node)
            return None if text is None else Occurrence(self._alone(text), None, (), node)
        if not isinstance(node, Scripted):
            return None
        text = None if slice_items(node) else head_text(node.core)
        if text is None:
            return None
        text = self.aliases.get(text, text)
        above: Node | None = None
        label = ""
        for sup in map(self._as_label, node.sups):
            if isinstance(sup, Group) and sup.bracket == "(" and len(sup.items) == 1 and above is None:
                above = sup.items[0]
            elif text in self.layered and above is None and _is_layer(sup):
                above = sup
            elif isinstance(sup, Group) and sup.bracket in ("[", "("):
                label += spell(sup)
            elif isinstance(sup, Mark) and sup.text in ("*", "dagger", "+", "-"):
                label += {"dagger": r"\dagger"}.get(sup.text, sup.text)
            elif is_label_word(sup):
                label += spell(sup)
        below = script_items(tuple(map(self._as_label, node.subs)))
        if not below and above is None:
            text = self._alone(text)
        key = text + "'" * node.primes
        if label:
            key += "^" + brace(label)
        return Occurrence(key, above, below, node)

    @property
    def twofold_names(self) -> set[str]:
        return {rf"\mathit{{{x}}}" for x in self.twofold}

    def _alone(self, text: str) -> str:
        """The name without an index, where it is another one than the name with an index."""
        return rf"\mathit{{{text}}}" if text in self.twofold else self._other_font(text)

    def _as_label(self, sub: Node) -> Node:
        """Letters side by side that make a usual label, such as `in`, as one word, unless all of them are indices."""
        if not isinstance(sub, Product) or not is_list(sub):
            return sub
        letters = [n.text for _, n in sub.parts if isinstance(n, Name)]
        word = "".join(letters)
        if word not in _LABELS or len(letters) < len(sub.parts) or set(letters) <= self.bound | self.ranged:
            return sub
        return Word(sub.at, sub.end, word, "label")

    def power_of(self, node: Scripted) -> tuple[Node, ...]:
        """The superscripts that are neither labels nor indices: powers and transpositions."""
        found: list[Node] = []
        bracketed = False
        layered = head_text(node.core) in self.layered
        for sup in map(self._as_label, node.sups):
            is_index = isinstance(sup, Group) and sup.bracket == "(" and len(sup.items) == 1
            if (is_index or (layered and _is_layer(sup))) and not bracketed:
                bracketed = True
            elif (
                (isinstance(sup, Group) and sup.bracket in ("[", "("))
                or (isinstance(sup, Mark) and sup.text in ("*", "dagger", "+", "-"))
                or is_label_word(sup)
            ):
                continue
            else:
                found.append(sup)
        return tuple(found)

    def gradient_variable(self, node: Nabla) -> Node | None:
        r"""What \nabla differentiates by: what is written, or else the one argument of the function after it."""
        if not isinstance(node.wrt, Mark):
            return node.wrt
        product = node.of
        head = product.parts[0][1] if isinstance(product, Product) else product
        o = self.occurrence(head)
        parameters = self.functions.get(o.key, ()) if o is not None else ()
        return Name(node.at, node.end, parameters[0]) if len(parameters) == 1 else None

    def is_euler(self, node: Node) -> bool:
        """Whether e^{...} is the exponential although a family is named e: its base has no index, so is no member."""
        o = self.occurrence(node) if isinstance(node, Scripted) else None
        if o is None or not isinstance(node, Scripted) or o.key != "e" or o.below or o.above is not None:
            return False
        powers = self.power_of(node)
        is_transposed = any(isinstance(p, Mark) or (isinstance(p, Name) and p.text == "T") for p in powers)
        if len(powers) != 1 or is_transposed or not self.arity.get("e", 0):
            return False
        return bool(self.explicit.get("e", 0)) or not isinstance(powers[0], Number)

    # Learning from givens that were read before

    def learn(self, givens: Givens) -> None:
        """Takes over all that `givens` fix."""
        from symdl.language import Opaque, free_symbols, is_index, label_of, quantities

        self.twofold |= {m.group(1) for s in givens.vectors if (m := _ALONE.fullmatch(s.name))}
        self.learnt |= {s.name for s in givens.vectors} | {s.name for s in givens.families}
        self.apart |= {n for n in self.learnt if _NUMBERED.fullmatch(n)}
        for label, ranges in givens.families.items():
            key = label.name
            self.families.add(key)
            self.arity[key] = self.explicit[key] = len(ranges)
            self.fixed.add(key)
            if "^{(" not in key:
                self.raised.add(key)
            for run in ranges:
                self.sizes |= {s.name for s in free_symbols(run.lo) | free_symbols(run.hi)}
        for letters in givens.letters.values():
            self.ranged |= set(letters)
        used = [d.body for d in givens.definitions] + [d.head for d in givens.definitions]
        used += [v.quantity for v in givens.values]
        used += [s for f in givens.facts for s in (f.relation.lhs, f.relation.rhs)]
        for expr in used:
            for quantity in quantities(expr):
                self.quantities.add(label_of(quantity).name)
            self.sizes |= {s.name for s in free_symbols(expr) if s.is_positive and s.is_integer}
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

    # Learning from formulas

    def survey(self, formulas: list[Formula]) -> None:
        """Finds out what the names of these formulas are.

        Raises  `GivensError` where one letter is both an index and a vector.
        """
        for formula in formulas:
            for side in (*formula.sides, *formula.cells):
                self._bind_all(side)
        strong: list[set[str]] = [set() for _ in formulas]
        uses: list[list[Occurrence]] = []
        for formula in formulas:
            found: list[Occurrence] = []
            kept, self.plain, self.bounds = self.plain, set(), []
            for side in (*formula.sides, *formula.cells):
                self._walk(side, found, formula)
            scripts = {x for o in found if o.key for i in (*o.below, o.above) for x in _letters(i)}
            compared = {x for o in found if not o.key for i in o.below for x in _letters(i) if not self._is_upper(x)}
            self.plain = kept | (self.plain - scripts)
            for name in self.bounds:
                if self._is_upper(name) or name not in scripts | self.ranged | self.bound | self.inputs | compared:
                    self.sizes.add(name)
            uses.append(found)
        everything = [o for found in uses for o in found]
        self.labels |= {o.key for o in everything if o.below or o.above is not None} | self.defined
        for o in everything:
            for item in o.below:
                self._arithmetic(item)
        self.ranged |= self.bound
        for n, found in enumerate(uses):
            for o in found:
                for script in (*o.below, o.above):
                    if isinstance(script, Name) and self._is_upper(script.text) and o.key in self.families:
                        self.sizes.add(script.text)
            strong[n] |= {x for o in found for i in (*o.below, o.above) for x in _letters(i) if self._is_strong(x)}
            bound = {x for side in (*formulas[n].sides, *formulas[n].cells) for x in _summed(side)} - self.sizes
            strong[n] |= {x for o in found if o.key for i in (*o.below, o.above) for x in _letters(i) if x in bound}
            self.double |= bound & self.labels & strong[n]
        changed = True
        while changed:
            changed = False
            for n, found in enumerate(uses):
                for o in found:
                    changed |= self._grow(o, strong[n], formulas[n])
        for formula, letters in zip(formulas, strong, strict=True):
            formula.letters |= letters
        for found, letters in zip(uses, strong, strict=True):
            self.here = letters & self.double
            for o in found:
                self._count(o)
        self.here = set()

    def _bind_all(self, node: Node) -> None:
        """Notes the letters of all sums first: they tell indices from labels."""
        if isinstance(node, Big):
            for item in node.below:
                self._bind(item)
        for child in children(node):
            self._bind_all(child)

    def _walk(self, node: Node, found: list[Occurrence], formula: Formula) -> None:
        """Collects the names in `node`, scripts apart."""
        if isinstance(node, Big):
            for item in node.below:
                self._bind(item)
                if isinstance(item, Relation) and item.signs[0] != "=" and all(isinstance(s, Name) for s in item.sides):
                    found.append(Occurrence("", None, item.sides, item))
                if isinstance(item, Relation):
                    self.bounds += [x for side in item.sides[1:] for x in _letters(side)]
            if node.above is not None:
                self.bounds += _letters(node.above)
            self._walk(node.body, found, formula)
            return
        if isinstance(node, Indicator):
            for item in node.conditions:
                self._walk_comparison(item, found, formula)
            return
        o = self.occurrence(node)
        if o is not None:
            found.append(o)
            if o.key == "e" and not o.below:
                pass
            elif not o.below and o.above is None:
                self.plain.add(o.key)
            else:
                self.quantities.add(o.key)
            if isinstance(node, Scripted):
                for sup in self.power_of(node):
                    self._walk(sup, found, formula)
                for sub in node.subs:
                    self._inside_script(sub, found, formula)
            return
        if is_by_entries(node):
            assert isinstance(node, Scripted)
            for item in node.subs:
                self._bind(item)
            for sup in node.sups:
                self.bounds += _letters(sup)
            self._walk(node.core, found, formula)
            return
        if isinstance(node, Factorial):
            self.bounds += [x for x in _letters(node.body) if x not in self.quantities | self.defined | self.learnt]
        if isinstance(node, Derivative) and self.guesses:
            self._differentiated(node)
            o = self.occurrence(node.of)
            if o is not None and o.node is node.of and isinstance(node.of, Name) and self._is_builtin(o.key):
                for variable, _ in node.wrt:
                    self._walk(variable, found, formula)
                return
        if isinstance(node, (Sum, Product)) and self._has_dots(node):
            self._dotted(node)
        if isinstance(node, Product):
            for (_, part), following in zip(node.parts, [*node.parts[1:], None], strict=True):
                if not (following and self._applies(part, following)):
                    self._walk(part, found, formula)
                elif isinstance(part, Scripted):
                    for script in (*part.sups, *part.subs):
                        self._walk(script, found, formula) if script in part.sups else None
            return
        for child in children(node):
            self._walk(child, found, formula)

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
        if o is None or o.below:
            return False
        return o.key in self.unknown or self.is_function(o.key.rstrip("'")) is not None

    def _inside_script(self, sub: Node, found: list[Occurrence], formula: Formula) -> None:
        for child in children(sub):
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

    def _upper(self, node: Node) -> None:
        """The names in a bound are sizes, unless they are index letters."""
        for name in _letters(node):
            self.sizes.add(name)

    def _arithmetic(self, item: Node) -> None:
        if isinstance(item, Sum) and all(_is_plain_index(n) for _, n in item.terms):
            for name in _letters(item):
                if not self._is_upper(name):
                    self.bound.add(name)
                else:
                    self.sizes.add(name)

    @staticmethod
    def _is_upper(name: str) -> bool:
        return len(name) == 1 and name.isupper()

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

    def _is_strong(self, letter: str) -> bool:
        """Whether a letter in a script is an index wherever it stands."""
        if letter in self.inputs:
            return True
        return letter in self.ranged and letter not in self.sizes and (letter not in self.labels or letter in self.ties)

    def _may_be_index(self, letter: str) -> bool:
        if letter in self.sizes:
            return False
        if letter in self.ties:
            return True
        bare = letter.rstrip("'")
        if letter in self.index_names:
            return True
        lower = (len(bare) == 1 and bare.islower()) or bare in _GREEK_INDICES
        return lower and letter not in self.labels and letter not in self.plain and letter not in self.quantities

    def _grow(self, o: Occurrence, strong: set[str], formula: Formula) -> bool:
        """Spreads what is known from letters to families and back; whether anything was new."""
        names = [x for item in o.below for x in _letters(item)]
        before = len(strong), len(self.families), len(self.raised)
        key = self.base(o)
        known = [x for x in names if x in strong or (x in self.sizes and key in self.families)]
        if key and any(x in strong for x in known) and not any(is_label_word(i) for i in o.below if len(o.below) == 1):
            self.families.add(key)
        if key in self.families or known:
            strong |= {x for x in names if self._may_be_index(x)}
        if key in self.families and len(o.below) == self.arity.get(key, 0) >= _MATRIX and o.above is None:
            # A matrix with both its indices: k_{jk}, where k is a family and an index.
            strong |= {x for x in names if x in self.double}
        if isinstance(o.above, Name) and o.above.text in strong:
            self.raised.add(o.key)
        return before != (len(strong), len(self.families), len(self.raised))

    def find_apart(self) -> bool:
        r"""Takes \mathbf{W}_1 beside \mathbf{W} for a name of its own: entries are not bold; whether any was new."""
        before = len(self.apart)
        for key, numbers in self.numbered.items():
            if _BOLD.fullmatch(key) and key in self.plain and key not in self.lettered | self.raised:
                self.apart |= {f"{key}_{brace(n)}" for n in numbers}
                if key not in self.fixed:
                    for table in (self.explicit, self.arity, self.least):
                        table.pop(key, None)
        return len(self.apart) > before

    def find_aliases(self) -> bool:
        r"""Takes a_i for an entry of the vector \mathbf{a} where no other a is known; whether any was new."""
        before = len(self.aliases)
        for bold in sorted(self.families):
            match = _BOLD.fullmatch(bold)
            plain = match.group(1) if match else ""
            arity = self.arity.get(bold, 0)
            if not arity or plain in self.aliases or plain in self.learnt | self.defined | self.plain | self.fixed:
                continue
            # b_2 = 0 beside \mathbf{b}, or \mathbf{b}_1 beside it, shows that numbers tell names apart.
            own = plain in self.headed or any(a.startswith(f"{bold}_") for a in self.apart)
            if self.raw.get(plain) == {arity} and not own:
                self.aliases[plain] = bold
        return len(self.aliases) > before

    def _other_font(self, text: str) -> str:
        r"""The known name for one that nothing says anything of but its font: \mathbf{o} where o is the vector."""
        if not self.guesses or not self.learnt or text in self.learnt | self.inputs | self.sizes | self.letters:
            return text
        match = _BOLD.fullmatch(text)
        plain = match.group(1) if match else text
        fonts = [plain, *(rf"\{font}{{{plain}}}" for font in ("mathbf", "boldsymbol", "vec"))]
        known = [x for x in fonts if x in self.learnt and x != text and self.arity.get(x, 0)]
        return known[0] if len(known) == 1 else text

    def _count(self, o: Occurrence) -> None:
        if not o.key or self.is_euler(o.node):
            return
        if o.below or o.above is not None:
            if o.above is None and len(o.below) == 1 and isinstance(o.below[0], Number):
                self.numbered.setdefault(o.key, set()).add(o.below[0].text)
            elif o.below:
                self.lettered.add(o.key)
            is_plain = o.above is None and all(self._is_index_item(i, None) for i in o.below)
            self.raw.setdefault(o.key, set()).add(len(o.below) if is_plain else 0)
        count, key = self.split(o, None)
        if count is not None:
            self.explicit[key] = max(self.explicit.get(key, 0), count)
            if key not in self.fixed:
                self.arity[key] = max(self.arity.get(key, 0), count)
            self.families.add(key)
        self.least[key] = min(self.least.get(key, 99), count or 0)
        self.mentioned.add(key)

    def split(self, o: Occurrence, letters: set[str] | None) -> tuple[int | None, str]:
        """How many indices the scripts hold (None for a scalar name), and the name with its labels."""
        above, below, key = self.parts(o, letters)
        count = len(below) + (above is not None)
        return (count or None), key

    def base(self, o: Occurrence) -> str:
        """The name with a bracketed superscript that is a label: W^{(1)}."""
        if o.above is None or o.key in self.raised:
            return o.key
        label = spell(Group(0, 0, "(", (o.above,)))
        return f"{o.key}^{brace(label)}" if "^" not in o.key else o.key[:-1] + label + "}"

    def parts(self, o: Occurrence, letters: set[str] | None) -> tuple[Node | None, tuple[Node, ...], str]:
        """The superscript index, the subscript indices, and the name with its labels.

        `letters` are the index letters in force; None where every letter that may be one counts.
        """
        key = o.key
        above = o.above
        if above is not None and not (
            self._is_index_item(above, letters)
            and (key in self.raised or (letters and _letters(above) and set(_letters(above)) <= letters))
        ):
            label = spell(Group(0, 0, "(", (above,)))
            key = f"{key}^{brace(label)}" if "^" not in key else key[:-1] + label + "}"
            above = None
        indices: list[Node] = []
        labels: list[str] = []
        items = o.below
        count = self._label_items(key, items)
        if count:
            key, items = f"{key}_{brace(''.join(map(spell, items[:count])))}", items[count:]
        is_family = key in self.families
        if len(items) == 1 and f"{key}_{brace(spell(items[0]))}" in self.apart:
            return above, (), f"{key}_{brace(spell(items[0]))}"
        if len(items) == 1 and isinstance(items[0], Number) and self.arity.get(key, 0) == len(items[0].text) > 1:
            items = tuple(Number(items[0].at, items[0].end, c) for c in items[0].text)
        together = len(items) > 1 and any(self._is_certain(i, letters) for i in items)
        for item in items:
            in_force = letters is not None and _letters(item) and set(_letters(item)) <= letters
            if (is_family or in_force or (together and _letters(item))) and self._is_index_item(item, letters):
                indices.append(item)
            else:
                labels.append(spell(item))
        if labels:
            if indices and any(
                not is_label_word(i) and not isinstance(i, (Name, Number, Word)) for i in items if i not in indices
            ):
                pass
            joined = "".join(labels) if self._side_by_side(o, len(labels)) else ",".join(labels)
            key += "_" + brace(joined)
        return above, tuple(indices), key

    def _is_certain(self, item: Node, letters: set[str] | None) -> bool:
        """Whether an item is an index whatever the items beside it are."""
        inside = _letters(item)
        if letters is not None:
            return bool(inside) and set(inside) <= letters
        return any(self._is_strong(x) for x in inside)

    def _side_by_side(self, o: Occurrence, count: int) -> bool:
        return isinstance(o.node, Scripted) and len(o.node.subs) == 1 and count == len(o.below)

    def _label_items(self, key: str, items: tuple[Node, ...]) -> int:
        """How many items at the start of a subscript make a known family with the name: two in W_{hh,ij}."""
        for n in range(len(items) - 1, 0, -1):
            if f"{key}_{brace(''.join(map(spell, items[:n])))}" in self.families:
                return n
        return 0

    def _is_index_item(self, item: Node, letters: set[str] | None) -> bool:
        if isinstance(item, Number):
            return item.text.isdigit()
        if isinstance(item, Name):
            name = item.text
            if letters is not None:
                return name in letters or name in self.sizes or name in self.inputs
            return self._is_strong(name) or name in self.sizes | self.here or self._may_be_index(name)
        if isinstance(item, (Sum, Product)):
            inside = _letters(item)
            ok = all(self._is_index_item(Name(0, 0, x), letters) for x in inside)
            return bool(inside) and ok and _is_plain_index(item)
        return False

    # Functions

    def is_function(self, key: str) -> ScalarFunction | FamilyFunction | None:
        """The built-in function that this name means before a bracket."""
        if key in self.mapped or key in self.functions:
            return None
        if key in self.builtin:
            return self.builtin[key]
        word = key[1:] if key.startswith("\\") and key[1:].isalpha() else None
        return by_spelling().get(word) if word else None

    def names_function(self, node: Node) -> bool:
        """Whether a name before a bracket is that of a function, declared or built in."""
        o = self.occurrence(node)
        key = "" if o is None else self.parts(o, None)[2].rstrip("'")
        return key in self.functions or key in self.unknown or self.is_function(key) is not None

    def has_kin(self, key: str) -> bool:
        r"""Whether an indexed or applied name has this letter: \pi_1 or \pi(a) beside \pi."""
        known = self.learnt | self.quantities | self.plain | self.labels | self.functions.keys()
        return any(name.startswith((f"{key}_", f"{key}^", f"{key}(")) or name == key for name in known - self.plain)

    def conflict(self, source: Source, at: int, name: str) -> GivensError:
        message = f"{name} is an index in one place and a vector in another"
        hint = rf"tie the two with {name}_k = \mathbf{{1}}[k = {name}], or write the class as another letter"
        error = source.error(message, at, hint, GivensError)
        assert isinstance(error, GivensError)
        return error


def _summed(node: Node) -> set[str]:
    """The letters that sums inside bind."""
    found = {x for child in children(node) for x in _summed(child)}
    if isinstance(node, Big):
        firsts = [i.sides[0] if isinstance(i, Relation) else i for i in node.below]
        found |= {x for f in firsts for x in _letters(f)}
    return found


def _is_layer(sup: Node) -> bool:
    """Whether a superscript may be the number of a layer: a letter, a number, or one of them shifted."""
    return isinstance(sup, (Name, Number)) or (isinstance(sup, Sum) and _is_plain_index(sup))


def _letters(node: Node | None) -> list[str]:
    """The names in an index expression."""
    if node is None:
        return []
    if isinstance(node, Name):
        return [node.text]
    if isinstance(node, (Sum, Product)):
        return [x for c in children(node) for x in _letters(c)]
    if isinstance(node, Group) and len(node.items) == 1:
        return _letters(node.items[0])
    return []


def _is_plain_index(node: Node) -> bool:
    if isinstance(node, (Name, Number)):
        return True
    if isinstance(node, (Sum, Product)):
        return all(_is_plain_index(c) for c in children(node))
    return False
