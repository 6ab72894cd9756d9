r"""What a line may have meant whose sides differ in shape: the same with another transpose, or one more vector.

$W^\top$ for $W$, the outer product $x x^\top$ for the inner one $x^\top x$, $(\hat{y} - y) x$ for $\hat{y} - y$.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from symdl.check.question import Question
from symdl.check.undoing import LEFT_OUT, TRANSPOSED, Slip
from symdl.errors import Place
from symdl.problem import Block, Text
from symdl.read import read_chains

MAX_READ = 12
"""How many places are looked at."""

OUTER: Text = ("an inner product for an outer one",)

INNER: Text = ("an outer product for an inner one",)

_MARK = r"\s*\^\s*(?:\{\s*(?:\\top|\\intercal|T|\\mathsf\{T\})\s*\}|\\top(?![A-Za-z])|T(?![A-Za-z]))"
_AT = r"(?:\s*_\s*(?:\{[^{}]*\}|\w)|\s*\^\s*\{\s*\([^{}]*\)\s*\})*"
"""The scripts at a name that say which member is meant."""
_BRACKET = re.compile(r"[()\[\]{}]")


def transposed(question: Question, left: str, right: str, place: Place) -> tuple[Slip, Question, str] | None:
    """The slip of a right side that holds in another shape, the question then, and the source meant."""
    for name, meant in islice(_sources(question, right), MAX_READ):
        chains = read_chains(Block("display", f"{left} = {meant}", place), question.context.givens, question.ranges)
        if len(chains) != 1 or chains[0].signs != ("=",):
            continue
        one, other = (side.expr for side in chains[0].sides)
        there = replace(question, ranges={**question.ranges, **chains[0].ranges})
        if one is not None and other is not None and there.holds(one, other):
            return Slip(name, other), there, meant
    return None


def _sources(question: Question, right: str) -> Iterator[tuple[Text, str]]:
    """The source with a transpose elsewhere, all of it transposed, or a vector more, each with the name of the slip."""
    for label, axes in sorted(question.context.givens.vectors.items(), key=lambda pair: pair[0].name):
        if axes != 2:
            continue
        for found in re.finditer(rf"(?<![A-Za-z\\]){re.escape(label.name)}(?![A-Za-z_]|\s*_)(?P<mark>{_MARK})?", right):
            mark = "" if found["mark"] else r"^\top "
            yield ("a transposed ", label), right[: found.start()] + label.name + mark + right[found.end() :]
    yield TRANSPOSED, rf"\left({right}\right)^\top"
    vectors = "|".join(re.escape(name.name) for name, axes in question.context.givens.vectors.items() if axes == 1)
    if vectors:
        vector = rf"(?:(?=\\)|(?<![A-Za-z\\]))(?:{vectors})(?![A-Za-z]){_AT}"
        for found in re.finditer(rf"(?P<a>{vector}){_MARK}\s*(?P<b>{vector})(?!{_MARK})", right):
            yield OUTER, rf"{right[: found.start()]}{found['a']}{found['b']}^\top {right[found.end() :]}"
        for found in re.finditer(rf"(?P<a>{vector})(?!{_MARK})\s*(?P<b>{vector}){_MARK}", right):
            yield INNER, rf"{right[: found.start()]}{found['a']}^\top {found['b']}{right[found.end() :]}"
        given = " ".join(d.source for d in question.context.givens.definitions)
        for name in dict.fromkeys(re.findall(vector, given)):
            for end in _closed(right):
                yield (f"the factor ${name}$", LEFT_OUT), f"{right[:end]} {name} {right[end:]}"


def _closed(source: str) -> Iterator[int]:
    """Where outermost brackets of a formula end, but braces."""
    depth = 0
    for found in _BRACKET.finditer(source):
        depth += 1 if found[0] in "([{" else -1
        if not depth and found[0] in ")]":
            yield found.end()
