"""What the sentences of a proof say in words of the kind of something: convex, a local minimum, a saddle, definite.

Such a claim has no relation sign; `curvature` judges it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter, methodcaller

from sympy import Integer, Symbol

from symdl.check.words import formulas, points, read_formula, relations, sentences, without_formulas
from symdl.errors import SymdlError
from symdl.problem import Block, Givens, Relation
from symdl.read import read_expression
from symdl.read.inline import inline

KIND = "the kind of a function or point, in words, is not judged here"
"""Said of a claim of which it is not understood what it is about."""
EXTREMES = {
    "mini": "minimum", "smal": "minimum", "leas": "minimum", "maxi": "maximum", "larg": "maximum", "grea": "maximum",
    "sadd": "saddle",
}  # fmt: skip
"""What the beginnings of words say of a point."""

_SUPPOSES = re.compile(
    r"\b(?:if|when|whenever|unless|let|suppos\w*|assum\w*|would|could|should|might|may|whether|want|need"
    r"|show|prove|check|verify|for which|such that|recall|definition|called)\b",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\b(?:is|are|has|have|be|becomes?|remains?|attains?|(?P<gets>reaches|takes))\s+(?:[^\s.,;:!?]+\s+){0,6}?"
    r"(?P<kind>minim(?:um|a|al|i[sz]ers?)|maxim(?:um|a|al|i[sz]ers?)|saddle|convex|concave|indefinite|smallest|largest"
    r"|least|greatest|(?:in|de)creas(?:ing|es)|monoton(?:e|ic|ous)|(?:positive|negative)[\s-]+(?:semi-?\s*)?definite)\b"
    r"(?!\s*(?:likelihood|entropy|margin|(?:value|rate|point|\0+)\s+(?:is|are)\b))"
    r"(?(gets)(?=\s+(?:value\s+)?(?:at|for|when|where|in)\b))",
    re.IGNORECASE,
)
"""What something gets at a place is claimed of this; that a step reaches the minimum is not.

