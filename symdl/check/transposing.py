r"""What a line may have meant whose sides differ in shape: the same with one matrix transposed, $W^\top$ for $W$."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from symdl.check.question import Question
from symdl.check.undoing import Slip
from symdl.errors import Place
from symdl.problem import Block, Text
from symdl.read import read_chains

MAX_READ = 6
"""How many places are looked at."""

TRANSPOSED: Text = ("the whole transposed",)

_MARK = r"\s*\^\s*(?:\{\s*(?:\\top|\\intercal|T|\\mathsf\{T\})\s*\}|\\top(?![A-Za-z])|T(?![A-Za-z]))"


def transposed(question: Question, left: str, right: str, place: Place) -> tuple[Slip, Question, str] | None:
    """The slip of a right side that holds with one matrix transposed, the question then, and the source meant."""
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
    """The source with a matrix transposed at one place, with its name; and all of it transposed."""
    for label, axes in sorted(question.context.givens.vectors.items(), key=lambda pair: pair[0].name):
        if axes != 2:
            continue
        for found in re.finditer(rf"(?<![A-Za-z\\]){re.escape(label.name)}(?![A-Za-z_]|\s*_)(?P<mark>{_MARK})?", right):
            mark = "" if found["mark"] else r"^\top "
            yield ("a transposed ", label), right[: found.start()] + label.name + mark + right[found.end() :]
    yield TRANSPOSED, rf"\left({right}\right)^\top"
