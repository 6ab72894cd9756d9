"""Functions for machines: the result of a derivation as source code that neither overflows nor grows with the sizes."""

from __future__ import annotations

from symdl.numeric.generate import Module, function, generate, library, source
from symdl.numeric.targets import targets

__all__ = ["Module", "function", "generate", "library", "source", "targets"]
