"""Documents made of formulas, and what comes of them."""

from __future__ import annotations

from symdl.problem import CriticalPoint, Derivation
from symdl.read import read_text
from symdl.solve import attempt


def document(given: str | list[str], asked: str) -> str:
    """A worked problem that asks to classify something."""
    formulas = [given] if isinstance(given, str) else given
    shown = "\n\n".join(f"$${g}$$" for g in formulas)
    return f"# Problem\n\n## Given\n\n{shown}\n\n## Classify\n\n$${asked}$$\n"


def derivations(given: str | list[str], asked: str) -> tuple[Derivation, ...]:
    """The judged derivations of all tasks; a failure is raised."""
    (problem,) = read_text(document(given, asked), "test.md")
    found = attempt(problem)
    for failure in found.failures:
        raise failure.error
    return found.derivations


def points(given: str | list[str], asked: str) -> list[CriticalPoint]:
    """The critical points of the one task."""
    (derivation,) = derivations(given, asked)
    return list(derivation.result)


def seen(found: list[CriticalPoint]) -> set[tuple[tuple[str, ...], str]]:
    """The coordinates and kinds, as text."""
    return {(tuple(str(v) for v in p.at.values()), p.kind) for p in found}
