"""What the functions on tensors have of their own: blocks of rows, half precision, nothing changed, and compilers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numeric.promises import BCE, LABEL, SOFTMAX, derived

torch = pytest.importorskip("torch")

GRADIENT = r"\frac{\partial L}{\partial z_i}"
CLASSES = 1000


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are of one size on every machine."""
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)


def function(given: tuple[str, ...] = LABEL, find: str = GRADIENT, **arguments: bool) -> Any:
    return derived(given, find)[0].function("torch", **arguments)


def rows(*batch: int, kind: Any = torch.float32) -> tuple[Any, Any]:
    """Logits and labels; of every other row one share, that of its label in half of these, is nearly 1."""
    made = torch.Generator().manual_seed(0)
    z = torch.randn((*batch, CLASSES), generator=made)
    y = torch.randint(0, CLASSES, batch, generator=made)
    at = torch.where(torch.arange(batch[-1]) % 4 == 0, y, y - 1) % CLASSES
    z.scatter_(-1, at[..., None], torch.where(torch.arange(batch[-1]) % 2 == 0, 20.0, 0.0).expand(batch)[..., None])
    return z.to(kind), y


def exact(z: Any, y: Any) -> Any:
    """The gradient in extended precision, with the digits of what is left of 1."""
    wide = z.to(torch.float64).numpy().astype(np.longdouble)
    e = np.exp(wide - wide.max(axis=-1, keepdims=True))
    at = y.numpy()[..., None]
    others = e.copy()
    np.put_along_axis(others, at, 0, axis=-1)
    np.put_along_axis(e, at, -others.sum(axis=-1, keepdims=True), axis=-1)
    return e / (
        others.sum(axis=-1, keepdims=True) + np.exp(np.take_along_axis(wide, at, -1) - wide.max(-1, keepdims=True))
    )


DIGITS = {torch.float64: 53, torch.float32: 24, torch.float16: 11, torch.bfloat16: 8}


@pytest.mark.parametrize("kind", DIGITS, ids=str)
@pytest.mark.parametrize("batch", [(3,), (2, 400)], ids=str)
def test_long_batches_and_half_precisions_keep_the_promise(batch: tuple[int, ...], kind: Any) -> None:
    z, y = rows(*batch, kind=kind)
    before = z.clone()
    found = function()(z=z, y=y)
    assert (found.dtype, found.shape) == (kind, z.shape)
    assert torch.equal(z, before)
    wanted = exact(z, y)
    smallest = np.exp2(np.log2(torch.finfo(kind).tiny) - DIGITS[kind] + 1)
    unit = np.maximum(np.exp2(np.floor(np.log2(np.abs(wanted))) - DIGITS[kind] + 1), smallest)
    off = np.abs(found.to(torch.float64).numpy() - wanted) / unit
    assert off.max() <= (4 if kind == torch.float64 else 1.01)


def test_a_batch_in_blocks_is_what_its_rows_are() -> None:
    z, y = rows(2, 400, kind=torch.float64)
    loss, gradient = function(value=True)(z=z, y=y)
    for at in ((0, 0), (0, 399), (1, 1), (1, 131), (1, 399)):
        alone = function(value=True)(z=z[at], y=y[at])
        torch.testing.assert_close((loss[at], gradient[at]), alone, rtol=1e-14, atol=0)


def test_rows_that_do_not_lie_one_after_the_other_are_taken_as_they_are() -> None:
    z, y = rows(700, kind=torch.float64)
    turned = z.T.contiguous().T
    assert torch.equal(function()(z=turned, y=y), function()(z=z, y=y))
    shared = function()(z=z[0].expand(700, -1), y=y)
    assert torch.equal(shared[5], function()(z=z[0], y=y[5]))


def test_a_label_of_the_last_block_is_refused_before_anything_is_worked_out() -> None:
    z, y = rows(700)
    y[-1] = CLASSES
    with pytest.raises(ValueError, match=f"^y: no position {CLASSES} along an axis of length {CLASSES}$"):
        function()(z=z, y=y)


def test_numbers_of_half_precision_are_rounded_once() -> None:
    z = torch.linspace(-20.0, 9.0, 97, dtype=torch.float16)
    found = function(BCE, r"\frac{\partial L}{\partial z}")(z=z, y=torch.zeros((), dtype=torch.float16))
    assert torch.equal(found, torch.sigmoid(z.double()).to(torch.float16))


def test_shares_take_little_memory_beside_the_result() -> None:
    from torch.utils._python_dispatch import TorchDispatchMode

    sizes: dict[int, int] = {}

    class Sizes(TorchDispatchMode):
        def __torch_dispatch__(self, name: Any, kinds: Any, args: Any = (), kwargs: Any = None) -> Any:
            found = name(*args, **(kwargs or {}))
            if isinstance(found, torch.Tensor):
                sizes[found.data_ptr()] = max(found.numel(), sizes.get(found.data_ptr(), 0))
            return found

    z, _ = rows(2000)
    with Sizes():
        shares = function(SOFTMAX, "p_i")(z=z)
    sizes.pop(z.data_ptr(), None)
    assert sizes.pop(shares.data_ptr()) == shares.numel()
    assert max(sizes.values()) <= shares.numel() // 2


def test_a_compiler_takes_a_function_whole() -> None:
    torch._dynamo.reset()
    z, y = rows(8, kind=torch.float64)
    compiled = torch.compile(function(), backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(z=z, y=y), function()(z=z, y=y), rtol=1e-14, atol=0)


def test_machine_code_of_functions_is_chosen_before_several_threads_call_them() -> None:
    assert "\nsettled(torch.exp)\n" in derived(LABEL, GRADIENT)[0].source("torch")
    assert "settled" not in derived((r"f = a b",), "f")[0].source("torch")
