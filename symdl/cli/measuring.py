"""The command `accuracy`: what is measured, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import Any

import click

from symdl.cli.console import printable, say
from symdl.cli.statuses import HOLDS, OPEN, status_of, worst
from symdl.errors import SymdlError
from symdl.numeric.accuracy import subject_of
from symdl.numeric.survey import Survey, survey
from symdl.problem import Derivation


def measure(
    derivations: Sequence[Derivation],
    boxes: Iterable[str],
    sizes: Iterable[str],
    points: int,
    form: str,
    target: str,
) -> int:
    """Print the worst point of each function; the status says whether every one could be measured."""
    if find_spec(target) is None:
        raise click.UsageError(f"--target {target}: {target} is not installed")
    box = dict(_interval(text) for text in boxes)
    lengths = dict(_size(text) for text in sizes)
    _check_names(derivations, box, lengths)
    statuses = [HOLDS if derivations else OPEN]
    for derivation in derivations:
        click.echo(printable(" ".join(derivation.task.source.split()) or derivation.problem.title))
        try:
            found = survey(derivation, box, lengths, points, form, target)
        except SymdlError as error:
            say(str(error))
            statuses.append(status_of(error))
            continue
        for line in _report(found, form):
            click.echo(f"    {line}")
        statuses.append(HOLDS if found.worst is not None else OPEN)
    return worst(statuses)


def _check_names(derivations: Sequence[Derivation], box: Iterable[str], sizes: Iterable[str]) -> None:
    subjects = [subject_of(d) for d in derivations]
    arguments = {name for s in subjects for name in s.inputs}
    lengths = {str(n.name) for s in subjects for n in s.sizes}
    for option, given, known in (("--box", box, arguments), ("--size", sizes, lengths)):
        for name in given:
            if name not in known:
                raise click.UsageError(f"{option} {name}: there is only {', '.join(sorted(known)) or 'none'}")


def _report(found: Survey, form: str) -> Iterable[str]:
    outside = f"; {found.outside} points lie outside its domain or the facts" if found.outside else ""
    if found.worst is None:
        yield f"nothing could be measured{outside}"
        return
    at = found.worst
    where = f", entry {', '.join(map(str, at.entry))}" if at.entry else ""
    size = f"{at.ulps:.3g} ulp" if math.isfinite(at.ulps) else "not finite"
    yield f"{form}, {found.values} values at {found.points} points{outside}"
    yield f"worst: {size}{where}: {at.found!r}, exact {at.exact}"
    yield f"there, one unit in the last place of an argument moves the exact value by {found.moved:.3g} ulp"
    for name, value in at.arguments.items():
        yield f"    {name} = {_shown(value)}"
    if found.explained:
        further = f"{len(found.explained)} further off, up to {found.explained[0].ulps:.3g} ulp"
        yield f"{further}, but by no more than one unit in the last place of an argument moves them"


def _shown(value: Any) -> str:
    return f"({', '.join(map(_shown, value))})" if isinstance(value, list) else repr(value)


def _interval(text: str) -> tuple[str, tuple[float, float]]:
    name, equals, ends = text.partition("=")
    low, colon, high = ends.partition(":")
    try:
        found = float(low), float(high)
    except ValueError:
        found = math.nan, math.nan
    if not (equals and colon and name.strip() and all(map(math.isfinite, found)) and found[0] <= found[1]):
        raise click.UsageError(f"--box {text}: expected NAME=LOW:HIGH with two numbers, such as z=-100:100")
    return name.strip(), found


def _size(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not (name.strip() and number.strip().isdigit() and 0 < int(number) <= 1000):
        raise click.UsageError(f"--size {text}: expected NAME=N with a whole number from 1 to 1000, such as K=5")
    return name.strip(), int(number)
