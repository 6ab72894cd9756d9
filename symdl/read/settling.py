"""Drafts to `Givens`, once the ranges of all letters are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sympy import Add, Expr, Indexed, Integer, S, Symbol

from symdl.errors import GivensError, Place, ReadError
from symdl.language import Inverse, family, is_index, is_quantity, label_of, put, quantities, scalar
from symdl.language.binders import free_symbols
from symdl.problem import Definition, Fact, Givens, Range, Relation, Value
from symdl.read import questions
from symdl.read.agreement import circular, refuse_contradictions
from symdl.read.axes import Letter
from symdl.read.drafts import Draft, overlap, renamed
from symdl.read.items import Item
from symdl.read.known import Known, known_of
from symdl.read.making import later_than, made_of
from symdl.read.moments import NoMomentError, bell, density_of
from symdl.read.nodes import Name, Node, Scripted
from symdl.read.scripts import head_text, script_items, spell
from symdl.read.statements import Statements
from symdl.read.turning import turned


class Settling(Statements):
    """Gives letters and names their ranges, and puts the givens together."""

    def _link_letters(self, every: list[Item]) -> None:
        """Gives the letters of each formula the ranges that are stated for them, and marks recurrences."""
        users: dict[str, list[tuple[int, Letter]]] = {}
        summed: dict[str, list[tuple[int, Letter]]] = {}
        for letter in self.ranges.letters:
            item = self._item_of(letter, every)
            if letter.kind not in ("bound", "entry"):
                users.setdefault(letter.symbol.name, []).append((item.display if item else 0, letter))
            elif letter.kind == "bound" and letter.own_lo is None and letter.own_hi is None:
                summed.setdefault(letter.symbol.name, []).append((item.display if item else 0, letter))
        for item in every:
            if item.kind == "range":
                self._link_stated(item, users, summed)
        for item, name, low, high in self.bounds:
            used = [(d, x) for d, x in users.get(name, []) if x.kind == "free"]
            if item.inline and low is None:
                # "with $t < T$ in the recursion" says nothing of formulas that do not go on to t + 1.
                used = [(d, x) for d, x in used if any(offset > 0 for _, offset in x.at)]
            for letter in [x for d, x in used if d == item.display] or self._near(item, used):
                _bound(letter, low, high)
        if self.known is not None:
            self._link_known(known_of(self.known), users)
        for name, run in ((s.name, r) for s, r in self.fixed_letters.items()):
            for _, letter in users.get(name, []):
                letter.own_lo, letter.own_hi = run.lo, run.hi
        for letter in self.ranges.letters:
            if letter.kind == "free":
                _mark_recurrences(letter)
        for core in {c for i in every if i.kind == "relation" and i.signs == ("=",) for c in _exchanged(*i.sides)}:
            if self.names.arity.get(core) == len(("row", "column")):
                self.ranges.same(self.ranges.axis(core, 0), self.ranges.axis(core, 1))

    def _link_stated(
        self, item: Item, users: dict[str, list[tuple[int, Letter]]], summed: dict[str, list[tuple[int, Letter]]]
    ) -> None:
        """Gives a range to the letters for which it is stated: those beside it, else those of the nearest formula."""
        lo, hi = self._bounds(item)
        is_asked = any(item is i for _, i in self.task_items)
        for node in item.names:
            if not isinstance(node, Name):
                raise item.source.error("an index letter was expected before its range", node.at)
            used = users.get(node.text, [])
            if is_asked:
                near = [x for d, x in used if x.kind == "task"]
            else:
                own = [x for d, x in used if d == item.display]
                used = [(d, x) for d, x in used if x.kind != "task" or node.text in self.names.inputs]
                near = own or self._near(item, used)
            for letter in near:
                _bound(letter, lo, hi)
            for _, letter in used + summed.get(node.text, []):
                if letter.default is None:
                    letter.default = Range(lo, hi)

    def _link_known(self, known: Known, users: dict[str, list[tuple[int, Letter]]]) -> None:
        """Gives the letters of a proof the ranges that they have in what is given."""
        begins = {id(self.ranges.axes[k].root()): lo for k, lo in known.starts.items() if k in self.ranges.axes}
        for letter in self.ranges.letters if begins else ():
            for axis, offset in letter.at:
                if letter.kind == "task" and letter.own_lo is None and not offset and id(axis.root()) in begins:
                    letter.own_lo = begins[id(axis.root())]
        for name, run in known.letters.items():
            for _, letter in users.get(name, []):
                letter.default = letter.default or run
                lows = {a.root().stated[0][0].lo for a, offset in letter.at if a.root().known and not offset}
                if letter.kind == "task" and letter.own_lo is None and run.lo - 1 in lows:
                    # What is said of every t from 1 on is not said of the state before.
                    letter.own_lo = run.lo

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

    def givens(self) -> Givens:
        """All that was read, as `Givens`.

        Raises  `GivensError` where ranges are open or the givens contradict each other.
        """
        positions: dict[Symbol, Range] = {}
        for draft in self.drafts:
            self.current = draft.item
            self._find_positions(draft, positions)
        self.letters_over = self._letters_over()
        families, vectors = self._families()
        definitions: list[Definition] = []
        values: list[Value] = []
        facts: list[Fact] = []
        for draft in self.drafts:
            self.current = draft.item
            if draft.kind in ("definition", "value"):
                self._finish_definition(draft, definitions, values, facts)
            elif draft.kind == "fact":
                fact = self._finish_fact(draft)
                if not any(f.relation == fact.relation and f.ranges == fact.ranges for f in facts):
                    facts.append(fact)
        self._promote_initial(definitions, values, families)
        self._add_moments(definitions, families, vectors)
        for size_, number in sorted(self.ranges.sizes.items(), key=lambda p: p[0].name):
            values.append(Value(size_, number, Place("formula", 1, 1)))
        if self.tolerant:
            definitions = [_up_to_the_last(d, definitions, families) for d in definitions]
            definitions = turned(definitions, facts)
            self._loosen(definitions, facts)
            _invert(definitions, facts)
        refuse_contradictions(self.lines, definitions, facts, values)
        held = [self._constant(v) for v, _ in self.constants]
        # Of a sum that is held fixed all parts are.
        constants = frozenset(q for c in held for q in (quantities(c) | ({c} if isinstance(c, Symbol) else set())))
        return Givens(
            tuple(definitions), tuple(values), tuple(facts), tuple(self.conventions), families, self.letters_over,
            constants, vectors, dict(self.session.spelling),
            positions, {scalar(k): tuple(self.settle(a) for a in v) for k, v in self.arguments.items()},
        )  # fmt: skip

    def _families(self) -> tuple[dict[Symbol, tuple[Range, ...]], dict[Symbol, int]]:
        """Where the indices of every family run, and how many of them its author leaves out, for every quantity."""
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
        return families, vectors

    def _loosen(self, definitions: list[Definition], facts: list[Fact]) -> None:
        r"""Takes definitions that run in a circle, v = \phi^2 v + \sigma^2, for the equations that they are.

        An update that is written so is none: the old value and the new one differ in it.
        """
        circle = circular(definitions)
        if not circle or self.ranges.hints.ask(questions.updates):
            return
        labels = {d.label.name for d in circle}
        is_solved, is_computed = self.ranges.hints.ask(questions.solved_or_computed, frozenset(labels))
        is_step = any(d.head in quantities(d.body) - quantities(d.body - d.head) for d in circle)
        is_step = is_step or any(d.head in Add.make_args(d.body) for d in circle)
        # What only another one leads back to is no new value of itself.
        is_system = len(circle) > 1 and all(d.head not in quantities(d.body) for d in circle)
        if is_step or (is_computed and not (is_solved or is_system)):
            return
        for d in circle:
            definitions.remove(d)
            facts.append(Fact(Relation(d.head, "=", d.body), d.ranges, d.source, d.place))

    def _add_moments(
        self, definitions: list[Definition], families: dict[Symbol, tuple[Range, ...]], vectors: dict[Symbol, int]
    ) -> None:
        """Adds what follows of the moments of quantities that are made of random ones, and of densities."""
        for label in sorted(self.session.labels):
            definitions += self._of_a_density(label, definitions, vectors)
        own = [d for d in definitions if d.label.name in self.session.moments.composed]
        given = Givens(tuple(own), families=families)
        for d in own:
            moments = replace(
                self.session.moments, made_of=made_of(given), is_later=later_than(d, self.session.moments)
            )
            for name, make in (
                (r"\mathbb{E}[{}]", moments.mean),
                (r"\mathrm{Var}({})", moments.variance),
            ):
                label = scalar(name.replace("{}", d.label.name))
                try:
                    body = make(d.body)
                except NoMomentError:
                    continue
                definitions.append(replace(d, label=label, body=body))
                for key, of in ((label.name, d.label.name), *moments.used.items()):
                    vectors.setdefault(scalar(key), 0)
                    if scalar(of) in families:
                        families.setdefault(scalar(key), families[scalar(of)])

    def _of_a_density(
        self, label: str, definitions: list[Definition], vectors: dict[Symbol, int]
    ) -> Iterator[Definition]:
        """The mean and the variance of a number under a density that is given as a bell curve."""
        density = density_of(label)
        d = next((d for d in definitions if d.label.name == density and not d.pattern), None)
        over = self.arguments.get(density, ())[:1]
        for name in (settled.name for a in over if isinstance(settled := self.settle(a), Symbol)):
            moments = bell(d.body, scalar(name)) if d is not None else None
            signs = rf"\mathbb{{E}}_{{{label}}}[{name}]", rf"\mathrm{{Var}}_{{{label}}}({name})"
            for sign, body in zip(signs, moments or (), strict=False):
                if d is not None and not any(other.label.name == sign for other in definitions):
                    vectors.setdefault(scalar(sign), 0)
                    yield replace(d, label=scalar(sign), body=body)

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

    def _finish_definition(
        self, draft: Draft, definitions: list[Definition], values: list[Value], facts: list[Fact]
    ) -> None:
        assert draft.body is not None
        draft.pattern = tuple(map(self.settle, draft.pattern))
        avoid = free_symbols(draft.body)
        extra = self.names_for(draft, avoid)
        body = self.close(draft, draft.body, extra)
        pattern = (*draft.pattern, *(x for x, _ in extra))
        head = family(draft.label, *pattern)
        if body == head:
            # v = (v_1, v_2) says nothing but how many entries there are.
            return
        if draft.kind == "value" and not self._is_constant(draft) and not self._is_partial(draft):
            for value in values:
                # Where members differ, their hashes tell it at once.
                same = hash(value.quantity) == hash(head) and value.quantity == head
                if same and value.number != body:
                    raise self._clash(draft, "is given two values")
            values.append(Value(head, body, draft.place, draft.item.text))
            return
        ranges = dict(extra)
        for p in draft.pattern:
            if is_index(p):
                run = self.range_of(draft.letters[p.name])
                by = draft.shifts.get(p, 0)
                ranges[p] = Range(run.lo + by, run.hi + by)
                body = put(body, {p: p - by}) if by else body
        if draft.kind == "value" and any((p < ranges[k].lo) is not S.true for k, p in self._numbered_beside(draft)):
            message = "a rule for members of which others have numbers"
            raise draft.item.source.error(message, draft.item.at, r"say where it holds: R_k = 7, \quad k \geq 2")
        found = Definition(scalar(draft.label), pattern, body, ranges, draft.item.text, draft.place)
        for other in definitions:
            if other.label.name == found.label.name and overlap(other.pattern, found.pattern):
                if renamed(other) == renamed(found):
                    return
                if self.tolerant and set(found.pattern) == set(ranges) and self._is_entry_of(draft, other):
                    # Said of the whole vector, and of its entries.
                    facts.append(Fact(Relation(head, "=", found.body), ranges, draft.item.text, draft.place))
                    return
                ways = self._leads(other), self._leads(found)
                names = is_quantity(other.body), is_quantity(found.body)
                if self.tolerant and other.pattern == found.pattern and (ways[0] != ways[1] or names[0] != names[1]):
                    # f = \sigma(w x + b), and again f = \sigma(s): the one by way of other names says what it is.
                    # Of p_2 = p_4 and p_2 = 2 p_1 the second one does.
                    is_found = ways[1] if ways[0] != ways[1] else names[0]
                    kept, told = (found, other) if is_found else (other, found)
                    definitions[definitions.index(other)] = kept
                    facts.append(Fact(Relation(told.head, "=", told.body), told.ranges, told.source, told.place))
                    return
                raise self._clash(draft, "is defined twice")
        definitions.append(found)

    def _is_constant(self, draft: Draft) -> bool:
        """Whether f_t = 0.5 is said of every time of a recurrence; y_k = 1 is said of one k."""
        times = {a.head.symbol for a in self.ranges.all_axes if a.head is not None and (a.lag or a.lead)}
        return len(draft.pattern) == 1 and draft.pattern[0] in times and not draft.item.inline

    def _is_partial(self, draft: Draft) -> bool:
        """Whether R_k = 7 is said of the k from 2 on, or of all members but those that have numbers of their own."""
        if not any(map(is_index, draft.pattern)):
            return False
        return any(True for _ in self._numbered_beside(draft)) or any(
            self.range_of(draft.letters[p.name]) != self.axis_range(self.ranges.axis(draft.label, n))
            for n, p in enumerate(draft.pattern)
            if is_index(p)
        )

    def _numbered_beside(self, draft: Draft) -> Iterator[tuple[Symbol, Integer]]:
        """The index letters of a rule, with the numbers in their places at members that have numbers of their own."""
        for other in self.drafts:
            if other.kind == "value" and other.label == draft.label:
                pairs = zip(draft.pattern, other.pattern, strict=False)
                yield from ((k, p) for k, p in pairs if is_index(k) and isinstance(p, Integer))

    def _leads(self, definition: Definition) -> bool:
        """Whether a definition is in terms of another name that is defined."""
        defined = {d.label for d in self.drafts if d.kind == "definition"} - {definition.label.name}
        return any(label_of(q).name in defined for q in quantities(definition.body))

    def _is_entry_of(self, draft: Draft, other: Definition) -> bool:
        """Whether one of two definitions is of a whole vector, u = …, and the other of its entries, u_i = …."""
        before = next((d for d in self.drafts if d.place == other.place and d.label == draft.label), None)
        return before is not None and bool(before.axes) != bool(draft.axes)

    def _clash(self, draft: Draft, message: str) -> ReadError:
        self.clashing = draft.label
        return draft.item.source.error(f"{draft.label} {message}", draft.item.at, of=GivensError)

    def _finish_fact(self, draft: Draft) -> Fact:
        assert draft.body is not None and draft.other is not None
        extra = self.names_for(draft, free_symbols(draft.body) | free_symbols(draft.other))
        lhs, rhs = self.close(draft, draft.body, extra), self.close(draft, draft.other, extra)
        local = self._local(draft, lhs, rhs)
        if {s.name for s in local} & self.names.index_names:
            local = {}
        ranges = {i: run for i, run in {**local, **dict(extra)}.items() if not self._is_one(i)}
        sign: Any = draft.sign
        return Fact(Relation(lhs, sign, rhs), ranges, draft.item.text, draft.place)

    def _is_one(self, letter: Symbol) -> bool:
        """Whether a letter in a fact is an input and stands for one member: z_y > 0 beside L = -log p_y.

        One that numbers the members of a definition, as in a_n = w x_n, stands for any.
        """
        return letter.name in self.names.inputs and all(letter not in d.pattern for d in self.drafts)

    def _find_positions(self, draft: Draft, positions: dict[Symbol, Range]) -> None:
        """Free letters that a definition does not bind are inputs: the class y in L = -log p_y."""
        if draft.kind == "fact" and not (draft.sign == "!=" and set(draft.letters) & self.names.index_names):
            return
        for letter in draft.letters.values():
            exprs = [e for e in (draft.body, draft.other) if e is not None]
            if not any(letter.symbol in free_symbols(e) for e in exprs):
                continue
            is_input = draft.kind == "definition" and letter.symbol not in draft.pattern
            # y' \neq y is said of the one class y', not of all.
            is_input = is_input or draft.kind == "fact"
            if is_input:
                run = self.range_of(letter)
                if positions.setdefault(letter.symbol, run) != run:
                    raise letter.spot.error(f"the index {letter.symbol} runs over two ranges")
                self.names.inputs.add(letter.symbol.name)

    def _promote_initial(
        self, definitions: list[Definition], values: list[Value], families: dict[Symbol, tuple[Range, ...]]
    ) -> None:
        """A number for one member of a family that has a definition is a definition too: h_0 = 0."""
        kept: list[Value] = []
        for value in values:
            label = label_of(value.quantity)
            letters = [d for d in definitions if d.label.name == label.name and any(map(is_index, d.pattern))]
            if letters and isinstance(value.quantity, Indexed):
                text = next(d.item.text for d in self.drafts if d.place == value.place)
                pattern = tuple(value.quantity.indices)
                ranges = {p: run for p, run in zip(pattern, families[label], strict=True) if is_index(p)}
                definitions.append(Definition(label, pattern, value.number, ranges, text, value.place))
            else:
                kept.append(value)
        values[:] = kept


def _bound(letter: Letter, low: Expr | None, high: Expr | None) -> None:
    """Give a letter the ends that it has not yet."""
    letter.own_lo = low if letter.own_lo is None else letter.own_lo
    letter.own_hi = high if letter.own_hi is None else letter.own_hi


def _mark_recurrences(letter: Letter) -> None:
    """Note how far a formula goes back, or ahead, along an axis on which it says what a member is."""
    # Beside x_{t+1} on the left, v_{t+1} on the right is of the same time.
    ahead = max((a.root().shift for a, _ in letter.at if a.root().head is letter), default=0)
    for axis, offset in letter.at:
        root = axis.root()
        if root.head is not None and offset < ahead:
            root.lag = max(root.lag, ahead - offset)
        elif root.head is not None and offset > ahead:
            root.lead = max(root.lead, offset - ahead)


def _invert(definitions: list[Definition], facts: list[Fact]) -> None:
    r"""Takes an equation S^{-1} = M for the definition of S as the inverse of M, where nothing else defines S."""
    for fact in list(facts):
        left, right = fact.relation.sides
        if not isinstance(left, Inverse) or fact.relation.sign != "=":
            continue
        at = (left.row, left.column)
        if at[0] == at[1] or set(at) != fact.ranges.keys():
            continue
        member = left.open(*at)
        label = label_of(member) if isinstance(member, Indexed) and member.indices == at else None
        if label is None or label in free_symbols(right) or any(d.label == label for d in definitions):
            continue
        run = Range(left.lo, left.hi)
        if all(r == run for r in fact.ranges.values()):
            body = Inverse.over(at, left.lo, left.hi, right, *at)
            facts.remove(fact)
            definitions.append(Definition(label, at, body, dict(fact.ranges), fact.source, fact.place))


def _up_to_the_last(
    rule: Definition, definitions: Sequence[Definition], families: Mapping[Symbol, tuple[Range, ...]]
) -> Definition:
    """A rule with its last member, a_L = f(z_L), where its range is that of z_{l+1} = W_l a_l + b_l beside it.

    The range ends one earlier for the sake of the rule that leads on.
    """
    ranges = dict(rule.ranges)
    beside = [d for d in definitions if d.label != rule.label and d.ranges]
    is_only = [d.label for d in definitions].count(rule.label) == 1
    if not is_only or rule.label in free_symbols(rule.body):
        return rule
    for p, run in zip(rule.pattern, families.get(rule.label, ()), strict=False):
        own = ranges.get(p) if isinstance(p, Symbol) else None
        if own is not None and run.hi == own.hi + 1:
            later = Range(own.lo + 1, own.hi + 1)
            leads = any(later in d.ranges.values() and rule.label in free_symbols(d.body) for d in beside)
            ranges[p] = Range(own.lo, run.hi) if leads else own
    return rule if ranges == rule.ranges else replace(rule, ranges=ranges)


def _exchanged(left: Node, right: Node) -> Iterator[str]:
    """The name of the matrix of which d_{ij} = d_{ji} says that it is symmetric, so that it is square."""
    if isinstance(left, Scripted) and isinstance(right, Scripted):
        core, subs = head_text(left.core), list(map(spell, script_items(left.subs)))
        is_pair = len(set(subs)) == len(subs) == len(("row", "column"))
        if core is not None and core == head_text(right.core) and is_pair and not left.sups and not right.sups:
            yield from [core] if list(map(spell, script_items(right.subs))) == subs[::-1] else []
