"""The hyperbolic sine."""

from sympy import sinh

from symdl.language.functions import ScalarFunction

RECORD = ScalarFunction(name="sinh", head=sinh, latex=r"\sinh", spellings=("sinh", "sh"), numpy="np.sinh")
