"""The rectified linear unit."""

from sympy import Expr, Function, Integer

from symdl.language.functions import ScalarFunction
from symdl.language.nodes import Cases, Step


class ReLU(Function):
    """max(0, x)."""

    is_real = True


def _definition(x: Expr) -> Expr:
    return Cases(x, Step(x), Integer(0))


RECORD = ScalarFunction(
    name="relu",
    head=ReLU,
    latex=r"\operatorname{ReLU}",
    spellings=("ReLU", "relu", "RELU", "Relu"),
    numpy="""
def relu(x):
    return np.maximum(x, 0.0)
""",
    definition=_definition,
    kinks=(0,),
)
