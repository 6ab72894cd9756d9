"""Products with a direction, values in the same pass, and modules that test themselves."""

from __future__ import annotations

import inspect
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symdl.errors import NoFunctionError
from symdl.problem import Derivation, catalogue
from symdl.read import read_all

VECTORS = r"""
# Vector recurrence

## Given

$$h_t = \tanh(W h_{t-1} + x_t), \qquad t = 1, \dots, T, \qquad h_t \in \mathbb{R}^{d}$$

$$W \in \mathbb{R}^{d \times d}, \quad x_t \in \mathbb{R}^{d}, \qquad L = \frac{1}{2} \sum_{i=1}^{d} (h_{T,i} - y_i)^2$$

## Find

$$\frac{\partial L}{\partial W_{ij}}$$
"""

RNG = np.random.default_rng(0)
Z, V = RNG.normal(size=(5, 4)), RNG.normal(size=(5, 4))
Y = np.eye(4)[[0, 1, 2, 3, 0]]


@cache
def derived(name: str) -> tuple[Derivation, ...]:
    text = name if "\n" in name else (catalogue() / f"{name}.md").read_text(encoding="utf-8")
    return tuple(d for problem in read_all(text) for d in problem.solve())


@pytest.fixture(params=["numpy", "numba"])
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_hessian_times_a_vector_is_the_product_with_the_hessian(target: str) -> None:
    hessian = derived("softmax-cross-entropy")[1]
    wanted = np.einsum("nij,nj->ni", hessian.function()(z=Z), V)
    found = hessian.function(target, along=True)(z=Z, v=V)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)


def test_a_hessian_times_a_vector_takes_no_matrix(target: str) -> None:
    # The matrix would take 80 gigabytes.
    z = np.linspace(-1.0, 1.0, 100_000)
    found = derived("softmax-cross-entropy")[1].function(target, along=True)(z=z, v=z)
    p = np.exp(z) / np.exp(z).sum()
    np.testing.assert_allclose(found, p * (z - p @ z), rtol=1e-9, atol=1e-18)


def test_a_value_comes_with_its_gradient(target: str) -> None:
    gradient = derived("softmax-cross-entropy")[0]
    value, found = gradient.function(target, value=True)(z=Z, y=Y)
    np.testing.assert_allclose(value, -np.sum(Y * (Z - np.log(np.exp(Z).sum(-1))[:, None]), -1), rtol=1e-12)
    np.testing.assert_allclose(found, gradient.function()(z=Z, y=Y), rtol=1e-12, atol=1e-15)


def test_a_value_comes_with_its_slope_along_a_direction() -> None:
    gradient = derived("softmax-cross-entropy")[0]
    _, slope = gradient.function(along=True, value=True)(z=Z, y=Y, v=V)
    np.testing.assert_allclose(slope, np.sum(gradient.function()(z=Z, y=Y) * V, -1), rtol=1e-12)


def test_a_jacobian_times_a_vector_keeps_the_axes_of_the_value() -> None:
    jacobian = derived("softmax-jacobian")[0]
    dense = jacobian.function()(z=Z[0])
    found = jacobian.function(along=True)(z=Z[0], v=V[0])
    np.testing.assert_allclose(found, dense @ V[0], rtol=1e-12, atol=1e-15)


def test_a_direction_has_a_name_that_the_problem_does_not_use() -> None:
    text = "# A\n\n## Given\n\n$$L = u v^2$$\n\n## Find\n\n$$\\frac{\\partial L}{\\partial v}$$\n"
    function = derived(text)[0].function(along=True)
    assert list(inspect.signature(function).parameters) == ["direction", "u", "v"]
    assert function(u=2.0, v=3.0, direction=0.5) == 6.0


def test_what_is_no_derivative_has_no_direction() -> None:
    text = "# A\n\n## Given\n\n$$x_1 = 2, \\quad x_2 = 3, \\quad b = x_1 x_2$$\n\n## Evaluate\n\n$$b$$\n"
    with pytest.raises(NoFunctionError, match="only a derivative has a direction"):
        derived(text)[0].function(along=True)


