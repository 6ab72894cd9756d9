"""The exponential function."""

from sympy import exp

from symdl.language.functions import ScalarFunction

RECORD = ScalarFunction(name="exp", head=exp, latex=r"\exp", spellings=("exp",), numpy="np.exp", bounds=(0, None))
