"""The NumPy functions that generated modules carry along, each only where it is needed.

Arrays hold the axis that a function works along last, unless it says otherwise.
"""

from __future__ import annotations

from math import factorial

FEW = 3
"""A sum of so many terms loses too little to look after it."""

TERMS = ", ".join(repr(1 / factorial(n)) for n in range(13, 1, -1))
"""The coefficients of e^r - 1 - r from the highest on, as the text of a tuple, enough for |r| <= (log 2)/2."""

HELPERS: dict[str, str] = {
    "lost_by": """
def lost_by(a, b):
    # What rounding takes from a sum.
    total = a + b
    back = total - a
    return (a - (total - back)) + (b - back)
""",
    "less_rest": """
def less_rest(apart, lost, mean):
    # The mean of what is left of differences from a rounded mean is what this lacks.
    rest = lost - mean
    return apart + np.where(np.isfinite(rest), rest, 0.0)
""",
    "product": """
def product(a, b):
    # Rounded here, and not where it is added to something.
    return a * b
""",
    "upper": """
def upper(x):
    # The upper half of the digits: products of two such numbers are exact, those of constants in any precision.
    kind = getattr(x, "dtype", None)
    c = (2199023255553.0 if kind is None else 4097.0 if kind == np.float32 else 134217729.0) * x
    return c - (c - x)
""",
    "product_tail": """
def product_tail(a, b, product, c, d):
    # What rounding took from a product, by the upper halves of its factors.
    return ((c * d - product) + c * (b - d)) + (a - c) * b
""",
    "with_tail": """
def with_tail(value, lost):
    return value + np.where(np.isfinite(lost), lost, 0.0)
""",
    "difference": """
def difference(a, b):
    # The rounded difference, and what rounding took away.
    d = a - b
    back = d - a
    lost = (a - (d - back)) - (b + back)
    return d, np.where(np.isfinite(lost), lost, 0.0)
""",
    "exp_below": """
def exp_below(x):
    # e^x for x that is not positive; compiled loops have a shorter form of it.
    return np.exp(x)
""",
    "times_exp": """
def times_exp(u, x, y=1.0):
    # x y e^u, by the root of the exponential where it could overflow or underflow before it is multiplied.
    far = np.abs(u) > 64.0
    e = np.exp(np.where(far, 0.5 * u, u))
    found = x * e
    found = np.where(far, found * (y * e), found * y)
    return np.where(((x == 0) | (y == 0)) & (u < np.inf), x * y, found)
""",
    "root_gap": """
def root_gap(root, w, gap):
    # root - w, by the gap between their squares where the two are close and this is neither too large nor too small.
    near = (root < 2.0 * w) & (w > 1e-18) & (np.abs(gap) < np.inf)
    return np.where(near, gap / np.where(near, root + w, 1.0), root - w)
""",
    "gap_between": """
def gap_between(a, b):
    return np.where(a == b, 0.0, a - b)
""",
    "exp_gap": """
def exp_gap(x):
    e = np.expm1(-np.abs(x))
    return np.where(x < 0, e, -e)
""",
    "log_gap": """
def log_gap(x):
    # log(1 - e^-x)
    return np.where(x > 0.7, np.log1p(-exp_below(-x)), np.log(-np.expm1(-x)))
""",
    "softplus_mean": """
def softplus_mean(a, b, total, u):
    # a log(1 + e^u) + b log(1 + e^-u) with a + b = total: weights that are not negative leave nothing to cancel.
    size = np.abs(u)
    weight = np.where(u >= 0, a, b)
    return np.where(weight == 0, 0.0, size * weight) + total * np.log1p(exp_below(-size))
""",
    "log_cosh": """
def log_cosh(x):
    # With t = e^-|x| - 1 the hyperbolic cosine is 1 + t^2/(2 + 2t), and e^-2|x| is (1 + t)^2.
    size = np.abs(x)
    t = np.expm1(-size)
    near = size < 1.0
    found = np.log1p(np.where(near, t * t / (2.0 + 2.0 * t), (1.0 + t) * (1.0 + t)))
    return np.where(near, found, size + (found - 0.6931471805599453))
""",
    "sech": """
def sech(x):
    e = exp_below(-np.abs(x))
    return 2.0 * e / (1.0 + e * e)
""",
    "plain_sum": """
def plain_sum(x):
    return np.sum(x, axis=-1, keepdims=True)
""",
    "sum_parts": """
def sum_parts(x):
    # The sum of the leading digits of terms that are not negative, which is exact, and that of what they leave over.
    bound = 2.0 * plain_sum(x)
    lead = (x + bound) - bound
    return plain_sum(lead), plain_sum(x - lead)
""",
    "exact_sum": """
def exact_sum(x, axis):
    # As above, of terms of either sign.
    bound = 2.0 * np.sum(np.abs(x), axis=axis, keepdims=True)
    lead = (x + bound) - bound
    found = np.sum(lead, axis=axis) + np.sum(x - lead, axis=axis)
    return np.where(np.isfinite(found), found, np.sum(x, axis=axis))
""",
    "row_sum": """
def row_sum(x):
    lead, rest = sum_parts(x)
    return lead + rest
""",
    "row_max": """
def row_max(x):
    return np.max(x, axis=-1, keepdims=True, initial=-np.inf)
""",
    "size_along": """
def size_along(x, axis):
    return np.max(np.abs(x), axis=axis, initial=0.0)
""",
    "unit_of": """
def unit_of(size):
    # What numbers of this size are divided by before they are squared.
    return np.where(((size > 1e-18) & (size < 1e15)) | (size == 0) | (size == np.inf), 1.0, size)
""",
    "weighted_sum": """
def weighted_sum(x):
    # Where all digits are taken apart by a number that is too large, they are added as they are.
    total = row_sum(x)
    return np.where(np.isfinite(total), total, plain_sum(x))
""",
    "peak": """
def peak(x, weight=None):
    m = row_max(x if weight is None else np.where(weight == 0, -np.inf, x))
    return np.where(np.isfinite(m), m, 0.0)
""",
    "shifted_exp": """
def shifted_exp(x, m):
    d, lost = difference(x, m)
    e = np.exp(d)
    return e + e * lost
""",
    "softmax_parts": """
def softmax_parts(x):
    # The exponentials, which of them are the largest, and the sum less 1 with all digits of the others.
    m = peak(x)
    e, top = shifted_exp(x, m), x == m
    ones = plain_sum(np.where(top, np.ones_like(e), 0.0))
    return e, top, (ones - 1.0) + row_sum(np.where(top, 0.0, e))
""",
    "divided": """
def divided(a, others):
    # a divided by 1 + others, without the rounding of that sum.
    total = 1.0 + others
    back = total - 1.0
    lost = (1.0 - (total - back)) + (others - back)
    ratio = a / total
    return ratio - ratio * (lost / total)
""",
    "softmax": """
def softmax(x):
    e, _, others = softmax_parts(x)
    return divided(e, others)
""",
    "softmax_rest": """
def softmax_rest(x):
    e, top, others = softmax_parts(x)
    return divided(np.where(top, others, (1.0 - e) + others), others)
""",
    "scaled": """
def scaled(x, n):
    # x times 2 to the power n.
    return np.ldexp(x, n.astype(np.int32))
""",
    "exp_parts": """
def exp_parts(x, lost):
    # e^(x + lost) for x that is not positive as (lead + rest) 2^n: lead has half of the digits.
    single = x.dtype == np.float32
    high, low = (0.693359375, -2.1219444005469058e-4) if single else (0.6931471803691238, 1.9082149292705877e-10)
    half = 4096.0 if single else 67108864.0
    x = np.maximum(x, -800.0)
    n = np.round(x * 1.4426950408889634)
    r = x - n * high
    s = r - n * low
    lost = lost + ((r - s) - n * low)
    q = 0.0
    for c in (TERMS):
        q = q * s + c
    q = q * s * s
    t = 1.0 + (s + q)
    lead = (t + half) - half
    return lead, (((1.0 - lead) + s) + q) + t * lost, n
""".replace("TERMS", TERMS),
    "exact_softmax": """
def exact_softmax(x):
    # Shares that are rounded once, so that products of them keep their digits.
    lead, rest, n = exp_parts(*difference(x, peak(x)))
    total, more = sum_parts(scaled(lead, n))
    more = more + plain_sum(scaled(rest, n))
    half = 2048.0 if x.dtype == np.float32 else 67108864.0
    inverse = 1.0 / (total + more)
    first = (inverse + half) - half
    high = (total + half) - half
    second = inverse * (((1.0 - first * high) - first * (total - high)) - first * more)
    return scaled(lead * first + (lead * second + rest * inverse), n)
""",
    "others_of": """
def others_of(p):
    # 1 less each share: of one above a half, the sum of the others.
    large = p > 0.5
    return np.where(large, row_sum(np.where(large, 0.0, p)), 1.0 - p)
""",
    "log_softmax": """
def log_softmax(x):
    return x - peak(x) - np.log1p(softmax_parts(x)[2])
""",
    "log_softmax_rest": """
def log_softmax_rest(x):
    e, top, others = softmax_parts(x)
    largest = log_of_sum(np.where(top, -np.inf, x), peak(x)) - np.log1p(others)
    return np.where(top & (others < 1.0), largest, np.log1p(-divided(e, others)))
""",
    "log_of_exponentials": """
def log_of_exponentials(x, shift):
    return peak(x) - shift + np.log1p(softmax_parts(x)[2])
""",
    "log_of_sum": """
def log_of_sum(x, shift, weight=None):
    # The logarithm of the sum of weight e^x, less the shift; near 1 the sum is 1 and what it differs by.
    if weight is None:
        return log_of_exponentials(x, shift)
    m = peak(x, weight)
    e = shifted_exp(x, m)
    top = (x == m) & (weight != 0)
    first = plain_sum(np.where(top, weight, np.zeros_like(e)))
    terms = np.where(top | (weight == 0), 0.0, weight * e)
    others = weighted_sum(terms)
    total = first + others
    is_near = (total > 0.5) & ((total < 2.0) | (first == 1.0))
    return m - shift + np.where(is_near, np.log1p(first - 1.0 + others), np.log(total))
""",
    "logsumexp": """
def logsumexp(x, weight=None):
    return log_of_sum(x, 0.0, weight)[..., 0]
""",
    "exp_over_sum": """
def exp_over_sum(a, x, weight=None):
    m = peak(x, weight)
    e = shifted_exp(x, m)
    if weight is not None:
        e = np.where(weight == 0, 0.0, weight * e)
    return shifted_exp(a, m[..., 0]) / weighted_sum(e)[..., 0]
""",
    "log_share": """
def log_share(a, x, weight=None):
    return -log_of_sum(x, np.expand_dims(a, -1), weight)[..., 0]
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
    # The square of 1 + e is not that of a rounded number; what would underflow is multiplied before.
    size = 2.0 * np.abs(x)
    far = size > 64.0
    e = exp_below(np.where(far, 64.0 - size, -size))
    return np.where(far, 4.0 * e * 1.6038108905486378e-28, 4.0 * e / (1.0 + e * (2.0 + e)))
""",
    "sech2_tail": """
def sech2_tail(x, found):
    # What the value lacks, but for the rounding of the exponential.
    size = 2.0 * np.abs(x)
    e = exp_below(-size)
    total = 1.0 + e
    lost = e - (total - 1.0)
    high = upper(total)
    once = product(found, total)
    twice = product(once, total)
    more = product_tail(found, total, once, upper(found), high) + found * lost
    left = ((4.0 * e - twice) - product_tail(once, total, twice, upper(once), high)) - (more * total + once * lost)
    return np.where(size > 64.0, 0.0, left / (total * total))
""",
    "times_sigmoid_tail": """
def times_sigmoid_tail(x, u, found):
    # What the value lacks, but for the rounding of the exponential.
    size = np.abs(u)
    far = size > 64.0
    e = exp_below(np.where(far, 64.0 - size, -size))
    high = upper(e)
    small = product(x, e)
    top = np.where(u >= 0, x, small)
    more = np.where(u >= 0, 0.0, product_tail(x, e, small, upper(x), high))
    back = product(found, e)
    left = ((top - found) - back) + (more - product_tail(found, e, back, upper(found), high))
    return np.where(far, more * 1.6038108905486378e-28, left / (1.0 + e))
""",
    "xlogy": """
def xlogy(x, y):
    return x * np.log(np.where((x == 0) & ~(np.asarray(y) < 0), 1.0, y))
""",
    "xlog1py": """
def xlog1py(x, y):
    return x * np.log1p(np.where((x == 0) & ~(y < -1), 0.0, y))
""",
    "is_moderate": """
def is_moderate(x):
    # Whether a product is so far from the ends of the range that its factors may be taken together.
    return (np.abs(x) > 1e-30) & (np.abs(x) < 1e30)
""",
    "is_below": """
def is_below(x):
    # Whether a number, or what was rounded to zero, is negative.
    return (x < 0) | (1.0 / x < 0)
""",
    "log_ratio": """
def log_ratio(a, b):
    # log(a/b): where the ratio is near 1 its logarithm is that of 1 and the relative difference.
    ratio = a / b
    near = (ratio > 0.5) & (ratio < 2.0)
    far = (ratio < 1e-30) | (ratio > 1e30)
    found = np.log(np.where(far, np.abs(a), ratio)) - np.where(far, np.log(np.abs(b)), 0.0)
    found = np.where(near, np.log1p((a - b) / b), found)
    return np.where(((a < 0) != (b < 0)) & (a != 0), np.nan, found)
""",
    "times_log": """
def times_log(x, log):
    return x * np.where((x == 0) & (np.abs(log) == np.inf), 0.0, log)
""",
    "xlog_ratio": """
def xlog_ratio(x, a, b):
    free = (x == 0) & ~(a / b < 0)
    return x * log_ratio(np.where(free, 1.0, a), np.where(free, 1.0, b))
""",
    "exp_excess": """
def exp_excess(x):
    # e^x - 1 - x, by its power series where the two cancel.
    near = np.abs(x) < 0.7
    t = np.where(near, x, 0.0)
    series = t / 16.0
    for n in range(15, 2, -1):
        series = (1.0 + series) * (t / n)
    return np.where(near, (0.5 + 0.5 * series) * t * t, np.expm1(x) - x)
""",
    "log_excess": """
def log_excess(d, log):
    # d - log(1 + d), by the series of the inverse hyperbolic tangent where the two cancel; log is log(1 + d).
    near = (d > -0.7) & (d < 2.0)
    t = np.where(near, d, 0.0)
    s = t / (2.0 + t)
    q = s * s
    series = q / 32.5
    for n in range(63, 2, -2):
        series = q * (series + 2.0 / n)
    return np.where(near, s * (t - series), d - log)
""",
    "log_excess_tail": """
def log_excess_tail(d, lost):
    # What the value lacks where d lacks so much, and the logarithm does not.
    near = (d > -0.7) & (d < 2.0)
    return lost * np.where(near, d / (1.0 + d), 1.0)
""",
    "exp_over_terms": """
def exp_over_terms(a, *terms):
    m = terms[0]
    for term in terms[1:]:
        m = np.maximum(m, term)
    total = 0.0
    for term in terms:
        total = total + shifted_exp(term, m)
    return shifted_exp(a, m) / total
""",
    "times_sigmoid": """
def times_sigmoid(x, u):
    # x times the logistic function of u, whose small values are scaled by e^64, so that they do not underflow first.
    size = np.abs(u)
    far = size > 64.0
    e = exp_below(np.where(far, 64.0 - size, -size))
    small = x * e
    share = np.where(far, small * 1.6038108905486378e-28, small / (1.0 + e))
    return np.where(u >= 0, np.where(far, x, x / (1.0 + e)), share)
""",
    "sigmoid_less": """
def sigmoid_less(u, y):
    # The logistic function of u less a label, on that side of 1/2 on which the label is.
    e = exp_below(-np.abs(u))
    share = 1.0 / (1.0 + e)
    small = product(share, e)
    left = product_tail(share, e, small, upper(share), upper(e))
    more = ((1.0 - share) - small) - left
    is_one = y > 0.5
    is_share = (u >= 0) != is_one
    tail = np.where(is_share, share, small) * more + np.where(is_share, 0.0, left)
    found = (np.where(is_share, share, small) - np.where(is_one, 1.0 - y, y)) + tail
    return np.where(is_one, -found, found)
""",
    "sigmoid_mean": """
def sigmoid_mean(a, b, u):
    # a times the logistic function of u and b times that of -u, which share their exponential; it is scaled
    # where it could underflow before it is multiplied.
    size = np.abs(u)
    far = size > 64.0
    e = exp_below(np.where(far, 64.0 - size, -size))
    large = np.where(u >= 0, a, b)
    small = np.where(u >= 0, b, a) * e
    return np.where(far, large + small * 1.6038108905486378e-28, (large + small) / (1.0 + e))
""",
}
"""Name -> source; what a source calls of the others comes before it."""