@pytest.mark.parametrize("library", ["numpy", "jax", "torch"])
def test_a_vector_recurrence_is_differentiated_without_products_of_matrices(library: str) -> None:
    found_library = pytest.importorskip(library)
    if library == "jax":
        found_library.config.update("jax_enable_x64", True)
    (gradient,) = derived(VECTORS)
    steps, units = 50, 3
    rng = np.random.default_rng(1)
    w, x, y = 0.5 * rng.normal(size=(units, units)), rng.normal(size=(steps, units)), rng.normal(size=units)
    states = [np.zeros(units)]
    for a in x:
        states.append(np.tanh(w @ states[-1] + a))
    wanted, back = np.zeros((units, units)), states[-1] - y
    for t in range(steps, 0, -1):
        back = back * (1 - states[t] ** 2)
        wanted += np.outer(back, states[t - 1])
        back = back @ w
    found = gradient.function(library)(W=w, h_0=np.zeros(units), x=x, y=y)
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)
    assert "matrix_products" not in gradient.source(library)


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_one_row_goes_its_own_short_way(kind: type) -> None:
    function = derived("softmax-cross-entropy")[0].function("numba")
    z, y = Z[0].astype(kind), Y[0].astype(kind)
    found = function(z=z, y=y)
    assert found.dtype == kind
    np.testing.assert_array_equal(found, function(z=z[None], y=y[None])[0])
    np.testing.assert_array_equal(found, function(z=np.repeat(z, 2)[::2], y=y))
    with pytest.raises(ValueError, match=r"^z: expected an array whose last axes are \(4,\)"):
        function(z=z[:3], y=y)
    with pytest.raises(ValueError, match=r"^z: expected an array whose last axes are \(4,\)"):
        function(z=Z[:, :3].astype(kind), y=Y.astype(kind))


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "task"), [("softmax-cross-entropy", 0), ("bce", 1)])
def test_a_row_has_its_value_also_beside_one_that_would_overflow(name: str, task: int, kind: type) -> None:
    # Far rows are shifted or scaled, and then all rows of the batch are.
    z = np.array([[0.5, -1.25, 3.0, 0.125], [-5000.0, 300.0, 2000.0, 0.0]], kind)
    y = Y[[3, 0]].astype(kind)
    function = derived(name)[task].function()
    together = function(z=z, y=y)
    for n in range(2):
        np.testing.assert_allclose(together[n], function(z=z[n], y=y[n]), rtol=8 * np.finfo(kind).eps, atol=0)


@pytest.mark.parametrize("arguments", [{}, {"along": True}, {"value": True}])
def test_the_same_derivation_gives_the_same_bytes(arguments: dict[str, Any], target: str) -> None:
    gradient = derived("softmax-cross-entropy")[0]
    assert gradient.source(target, **arguments) == gradient.source(target, **arguments)


def test_a_module_tests_itself(tmp_path: Path) -> None:
    text = derived("softmax-cross-entropy")[0].source()
    path = tmp_path / "module.py"
    path.write_text(text)
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True)
    assert "units in the last place, in float64" in done.stdout
    assert "Measured" in text
    path.write_text(text.replace("'z': [1.25,", "'z': [9.25,"))
    assert subprocess.run([sys.executable, str(path)], capture_output=True).returncode == 1


def test_a_torch_function_keeps_no_graph() -> None:
    torch = pytest.importorskip("torch")
    z = torch.tensor(Z, requires_grad=True)
    found = derived("softmax-cross-entropy")[0].function("torch")(z=z, y=torch.tensor(Y))
    assert not found.requires_grad


def test_a_jax_function_goes_through_jit_vmap_and_grad() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    gradient, hessian, _ = derived("softmax-cross-entropy")
    function = gradient.function("jax")
    found = jax.jit(jax.vmap(lambda z, y: function(z=z, y=y)))(Z, Y)
    np.testing.assert_allclose(found, gradient.function()(z=Z, y=Y), rtol=1e-12, atol=1e-15)
    slope = jax.jacobian(lambda z: function(z=z, y=Y[0]))(Z[0])
    np.testing.assert_allclose(slope, hessian.function()(z=Z[0]), rtol=1e-9, atol=1e-12)
