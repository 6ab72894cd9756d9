"""symdl writes and checks derivations in the mathematics of deep learning.

The public names load on first use, so that `import symdl` does not pay for SymPy.

Example
    >>> import symdl
    >>> symdl.__version__.count(".")
    2
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from symdl.cached import function, latex
    from symdl.check import Report, check
    from symdl.errors import ReadError, SymdlError
    from symdl.problem import Decision, Derivation, Problem
    from symdl.read import read, read_all

    __version__: str

_HOMES = {
    "Decision": "symdl.problem",
    "Derivation": "symdl.problem",
    "Problem": "symdl.problem",
    "ReadError": "symdl.errors",
    "Report": "symdl.check",
    "SymdlError": "symdl.errors",
    "check": "symdl.check",
    "function": "symdl.cached",
    "latex": "symdl.cached",
    "read": "symdl.read",
    "read_all": "symdl.read",
}
"""Public name -> module that defines it."""

__all__ = [
    "Decision",
    "Derivation",
    "Problem",
    "ReadError",
    "Report",
    "SymdlError",
    "__version__",
    "check",
    "function",
    "latex",
    "read",
    "read_all",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        # Twice as slow to import as all the rest that `import symdl` needs.
        from importlib.metadata import version

        return version("symdl")
    if name not in _HOMES:
        raise AttributeError(f"module 'symdl' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """The package, in which the functions `read` and `check` win over the subpackages that define them.

    Python binds a subpackage as an attribute once it has loaded; without this, `symdl.read` would be a function
    before the first use and a module after it.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if isinstance(value, ModuleType) and _HOMES.get(name) == value.__name__:
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
