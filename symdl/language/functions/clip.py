"""A number kept between two bounds."""

from sympy import Expr, Function

from symdl.language.functions import ScalarFunction
from symdl.language.nodes import Maximum, Minimum


class Clip(Function):
    """The number of [low, high] that is nearest to x, where low <= high; arguments (x, low, high)."""

    is_real = True


def _definition(x: Expr, low: Expr, high: Expr) -> Expr:
    return Minimum(Maximum(x, low), high)


RECORD = ScalarFunction(
    name="clip",
    head=Clip,
    latex=r"\operatorname{clip}",
    spellings=("clip",),
    numpy="""
def clip(x, low, high):
    return np.minimum(np.maximum(x, low), high)
""",
    definition=_definition,
    arity=3,
)
