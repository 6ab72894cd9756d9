"""The NumPy functions about shapes, batches and loops that generated modules carry along, each only where it is needed.

Arrays hold batch axes first and the axis that a function works along last, unless it says otherwise.
"""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "as_floats": """
def as_floats(*values):
    kinds = {v.dtype if type(v) is np.ndarray else None for v in values}
    if kinds == {np.dtype(np.float64)} or kinds == {np.dtype(np.float32)}:
        return values
    arrays = [np.asarray(v) for v in values]
    if any(a.dtype.kind == "c" for a in arrays):
        raise ValueError("expected real numbers, got complex ones")
    kinds = [a.dtype for a, v in zip(arrays, values) if hasattr(v, "dtype") and a.dtype.kind == "f"]
    dtype = np.result_type(np.float32, *kinds) if kinds else np.dtype(float)
    return [np.asarray(a, dtype) for a in arrays]
""",
    "as_labels": """
def as_labels(name, value):
    labels = np.asarray(value)
    kind = labels.dtype.kind
    if kind == "c" or kind not in "iu" and not np.all(np.equal(np.mod(labels, 1), 0)):
        raise ValueError(f"{name}: expected positions counted from 0, got {value!r}")
    return labels.astype(int, copy=False)
""",
    "check_size": """
def check_size(name, value):
    if int(value) != value or value < 1:
        raise ValueError(f"{name}: expected a positive whole number, got {value!r}")
    return int(value)
""",
    "length_of": """
def length_of(name, array, rank, axis):
    if array.ndim < rank:
        raise ValueError(f"{name}: expected an array with at least {rank} axes, got shape {tuple(array.shape)}")
    return array.shape[array.ndim - rank + axis]
""",
    "check_shape": """
def check_shape(name, array, shape):
    if tuple(array.shape[max(array.ndim - len(shape), 0) :]) != shape:
        raise ValueError(f"{name}: expected an array whose last axes are {shape}, got shape {tuple(array.shape)}")
""",
    "check_batches": """
def check_batches(*arrays):
    # Name, array and how many of its last axes are its own: the others have to be of one length, or of length 1.
    shapes = {name: tuple(array.shape[: array.ndim - rank]) for name, array, rank in arrays}
    lengths = {}
    for shape in shapes.values():
        for axis, length in enumerate(reversed(shape)):
            if length != 1 and lengths.setdefault(axis, length) != length:
                raise ValueError("batches do not fit together: " + ", ".join(f"{n} has {s}" for n, s in shapes.items()))
""",
    "batch_of": """
def batch_of(*arrays):
    # The axes before the last ones of each array, of which it has as many as the number says.
    return np.broadcast_shapes(*(tuple(array.shape[: array.ndim - rank]) for array, rank in arrays))
""",
    "position": """
def position(name, index, length):
    inside = (0 <= index) & (index < length)
    if not (inside if np.ndim(inside) == 0 else inside.all()):
        raise ValueError(f"{name}: no position {index} along an axis of length {length}")
    return index
""",
    "choice": """
def choice(condition, value, other, dtype):
    return np.where(condition, np.asarray(value, dtype), np.asarray(other, dtype))
""",
    "expanded": """
def expanded(x, shape):
    return np.broadcast_to(x, np.broadcast_shapes(np.shape(x), shape))
""",
    "filled": """
def filled(x, batch, shape, dtype):
    return np.array(np.broadcast_to(x, (*batch, *shape)), dtype)[()]
""",
    "picked": """
def picked(array, rank, *indices):
    # Entries along the last axes; the indices have their own last axes, and batches before them.
    before = np.shape(array)[: np.ndim(array) - len(indices)]
    shapes = {before, *(np.shape(i)[: max(np.ndim(i) - rank, 0)] for i in indices)}
    batch = before if len(shapes) == 1 else np.broadcast_shapes(*shapes)
    if not batch:
        return array[indices]
    if batch != before:
        array = np.broadcast_to(array, (*batch, *array.shape[array.ndim - len(indices) :]))
    after = [len(batch) - n - 1 + rank for n in range(len(batch))]
    return array[(*(np.arange(k).reshape(k, *[1] * m) for k, m in zip(batch, after)), *indices)]
""",
    "matvec": """
def matvec(matrix, vector):
    return vector @ matrix.T if matrix.ndim == 2 else (matrix @ vector[..., None])[..., 0]
""",
    "vecmat": """
def vecmat(vector, matrix):
    return vector @ matrix if matrix.ndim == 2 else (vector[..., None, :] @ matrix)[..., 0, :]
""",
    "states": """
def states(batch, shape, dtype):
    # The axis that a loop runs through lies first in memory.
    return np.moveaxis(np.empty((*shape[:1], *batch, *shape[1:]), dtype), 0, -len(shape)) if shape else np.empty(batch)
""",
    "partial_results": """
def partial_results(op, x, start, from_end=False):
    x = np.flip(x, -1) if from_end else x
    first = np.full((*x.shape[:-1], 1), start, x.dtype)
    found = np.concatenate([first, op.accumulate(x, axis=-1)], axis=-1)
    return np.flip(found, -1) if from_end else found
""",
    "filled_like": """
def filled_like(shape, value, like):
    return np.full(shape, value, like.dtype)
""",
    "identity_like": """
def identity_like(size, like):
    return np.eye(size, dtype=like.dtype)
""",
    "range_results": """
def range_results(op, x, start):
    n = x.shape[-1]
    found = filled_like((*x.shape[:-1], n + 1, n + 1), start, x)
    for k in range(n):
        found[..., : k + 1, k + 1] = op(found[..., : k + 1, k], x[..., k, None])
    return found
""",
    "running_sums": """
def running_sums(new, factor, from_end=False):
    if from_end:
        new, factor = np.flip(new, axis=(-1,)), np.flip(factor, axis=(-1,))
    shape = np.broadcast_shapes(new.shape[:-1], factor.shape[:-1])
    n = new.shape[-1]
    found = filled_like((n + 1, *shape), 0.0, new)
    for k in range(n):
        found[k + 1] = new[..., k] + (factor[..., k - 1] * found[k] if k else 0.0)
    found = np.moveaxis(found, 0, -1)
    return np.flip(found, axis=(-1,)) if from_end else found
""",
    "running_matrix_sums": """
def running_matrix_sums(new, matrix, from_end=False):
    if from_end:
        new, matrix = np.flip(new, axis=(-2,)), np.flip(matrix, axis=(-3,))
    batch = np.broadcast_shapes(new.shape[: new.ndim - 2], matrix.shape[: matrix.ndim - 3])
    n, size = new.shape[-2:]
    found = filled_like((n + 1, *batch, size), 0.0, new)
    for k in range(n):
        found[k + 1] = new[..., k, :] + (matvec(matrix[..., k - 1, :, :], found[k]) if k else 0.0)
    found = np.moveaxis(found, 0, -2)
    return np.flip(found, axis=(-2,)) if from_end else found
""",
    "matrix_products": """
def matrix_products(matrices, from_end=False):
    n, size = matrices.shape[-3:-1]
    found = filled_like((*matrices.shape[:-3], n + 1, size, size), 0.0, matrices)
    found[..., -1 if from_end else 0, :, :] = identity_like(size, matrices)
    for k in range(n):
        if from_end:
            found[..., n - k - 1, :, :] = found[..., n - k, :, :] @ matrices[..., n - k - 1, :, :]
        else:
            found[..., k + 1, :, :] = matrices[..., k, :, :] @ found[..., k, :, :]
    return found
""",
    "vector_products": """
def vector_products(vector, scale, matrix, from_end=False, moves=False):
    # A vector times more and more of the matrices diag(scale) matrix, in order.
    n, size = scale.shape[-2:]
    rank = 3 if moves else 2
    shapes = vector.shape[: vector.ndim - 1], scale.shape[: scale.ndim - 2], matrix.shape[: matrix.ndim - rank]
    found = filled_like((n + 1, *np.broadcast_shapes(*shapes), size), 0.0, vector)
    found[n if from_end else 0] = vector
    for k in range(n):
        step = n - k - 1 if from_end else k
        factor = matrix[..., step, :, :] if moves else matrix
        if from_end:
            found[step] = vecmat(found[step + 1] * scale[..., step, :], factor)
        else:
            found[step + 1] = scale[..., step, :] * matvec(factor, found[step])
    return np.moveaxis(found, 0, -2)
""",
    "matrix_product": """
def matrix_product(matrices):
    size = matrices.shape[-1]
    found = np.broadcast_to(identity_like(size, matrices), (*matrices.shape[:-3], size, size))
    for k in range(matrices.shape[-3]):
        found = matrices[..., k, :, :] @ found
    return found
""",
    "range_matrix_products": """
def range_matrix_products(matrices):
    n, size = matrices.shape[-3:-1]
    found = filled_like((*matrices.shape[:-3], n + 1, n + 1, size, size), 0.0, matrices)
    found[...] = identity_like(size, matrices)
    for k in range(n):
        for start in range(k + 1):
            found[..., start, k + 1, :, :] = matrices[..., k, :, :] @ found[..., start, k, :, :]
    return found
""",
}
"""Name -> source."""
