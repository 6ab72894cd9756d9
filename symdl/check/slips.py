"""What a wrong line may have meant: the right side changed in one place, such that it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import floor, log10
from math import log as log_of

from flint import fmpq
from sympy import (
    Add,
    Expr,
    Function,
    Integer,
    Mul,
    Rational,
    S,
    Symbol,
    cos,
    cosh,
    exp,
    fraction,
    log,
    sin,
    sinh,
)

from symdl.check.arrays import Written, holds_letter, is_entry, places_of
from symdl.check.basis import sizes_of
from symdl.check.context import Context
from symdl.check.dependence import loose
from symdl.check.digits import decimals_in, is_array_of_digits
from symdl.check.enclosures import Stated, Value, decimal, enclosed, midpoint, within
from symdl.check.entailment import unfolded
from symdl.check.figures import NEAR, lettered, numeral, spots_of, wrong_entries
from symdl.check.needed import SAME, Look, Looked
from symdl.check.putting import in_names, posed
from symdl.check.question import Question
from symdl.check.readings import readings
from symdl.check.regardless import fails_regardless
from symdl.check.report import SLIP
from symdl.check.running import Line
from symdl.check.sentences import speaks_of_slopes
from symdl.check.sides import Sides
from symdl.check.standing import UNFAIR, drawn, shaky
from symdl.check.transposing import transposed
from symdl.check.undoing import LEFT_OUT, OUT_OF_PLACE, TRANSPOSED, Slip, Words, undone
from symdl.judge.instances import separation
from symdl.language import (
    Applied,
    Cases,
    D,
    Delta,
    Sigma,
    Step,
    as_float,
    free_symbols,
    holds_derivative,
    is_closed,
    is_index,
    is_quantity,
    label_of,
    put,
    quantities,
    subterms,
)
from symdl.problem import Decision, Range, Ranges, Text
from symdl.read import Side

SLOPES = ({sin, cos}, {sinh, cosh})
"""The functions that are each other's derivatives, but for a sign."""
MAX_LABELS = 12
MAX_PARTS = 24
MAX_ASKED = 3
SCREENS, DRAWN = 3, 6
"""At how many instances a slip has to explain a line before the judge is asked, and how many are drawn for them."""
MAX_SHORT = 24
MAX_TERMS = 6
SPECIAL = "it holds where a free letter that its right side lacks has one value: whether that is meant is in words"
DIFFERS = "the two sides differ at an instance"
ARITHMETIC = "an error of arithmetic"
EXACT = Rational(1, 10**9)
"""How near a number is to one of which it could be told by no digit."""
LN2, LN10 = log_of(2), log_of(10)
SHOWN = 3
"""How many digits of a number that would be right are shown at least, where it has as many."""


def upheld(
    question: Question, asked: Sides, line: Line, found: Slip | None, *, is_open: bool
) -> tuple[Line, Slip | None]:
    """A wrong line, with its slip if that was sought, or an undecided one.

    It is undecided where its refutation may not stand and no slip explains it, such as `found`.  `is_open` says that
    the line may be meant for a special case.
    """
    try:
        reason = shaky(question, asked)
        if not reason and is_open and asked.sign == "=" and question.specialises(asked.left, asked.right):
            reason = SPECIAL
        found = None if reason == UNFAIR else found or (slip(question, asked) if reason else None)
    except (RecursionError, NotImplementedError):
        return line, found
    return (line, found) if found or not reason else (Line("undecided", Decision("unknown", reason)), None)


def confirmed(question: Question, asked: Sides, line: Line) -> tuple[Line, Slip | None]:
    """A line whose refutation is doubted for how it may be read, which is wrong where a slip explains it; with that.

    That the line is proved with one place of it changed says that it was read as it was meant.  Where more may be given
    of its names, this is to be a sign or a factor, which can be missing whatever they stand for, or what fails for any
    values of theirs.
    """
    if line.verdict != "undecided" or not line.decision.instance:
        return line, None
    unsure = question.unsure(asked)
    try:
        one = slip(question, asked)
        found = one or (corrected(question, asked) if unsure is None else None)
    except (RecursionError, NotImplementedError):
        return line, None
    if found is None or not found.name:
        return line, None
    if unsure is not None and not (found.is_bare or fails_regardless(found, asked.right, unsure, question.context)):
        return line, None
    return Line("wrong", replace(line.decision, answer="refuted", reason=DIFFERS)), one


