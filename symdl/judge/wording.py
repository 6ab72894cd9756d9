"""What a proof rests on, in words and in LaTeX."""

from __future__ import annotations

import re
from functools import lru_cache

from sympy import Expr, Symbol, latex

from symdl.judge.goals import Record
from symdl.language import free_symbols, fresh_index, put


def how(record: Record) -> str:
    """By which means a proof went through."""
    words = ["normal form"]
    if record.inductions:
        words = [f"by induction over {', '.join(dict.fromkeys(record.inductions))}"]
    if record.cases:
        words.append("in cases")
    return ", ".join(words)


def conditions_of(record: Record) -> tuple[str, ...]:
    """The side conditions as LaTeX, each once."""
    signs = {"> 0": "> 0", ">= 0": r"\geq 0", "!= 0": r"\neq 0"}
    positive = {e for e, said in record.assumes if said == "> 0"}
    kept = [(e, said) for e, said in record.assumes if said == "> 0" or e not in positive]
    # That something is not 0 its negative says as well.
    plain = [(-e if said == "!= 0" and e.could_extract_minus_sign() else e, said) for e, said in kept]
    found = [f"${_as_latex(e)} {signs[said]}$" for e, said in plain]
    return tuple(sorted(set(found)))


@lru_cache(maxsize=4096)
def _as_latex(expr: Expr) -> str:
    return _bare(latex(_readable(expr)))


def _bare(text: str) -> str:
    """LaTeX with indices side by side, without the braces that SymPy puts around a name and its one index letter."""
    text = re.sub(r"\{(\w|\\[A-Za-z]+)\}_\{(\w(?:,\w)*)\}", lambda m: f"{m[1]}_{{{m[2].replace(',', '')}}}", text)
    return re.sub(r"_\{(\w)\}", r"_\1", text)


def _readable(expr: Expr) -> Expr:
    """The expression with ordinary letters for those that stand for bound indices."""
    letters: dict[Expr, Expr] = {}
    taken = set(free_symbols(expr))
    for s in sorted(free_symbols(expr), key=lambda s: s.name):
        if s.name[0] in "§¤":
            letters[s] = fresh_index("ijklmn", taken)
            taken.add(letters[s])
        elif "′" in s.name:
            letters[s] = Symbol(s.name.rstrip("′"), integer=True)
    return put(expr, letters)
