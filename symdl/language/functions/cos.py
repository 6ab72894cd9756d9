"""The cosine."""

from sympy import cos

from symdl.language.functions import ScalarFunction

RECORD = ScalarFunction(name="cos", head=cos, latex=r"\cos", spellings=("cos",), numpy="np.cos", bounds=(-1, 1))
