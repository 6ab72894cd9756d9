"""The sign, 0 at 0."""

from sympy import Expr, Function, Integer

from symdl.language.functions import ScalarFunction
from symdl.language.nodes import Cases, Step


class Sign(Function):
    """1, 0 or -1 as its argument is positive, zero or negative."""

    is_real = True


def _definition(x: Expr) -> Expr:
    return Cases(Integer(1), Step(x), Integer(-1), Step(-x), Integer(0))


RECORD = ScalarFunction(
    name="sign",
    head=Sign,
    latex=r"\operatorname{sign}",
    spellings=("sign", "sgn"),
    numpy="np.sign",
    definition=_definition,
    kinks=(0,),
)
