"""The hyperbolic cosine."""

from sympy import cosh

from symdl.language.functions import ScalarFunction

RECORD = ScalarFunction(
    name="cosh", head=cosh, latex=r"\cosh", spellings=("cosh", "ch"), numpy="np.cosh", bounds=(1, None)
)
