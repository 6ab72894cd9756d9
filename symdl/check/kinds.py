"""What the sentences of a proof say in words of the kind of a function or a point: convex, a local minimum, a saddle.

Such a claim has no relation sign.  It is judged by the second derivatives of what is given, in one and two variables;
every other one is passed over, and the report says so.
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
from symdl.language import D, free_symbols, quantities
from symdl.problem import Block, Decision, Givens, Relation, Symbolic
from symdl.read import read_expression

KIND = "the kind of a function or point, in words, is not judged here"
SECOND_DERIVATIVES = "by the first and second derivatives"

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
    r"|in|indeed|is|it|local|locally|loss|maximum|minimum|must|negative|now|objective|obviously|of|origin"
    r"|point|points|positive|saddle|second|see|since|so|stationary|strict|strictly|test|that|the|therefore"
    r"|this|thus|value|we|which|with|zero"
)
"""The words of a sentence that speaks of the whole function, or of all that lies near a point."""
_BOUNDS = re.compile(r"\s*\\?[A-Za-z]+\s*(?:[<>≤≥]|\\[lg](?:eq?|t)(?![a-z])|\\in(?![a-z]))")
_CALLED = re.compile(r"\s*(?P<name>\\?[A-Za-z]+)\s*(?:\([^()=]*\))?\s*")
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


def judged(kind: Kind, givens: Givens, asked: Callable[[tuple[Relation, ...]], Question]) -> Decision:
    """Whether the claim holds; `asked` makes the judge under conditions.  What is not told is unknown."""
    unknown = Decision("unknown", KIND)
    function = _function(kind, givens) if kind.is_sole and kind.is_strict else None
    if function is None:
        return unknown
    variables = _variables(function, givens)
    if not 1 <= len(variables) <= _MOST:
        return unknown
    word = kind.word.text.lower()
    if word in ("convex", "concave"):
        answer = _curved(kind, function, variables, asked(()))
    else:
        answer = _at_a_point(kind, function, variables, givens, asked)
    if answer == "refuted" and not _speaks_of_all(kind.sentence):
        return unknown
    return Decision(answer, SECOND_DERIVATIVES if answer != "unknown" else KIND)


def _speaks_of_all(sentence: Block) -> bool:
    """Whether a sentence says nothing that may restrict where its claim holds: neither a word nor a bound on a name."""
    words = _WORD.findall(without_formulas(sentence.text).lower())
    return all(map(_PLAIN.fullmatch, words)) and not any(_BOUNDS.match(f.text) for f, _ in formulas(sentence))


def _function(kind: Kind, givens: Givens) -> Symbol | None:
    """The one quantity of which the sentence speaks, or the only one that is given by a formula."""
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
    if not _CURVED.search(blank[:at]) or re.match(r"\s*[a-zA-Z\0]", blank[at + len(kind.word.text) :]):
        return "unknown"
    sign: Symbolic = ">=" if kind.word.text.lower() == "convex" else "<="
    second = _hessian(function, variables)
    asked: list[tuple[Expr, Symbolic]] = [(s, sign) for s in (second[0], second[-1])]
    if len(variables) == _MOST:
        asked.append((second[0] * second[2] - second[1] ** 2, ">="))
    answers = {question.ask(left, s, Integer(0)).answer for left, s in asked}
    return "refuted" if "refuted" in answers else "proved" if answers == {"proved"} else "unknown"


def _at_a_point(
    kind: Kind,
    function: Symbol,
    variables: tuple[Symbol, ...],
    givens: Givens,
    asked: Callable[[tuple[Relation, ...]], Question],
) -> _Answer:
    """Whether a point at which the first derivatives are 0 is of the kind that a sentence says."""
    said = {"mini": "minimum", "maxi": "maximum", "sadd": "saddle"}.get(kind.word.text.lower()[:4])
    place = _place(kind.sentence, variables, givens)
    bound = {q for f in givens.facts for side in f.relation.sides for q in quantities(side)}
    if said is None or place is None or bound & set(variables):
        return "unknown"
    there = asked(place)
    if any(there.ask(D(function, v), "=", Integer(0)).answer != "proved" for v in variables):
        return "unknown"
    second = _hessian(function, variables)
    signs = [_sign(second[0], there)]
    if len(variables) == _MOST:
        signs.append(_sign(second[0] * second[2] - second[1] ** 2, there))
    if len(signs) == _MOST and signs[-1] < 0:
        found = "saddle"
    elif 0 in signs:
        return "unknown"
    else:
        found = "minimum" if signs[0] > 0 else "maximum"
    return "proved" if found == said else "refuted"


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