def slip_in(question: Question, asked: Sides) -> Slip | None:
    """The slip that explains a wrong line, where one is found."""
    try:
        return slip(question.tied(asked.left, asked.right), asked)
    except (RecursionError, NotImplementedError):
        return None


def explained(line: Line, question: Question, asked: Sides, found: Slip | None = None) -> Line:
    """A wrong line with the slip that explains it, `found` if it is known, and what would be right."""
    question, asked, _ = question.tied(asked.left, asked.right).worked(asked)
    try:
        number = number_slip(question, asked)
        if number is not None:
            return _named(replace(line, expected=number.number), number.name)
        value = question.numbers.value_of(asked.left, asked.right_source) if _is_of_numbers(asked.right) else None
        if value is not None and found is None:
            # What is known as a number differs from another number in figures alone.
            is_one = not free_symbols(asked.right)
            figure = _figure(question, asked) or (ARITHMETIC if is_one and _is_of_numbers(asked.left) else "")
            if figure or is_one:
                return _named(replace(line, expected=value), figure)
        others = readings(asked.left, asked.right, question.context, question.ranges)
        ways = [asked, *(replace(asked, left=one, right=meant) for one, meant, _ in others)]
        found = found or _explaining(question, ways, is_known=value is not None)
        line = replace(line, expected=value or question.numbers.value_of(asked.left))
        if found is None and _is_of_numbers(asked.left) and _is_of_numbers(asked.right):
            return _named(line, ARITHMETIC)
        sources = (asked.left_source, asked.right_source)
        return line if found is None else _with(line, found, question, sources, value)
    except (RecursionError, NotImplementedError):
        return line


def _explaining(question: Question, ways: Sequence[Sides], *, is_known: bool) -> Slip | None:
    """The slip that explains a wrong line in one of the ways to read it; else, where it is not known, what is right."""
    looked: list[list[Looked]] = []
    for way in ways:
        looked.append(_looked(question, way) if way.sign == "=" else [])
        found = _slip(question, way, looked[-1], is_sure=False)
        if found is not None:
            return found
    every = reversed(list(zip(ways, looked, strict=True)))
    return None if is_known else next(filter(None, (corrected(question, way, seen) for way, seen in every)), None)


def _with(line: Line, found: Slip, question: Question, sources: Sequence[str], value: str | None = None) -> Line:
    """A wrong line with its slip and what would be right, which is `value` where that is known."""
    written = Written(question.ranges, question.context.givens, sources)
    words = [p if isinstance(p, str) else _part(p, written) for p in found.name]
    right = found.right
    if not value and not speaks_of_slopes(sources[-1]) and holds_derivative(right):
        # A derivative that the author would have worked out is shown as what it is.
        right = _by_case(question, in_names(right, question.context, question.ranges) or right)[0]
    return _named(replace(line, expected=value or written.whole(right)), "".join(words))


def _part(term: Expr, written: Written) -> str:
    """A part of the name of a slip; a number as a decimal beside decimals."""
    is_decimal = term.is_Rational and any(map(decimals_in, written.sources))
    return f"${numeral(term)}$" if is_decimal else written.part(term)


