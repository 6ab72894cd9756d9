"""What the givens of a problem say, formulas and words, sorted into statements."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sympy import Integer

from symdl.errors import Place, ReadError
from symdl.problem import Block, Convention
from symdl.read.asked import Asked
from symdl.read.best import spoken_places, spoken_roots
from symdl.read.chosen import elsewhere, rest_vanishes, with_exceptions
from symdl.read.commands import DEFINITE
from symdl.read.conditional import conditional, readable, with_cases, with_domains
from symdl.read.densities import spoken_shares
from symdl.read.document import inline_formulas
from symdl.read.domains import spoken_domains, with_domains_given
from symdl.read.inline import delimited, inline
from symdl.read.items import Item, says_delta, simplex_of, sort_items, total_first, unread_heads, without_endless
from symdl.read.listed import listed_moments, spoken_probabilities
from symdl.read.moments import may_hold, says_independent
from symdl.read.nodes import Group, Name, Node, Number, Product, Scripted, Statement
from symdl.read.restricted import conditioned, placed
from symdl.read.scripts import spell
from symdl.read.sentences import (
    DISTRIBUTION,
    ONE_HOT,
    SCALAR,
    cases,
    each_of,
    first_index,
    goes_by_rows,
    kinks,
    lists_in,
    log_base,
    named_function,
    plain_formulas,
    properties,
    says_of_one,
    speaks_of_matrices,
    spoken_intervals,
    spoken_names,
    unnamed_properties,
    unnamed_values,
    worded_equations,
    words_after,
)
from symdl.read.spoken import spoken_moments
from symdl.read.stacks import spoken_stacks
from symdl.read.syntax import parse_display
from symdl.read.unknown import is_any, is_said, may_be_named

_CONDITION = re.compile(r"\b(if|when|whenever|unless|once|until|provided that)\s*$", re.IGNORECASE)

_CASE = re.compile(r"\bfor\s*$", re.IGNORECASE)
_LONGEST_LEAD = 20
"""More than the length of the words that make a formula behind them a condition or a case."""
_RELATES = re.compile(r"[=<>≤≥≠∈]|\\(?:in|le|ge|leq|geq|ne|neq|propto|approx)(?![A-Za-z])")

_DOTS = r"(?:\\[lc]?dots|\.\.\.|…)"
_STATES_RANGE = re.compile(rf"{_DOTS}|\\in\b")

_SAID_OF = re.compile(
    r"(?P<name>(?:\\[A-Za-z]+\s*(?:\{\\?[A-Za-z]+\})?|[A-Za-z])'*)(?P<index>_(?:\w|\{\w+\}))?(?:\s*(?P<set>\\in\b).*)?\Z",
    re.DOTALL,
)
_DEFINITE = re.compile(rf"(?P<name>.*) \\(?P<sign>{'|'.join(DEFINITE)}) 0")
_LISTED = re.compile(
    rf"(?P<name>\\?[A-Za-z]+)\s*=\s*(?:\\left)?\(\s*(?P=name)_(?:[01]|\{{[01]\}})\s*,\s*{_DOTS}\s*,\s*(?P=name)_(?:\w|\{{\w+\}})"
    r"\s*(?:\\right)?\)\s*"
)
"""A vector with the list of its entries: p = (p_1, \\dots, p_n)."""
_RUN = re.compile(rf"(?P<name>\\?[A-Za-z]+)_(?:[01]|\{{[01]\}})\s*,\s*{_DOTS}\s*,\s*(?P=name)_(?:\w|\{{\w+\}})\s*")
"""The members of a family as a list: \\alpha_1, \\dots, \\alpha_n."""
_UNBRACED = re.compile(r"(\\(?:mathbf|boldsymbol|bm|vec|hat|bar|tilde))\s*([A-Za-z]|\\[A-Za-z]+)(?![A-Za-z])")
"""A font or an accent at a name without braces."""
_UNIT = re.compile(r"(?:I|\\(?:mathbf|boldsymbol|bm|mathbb)\{I\})(?:_(?:\w|\{\w+\}))?")
_IDENTITY = re.compile(
    r"\s*(?:,\s*)?(?:(?:is|denotes|being|stands for)\s+)?(?:here\s+)?(?:(?:the|an?)\s+)?"
    r"(?:\$[^$]{1,40}\$(?:-dimensional)?\s+)?(?:identity|unit)(?:\s+matrix|\b)",
    re.IGNORECASE,
)
_ENTRY = re.compile(
    r"\$?(?P<name>I|\\(?:mathbf|boldsymbol|bm)\{I\})_\{(?P<i>[a-z])\s*+,?\s*+(?P<j>[a-z])\}\$?\s*+,?\s*+"
    r"(?:(?:is|are|denotes?|being)\s++)?(?:the\s++)?"
    r"(?:(?:elements?|entry|entries|components?)\s+of\s+(?:the|an?)\s+(?:\$[^$]{1,40}\$\s+)?(?:identity|unit)\s+matrix\b"
    r"|\$?1\$?\s+(?:if|when|for|where)\s+\$?(?:(?P=i)\s*=\s*(?P=j)|(?P=j)\s*=\s*(?P=i))\$?\s*+,?\s*+(?:and|else|or)\s+"
    r"(?:is\s+)?\$?0\$?\s+(?:otherwise|else))",
    re.IGNORECASE,
)
"""Words for the entries of the identity matrix: $I_{kj}$ is $1$ if $k = j$ and $0$ otherwise."""
_INDEX = re.compile(r"\b(?:index|indices)\s+\Z", re.IGNORECASE)
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


def _without_lists(statement: Statement) -> Statement:
    r"""A chain L = KL(q(z \mid x) \| p(z)) = … without the sides between, of which only the name is known."""
    if len(statement.sides) < 3 or set(statement.signs) != {"="} or len(statement.signs) >= len(statement.sides):
        return statement
    kept = [n for n, s in enumerate(statement.sides) if n in (0, len(statement.sides) - 1) or not _is_list(s)]
    sides, signs = tuple(statement.sides[n] for n in kept), ("=",) * (len(kept) - 1)
    ats, ends = tuple(statement.ats[n] for n in kept), tuple(statement.ends[n] for n in kept)
    return replace(statement, sides=sides, signs=signs, ats=ats, ends=ends)


def _by_entries(statement: Statement) -> Iterator[Statement]:
    """A chain (x_1, y_1) = (0, 2) of two lists, the first of names, as an equation for each of these.

    What stands before the first list is equal to the second.
    """
    *before, names, values = statement.sides if len(statement.sides) >= len(_LISTS) else (None, None)
    is_list = isinstance(names, Group) and isinstance(values, Group) and set(statement.signs) == {"="}
    if not is_list or not isinstance(names, Group) or not isinstance(values, Group):
        yield statement
        return
    is_named = all(isinstance(n, (Name, Scripted)) for n in names.items) and names.bracket == values.bracket == "("
    is_plain = not (names.bars or values.bars) and len(names.items) == len(values.items) >= len(_LISTS)
    if not is_named or not is_plain or len(statement.signs) != len(before) + 1:
        yield statement
        return
    for name, value in zip(names.items, values.items, strict=True):
        yield Statement((name, value), ("=",), (name.at, value.at), (name.end, value.end), "", True)
    if before:
        sides, ats, ends = ((*x[:-2], x[-1]) for x in (statement.sides, statement.ats, statement.ends))
        yield replace(statement, sides=sides, ats=ats, ends=ends, signs=statement.signs[:-1])


_LISTS = ("names", "values")


def _is_between(place: Place, start: Place, end: Place) -> bool:
    return _point(start) <= _point(place) < _point(end)


def _inside(block: Block, formulas: Sequence[Block], spans: Iterable[tuple[int, int]]) -> list[Block]:
    """Those of the formulas of a paragraph, in order, that begin in a stretch of its text."""
    starts = [_point(formula.place) for formula in formulas]
    found: set[int] = set()
    for span in spans:
        first, end = (bisect_left(starts, _point(block.place.behind(block.text[:at]))) for at in span)
        found.update(range(first, end))
    return [formulas[n] for n in sorted(found)]


def _point(place: Place) -> tuple[int, int]:
    return place.line, place.column


def _is_list(side: object) -> bool:
    """Whether a side is a name before brackets with bars around more than names."""
    group = side.parts[-1][1] if isinstance(side, Product) and not any(s for s, _ in side.parts) else None
    return (
        isinstance(group, Group) and bool(group.bars) and not all(isinstance(i, (Name, Scripted)) for i in group.items)
    )


class Gathering(Asked):
    """Takes the formulas of the givens, and what their words say of them."""

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
        takes_moments = self.tolerant and (may_hold(shown) or self.ranges.hints.ask(lambda shown: shown.moments))
        for block in blocks:
            if block.kind == "display":
                self.says_independent = self.says_independent or says_independent(block.text)
                is_said = self.tolerant and "=" not in block.text and speaks_of_matrices(block.text)
                properties_said = list(unnamed_properties(block.text, "")) if is_said else []
                for name, said in properties_said if self.listens else ():
                    self._hear(said.replace("@", name), block)
                if not properties_said:
                    self._add_gently(block, inline=False)
                continue
            block = self._without_entries(block)
            self._add_sentences(block)
            self.paragraphs.append(block)
            self.names_functions = self.names_functions or may_be_named(block.text)
            self.says_independent = self.says_independent or says_independent(block.text)
            for name, said in unnamed_properties(block.text, labels) if self.listens else ():
                self.one_hot |= {name} if said == ONE_HOT else set()
                self._hear(said.replace("@", name + each_of(name, "", shown)), block)
            for said in unnamed_values(block.text, shown) if self.listens else ():
                self._hear(said, block)
            earlier = " ".join(b.text for b in self.paragraphs[-3:-1])
            for at, said in spoken_moments(block.text, earlier) if takes_moments else ():
                self._add_gently(Block("display", said, block.place.behind(block.text[:at])), inline=True)
            spoken = (spoken_places, spoken_roots, spoken_stacks, spoken_intervals) if self.tolerant else ()
            for at, said in (x for say in spoken for x in say(block.text)):
                self._add_gently(Block("display", said, block.place.behind(block.text[:at])), inline=True)
            for formula, before, after in plain_formulas(block) if self.tolerant or self.is_plain else ():
                self._add_inline(formula, before, after)
            for formula in worded_equations(block) if self.tolerant else ():
                self.unread.append((formula, self.source(formula).error("words in a formula", 0)))
            self._add_inline_formulas(block)
        for said in listed_moments(shown) if takes_moments else ():
            self._add_gently(Block("display", said, blocks[0].place), inline=True)
        for said in (*spoken_shares(shown), *spoken_probabilities(shown)) if self.tolerant and self.listens else ():
            self._hear(said, blocks[0])

    def _add_inline_formulas(self, block: Block) -> None:
        """Takes the formulas within a paragraph, with what words say of them."""
        split = list(cases(block)) if self.tolerant else []
        for whole, _, _ in split:
            self._add_gently(whole, inline=True)
        places = [(whole.place, block.place.behind(block.text[:end])) for whole, _, end in split]
        listed = [x for x in inline_formulas(block) if not any(_is_between(x[0].place, *ends) for ends in places)]
        left_out = self._leave_out(block, [formula for formula, _, _ in listed])
        listed = list(with_exceptions(listed)) if self.tolerant else listed
        for formula, said, is_clear in spoken_domains(listed, self.shown) if self.tolerant else ():
            domain = replace(formula, text=said)
            if is_clear:
                self._add_gently(domain, inline=True)
            else:
                error = self.source(formula).error("a domain beside one of several functions of the same letter", 0)
                self.unread.append((domain, error))
        lists = lists_in(listed)
        for n, (formula, before, after) in enumerate(listed):
            if _says_identity(listed[n : n + 2]):
                # I is the identity matrix wherever one fits, unless it is a quantity of the problem.
                self._note_delta(formula.text.partition("_")[0])
                continue
            if formula.place in left_out:
                continue
            self._add_inline(formula, before, after)
            first, last = lists[n]
            is_whole = n == last or not says_of_one(listed[last][2])
            self._add_said(formula, listed[first][1], words_after(listed[last : last + 2]) if is_whole else "")

    def _add(self, block: Block, inline: bool) -> list[Item]:
        source = self.source(block)
        self.displays += 1
        statements = parse_display(source, self.tolerant or self.is_plain, conditions=True)
        if self.tolerant:
            statements, rules = elsewhere(with_cases(statements), source)
            self.elsewhere += rules
            statements, functions = with_domains(statements)
            statements = with_domains_given(statements, source.text, self.shown)
            self.names.unknown |= set(functions)
            self.session.spelling.update({f"unknown {name}": "open" for name in functions})
            rest = source.error("what is so beyond the condition is not given", 0)
            self.unread += [(replace(block, text=name), rest) for name in functions]
        statement = conditional(statements)
        if statement is not None and not self.tolerant:
            hint = r"write \begin{cases} … \end{cases}"
            raise source.error("a condition at a given is not read here", statement.ats[0], hint)
        if self.tolerant:
            self.left += unread_heads(statements, source)
            statements, errors = readable(statements, source)
            self.unread += [(block, e) for e in errors]
            statements = [entry for s in statements for entry in _by_entries(_without_lists(s))]
        items = sort_items(statements, source, self.displays, inline)
        items = [total_first(i) for i in without_endless(items) if not says_delta(i)] if self.tolerant else items
        if self.leave:
            self.left += [i for i in items if self.place_of(i) in self.leave]
            items = [i for i in items if self.place_of(i) not in self.leave]
        items = [x for i in items for x in self._without_definite(i, block)] if self.tolerant else items
        self.items += items
        for name in (n for i in items if i.kind == "member" and simplex_of(i.sides[1]) is not None for n in i.names):
            self._hear(DISTRIBUTION.replace("@", spell(name)), block)
        return items

    def _without_definite(self, item: Item, block: Block) -> list[Item]:
        r"""An item up to what it says of a definite matrix, A \succ 0, which is noted: it is symmetric at least."""
        at = next((n for n, sign in enumerate(item.signs) if sign in DEFINITE), None)
        if at is None or not isinstance(item.sides[at + 1], Number):
            return [item]
        side = item.sides[at]
        name = side.core if isinstance(side, Scripted) and not side.subs else side
        if not isinstance(name, Name):
            return [item]
        self._hear(rf"{name.text} \{item.signs[at]} 0", block)
        is_more = at > 1 or (at and spell(item.sides[0]) != name.text)
        return [replace(item, sides=item.sides[: at + 1], signs=item.signs[:at])] if is_more else []

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

    def _leave_out(self, block: Block, formulas: Iterable[Block]) -> set[Place]:
        """Where those of the formulas of a paragraph stand that are not given as they stand.

        That a slope is zero at some place says nothing of any other one; what holds under a condition is not read.
        """
        related = [formula for formula in formulas if _RELATES.search(formula.text)]
        under = _inside(block, related, conditioned(block.text))
        for formula in under if self.tolerant else ():
            self.unread.append((formula, self.source(formula).error("a condition at a given is not read here", 0)))
        return {formula.place for formula in (*under, *_inside(block, related, placed(block.text)))}

    def _add_inline(self, block: Block, before: str, after: str) -> None:
        # The rest of what stands before a formula need not be searched for a word at its end.
        last = before.rstrip()[-_LONGEST_LEAD:]
        is_case = _CASE.search(last) and (self.tolerant or "=" in block.text)
        if (_CONDITION.search(last) or is_case) and not _STATES_RANGE.search(block.text):
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
            if isinstance(node, Name) and _INDEX.search(before):
                # What is called an index is no quantity.
                self.items.remove(items[-1])
                return
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
        for named in _said_of(block.text) if said else ():
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

    def _without_entries(self, block: Block) -> Block:
        """The paragraph with blanks for the words that say of a name that it is Kronecker's delta, which are heeded."""

        def heeded(m: re.Match[str]) -> str:
            self._note_delta(m["name"])
            return " " * len(m[0])

        return replace(block, text=_ENTRY.sub(heeded, block.text))

    def _note_delta(self, name: str) -> None:
        self.names.deltas.add(name)
        self.session.spelling[f"delta {name}"] = name

    def _note_one_hot(self, node: Node) -> None:
        if isinstance(node, Scripted) and isinstance(node.core, Name):
            self.one_hot.add(node.core.text)

    def _hear(self, formula: str, block: Block) -> None:
        """Takes a formula for what words say, unless it is known to fit nothing; a definite matrix is symmetric."""
        definite = _DEFINITE.fullmatch(formula)
        if definite is not None:
            self.session.spelling[f"definite {definite['name']}"] = definite["sign"]
            formula = rf"{definite['name']}^\top = {definite['name']}"
        if formula in self.deaf:
            return
        count = len(self.items)
        self._add_gently(Block("display", formula, block.place), inline=True)
        self.heard += self.items[count:]
        del self.items[count:]


def _said_of(text: str) -> list[re.Match[str]]:
    """The names in a formula of which words beside it say something; none where it holds anything else."""
    text = text.strip()
    run, listed = _RUN.fullmatch(text), _LISTED.fullmatch(text)
    if run is not None or listed is not None:
        text = f"{run['name']}_i" if run is not None else listed["name"] if listed is not None else ""
    text = _UNBRACED.sub(r"\1{\2}", text)
    whole = _SAID_OF.match(text)
    if whole is not None:
        return [whole]
    found = [_SAID_OF.match(part.strip()) for part in text.split(",")]
    return [m for m in found if m is not None] if all(found) else []