`and the minimal value is 3` says of the next formula what it is.
"""
_GETS = re.compile(
    r"\bthe\s+(?:global\s+|local\s+|only\s+|unique\s+)?(?P<kind>(?:min|max)imum)\s+(?:value\s+)?(?:of\s+\0+\s+)?"
    r"(?P<verb>is)\s+(?:attained|reached|achieved|located|taken)\s+(?:at|for|where)\b",
    re.IGNORECASE,
)
"""That an extremum is attained where the proof has found it."""
_CLAUSE = re.compile(
    r";|(?:,\s*|(?<=\s))\b(?:(?:and\s+)?(?:so|hence|thus|therefore|consequently)\b"
    r"|and(?=\s+\0+\s+(?:is|are|has)\b))",
    re.IGNORECASE,
)
"""Begins what a sentence concludes, or says beside it."""
_LEADS = re.compile(r"^(?:[\s,;]|and\b|so\b|hence\b|thus\b|therefore\b|consequently\b)*", re.IGNORECASE)
_CURVED = re.compile(r"(?:\b[a-z]+|\0)\s+is\s+(?:(?P<adverb>\w+ly)\s+|hence\s+|thus\s+)?\Z", re.IGNORECASE)
_RESTRICTS = re.compile(
    r"\s*(?:in|on|for|when|if|where|near|around|along|between|only|provided|up|at|with|within|until|unless|inside"
    r"|outside|there|here|but|except|combination|set|hull|problem|function|or|nor)\b",
    re.IGNORECASE,
)
"""Goes on from a kind with where it holds, or with what else it is the kind of."""
_ARGUMENTS = re.compile(
    r"\s*(?:in|as a function of)\s+(?:both\s+)?(?:(?:the\s+)?[a-z]+\s+)?\0+(?:(?:\s*,)?\s*(?:and\s+)?\0+)*",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:boundary|constrained?|conditional|not|n't|no|neither|nor|can|when|if)\b|\bsubject to\b", re.IGNORECASE
)
_ONLY = re.compile(r"\b(?:global|absolute|unique|only)\b", re.IGNORECASE)
"""What is more than what lies near a point."""
_STRICT = re.compile(r"\bstrict\b", re.IGNORECASE)
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
_HERE = re.compile(
    r"\b(?:this|it|which|(?:the|this|that)\s+(?:(?:stationary|critical|only|unique)\s+)*(?:point|solution|estimate)"
    r"(?:\s+\0+)?)\s+is\b",
    re.IGNORECASE,
)
"""That a sentence speaks of the point that was found last."""
_BEST = re.compile(r"smallest|largest|least|greatest|(?:min|max)imi[sz]ers?", re.IGNORECASE)
"""What no second derivative shows, though it may deny it: that no other place has a better value."""
_THE = re.compile(r"\b(?:its|the)\s+(?:global\s+)?\Z", re.IGNORECASE)
_NEAR = re.compile(r"\blocal(?:ly)?\b", re.IGNORECASE)
"""What asks for no more than what lies near a point."""
_DESCRIBED = re.compile(
    r"\b(?:(?:the|this|our)\s+(?:(?!negative)[a-z-]+\s+){0,2}?"
    r"(?:function|loss|objective|cost|risk|error|criterion|log[-\s]?(?:likelihood|posterior))|it|this|which|that)\s*\Z",
    re.IGNORECASE,
)
_ANOTHER_FUNCTION = re.compile(r"\b(?:loss|cost|objective|risk|energy|negative|opposite|minus)\b", re.IGNORECASE)
_AT = re.compile(r"\b(?:at|here|there)\b", re.IGNORECASE)
_LIKELIHOOD = re.compile(r"(?<!\blog[ -])\blikelihood\b", re.IGNORECASE)
"""What has its extrema where its logarithm has them, and bends otherwise."""
_HESSIAN = re.compile(r"\b(?:Hessian|second derivatives?)\b", re.IGNORECASE)
_NABLA = re.compile(r"\\nabla\s*(?:_\s*(?:\{[^{}]*\}|\\?[A-Za-z]+)\s*)?\^\s*\{?\s*2")
_BOUNDS = re.compile(r"\s*\\?[A-Za-z]+\s*(?:[<>≤≥]|\\[lg](?:eq?|t)(?![a-z])|\\in(?![a-z]))")
_FOR_WHAT = re.compile(r"\s*for\s+(?:all\s+|any\s+|every\s+)?\0", re.IGNORECASE)
_FOR = re.compile(r"\b(?:for|with|as|since|because)\s+(?:all\s+|any\s+|every\s+)?\Z", re.IGNORECASE)
_CALLED = re.compile(r"\s*(?P<name>\\?[A-Za-z]+)\s*(?:\([^()=]*\))?\s*")
_MADE = re.compile(r"(?=[^=<>]*[A-Za-z])[^=<>]*(?:[-+/]|\\(?:log|ln|exp|sqrt|[dt]?frac)(?![A-Za-z]))[^=<>]*")
_SUBJECT = re.compile(
    r"(?:.*(?:[,;:.]|\b(?:that|and|as|because|since|where|then|so|hence|thus|therefore|follows|case|for\s+\0+))\s+)?"
    r"(?:(?:the|this|our|whole|given|total|scalar|regulari[sz]ed|quadratic|logistic|convex|smooth|resulting|log[-\s]?likelihood"
    r"|loss|objective|cost|function|risk|error|criterion|energy|likelihood|problem|matrix|hessian)\s+)*\0+\s*",
    re.IGNORECASE | re.DOTALL,
)
"""Words that end in a name of which something is said, and not of what is made of it: `the derivative of $f$`."""
_MADE_IN_WORDS = re.compile(
    r"\b(?:reciprocal|inverse|product|quotient|ratio|square|root|sum|difference|opposite|composition|exponential"
    r"|logarithm|(?<!second )derivative|slope|gradient)\s+(?:of|and)\b",
    re.IGNORECASE,
)
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
_NUMBER = re.compile(r"(?:\\[dt]?frac|\\sqrt|[\d\s{}()+/.,-])+")
_PAIR = 2


@dataclass(frozen=True)
class Kind:
    """A claim of a sentence: the word for the kind, as a block with its place, the verb, its clause, and the sentence.

    `is_sole` says that the clause holds no other such claim.
    """

    word: Block
    verb: str
    clause: Block
    sentence: Block
    is_sole: bool

    @cached_property
    def blank(self) -> str:
        """The clause with a sign for each character of its formulas."""
        return without_formulas(self.clause.text, "\0")

    @cached_property
    def start(self) -> int:
        """Where the word begins in the clause."""
        return self.word.place.offset_in(self.clause.text, self.clause.place)

    @property
    def end(self) -> int:
        return self.start + len(self.word.text)

    @cached_property
    def verb_at(self) -> int:
        """Where the verb begins in the clause; -1 where it stands behind the word."""
        return self.blank.rfind(self.verb, 0, self.start)

    def place_of(self, formula: Block) -> int:
        """Where a formula begins in the clause."""
        return formula.place.offset_in(self.clause.text, self.clause.place)

    @property
    def sides(self) -> tuple[str, str]:
        """What the clause says stands left and right of its verb, as LaTeX."""
        at, text = self.verb_at, self.clause.text
        if at < 0:
            return _as_latex(_LEADS.sub("", text[: self.end], count=1)), r"\text{attained}"
        return _as_latex(_LEADS.sub("", text[:at], count=1)), _as_latex(text[at + len(self.verb) : self.end])

    @property
    def subject(self) -> Block | None:
        """The formula right before the verb."""
        before = [f for f in self.formulas if self.place_of(f) < self.verb_at]
        return before[-1] if before and self.blank[: self.verb_at].rstrip().endswith("\0") else None

    @property
    def is_plain(self) -> bool:
        """Whether nothing around the word denies it or asks for a place where else it may be so."""
        return not _ELSEWHERE.search(self.blank)

    @property
    def is_only(self) -> bool:
        """Whether more is said than what lies near a point."""
        return bool(_ONLY.search(self.blank))

    @property
    def is_strict(self) -> bool:
        """Whether it is said that all others near a point are worse."""
        return bool(_STRICT.search(self.blank, 0, self.start))

    @property
    def is_best(self) -> bool:
        """Whether it is said that no other place has a better value."""
        is_the_best = bool(_BEST.fullmatch(self.word.text) or _THE.search(self.blank[: self.start]))
        return is_the_best and not _NEAR.search(self.clause.text)

    @cached_property
    def formulas(self) -> tuple[Block, ...]:
        """The formulas of the clause."""
        return tuple(f for f, _ in formulas(self.clause))

    def names(self) -> tuple[str, ...] | None:
        """The names that the clause speaks of; None where it speaks of what is made of one, as the maximum of -f."""
        spoken = [f.text for f in self.formulas if not (_PLACE.fullmatch(f.text) or _NUMBER.fullmatch(f.text))]
        words = without_formulas(self.clause.text)
        if any(map(_MADE.fullmatch, spoken)) or _NEGATED.search(words) or _MADE_IN_WORDS.search(words):
            return None
        return tuple(m["name"] for f in self.formulas if (m := _CALLED.fullmatch(f.text)))

    def is_said_of(self, name: str) -> bool:
        """Whether a name, and nothing made of it, stands left of the verb."""
        found = _CALLED.fullmatch(self.subject.text) if self.subject is not None else None
        return found is not None and found["name"] == name and bool(_SUBJECT.fullmatch(self.blank[: self.verb_at]))

    def is_described(self) -> bool:
        """Whether a function without its name, or what was spoken of before, stands left of the verb."""
        return bool(_DESCRIBED.search(self.blank, 0, self.verb_at))

    def is_of_what_was_found(self) -> bool:
        """Whether the clause speaks of the point that was found last."""
        return bool(_HERE.search(self.blank) or _GETS.search(self.blank))

    def is_of_hessian(self) -> bool:
        """Whether the sentence speaks of a matrix of second derivatives."""
        return bool(_HESSIAN.search(self.sentence.text) or _NABLA.search(self.sentence.text))

    def is_of_a_place(self) -> bool:
        """Whether the sentence speaks of a place rather than of all."""
        return bool(_AT.search(without_formulas(self.sentence.text)))

    def arguments(self) -> tuple[str, ...]:
        """The names in which a function is said to be convex: `convex in $w$ and $b$`."""
        listed = _ARGUMENTS.match(self.blank, self.end)
        if listed is None:
            return ()
        inside = (f for f in self.formulas if listed.start() < self.place_of(f) < listed.end())
        texts = [f.text.strip().strip("()") for f in inside]
        return tuple(part.strip() for text in texts for part in re.split(r",|\\text\s*\{\s*and\s*\}", text))

    def adverb(self) -> str | None:
        """How a function is said to be bent, `strictly`; None where it is not plainly said of a function as a whole."""
        found = _CURVED.search(self.blank[: self.start])
        goes_on = _RESTRICTS.match(self.blank, self.end) or re.match(r"\s*\0", self.blank[self.end :])
        if (
            found is None
            or _LIKELIHOOD.search(self.blank)
            or (goes_on and not _ARGUMENTS.match(self.blank, self.end) and not self.is_bounded())
        ):
            return None
        return (found["adverb"] or "").lower()

    def is_bounded(self) -> bool:
        """Whether the word goes on with a bound on a parameter: `for $\\lambda > 0$`."""
        behind = [f for f in self.formulas if self.place_of(f) > self.end]
        return bool(behind and _FOR_WHAT.match(self.blank, self.end) and _BOUNDS.match(behind[0].text))

    def conditions(self, givens: Givens) -> Iterator[tuple[Relation, Block]]:
        """The bounds on free names under which the sentence says what it claims, each with its formula."""
        for formula, before in formulas(self.sentence):
            if not _FOR.search(before) or not _BOUNDS.match(formula.text):
                continue
            with suppress(SymdlError):
                for chain in read_formula(formula, givens, {}):
                    for r in relations(chain, {}):
                        if isinstance(r.lhs, Symbol) and r.rhs.is_number and not givens.is_defined(r.lhs):
                            yield r, formula

    def place(self, variables: Sequence[Symbol], givens: Givens) -> tuple[Relation, ...] | None:
        """The only point that the clause names, or else the sentence, an equation for each variable."""
        found = _places(self.clause, variables, givens) or _places(self.sentence, variables, givens)
        places = {p for p in found or () if len(p) == len(variables) and {r.lhs for r in p} == set(variables)}
        return places.pop() if found and len(places) == len(set(found)) == 1 else None

    def speaks_of_all(self) -> bool:
        """Whether nothing in the sentence may restrict where the claim holds: neither a word nor a bound on a name.

        What a formula begins behind the claim, as in `f is convex and $f'(0) = 0$ exactly`, is another claim.
        """
        blank = without_formulas(self.sentence.text, "\0")
        after = self.word.place.offset_in(self.sentence.text, self.sentence.place) + len(self.word.text)
        joined = _ANOTHER.match(blank, after)
        words = _WORD.findall(blank[:after] if joined is not None else blank.replace("\0", " "))
        is_bound = any(_BOUNDS.match(f.text) for f, _ in formulas(self.sentence))
        return all(_PLAIN.fullmatch(word.lower()) for word in words) and not is_bound

    def is_of_what_is_given(self) -> bool:
        """Whether the sentence speaks of what is given: where a likelihood is greatest, its negative is least."""
        is_greatest = EXTREMES.get(self.word.text.lower()[:4]) == "maximum"
        return not (is_greatest and re.search("likelihood", self.sentence.text, re.IGNORECASE))

    def is_against(self) -> bool:
        """Whether a clause concludes from a negative second derivative that a point is a minimum, or the other way.

        What it may conclude of another function, as `of $-f$` says, is left out.
        """
        said = EXTREMES.get(self.word.text.lower()[:4])
        text, blank = self.sentence.text, without_formulas(self.sentence.text, "\0")
        at = self.word.place.offset_in(text, self.sentence.place)
        start = blank.rfind(";", 0, at) + 1
        leads = _CONCLUDES.search(blank[start:at])
        goes_on = re.match(r"\s+(?:of|for|in)\b", blank[at + len(self.word.text) :])
        if said not in ("minimum", "maximum") or leads is None or goes_on or _DENIES.search(blank[start:at]):
            return False
        words = blank[start : start + leads.start()]
        if _ANOTHER_FUNCTION.search(blank.replace("negative definite", "").replace("is negative", "")):
            return False
        signs = {"<" if m["sign"] == "negative" else ">" for m in _SECOND_IN_WORDS.finditer(words)}
        for formula, _ in formulas(self.sentence):
            if not start <= formula.place.offset_in(text, self.sentence.place) < start + leads.start():
                continue
            if formula.text.lstrip().startswith("-"):
                # The second derivative of -f, or its negative, says the contrary of f.
                return False
            found = _SECOND.search(formula.text.strip())
            if found is not None:
                signs.add(found["sign"])
        return signs == ({"<"} if said == "minimum" else {">"})


def kinds(block: Block) -> Iterator[Kind]:
    """What the sentences of a paragraph claim of kinds; none that one only supposes, asks or denies."""
    for sentence in sentences(block):
        blank = without_formulas(sentence.text, "\0")
        supposed = _SUPPOSES.search(blank)
        known = len(blank) if supposed is None else supposed.end() - 1
        said = sorted([*_SAYS.finditer(blank), *_GETS.finditer(blank)], key=methodcaller("start", "kind"))
        found = [m for m in said if "?" not in blank and m.end() <= known]
        bounds = _bounds(blank, [m.start("kind") for m in found])
        clauses = [(bisect_right(bounds, m.start("kind")), m) for m in found]
        for n, group in groupby(clauses, itemgetter(0)):
            within = [m for _, m in group]
            start, end = bounds[n - 1], bounds[n]
            clause = Block("words", sentence.text[start:end], sentence.place.behind(sentence.text[:start]))
            for m in within:
                place = sentence.place.behind(sentence.text[: m.start("kind")])
                verb = m.groupdict().get("verb") or m[0].split(maxsplit=1)[0]
                yield Kind(Block("words", m["kind"], place), verb, clause, sentence, len(within) == 1)


def _places(words: Block, variables: Sequence[Symbol], givens: Givens) -> list[tuple[Relation, ...]]:
    """The points that words name, each as equations; none where one of them cannot be read."""
    named = tuple(points(words, givens))
    found = [named] if named else []
    pairs = [_PLACE.fullmatch(f.text) for f, _ in formulas(words)] if len(variables) == _PAIR else []
    for pair in pairs:
        if pair is None:
            continue
        try:
            ends = [read_expression(pair[x], givens, {}) for x in ("first", "second")]
        except SymdlError:
            return []
        found.append(tuple(Relation(v, "=", end) for v, end in zip(variables, ends, strict=True)))
    if re.search(r"\borigin\b", words.text):
        found.append(tuple(Relation(v, "=", Integer(0)) for v in variables))
    return found


def _bounds(blank: str, claims: Sequence[int]) -> list[int]:
    """Where the clauses of a sentence begin, and where it ends; `claims` are the places of its claims.

    An `and` begins a clause behind a claim only: the product of $x$ and $f$ is one thing.
    """
    found = [0]
    for m in _CLAUSE.finditer(blank) if claims else ():
        if not m[0].lower().endswith("and") or bisect_left(claims, found[-1]) < bisect_left(claims, m.start()):
            found.append(m.start())
    return [*found, len(blank)]


def _as_latex(text: str) -> str:
    """A piece of a sentence as one formula, its words as text."""
    pieces, at = [], 0
    for found in inline(text):
        start, end = found.span
        pieces += [text[at:start], found.text.strip()]
        at = end
    pieces.append(text[at:])
    words = [rf"\text{{{' '.join(piece.split())}}}" if piece.strip() else "" for piece in pieces[::2]]
    formulas_ = [*pieces[1::2], ""]
    return " ".join(x for pair in zip(words, formulas_, strict=True) for x in pair if x)


def is_given(kind: Kind, blocks: Sequence[Block]) -> bool:
    """Whether the givens hold the word, so that the sentence may only say it again."""
    return any(kind.word.text.lower() in b.text.lower() for b in blocks)
