"""The NumPy functions that generated modules carry along, each only where it is needed.

Arrays hold the axis that a function works along last, unless it says otherwise.
"""

from __future__ import annotations

HELPERS: dict[str, str] = {
    "check_shape": """
def check_shape(name, array, shape):
    if array.shape != shape:
        raise ValueError(f"{name}: expected an array of shape {shape}, got {array.shape}")
""",
    "check_size": """
def check_size(name, value):
    if int(value) != value or value < 1:
        raise ValueError(f"{name}: expected a positive whole number, got {value!r}")
    return int(value)
""",
    "length_of": """
def length_of(name, array, rank, axis):
    if array.ndim != rank:
        raise ValueError(f"{name}: expected an array with {rank} dimensions, got shape {array.shape}")
    return array.shape[axis]
""",
    "as_labels": """
def as_labels(name, value):
    labels = np.asarray(value)
    if not np.all(np.equal(np.mod(labels, 1), 0)):
        raise ValueError(f"{name}: expected positions counted from 0, got {value!r}")
    return labels.astype(int)
""",
    "position": """
def position(name, index, length):
    if np.any(np.less(index, 0)) or np.any(np.greater_equal(index, length)):
        raise ValueError(f"{name}: no position {index} along an axis of length {length}")
    return index
""",
    "softmax": """
def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True, initial=-np.inf))
    return e / np.sum(e, axis=-1, keepdims=True)
""",
    "log_softmax": """
def log_softmax(x):
    d = x - np.max(x, axis=-1, keepdims=True, initial=-np.inf)
    return d - np.log(np.sum(np.exp(d), axis=-1, keepdims=True))
""",
    "log_softmax_rest": """
def log_softmax_rest(x):
    d = x - np.max(x, axis=-1, keepdims=True, initial=-np.inf)
    edge = np.full((*x.shape[:-1], 1), -np.inf)
    before = np.concatenate([edge, np.logaddexp.accumulate(d, axis=-1)], axis=-1)
    after = np.concatenate([edge, np.logaddexp.accumulate(np.flip(d, -1), axis=-1)], axis=-1)
    return np.logaddexp(before[..., :-1], np.flip(after, -1)[..., 1:]) - before[..., -1:]
""",
    "softmax_rest": """
def softmax_rest(x):
    return np.exp(log_softmax_rest(x))
""",
    "peak": """
def peak(x, weight):
    m = np.max(np.where(weight == 0, -np.inf, x), axis=-1, initial=-np.inf)
    return np.where(np.isfinite(m), m, 0.0)
""",
    "logsumexp": """
def logsumexp(x, weight=1.0):
    m = peak(x, weight)
    e = np.where(weight == 0, 0.0, np.exp(x - m[..., None]))
    return m + np.log(np.sum(weight * e, axis=-1))
""",
    "exp_over_sum": """
def exp_over_sum(a, x, weight=1.0):
    m = peak(x, weight)
    e = np.where(weight == 0, 0.0, np.exp(x - m[..., None]))
    return np.exp(a - m) / np.sum(weight * e, axis=-1)
""",
    "log_add_exp": """
def log_add_exp(*terms):
    total = terms[0]
    for term in terms[1:]:
        total = np.logaddexp(total, term)
    return total
""",
    "sech2": """
def sech2(x):
    e = np.exp(-2.0 * np.abs(x))
    return 4.0 * e / (1.0 + e) ** 2
""",
    "xlogy": """
def xlogy(x, y):
    return x * np.log(np.where((x == 0) & ~(np.asarray(y) < 0), 1.0, y))
""",
    "partial_results": """
def partial_results(op, x, start, from_end=False):
    x = np.flip(x, -1) if from_end else x
    first = np.full((*x.shape[:-1], 1), start)
    found = np.concatenate([first, op.accumulate(x, axis=-1)], axis=-1)
    return np.flip(found, -1) if from_end else found
""",
    "range_results": """
def range_results(op, x, start):
    n = x.shape[-1]
    found = np.full((*x.shape[:-1], n + 1, n + 1), start)
    for k in range(n):
        found[..., : k + 1, k + 1] = op(found[..., : k + 1, k], x[..., k, None])
    return found
""",
    "running_sums": """
def running_sums(new, factor, from_end=False):
    if from_end:
        new, factor = np.flip(new, -1), np.flip(factor, -1)
    n = new.shape[-1]
    found = np.zeros((*new.shape[:-1], n + 1))
    for k in range(n):
        found[..., k + 1] = new[..., k] + (factor[..., k - 1] * found[..., k] if k else 0.0)
    return np.flip(found, -1) if from_end else found
""",
    "running_matrix_sums": """
def running_matrix_sums(new, matrix, from_end=False):
    if from_end:
        new, matrix = np.flip(new, -2), np.flip(matrix, 0)
    n = new.shape[-2]
    found = np.zeros((*new.shape[:-2], n + 1, new.shape[-1]))
    for k in range(n):
        found[..., k + 1, :] = new[..., k, :] + (found[..., k, :] @ matrix[k - 1].T if k else 0.0)
    return np.flip(found, -2) if from_end else found
""",
    "matrix_products": """
def matrix_products(matrices, from_end=False):
    n, size = matrices.shape[-3:-1]
    found = np.empty((*matrices.shape[:-3], n + 1, size, size))
    found[..., -1 if from_end else 0, :, :] = np.eye(size)
    for k in range(n):
        if from_end:
            found[..., n - k - 1, :, :] = found[..., n - k, :, :] @ matrices[..., n - k - 1, :, :]
        else:
            found[..., k + 1, :, :] = matrices[..., k, :, :] @ found[..., k, :, :]
    return found
""",
    "matrix_product": """
def matrix_product(matrices):
    size = matrices.shape[-1]
    found = np.broadcast_to(np.eye(size), (*matrices.shape[:-3], size, size))
    for k in range(matrices.shape[-3]):
        found = matrices[..., k, :, :] @ found
    return found
""",
    "range_matrix_products": """
def range_matrix_products(matrices):
    n, size = matrices.shape[-3:-1]
    found = np.empty((*matrices.shape[:-3], n + 1, n + 1, size, size))
    found[...] = np.eye(size)
    for k in range(n):
        for start in range(k + 1):
            found[..., start, k + 1, :, :] = matrices[..., k, :, :] @ found[..., start, k, :, :]
    return found
""",
}
"""Name -> source; what a source calls of the others comes before it."""

NEEDS: dict[str, tuple[str, ...]] = {
    "logsumexp": ("peak",),
    "exp_over_sum": ("peak",),
    "softmax_rest": ("log_softmax_rest",),
}
"""Name -> the other functions that its source calls."""
