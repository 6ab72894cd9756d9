"""From sorted statements to `Givens` and tasks: one `Reader` per problem reads all its formulas together."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr, Indexed, Integer, Symbol, sqrt

from symdl.errors import GivensError, Place, ReadError
from symdl.language import (
    D,
    Opaque,
    Sigma,
    family,
    fresh_index,
    index,
    indices_of,
    is_index,
    label_of,
    put,
    scalar,
    size,
)
from symdl.language.binders import free_symbols
from symdl.language.functions import FamilyFunction, ScalarFunction, by_spelling
from symdl.problem import (
    Block,
    Convention,
    Definition,
    Fact,
    Givens,
    Range,
    Relation,
    Task,
    TaskKind,
    Value,
)
from symdl.read.agreement import ClashError, refuse_contradictions, same_function
from symdl.read.document import inline_formulas
from symdl.read.elaborate import Array, Body, Elaborator, Session, settled
from symdl.read.elaborate import Value as Meaning
from symdl.read.items import (
    Item,
    asked_functions,
    conditional,
    defined_names,
    literal,
    readable,
    sort_items,
    unread_heads,
)
from symdl.read.known import Known, known_of
from symdl.read.names import Formula, Vocabulary, children
from symdl.read.ranges import Axis, Letter, Ranges, Spot
from symdl.read.ranks import Ranks
from symdl.read.scopes import rescoped, script_letters
from symdl.read.sentences import first_index, kinks, log_base, named_function, spoken_names
from symdl.read.syntax import (
    Call,
    Derivative,
    Evaluated,
    Group,
    Mark,
    Name,
    Node,
    Number,
    Product,
    Scripted,
    Word,
    parse_display,
)
from symdl.read.syntax import Relation as RelationNode
from symdl.read.tokens import TEXTS, Source
from symdl.read.unknown import USUAL, Uses, applied_name, is_said, uses

LETTERS = "ijklmnabcpqrs"
_REALS = r"\mathbb{R}"
_CONDITION = re.compile(r"\b(if|when|whenever|unless|once|until|provided that)\s*$", re.IGNORECASE)
_CASE = re.compile(r"\bfor\s*$", re.IGNORECASE)
_SOLVED_FOR = re.compile(
    r"(?:\b(?:for|with respect to|unknowns?(?: is| are)?|in the variables?)|w\.r\.t\.)\s*$", re.IGNORECASE
)
_UNDER = re.compile(
    r"\b(?:for|for all|for every|if|when|whenever|where|with|assuming|given|suppose|provided|provided that)\s*$",
    re.IGNORECASE,
)
_IN_TERMS = re.compile(r"\b(?:in terms|as (?:a )?functions?) of\s*$", re.IGNORECASE)
_TEXT = re.compile(r"\\(?:text\w*|mathrm|mbox)\s*\{([^{}]*)\}")
_STATES_RANGE = re.compile(r"\\[lc]?dots|\\in\b")
_CONSTANT = re.compile(r"[^A-Za-z]*(?:(?:is|are) (?:a )?(?:constants?|fixed)|held fixed|constant)\b", re.IGNORECASE)


@dataclass
class Draft:
    """A definition, fact, value or goal whose ranges are not settled yet."""

    kind: str
    item: Item
    place: Place
    label: str = ""
    pattern: tuple[Expr, ...] = ()
    body: Expr | None = None
    axes: tuple[Axis, ...] = ()
    letters: dict[str, Letter] = field(default_factory=dict)
    extra: tuple[Symbol, ...] = ()
    sign: str = "="
    other: Expr | None = None
    shifts: dict[Expr, int] = field(default_factory=dict)


class Reader:
    """Reads the formulas of one problem.

    `strays` are members that turn out to be names of their own; a second reader is told so by `apart`.  A `tolerant`
    one serves a proof: a given whose layout cannot be read is passed over and noted in `unread`, the givens at the
    places in `leave` are not looked at, and a family whose range nothing fixes gets a size of its own.
    """

    def __init__(
        self,
        lines: tuple[str, ...] = (),
        known: Givens | None = None,
        ranges: Mapping[Symbol, Range] | None = None,
        apart: Iterable[str] = (),
        tolerant: bool = False,
        leave: frozenset[Place] = frozenset(),
    ) -> None:
        self.lines = lines
        self.tolerant = tolerant
        self.leave = leave
        self.unread: list[tuple[Block, ReadError]] = []
        self.current: Item | None = None
        self.clashing = ""
        self.left: list[Item] = []
        self.first: dict[str, int] = {}
        self.words = known_of(known).words if known is not None else frozenset()
        self.strays: list[str] = []
        self.names = Vocabulary() if known is None else known_of(known).names.copy()
        self.names.apart |= set(apart)
        self.names.guesses = tolerant
        self.ranges = Ranges()
        self.session = Session(self.names, self.ranges, tolerant)
        self.known = known
        self.items: list[Item] = []
        self.task_items: list[tuple[TaskKind, Item]] = []
        self.drafts: list[Draft] = []
        self.conventions: list[Convention] = []
        self.constants: list[tuple[Meaning, Place]] = []
        self.arguments: dict[str, tuple[Expr, ...]] = {}
        self.displays = 0
        self.unknowns: list[Item] = []
        self.conditions: list[Item] = []
        self.names_unknowns = False
        self.squares: set[int] = set()
        self.mentions: dict[str, Spot] = {}
        self.said_functions: set[str] = set()
        self.bounds: list[tuple[Item, str, Expr | None, Expr | None]] = []
        self.uses = Uses()
        self.fixed_letters = dict(ranges or {})
        self.names.ranged |= {s.name for s in self.fixed_letters} - (self.names.quantities - self.names.inputs)
        self.names.letters |= {s.name for s in self.fixed_letters}
        if known is not None:
            self._take_over(known_of(known), known)

    def _take_over(self, said: Known, givens: Givens) -> None:
        """Goes on from givens that were read before."""
        self.ranges.known = said.runs
        self.ranges.sizes |= said.sizes
        self.session.bodies |= said.bodies
        self.session.log_base = said.log_base
        for symbol, run in givens.positions.items():
            self.fixed_letters.setdefault(symbol, run)

    # Gathering

    def source(self, block: Block) -> Source:
        return Source(block.text, block.place, self.lines, self.words)

    def add_given(self, blocks: Iterable[Block]) -> None:
        """Takes the formulas of these blocks as givens."""
        blocks = list(blocks)
        if self.tolerant:
            self.words |= spoken_names(blocks)
        for block in blocks:
            if block.kind == "display":
                self._add_gently(block, inline=False)
                continue
            self._add_sentences(block)
            for formula, before, after in inline_formulas(block):
                self._add_inline(formula, before, after)

    def _add(self, block: Block, inline: bool) -> list[Item]:
        source = self.source(block)
        self.displays += 1
        statements = parse_display(source, self.tolerant, conditions=True)
        statement = conditional(statements)
        if statement is not None and not self.tolerant:
            hint = r"write \begin{cases} … \end{cases}"
            raise source.error("a condition at a given is not read here", statement.ats[0], hint)
        if self.tolerant:
            self.left += unread_heads(statements, source)
            statements, errors = readable(statements, source)
            self.unread += [(block, e) for e in errors]
        items = sort_items(statements, source, self.displays, inline)
        self.left += [i for i in items if self.place_of(i) in self.leave]
        items = [i for i in items if self.place_of(i) not in self.leave]
        self.items += items
        return items

    def _add_sentences(self, block: Block) -> None:
        """Takes the conventions that the words of a paragraph state."""
        first = first_index(block.text)
        if first is not None:
            # It concerns what the same paragraph names, or everything where it names nothing.
            named = {f.text.split("=")[0].strip() for f, _, _ in inline_formulas(block)}
            self.first |= dict.fromkeys(named or {""}, first)
        base = log_base(block.text)
        if base is not None:
            # What is printed as \ln is natural; \log keeps the author's base.
            self.session.log_base = base
            self.session.spelling.update({"log": "ln", "base": str(base)})
        for record, value in kinks(block.text):
            self.conventions.append(Convention(record.head, Integer(0), Integer(value), block.text, block.place))

    def _add_gently(self, block: Block, inline: bool) -> list[Item]:
        try:
            return self._add(block, inline)
        except ReadError as error:
            if not self.tolerant:
                raise
            self.unread.append((block, error))
            return []

    def _add_inline(self, block: Block, before: str, after: str) -> None:
        is_case = _CASE.search(before) and (self.tolerant or "=" in block.text)
        if (_CONDITION.search(before) or is_case) and not _STATES_RANGE.search(block.text):
            # "the output is 1 if $u > 0$" does not say that u > 0.
            return
        try:
            items = self._add(block, inline=True)
        except ReadError as error:
            if any(s in block.text for s in ("=", r"\in", ">", "<", r"\ge", r"\le", r"\ne")):
                if not self.tolerant:
                    raise
                self.unread.append((block, error))
            return
        if items and items[-1].kind == "mention":
            node = items[-1].sides[0]
            record = named_function(after)
            if record is None and isinstance(node, Name) and is_said(before, after):
                self.said_functions.add(node.text)
                items[-1].kind = "function"
            if record is not None and isinstance(node, Name):
                self.names.builtin[node.text] = record
                self.session.spelling[f"function {node.text}"] = record.name
            is_euler = "Euler" in after and not re.search(r"\bnot\b", after)
            if isinstance(node, Name) and node.text == "e" and not is_euler:
                self.names.quantities.add("e")
        if items and items[-1].kind == "mention" and _CONSTANT.match(after):
            items[-1].kind = "constant"
            items[-1].names = items[-1].sides

    def culprits(self, error: ReadError) -> list[Item]:
        """The givens to leave out so that the rest can be read."""
        if self.clashing:
            return [i for i in self.items if self.clashing in self._keys_of_head(i)]
        if isinstance(error, ClashError):
            return [i for i in self.items if self.place_of(i) in error.places]
        at = error.place
        for item in self.items:
            start, end = item.source.place(item.at), item.source.place(item.end)
            if not (at and start and end):
                continue
            if (start.line, start.column) <= (at.line, at.column) <= (end.line, end.column):
                return [item]
        return [i for i in self.items if i is self.current]

    def _keys_of_head(self, item: Item) -> set[str]:
        """The name that a given is about, with and without its labels."""
        head = self._applied_head(item.sides[0])[0] if item.sides else None
        o = self.names.occurrence(head) if head is not None else None
        return set() if o is None else {o.key, self.names.parts(o, None)[2]}

    def add_tasks(self, kind: TaskKind, blocks: tuple[Block, ...]) -> None:
        """Takes what these blocks ask: the displays, or the inline formulas where there are none."""
        shown = any(b.kind == "display" for b in blocks)
        for block in blocks:
            formulas = [(block, "")] if block.kind == "display" else [(f, w) for f, w, _ in inline_formulas(block)]
            for formula, words in formulas:
                source = self.source(formula)
                self.displays += 1
                inline = block.kind == "words"
                items = sort_items(parse_display(source, conditions=True), source, self.displays, inline)
                spoken = _words_before(items, words)
                if kind == "solve":
                    items, spoken = self._without_unknowns(items, spoken)
                items = self._without_conditions(kind, items, spoken)
                if kind == "classify":
                    items = asked_functions(items, defined_names(self.items))
                for item in items:
                    if item.kind in ("range", "member", "constant") or (inline and shown):
                        if item.kind == "range" or not shown or kind != "find":
                            self.items.append(item) if item.kind == "member" else None
                        if kind == "solve" and item.kind == "mention":
                            self.unknowns.append(item)
                        if item.kind == "range":
                            item.inline = False
                            self.task_items.append((kind, item))
                        continue
                    self.task_items.append((kind, item))

    def _without_unknowns(self, items: list[Item], spoken: list[str]) -> tuple[list[Item], list[str]]:
        """Takes the names that the words before them say to solve for out of what is asked."""
        kept: list[tuple[Item, str]] = []
        for item, words in zip(items, spoken, strict=True):
            is_listed = self.names_unknowns and words.strip() in (",", "and", ", and")
            is_name = item.kind == "mention" and self.names.occurrence(item.sides[0]) is not None
            self.names_unknowns = is_name and (_SOLVED_FOR.search(words) is not None or is_listed)
            if self.names_unknowns:
                self.unknowns.append(item)
            elif not (is_name and _IN_TERMS.search(words)):
                kept.append((item, words))
        return [i for i, _ in kept], [w for _, w in kept]

    def _without_conditions(self, kind: TaskKind, items: list[Item], spoken: list[str]) -> list[Item]:
        r"""Takes the conditions, x > 0 or i \neq k, out of what is asked."""
        kept: list[Item] = []
        for item, words in zip(items, spoken, strict=True):
            is_relation = item.kind == "relation"
            compares = is_relation and set(item.signs) <= {"<", "<=", ">", ">=", "!="}
            is_bracketed = item.source.text[: item.at].rstrip().endswith("(")
            is_index = item.signs == ("!=",) and all(isinstance(s, Name) for s in item.sides)
            is_apart = (kind != "show" and not item.inline) or is_bracketed or is_index
            equates = is_relation and item.signs == ("=",) and all(isinstance(s, Name) for s in item.sides)
            if (equates and kind == "find" and _UNDER.search(words)) or (
                compares and (_UNDER.search(words) or (is_apart and kept))
            ):
                self.conditions.append(item)
            else:
                kept.append(item)
        return kept

    def _settle_conditions(self) -> None:
        """Takes the conditions of a single task as facts.

        Raises  `ReadError` where a condition is about indices, or where there are several tasks.
        """
        asked = [i for _, i in self.task_items if i.kind != "range"]
        letters = {x for i in asked for s in i.sides for x in script_letters(s, frozenset())}
        names_of = {id(i): frozenset(x for s in i.sides for x in _names_in(s, self.names)) for i in self.conditions}
        for item in self.conditions:
            names = names_of[id(item)]
            if names & letters:
                if {i.signs for i in self.conditions if names_of[id(i)] == names} >= {("=",), ("!=",)}:
                    # Both cases are asked for.
                    continue
                hint = (
                    r"leave it out, and ask or claim it for all indices, with \delta_{ik} where it depends on the case"
                )
                raise item.source.error("a condition on the indices of a task is not read here", item.at, hint)
            if len(asked) > 1:
                raise item.source.error(
                    "a condition on one of several tasks is not read here", item.at, "state it among the givens"
                )
            item.inline = False
            self.items.append(item)
        self.conditions = []

    # Reading

    def read(self) -> None:
        """Understands all formulas: names, ranks, expressions, ranges.

        Raises  `ReadError` or `GivensError`.
        """
        self._settle_conditions()
        tasks = [i for _, i in self.task_items]
        every = self.items + tasks
        for item in self.items:
            self._announce(item)
        for item in tasks:
            if item.kind != "relation":
                self._announce(item)
        for item in self.left:
            self._announce_unread(item)
        self._find_unknown_functions(every)
        formulas: list[Formula] = []
        equates: list[bool] = []
        for item in every:
            item.formula = None
            if item.kind == "relation":
                item.sides = rescoped(item.sides)
            sides = self._sides(item)
            if item.kind == "mention" and item.inline and isinstance(item.sides[0], Name):
                # A letter alone in a sentence shows nothing: "example $i$" speaks of an index.
                continue
            if sides:
                rows = [r for r in (literal(s) for s in item.sides if item.signs) if r is not None]
                cells = tuple(c for r in rows for row in r for c in row if not isinstance(c, (Number, Mark)))
                formula = Formula(item.source, sides, item.signs, set(), cells, max(map(_rank_of, rows), default=0))
                item.formula = formula
                formulas.append(formula)
                equates.append(bool(item.signs) and set(item.signs) <= {"=", "~"})
        self._settle_sizes()
        for item in self.items:
            self._foretell(item)
        self.infer(formulas, equates)
        for item in self.items:
            self._functions(item)
        for item in self.items:
            self.current = item
            self._read_item(item)
        self.current = None
        for key, spot in self.mentions.items():
            self.session.used.setdefault(key, spot)
        self.given_names = set(self.session.used)
        if self.items and not self.tolerant:
            self.session.primed = self._primed
        for kind, item in self.task_items:
            if item.kind != "range":
                self._read_task(kind, item)
        self.solve(every)

    def _find_unknown_functions(self, every: list[Item]) -> None:
        """Finds the names that are functions although no given says what they are."""
        if self.tolerant or self.known is not None:
            return
        names = self.names
        self.uses = uses((s for i in every for s in (*i.sides, *(n for n in i.names if n not in i.sides))), names)
        usual = {key for key in USUAL if key not in self.uses.bare}
        for key in sorted(set(self.uses.applied) & (self.said_functions | usual)):
            if key not in names.defined and key not in names.functions and names.is_function(key) is None:
                names.unknown.add(key)

    def infer(self, formulas: list[Formula], equates: list[bool]) -> None:
        """Finds out what the names are; `equates` tells which formulas have sides of one shape."""
        # What ranks show (x is a vector, because W x is one) makes a subscript elsewhere (x_j) an index.
        for _ in range(2):
            self.names.survey(formulas)
            if self.names.find_apart():
                self.names.survey(formulas)
            self._check_sigma()
            for item in self.items:
                self._declare(item)
                self._shape(item)
            ranks = Ranks(self.names)
            ranks.infer(formulas, equates)
            if not self.items and not ranks.found:
                break
        if self.names.find_aliases():
            self.names.survey(formulas)

    def solve(self, every: list[Item]) -> None:
        """Settles all ranges."""
        self._link_letters(every)
        self.ranges.solve()
        if self.tolerant:
            self.ranges.open_up()
        self.strays = [f"{x}_0" for x in self.ranges.strays() if self.names.arity.get(x) == 1]
        self.answers = self.ranges.answers()

    def _sides(self, item: Item) -> tuple[Node, ...]:
        if item.kind in ("relation", "convention", "mention"):
            return tuple(s for s in item.sides if literal(s) is None or item.kind == "mention")
        return item.names if item.kind in ("member", "constant") else ()

    def _announce(self, item: Item) -> None:
        """What is known from the form alone: ranged letters, sizes, heads, declared functions."""
        names = self.names
        if item.kind == "range":
            for node in item.names:
                if isinstance(node, Name):
                    names.ranged.add(node.text)
            for bound in (item.lo, item.hi):
                if bound is not None:
                    names._upper(bound)
        elif item.kind == "member" and len(item.sides) == 2:
            for dimension in self._dimensions(item.sides[1]) or ():
                names._upper(dimension)
            if isinstance(item.sides[1], Name) and item.sides[1].text in (r"\mathbb{N}", r"\mathbb{Z}"):
                names.sizes |= {n.text for n in item.names if isinstance(n, Name)}
        elif item.kind == "relation" and item.signs[0] == "=":
            names.by_entry = names.by_entry or self._says_by_entry(item)
            head, arguments = self._applied_head(item.sides[0])
            o = names.occurrence(head) if head is not None else None
            if o is None or head is None:
                return
            if isinstance(head, Scripted) and names.power_of(head) and not self._is_square(item):
                return
            if arguments is not None and not self._is_builtin_identity(item, o.key, arguments):
                _, _, key = names.parts(o, None)
                parameters = tuple(p for p in (self._parameter(a) for a in arguments) if p)
                if len(parameters) == len(arguments):
                    names.functions[key] = parameters
                    names.defined.add(key)
            elif arguments is None:
                if not o.below and o.above is None:
                    names.defined.add(o.key)
                else:
                    names.labels.add(o.key)
                    if any(isinstance(b, Number) for b in o.below):
                        names.headed.add(o.key)
            right = item.sides[1]
            rhead, rarguments = self._applied_head(right)
            ro = names.occurrence(rhead) if rhead is not None and rarguments is not None else None
            if ro is not None and ro.key == o.key:
                _, _, key = names.parts(ro, None)
                names.functions[key] = tuple(p for p in map(self._parameter, rarguments or ()) if p)
                names.defined.add(key)
            if self._is_tie(right):
                names.ties |= {s.text for s in self._tie_letters(right)}

    def _announce_unread(self, item: Item) -> None:
        """Of a given that is left out, what is defined in it as a function is still one."""
        if item.kind != "relation" or item.signs[0] != "=":
            return
        head, arguments = self._applied_head(item.sides[0])
        o = self.names.occurrence(head) if head is not None else None
        parameters = tuple(p for p in map(self._parameter, arguments or ()) if p)
        if o is None or not arguments or len(parameters) != len(arguments) or o.below:
            return
        self.names.functions.setdefault(o.key, parameters)
        body = Body(tuple(map(scalar, parameters)))
        self.session.bodies.setdefault(o.key, lambda: body)
        self.arguments.setdefault(o.key, body.parameters)

    def _is_square(self, item: Item) -> bool:
        r"""Whether \sigma^2 = … says what \sigma is: no number, in terms of other names, and nothing else says it."""
        if item.kind != "relation" or item.signs[0] != "=" or id(item) in self.squares:
            return id(item) in self.squares
        head, right = item.sides[0], item.sides[1]
        o = self.names.occurrence(head)
        if o is None or not isinstance(head, Scripted) or o.key == "e" or literal(right) is not None:
            return False
        powers = self.names.power_of(head)
        if len(powers) != 1 or not isinstance(powers[0], Number) or powers[0].text != "2":
            return False
        inside = set(_names_in(right, self.names))
        if not inside or o.key in inside:
            return False
        for other in self.items:
            if other is item or other.kind != "relation":
                continue
            theirs = self.names.occurrence(other.sides[0])
            if theirs is not None and theirs.key == o.key and other.signs[0] == "=":
                return False
        if self.known is not None and o.key in self.names.learnt:
            return False
        self.squares.add(id(item))
        return True

    def _says_by_entry(self, item: Item) -> bool:
        r"""Whether an equation is \text{softmax}(z_i) = e^{z_i}/\sum_j e^{z_j}, in which z_i is a number."""
        left = item.sides[0]
        if not isinstance(left, Call) or not isinstance(by_spelling().get(left.function), FamilyFunction):
            return False
        argument = self.names.occurrence(left.arguments[0])
        if argument is None or len(argument.below) != 1:
            return False
        return any(k == argument.key for k in _names_in(item.sides[1], self.names))

    def _parameter(self, node: Node) -> str | None:
        o = self.names.occurrence(node)
        return None if o is None else o.key

    def _is_tie(self, node: Node) -> bool:
        return bool(list(self._tie_letters(node)))

    @staticmethod
    def _tie_letters(node: Node) -> list[Name]:
        """The letters compared in an indicator or a Kronecker delta that is a whole side."""
        from symdl.read.syntax import Indicator

        if isinstance(node, Indicator) and len(node.conditions) == 1 and isinstance(node.conditions[0], RelationNode):
            relation = node.conditions[0]
            return [s for s in relation.sides if isinstance(s, Name)] if relation.signs == ("=",) else []
        if isinstance(node, Scripted) and isinstance(node.core, Name) and node.core.text == r"\delta":
            from symdl.read.names import script_items

            return [s for s in script_items(node.subs) if isinstance(s, Name)]
        return []

    @staticmethod
    def _applied_head(node: Node) -> tuple[Node | None, tuple[Node, ...] | None]:
        """A name, or a name before brackets with only names in them."""
        if isinstance(node, (Name, Word, Scripted)):
            return node, None
        if isinstance(node, Product) and len(node.parts) == 2 and not node.parts[1][0]:
            head, group = node.parts[0][1], node.parts[1][1]
            if isinstance(head, (Name, Word, Scripted)) and isinstance(group, Group) and group.bracket in ("(", "["):
                items = group.items
                if items and all(isinstance(i, (Name, Scripted, Word)) and not _is_phrase(i) for i in items):
                    return head, items
        if isinstance(node, Call) and node.power is None and node.base is None and not node.primes:  # noqa: SIM102
            if all(isinstance(i, (Name, Scripted)) for i in node.arguments):
                return Word(node.at, node.end, node.function, "operatorname"), node.arguments
        return None, None

    def _is_builtin_identity(self, item: Item, key: str, arguments: tuple[Node, ...]) -> bool:
        """Whether a formula states what a built-in function is, such as \\sigma(z) = 1/(1+e^{-z})."""
        word = key[1:] if key.startswith("\\") and key[1:].isalpha() else key[len(r"\mathrm{") : -1]
        record = by_spelling().get(word)
        if isinstance(record, ScalarFunction) and record.arity != len(arguments):
            return False
        if not isinstance(record, ScalarFunction):
            return record is not None
        if record.definition is None:
            return True
        probe = Reader(self.lines)
        try:
            found = probe.expression_of(item.sides[-1], item.source)
        except ReadError:
            return False
        x = [scalar(p) for p in (self._parameter(a) or "" for a in arguments)]
        return same_function(found, record.definition(*x))

    def expression_of(self, node: Node, source: Source) -> Expr:
        """A formula without any context."""
        self.names.survey([Formula(source, (node,), ())])
        value = Elaborator(self.session, source, set()).value(node)
        if isinstance(value, Array):
            raise source.error("a vector", node.at)
        return value

    def _dimensions(self, node: Node) -> tuple[Node, ...] | None:
        """The dimensions of \\mathbb{R}^{K \\times d}; None for another set."""
        if isinstance(node, Name) and node.text == _REALS:
            return ()
        if isinstance(node, Scripted) and not node.primes and len(node.sups) <= 1:
            core = node.core
            is_reals = isinstance(core, Name) and core.text == _REALS
            if is_reals or (isinstance(core, Group) and core.bracket in (r"\{", "[", "(")):
                if not node.sups:
                    return ()
                sup = node.sups[0]
                if isinstance(sup, Mark):
                    return ()
                if (
                    isinstance(sup, Product)
                    and all(s in ("", "*") for s, _ in sup.parts)
                    and any(s == "*" for s, _ in sup.parts)
                ):
                    return tuple(n for _, n in sup.parts)
                return (sup,)
        return None

    def _settle_sizes(self) -> None:
        """A name in an upper bound is no size where it is an index letter or a head's subscript."""
        names = self.names
        heads: set[str] = set()
        for item in self.items:
            if item.kind == "relation" and isinstance(item.sides[0], Scripted):
                o = names.occurrence(item.sides[0])
                if o is not None:
                    heads |= {n.text for n in (*o.below, o.above) if isinstance(n, Name) and n.text.islower()}
        names.sizes -= names.ranged | heads
        for item in self.items:
            if item.kind == "relation":
                for side in item.sides:
                    self._drop_bound(side)

    def _drop_bound(self, node: Node) -> None:
        from symdl.read.names import children
        from symdl.read.syntax import Big

        if isinstance(node, Big):
            for below in node.below:
                first = below.sides[0] if isinstance(below, RelationNode) else below
                if isinstance(first, Name):
                    self.names.sizes.discard(first.text)
        for child in children(node):
            self._drop_bound(child)

    def _check_sigma(self) -> None:
        names = self.names
        for key in (r"\sigma",):
            if key in names.plain | names.quantities | names.defined and key not in names.functions:
                names.mapped.add(key)

    def _foretell(self, item: Item) -> None:
        """Names that are declared or written out as vectors are families, whatever their subscripts elsewhere."""
        nodes: tuple[Node, ...] = ()
        if item.kind == "member" and self._dimensions(item.sides[1]):
            nodes = item.names
        elif item.kind == "relation" and any(literal(s) is not None for s in item.sides[1:]):
            nodes = item.sides[:1]
        for node in nodes:
            o = self.names.occurrence(node)
            if o is not None and not o.below and (o.above is None or isinstance(o.above, Number)):
                self.names.families.add(self.names.base(o))

    def _declare(self, item: Item) -> None:
        """Shapes that are stated: z \\in R^K."""
        if item.kind != "member":
            return
        dimensions = self._dimensions(item.sides[1])
        if dimensions is None:
            return
        for node in item.names:
            o = self.names.occurrence(node)
            if o is None:
                raise item.source.error("a name was expected before \\in", node.at)
            above, below, key = self.names.parts(o, self._force(item))
            count = len(below) + (above is not None)
            arity = count + len(dimensions)
            if len(dimensions) == 1 and isinstance(dimensions[0], Number) and dimensions[0].text == "1":
                arity = count
            if key in self.names.fixed and self.names.arity.get(key) != arity:
                raise item.source.error(f"{key} is declared with two shapes", node.at, of=GivensError)
            self.names.arity[key] = max(arity, self.names.explicit.get(key, 0))
            self.names.fixed.add(key)
            if arity:
                self.names.families.add(key)
            else:
                self.names.quantities.add(key)

    @staticmethod
    def _force(item: Item) -> set[str]:
        return item.formula.letters if isinstance(item.formula, Formula) else set()

    def _shape(self, item: Item) -> None:
        """Shapes that written-out values show: x = (1, 2)."""
        if item.kind != "relation" or item.signs[0] != "=":
            return
        rows = next((r for r in (literal(s) for s in item.sides[1:]) if r is not None), None)
        o = self.names.occurrence(item.sides[0])
        if rows is None or o is None:
            return
        above, below, key = self.names.parts(o, self._force(item))
        count = len(below) + (above is not None)
        if key in self.names.fixed:
            return
        rank = _rank_of(rows)
        if self.names.arity.get(key, 0) >= count + rank:
            return
        self.names.arity[key] = count + rank
        self.names.families.add(key)
        self.names.fixed.add(key)

    def _functions(self, item: Item) -> None:
        """Makes the bodies of declared functions available on demand."""
        if item.kind != "relation" or item.signs[0] != "=":
            return
        head, arguments = self._applied_head(item.sides[0])
        if head is None or arguments is None:
            return
        o = self.names.occurrence(head)
        if o is None:
            return
        _, _, key = self.names.parts(o, self._force(item))
        if key not in self.names.functions:
            return
        state: dict[str, Body] = {}
        busy: list[bool] = []

        def make() -> Body:
            if key in state:
                return state[key]
            reader = Elaborator(self.session, item.source, self._force(item))
            parameters = tuple(_label_or_scalar(reader.value(a)) for a in arguments)
            state[key] = Body(parameters)
            if busy:
                raise item.source.error(f"{key} is defined by itself", item.at, of=GivensError)
            busy.append(True)
            body = reader.value(item.sides[1])
            busy.pop()
            state[key] = Body(parameters, None if isinstance(body, Array) else body)
            return state[key]

        self.session.bodies[key] = make

    # Items

    def elaborator(self, item: Item, kind: str) -> Elaborator:
        return Elaborator(self.session, item.source, self._force(item), kind)

    def place_of(self, item: Item) -> Place:
        return item.source.place(item.at) or Place("formula", 1, item.at + 1)

    def _read_item(self, item: Item) -> None:
        if item.kind == "range":
            self._read_range(item)
        elif item.kind == "member":
            self._read_member(item)
        elif item.kind == "constant":
            reader = self.elaborator(item, "free")
            for node in item.names:
                self.constants.append((reader.value(node), self.place_of(item)))
        elif item.kind == "convention":
            self._read_convention(item)
        elif item.kind == "relation":
            self._read_relation(item)
        elif item.kind == "mention":
            self._read_mention(item)

    def _read_mention(self, item: Item) -> None:
        node = item.sides[0]
        if isinstance(node, Group) and len(node.items) == 1 and isinstance(node.items[0], Number):
            # The number of an equation.
            return
        o = self.names.occurrence(node)
        if o is not None and self.names.is_function(o.key) is not None and not o.below:
            return
        if o is not None and o.key == "e" and "e" not in self.names.quantities:
            return
        if o is not None:
            key = self.names.parts(o, self._force(item))[2]
            self.mentions.setdefault(key, Spot(item.source, item.at))
            return
        if not item.inline:
            raise item.source.error("an expression alone is not a given", item.at, "write name = expression")

    def _read_range(self, item: Item) -> None:
        assert item.lo is not None and item.hi is not None
        for node in item.names:
            if not isinstance(node, Name):
                continue
            names = self.names
            is_vector = node.text in names.labels & (names.quantities | names.families)
            if is_vector and node.text not in names.ties:
                raise names.conflict(item.source, node.at, node.text)

    def _bounds(self, item: Item) -> tuple[Expr, Expr]:
        reader = self.elaborator(item, "free")
        assert item.lo is not None and item.hi is not None
        return reader.integer(item.lo), reader.integer(item.hi)

    def _read_member(self, item: Item) -> None:
        reader = self.elaborator(item, "free")
        target = item.sides[1]
        core = target.core if isinstance(target, Scripted) else target
        if isinstance(core, Name) and core.text in (r"\mathbb{N}", r"\mathbb{Z}"):
            return
        dimensions = self._dimensions(target)
        if dimensions is None and not isinstance(core, Group):
            raise item.source.error(
                "this set is not read here", target.at, r"write \mathbb{R}, \mathbb{R}^{K} or \{1, \dots, K\}"
            )
        for node in item.names:
            value = reader.value(node)
            o = self.names.occurrence(node)
            assert o is not None
            if dimensions:
                above, below, key = self.names.parts(o, reader.letters_in_force())
                count = len(below) + (above is not None)
                for n, dimension in enumerate(dimensions):
                    if self.names.arity.get(key, 0) > count + n:
                        run = Range(Integer(1), reader.integer(dimension))
                        self.ranges.axis(key, count + n).root().stated.append((run, Spot(item.source, dimension.at)))
            self._read_set(item, core, target, value, reader)

    def _read_set(self, item: Item, core: Node, target: Node, value: Meaning, reader: Elaborator) -> None:
        """The facts that lie in x \\in \\{0, 1\\}, (0, 1), R_{>0}."""
        facts: list[tuple[Expr, str, Expr]] = []
        marked = isinstance(target, Scripted) and any(isinstance(x, Mark) for x in target.sups)
        says_more = isinstance(core, Group) or marked or (isinstance(target, Scripted) and bool(target.subs))
        if not says_more:
            return
        at: Expr = value
        if isinstance(value, Array):
            taken = frozenset(x.symbol for x in reader.free.values())
            symbols: list[Symbol] = []
            for axis in value.axes:
                symbol = fresh_index(LETTERS, taken)
                taken |= {symbol}
                symbols.append(symbol)
                letter = self.ranges.letter(symbol.name, Spot(item.source, item.at), "entry")
                letter.at.append((axis, 0))
                reader.free[symbol.name] = letter
            at = value.entry(*symbols)
        if isinstance(core, Group) and len(core.items) == 2:
            lo, hi = (reader.scalar(i) for i in core.items)
            if core.bracket == r"\{":
                if (lo, hi) == (0, 1):
                    facts.append((at**2, "=", at))
                else:
                    facts.append(((at - lo) * (at - hi), "=", Integer(0)))
            else:
                sign = ">" if core.bracket == "(" else ">="
                facts += [(at, sign, lo), (at, "<" if core.bracket == "(" else "<=", hi)]
        elif isinstance(core, Group):
            raise item.source.error("this set is not read here", target.at)
        elif isinstance(target, Scripted):
            if any(isinstance(s, Mark) and s.text == "+" for s in target.sups) or any(
                isinstance(s, Mark) and s.text == "+" for s in target.subs
            ):
                facts.append((at, ">", Integer(0)))
            for sub in target.subs:
                if isinstance(sub, RelationNode) and sub.signs[0] in (">", ">=", "<", "<=", "!="):
                    facts.append((at, sub.signs[0], reader.scalar(sub.sides[1])))
        for lhs, sign, rhs in facts:
            self.drafts.append(
                Draft("fact", item, self.place_of(item), body=lhs, sign=sign, other=rhs, letters=dict(reader.free))
            )

    def _read_convention(self, item: Item) -> None:
        node = item.sides[0]
        reader = self.elaborator(item, "free")
        value = reader.scalar(item.sides[1])
        inner: Node = node
        at: Expr | None = None
        if isinstance(node, Evaluated):
            assert isinstance(node.body, Derivative)
            setting = node.settings[0]
            assert isinstance(setting, RelationNode)
            at = reader.scalar(setting.sides[-1])
            inner = node.body.of
            while isinstance(inner, Group):
                inner = inner.items[0]
        record: object = None
        if isinstance(inner, Call):
            record = by_spelling().get(inner.function)
            at = at if at is not None else reader.scalar(inner.arguments[0])
        elif isinstance(inner, Product):
            head, group = inner.parts[0][1], inner.parts[1][1]
            o = self.names.occurrence(head)
            record = self.names.is_function(o.key.rstrip("'")) if o else None
            assert isinstance(group, Group)
            at = at if at is not None else reader.scalar(group.items[0])
        if not isinstance(record, ScalarFunction):
            self._read_relation(item)
            return
        assert at is not None
        found = Convention(record.head, at, value, item.text, self.place_of(item))
        for other in self.conventions:
            if other.head == found.head and other.at == at and other.value != value:
                raise item.source.error("two conventions for the same point", item.at, of=GivensError)
        self.conventions.append(found)

    def _read_relation(self, item: Item) -> None:
        reader = self.elaborator(item, "free")
        sides = item.sides
        if any(isinstance(s, Mark) and s.text == "?" for s in sides):
            raise item.source.error("a question mark among the givens", item.at)
        k = 0
        if self._bounds_letter(item, reader):
            return
        if len(sides) > 2 and set(item.signs) == {"="} and self._all_equal(item, sides):
            return
        if set(item.signs) == {"="} or item.signs[0] == "=":
            head, arguments = self._applied_head(sides[0])
            if head is not None and self._define(item, reader, head, arguments):
                k = 1
        for n in range(k, len(item.signs)):
            if item.signs[n] in ("=>", "in"):
                raise item.source.error("this sign cannot stand among the givens", item.at)
            self._fact(item, reader, sides[n], item.signs[n], sides[n + 1])

    def _bounds_letter(self, item: Item, reader: Elaborator) -> bool:
        r"""Takes t \geq 1 and 1 \leq t \leq T for where the index letter runs."""
        signs, sides = list(item.signs), list(item.sides)
        if set(signs) <= {">", ">="}:
            signs, sides = ["<" if s == ">" else "<=" for s in reversed(signs)], sides[::-1]
        if not set(signs) <= {"<", "<="} or self.known is not None:
            return False
        at = next((n for n, s in enumerate(sides) if isinstance(s, Name) and self._is_letter(s.text)), None)
        name = sides[at] if at is not None else None
        if (
            at is None
            or not isinstance(name, Name)
            or at > 1
            or at + 1 < len(sides) - 1
            or len(sides) != len(signs) + 1
        ):
            return False
        others = [s for n, s in enumerate(sides) if n != at]
        if any(isinstance(s, Name) and self._is_letter(s.text) for s in others):
            return False
        lo = reader.integer(sides[0]) + int(signs[0] == "<") if at else None
        hi = reader.integer(sides[at + 1]) - int(signs[at] == "<") if at + 1 < len(sides) else None
        self.bounds.append((item, name.text, lo, hi))
        return True

    def _is_letter(self, name: str) -> bool:
        names = self.names
        return name in names.ranged and name not in names.quantities | names.sizes | names.inputs | names.ties

    def _all_equal(self, item: Item, sides: tuple[Node, ...]) -> bool:
        """h_0 = c_0 = 0 says the same of each name; False where not all sides but the last are names."""
        heads = [self._applied_head(s) for s in sides[:-1]]
        is_value = isinstance(sides[-1], (Number, Mark)) or literal(sides[-1]) is not None
        if not is_value or any(h is None or a is not None for h, a in heads):
            return False
        for head in sides[:-1]:
            one = replace(item, sides=(head, sides[-1]), signs=("=",))
            self._read_relation(one)
        return True

    def _fact(self, item: Item, reader: Elaborator, left: Node, sign: str, right: Node) -> None:
        a, b = reader.value(left), reader.value(right)
        axes: tuple[Axis, ...] = ()
        if isinstance(a, Array) or isinstance(b, Array):
            arrays = [v for v in (a, b) if isinstance(v, Array)]
            if len({v.rank for v in arrays}) != 1 or any(not isinstance(v, Array) and not v.is_number for v in (a, b)):
                raise item.source.error("the two sides differ in shape", right.at)
            if len(arrays) == 2:
                reader.align(arrays[0], arrays[1])
            axes = arrays[0].axes
        letters = tuple(self.ranges.dummy() for _ in axes)
        lhs = a.entry(*letters) if isinstance(a, Array) else a
        rhs = b.entry(*letters) if isinstance(b, Array) else b
        if sign == "!=" and axes:
            # Two vectors differ where some entry does: the sum of the squares is not zero.
            lhs, rhs, sign = (lhs - rhs) ** 2, Integer(0), ">"
            for letter, axis in zip(reversed(letters), reversed(axes), strict=True):
                lhs = Sigma.over(letter, axis.lo_symbol, axis.hi_symbol, lhs)
            axes, letters = (), ()
        self.drafts.append(
            Draft(
                "fact", item, self.place_of(item), body=lhs, sign=sign, other=rhs, letters=dict(reader.free), axes=axes,
                extra=letters,
            )
        )  # fmt: skip

    def _define(self, item: Item, reader: Elaborator, head: Node, arguments: tuple[Node, ...] | None) -> bool:
        """Takes `head = …` as a definition or a value; False where it is a fact."""
        names = self.names
        o = names.occurrence(head)
        is_square = self._is_square(item)
        if o is None or (isinstance(head, Scripted) and names.power_of(head) and not is_square):
            return False
        above, below, key = names.parts(o, reader.letters_in_force())
        indices = ([above] if above is not None else []) + list(below)
        if not indices and (key in names.sizes or (key in names.ranged and key not in names.defined - names.ranged)):
            return self._size_value(item, reader, key) if key in names.sizes else False
        if arguments is not None and key not in names.functions:
            return False
        if key == r"\delta" and len(indices) == 2 and names.is_function(key):
            return False
        value = reader.quantity(type(o)(o.key, o.above, o.below, o.node), head)
        pattern = tuple(reader.integer(i) for i in indices)
        pattern, shifts = _unshifted(pattern)
        if any(
            not (is_index(p) or isinstance(p, Integer) or (p.is_positive and isinstance(p, Symbol))) for p in pattern
        ):
            return False
        if len(set(pattern)) != len(pattern) and any(map(is_index, pattern)):
            return False
        axes = value.axes if isinstance(value, Array) else ()
        right = item.sides[1]
        rows = literal(right)
        if rows is not None and axes:
            self._literal(item, reader, key, pattern, axes, rows, right)
            return True
        body: Meaning
        opaque = self._opaque(right, o.key, reader)
        value_of = applied_name(right, names)
        if opaque is None and value_of is not None and value_of[0] in names.unknown:
            body = Opaque(scalar(value_of[0]), 0, *map(reader.scalar, value_of[1]))
        elif opaque is not None:
            if axes:
                raise item.source.error("a vector of which only the dependence is known", item.at)
            body = Opaque(scalar(key), len(pattern), *pattern, *opaque)
            self.arguments[key] = opaque
        else:
            self._refuse_product(item, value_of)
            body = reader.value(right)
            if is_square:
                body = reader.elementwise(sqrt, body)
        if arguments is not None:
            self.arguments[key] = tuple(_label_or_scalar(reader.value(a)) for a in arguments)
        extra = tuple(self.ranges.dummy() for _ in axes)
        if isinstance(body, Array):
            if not axes:
                raise item.source.error(
                    "a vector or matrix is given to a scalar", right.at, f"declare the shape of {key}"
                )
            if body.rank != len(axes):
                raise item.source.error(f"a value of rank {body.rank} is given to a name of rank {len(axes)}", right.at)
            for a, b in zip(axes, body.axes, strict=True):
                self.ranges.same(a, b)
            entry = body.entry(*extra)
        elif axes and not body.is_number:
            raise item.source.error("a number is given to a vector or matrix", right.at)
        else:
            entry = body
        draft = Draft("definition", item, self.place_of(item), key, pattern, entry, axes, dict(reader.free), extra)
        draft.shifts = shifts
        if not axes and not free_symbols(entry) and not entry.has(Opaque):
            draft.kind = "value"
        self._heads(draft, reader)
        self.drafts.append(draft)
        if is_square:
            self.drafts.append(
                Draft(
                    "fact", item, self.place_of(item), body=family(key, *pattern, *extra), sign=">=", other=Integer(0),
                    letters=dict(reader.free), axes=axes, extra=extra,
                )
            )  # fmt: skip
        return True

    def _refuse_product(self, item: Item, value_of: tuple[str, tuple[Node, ...]] | None) -> None:
        """Refuses a = m(x), where m stands nowhere else: it may be a product or a function."""
        if value_of is None or self.tolerant or self.known is not None:
            return
        key = value_of[0]
        names = self.names
        is_known = key in names.defined or key in names.functions or key in names.fixed or key in names.mapped
        if is_known or key in self.uses.bare or self.uses.applied.get(key) != 1 or names.is_function(key) is not None:
            return
        hint = f"say that {key} is a differentiable function, or write the product without brackets"
        raise item.source.error(f"it is not clear whether {key} is a factor or a function", item.sides[1].at, hint)

    def _size_value(self, item: Item, reader: Elaborator, key: str) -> bool:
        number = reader.value(item.sides[1])
        if isinstance(number, Array) or not isinstance(number, Integer):
            return False
        known = self.ranges.sizes.setdefault(size(key), number)
        if known != number:
            raise item.source.error(f"{key} is {known} and {number}", item.at, of=GivensError)
        return True

    def _heads(self, draft: Draft, reader: Elaborator) -> None:
        """Notes recurrences: a definition for a letter whose family is also needed at earlier or later members."""
        for position, p in enumerate(draft.pattern):
            if is_index(p):
                axis = self.ranges.axis(draft.label, position).root()
                letter = reader.free.get(p.name)
                if letter is not None and axis.head is None:
                    axis.head = letter
                    axis.shift = draft.shifts.get(p, 0)

    def _opaque(self, node: Node, key: str, reader: Elaborator) -> tuple[Expr, ...] | None:
        """The arguments in the right side of \\ell_t = \\ell_t(h_t)."""
        head, arguments = self._applied_head(node)
        if head is None or arguments is None:
            return None
        o = self.names.occurrence(head)
        if o is None or o.key != key:
            return None
        found = [reader.value(a) for a in arguments]
        return tuple(_label_or_scalar(v) for v in found)

    def _literal(
        self,
        item: Item,
        reader: Elaborator,
        key: str,
        pattern: tuple[Expr, ...],
        axes: tuple[Axis, ...],
        rows: list[list[Node]],
        right: Node,
    ) -> None:
        """A vector or matrix written out: one value or definition for each entry."""
        if len(axes) == 1:
            cells = [row[0] for row in rows] if all(len(r) == 1 for r in rows) else rows[0] if len(rows) == 1 else None
            if cells is None:
                raise item.source.error("a matrix is given to a vector", right.at)
            if any(isinstance(c, Mark) and c.text == "dots" for c in cells):
                self._spread(item, reader, cells, axes[0])
                return
            grid: list[tuple[tuple[int, ...], Node]] = [((n,), c) for n, c in enumerate(cells)]
            shape = [len(cells)]
        elif len(axes) == 2:
            grid = [((r, c), cell) for r, row in enumerate(rows) for c, cell in enumerate(row)]
            shape = [len(rows), len(rows[0])]
        else:
            raise item.source.error("an array of this rank written out", right.at)
        head = item.source.text[item.sides[0].at : item.sides[0].end].strip()
        for axis, n in zip(axes, shape, strict=True):
            self.ranges.written(axis, n, self.first.get(head, self.first.get("")), Spot(item.source, right.at))
        if self._names_entries(item, cells_of(rows)):
            self._name_entries(item, reader, key, (pattern, axes), grid)
            return
        for at_, cell in grid:
            if isinstance(cell, Mark):
                continue
            body = reader.scalar(cell)
            spot = (*pattern, *(axis.lo_symbol + n for axis, n in zip(axes, at_, strict=True)))
            kind = "definition" if free_symbols(body) else "value"
            place = item.source.place(cell.at) or self.place_of(item)
            self.drafts.append(Draft(kind, item, place, key, spot, body, (), dict(reader.free)))

    def _names_entries(self, item: Item, cells: list[Node]) -> bool:
        r"""Whether p = (p_{1,0}, p_{1,1}) only names the entries of a vector that another given defines."""
        head = item.source.text[item.sides[0].at : item.sides[0].end]
        others = [i for i in self.items if i is not item and i.kind == "relation" and i.signs[0] == "="]
        is_defined = any(i.source.text[i.sides[0].at : i.sides[0].end] == head for i in others)
        return is_defined and all(self.names.occurrence(c) is not None for c in cells)

    def _name_entries(
        self,
        item: Item,
        reader: Elaborator,
        key: str,
        spots: tuple[tuple[Expr, ...], tuple[Axis, ...]],
        grid: list[tuple[tuple[int, ...], Node]],
    ) -> None:
        pattern, axes = spots
        for at, cell in grid:
            name = reader.scalar(cell)
            entry = family(key, *pattern, *(axis.lo_symbol + n for axis, n in zip(axes, at, strict=True)))
            if name != entry and isinstance(name, (Symbol, Indexed)):
                label, spot = label_of(name).name, indices_of(name)
                place = item.source.place(cell.at) or self.place_of(item)
                self.drafts.append(Draft("definition", item, place, label, spot, entry, (), dict(reader.free)))

    def _spread(self, item: Item, reader: Elaborator, cells: list[Node], axis: Axis) -> None:
        """x = (x_1, \\dots, x_n) says where x runs."""
        ends = [reader.scalar(c) for c in (cells[0], cells[-1])]
        at = [e.indices[-1] for e in ends if isinstance(e, Indexed)]
        if len(at) != 2:
            raise item.source.error("dots in a vector stand between its members", cells[0].at)
        axis.root().stated.append((Range(at[0], at[1]), Spot(item.source, cells[0].at)))

    # Tasks

    def _read_task(self, kind: TaskKind, item: Item) -> None:
        reader = self.elaborator(item, "task")
        sides = [s for s in item.sides if not (isinstance(s, Mark) and s.text == "?")]
        if not sides:
            raise item.source.error("nothing is asked here", item.at)
        if len(sides) == 1 or (kind in ("find", "evaluate", "classify") and len(item.signs) != len(sides)):
            self._goal(kind, item, reader, sides[0], None, None)
            return
        if kind in ("find", "evaluate", "classify"):
            self._goal(kind, item, reader, sides[0], None, None)
            return
        for n, sign in enumerate(item.signs):
            if sign in ("=>", "in"):
                raise item.source.error("this sign cannot stand in a task", item.at)
            self._goal(kind, item, self.elaborator(item, "task"), sides[n], sign, sides[n + 1])

    def _goal(
        self, kind: TaskKind, item: Item, reader: Elaborator, left: Node, sign: str | None, right: Node | None
    ) -> None:
        a = reader.value(left)
        b = reader.value(right) if right is not None else None
        arrays = [v for v in (a, b) if isinstance(v, Array)]
        axes: tuple[Axis, ...] = ()
        if arrays:
            if b is not None and len({v.rank for v in arrays}) != 1:
                raise item.source.error("the two sides differ in shape", left.at)
            if len(arrays) == 2:
                reader.align(*arrays)
            elif b is not None and not all(isinstance(v, Array) or v.is_number for v in (a, b)):
                raise item.source.error("the two sides differ in shape", left.at)
            axes = arrays[0].axes
        extra = tuple(self.ranges.dummy() for _ in axes)
        goal = a.entry(*extra) if isinstance(a, Array) else a
        other = None if b is None else b.entry(*extra) if isinstance(b, Array) else b
        self.drafts.append(
            Draft(
                f"task {kind}",
                item,
                self.place_of(item),
                "",
                (),
                goal,
                axes,
                dict(reader.free),
                extra,
                sign or "",
                other,
            )
        )

    # Letters and ranges

    def _link_letters(self, every: list[Item]) -> None:
        """Gives the letters of each formula the ranges that are stated for them, and marks recurrences."""
        stated = [i for i in every if i.kind == "range"]
        users: dict[str, list[tuple[int, Letter]]] = {}
        summed: dict[str, list[tuple[int, Letter]]] = {}
        for letter in self.ranges.letters:
            item = self._item_of(letter, every)
            if letter.kind not in ("bound", "entry"):
                users.setdefault(letter.symbol.name, []).append((item.display if item else 0, letter))
            elif letter.kind == "bound" and letter.own_lo is None and letter.own_hi is None:
                summed.setdefault(letter.symbol.name, []).append((item.display if item else 0, letter))
        tasks = {id(i) for _, i in self.task_items}
        for item in stated:
            lo, hi = self._bounds(item)
            for node in item.names:
                if not isinstance(node, Name):
                    self._stated_name(item, node, lo, hi)
                    continue
                used = users.get(node.text, [])
                own = [x for d, x in used if d == item.display]
                if id(item) in tasks:
                    near = [x for d, x in used if x.kind == "task"]
                else:
                    used = [(d, x) for d, x in used if x.kind != "task" or node.text in self.names.inputs]
                    near = own or self._near(item, used)
                for letter in near:
                    letter.own_lo = lo if letter.own_lo is None else letter.own_lo
                    letter.own_hi = hi if letter.own_hi is None else letter.own_hi
                for _, letter in used + summed.get(node.text, []):
                    if letter.default is None:
                        letter.default = Range(lo, hi)
        for item, name, low, high in self.bounds:
            used = [(d, x) for d, x in users.get(name, []) if x.kind == "free"]
            for letter in [x for d, x in used if d == item.display] or self._near(item, used):
                letter.own_lo = low if letter.own_lo is None else letter.own_lo
                letter.own_hi = high if letter.own_hi is None else letter.own_hi
        usual = known_of(self.known).letters if self.known is not None else {}
        for name, run in usual.items():
            for _, letter in users.get(name, []):
                letter.default = letter.default or run
        for name, run in ((s.name, r) for s, r in self.fixed_letters.items()):
            for _, letter in users.get(name, []):
                letter.own_lo, letter.own_hi = run.lo, run.hi
        for letter in self.ranges.letters:
            for axis, offset in letter.at:
                root = axis.root()
                if root.head is None:
                    continue
                if letter is root.head:
                    offset -= root.shift
                if offset < 0 and letter.kind == "free":
                    root.lag = max(root.lag, -offset)
                elif offset > 0 and letter.kind == "free":
                    root.lead = max(root.lead, offset)

    def _stated_name(self, item: Item, node: Node, lo: Expr, hi: Expr) -> None:
        raise item.source.error("an index letter was expected before its range", node.at)

    @staticmethod
    def _near(item: Item, used: list[tuple[int, Letter]]) -> list[Letter]:
        """The letters of the nearest formula before a range that stands alone, or else after it."""
        before = [d for d, _ in used if d < item.display]
        after = [d for d, _ in used if d > item.display]
        near = max(before) if before else min(after) if after else None
        return [x for d, x in used if d == near]

    @staticmethod
    def _item_of(letter: Letter, every: list[Item]) -> Item | None:
        source = letter.spot.source
        return next((i for i in every if i.source is source), None)

    # Putting together

    def settle(self, expr: Expr) -> Expr:
        return settled(expr, self.session, self.answers)

    def range_of(self, letter: Letter) -> Range:
        if (letter.lo is None or letter.hi is None) and letter.default is not None:
            letter.lo = letter.default.lo if letter.lo is None else letter.lo
            letter.hi = letter.default.hi if letter.hi is None else letter.hi
        run = self.ranges.range_of(letter)
        lo = letter.own_lo if letter.own_lo is not None else run.lo
        hi = letter.own_hi if letter.own_hi is not None else run.hi
        return Range(lo, hi)

    def axis_range(self, axis: Axis) -> Range:
        label = axis.root().name.split(" of ")[-1]
        return self.ranges.range_of(axis, self.session.used.get(label))

    def names_for(self, draft: Draft, avoid: frozenset[Symbol]) -> list[tuple[Symbol, Range]]:
        """Letters for the axes that a formula in matrix notation leaves without one: the author's, if he has some."""
        taken = avoid | {x.symbol for x in draft.letters.values()}
        found: list[tuple[Symbol, Range]] = []
        for axis in draft.axes:
            run = self.axis_range(axis)
            preferred = "".join(x for x in self.letters_over.get(run, ()) if len(x) == 1)
            letter = fresh_index(preferred + LETTERS, taken)
            taken = taken | {letter}
            found.append((letter, run))
        return found

    def close(self, draft: Draft, expr: Expr, extra: list[tuple[Symbol, Range]]) -> Expr:
        return self.settle(put(expr, dict(zip(draft.extra, (x for x, _ in extra), strict=True))))

    def _local(self, draft: Draft, *exprs: Expr) -> dict[Symbol, Range]:
        """The ranges of the free letters of a formula that occur in it."""
        inside = frozenset().union(*map(free_symbols, exprs))
        letters = sorted(draft.letters.values(), key=lambda x: x.spot.at)
        return {x.symbol: self.range_of(x) for x in letters if x.symbol in inside}

    def givens(self) -> Givens:
        """All that was read, as `Givens`.

        Raises  `GivensError` where ranges are open or the givens contradict each other.
        """
        positions: dict[Symbol, Range] = {}
        for draft in self.drafts:
            self.current = draft.item
            self._find_positions(draft, positions)
        self.letters_over = self._letters_over()
        families: dict[Symbol, tuple[Range, ...]] = {}
        vectors: dict[Symbol, int] = {}
        used = [k for k in self.session.used if k in self.given_names or k in self._used_in_tasks()]
        for key in used:
            arity = self.names.arity.get(key, 0)
            if not arity and (key in self.names.sizes or key in self.names.ranged or key in self.names.inputs):
                continue
            if arity and key in self.mentions and self.session.used[key] is self.mentions[key]:
                # What is only mentioned in a sentence needs no range.
                try:
                    families[scalar(key)] = tuple(self.axis_range(self.ranges.axis(key, n)) for n in range(arity))
                except GivensError:
                    continue
            elif arity:
                families[scalar(key)] = tuple(self.axis_range(self.ranges.axis(key, n)) for n in range(arity))
            vectors[scalar(key)] = max(0, arity - self.names.least.get(key, arity))
        definitions: list[Definition] = []
        values: list[Value] = []
        facts: list[Fact] = []
        for draft in self.drafts:
            self.current = draft.item
            if draft.kind in ("definition", "value"):
                self._finish_definition(draft, definitions, values)
            elif draft.kind == "fact":
                facts.append(self._finish_fact(draft))
        self._promote_initial(definitions, values)
        for size_, number in sorted(self.ranges.sizes.items(), key=lambda p: p[0].name):
            values.append(Value(size_, number, Place("formula", 1, 1)))
        refuse_contradictions(self.lines, definitions, facts, values)
        constants = frozenset(self._constant(v) for v, _ in self.constants)
        return Givens(
            tuple(definitions), tuple(values), tuple(facts), tuple(self.conventions), families, self.letters_over,
            constants, vectors, dict(self.session.spelling),
            positions, {scalar(k): tuple(self.settle(a) for a in v) for k, v in self.arguments.items()},
        )  # fmt: skip

    def _constant(self, value: Meaning) -> Expr:
        if isinstance(value, Array):
            return self.settle(value.entry(*[index(x) for x in LETTERS[: value.rank]]))
        return self.settle(value)

    def _used_in_tasks(self) -> frozenset[str]:
        return frozenset(self.session.used) - self.given_names

    def _letters_over(self) -> dict[Range, tuple[str, ...]]:
        found: dict[Range, list[str]] = {}
        for letter in self.ranges.letters:
            if letter.lo is None or letter.hi is None or letter.symbol.name.startswith("?"):
                continue
            names = found.setdefault(Range(letter.lo, letter.hi), [])
            if letter.symbol.name not in names and letter.symbol.name not in self.names.inputs:
                names.append(letter.symbol.name)
        return {k: tuple(v) for k, v in found.items() if v}

    def _finish_definition(self, draft: Draft, definitions: list[Definition], values: list[Value]) -> None:
        assert draft.body is not None
        draft.pattern = tuple(map(self.settle, draft.pattern))
        avoid = free_symbols(draft.body)
        extra = self.names_for(draft, avoid)
        body = self.close(draft, draft.body, extra)
        pattern = (*draft.pattern, *(x for x, _ in extra))
        if body == family(draft.label, *pattern):
            # v = (v_1, v_2) says nothing but how many entries there are.
            return
        if draft.kind == "value":
            for value in values:
                if value.quantity == family(draft.label, *pattern) and value.number != body:
                    raise self._clash(draft, "is given two values")
            values.append(Value(family(draft.label, *pattern), body, draft.place))
            return
        ranges = dict(extra)
        for p in draft.pattern:
            if is_index(p):
                run = self.range_of(draft.letters[p.name])
                by = draft.shifts.get(p, 0)
                ranges[p] = Range(run.lo + by, run.hi + by)
                body = put(body, {p: p - by}) if by else body
        found = Definition(scalar(draft.label), pattern, body, ranges, draft.item.text, draft.place)
        for other in definitions:
            if other.label == found.label and _overlap(other.pattern, found.pattern):
                if _renamed(other) == _renamed(found):
                    return
                raise self._clash(draft, "is defined twice")
        definitions.append(found)

    def _clash(self, draft: Draft, message: str) -> ReadError:
        self.clashing = draft.label
        return draft.item.source.error(f"{draft.label} {message}", draft.item.at, of=GivensError)

    def _finish_fact(self, draft: Draft) -> Fact:
        assert draft.body is not None and draft.other is not None
        extra = self.names_for(draft, free_symbols(draft.body) | free_symbols(draft.other))
        lhs, rhs = self.close(draft, draft.body, extra), self.close(draft, draft.other, extra)
        ranges = {**self._local(draft, lhs, rhs), **dict(extra)}
        sign: Any = draft.sign
        return Fact(Relation(lhs, sign, rhs), ranges, draft.item.text, draft.place)

    def _find_positions(self, draft: Draft, positions: dict[Symbol, Range]) -> None:
        """Free letters that a definition does not bind are inputs: the class y in L = -log p_y."""
        if draft.kind == "fact":
            return
        for letter in draft.letters.values():
            exprs = [e for e in (draft.body, draft.other) if e is not None]
            if not any(letter.symbol in free_symbols(e) for e in exprs):
                continue
            is_input = draft.kind == "definition" and letter.symbol not in draft.pattern
            if is_input:
                run = self.range_of(letter)
                if positions.setdefault(letter.symbol, run) != run:
                    raise letter.spot.error(f"the index {letter.symbol} runs over two ranges")
                self.names.inputs.add(letter.symbol.name)

    def _promote_initial(self, definitions: list[Definition], values: list[Value]) -> None:
        """A number for one member of a family that has a definition is a definition too: h_0 = 0."""
        kept: list[Value] = []
        for value in values:
            label = label_of(value.quantity)
            letters = [d for d in definitions if d.label == label and any(map(is_index, d.pattern))]
            if letters and isinstance(value.quantity, Indexed):
                text = next(d.item.text for d in self.drafts if d.place == value.place)
                definitions.append(
                    Definition(label, tuple(value.quantity.indices), value.number, {}, text, value.place)
                )
            else:
                kept.append(value)
        values[:] = kept

    def tasks(self) -> tuple[Task, ...]:
        """What is asked, in order.

        Raises  `GivensError` where it names what the givens do not hold.
        """
        found: list[Task] = []
        strict = any(i.kind in ("relation", "member", "range") for i in self.items) or self.known is not None
        for draft in self.drafts:
            if not draft.kind.startswith("task "):
                continue
            kind: Any = draft.kind.split()[1]
            assert draft.body is not None
            exprs = [draft.body] + ([draft.other] if draft.other is not None else [])
            if strict and kind != "solve":
                for e in exprs:
                    self._refuse_unknown(draft, e)
            avoid = frozenset().union(*map(free_symbols, exprs))
            extra = self.names_for(draft, avoid)
            goal = self.close(draft, draft.body, extra)
            other = None if draft.other is None else self.close(draft, draft.other, extra)
            local = self._local(draft, goal, *([other] if other is not None else []))
            indices = [(s, r) for s, r in local.items() if s.name not in self.names.inputs]
            relation = None
            if other is not None:
                sign: Any = draft.sign
                relation = Relation(goal, sign, other)
            unknowns = self._unknowns(draft, exprs) if kind == "solve" else self._variables(draft.item)
            point = self._point(draft.item)
            found.append(Task(kind, goal, (*indices, *extra), draft.item.text, draft.place, relation, unknowns, point))
        return tuple(found)

    def _variables(self, item: Item) -> tuple[Expr, ...]:
        """The variables that f(x, y) names: scalars and members, and the label of a family that is named whole."""
        found: list[Expr] = []
        for node in item.variables:
            o = self.names.occurrence(node)
            value = self.elaborator(item, "task").value(node)
            if isinstance(value, Array) and o is not None:
                found.append(scalar(o.key))
            elif not isinstance(value, Array):
                found.append(self.settle(value))
        return tuple(found)

    def _point(self, item: Item) -> tuple[tuple[Expr | None, Expr], ...]:
        reader = self.elaborator(item, "task")
        return tuple(
            (None if at is None else self.settle(reader.scalar(at)), self.settle(reader.scalar(number)))
            for at, number in item.point
        )

    def _unknowns(self, draft: Draft, exprs: list[Expr]) -> tuple[Expr, ...]:
        """What to solve for: what the words name, or else all that the givens leave open.

        Raises  `GivensError` where that would be a new name, and another that the givens leave open lies below.
        """
        named = self._named_unknowns()
        if named:
            return named
        fixed = {d.label for d in self.drafts if d.label}
        settled_ = [self.settle(e) for e in exprs]
        inside = {q for e in settled_ for q in _quantities(e) if label_of(q).name not in fixed}
        if any(label_of(q).name in self.given_names for q in inside) or any(e.has(D) for e in settled_):
            return tuple(sorted(inside, key=str))
        below = sorted({x for e in settled_ for q in _quantities(e) for x in self._free_below(label_of(q).name)})
        others = [x for x in below if x not in {label_of(q).name for q in inside}]
        if inside and others:
            names = ", ".join(sorted({label_of(q).name for q in inside} | set(others)))
            hint = f"name it: for ${others[0]}$"
            raise draft.item.source.error(f"the unknown may be any of {names}", draft.item.at, hint, GivensError)
        if not inside and len(others) == 1 and not self.names.arity.get(others[0], 0):
            return (scalar(others[0]),)
        return tuple(sorted(inside, key=str))

    def _named_unknowns(self) -> tuple[Expr, ...]:
        named: list[Expr] = []
        for item in self.unknowns:
            value = self.elaborator(item, "task").value(item.sides[0])
            if not isinstance(value, Array):
                named.append(self.settle(value))
        return tuple(dict.fromkeys(named))

    def _free_below(self, label: str) -> tuple[str, ...]:
        """The names on which a defined one rests in the end, through all definitions."""
        seen: set[str] = set()
        pending = [label]
        found: set[str] = set()
        valued = {d.label for d in self.drafts if d.kind == "value"}
        while pending:
            key = pending.pop()
            if key in seen:
                continue
            seen.add(key)
            bodies = [d.body for d in self.drafts if d.kind == "definition" and d.label == key and d.body is not None]
            pending += [label_of(q).name for body in bodies for q in _quantities(body)]
            if not bodies and key != label and key not in valued | self.names.unknown:
                found.add(key)
        return tuple(sorted(found))

    def _primed(self, key: str, primes: int, spot: Spot) -> Expr | None:
        """L' in a task: the derivative of L by what the task names, or by the one name that L rests on.

        Raises  `GivensError` where nothing says by what.
        """
        bare = key.rstrip("'")
        if key in self.given_names | self.names.mentioned_in_givens | self.names.defined:
            return None
        is_asked = any(self._parameter(i.sides[0]) == key for i in self.unknowns)
        if is_asked or bare not in self.names.defined:
            if is_asked:
                return None
            raise spot.error(f"{key} is not given", f"nothing defines {bare}")
        below = [x for x in self._free_below(bare) if not self.names.arity.get(x, 0)]
        arguments = self.arguments.get(bare, ())
        named = [x for x in (self._parameter(i.sides[0]) for i in self.unknowns) if x in below]
        if len(named) == 1:
            variable: Expr = scalar(str(named[0]))
        elif len(arguments) == 1 and isinstance(arguments[0], Symbol):
            variable = arguments[0]
        elif len(below) == 1 and len(self._free_below(bare)) == 1 and not self.names.arity.get(bare, 0):
            variable = scalar(below[0])
        else:
            hint = rf"write \frac{{d {bare}}}{{d {below[0] if below else 'x'}}}"
            raise spot.error(f"{key} does not say by what {bare} is differentiated", hint)
        result: Expr = scalar(bare)
        for _ in range(primes):
            result = D(result, variable)
        return result

    def _refuse_unknown(self, draft: Draft, expr: Expr) -> None:
        known = self.given_names | self.names.mentioned_in_givens
        for key in sorted({label_of(q).name for q in _quantities(expr)}):
            if key not in known:
                near = difflib.get_close_matches(key, sorted(known), 3, 0.3) or sorted(known)[:8]
                hint = f"known are {', '.join(near)}" if near else ""
                spot = self.session.used.get(key)
                message = f"{key} is not given"
                raise spot.error(message, hint) if spot else GivensError(message, draft.place, "", hint)


