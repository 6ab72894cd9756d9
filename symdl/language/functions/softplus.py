"""The softplus, a smooth ReLU."""

from sympy import Expr, Function, exp, log

from symdl.language.functions import ScalarFunction


class Softplus(Function):
    """log(1 + e^x), positive."""

    is_real = True


def _definition(x: Expr) -> Expr:
    return log(1 + exp(x))


RECORD = ScalarFunction(
    name="softplus",
    head=Softplus,
    latex=r"\operatorname{softplus}",
    spellings=("softplus",),
    numpy="""
def softplus(x):
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))
""",
    definition=_definition,
)
