"""The rules of Paddle, as recorded from paddlepaddle 3.3 on the CPU.

Most are PyTorch's. Paddle pads each end apart, knows SAME and VALID everywhere, counts windows up
without looking where the last one starts, and divides towards zero: where no window fits, it may
announce one, and reads behind its input. Such sizes are refused here.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from solver.errors import SolverError
from solver.frameworks.torch import rules as torch
from solver.layers.arguments import positive
from solver.layers.row import Values
from solver.layers.rule import AxisRule, strict
from solver.layers.window import UPPER, Same, Window
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet

_positive = partial(positive, "{} must be greater than 0")

_MISFIT = "the kernel must fit the padded input"
_NOTHING = "something must be left of the output"


def _padded(window: Window, padding: Any) -> Window:
    """The window with a padding in words or numbers; SAME leaves the dilation out."""
    if padding == "SAME":
        return window._replace(dilation=1).padded(UPPER)
    ends = (0, 0) if padding == "VALID" else padding
    if min(ends) < 0:
        rule = "all padding must be at least 0"
        raise SolverError(rule, f"{ends[0]} before and {ends[1]} after", "padding=0")
    return window.padded(ends)


def conv(kernel_size: int, stride: int, padding: Any, dilation: int, padding_mode: str) -> AxisRule:
    """Say what Conv does along one axis."""
    _positive(kernel_size=kernel_size, stride=stride, dilation=dilation)
    window = _padded(Window(kernel_size, stride, dilation=dilation), padding)
    found = strict(window, _MISFIT)
    if padding_mode == "zeros" or isinstance(padding, str):
        return found
    widest = torch.pad(padding, "replicate" if padding_mode == "circular" else padding_mode)
    accepts = found.accepts & widest.accepts
    return found if accepts == found.accepts else found.replaced(accepts=accepts, rule=widest.rule)


def one_number(found: Values) -> None:
    """Refuse padding that repeats the input, but for one number of it."""
    mode, paddings = found["padding_mode"][0], set(found["padding"])
    if mode != "zeros" and (len(paddings) > 1 or any(isinstance(p, str) for p in paddings)):
        rule = f"with padding_mode {mode!r} the padding is one number"
        raise SolverError(rule, repr(found["padding"]), "padding=1")


def conv_transpose(
    kernel_size: int,
    stride: int,
    padding: Any,
    output_padding: int,
    dilation: int,
    output_size: int | None,
) -> AxisRule:
    """Say what Conv1DTranspose, Conv2DTranspose and Conv3DTranspose do along one axis."""
    _positive(kernel_size=kernel_size, stride=stride, dilation=dilation)
    if output_size is None and not 0 <= output_padding < stride:
        raise SolverError(
            "output_padding must be at least 0 and smaller than the stride",
            f"output_padding {output_padding}, stride {stride}",
            f"output_padding at most {stride - 1}",
        )
    window = _padded(Window(kernel_size, stride, dilation=dilation), padding)
    begin, end = (each.size_map if isinstance(each, Same) else each for each in window.pads)
    extra = output_padding if output_size is None else 0
    window = window._replace(begin=begin, end=end - extra).transposed
    if output_size is None:
        return strict(window, _NOTHING)
    least = SizeSet.of(range(max(1, output_size - stride + 1), output_size + 1))
    asked = least.preimage(window.size_map)
    rule = "output_size must be less than a stride above the size without it"
    return AxisRule(SizeMap.line(0, output_size), asked, rule, window=window)


def pool(kernel_size: int, stride: int | None, padding: Any, ceil_mode: bool) -> AxisRule:
    """Say what MaxPool, AvgPool and LPPool do along one axis."""
    stride = kernel_size if stride is None else stride
    _positive(kernel_size=kernel_size, stride=stride)
    if padding == "VALID" and ceil_mode:
        raise SolverError("padding VALID goes with ceil_mode=False only", "ceil_mode=True")
    window = _padded(Window(kernel_size, stride), padding)
    found = strict(counted_up(window) if ceil_mode else window, _MISFIT)
    return found.replaced(window=window)


def counted_up(window: Window) -> Window:
    """The window with a stride less one more at the end: the last may start behind the input.

    >>> counted_up(Window(1, 3)).size(5), Window(1, 3).counted_up.size(5)
    (3, 2)
    """
    end = window.end.size_map if isinstance(window.end, Same) else window.end
    return window._replace(end=end + window.stride - 1)


def unpool(kernel_size: int, stride: int | None, padding: Any) -> AxisRule:
    """Say what MaxUnPool does along one axis."""
    return torch.unpool(kernel_size, stride, padding, None)


def upsample(size: int | None, scale_factor: float | None, mode: str) -> AxisRule:
    """Say what Upsample does along one axis."""
    return torch.interpolate(size, scale_factor, "nearest", None)


def modes(found: Values) -> None:
    """Refuse a mode that is for another number of axes."""
    axes, mode = len(found["mode"]), found["mode"][0]
    if mode == "nearest" and axes == 1:
        raise SolverError("nearest is for two or three axes", "1 axis", "mode='linear'")
    torch.interpolate_modes(found)


def adaptive_1d(output_size: int | None) -> AxisRule:
    """Say what adaptive pooling of one axis does."""
    if output_size is None:
        rule = "output_size of one axis must be a number, not None"
        raise SolverError(rule, "None", "output_size=1")
    return torch.adaptive(output_size)


def pad(padding: tuple[int, int], mode: str) -> AxisRule:
    """Say what Pad1D, Pad2D and Pad3D do along one axis; circular wraps as often as it must."""
    found = torch.pad(padding, "replicate" if mode == "circular" else mode)
    return found.replaced(empty=None)


def zero_pad(padding: tuple[int, int]) -> AxisRule:
    """Say what ZeroPad1D, ZeroPad2D and ZeroPad3D do along one axis."""
    return pad(padding, "constant")
