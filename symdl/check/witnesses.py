"""A matrix that has every property which words give to one: where a line fails for it, no such property can save it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from sympy import Expr, Symbol

from symdl.check.context import LETTERS, Context
from symdl.check.question import Question
from symdl.language import Delta, family, index, scalar

_ROUND = re.compile(r"symmetric|(?:semi-?\s*)?definite|invertible|non-?singular|full rank|hermitian", re.IGNORECASE)
_STRAIGHT = re.compile(r"diagonal|triangular", re.IGNORECASE)
_UNIT = re.compile(r"orthogonal|orthonormal|unitary|permutation|rotation|projection|idempotent", re.IGNORECASE)
_PROPERTY = re.compile(
    r"\b(?:(?:negative|in)[- ]?(?:semi-?\s*)?definite|(?:skew|anti)-?\s*symmetric|singular|nilpotent|stochastic|rank"
    r"|eigen\w+|trace|Hessian|covariance|Gram|block|circulant|Toeplitz|commut\w+|Cholesky|decompos\w+|factori[sz]\w+"
    rf"|{_ROUND.pattern}|{_STRAIGHT.pattern}|{_UNIT.pattern})",
    re.IGNORECASE,
)
"""What words may say of a matrix; of what fits none of the three kinds no matrix is known here."""
_SENTENCE = re.compile(r"(?:[^.;$\n]|\$[^$]*\$)+")
_FORMULA = re.compile(r"\$[^$]*\$")
_WORD = re.compile(r"[A-Za-z]{2,}")
_PLAIN = re.compile(
    r"an|and|any|are|as|assume|be|both|by|constants?|covariance|data|denotes?|every|fixed|for|given|has|have|in|is|it"
    r"|its|known|let|matri(?:x|ces)|of|parameters?|positive|real|scalars?|size|some|square|strictly|suppose|that|the|this"
    r"|vectors?|weights?|where|which|with",
    re.IGNORECASE,
)
"""Words beside these that say nothing more of a matrix."""


def as_said(question: Question, labels: Collection[Symbol], texts: Iterable[str]) -> Question | None:
    """The question with square matrices put for those of some names that are all that words say of any.

    A symmetric positive definite one is the identity and v v^T, a diagonal one has entries of at least 1, an orthogonal
    or idempotent one is the identity.  None where there is none, or words say something else of matrices.
    """
    texts = tuple(texts)
    if any(map(_says_more, texts)):
        return None
    said = {m[0].lower() for text in texts for m in _PROPERTY.finditer(text)}
    kinds = (_ROUND, _STRAIGHT, _UNIT)
    kind = max((next((n for n, some in enumerate(kinds) if some.fullmatch(word)), 3) for word in said), default=3)
    givens = question.context.givens
    runs = {label: givens.families.get(label, ()) for label in labels}
    square = [s for s, run in runs.items() if len(run) == 2 and run[0] == run[1] and not givens.definitions_of(s)]
    others = [label for label, run in runs.items() if len(run) > 1 and label not in square]
    if kind > 2 or not square or (others and kind == 2):
        return None
    i, j = (index(x) for x in LETTERS[:2])
    entries = {label: scalar(rf"{label.name}\text{{ entries}}") for label in square}
    bodies = {s: _matrix(kind, Delta(i, j), family(v, i), family(v, j)) for s, v in entries.items()}
    families = {**givens.families, **{v: runs[s][:1] for s, v in entries.items()}}
    context = Context(replace(givens, families=families), question.context.own).where(bodies)
    return replace(question, context=context, known=question.known.union(entries.values()), lemmas=())


def _says_more(text: str) -> bool:
    """Whether a sentence that says of what kind a matrix is holds a word of which it is not known what it says."""
    words = (_FORMULA.sub(" ", m[0]) for m in _SENTENCE.finditer(text))
    rest = (_PROPERTY.sub(" ", w) for w in words if _PROPERTY.search(w))
    return any(not _PLAIN.fullmatch(m[0]) for r in rest for m in _WORD.finditer(r))


def _matrix(kind: int, delta: Expr, v: Expr, w: Expr) -> Expr:
    """The entry of a matrix of a kind, made of the entries of a vector at its row and its column."""
    return (delta + v * w, delta * (1 + v**2), delta)[kind]