def _figure(question: Question, sides: Sides) -> str:
    """What is wrong with numbers on the right for a left side that is given; nothing where no one change mends them."""
    givens, ranges = question.context.givens, question.ranges
    letters = [i for i in ranges if i in free_symbols(sides.left)]
    found = wrong_entries(sides.left, sides.right_source, ranges, givens)
    is_shown = is_array_of_digits(sides.right_source) or sides.shown is not None
    formula = None if found or is_shown else lettered(sides.right_source, givens, ranges)
    places = None if formula is None else places_of([ranges[i] for i in letters])
    if formula is None or places is None:
        return found
    at = [{**formula.own, **dict(zip(letters, map(int, place), strict=True))} for place in places]
    exact, near = (
        Looked(sides.left, formula.formula, [Look(Stated(givens, {}), {}, own, n) for own in at], len(at))
        for n in (SAME, NEAR)
    )
    words = replace(_words(question, sides.left, S.Zero), literals=formula.numbers)
    ways = undone(formula.formula, ranges, words, near.spots) if near.spots and len(near.every) == len(at) else ()
    roughly: Slip | None = None
    for one in ways:
        right = put(one.right, formula.numbers)
        if near.agrees(right, len(at)):
            roughly = roughly or one
            if exact.agrees(right, len(at)):
                return formula.name(one.name, givens)
    return "" if roughly is None else formula.name(roughly.name, givens)


def _is_of_numbers(side: Expr) -> bool:
    """Whether a side is a number or an array of numbers."""
    return not quantities(side) and all(map(is_index, free_symbols(side)))


def explained_shape(line: Line, question: Question, left: Expr, source: str, right: Side, *, is_sure: bool) -> Line:
    """A wrong line whose right side does not fit in shape, with the slip that explains it and what would be right.

    Where it is not sure that the shape is what is amiss, a slip of shape alone explains it.
    """
    try:
        question = question.tied(left, left)
        turned = transposed(question, source, right.source, right.place)
        if turned is not None:
            one, there, meant = turned
            sources = (source, right.source)
            if one.name == TRANSPOSED:
                meant = Written(there.ranges, there.context.givens, sources).as_matrix(one.right) or meant
            return _with(line, one, there, sources, meant)
        if not is_sure:
            return line
        found = corrected(question, Sides(left, "=", left, source, "", False))
        return line if found is None else _with(line, found, question, (source, right.source))
    except (RecursionError, NotImplementedError):
        return line


def slip(question: Question, sides: Sides) -> Slip | None:
    """The first slip that explains a wrong line, which is proved without it; or None."""
    return _slip(question, sides, _looked(question, sides), is_sure=True) if sides.sign == "=" else None


def _slip(question: Question, sides: Sides, ways: Sequence[Looked], *, is_sure: bool) -> Slip | None:
    """The first slip that explains a line looked at in these ways; where not `is_sure`, one at all instances."""
    left, tried = sides.left, set[Expr]()
    undecided: list[tuple[Slip, Looked]] = []
    for one, looked in _slips(question, sides, ways):
        if one.right == sides.right or one.right in tried:
            continue
        is_itself = is_quantity(left) and (one.right == left or left in quantities(one.right) - quantities(sides.right))
        if is_itself or one.right == 0:
            # By itself nothing is explained, nor by a change that takes the whole side away.
            continue
        tried.add(one.right)
        answer = question.ask(left, "=", one.right).answer
        is_proved = answer == "proved" and not question.basis.is_vacuous(left, one.right)
        if is_proved or question.makes(left, one.right):
            return _telling(question, one, looked)
        undecided += [(one, looked)] if answer != "refuted" else []
        if len(tried) == MAX_ASKED:
            break
    told = question.with_derivation(left) if undecided and is_sure else question
    for one, looked in undecided if told is not question or not is_sure else ():
        if told.holds(left, one.right) if is_sure else _agrees(question, sides, one):
            return _telling(question, one, looked)
    return None


def _telling(question: Question, found: Slip, looked: Looked) -> Slip | None:
    """A slip; None where its right side is 0 whatever else it holds, because any factor of it could be added."""
    if found.right == 0 or not looked.vanishes(found.right):
        return found
    return None if question.ask(found.right, "=", S.Zero).answer == "proved" else found