def _words_before(items: list[Item], words: str) -> list[str]:
    r"""The words before each item: `words` before the first, then those in \text between two of one formula."""
    found: list[str] = []
    end = 0
    for n, item in enumerate(items):
        between = item.source.text[end : item.at]
        spoken = " ".join(_TEXT.findall(between)) or between
        found.append(words if n == 0 and not between.strip() else spoken)
        end = item.end
    return found


def _is_phrase(node: Node) -> bool:
    """Whether a node is words in brackets, as in h(\\text{initial}), which names a case and is no argument."""
    return isinstance(node, Word) and node.style in TEXTS


def cells_of(rows: list[list[Node]]) -> list[Node]:
    return [cell for row in rows for cell in row]


def _rank_of(rows: list[list[Node]]) -> int:
    """The rank of a value written out: one row or one column is a vector."""
    return 1 if len(rows) == 1 or len(rows[0]) == 1 else 2


def _names_in(node: Node, names: Vocabulary) -> Iterable[str]:
    """The keys of all names in a formula."""
    o = names.occurrence(node)
    if o is not None:
        yield o.key
    for child in children(node):
        yield from _names_in(child, names)


def _quantities(expr: Expr) -> Iterable[Expr]:
    from symdl.language import quantities

    return quantities(expr)


def _label_or_scalar(value: Meaning) -> Expr:
    if isinstance(value, Array):
        probe = value.entry(*[index(f"?{n}") for n in range(value.rank)])
        return label_of(probe)
    return value


def _unshifted(pattern: tuple[Expr, ...]) -> tuple[tuple[Expr, ...], dict[Expr, int]]:
    """The pattern with h_{t+1} as h_t, and by how much each letter was shifted."""
    found: list[Expr] = []
    shifts: dict[Expr, int] = {}
    for p in pattern:
        letters = [s for s in free_symbols(p) if is_index(s)]
        if len(letters) == 1 and isinstance(p - letters[0], Integer) and p != letters[0]:
            shifts[letters[0]] = int(p - letters[0])
            found.append(letters[0])
        else:
            found.append(p)
    return tuple(found), shifts


def _overlap(a: tuple[Expr, ...], b: tuple[Expr, ...]) -> bool:
    return len(a) == len(b) and all(
        is_index(x) == is_index(y) and (is_index(x) or x == y) for x, y in zip(a, b, strict=True)
    )


def _renamed(d: Definition) -> Expr:
    """The body with standard letters in place of the pattern's."""
    return put(d.body, {p: index(f"?{n}") for n, p in enumerate(d.pattern) if is_index(p)})
