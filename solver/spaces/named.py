"""Blocks that have a name, each written with `residual`, `skip` and layers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, signature
from typing import Any, ParamSpec

from solver.errors import SolverError, shorten
from solver.layers.own import Conv, ConvTranspose, MaxPool
from solver.sizes.domain import Domain, whole_number
from solver.spaces.blocks import check_keeps, residual, skip
from solver.spaces.choice import Choice
from solver.spaces.parts import Called, Part
from solver.spaces.written_parts import either, part

_P = ParamSpec("_P")
_MOST_LEVELS = 20


def _named(make: Callable[_P, Part]) -> Callable[_P, list[Any]]:
    """Have what is made show how it was asked for."""

    @wraps(make)
    def called(*args: _P.args, **more: _P.kwargs) -> list[Any]:
        usual = signature(make).parameters
        given = signature(make).bind(*args, **more).arguments
        words = [
            repr(value) if usual[name].default is Parameter.empty else f"{name}={value!r}"
            for name, value in given.items()
            if value != usual[name].default
        ]
        made = make(*args, **more)
        parts = made if isinstance(made, list) else [made]
        return Called(f"{make.__name__}({', '.join(words)})", parts)

    return called


@_named
def basic_block(
    width: Any,
    kernel_size: Any = 3,
    stride: Any = 1,
    norm: str | None = "batchnorm",
    act: str | None = "relu",
) -> Part:
    """The residual of ResNets up to 34: two convolutions to a width, the first with the stride.

    width, norm, act: as of `bottleneck`.

    >>> block = basic_block(8, "3,5", norm=None, act=None)
    >>> block, list(block)
    (basic_block(8, kernel_size='3,5', norm=None, act=None), \
[residual(Choice('conv', kernel_size='3,5', padding='half', out_channels='8'), \
Choice('conv', kernel_size='3,5', padding='half'))])
    """
    first = _conv(width, kernel_size, stride, norm, act)
    body = *first, *_conv(None, kernel_size, 1, norm, None)  # which keeps the width
    return part([residual(*body, project=norm or True), *_words(act)])


@_named
def bottleneck(
    width: Any,
    kernel_size: Any = 3,
    stride: Any = 1,
    norm: str | None = "batchnorm",
    act: str | None = "relu",
) -> Part:
    """A residual of ResNets from 50 on: 1x1 to a width, a convolution, 1x1 to four times the width.

    width: channels, as out_channels of `Choice` takes them. norm, act: operations that keep
    sizes, None for none; behind a norm no convolution has a bias. Raises SolverError.

    >>> bottleneck(64, "3,5", norm=None)[1:]
    ['relu']
    """
    middle = _conv(None, kernel_size, stride, norm, act)  # which keeps the width
    body = [*_conv(width, 1, 1, norm, act), *middle, *_conv("x4", 1, 1, norm, None)]
    return part([residual(*body, project=norm or True), *_words(act)])


@_named
def inverted_residual(
    width: Any,
    kernel_size: Any = 3,
    stride: Any = 1,
    expand: Any = 6,
    norm: str | None = "batchnorm",
    act: str | None = "relu6",
) -> Part:
    """A residual of MobileNets from V2 on: 1x1 to more channels, one kernel for each, 1x1 back.

    It is added to its input where neither shape nor channels change. expand: how many times the
    channels, one or several; 1 leaves the first 1x1 out. width, norm, act: as of `bottleneck`.

    >>> list(inverted_residual(16, expand=1, norm=None, act=None))
    [residual(Choice('conv', kernel_size='3', padding='half', groups='depthwise'), \
Choice('conv', kernel_size='1', out_channels='16'), project=False)]
    """
    bodies = []
    for factor in Domain.of(expand, "expand", 1):
        wide = [] if factor == 1 else _conv(f"x{factor}", 1, 1, norm, act)
        each = _conv(None, kernel_size, stride, norm, act, groups="depthwise")
        bodies.append([*wide, *each, *_conv(width, 1, 1, norm, None)])
    if len(bodies) == 1:
        return residual(*bodies[0], project=False)
    return residual(either(*bodies), project=False)


@_named
def dense(
    growth: Any,
    kernel_size: Any = 3,
    norm: str | None = "batchnorm",
    act: str | None = "relu",
) -> Part:
    """A layer of DenseNets: so many more channels, made of all that there are.

    growth: channels, as out_channels of `Choice` takes them. norm, act: as of `bottleneck`.

    >>> list(dense(12, norm=None))
    [skip('relu', Choice('conv', kernel_size='3', padding='half', out_channels='12'))]
    """
    return skip(*_words(norm), *_words(act), _conv(growth, kernel_size, 1, None, None, norm)[0])


@_named
def unet(
    levels: Any,
    width: Any,
    kernel_size: Any = 3,
    up: Any = 2,
    convs: int = 2,
    norm: str | None = "batchnorm",
    act: str | None = "relu",
    join: str = "concat",
    fit: str = "exact",
) -> Part:
    """An encoder and a decoder with skips: so many levels, each with twice the width of the last.

    levels: a number or an interval, counted with the lowest. width: of the first, a number or
    several; between two a pooling by 2 and a
    transposed convolution that doubles the size exactly. up: its kernels. convs: how many
    convolutions on each side of a level. join, fit: as of `skip`; norm, act: as of `bottleneck`.

    >>> from solver import Space
    >>> nets = Space(unet("3..5", 16, "3,5", "2..5", 1, None), "n", "n", where="n % 16 == 0")
    >>> nets.relaxed(even_upsampling=True).count
    9344
    >>> list(unet(1, 8, convs=1, norm=None))
    [Choice('conv', kernel_size='3', padding='half', out_channels='8'), 'relu']
    """
    read = Domain.of(levels, "levels", 1)
    if len(read.ranges) > 1 or read.last > _MOST_LEVELS:
        right = f"for example 4, or 3..5; at most {_MOST_LEVELS}"
        raise SolverError("levels are a number or one interval", str(read), right)
    widths, convs = Domain.of(width, "width", 1), whole_number(convs, "convs", 1)

    def level(number: int, first: int) -> Part:
        wide = first * 2 ** (number - 1)
        stage = _conv(wide, kernel_size, 1, norm, act) * convs
        if number == read.last:
            return part(stage)
        raised = Choice(
            ConvTranspose, up, 2, "(k - 2 + a)/2", output_padding="0,1", out_channels=wide
        )
        inner = skip(MaxPool(2), level(number + 1, first), raised, join=join, fit=fit)
        deeper = [*stage, inner, *stage]
        return either(stage, deeper) if number >= read.first else part(deeper)

    nets = [level(1, first) for first in widths]
    return nets[0] if len(nets) == 1 else either(*nets)


@_named
def squeeze_excite(reduction: Any = 4) -> Part:
    """Weigh each channel by what the whole input says, behind so many times fewer channels.

    >>> list(squeeze_excite()), list(squeeze_excite("4,8"))
    (['squeeze-excite 4'], [either('squeeze-excite 4', 'squeeze-excite 8')])
    """
    words = [f"squeeze-excite {number}" for number in Domain.of(reduction, "reduction", 1)]
    return part(words[0]) if len(words) == 1 else either(*words)


def _conv(
    width: Any,
    kernel_size: Any,
    stride: Any,
    norm: str | None,
    act: str | None,
    before: str | None = None,
    **more: Any,
) -> list[Any]:
    """A convolution that keeps n/stride, a norm, an activation. before: a norm in front."""
    bias = not (norm or before)
    padding = 0 if kernel_size == 1 else "half"
    conv = Choice(Conv, kernel_size, stride, padding, out_channels=width, bias=bias, **more)
    return [conv, *_words(norm), *_words(act)]


def _words(word: str | None) -> list[str]:
    """An operation, or none. Raises SolverError for one that does not keep sizes and channels."""
    if word in (None, ""):
        return []
    if not isinstance(word, str):
        raise SolverError("norm and act are words", shorten(repr(word)), '"batchnorm", or None')
    check_keeps(word, "norm or act")
    return [word]
