"""The inverse tangent."""

from sympy import atan

from symdl.language.functions import ScalarFunction

RECORD = ScalarFunction(
    name="arctan", head=atan, latex=r"\arctan", spellings=("arctan", "atan", "arctg"), numpy="np.arctan"
)
