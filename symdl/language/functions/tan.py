"""The tangent."""

from sympy import tan

from symdl.language.functions import ScalarFunction

RECORD = ScalarFunction(
    name="tan", head=tan, latex=r"\tan", spellings=("tan", "tg"), numpy="np.tan", domain="cos x != 0"
)
