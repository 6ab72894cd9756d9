"""The absolute value, printed between bars."""

from sympy import Abs, Expr

from symdl.language.functions import ScalarFunction
from symdl.language.nodes import Cases, Step


def _definition(x: Expr) -> Expr:
    return Cases(x, Step(x), -x)


RECORD = ScalarFunction(
    name="absolute",
    head=Abs,
    latex=r"\operatorname{abs}",
    spellings=("abs",),
    numpy="np.abs",
    definition=_definition,
    kinks=(0,),
)
