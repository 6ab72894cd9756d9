"""The expression vocabulary: SymPy scalars, and our own binders, derivatives, indicators and case splits."""

from symdl.language.binders import (
    Binder,
    Bound,
    Chain,
    Prod,
    Sigma,
    close,
    free_symbols,
    fresh_index,
    is_closed,
    kinds,
    walk,
)
from symdl.language.nodes import (
    Applied,
    ArgExtreme,
    At,
    Cases,
    D,
    Delta,
    DPlus,
    Extreme,
    Limit,
    Maximum,
    Minimum,
    Opaque,
    Step,
)
from symdl.language.terms import (
    DERIVATIVES,
    as_float,
    as_fmpq,
    as_rational,
    family,
    holds_derivative,
    index,
    indices_of,
    is_index,
    is_quantity,
    label_of,
    number,
    open_fresh,
    put,
    quantities,
    scalar,
    size,
    subterms,
)

__all__ = [
    "DERIVATIVES", "Applied", "ArgExtreme", "At", "Binder", "Bound", "Cases", "Chain", "D", "DPlus", "Delta", "Extreme",
    "Limit", "Maximum", "Minimum", "Opaque", "Prod", "Sigma", "Step", "as_float", "as_fmpq", "as_rational", "close",
    "family", "free_symbols", "fresh_index", "holds_derivative", "index", "indices_of", "is_closed", "is_index",
    "is_quantity", "kinds", "label_of", "number", "open_fresh", "put", "quantities", "scalar", "size", "subterms",
    "walk",
]  # fmt: skip
