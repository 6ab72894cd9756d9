"""The error function."""

from sympy import erf

from symdl.language.functions import ScalarFunction

RECORD = ScalarFunction(
    name="erf", head=erf, latex=r"\operatorname{erf}", spellings=("erf",), numpy="scipy.special.erf", bounds=(-1, 1)
)
