"""The table of our own layers: what each does along an axis, by PyTorch's rules.

Arguments are checked where a layer is made (own.py) and only spread over the axes here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from solver.errors import SizeError
from solver.layers.arguments import Argument
from solver.layers.kind import AVERAGE, CONV, MAX, TRANSPOSED
from solver.layers.row import Framework, Row, passive
from solver.layers.rule import AxisRule
from solver.layers.window import Window
from solver.sizes.expression import larger, of
from solver.sizes.formulas import WORDS
from solver.sizes.sizeset import SizeSet


def ends(padding: Any, reach: int) -> tuple[int, int]:
    """The padding at both ends; reach: what the kernel spans beyond one element.

    >>> ends(1, 4), ends("half", 5), ends("same", 5), ends("causal", 4)
    ((1, 1), (2, 2), (2, 3), (4, 0))
    """
    if isinstance(padding, str):
        return WORDS[padding](reach)
    return padding if isinstance(padding, tuple) else (padding, padding)


def _conv(
    kernel_size: int, stride: int, padding: Any, dilation: int, padding_mode: str
) -> AxisRule:
    begin, end = ends(padding, dilation * (kernel_size - 1))
    window = Window(kernel_size, stride, begin, end, dilation)
    # Reflected padding repeats inner elements only, circular padding each element once.
    widest = larger(begin, end)
    least = {"reflect": widest + 1, "circular": widest}.get(padding_mode, 1)
    return _slid(window, window, least)


def _conv_transpose(
    kernel_size: int, stride: int, padding: Any, dilation: int, output_padding: int
) -> AxisRule:
    begin, end = ends(padding, dilation * (kernel_size - 1))
    window = Window(kernel_size, stride, begin, end - output_padding, dilation).transposed
    if window.in_letters:
        return lettered(window, window)
    accepts = SizeSet(minimum=window.minimum)

    def refusal(n: int) -> SizeError:
        return _too_small(n, window, window.minimum)

    words = "something must come out"
    return AxisRule(
        window.size_map, accepts, words, window=window, formula=window.size, refusal=refusal
    )


def _pool(
    kernel_size: int,
    stride: int,
    padding: Any,
    dilation: int = 1,
    ceil_mode: bool = False,
    inside: bool = False,
) -> AxisRule:
    begin, end = ends(padding, dilation * (kernel_size - 1))
    window = Window(kernel_size, stride, begin, end, dilation)
    counted = window.counted_up if ceil_mode else window
    return _slid(window, counted, kernel_size if inside else 1)


def _slid(window: Window, counted: Window, least: int) -> AxisRule:
    """The rule of a window that is accepted where it fits, from `least` on."""
    if window.in_letters:
        return lettered(window, counted, least)
    minimum = max(counted.minimum, least)

    def refusal(n: int) -> SizeError:
        if 0 < n < window.span - window.total:
            rule = "the kernel must fit: input + padding >= effective kernel size"
            received = f"{n} + {window.total} < {window.span}"
            return SizeError(rule, received, f"an input of at least {minimum}")
        return _too_small(n, counted, minimum)

    return AxisRule(
        counted.size_map,
        SizeSet(minimum=minimum),
        "the kernel must fit",
        window=window,
        formula=counted.size,
        refusal=refusal,
    )


def lettered(window: Window, counted: Window, least: Any = 1) -> AxisRule:
    """The rule of a window in letters, which says in trees what the other says in numbers."""
    from solver.layers.lettered import LetteredRule

    return cast("AxisRule", LetteredRule(window, counted, of(least)))


def _too_small(n: int, window: Window, minimum: int) -> SizeError:
    right = f"an input of at least {minimum}"
    if n < 1:
        return SizeError("an input size must be at least 1", f"{n}", right)
    if (out := window.size(n)) < 1:
        return SizeError("an output size must be at least 1", f"{n} -> {out}", right)
    return SizeError("the input is too small for this layer", f"{n}", right)


def _plain(name: str, value: Any, axes: int) -> tuple[Any, ...]:
    """Read what is checked already: one value for every axis alike, or one per axis."""
    if isinstance(value, tuple):
        return value if len(value) == axes else value * axes
    return (value,) * axes


def _each(name: str, value: Any, axes: int) -> tuple[Any, ...]:
    """Read sizes: what is written in letters becomes a tree."""
    return tuple(map(_size, _plain(name, value, axes)))


def _size(value: Any) -> Any:
    if type(value) is int or value in WORDS:
        return value
    from solver.layers.lettered import as_tree

    return as_tree(value)


def _pairs(name: str, value: Any, axes: int) -> tuple[Any, ...]:
    return tuple(p if isinstance(p, (tuple, str)) else (p, p) for p in _each(name, value, axes))


def _inside(given: Mapping[str, Any], axes: int) -> Mapping[str, Any]:
    """In three axes PyTorch's average wants the kernel inside the input, where it pads itself."""
    paddings = _plain("padding", given["padding"], axes)
    return {**given, "inside": tuple(axes == 3 and not isinstance(p, tuple) for p in paddings)}


_ONE, _NONE = Argument(1, _each), Argument(0, _each)
_WINDOW = {
    "kernel_size": Argument(read=_each),
    "stride": _ONE,
    "padding": Argument(0, _pairs),
    "dilation": _ONE,
}
_CHANNELS = passive("groups", "in_channels", "out_channels")
_POOL = {**_WINDOW, "ceil_mode": Argument(False, _plain)}
_AVERAGE = {name: argument for name, argument in _POOL.items() if name != "dilation"}
_AVERAGE["inside"] = Argument(False, _plain, recorded=True)

OWN = Framework(
    "solver",
    "convsolver",
    (
        Row(
            "Conv",
            CONV,
            {**_WINDOW, **_CHANNELS, "padding_mode": Argument("zeros", _plain), **passive("bias")},
            _conv,
        ),
        Row(
            "ConvTranspose",
            TRANSPOSED,
            {**_WINDOW, "output_padding": _NONE, **_CHANNELS, **passive("bias")},
            _conv_transpose,
        ),
        Row("MaxPool", MAX, _POOL, _pool),
        Row("AvgPool", AVERAGE, _AVERAGE, _pool, arrange=_inside),
    ),
)
