"""The exponential linear unit with a stated scale."""

from sympy import Expr, Function, exp

from symdl.language.functions import ScalarFunction
from symdl.language.nodes import Cases, Step


class ELU(Function):
    """x where x > 0, else scale * (e^x - 1); arguments (x, scale)."""

    is_real = True


def _definition(x: Expr, scale: Expr) -> Expr:
    return Cases(x, Step(x), scale * (exp(x) - 1))


RECORD = ScalarFunction(
    name="elu",
    head=ELU,
    latex=r"\operatorname{ELU}",
    spellings=("ELU", "elu"),
    numpy="""
def elu(x, scale):
    return np.where(x > 0, x, scale * np.expm1(np.minimum(x, 0.0)))
""",
    definition=_definition,
    arity=2,
    kinks=(0,),
)
