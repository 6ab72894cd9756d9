"""How compiled loops reach their arguments: rows of arrays, or numbers that are the same for all rows.

An argument is a number, an array of one row, or one of many rows, which has an axis more; its type tells which.
"""

from __future__ import annotations

SOURCE = """
@numba.extending.intrinsic
def wide(context):
    # LLVM takes narrower vectors than the machine has where it is not told otherwise.
    def code(target, builder, signature, arguments):
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return target.get_dummy_value()

    return numba.types.void(), code


@numba.extending.intrinsic(prefer_literal=True)
def held(context, length, like):
    # So many numbers that live as long as the call.
    size = getattr(length, "literal_value", None)
    kind = numba.types.unliteral(like)

    def code(target, builder, signature, arguments):
        return cgutils.alloca_once(builder, target.get_value_type(kind), size=size)

    return None if size is None else numba.types.CPointer(kind)(length, like), code


def scopes(module):
    # What says that results and arguments lie apart.
    domain = module.add_metadata([MetaDataString(module, "rows")])
    return module.add_metadata([module.add_metadata([MetaDataString(module, "arguments"), domain])])


@numba.extending.intrinsic
def load(context, array, first, position):
    # What is at a position after a first one.  That it is within the array, no sum of positions is too large and no
    # result is there is what LLVM has to know.
    def code(target, builder, signature, arguments):
        if not isinstance(array, numba.types.Array):
            return arguments[0]
        data = target.make_array(array)(target, builder, arguments[0]).data
        data = builder.gep(data, [arguments[1]], inbounds=True)
        found = builder.load(builder.gep(data, [arguments[2]], inbounds=True))
        found.set_metadata("alias.scope", scopes(builder.module))
        return found

    kind = array.dtype if isinstance(array, numba.types.Array) else array
    return kind(array, numba.types.intp, numba.types.intp), code


@numba.extending.intrinsic
def store(context, array, first, position, value):
    def code(target, builder, signature, arguments):
        data = target.make_array(array)(target, builder, arguments[0]).data
        data = builder.gep(data, [arguments[1]], inbounds=True)
        stored = builder.store(arguments[3], builder.gep(data, [arguments[2]], inbounds=True))
        stored.set_metadata("noalias", scopes(builder.module))
        return target.get_dummy_value()

    return numba.types.void(array, numba.types.intp, numba.types.intp, array.dtype), code


@numba.extending.intrinsic
def address(context, array):
    def code(target, builder, signature, arguments):
        data = target.make_array(array)(target, builder, arguments[0]).data
        return builder.ptrtoint(data, target.get_value_type(numba.types.intp))

    return numba.types.intp(array), code


def choice(function):
    # Of several forms of a function that of the types at hand is compiled; none of them is called by Python.
    def stub(*arguments):
        raise NotImplementedError

    stub.__name__ = function.__name__
    numba.extending.overload(stub, jit_options=EXACT)(function)
    return stub


@choice
def step_of(array, shape):
    step = isinstance(array, numba.types.Array) and array.ndim > len(shape)
    return (lambda array, shape: 1) if step else (lambda array, shape: 0)


@choice
def rows_in(array, shape):
    if isinstance(array, numba.types.Array) and array.ndim > len(shape):
        return lambda array, shape: array.shape[0]
    return lambda array, shape: -1


@choice
def fits(array, count, shape):
    rank = array.ndim if isinstance(array, numba.types.Array) else 0
    if rank == len(shape):
        return (lambda array, count, shape: array.shape == shape) if rank else (lambda array, count, shape: True)
    if rank == len(shape) + 1:
        return lambda array, count, shape: array.shape[0] == count and array.shape[1:] == shape
    return lambda array, count, shape: False


@choice
def apart(result, array):
    if not isinstance(array, numba.types.Array):
        return lambda result, array: True

    def check(result, array):
        first, other = address(result), address(array)
        return first + result.nbytes <= other or other + array.nbytes <= first

    return check


@choice
def inside(array, length):
    if not isinstance(array, numba.types.Array):
        return lambda array, length: 0 <= array < length

    def check(array, length):
        wrong = 0
        for n in range(array.size):
            wrong |= (load(array, 0, n) < 0) | (load(array, 0, n) >= length)
        return wrong == 0

    return check
"""
"""The functions that kernels reach arrays by."""

NAMES = frozenset({"MetaDataString", "address", "apart", "choice", "fits", "held", "inside", "load", "rows_in",
                   "scopes", "step_of", "store", "wide"})  # fmt: skip
"""The names that a module of compiled loops defines for this."""
