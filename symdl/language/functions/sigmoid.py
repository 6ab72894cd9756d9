"""The logistic function."""

from sympy import Expr, Function, exp

from symdl.language.functions import ScalarFunction


class Sigmoid(Function):
    """1/(1 + e^{-x}), between 0 and 1."""

    is_real = True


def _definition(x: Expr) -> Expr:
    return 1 / (1 + exp(-x))


RECORD = ScalarFunction(
    name="sigmoid",
    head=Sigmoid,
    latex=r"\sigma",
    spellings=("sigma", "sigmoid", "sig", "logistic", "expit"),
    numpy="""
def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)
""",
    definition=_definition,
)
