"""The Gaussian error linear unit."""

from sympy import Expr, Function, Rational, erf, sqrt

from symdl.language.functions import ScalarFunction


class GELU(Function):
    """x times the standard normal distribution function at x."""

    is_real = True


def _definition(x: Expr) -> Expr:
    return x * Rational(1, 2) * (1 + erf(x / sqrt(2)))


RECORD = ScalarFunction(
    name="gelu",
    head=GELU,
    latex=r"\operatorname{GELU}",
    spellings=("GELU", "gelu"),
    numpy="""
def gelu(x):
    return 0.5 * x * scipy.special.erfc(-x * 0.5**0.5)
""",
    definition=_definition,
)
