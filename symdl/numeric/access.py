"""How compiled loops reach their arguments: rows of arrays, or numbers that are the same for all rows.

An argument is a number, an array of one row, or one of many rows, which has an axis more; its type tells which.
"""

from __future__ import annotations

SOURCE = """
# Where the fields of an array or a dtype begin, in machine words.  NumPy keeps them so for all compiled code: of an
# array data, axes, shape, strides, base, dtype, flags; of a dtype its class, then letters for kind, type and order.
FIELDS = object.__basicsize__ // 8
IS_READ, IS_WRITTEN = 0x101, 0x501
OBJECT = numba.types.Object(np.ndarray)


def tag(kind):
    # The letters of a dtype in the order of this machine, flags that do not count, and its number.
    dtype = np.dtype(kind)
    return ord(dtype.kind) | ord(dtype.char) << 8 | ord("=") << 16 | dtype.num << 32


REAL, REAL_f4, WHOLE = tag(np.float64), tag(np.float32), tag(np.int64)


@numba.extending.intrinsic
def place(context, thing):
    # Where an object of Python is.
    def code(target, builder, signature, arguments):
        return builder.ptrtoint(arguments[0], cgutils.intp_t)

    return numba.types.intp(thing), code


@numba.extending.intrinsic
def word(context, place, position):
    # The machine word so many after a place.
    def code(target, builder, signature, arguments):
        words = builder.inttoptr(arguments[0], cgutils.intp_t.as_pointer())
        return builder.load(builder.gep(words, [arguments[1]]))

    return numba.types.intp(numba.types.intp, numba.types.intp), code


@numba.extending.intrinsic(prefer_literal=True)
def viewed(context, thing, axes, like):
    # An array of these numbers in C's order where the caller hands an array over, which it keeps alive; else a number.
    is_number = not isinstance(thing, numba.types.Object)
    made = numba.types.unliteral(thing)
    if not is_number:
        made = numba.types.Array(numba.types.unliteral(like), axes.literal_value, "C")

    def code(target, builder, signature, arguments):
        if is_number:
            return arguments[0]
        words = builder.bitcast(arguments[0], cgutils.intp_t.as_pointer())
        data, shape = (builder.load(cgutils.gep(builder, words, FIELDS + n)) for n in (0, 2))
        lengths = builder.inttoptr(shape, cgutils.intp_t.as_pointer())
        lengths = [builder.load(cgutils.gep(builder, lengths, n)) for n in range(made.ndim)]
        array = target.make_array(made)(target, builder)
        size = cgutils.intp_t(target.get_abi_sizeof(target.get_data_type(made.dtype)))
        steps = [size]
        for length in reversed(lengths[1:]):
            steps.insert(0, builder.mul(steps[0], length))
        data = builder.inttoptr(data, array.data.type)
        populate_array(array, data, lengths, steps[: made.ndim], size, None)
        return array._getvalue()

    return made(thing, axes, like), code


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


@numba.extending.intrinsic
def fused(context, a, b, c):
    # a b + c, rounded once; whole numbers become real ones.
    def code(target, builder, signature, arguments):
        return builder.fma(*arguments)

    return c(c, c, c), code


@numba.extending.intrinsic(prefer_literal=True)
def one_by_one(context, count):
    # Of a loop with this in it LLVM makes none over vectors: to put numbers that lie further apart than it can shuffle
    # takes longer for a vector of them than for each alone.
    def code(target, builder, signature, arguments):
        if count.literal_value > 8:
            builder.asm(FunctionType(VoidType(), []), "", "~{memory}", (), True)
        return target.get_dummy_value()

    return numba.types.void(count), code


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
def touch(context, array, first, position):
    # Asks for the memory of a place that will be written to.
    def code(target, builder, signature, arguments):
        data = target.make_array(array)(target, builder, arguments[0]).data
        data = builder.gep(builder.gep(data, [arguments[1]], inbounds=True), [arguments[2]], inbounds=True)
        flags = [cgutils.int32_t(n) for n in (1, 3, 1)]
        kind = FunctionType(VoidType(), [cgutils.voidptr_t, *(f.type for f in flags)])
        called = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(called, [builder.bitcast(data, cgutils.voidptr_t), *flags])
        return target.get_dummy_value()

    return numba.types.void(array, numba.types.intp, numba.types.intp), code


@numba.extending.intrinsic
def address(context, array):
    def code(target, builder, signature, arguments):
        data = target.make_array(array)(target, builder, arguments[0]).data
        return builder.ptrtoint(data, target.get_value_type(numba.types.intp))

    return numba.types.intp(array), code


@numba.njit(**EXACT)
def expect(array, first, count):
    # A row of results is on its way while it is worked out; a long one would push out what it is made of.
    if count <= 4096:
        for n in range(0, count, 64 // array.itemsize):
            touch(array, first, n)


def choice(function):
    # Of several forms of a function that of the types at hand is compiled; none of them is called by Python.
    def stub(*arguments):
        raise NotImplementedError

    stub.__name__ = function.__name__
    numba.extending.overload(stub, jit_options=EXACT)(function)
    return stub


@choice
def is_array(thing, kind, dtype, axes, flags):
    # Whether an object is an array of this class and dtype with so many axes in C's order.
    if not isinstance(thing, numba.types.Object):
        return lambda thing, kind, dtype, axes, flags: True

    def check(thing, kind, dtype, axes, flags):
        first = place(thing)
        return (
            word(first, FIELDS - 1) == place(kind)
            and word(word(first, FIELDS + 5), FIELDS + 1) & 0xFFFFFFFF00FFFFFF == dtype
            and word(first, FIELDS + 1) & 0xFFFFFFFF == axes
            and word(first, FIELDS + 6) & flags == flags
        )

    return check


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

NAMES = frozenset({"FIELDS", "FunctionType", "IS_READ", "IS_WRITTEN", "MetaDataString", "OBJECT", "REAL", "REAL_f4",
                   "VoidType", "WHOLE", "address", "apart", "choice", "expect", "fits", "fused", "held", "inside",
                   "is_array", "load", "one_by_one", "place", "populate_array", "rows_in", "scopes", "step_of",
                   "store", "tag", "touch", "viewed", "wide", "word"})  # fmt: skip
"""The names that a module of compiled loops defines for this."""
