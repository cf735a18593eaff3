"""The size formulas, each once, for any arithmetic.

Only + - * // and abs are used, so the same function serves int, NumPy arrays, SymPy symbols (`//`
builds floor), islpy piecewise-affine values and our own size maps. No function here checks its
arguments: layers do.

Letters per axis: n input size, k kernel_size, s stride, lo and hi the padding before and after the
axis, d dilation, a output_padding; all in elements.

The kernel, the padding and the dilation act on the size only through one number, the *net padding*
Y = lo + hi - d(k - 1): what is added at the ends less what the kernel takes away. With it

    convolution, pooling   m = floor((n - 1 + Y)/s) + 1
    ceil-mode pooling      m = floor((n - 1 + min(Y + s - 1, lo))/s) + 1
    transposed             m = (n - 1)s + 1 - Y + a
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Duck-typed on purpose: whatever has + - * // comes out as it went in.
Number = Any

#: Padding in words: begin and end, of the reach d*(k - 1) of a kernel. `same` keeps the size at
#: stride 1; PyTorch puts its odd element at the end.
WORDS: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "valid": lambda reach: (0, 0),
    "same": lambda reach: (reach // 2, reach - reach // 2),
    "half": lambda reach: (reach // 2, reach // 2),
    "full": lambda reach: (reach, reach),
    "causal": lambda reach: (reach, 0),
}


def net_padding(k: Number, lo: Number, hi: Number, d: Number = 1) -> Number:
    """Return Y = lo + hi - d(k - 1), the one number through which k, p and d act on the size.

    >>> net_padding(3, 1, 1)
    0
    """
    return lo + hi - d * (k - 1)


def windows(n: Number, net: Number, s: Number = 1, m: Number = 1) -> Number:
    """How many windows of a net padding there are over n inputs that are m apart.

    >>> windows(224, -1, s=2), windows(56, 1, m=2)
    (112, 112)
    """
    room = n - 1 + net if m == 1 else (n - 1) * m + net
    return (room if s == 1 != m else room // s) + 1


def conv(
    n: Number, k: Number, s: Number = 1, lo: Number = 0, hi: Number = 0, d: Number = 1
) -> Number:
    """The size after a convolution or floor-mode pooling (Dumoulin and Visin, 6 and 15).

    >>> conv(224, 7, 2, 3, 3)
    112
    >>> conv(2, 3)  # the kernel does not fit: less than 1
    0
    """
    return (n - 1 + net_padding(k, lo, hi, d)) // s + 1


def ceil_pool(
    n: Number, k: Number, s: Number = 1, lo: Number = 0, hi: Number = 0, d: Number = 1
) -> Number:
    """The size after ceil-mode pooling, whose last window starts inside input or left pad.

    The rule is PyTorch's: windows are counted up, less the last one where it would start in the
    padding behind the input.

    >>> ceil_pool(6, 3, 2), conv(6, 3, 2)
    (3, 2)
    >>> ceil_pool(2, 1, 3)  # a window starting at 3 would read nothing: it is dropped
    1
    """
    return (n - 1 + _least(net_padding(k, lo, hi, d) + s - 1, lo)) // s + 1


def conv_transpose(
    n: Number,
    k: Number,
    s: Number = 1,
    lo: Number = 0,
    hi: Number = 0,
    d: Number = 1,
    a: Number = 0,
) -> Number:
    """The size after a transposed convolution (Dumoulin and Visin, 14; torch for d and a).

    >>> conv_transpose(56, 4, 2, 1, 1)
    112
    >>> conv_transpose(1, 1, 1, 1, 1)  # all of it is cut away: less than 1
    -1
    """
    return (n - 1) * s + 1 - net_padding(k, lo, hi, d) + a


def smallest_input(
    transposed: bool, ceil_mode: bool, k: int, s: int, lo: int, hi: int, d: int, a: int
) -> int:
    """The smallest n >= 1 from which a size comes out; every larger one does too.

    It solves formula >= 1 for n: the kernel fits, and something is left.

    >>> smallest_input(False, False, 7, 2, 0, 0, 1, 0)  # a kernel of 7 needs 7 elements
    7
    >>> smallest_input(True, False, 1, 2, 3, 3, 1, 0)  # (n - 1)*2 + 1 - 6 >= 1
    4
    """
    y = int(net_padding(k, lo, hi, d))
    if transposed:
        return max(1, 1 - (a - y) // s)
    return max(1, 1 - (min(y + s - 1, lo) if ceil_mode else y))


def _least(x: Number, y: Number) -> Number:
    """Return min(x, y) as exact arithmetic: x + y - |x - y| is even."""
    return (x + y - abs(x - y)) // 2
