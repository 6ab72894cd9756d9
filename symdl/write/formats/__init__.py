"""The output formats of whole pages, one module each; a new module in this folder is a new format.

A module defines `SUFFIX`, the file's suffix, and `render(page, options)`, which returns text or bytes.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from symdl.write.story import Options, Page


@dataclass(frozen=True)
class Format:
    """One output format: `render` takes one page, or several that make one file."""

    name: str
    suffix: str
    render: Callable[[Page | Sequence[Page], Options], str | bytes]


@cache
def formats() -> dict[str, Format]:
    """All formats of this folder by name."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        loaded = import_module(f"{__name__}.{module.name}")
        found[module.name] = Format(module.name, loaded.SUFFIX, loaded.render)
    return dict(sorted(found.items()))


def pages_of(page: Page | Sequence[Page]) -> tuple[Page, ...]:
    """The pages of one file."""
    return (page,) if isinstance(page, Page) else tuple(page)