def _agrees(question: Question, sides: Sides, found: Slip) -> bool:
    """Whether the left side is what a slip leads to at every instance that is drawn."""
    (left, right), _, worlds = drawn(question, (sides.left, found.right), DRAWN)
    compared = [separation(left, right, world) for world in worlds]
    return len(compared) > 1 and not any(c is not False for c in compared)


def _looked(question: Question, sides: Sides) -> list[Looked]:
    """The line at a few instances; where values leave but one, first without these.

    Where no instance of the facts is found, those of the definitions alone may show a slip.
    """
    givens, found = question.context.givens, list[Looked]()
    others = [replace(givens, values=())] if givens.values else []
    bare = replace(givens, values=(), facts=())
    for known in (givens, *others, bare):
        there = question
        if known is not givens:
            told = question.told if known is not bare else ()
            there = replace(question, context=Context(known, question.context.own), told=told)
        (left, _), slopes, worlds = drawn(there, (sides.left, sides.right), DRAWN)
        looked = Looked(left, sides.right, (Look(world, slopes, {}) for world in worlds), SCREENS)
        if looked.spots:
            found.insert(0, looked)
        if len(looked.spots) > 1 or (looked.spots and not givens.values):
            break
    return found


def corrected(question: Question, sides: Sides, looked: Sequence[Looked] = ()) -> Slip | None:
    """What the engine makes of a left side that the givens determine, and what it differs by from the right side.

    It is proved, where it is not seen to be so at several instances at which the line was looked at.
    """
    left, givens = sides.left, question.context.givens
    slopes = [t for t in subterms(left) if isinstance(t, D)]
    if any(not isinstance(s.of, D) and not givens.is_defined(s.of) for s in slopes) or not quantities(left):
        return None
    if question.told or loose(question.context, left):
        return None
    context, task = question.context, posed(question.ranges, left)
    if not slopes and not is_quantity(left):
        # What stands on both sides is not put in.
        shared = set(map(label_of, quantities(left))) & set(map(label_of, quantities(sides.right)))
        given = tuple(d for d in givens.definitions if d.label not in shared)
        context = Context(replace(givens, definitions=given), context.own)
    found = context.derived(task).result
    if found == left:
        found = _written_out(question, left, task.ranges)
    # The name of what stands on the left is no news.
    if found is None or found == left or (is_quantity(found) and not slopes):
        return None
    is_seen = bool(looked) and all(way.agrees(found, SCREENS) for way in looked)
    if not is_seen and not question.holds(left, found):
        told = question.with_derivation(left)
        if told is question or not told.holds(left, found):
            return None
    found = _primed(found)
    meant, other = _by_case(question, found)
    if meant != other and question.holds(other, sides.right):
        return Slip(("the wrong case",), meant)
    return Slip(difference(sides.right, meant, question.ranges), meant)


def _primed(term: Expr) -> Expr:
    r"""A term with the derivatives of functions at what these are differentiated by as \phi'(z)."""
    slopes = (t for t in subterms(term) if isinstance(t, D) and isinstance(t.of, Applied) and t.of.argument == t.wrt)
    return put(term, {t: Applied(t.of.label, t.of.order + 1, t.wrt) for t in slopes})


def _written_out(question: Question, term: Expr, ranges: Ranges) -> Expr | None:
    """An array, or a sum over one, by the entries that are given; None where these do not determine it."""
    found = S.Zero
    for place in places_of(list(ranges.values())) or ():
        at = dict(zip(ranges, place, strict=True))
        entry = unfolded(put(term, dict(at)), question.context.givens)
        if entry is None:
            return None
        found += entry * Mul(*(Delta(i, n) for i, n in at.items()))
    return found


def _by_case(question: Question, term: Expr) -> tuple[Expr, Expr]:
    """A term in the case that the conditions name, and the same in the other case."""
    if not question.conditions:
        return term, term
    meant: dict[Expr, Expr] = {}
    other: dict[Expr, Expr] = {}
    for t in subterms(term):
        ways: tuple[Expr, ...] = (S.One, S.Zero) if isinstance(t, Step | Delta) else ()
        if isinstance(t, Cases) and len(t.branches) == 1:
            ways = (t.branches[0][0], t.otherwise)
        at = next((n for n, way in enumerate(ways) if question.ask(t, "=", way).answer == "proved"), None)
        if at is not None:
            meant[t], other[t] = ways[at], ways[1 - at]
    return put(term, meant), put(term, other)


