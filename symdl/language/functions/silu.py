"""The sigmoid-weighted linear unit, also called swish."""

from sympy import Expr, Function, exp

from symdl.language.functions import ScalarFunction


class SiLU(Function):
    """x/(1 + e^{-x})."""

    is_real = True


def _definition(x: Expr) -> Expr:
    return x / (1 + exp(-x))


RECORD = ScalarFunction(
    name="silu",
    head=SiLU,
    latex=r"\operatorname{SiLU}",
    spellings=("SiLU", "silu", "swish", "Swish"),
    numpy="""
def silu(x):
    e = np.exp(-np.abs(x))
    return x * (np.where(x >= 0, 1.0, e) / (1.0 + e))
""",
    definition=_definition,
)
