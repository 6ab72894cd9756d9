"""The sine."""

from sympy import sin

from symdl.language.functions import ScalarFunction

RECORD = ScalarFunction(name="sin", head=sin, latex=r"\sin", spellings=("sin",), numpy="np.sin", bounds=(-1, 1))
