"""The leaky ReLU with a stated slope; PReLU is the same function with a learned slope."""

from sympy import Expr, Function

from symdl.language.functions import ScalarFunction
from symdl.language.nodes import Cases, Step


class LeakyReLU(Function):
    """x where x > 0, else slope * x; arguments (x, slope)."""

    is_real = True


def _definition(x: Expr, slope: Expr) -> Expr:
    return Cases(x, Step(x), slope * x)


RECORD = ScalarFunction(
    name="leaky_relu",
    head=LeakyReLU,
    latex=r"\operatorname{LeakyReLU}",
    spellings=("LeakyReLU", "LReLU", "lrelu", "leakyrelu", "PReLU", "prelu"),
    numpy="""
def leaky_relu(x, slope):
    return np.where(x > 0, x, slope * x)
""",
    definition=_definition,
    arity=2,
    kinks=(0,),
)
