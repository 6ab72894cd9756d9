"""How quantities are called in generated code."""

from __future__ import annotations

import ast
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import Symbol, exp

from symdl.errors import NoFunctionError
from symdl.language import scalar
from symdl.numeric import generate
from symdl.numeric.names import RESERVED, identifier
from symdl.problem import Givens


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("z", "z"),
        (r"\mu", "mu"),
        (r"\varepsilon", "varepsilon"),
        (r"\ell", "ell"),
        (r"\hat{y}", "y_hat"),
        (r"\hat y", "y_hat"),
        (r"\bar{x}", "x_bar"),
        (r"\tilde{\mu}", "mu_tilde"),
        (r"\hat{y}_{ij}", "y_hat_ij"),
        ("z'", "z_prime"),
        ("z''", "z_prime_prime"),
        ("W^{(1)}", "W_1"),
        ("W^{(l+1)}", "W_l_plus_1"),
        ("W_{hh}", "W_hh"),
        (r"W_{h\beta}", "W_h_beta"),
        (r"\mathbf{x}", "x"),
        (r"\mathrm{ReLU}", "ReLU"),
        (r"\boldsymbol{\theta}", "theta"),
        (r"\operatorname{loss}", "loss"),
        ("h_0", "h_0"),
        ("h_{0}", "h_0"),
        (r"\lambda", "lambda_"),
        ("in", "in_"),
        ("np", "np_"),
        ("sum", "sum_"),
        (r"x^*", "x_star"),
        ("1", "q_1"),
        ("", "q"),
        ("{", "q"),
        ("_", "q"),
        ("^", "q"),
        (r"\hat", "hat"),
    ],
)
def test_a_name_is_spelled_out(name: str, expected: str) -> None:
    assert identifier(name) == expected


@given(st.text(max_size=30))
def test_every_name_gives_a_plain_identifier(name: str) -> None:
    found = identifier(name)
    assert found.isidentifier()
    assert found.isascii()
    assert not keyword.iskeyword(found)
    assert found not in RESERVED


def test_two_quantities_that_would_be_called_alike_are_refused() -> None:
    with pytest.raises(NoFunctionError, match=r"W\^\{\(1\)\} and W_1 would both be called W_1"):
        generate(scalar("W_1") + scalar("W^{(1)}"), (), Givens())


EVIL = [
    "__import__('os').system('true')",
    'x"""; import os; """',
    "x\n    import os",
    "x); raise SystemExit(",
    "\\mu{__class__}",
    "é\u202e",
    "print",
    "exec",
    "x' + eval('1') + '",
]


@pytest.mark.parametrize("name", EVIL)
def test_a_name_with_code_in_it_stays_a_name(name: str) -> None:
    module = generate(exp(Symbol(name, real=True)), (), Givens(), title=name, formula=name, assumes=(name,), name="f")
    tree = ast.parse(module.source)
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == module.name)
    (argument,) = function.args.kwonlyargs
    assert argument.arg == identifier(name)
    assert {n.names[0].name for n in ast.walk(tree) if isinstance(n, ast.Import)} <= {"math", "numpy"}
    called = {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    own = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)} | {"function"}
    known = {"any", "hasattr", "isinstance", "len", "max", "range", "slice", "tuple", "type", "zip", "ValueError"}
    assert called - own <= known
    assert module.source.isascii()
    assert module.function()(**{argument.arg: 0.0}) == 1.0


def test_the_document_s_words_stand_in_the_docstring_only() -> None:
    module = generate(scalar("x") ** 2, (), Givens(), title="Fancy words", formula=r"\frac{1}{2}", assumes=("x > 0",))
    text = module.function().__doc__
    assert text is not None
    assert "Fancy words" in text
    assert r"\frac{1}{2}" in text
    assert "x > 0" in text
    body = ast.unparse(ast.parse(module.source).body[-1].body[1:])  # type: ignore[attr-defined, arg-type]
    assert "Fancy" not in body
