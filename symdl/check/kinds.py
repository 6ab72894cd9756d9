"""What the sentences of a proof say in words of the kind of something: convex, a local minimum, a saddle, definite.

Such a claim has no relation sign.  It is judged by the second derivatives of what is given, in one and two variables,
or by the minors of a matrix of numbers with two rows; every other one is passed over, and the report says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Literal

from sympy import Expr, Integer, Symbol

from symdl.check.question import Question
from symdl.check.words import formulas, points, sentences, without_formulas
from symdl.errors import SymdlError
from symdl.language import D, family, free_symbols, put, quantities
from symdl.problem import Block, Decision, Givens, Relation, Symbolic
from symdl.read import read_expression

KIND = "the kind of a function or point, in words, is not judged here"
SECOND_DERIVATIVES = "by the first and second derivatives"
MINORS = "by the minors of the matrix"
AGAINST = "the second derivative has the other sign, as its sentence says"

_SUPPOSES = re.compile(
    r"\b(?:if|when|whenever|unless|let|suppos\w*|assum\w*|would|could|should|might|may|whether|want|need"
    r"|show|prove|check|verify|for which|such that|recall|definition|called)\b",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\b(?:is|are|has|have|be|becomes?|remains?|attains?|(?P<gets>reaches|takes))\s+(?:[^\s.;:!?]+\s+){0,6}?"
    r"(?P<kind>minim(?:um|a|al|i[sz]ers?)|maxim(?:um|a|al|i[sz]ers?)|saddle|convex|concave|indefinite|smallest|largest"
    r"|least|greatest|(?:in|de)creas(?:ing|es)|monoton(?:e|ic|ous)|(?:positive|negative)[\s-]+(?:semi-?\s*)?definite)\b(?!\s*(?:likelihood|entropy|margin))"
    r"(?(gets)(?=\s+(?:value\s+)?(?:at|for|when|where|in)\b))",
    re.IGNORECASE,
)
"""What something gets at a place is claimed of this; that a step reaches the minimum is not."""
_CURVED = re.compile(r"\0+\s+is\s+(?:\w+ly\s+|hence\s+|thus\s+)?\Z", re.IGNORECASE)
_WIDER = re.compile(
    r"\b(?:global|absolute|unique|only|boundary|constrained?|conditional|not|n't|no|neither|nor|can|when|if)\b"
    r"|\bsubject to\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_PLAIN = re.compile(
    r"a|also|an|and|are|at|be|because|both|by|clearly|concave|consequently|convex|critical|definite"
    r"|derivative|determinant|eigenvalues|everywhere|extremum|fact|finally|function|has|have|hence|hessian"
    r"|greatest|in|indefinite|indeed|is|it|largest|least|likelihood|local|locally|loss|matrix|maximi[sz]er|maximum"
    r"|minimi[sz]er|minimum|must"
    r"|negative|now|objective|obviously|of|origin|point|points|positive|saddle|second|see|since|smallest|so|stationary"
    r"|strict|strictly|test|that|the|therefore|this|thus|value|we|which|with|zero"
)
"""The words of a sentence that speaks of the whole function, or of all that lies near a point."""
_ANOTHER = re.compile(r"\s*,?\s+and\s+\0")
_HERE = re.compile(r"\b(?:this|it|which)\s+is\b", re.IGNORECASE)
"""That a sentence speaks of the point that was found last."""
_EXTREMES = {
    "mini": "minimum", "smal": "minimum", "leas": "minimum", "maxi": "maximum", "larg": "maximum", "grea": "maximum",
    "sadd": "saddle",
}  # fmt: skip
"""What the beginnings of words say of a point."""
_BEST = re.compile(r"smallest|largest|least|greatest|(?:min|max)imi[sz]ers?", re.IGNORECASE)
"""What no second derivative shows, though it may deny it: that no other place has a better value."""
_NEAR = re.compile(r"\blocal(?:ly)?\b", re.IGNORECASE)
"""What asks for no more than what lies near a point."""
_DEFINITE: dict[str, tuple[Symbolic, Symbolic]] = {"positive": (">", ">"), "negative": ("<", ">")}
"""How the first entry and the determinant of a definite matrix compare with 0."""
_BOUNDS = re.compile(r"\s*\\?[A-Za-z]+\s*(?:[<>≤≥]|\\[lg](?:eq?|t)(?![a-z])|\\in(?![a-z]))")
_CALLED = re.compile(r"\s*(?P<name>\\?[A-Za-z]+)\s*(?:\([^()=]*\))?\s*")
_MADE = re.compile(r"(?=[^=<>]*[A-Za-z])[^=<>]*(?:[-+/]|\\(?:log|ln|exp|sqrt|[dt]?frac)(?![A-Za-z]))[^=<>]*")
_NEGATED = re.compile(r"\bnegative\s+(?:of|loss|function|objective|value|likelihood|log)\b", re.IGNORECASE)
_CONCLUDES = re.compile(
    r"(?:\b(?:so|hence|thus|therefore|and)\b[\s,]*(?:that )?|,\s*)"
    r"(?:this|it|that|which|(?:(?:the|this|that)\s+)?(?:(?:unique|stationary|critical|only)\s+)*(?:point\s*)?\0*)\s+"
    r"(?:is|are)\s+(?:indeed\s+)?(?:an?\s+|the\s+)?(?:(?:strict|local|global|unique)\s+)*\Z",
    re.IGNORECASE,
)
"""Leads from the sign of a second derivative to the kind of the point that the sentence speaks of."""
_SECOND = re.compile(
    r"(?:''|\^\{?\\prime\s*\\prime|\\(?:partial|nabla)\s*\^\{?2|\bd\s*\^\{?2)[^<>]{0,300}(?P<sign>[<>])\s*0\s*\Z"
)
"""A formula that says of a second derivative on which side of 0 it lies."""
_SECOND_IN_WORDS = re.compile(
    r"\b(?:second derivative|Hessian|curvature)\b(?:(?!\b(?:not|no|never|minus|opposite)\b)[^,;:]){0,80}?"
    r"\bis\s+(?:\w+ly\s+|always\s+)?(?P<sign>negative|positive)\b",
    re.IGNORECASE,
)
_DENIES = re.compile(r"\b(?:not|n't|no|never|neither|nor|but|while|whereas|instead|rather)\b", re.IGNORECASE)
_PLACE = re.compile(r"\s*\(\s*(?P<first>[^(),]+),\s*(?P<second>[^(),]+)\)\s*")
_Answer = Literal["proved", "refuted", "unknown"]
_MOST = 2
"""In how many variables a function is judged."""


@dataclass(frozen=True)
class Kind:
    """A claim of a sentence: the word for the kind, as a block with its place, and the sentence.

    `is_sole` says that the sentence holds no other such claim, and `is_strict` that nothing around the word denies it,
    or asks for more than what lies near a point.
    """

    word: Block
    sentence: Block
    is_sole: bool
    is_strict: bool


def kinds(block: Block) -> Iterator[Kind]:
    """What the sentences of a paragraph claim of kinds; none that one only supposes, asks or denies."""
    for sentence in sentences(block):
        blank = without_formulas(sentence.text, "\0")
        found = [m for m in _SAYS.finditer(blank) if "?" not in blank and not _SUPPOSES.search(blank[: m.end()])]
        for m in found:
            place = sentence.place.behind(sentence.text[: m.start("kind")])
            yield Kind(Block("words", m["kind"], place), sentence, len(found) == 1, not _WIDER.search(blank))


def is_given(kind: Kind, blocks: Sequence[Block]) -> bool:
    """Whether the givens hold the word, so that the sentence may only say it again."""
    return any(kind.word.text.lower() in b.text.lower() for b in blocks)


def judged(
    kind: Kind, givens: Givens, found: Sequence[Relation], asked: Callable[[tuple[Relation, ...]], Question]
) -> Decision:
    """Whether the claim holds; `asked` makes the judge under conditions.  What is not told is unknown.

    `found` are the numbers that were found last for quantities, as equations.
    """
    unknown = Decision("unknown", KIND)
    if _is_against(kind):
        return Decision("refuted", AGAINST)
    if not (kind.is_sole and kind.is_strict):
        return unknown
    reason, word = SECOND_DERIVATIVES, kind.word.text.lower()
    if "definite" in word:
        reason, answer = MINORS, _definite(kind, givens, asked(()))
    else:
        function = _function(kind, givens)
        variables = () if function is None else _variables(function, givens)
        if function is None or not 1 <= len(variables) <= _MOST:
            return unknown
        if word in ("convex", "concave"):
            answer = _curved(kind, function, variables, asked(()))
        else:
            answer = _at_a_point(kind, function, variables, givens, found, asked)
    if answer == "refuted" and not (_speaks_of_all(kind) and _is_of_what_is_given(kind)):
        return unknown
    return Decision(answer, reason if answer != "unknown" else KIND)


def _is_against(kind: Kind) -> bool:
    """Whether a clause concludes from a negative second derivative that a point is a minimum, or the other way round.

    What it may conclude of another function, as `of $-f$` says, is left out.
    """
    said = _EXTREMES.get(kind.word.text.lower()[:4])
    text, blank = kind.sentence.text, without_formulas(kind.sentence.text, "\0")
    at = kind.word.place.offset_in(text, kind.sentence.place)
    start = blank.rfind(";", 0, at) + 1
    leads = _CONCLUDES.search(blank[start:at])
    goes_on = re.match(r"\s+(?:of|for|in)\b", blank[at + len(kind.word.text) :])
    if said not in ("minimum", "maximum") or leads is None or goes_on or _DENIES.search(blank[start:at]):
        return False
    signs = {
        "<" if m["sign"] == "negative" else ">" for m in _SECOND_IN_WORDS.finditer(blank[start : start + leads.start()])
    }
    for formula, _ in formulas(kind.sentence):
        if not start <= formula.place.offset_in(text, kind.sentence.place) < start + leads.start():
            continue
        if formula.text.lstrip().startswith("-"):
            # The second derivative of -f, or its negative, says the contrary of f.
            return False
        found = _SECOND.search(formula.text.strip())
        if found is not None:
            signs.add(found["sign"])
    return signs == ({"<"} if said == "minimum" else {">"})


def _speaks_of_all(kind: Kind) -> bool:
    """Whether a sentence says nothing that may restrict where its claim holds: neither a word nor a bound on a name.

    What a formula begins behind the claim, as in `f is convex and $f'(0) = 0$ exactly`, is another claim.
    """
    sentence = kind.sentence
    blank = without_formulas(sentence.text, "\0")
    after = kind.word.place.offset_in(sentence.text, sentence.place) + len(kind.word.text)
    joined = _ANOTHER.match(blank, after)
    words = _WORD.findall(blank[:after] if joined is not None else blank.replace("\0", " "))
    is_bound = any(_BOUNDS.match(f.text) for f, _ in formulas(sentence))
    return all(_PLAIN.fullmatch(word.lower()) for word in words) and not is_bound


def _is_of_what_is_given(kind: Kind) -> bool:
    """Whether a sentence speaks of what is given: where a likelihood is greatest, its negative is least."""
    is_greatest = _EXTREMES.get(kind.word.text.lower()[:4]) == "maximum"
    return not (is_greatest and re.search("likelihood", kind.sentence.text, re.IGNORECASE))


def _function(kind: Kind, givens: Givens) -> Symbol | None:
    """The one quantity of which the sentence speaks, or the only one that is given by a formula.

    There is none where it speaks of what is made of one, as in `the maximum of $-f$`.
    """
    spoken = [f.text for f, _ in formulas(kind.sentence) if not _PLACE.fullmatch(f.text)]
    if any(map(_MADE.fullmatch, spoken)) or _NEGATED.search(without_formulas(kind.sentence.text)):
        return None
    defined = {d.label.name: d.label for d in givens.definitions if not d.pattern}
    names = [m["name"] for f, _ in formulas(kind.sentence) if (m := _CALLED.fullmatch(f.text))]
    found = {defined[name] for name in names if name in defined}
    if not names and len(defined) == 1:
        found = set(defined.values())
    return found.pop() if len(found) == 1 else None


def _variables(function: Symbol, givens: Givens) -> tuple[Symbol, ...]:
    """The free scalars by which a function is differentiated; none where its formula rests on anything else."""
    body = next(d.body for d in givens.definitions if d.label == function)
    said = givens.arguments.get(function, ())
    variables = said or tuple(sorted(free_symbols(body), key=str))
    if not quantities(body) <= {v for v in variables if isinstance(v, Symbol)}:
        return ()
    return tuple(v for v in variables if isinstance(v, Symbol) and not givens.is_defined(v))


def _hessian(function: Symbol, variables: tuple[Symbol, ...]) -> list[Expr]:
    """The entries of the Hessian above its diagonal and on it, row by row."""
    return [D(D(function, a), b) for a, b in combinations_with_replacement(variables, 2)]


def _curved(kind: Kind, function: Symbol, variables: tuple[Symbol, ...], question: Question) -> _Answer:
    """Whether a function is convex or concave, as a sentence says of its name."""
    blank = without_formulas(kind.sentence.text, "\0")
    at = kind.word.place.offset_in(kind.sentence.text, kind.sentence.place)
    after = at + len(kind.word.text)
    goes_on = re.compile(r"\s*[a-zA-Z\0]").match(blank, after) and not _ANOTHER.match(blank, after)
    if not _CURVED.search(blank[:at]) or goes_on:
        return "unknown"
    sign: Symbolic = ">=" if kind.word.text.lower() == "convex" else "<="
    second = _hessian(function, variables)
    asked: list[tuple[Expr, Symbolic]] = [(s, sign) for s in (second[0], second[-1])]
    if len(variables) == _MOST:
        asked.append((second[0] * second[2] - second[1] ** 2, ">="))
    answers = {question.ask(left, s, Integer(0)).answer for left, s in asked}
    return "refuted" if "refuted" in answers else "proved" if answers == {"proved"} else "unknown"


def _definite(kind: Kind, givens: Givens, question: Question) -> _Answer:
    """Whether the one matrix of numbers that a sentence names, symmetric and with two rows, is definite as it says."""
    named = [label for f, _ in formulas(kind.sentence) for label in givens.families if label.name == f.text.strip()]
    is_small = len(named) == 1 and [(r.lo, r.hi) for r in givens.families[named[0]]] == [(1, _MOST)] * 2
    word = kind.word.text.lower()
    signs = _DEFINITE.get(word.split()[0]) if "semi" not in word else None
    if not is_small or (signs is None and word != "indefinite"):
        return "unknown"
    a, b, c, d = (family(named[0], Integer(i), Integer(j)) for i in (1, 2) for j in (1, 2))
    if question.ask(b, "=", c).answer != "proved":
        return "unknown"
    minors: list[tuple[Expr, Symbolic]] = [(a * d - b * c, "<")]
    if signs is not None:
        minors = list(zip((a, a * d - b * c), signs, strict=True))
    answers = {question.ask(minor, sign, Integer(0)).answer for minor, sign in minors}
    return "refuted" if "refuted" in answers else "proved" if answers == {"proved"} else "unknown"


def _at_a_point(
    kind: Kind,
    function: Symbol,
    variables: tuple[Symbol, ...],
    givens: Givens,
    found: Sequence[Relation],
    asked: Callable[[tuple[Relation, ...]], Question],
) -> _Answer:
    """Whether a point at which the first derivatives are 0 is of the kind that a sentence says."""
    said = _EXTREMES.get(kind.word.text.lower()[:4])
    place = _place(kind.sentence, variables, givens)
    if place is None and _HERE.search(kind.sentence.text):
        place = tuple(r for v in variables for r in found if r.lhs == v)
    closed = (f.relation for f in givens.facts if f.relation.sign not in ("<", ">", "!="))
    bound = {q for r in closed for side in r.sides for q in quantities(side)}
    if said is None or not place or len(place) != len(variables) or bound & set(variables):
        return "unknown"
    there = asked(place)
    if any(there.ask(D(function, v), "=", Integer(0)).answer != "proved" for v in variables):
        return "unknown"
    second = _hessian(function, variables)
    signs = [_sign(second[0], there)]
    if len(variables) == _MOST:
        signs.append(_sign(second[0] * second[2] - second[1] ** 2, there))
    if len(signs) == _MOST and signs[-1] < 0:
        kind_of = "saddle"
    elif 0 in signs:
        return "unknown"
    else:
        kind_of = "minimum" if signs[0] > 0 else "maximum"
    if kind_of != said:
        return "refuted"
    if not _BEST.fullmatch(kind.word.text) or _NEAR.search(kind.sentence.text):
        return "proved"
    return "proved" if _is_best(function, place, said, asked(())) else "unknown"


def _is_best(function: Symbol, place: Sequence[Relation], said: str, question: Question) -> bool:
    """Whether a function is proved to be nowhere less, or nowhere greater, than at a place."""
    value = question.context.givens.definitions_of(function)[0].body
    best = put(value, {r.lhs: r.rhs for r in place})
    return question.ask(value, ">=" if said == "minimum" else "<=", best).answer == "proved"


def _sign(term: Expr, question: Question) -> int:
    """1 or -1 where a sign is proved, else 0."""
    if question.ask(term, ">", Integer(0)).answer == "proved":
        return 1
    return -1 if question.ask(term, "<", Integer(0)).answer == "proved" else 0


def _place(sentence: Block, variables: tuple[Symbol, ...], givens: Givens) -> tuple[Relation, ...] | None:
    """The only point that a sentence names, an equation for each variable."""
    named = tuple(points(sentence, givens))
    found = [named] if named else []
    for formula, _ in formulas(sentence):
        pair = _PLACE.fullmatch(formula.text)
        if pair is not None and len(variables) == _MOST:
            try:
                ends = [read_expression(pair[x], givens, {}) for x in ("first", "second")]
            except SymdlError:
                return None
            found.append(tuple(Relation(v, "=", end) for v, end in zip(variables, ends, strict=True)))
    if re.search(r"\borigin\b", sentence.text):
        found.append(tuple(Relation(v, "=", Integer(0)) for v in variables))
    places = {p for p in found if len(p) == len(variables) and {r.lhs for r in p} == set(variables)}
    return places.pop() if len(places) == len(set(found)) == 1 else None
