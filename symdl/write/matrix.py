r"""Results in matrix notation: SymPy matrix expressions of the labels to layout trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import (
    Add,
    Expr,
    HadamardPower,
    HadamardProduct,
    Identity,
    Indexed,
    MatAdd,
    MatMul,
    MatPow,
    MatrixBase,
    MatrixExpr,
    MatrixSymbol,
    OneMatrix,
    Symbol,
    Trace,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix

from symdl.language import index, label_of
from symdl.language.functions import by_head
from symdl.problem import MatrixForm
from symdl.write.layout import Typesetter
from symdl.write.order import Manner, is_negative
from symdl.write.source import layout_of_name
from symdl.write.tree import (
    APPLY,
    TIMES,
    Digits,
    Fence,
    Frac,
    Function,
    Grid,
    Letter,
    Node,
    Script,
    Sign,
    Styled,
    Upright,
    row,
)

_TOP = Sign(r"\top", "ordinary")
_ONES = Styled("bold", Digits("1"))
_ZEROS = Styled("bold", Digits("0"))


def layout_of_matrix_form(form: MatrixForm, manner: Manner) -> Node:
    r"""`\nabla_z L = p - y \in \mathbb{R}^K`: the left side, the value and where it lies."""
    maker = _Maker(manner)
    parts: list[Node] = [maker.left(form), Sign("=", "relation"), maker.whole(form.value)]
    if form.shape:
        sizes = [Typesetter(manner, {}).whole(n) for n in form.shape]
        shape = [part for n in sizes for part in (Sign(r"\times"), n)][1:]
        parts += [Sign(r"\in", "relation"), Script(Styled("blackboard", Letter("R")), None, row(*shape))]
    return row(*parts)


def layout_of_matrix(value: MatrixExpr, manner: Manner) -> Node:
    """A vector or matrix in matrix notation."""
    return _Maker(manner).whole(value)


class _Maker:
    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self.scalars = Typesetter(manner, {})

    def left(self, form: MatrixForm) -> Node:
        """The gradient, Jacobian or Hessian by its name."""
        if form.lhs_wrt is None:
            return self._name(form.lhs_of)
        rank_of, rank_wrt = self._rank(form.lhs_of), self._rank(form.lhs_wrt)
        if rank_of == 0 and rank_wrt and len(form.shape) <= rank_wrt:
            return row(Script(Letter(r"\nabla"), self._name(form.lhs_wrt)), TIMES, self._name(form.lhs_of))
        if rank_of == 0 and rank_wrt and len(form.shape) == 2 * rank_wrt:
            nabla = Script(Letter(r"\nabla"), self._name(form.lhs_wrt), Digits("2"))
            return row(nabla, TIMES, self._name(form.lhs_of))
        d = Letter(self.manner.d)
        return Frac(row(d, self._name(form.lhs_of)), row(d, self._name(form.lhs_wrt)))

    def _rank(self, expr: Expr) -> int:
        """How many axes are left of a label, or of a family member whose leading indices are written."""
        if isinstance(expr, MatrixSymbol):
            return 1 if expr.shape[1] == 1 else 2
        if isinstance(expr, Indexed):
            return self.manner.vectors.get(label_of(expr), 0)
        return self.manner.vectors.get(expr, 0) or len(self.manner.families.get(expr, ()))

    def _name(self, expr: Any) -> Node:
        if isinstance(expr, MatrixSymbol):
            return layout_of_name(str(expr.name))
        return self.scalars.whole(expr)

    def whole(self, value: Any) -> Node:
        """The tree of a matrix expression where it needs no brackets."""
        if isinstance(value, MatAdd | Add) and value.args:
            terms = sorted(value.args, key=self._is_negative)
            parts = [self._term(terms[0])]
            for term in terms[1:]:
                negative = self._is_negative(term)
                parts += [Sign("-" if negative else "+"), self._product(term, drop=negative)]
            return row(*parts)
        return self._term(value)

    def _is_negative(self, value: Any) -> bool:
        if isinstance(value, MatMul):
            return is_negative(value.as_coeff_mmul()[0])
        return not getattr(value, "is_Matrix", False) and is_negative(value)

    def _term(self, value: Any) -> Node:
        if self._is_negative(value):
            return row(Sign("-", "prefix"), self._product(value, drop=True))
        return self._product(value)

    def _product(self, value: Any, drop: bool = False) -> Node:
        if not isinstance(value, MatMul):
            return self._scalar(-value) if drop else self._atom(value)
        scalar, matrices = value.as_coeff_matrices()
        scalar = -scalar if drop else scalar
        parts: list[Node] = [] if scalar == 1 else [self._scalar(scalar)]
        parts += [self._factor(m) for m in matrices]
        return row(*[x for p in parts for x in (TIMES, p)][1:])

    def _scalar(self, value: Expr) -> Node:
        node = self.scalars.whole(value)
        return Fence("(", node, ")") if isinstance(value, Add) else node

    def _factor(self, value: Any) -> Node:
        if isinstance(value, MatAdd | HadamardProduct):
            return Fence("(", self.whole(value), ")")
        return self._atom(value)

    def _atom(self, value: Any) -> Node:
        for kind, make in self._makers():
            if isinstance(value, kind):
                return make(value)
        return self.scalars.whole(value)

    def _makers(self) -> tuple[tuple[type | tuple[type, ...], Callable[[Any], Node]], ...]:
        return (
            (MatrixSymbol, self._name),
            ((MatAdd, MatMul), lambda v: Fence("(", self.whole(v), ")")),
            (Transpose, lambda v: Script(self._base(v.arg, scripted=True), None, _TOP)),
            (DiagMatrix, lambda v: self._applied("diag", v.args[0])),
            (Trace, lambda v: self._applied("tr", v.arg)),
            (HadamardProduct, self._entrywise),
            (HadamardPower, lambda v: Script(self._base(v.base), None, row(Sign(r"\circ"), self.scalars.whole(v.exp)))),
            (MatPow, lambda v: Script(self._base(v.base), None, self.scalars.whole(v.exp))),
            (OneMatrix, self._ones),
            (ZeroMatrix, lambda v: _ZEROS),
            (Identity, lambda v: Letter("I")),
            (ElementwiseApplyFunction, self._apply),
            (MatrixBase, self._grid),
        )

    def _base(self, value: Any, scripted: bool = False) -> Node:
        """What a script is set on; in brackets where it has a superscript of its own."""
        if isinstance(value, MatrixSymbol):
            name = self._name(value)
            has_superscript = "^" in value.name or value.name.endswith("'")
            return Fence("(", name, ")") if scripted and has_superscript else name
        if isinstance(value, OneMatrix | Identity):
            return self._atom(value)
        return Fence("(", self.whole(value), ")")

    def _ones(self, value: Any) -> Node:
        rows, columns = value.shape
        if columns == 1:
            return _ONES
        if rows == 1:
            return Script(_ONES, None, _TOP)
        return row(_ONES, TIMES, Script(_ONES, None, _TOP))

    def _applied(self, word: str, value: Any) -> Node:
        head = Function(rf"\operatorname{{{word}}}", Upright(word))
        return row(head, APPLY, Fence("(", self.whole(value), ")"))

    def _entrywise(self, value: Any) -> Node:
        parts = [
            Fence("(", self.whole(f), ")") if isinstance(f, MatAdd | MatMul) else self._atom(f) for f in value.args
        ]
        return row(*[x for p in parts for x in (Sign(r"\odot"), p)][1:])

    def _apply(self, value: Any) -> Node:
        """An entrywise function: by its name before the argument, or its formula with the argument in it."""
        function, argument = value.function, value.expr
        variable = next(iter(getattr(function, "variables", ())), None)
        head = function.expr.func if variable is not None and function.expr.args == (variable,) else None
        record = by_head().get(head)
        if record is not None and head is not None:
            shown = self.scalars.whole(head(index("x")))
            first = shown.parts[0] if hasattr(shown, "parts") else shown
            if isinstance(first, Function):
                return row(first, APPLY, Fence("(", self.whole(argument), ")"))
            return self._applied(record.name, argument)
        if variable is None or not isinstance(argument, MatrixSymbol):
            return self._applied(str(function), argument)
        return Fence("(", self.scalars.whole(function.expr.xreplace({variable: Symbol(str(argument.name))})), ")")

    def _grid(self, value: Any) -> Node:
        rows, columns = value.shape
        return Grid("(", tuple(tuple(self.whole(value[i, j]) for j in range(columns)) for i in range(rows)), ")")
