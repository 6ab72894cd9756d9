"""The names of a problem, and what the scripts of one mean: indices, labels and powers."""

from __future__ import annotations

import re
from typing import Self

from symdl.errors import GivensError
from symdl.language.functions import FamilyFunction, ScalarFunction, by_spelling
from symdl.read.commands import LABELS
from symdl.read.nodes import (
    Bars,
    Group,
    Mark,
    Nabla,
    Name,
    Node,
    Number,
    Product,
    Scripted,
    Sum,
    Word,
)
from symdl.read.own import own_letter
from symdl.read.scripts import (
    Occurrence,
    brace,
    children,
    head_text,
    is_label_word,
    is_list,
    names_in,
    script_items,
    slice_items,
    spell,
)
from symdl.read.source import Source

BOLD_IDENTITIES = (r"\mathbf{I}", r"\boldsymbol{I}")
_INDEX_LETTER = re.compile(
    r"[a-z]'*|\\(?:ell|alpha|beta|gamma|kappa|lambda|mu|nu|xi|rho|sigma|tau|omega)'*|\\(?:hat|bar|tilde)\{[a-z]\}"
)
r"""What may be an index where nothing says that it is something else: a letter, \ell, a Greek one, \hat{k}."""
BOLD = re.compile(r"\\(?:mathbf|boldsymbol|vec)\{(\\?[A-Za-z]+)\}")
_BOLD_WITHIN = re.compile(
    r"\\(?:mathbf|boldsymbol|vec)\{(\\?[A-Za-z]+|\\(?:hat|tilde|bar|widehat|widetilde)\{\\?[A-Za-z]+\})\}"
)
_ACCENTED = re.compile(r"\\(?P<accent>hat|tilde|bar|widehat|widetilde)\{(?P<letter>\\?[A-Za-z]+)\}")

_MATRIX = 2


def not_bold(name: str) -> str:
    r"""A name as its entries are written: \hat{y} of \hat{\mathbf{y}}."""
    return _BOLD_WITHIN.sub(r"\1", name) if "{" in name else name


