"""How figures look: marks, dashes and fonts that are readable in print and in grey, and figures as files."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from sympy import Expr

from symdl.language import indices_of, is_quantity, label_of

MARKS: Mapping[str, tuple[str, str, str]] = {
    "minimum": ("v", "black", "local minimum"),
    "maximum": ("^", "white", "local maximum"),
    "saddle": ("X", "0.6", "saddle"),
    "undecided": ("o", "white", "undecided"),
}
"""Mark, filling and name of each kind of point."""

STROKES: tuple[tuple[str, str], ...] = (("-", "0.0"), ("--", "0.0"), (":", "0.0"), ("-.", "0.45"), ("-", "0.6"))
"""Dash and grey of the curves of one picture, in order."""

INCHES = 0.062
"""The width of a letter of a legend."""

STYLE: Any = {
    "font.family": "STIXGeneral",
    "font.size": 10.0,
    "mathtext.fontset": "stix",
    "axes.linewidth": 0.6,
    "axes.formatter.use_mathtext": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "legend.handlelength": 2.6,
    "lines.linewidth": 1.2,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "svg.hashsalt": "symdl",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
}


@contextmanager
def styled() -> Iterator[None]:
    """Figures are made and saved in symdl's style, whatever the caller's is."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def save(figure: Figure, form: str = "pdf") -> bytes:
    """The figure as the bytes of a file, the same for the same figure: pdf, svg or png."""
    buffer = io.BytesIO()
    dates: dict[str, Any] = {"pdf": {"CreationDate": None, "ModDate": None}, "svg": {"Date": None}}
    with styled():
        figure.savefig(buffer, format=form, metadata=dates.get(form, {}), dpi=150)
    made = buffer.getvalue()
    # Two decimals of a point are finer than any print; only outlines are shortened, not the factors of transforms.
    return re.sub(rb' d="[^"]*"', lambda d: re.sub(rb"(\.\d\d)\d+", rb"\1", d[0]), made) if form == "svg" else made


def math(x: Expr | str) -> str:
    """A letter as its formula, or as plain text where matplotlib cannot set it."""
    return f"${x}$" if _is_set(str(x)) else str(x)


def called(f: Expr) -> str:
    """What a picture calls the function that it shows: a name in letters and indices, or words."""
    below = ",".join(str(i) for i in indices_of(f))
    return math(f"{label_of(f)}_{{{below}}}" if below else f) if is_quantity(f) else "the function"


@lru_cache(maxsize=256)
def _is_set(name: str) -> bool:
    try:
        MathTextParser("path").parse(f"${name}$")
    except ValueError:
        return False
    return True


def number(x: float) -> str:
    """A number of a legend in as few signs as say it."""
    if x == 0 or 1e-4 <= abs(x) < 1e6:
        return f"{float(f'{x:.3g}'):g}".replace("-", "−")
    digits, _, power = f"{x:.2e}".partition("e")
    return rf"${float(digits):g} \cdot 10^{{{int(power)}}}$"


def marked(axes: Any, spot: Sequence[float], kind: str, size: float = 7.0) -> None:
    """A critical point."""
    mark, fill, _ = MARKS[kind]
    x, y = spot
    axes.plot([x], [y], mark, markersize=size, markerfacecolor=fill, markeredgecolor="black", zorder=5, clip_on=False)


def legend(axes: Any, kinds: Sequence[str]) -> None:
    """Below the axes, where it covers nothing: the curves drawn, then the kinds of points."""
    for kind in MARKS:
        if kind in kinds:
            mark, fill, name = MARKS[kind]
            axes.plot([], [], mark, markerfacecolor=fill, markeredgecolor="black", linestyle="none", label=name)
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        longest = max(map(len, labels))
        columns = max(1, int(axes.figure.get_figwidth() / (INCHES * longest + 0.45)))
        axes.figure.legend(handles, labels, loc="outside lower center", ncols=min(columns, len(handles)))
