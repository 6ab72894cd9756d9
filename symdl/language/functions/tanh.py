"""The hyperbolic tangent."""

from sympy import tanh

from symdl.language.functions import ScalarFunction

RECORD = ScalarFunction(
    name="tanh", head=tanh, latex=r"\tanh", spellings=("tanh", "th"), numpy="np.tanh", bounds=(-1, 1)
)
