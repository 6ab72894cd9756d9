"""From sorted statements to `Givens` and tasks: one `Reader` per problem reads all its formulas together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sympy import Integer

from symdl.errors import Place, ReadError
from symdl.problem import Block, Convention
from symdl.read import questions
from symdl.read.agreement import ClashError
from symdl.read.arguments import spelled_head
from symdl.read.asked import Asked
from symdl.read.averages import MAX_LISTED, spoken_averages
from symdl.read.best import spoken_places
from symdl.read.chosen import elsewhere, rest_vanishes, with_exceptions, with_rules
from symdl.read.document import inline_formulas
from symdl.read.drafts import literal_rank
from symdl.read.heads import drawn, of_list, of_member, one_each, without_logarithms
from symdl.read.hints import varies
from symdl.read.inline import delimited, inline
from symdl.read.items import (
    Item,
    conditional,
    dimensions_of,
    literal,
    readable,
    sort_items,
    unread_heads,
    with_cases,
)
from symdl.read.layout import is_quantified
from symdl.read.moments import (
    Moments,
    is_energy,
    may_hold,
    outside_moments,
    random_names,
    says_independent,
    with_moments,
    without_labels,
)
from symdl.read.nodes import Group, Mark, Moment, Name, Node, Number, Product, Scripted, Statement, Sum
from symdl.read.ranks import Ranks
from symdl.read.scopes import rescoped
from symdl.read.scripts import Formula, head_text, inside_of, spell
from symdl.read.sentences import (
    ONE_HOT,
    SCALAR,
    cases,
    each_of,
    first_index,
    goes_by_rows,
    kinks,
    listed_with,
    log_base,
    named_function,
    plain_formulas,
    properties,
    speaks_of_matrices,
    spoken_names,
    unnamed_properties,
    unnamed_values,
    worded_equations,
    words_after,
)
from symdl.read.spoken import spoken_moments
from symdl.read.syntax import parse_display
from symdl.read.unknown import USUAL, is_any, is_said, may_be_named, uses, with_head, with_own
from symdl.read.vocabulary import Vocabulary

_CONDITION = re.compile(r"\b(if|when|whenever|unless|once|until|provided that)\s*$", re.IGNORECASE)

_CASE = re.compile(r"\bfor\s*$", re.IGNORECASE)

_STATES_RANGE = re.compile(r"\\[lc]?dots|\\in\b")

_SAID_OF = re.compile(
    r"(?P<name>(?:\\[A-Za-z]+\s*(?:\{\\?[A-Za-z]+\})?|[A-Za-z])'*)(?P<index>_(?:\w|\{\w+\}))?(?:\s*(?P<set>\\in\b).*)?\Z",
    re.DOTALL,
)
_RUN = re.compile(r"(?P<name>\\?[A-Za-z]+)_(?:[01]|\{[01]\})\s*,\s*\\l?dots\s*,\s*(?P=name)_(?:\w|\{\w+\})\s*")
"""The members of a family as a list: \\alpha_1, \\dots, \\alpha_n."""
_UNBRACED = re.compile(r"(\\(?:mathbf|boldsymbol|bm|vec|hat|bar|tilde))\s*([A-Za-z]|\\[A-Za-z]+)(?![A-Za-z])")
"""A font or an accent at a name without braces."""
_UNIT = re.compile(r"(?:I|\\(?:mathbf|boldsymbol|bm|mathbb)\{I\})(?:_(?:\w|\{\w+\}))?")
_IDENTITY = re.compile(
    r"\s*,?\s*(?:(?:is|denotes|being|stands for)\s+)?(?:here\s+)?(?:(?:the|an?)\s+)?"
    r"(?:\$[^$]{1,40}\$(?:-dimensional)?\s+)?(?:identity|unit)(?:\s+matrix|\b)",
    re.IGNORECASE,
)
_CONSTANT = re.compile(
    r"[^A-Za-z]*(?:(?:is|are) (?:all )?(?:(?:held|kept|treated as|regarded as|taken as|considered) )?(?:a )?"
    r"(?:constants?|fixed)|held (?:fixed|constant)|constant)\b",
    re.IGNORECASE,
)


def _says_identity(formulas: list[tuple[Block, str, str]]) -> bool:
    r"""Whether words say of the first of these formulas that it is the identity: $I$ is the $d \times d$ identity."""
    (unit, _, after), *others = formulas
    said = after + "".join(f"${size.text}${rest}" for size, _, rest in others)
    return bool(_UNIT.fullmatch(unit.text) and _IDENTITY.match(said))


def _names_of(node: Node) -> Iterator[str]:
    return (spell(n) for n in inside_of(node) if isinstance(n, (Name, Scripted)))


def _without_lists(statement: Statement) -> Statement:
    r"""A chain L = KL(q(z \mid x) \| p(z)) = … without the sides between, of which only the name is known."""
    if len(statement.sides) < 3 or set(statement.signs) != {"="} or len(statement.signs) >= len(statement.sides):
        return statement
    kept = [n for n, s in enumerate(statement.sides) if n in (0, len(statement.sides) - 1) or not _is_list(s)]
    sides, signs = tuple(statement.sides[n] for n in kept), ("=",) * (len(kept) - 1)
    ats, ends = tuple(statement.ats[n] for n in kept), tuple(statement.ends[n] for n in kept)
    return replace(statement, sides=sides, signs=signs, ats=ats, ends=ends)


def _is_between(place: Place, start: Place, end: Place) -> bool:
    return (start.line, start.column) <= (place.line, place.column) < (end.line, end.column)


def _is_list(side: object) -> bool:
    """Whether a side is a name before brackets with bars around more than names."""
    group = side.parts[-1][1] if isinstance(side, Product) and not any(s for s, _ in side.parts) else None
    return (
        isinstance(group, Group) and bool(group.bars) and not all(isinstance(i, (Name, Scripted)) for i in group.items)
    )


class Reader(Asked):
    """Reads the formulas of one problem.

    `strays` are members that turn out to be names of their own; a second reader is told so by `apart`.  A `tolerant`
    one serves a proof: a given whose layout cannot be read is passed over and noted in `unread`, the givens at the
    places in `leave` are not looked at, and a family whose range nothing fixes gets a size of its own.
    One that `listens` takes what words say of a name, "the matrix $A$ is symmetric", as givens, which are
    `heard`, but for the formulas to which it is `deaf`.
    """

    shown = ""
    """The source of all givens."""
    is_plain = False
    """Whether no given is set as a formula: the formulas are in the words."""

    def add_given(self, blocks: Iterable[Block]) -> None:
        """Takes the formulas of these blocks as givens."""
        blocks = list(blocks)
        self.shown = shown = " ".join(b.text for b in blocks)
        self.is_plain = not any(b.kind == "display" or delimited(b.text) for b in blocks)
        labels = "".join(x for x in "yt" if re.search(rf"(?<![\\A-Za-z]){x}_", shown))
        if self.tolerant:
            self.words |= spoken_names(blocks)
        takes_moments = self.tolerant and self.ranges.hints.ask(lambda shown: shown.moments)
        for block in blocks:
            if block.kind == "display":
                is_said = self.tolerant and "=" not in block.text and speaks_of_matrices(block.text)
                properties_said = list(unnamed_properties(block.text, "")) if is_said else []
                for name, said in properties_said if self.listens else ():
                    self._hear(said.replace("@", name), block)
                if not properties_said:
                    self._add_gently(block, inline=False)
                continue
            self._add_sentences(block)
            self.paragraphs.append(block)
            self.names_functions = self.names_functions or may_be_named(block.text)
            self.says_independent = self.says_independent or says_independent(block.text)
            for name, said in unnamed_properties(block.text, labels) if self.listens else ():
                self.one_hot |= {name} if said == ONE_HOT else set()
                self._hear(said.replace("@", name + each_of(name, "", shown)), block)
            for said in unnamed_values(block.text, shown) if self.listens else ():
                self._hear(said, block)
            for at, said in spoken_moments(block.text) if takes_moments else ():
                self._add_gently(Block("display", said, block.place.behind(block.text[:at])), inline=True)
            for at, said in spoken_places(block.text) if self.tolerant else ():
                self._add_gently(Block("display", said, block.place.behind(block.text[:at])), inline=True)
            for formula, before, after in plain_formulas(block) if self.tolerant or self.is_plain else ():
                self._add_inline(formula, before, after)
            for formula in worded_equations(block) if self.tolerant else ():
                self.unread.append((formula, self.source(formula).error("words in a formula", 0)))
            split = list(cases(block)) if self.tolerant else []
            for whole, _, _ in split:
                self._add_gently(whole, inline=True)
            places = [(whole.place, block.place.behind(block.text[:end])) for whole, _, end in split]
            listed = [x for x in inline_formulas(block) if not any(_is_between(x[0].place, *ends) for ends in places)]
            listed = list(with_exceptions(listed)) if self.tolerant else listed
            for n, (formula, before, after) in enumerate(listed):
                if _says_identity(listed[n : n + 2]):
                    # I is the identity matrix wherever one fits, unless it is a quantity of the problem.
                    continue
                self._add_inline(formula, before, after)
                first, last = listed_with(listed, n)
                self._add_said(formula, listed[first][1], words_after(listed[last : last + 2]))

    def _add(self, block: Block, inline: bool) -> list[Item]:
        source = self.source(block)
        self.displays += 1
        statements = parse_display(source, self.tolerant or self.is_plain, conditions=True)
        if self.tolerant:
            statements, rules = elsewhere(with_cases(statements), source)
            self.elsewhere += rules
        statement = conditional(statements)
        if statement is not None and not self.tolerant:
            hint = r"write \begin{cases} … \end{cases}"
            raise source.error("a condition at a given is not read here", statement.ats[0], hint)
        if self.tolerant:
            self.left += unread_heads(statements, source)
            statements, errors = readable(statements, source)
            self.unread += [(block, e) for e in errors]
            statements = [_without_lists(s) for s in statements]
        items = sort_items(statements, source, self.displays, inline)
        if self.leave:
            self.left += [i for i in items if self.place_of(i) in self.leave]
            items = [i for i in items if self.place_of(i) not in self.leave]
        self.items += items
        return items

    def _add_sentences(self, block: Block) -> None:
        """Takes the conventions that the words of a paragraph state."""
        first = first_index(block.text)
        if first is not None:
            # It concerns what the same paragraph names, or everything where it names nothing.
            named = {f.text.split("=")[0].strip() for f in inline(block.text)}
            self.first |= dict.fromkeys(named or {""}, first)
        if self.tolerant and goes_by_rows(block.text):
            self.session.by_rows = True
            self.session.spelling["rows"] = "each"
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
                self.said_functions[node.text] = is_any(before, after)
                items[-1].kind = "function"
            if record is not None and isinstance(node, Name):
                self.names.builtin[node.text] = record
                self.session.spelling[f"function {node.text}"] = record.name
            is_euler = "Euler" in after and not re.search(r"\bnot\b", after)
            if isinstance(node, Name) and node.text == "e" and not is_euler:
                self.names.quantities.add("e")
        if items and items[-1].kind == "relation" and rest_vanishes(after):
            self._note_one_hot(items[-1].sides[0])
        if items and items[-1].kind == "mention" and _CONSTANT.match(after):
            items[-1].kind = "constant"
            items[-1].names = items[-1].sides

    def _add_said(self, block: Block, before: str, after: str) -> None:
        """Takes what words say of a name as givens: that a vector is one-hot, a matrix symmetric."""
        said = properties(before, after) if self.listens else []
        run = _RUN.fullmatch(block.text.strip())
        text = block.text if run is None else f"{run['name']}_i"
        named = _SAID_OF.match(_UNBRACED.sub(r"\1{\2}", text))
        if named is None:
            return
        for formula in said:
            # The entries y_k are one-hot together.
            together = named["set"] is None and formula.startswith(r"\mathbf{1}")
            index = named["index"] or ""
            name = named["name"] + (each_of(named["name"], index, self.shown) if together else index)
            if formula == ONE_HOT:
                self.one_hot.add(named["name"])
            if formula == SCALAR:
                self.names.scalars.add(name)
                self.session.spelling[f"scalar {name}"] = name
            self._hear(formula.replace("@", name), block)

    def _note_one_hot(self, node: Node) -> None:
        if isinstance(node, Scripted) and isinstance(node.core, Name):
            self.one_hot.add(node.core.text)

    def _settle_chosen(self) -> None:
        r"""Takes t_c = 1 for what it says of the one class c, where the other members are 0."""
        if not (self.elsewhere or self.one_hot):
            return
        self.items, left = with_rules(self.items, self.elsewhere, self.one_hot)
        for rule in left:
            place = rule.source.place(rule.head.at)
            block = Block("display", rule.source.text[rule.head.at :].strip(), place or Place("formula", 1, 1))
            self.unread.append((block, rule.source.error("a condition at a given is not read here", rule.head.at)))

    def _hear(self, formula: str, block: Block) -> None:
        """Takes a formula for what words say, unless it is known to fit nothing."""
        if formula in self.deaf:
            return
        count = len(self.items)
        self._add_gently(Block("display", formula, block.place), inline=True)
        self.heard += self.items[count:]
        del self.items[count:]

    def _find_random(self) -> None:
        """Finds what is random: of what moments are taken, and what a formula makes of it."""
        shown = self.ranges.hints.ask(lambda shown: frozenset(shown.random))
        if not shown and not any(may_hold(i.text) or "sim" in i.text for i in self.items):
            return
        plain = not any(i.kind == "relation" and i.signs[:1] == ("=",) and is_energy(i.sides) for i in self.items)
        for item in self.items:
            item.sides = tuple(with_moments(s, plain) for s in item.sides)
        labels = self.ranges.hints.ask(questions.unlabelled, self._sides_given(), plain)
        for item in self.items if labels else ():
            item.sides = tuple(without_labels(s, labels) for s in item.sides)
        self.session.spelling.update({f"unlabelled {x}": x for x in sorted(labels)})
        self.items = [x for i in self.items for x in drawn(i)]
        random = shown | set(random_names(s for i in self.items for s in i.sides))
        if not random:
            return
        # Where a moment of e is taken, it is no Euler's number.
        self.names.quantities |= {"e"} & random
        rules: list[tuple[str, set[str]]] = []
        for item in self.items:
            if item.kind == "relation" and item.signs[0] == "=" and not isinstance(item.sides[0], Moment):
                head = item.sides[0].core if isinstance(item.sides[0], Scripted) else item.sides[0]
                inside = [n for s in item.sides[1:] for n in outside_moments(s)]
                names = {spell(n) for n in inside if isinstance(n, (Name, Scripted))}
                whole = spelled_head(item.sides[0].parts[0][1]) if isinstance(item.sides[0], Product) else ""
                primes = "'" * (item.sides[0].primes if isinstance(item.sides[0], Scripted) else 0)
                rules += [(text, names) for text in {(head_text(head) or "") + primes, spell(item.sides[0]), whole}]
        composed: set[str] = set()
        while new := {h for h, names in rules if h and h not in composed and names & (random | composed)}:
            composed |= new
        is_apart = self.says_independent or self.ranges.hints.ask(lambda shown: shown.independent)
        self.session.moments = Moments(frozenset(random | composed), frozenset(composed), is_apart)
        self.session.spelling.update({f"random {x}": "free" for x in sorted(random - composed)})
        self.session.spelling.update({f"random {x}": "composed" for x in sorted(composed)})
        if is_apart:
            self.session.spelling["independent"] = "said"

    def _hear_labels(self) -> None:
        r"""Takes sums over i : y_i = 1 and over i : y_i = 0 for saying that a label is one of the two."""
        found: dict[str, set[str]] = {}
        labels = self.ranges.hints.ask(lambda shown: frozenset(questions.labels_below(shown.below)))
        own = (x for n in self._sides_given() for x in questions.labels_below(questions.below_sums(n)))
        for name, value in (*labels, *own):
            found.setdefault(name, set()).add(value)
        place = next((self.place_of(i) for i in self.items), None)
        for name, values in sorted(found.items()):
            if len(values) == len(("one", "other")) and place is not None and self.listens:
                self._hear(rf"{name} \in \{{{', '.join(sorted(values))}\}}", Block("display", "", place))

    def _hear_averages(self) -> None:
        """Takes what words say of the mean and the variance of a list, where no formula says what these are."""
        relations = [i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",)]
        rows = [(spell(i.sides[0]), literal(i.sides[1])) for i in relations if isinstance(i.sides[0], Name)]
        lists = {name: len(cells) for name, cells in rows if cells and literal_rank(cells) == 1 < len(cells)}
        lists = {name: count for name, count in lists.items() if count <= MAX_LISTED}
        heads = {spell(i.sides[0]) for i in relations}
        for block in self.paragraphs if lists and not self.first else ():
            for at, said in spoken_averages(block.text, lists):
                if said.partition(" =")[0] not in heads:
                    self._add_gently(Block("display", said, block.place.behind(block.text[:at])), inline=True)

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
                return self._with_quantified(item)
        return [x for i in self.items if i is self.current for x in self._with_quantified(i)]

    def _with_quantified(self, item: Item) -> list[Item]:
        """An item, and the one before it where it says of what that is said."""
        before = [i for i in self.items if i.source is item.source and i.at < item.at]
        return [item, *before[-1:]] if is_quantified(item.source.text, item.at) else [item]

    def read(self) -> None:
        """Understands all formulas: names, ranks, expressions, ranges.

        Raises  `ReadError` or `GivensError`.
        """
        self._settle_conditions()
        self._settle_chosen()
        finds = self.tolerant and self.known is None
        if finds:
            self._hear_labels()
            self._hear_averages()
            self._find_ones()
            self._find_indices_behind()
            self._find_slopes()
        self.items = one_each(self.items)
        if self.tolerant and self.session.log_base is None:
            self.items = list(without_logarithms(self.items))
        if finds:
            self._find_random()
        self._find_members()
        self._take_heard()
        if finds:
            self._find_steps()
            self._find_labels()
            self._put_instances()
            self._put_parameters()
            self._put_letters_of_sums()
            self._find_own_letters()
            self._find_positions_named()
            self._find_indices()
            self._find_samples()
            self._find_layered()
            self._find_stepped()
            self._find_twofold()
        tasks = [i for _, i in self.task_items]
        self._announce_all()
        self._find_unknown_functions(self.items + tasks)
        every = self.items + tasks
        formulas = [f for f in map(self._formula, every) if f is not None]
        self._settle_sizes()
        for item in self.items:
            self._foretell(item)
        self.infer(formulas, [bool(f.signs) and set(f.signs) <= {"=", "~"} for f in formulas])
        self._take_excluded()
        for item in self.items:
            self._functions(item)
        for item in self.items if self.tolerant and any("-1" in i.text or "det" in i.text for i in self.items) else ():
            self._note_size(item)
        self._read_items()
        self.solve(every)

    def _find_members(self) -> None:
        r"""Takes equations of members for what they say, and \pi for a quantity where it varies."""
        for item in self.items:
            if item.kind == "relation" and item.signs[0] == "=":
                if self.tolerant and (own := of_list(item.sides)) is not None:
                    item.sides, core = own
                    self.names.families.add(core)
                found = of_member(item.sides)
                if not isinstance(found, str):
                    item.sides = found
                elif self.tolerant:
                    self.session.spelling[f"member {found}"] = found
        differences = [
            i for i in self.items if i.kind == "relation" and i.signs[:1] == ("=",) and isinstance(i.sides[1], Sum)
        ]
        self.names.has_error = self.tolerant and any(spell(i.sides[0]) == "e" for i in differences)
        pi = [s for i in self.items if r"\pi" in i.text for s in i.sides] if self.tolerant else []
        if self.tolerant and (any(varies(s, r"\pi") for s in pi) or self.ranges.hints.ask(lambda shown: shown.varies)):
            self.names.quantities.add(r"\pi")

    def _take_heard(self) -> None:
        """Adds what words say, but nothing of what a formula defines, and not that a function is a number."""
        heads = {spell(i.sides[0]) for i in self.items if i.kind == "relation" and i.signs[0] == "="}
        heads |= self.said_functions.keys() if self.tolerant else set()
        self.items += [i for i in self.heard if not any(x in heads for s in i.sides for x in _names_of(s))]

    def _announce_all(self) -> None:
        for item in self.items:
            self._announce(item)
        for _, item in self.task_items:
            if item.kind != "relation":
                self._announce(item)
        for item in self.left:
            self._announce_unread(item)

    def _formula(self, item: Item) -> Formula | None:
        """What of an item shows what its names are, which is kept with it."""
        item.formula = None
        if item.kind == "relation":
            item.sides = rescoped(item.sides, by_hand=self.tolerant)
        sides = self._sides(item)
        is_spoken_of = item.kind == "mention" and item.inline and isinstance(item.sides[0], Name)
        if not sides or is_spoken_of:
            # A letter alone in a sentence shows nothing: "example $i$" speaks of an index.
            return None
        rows = [r for r in (literal(s) for s in item.sides if item.signs) if r is not None]
        cells = tuple(c for r in rows for row in r for c in row if not isinstance(c, (Number, Mark)))
        shape = max(map(literal_rank, rows), default=0)
        found = Formula(item.source, sides, item.signs, set(), cells, shape)
        item.formula = found
        return found

    def _take_excluded(self) -> None:
        r"""Takes the names of i \neq k for letters of that formula."""
        for item in self.items:
            named = {s.text for s in item.sides if isinstance(s, Name)}
            if item.signs == ("!=",) and isinstance(item.formula, Formula) and named & self.names.index_names:
                item.formula.letters |= named

    def _read_items(self) -> None:
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

    def _find_unknown_functions(self, every: list[Item]) -> None:
        """Finds the names that are functions although no given says what they are."""
        if self.known is not None:
            return
        names = self.names
        if self.tolerant:
            # A name alone in a sentence is spoken of, not used.
            every = [i for i in every if not (i.inline and i.kind in ("mention", "function", "constant"))]
            is_applied = self.said_functions or any("(" in i.text for i in every)
            if not (is_applied or self.ranges.hints.ask(lambda shown: shown.is_primed)):
                return
        sides = (s for i in every for s in (*i.sides, *(n for n in i.names if n not in i.sides)))
        self.uses = uses(
            sides, names, primes=self.tolerant and any("'" in i.text or r"\prime" in i.text for i in every)
        )
        if self.tolerant:
            self._find_unknown_in_proof()
            return
        usual = {key for key in USUAL if key not in self.uses.bare | self.uses.before}
        for key in sorted(set(self.uses.applied) & (self.said_functions.keys() | usual)):
            if key not in names.defined and key not in names.functions and names.is_function(key) is None:
                names.unknown.add(key)

    def _find_unknown_in_proof(self) -> None:
        """The same beside a proof, which shows by primes what is a function.

        What a proof says more of than that, or words may name, is open: it is not any function.
        """
        names, given = self.names, self.uses
        heads = {k for i in self.items if i.signs[:1] == ("=",) for s in i.sides[1:] for k in with_head(i.sides[0], s)}
        equations = [i.sides for i in self.items if i.signs[:1] == ("=",)]
        own = set(with_own(equations))
        members = [i for i in self.items if i.kind == "member" and dimensions_of(i.sides[1])]
        vectors = frozenset(n.text for i in members for n in i.names if isinstance(n, Name))
        taken = names.defined | names.functions.keys() | names.families | given.bare.keys()
        known = frozenset(
            k for k in (given.applied.keys() | given.primed | heads | own) - taken if names.is_function(k) is None
        )
        sides = tuple(s for e in equations for s in e) if vectors else ()
        said = frozenset(self.said_functions) - taken
        proof = self.ranges.hints.ask(questions.functions, known, said, frozenset(taken), sides, vectors)
        primed = given.primed | proof.primed
        usual = {k for k in USUAL & given.applied.keys() if k not in given.before.keys() | proof.plain}
        # What stands before names in brackets and nowhere else is no factor.
        plain = given.before.keys() | given.bare.keys() | proof.plain
        heads |= own - plain
        lonely = {k for k in given.applied if k not in plain}
        shown = given.applied.keys() | given.before.keys() | heads
        applied = shown | proof.applied
        of_vector = dict(proof.of_vector)
        for key in sorted((self.said_functions.keys() & applied) | usual | primed | heads | lonely):
            # p_1 is one of the p_k that have a rule.
            is_taken = key in taken or key in proof.families or names.is_function(key) is not None
            is_taken = is_taken or key.partition("_")[0] in names.functions.keys() & names.families
            if is_taken or (key in proof.told and key not in shown):
                continue
            if key in of_vector:
                self._take_opaque(key, of_vector[key])
                continue
            names.unknown.add(key)
            is_shown = key in (primed | heads) & shown and not (self.names_functions or key in proof.told)
            is_any = self.said_functions.get(key, is_shown)
            self.session.spelling[f"unknown {key}"] = "any" if is_any else "open"
            if key in primed:
                names.entrywise.add(key)
                self.session.spelling[f"entrywise {key}"] = "each"

    def _take_opaque(self, key: str, vector: Name) -> None:
        """Takes a function of a vector of which nothing is known for what it is: it depends on the vector."""
        before = next(i for i in self.items if i.kind == "relation")
        head, group = Name(before.at, before.at, key), Group(before.at, before.at, "(", (vector,))
        product = Product(before.at, before.at, (("", head), ("", group)))
        item = replace(before, sides=(head, product), signs=("=",), names=())
        self._announce(item)
        self.items.insert(0, item)

    def infer(self, formulas: list[Formula], equates: list[bool]) -> None:
        """Finds out what the names are; `equates` tells which formulas have sides of one shape."""
        shown = uses((s for f in formulas for s in (*f.sides, *f.cells)), self.names, primes=False)
        self.names.bare |= shown.bare.keys() | shown.before.keys()
        # What ranks show (x is a vector, because W x is one) makes a subscript elsewhere (x_j) an index.
        known: tuple[Vocabulary, list[set[str]]] | None = None
        for _ in range(2):
            self.names.survey(formulas)
            if self.names.find_apart():
                self.names.survey(formulas)
            self._check_sigma()
            for item in self.items:
                self._declare(item)
                self._shape(item)
            if known == (self.names, [f.letters for f in formulas]):
                # The ranks follow from what was known before.
                break
            ranks = Ranks(self.names, self.session.by_rows)
            ranks.infer(formulas, equates)
            if self.tolerant and self.items:
                ranks.take_transposed(
                    self.ranges.hints.ask(questions.transposed, self._sides_given()), formulas, equates
                )
            if not self.items and not ranks.found:
                break
            if not ranks.changed:
                known = self.names.copy(), [set(f.letters) for f in formulas]
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
