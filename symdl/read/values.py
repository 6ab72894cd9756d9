"""What a formula may mean while it is read: an expression, or an array of expressions over axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from sympy import Expr, Indexed, Integer

from symdl.errors import GivensError
from symdl.language import family, indices_of, label_of, put, quantities
from symdl.language.binders import free_symbols
from symdl.read.axes import Axis, Spot
from symdl.read.moments import Moments
from symdl.read.ranges import Ranges
from symdl.read.vocabulary import Vocabulary


@dataclass(eq=False, frozen=True)
class Array:
    """A vector or matrix: `entry` gives its member at indices along `axes`; a `row` is a transposed vector."""

    axes: tuple[Axis, ...]
    entry: Callable[..., Expr]
    row: bool = False
    gradient: bool = False
    given_row: bool = False
    """Whether it is the name of a vector that is given as one row."""

    @property
    def rank(self) -> int:
        return len(self.axes)

    @property
    def is_jacobian(self) -> bool:
        """Whether it is the derivative of a vector by a vector, which has two usual layouts."""
        return self.gradient and self.rank > 1


@lru_cache(maxsize=4096)
def member_of(key: str, *at: Expr) -> Expr:
    """A member of a family; making one costs SymPy a hundred microseconds."""
    return family(key, *at)


Value: TypeAlias = Expr | Array


def rank_of(value: Value) -> int:
    return value.rank if isinstance(value, Array) else 0


def entry_of(value: Value, *at: Expr) -> Expr:
    """The member of a value; a scalar is the same everywhere."""
    return value.entry(*at) if isinstance(value, Array) else value


@dataclass
class Body:
    """A declared function: its parameters, and its body once it is read.

    Where it has several values, f_i(x) or a vector, `pattern` holds the letters for its indices in the body.
    """

    parameters: tuple[Expr, ...]
    body: Expr | None = None
    pattern: tuple[Expr, ...] = ()


def with_whole_list(parameters: tuple[Expr, ...], body: Expr) -> tuple[Expr, ...]:
    r"""The one vector that D(a_1, a_2) = \sum_{i=1}^2 a_i^2 is of, whose body takes any a_i; else the parameters."""
    labels = {label_of(p) for p in parameters if isinstance(p, Indexed)}
    numbers = [indices_of(p) for p in parameters]
    is_list = len(labels) == 1 < len(parameters) and all(len(i) == 1 and isinstance(i[0], Integer) for i in numbers)
    if not is_list or numbers != [(numbers[0][0] + n,) for n in range(len(numbers))]:
        return parameters
    members = (q for q in quantities(body) if isinstance(q, Indexed) and label_of(q) in labels)
    return tuple(labels) if any(not isinstance(q.indices[0], Integer) for q in members) else parameters


@dataclass(frozen=True)
class Reach:
    """The quantities that a formula leads to through the definitions, and the `free` ones among them: scalar inputs."""

    names: frozenset[str]
    free: tuple[str, ...]


class Session:
    """What all formulas of one problem share while they are read."""

    def __init__(self, vocabulary: Vocabulary, ranges: Ranges, tolerant: bool = False) -> None:
        self.vocabulary = vocabulary
        self.tolerant = tolerant
        self.ranges = ranges
        self.bodies: dict[str, Callable[[], Body]] = {}
        self.used: dict[str, Spot] = {}
        self.spelling: dict[str, str] = {}
        self.log_base: int | None = None
        self.moments = Moments()
        self.labels: frozenset[str] = frozenset()
        """Under which densities moments are taken, E_q and E_{z ~ q}."""
        self.by_rows = False
        """Whether words say that vectors are applied to every row of a matrix, entry by entry."""
        self.reach: Callable[[str], Reach | None] = lambda key: None
        """What the formula that defines a quantity leads to; None of a quantity without one."""
        self.applied: Callable[[Any], tuple[Expr, ...]] = lambda head: ()
        """The arguments at which the givens take a built-in function."""
        self.primed: Callable[[str, int, Spot], Expr | None] = lambda key, primes, spot: None
        """What a name with primes is that only a task uses: a derivative by the one variable there is."""


def settled(expr: Expr, session: Session, answers: Mapping[Expr, Expr]) -> Expr:
    """`expr` with its ranges put in.

    Raises  `GivensError` where nothing fixes one of them.
    """
    open_ = [s for s in free_symbols(expr) if s.name.startswith("?")]
    if not open_:
        return expr
    missing = sorted((s for s in open_ if s not in answers), key=lambda s: (len(s.name), s.name))
    if missing:
        owner = session.ranges.owner(missing[0])
        if owner is None:
            raise GivensError("nothing fixes the range of an index")
        spot = None
        if isinstance(owner, Axis):
            label = owner.name.split(" of ")[-1]
            spot = session.used.get(label)
        session.ranges.range_of(owner, spot)
    return put(expr, {s: answers[s] for s in open_})
