"""Every target computes what NumPy's functions compute, in both precisions, row by row of a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numeric.test_functions import CASES, Case, K, M, N, T, _values

from symdl.numeric import generate, targets
from symdl.numeric.generate import Module

AT = {K: 4, M: 3, N: 2, T: 3}
TOLERANCE = {np.float64: {"rtol": 1e-9, "atol": 1e-12}, np.float32: {"rtol": 2e-4, "atol": 2e-5}}

COMPILED = ("label gradient", "mixture", "vector RNN")
"""The cases for targets that take seconds to compile one."""

PAIRS = [
    pytest.param(target, case, id=f"{target}-{case.name}")
    for target in targets()
    for case in CASES
    if case.name in COMPILED or target in ("numpy", "torch")
]

pytestmark = pytest.mark.filterwarnings("ignore")


def made(case: Case, target: str) -> Module:
    library = pytest.importorskip(target)
    if target == "jax":
        library.config.update("jax_enable_x64", True)
    return generate(case.result, case.indices, case.givens, target=target)


def arguments(case: Case, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    labels = {a: int(rng.integers(0, AT[b])) for a, b in case.labels.items()}
    values = {k.replace("\\", ""): v for k, v in _values(case, AT, rng).items()}
    return values | labels | ({"K": AT[K]} if "K" in case.shapes else {})


@pytest.mark.parametrize(("target", "case"), PAIRS)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_target_computes_what_numpy_computes(target: str, case: Case, kind: type) -> None:
    values = arguments(case)
    wanted = made(case, "numpy").function()(**values)
    inputs = {a: np.asarray(v, kind) if isinstance(v, (float, np.ndarray)) else v for a, v in values.items()}
    found = np.asarray(made(case, target).function()(**inputs))
    assert found.shape == np.shape(wanted)
    if any(isinstance(v, (float, np.ndarray)) for v in values.values()):
        assert found.dtype == kind
    np.testing.assert_allclose(found, wanted, **TOLERANCE[kind])


@pytest.mark.parametrize(("target", "case"), PAIRS)
def test_leading_axes_of_all_arguments_broadcast(target: str, case: Case) -> None:
    shapes = ((2,), (3, 1), (), (3, 2))
    values: dict[str, Any] = {}
    for n, (name, value) in enumerate(arguments(case).items()):
        batch = () if name == "K" else shapes[n % len(shapes)]
        seeds = np.arange(int(np.prod(batch, dtype=int))).reshape(batch)
        rows = [arguments(case, int(s))[name] for s in seeds.reshape(-1)]
        values[name] = np.reshape(np.asarray(rows), (*batch, *np.shape(value))) if batch else value
    found = np.asarray(made(case, target).function()(**values))
    plain = {a: np.shape(v) for a, v in arguments(case).items()}
    batch = np.broadcast_shapes(*(np.shape(v)[: np.ndim(v) - len(plain[a])] for a, v in values.items()))
    one = made(case, "numpy").function()
    assert found.shape[: len(batch)] == batch
    for at in np.ndindex(*batch):
        row = {a: np.broadcast_to(v, (*batch, *plain[a]))[at] if a != "K" else v for a, v in values.items()}
        np.testing.assert_allclose(found[at], one(**row), rtol=1e-9, atol=1e-12)