def difference(right: Expr, expected: Expr, ranges: Ranges) -> Text:
    """The one term or factor by which a wrong right side differs from what is expected, in words; else nothing."""
    if 0 in (right, expected):
        return ()
    term = (expected - right).expand()
    if _is_short(term) and not is_entry(term):
        return ("the term ", term, LEFT_OUT)
    unequal = _unequal(term, ranges)
    if unequal is not None:
        return ("the sum not split: its terms other than that of ", unequal, " left out")
    missing, extra = fraction(expected / right)
    if extra in (1, -1) and _is_short(missing):
        return ("the factor ", missing / extra, LEFT_OUT)
    if missing in (1, -1) and _is_short(extra):
        return ("the factor ", extra / missing, " too many")
    if is_quantity(missing) and is_quantity(extra):
        return (extra, " for ", missing)
    written, meant = (set(Add.make_args(side.expand())) for side in (right, expected))
    if len(written - meant) == len(meant - written) == 1 and written & meant:
        return difference(Add(*written - meant), Add(*meant - written), ranges)
    return ()


def _unequal(term: Expr, ranges: Ranges) -> Expr | None:
    """The letter k where a term is a sum over all i but for its member at k; None where it is none."""
    for part in Add.make_args(term):
        for sigma in (f for f in Mul.make_args(part) if isinstance(f, Sigma)):
            for k, run in sorted(ranges.items(), key=lambda pair: str(pair[0])):
                if run == Range(sigma.lo, sigma.hi) and (term - part + part / sigma * sigma.open(k)).expand() == 0:
                    return k
    return None


def _is_short(term: Expr) -> bool:
    return not term.is_Number and not term.is_Add and len(list(subterms(term))) <= MAX_SHORT


@dataclass(frozen=True)
class NumberSlip:
    """The name of a slip in a number, if it has one, and the number that is right, to as many places."""

    name: str
    number: str


def number_slip(question: Question, sides: Sides) -> NumberSlip | None:
    """What is wrong with a number on the right; None where it is none, or the givens do not determine the left side."""
    shown = sides.shown
    value = None if shown is None else enclosed(sides.left, question.context.givens)
    if shown is None or value is None:
        return None
    places = round(-log10(shown.unit)) if shown.unit < 1 else 0
    name = ""
    factors = [("a sign", Integer(-1)), ("a factor 2", Integer(2)), ("a factor 2", Rational(1, 2))]
    if any(isinstance(t, log) for t in subterms(sides.left)):
        factors += [("the base of the logarithm", Rational(b)) for b in (LN2, 1 / LN2, LN10, 1 / LN10)]
    for word, factor in factors:
        number, unit = factor * shown.value, max(factor, 1) * shown.unit
        # A number of one unit is near to any other one of about its size.
        near = unit if abs(number) > 2 * unit else EXACT
        if within(value, number - near, number + near):
            name = word
            break
    found = name or ("" if quantities(sides.left) else ARITHMETIC)
    if sides.right_source.rstrip(" .,").endswith("%"):
        value, places = value * 100, max(0, places - 2)
        return NumberSlip(found, decimal(value, max(places, _places_for(value))) + r"\%")
    return NumberSlip(found, decimal(value, places if _is_full(value, places) else _places_for(value)))


def _is_full(value: Value, places: int) -> bool:
    """Whether so many places say what a number is: all of it, or as many digits as are usually shown."""
    exact = isinstance(value, fmpq) and (value * 10**places).q == 1
    return exact or places >= _places_for(value)


def _places_for(value: Value) -> int:
    """To how many places a number has the digits that are usually shown."""
    size = abs(as_float(midpoint(value)))
    return max(0, SHOWN - 1 - floor(log10(size))) if size else 0