class Names:
    """The names of one problem.

    `families` are the keys of indexed names, with `arity` the number of their index positions; `explicit` is how many
    of these the author writes at least once.  `functions` maps a declared function's key to its parameters' keys.
    `apart` are members that are names of their own (w_0 beside w_1, …, w_n), `aliases` maps a plain letter to the bold
    one of whose vector it names the entries, `raw` says how many subscripts each letter stands with;
    `letters` are known to be index letters even where they stand alone; `by_entry` says that the author writes
    softmax(z_i) for the entry i of softmax(z), `has_error` that e is defined as a difference.
    Where it `guesses`, what is differentiated may be a function that nothing declares.  `unknown` are functions of
    which only the name is known.
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
        self.has_error = False
        self.guesses = False
        self.builtin: dict[str, ScalarFunction | FamilyFunction] = {}
        self.aliases: dict[str, str] = {}
        self.raw: dict[str, set[int]] = {}
        self.numbered: dict[str, set[str]] = {}
        self.ruled: set[str] = set()
        """Names of whose members with other letters and numbers a rule for a letter has said what they are."""
        self.lettered: set[str] = set()
        self.headed: set[str] = set()
        self.unknown: set[str] = set()
        self.entrywise: set[str] = set()
        """Those of them that act on a vector entry by entry."""
        self.index_names: set[str] = set()
        """Index letters of more than one sign, y' and y_i."""
        self.pointers: dict[str, dict[str, int]] = {}
        """Families whose members are indices, the label y_i in s_{i y_i}, with the numbers that are given for them."""
        self.moving: dict[str, str] = {}
        """Functions of a quantity that changes in time, E(w), each with the letter of time."""
        self.words: set[str] = set()
        """Letters side by side in scripts that are labels."""
        self.sets: dict[str, tuple[int, ...]] = {}
        """Sets of indices, each with the numbers that are in it."""
        self.deltas: set[str] = {r"\delta"}
        """Names that are Kronecker's delta with two indices, unless something else is given of them."""
        self.scalars: set[str] = set()
        """Names of which words say that they are scalars: beside a vector they stand at each of its entries."""
        self.rows: set[str] = set()
        """Vectors that are given as one row."""
        self.layered: set[str] = set()
        """Names whose superscript is an index without brackets, the layer in a^l_j."""
        self.layers: set[str] = set()
        """The letters of layers."""
        self.twofold: set[str] = set()
        """Names that stand for one thing alone and for another with an index: L beside L_t in L = \\sum_t L_t."""
        self.sampled: set[str] = set()
        """Those of them of which samples x^{(i)} are spoken: x_j is an entry of the x that has no sample's number."""
        self.bare: set[str] = set()
        """Names that stand somewhere without a bracket after them."""
        self.double: set[str] = set()
        """Letters that are index letters and names of families: k in \\sum_k q_{ik} k_{jk}."""
        self.here: set[str] = set()
        """Those of them that are index letters in the formula whose names are counted."""
        self.guessed: set[str] = set()
        """Names of which only the terms beside them show that they are vectors: they may be numbers after all."""
        self.mapped: set[str] = set()
        """Names that are written as the logistic function or another built-in one and are quantities here."""

    def copy(self) -> Self:
        """One that can be added to without a change to this one."""
        found = type(self).__new__(type(self))
        found.__dict__ = {k: v if isinstance(v, bool) else v.copy() for k, v in self.__dict__.items()}
        return found

    def __eq__(self, other: object) -> bool:
        """Whether both know the same."""
        return isinstance(other, Names) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    # Occurrences

    def occurrence(self, node: Node) -> Occurrence | None:
        """The name that this node is, with its scripts; None where it is none."""
        if isinstance(node, (Name, Word)):
            text = head_text(node)
            return None if text is None else Occurrence(self._alone(text), None, (), node)
        if not isinstance(node, Scripted):
            return None
        subs = node.subs
        # Most names have one letter or number below, which is neither a slice nor a label of several letters.
        is_plain = not subs or (len(subs) == 1 and isinstance(subs[0], (Name, Number)))
        text = None if not is_plain and slice_items(node) else head_text(node.core)
        if text is None:
            return None
        if text in self.aliases and not (len(subs) == 1 and f"{text}_{brace(spell(subs[0]))}" in self.apart):
            text = self.aliases[text]
        above: Node | None = None
        label = ""
        for sup in map(self._as_label, node.sups) if node.sups else ():
            if _is_bracketed(sup, text in self.layered) and above is None:
                assert isinstance(sup, Group)
                above = sup.items[0]
            elif text in self.layered and above is None and _is_layer(sup):
                above = sup
            elif isinstance(sup, Group) and sup.bracket in ("[", "("):
                label += spell(sup)
            elif isinstance(sup, Mark) and sup.text in ("*", "dagger", "+", "-"):
                label += {"dagger": r"\dagger"}.get(sup.text, sup.text)
            elif self._is_label(text, sup):
                label += spell(sup)
        below = subs if is_plain else script_items(tuple(map(self._as_label, subs)))
        if below and len(text) == 1 and text.islower() and self._is_entry(text, below):
            text = text.upper()
        if above is None and (not below or text in self.sampled):
            text = self._alone(text)
        key = text + "'" * node.primes
        if label:
            key += "^" + brace(label)
        return Occurrence(key, above, below, node)

    def _is_entry(self, text: str, below: tuple[Node, ...]) -> bool:
        """Whether w_{12} is an entry of a given matrix W: nothing is known of a w."""
        matrix = text.upper()
        if not self.guesses or matrix not in self.learnt or self.arity.get(matrix, 0) != _MATRIX:
            return False
        digits = below[0].text if len(below) == 1 and isinstance(below[0], Number) else ""
        known = any(text in x for x in (self.learnt, self.inputs, self.sizes, self.letters, self.families))
        return _MATRIX in (len(below), len(digits)) and not known

    @property
    def twofold_names(self) -> set[str]:
        return set(map(own_letter, self.twofold))

    def _alone(self, text: str) -> str:
        """The name without an index, where it is another one than the name with an index."""
        return own_letter(text) if text in self.twofold else self._other_font(text)

    def _as_label(self, sub: Node) -> Node:
        """Letters side by side that make a label, such as `in`, as one word, unless all of them are indices."""
        if not isinstance(sub, Product) or not is_list(sub):
            return sub
        letters = [n.text for _, n in sub.parts if isinstance(n, Name)]
        word = "".join(letters)
        is_usual = word in LABELS and not set(letters) <= self.bound | self.ranged
        if (not is_usual and word not in self.words) or len(letters) < len(sub.parts):
            return sub
        return Word(sub.at, sub.end, word, "label")

    def _is_label(self, text: str | None, sup: Node) -> bool:
        r"""Whether a word above a name is part of it: above a number, and Euler's e^{\text{NLL}}, it is an exponent."""
        is_number = text is None or (text == "e" and text not in self.quantities)
        return is_label_word(sup) and not is_number

    def power_of(self, node: Scripted) -> tuple[Node, ...]:
        """The superscripts that are neither labels nor indices: powers and transpositions."""
        if not node.sups:
            return ()
        found: list[Node] = []
        bracketed = False
        layered = head_text(node.core) in self.layered
        for sup in map(self._as_label, node.sups):
            is_index = _is_bracketed(sup, layered)
            if (is_index or (layered and _is_layer(sup))) and not bracketed:
                bracketed = True
            elif (
                (isinstance(sup, Group) and sup.bracket in ("[", "("))
                or (isinstance(sup, Mark) and sup.text in ("*", "dagger", "+", "-"))
                or self._is_label(head_text(node.core), sup)
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
        if not parameters and self.guesses and o is not None and o.key in self.defined and not self.arity.get(o.key):
            # Data carry an index: the one vector without one is what is varied.
            whole = [k for k in self.learnt & self.fixed if self.arity.get(k, 0) and not self.explicit.get(k, 0)]
            parameters = tuple(whole) if not set(whole) & self.defined else ()
        if not parameters and self.guesses and isinstance(head, (Group, Bars)):
            # Of a formula in brackets it is what the functions are of, where only one such letter stands in it.
            formal = {x for letters in self.functions.values() for x in letters}
            parameters = tuple(formal & set(names_in(node.of)) - self.defined)
        return Name(node.at, node.end, parameters[0]) if len(parameters) == 1 else None

    def is_unit(self, o: Occurrence) -> bool:
        """Whether I_d is the identity of that size: no I is given."""
        is_sized = o.key == "I" and len(o.below) == 1 and o.above is None and isinstance(o.below[0], (Name, Number))
        return is_sized and "I" not in self.defined | self.fixed | self.families

    def is_euler(self, node: Node) -> bool:
        """Whether e^{...} is the exponential although a family is named e: its base has no index, so is no member."""
        if not isinstance(node, Scripted) or "e" not in (head_text(node.core) or ""):
            return False
        o = self.occurrence(node)
        if o is None or o.key != "e" or o.below or o.above is not None:
            return False
        powers = self.power_of(node)
        is_transposed = any(isinstance(p, Mark) or (isinstance(p, Name) and p.text == "T") for p in powers)
        if len(powers) != 1 or is_transposed or not self.arity.get("e", 0):
            return False
        return bool(self.explicit.get("e", 0)) or not isinstance(powers[0], Number)

    @staticmethod
    def _is_upper(name: str) -> bool:
        return (len(name) == 1 and name.isupper()) or name.startswith("n_")

    def is_strong(self, letter: str) -> bool:
        """Whether a letter in a script is an index wherever it stands."""
        if letter in self.inputs:
            return True
        return letter in self.ranged and letter not in self.sizes and (letter not in self.labels or letter in self.ties)

    def may_be_index(self, letter: str) -> bool:
        if letter in self.sizes:
            return False
        if letter in self.ties:
            return True
        if letter in self.index_names:
            return True
        is_other = letter in self.labels or letter in self.plain or letter in self.quantities
        return not is_other and _INDEX_LETTER.fullmatch(letter) is not None

    def _other_font(self, text: str) -> str:
        r"""The known name for one that nothing says anything of but its font: \mathbf{o} where o is the vector."""
        if not self.guesses or not self.learnt:
            return text
        if text in self.learnt or text in self.inputs or text in self.sizes or text in self.letters:
            return text
        plain = not_bold(text)
        accented = _ACCENTED.fullmatch(plain)
        fonts = [plain, *(rf"\{font}{{{plain}}}" for font in ("mathbf", "boldsymbol", "vec"))]
        if accented is not None:
            fonts += [rf"\{accented['accent']}{{\{font}{{{accented['letter']}}}}}" for font in ("mathbf", "boldsymbol")]
        known = [x for x in fonts if x in self.learnt and x != text and self.arity.get(x, 0)]
        return known[0] if len(known) == 1 else text

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
        if above is None and not o.below:
            return None, (), key
        if above is not None and not (
            self.is_index_item(above, letters)
            and (key in self.raised or (letters and letters_of(above) and set(letters_of(above)) <= letters))
        ):
            label = spell(Group(0, 0, "(", (above,)))
            key = f"{key}^{brace(label)}" if "^" not in key else key[:-1] + label + "}"
            above = None
        indices: list[Node] = []
        labels: list[str] = []
        items = o.below
        if self.guesses and len(items) == 1 and not isinstance(items[0], Name):
            items = self._digits(key, items)
        count = self._label_items(key, items) if len(items) > 1 else 0
        if count:
            key, items = f"{key}_{brace(''.join(map(spell, items[:count])))}", items[count:]
        is_family = key in self.families
        whole = f"{key}_{brace(spell(items[0]))}" if len(items) == 1 else ""
        if whole in self.apart or whole in self.sizes:
            return above, (), whole
        if len(items) == 1 and isinstance(items[0], Number) and self.arity.get(key, 0) == len(items[0].text) > 1:
            items = tuple(Number(items[0].at, items[0].end, c) for c in items[0].text)
        together = len(items) > 1 and any(self._is_certain(i, letters) for i in items)
        for item in items:
            may_be = is_family
            if not may_be and (letters is not None or together):
                inside = letters_of(item)
                may_be = bool(inside) and (together or (letters is not None and letters.issuperset(inside)))
            if may_be and self.is_index_item(item, letters):
                indices.append(item)
            else:
                labels.append(spell(item))
        if labels:
            key += "_" + brace(("" if self._side_by_side(o, len(labels)) else ",").join(labels))
        return above, tuple(indices), key

    def _is_certain(self, item: Node, letters: set[str] | None) -> bool:
        """Whether an item is an index whatever the items beside it are."""
        inside = letters_of(item)
        if letters is not None:
            return bool(inside) and set(inside) <= letters
        return any(self.is_strong(x) for x in inside)

    def _side_by_side(self, o: Occurrence, count: int) -> bool:
        return isinstance(o.node, Scripted) and len(o.node.subs) == 1 and count == len(o.below)

    def _digits(self, key: str, items: tuple[Node, ...]) -> tuple[Node, ...]:
        """The items, with 12 as 1, 2 and 1j as 1, j where that is an entry of x_1 and nothing else has this number."""
        item = items[0]
        found: tuple[Node, ...] = ()
        if isinstance(item, Number) and len(item.text) == _MATRIX:
            found = tuple(Number(item.at, item.end, c) for c in item.text)
        elif isinstance(item, Product) and not any(sign for sign, _ in item.parts):
            found = tuple(n for _, n in item.parts)
        if len(found) != _MATRIX or not isinstance(found[0], Number):
            return items
        row, whole = (f"{key}_{brace(spell(x))}" for x in (found[0], item))
        is_row = row in self.families and self.arity.get(row, 0) == 1 and key not in self.families
        is_entry = is_row or (isinstance(item, Product) and self.arity.get(key, 0) == _MATRIX)
        return found if is_entry and whole not in self.learnt and whole not in self.defined else items

    def _label_items(self, key: str, items: tuple[Node, ...]) -> int:
        """How many items at the start of a subscript make a known family with the name: two in W_{hh,ij}."""
        for n in range(len(items) - 1, 0, -1):
            if f"{key}_{brace(''.join(map(spell, items[:n])))}" in self.families:
                return n
        return 0

    def points(self, item: Node) -> bool:
        """Whether an item of a subscript is a label that is given as a number, y_i."""
        return isinstance(item, Scripted) and head_text(item.core) in self.pointers and len(item.subs) == 1

    def is_index_item(self, item: Node, letters: set[str] | None) -> bool:
        if self.points(item):
            return True
        if isinstance(item, Number):
            return item.text.isdigit()
        if isinstance(item, Name):
            name = item.text
            if letters is not None:
                return name in letters or name in self.sizes or name in self.inputs
            is_known = name in self.sizes or name in self.here
            return is_known or self.is_strong(name) or self.may_be_index(name)
        if isinstance(item, Sum) and len(item.terms) == 1 and isinstance(item.terms[0][1], Number):
            # The time before the first, z_{-1}.
            return item.terms[0][1].text.isdigit()
        if isinstance(item, (Sum, Product)):
            inside = letters_of(item)
            ok = all(self.is_index_item(Name(0, 0, x), letters) for x in inside)
            return bool(inside) and ok and is_plain_index(item)
        return False

    def labelled_size(self, node: Node) -> str:
        """The name of a length with a label, n_{in} or d_k; empty for anything else and for the width of a layer."""
        o = self.occurrence(node) if isinstance(node, Scripted) and not self.power_of(node) else None
        if o is None or len(o.key) > 1 or len(o.below) != 1 or o.above is not None or self.is_width(node):
            return ""
        return f"{o.key}_{brace(spell(o.below[0]))}"

    def is_width(self, node: Node) -> bool:
        """Whether a size changes from layer to layer, n_l or n^{[l+1]}: that of a general layer is not known."""
        if not isinstance(node, Scripted) or node.primes or len(node.subs) + len(node.sups) != 1:
            return False
        return not self.layers.isdisjoint(letters_of((*node.subs, *node.sups)[0]))

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
        is_function = key in self.functions or key in self.unknown or self.is_function(key) is not None
        return is_function or self.is_of_functions(node)

    def is_of_functions(self, node: Node) -> bool:
        """Whether a name is f_2 where the functions are f_k."""
        o = self.occurrence(node) if isinstance(node, Scripted) and node.subs else None
        return (
            o is not None
            and any(f.startswith(f"{o.key}_") for f in self.functions)
            and spell(node) not in self.functions
        )

    def has_kin(self, key: str) -> bool:
        r"""Whether an indexed or applied name has this letter: \pi_1 or \pi(a) beside \pi."""
        known = self.learnt | self.quantities | self.plain | self.labels | self.functions.keys()
        return any(name.startswith((f"{key}_", f"{key}^", f"{key}(")) or name == key for name in known - self.plain)

    def names_circle(self) -> bool:
        r"""Whether \pi_k or \pi(a) is known, and no \pi alone."""
        key = r"\pi"
        is_whole = key in self.families or key in self.functions
        return is_whole or (key not in self.learnt and any(x.startswith((f"{key}_", f"{key}(")) for x in self.learnt))

    def conflict(self, source: Source, at: int, name: str) -> GivensError:
        message = f"{name} is an index in one place and a vector in another"
        hint = rf"tie the two with {name}_k = \mathbf{{1}}[k = {name}], or write the class as another letter"
        error = source.error(message, at, hint, GivensError)
        assert isinstance(error, GivensError)
        return error


def _is_bracketed(sup: Node, layered: bool) -> bool:
    """Whether a superscript is in round brackets, or in square ones at a name that goes from layer to layer."""
    brackets = ("(", "[") if layered else ("(",)
    return isinstance(sup, Group) and sup.bracket in brackets and len(sup.items) == 1


def _is_layer(sup: Node) -> bool:
    """Whether a superscript may be the number of a layer: a letter, a number, or one of them shifted."""
    return isinstance(sup, (Name, Number)) or (isinstance(sup, Sum) and is_plain_index(sup))


def letters_of(node: Node | None) -> list[str]:
    """The names in an index expression."""
    if node is None:
        return []
    if isinstance(node, Name):
        return [node.text]
    if isinstance(node, (Sum, Product)):
        return [x for c in children(node) for x in letters_of(c)]
    if isinstance(node, Group) and len(node.items) == 1:
        return letters_of(node.items[0])
    return []


def is_plain_index(node: Node) -> bool:
    if isinstance(node, (Name, Number)):
        return True
    if isinstance(node, (Sum, Product)):
        return all(is_plain_index(c) for c in children(node))
    return False
