"""The natural logarithm; a stated base is read as a quotient of two of them."""

from sympy import log

from symdl.language.functions import ScalarFunction

RECORD = ScalarFunction(name="log", head=log, latex=r"\log", spellings=("log", "ln"), numpy="np.log", domain="x > 0")