def _slips(question: Question, sides: Sides, ways: Sequence[Looked]) -> Iterator[tuple[Slip, Looked]]:
    """The slips that explain a line at all instances, those last that need the numbers as they are written."""
    right, ranges, givens = sides.right, question.ranges, question.context.givens
    said = frozenset(i for i in ranges if any(holds_letter(s, i) for s in (sides.left_source, sides.right_source)))
    words = replace(_words(question, sides.left, right), said=said)
    for looked in ways:
        yield from ((one, looked) for one in undone(right, ranges, words, looked.spots) if looked.agrees(one.right))
    is_read = bool(ways) and not is_array_of_digits(sides.right_source)
    formula = lettered(sides.right_source, givens, ranges) if is_read else None
    if formula is None or put(formula.formula, formula.numbers) != right:
        return
    words = replace(words, literals=formula.numbers)
    for looked in ways:
        there = tuple(spots_of(formula, looked.spots))
        for one in undone(formula.formula, ranges, words, there) if there else ():
            meant = put(one.right, formula.numbers)
            if looked.agrees(meant):
                yield replace(one, name=(formula.name(one.name, givens),), right=meant), looked


def _words(question: Question, left: Expr, right: Expr) -> Words:
    givens, names = question.context.givens, question.context.names(left, right)
    near = sorted(names, key=lambda s: s.name)[:MAX_LABELS]
    sizes = sorted(sizes_of(left, right, *(r.hi for s in near for r in givens.families.get(s, ()))), key=str)
    bodies = [left, right, *(d.body for s in near for d in givens.definitions_of(s))]
    inside, runs = [t for body in bodies for t in subterms(body)], sorted(question.ranges.items(), key=str)
    logs = {t for t in inside if isinstance(t, log) and t.args[0].is_Integer}
    heads = {type(t) for t in inside if isinstance(t, Function) and len(t.args) == 1} | {log, exp}
    heads |= {other for pair in SLOPES for other in pair if heads & pair}
    members = (
        t.open(i) for t in inside if isinstance(t, Sigma) and is_closed(t) for i, r in runs if r == Range(t.lo, t.hi)
    )
    terms = [p for body in bodies for p in Add.make_args(body)]
    factors = left.args if isinstance(left, Mul) else ()
    parts = (p for p in (*terms, *members, *factors) if p != left and is_closed(p) and _is_short(p))
    return Words(
        {s: tuple(givens.families.get(s, ())) for s in near},
        tuple(sizes),
        tuple(sorted(logs, key=str)),
        givens.letters,
        tuple(sorted(heads, key=str)),
        (*_slopes(question, left), *islice(dict.fromkeys(parts), MAX_PARTS)),
    )


def _slopes(question: Question, left: Expr) -> Iterator[Expr]:
    """The derivatives by the one of a derivative of what lies between its two quantities."""
    if not isinstance(left, D) or isinstance(left.of, D):
        return
    context, start = question.context, label_of(left.wrt)
    between = (context.below(start) & context.names(left.of)) - {label_of(left.of)}
    for label in sorted(between, key=lambda s: s.name)[:MAX_TERMS]:
        if isinstance(label, Symbol) and label not in context.givens.families:
            yield D(label, left.wrt)


def _named(line: Line, slip: str) -> Line:
    """A wrong line whose reason also names the slip."""
    if not slip:
        return line
    return replace(line, decision=replace(line.decision, reason=f"{line.decision.reason}{SLIP}{slip}"))


def is_of_the_pen(reason: str) -> bool:
    """Whether a reason names a slip that is a sign or a factor 2."""
    return reason.partition(SLIP)[2].startswith(("a sign", "the sign of ", "a factor 2"))


def is_slip(reason: str) -> bool:
    """Whether a reason names a slip that makes no other quantity, as one without a term may be that is also meant."""
    return SLIP in reason and not reason.endswith((LEFT_OUT, OUT_OF_PLACE))
