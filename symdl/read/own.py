r"""Names of their own, \mathit{p}, for what stands alone where the letter with an index, p_i, is something else."""

from __future__ import annotations

import re

_OWN = re.compile(r"\\mathit\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")


def own_letter(text: str) -> str:
    r"""The name of what stands for one thing alone, where the letter with an index is another one: \mathit{p}."""
    return rf"\mathit{{{text}}}"


def of_own_letter(name: str) -> str | None:
    """The letter of which this is the name alone; None of any other name: the inverse of `own_letter`."""
    found = _OWN.fullmatch(name)
    return found[1] if found is not None else None


def as_written(text: str) -> str:
    """A text with every such name as its author writes it, which is what people see."""
    return _OWN.sub(r"\1", text) if r"\mathit" in text else text
