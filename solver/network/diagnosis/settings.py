"""What else people write for an argument of a layer: few values of each, in its framework's words.

A setting is another layer and what was chosen for it, so that the same can be chosen for others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import product
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.arguments import alike
from solver.layers.layer import Layer
from solver.layers.row import USUAL_AXES
from solver.layers.table import OWN
from solver.layers.window import Window

#: The arguments that are changed, under PyTorch's names, and how much is told of them by others.
_WORDS: Mapping[str, Mapping[str, str]] = {
    OWN.name: {},
    "torch": {},
    "paddle": {},
    "keras": {"dilation": "dilation_rate", "stride": "strides"},
    "onnx": {
        "kernel_size": "kernel_shape",
        "padding": "pads",
        "dilation": "dilations",
        "stride": "strides",
    },
}
#: Padding by which a window of stride 1 keeps the size, and a transposed one multiplies it; none.
HALF, NONE = "half", "none"
#: The largest stride that is tried, and by how much a kernel and a padding are changed.
_STRIDES, _KERNELS, _PADS = 4, 3, 2
_USUAL_KERNELS = (3, 5)


class Change(NamedTuple):
    """Hold what is written otherwise: in which layer, for which argument, what before and after."""

    layer: str
    argument: str
    before: Any
    after: Any


class Setting(NamedTuple):
    """Hold a layer that is written otherwise.

    kind: the argument, under PyTorch's name. choice: what was chosen for it, and the axis, None for
    all. layer: with it.
    """

    kind: str
    choice: Any
    layer: Layer

    @property
    def apart(self) -> bool:
        """Whether axes are treated apart."""
        return self.choice[1] is not None


@lru_cache(maxsize=512)
def settings(layer: Layer, axes: int, apart: bool) -> tuple[Setting, ...]:
    """A layer with one argument written otherwise, in each way that people may mean.

    apart: whether axes may be treated apart. What its framework refuses is left out, and what does
    the same to every size.

    >>> from solver import Conv
    >>> found = settings(Conv(3), 2, False)
    >>> {each.kind: each.layer for each in found if each.choice == (HALF, None)}
    {'padding': Conv(3, padding=1)}
    """
    return tuple(_settings(layer, axes, apart))


def _settings(layer: Layer, axes: int, apart: bool) -> Iterator[Setting]:
    windows = windows_of(layer, axes)
    if not windows or layer.framework.name not in _WORDS or not layer.row.kind.slides:
        return
    now = _sizes(layer, axes)
    held = layer.framework.name == "onnx" and layer.row.kind.weights is not None
    for kind, choice, values in _choices(layer, windows):
        if held and kind == "kernel_size":  # the weights that the file holds are so large
            continue
        for axis in (None, *(range(axes) if apart and axes > 1 else ())):
            with suppress(SolverError):
                each = values if axis is None else _along(layer, axes, values, axis)
                made = changed(layer, axes, **each)
                if _sizes(made, axes) != now:
                    yield Setting(kind, (choice, axis), made)


def extras(layer: Layer, axes: int) -> list[Setting]:
    """A layer with each output padding that axes may have apart, where they differ."""
    strides = told(layer, axes, "stride")
    if "output_padding" not in layer.row.arguments or strides is None:
        return []
    found = list[Setting]()
    for extra in product(*(range(min(stride, _STRIDES)) for stride in strides)):
        with suppress(SolverError):
            made = changed(layer, axes, output_padding=extra)
            if made != layer:
                found.append(Setting("output_padding", (extra, None), made))
    return found


def _sizes(layer: Layer, axes: int) -> list[object]:
    """What a layer does to sizes, and which it takes."""
    return [(each.size_map, each.accepts) for each in layer.along(axes)]


def _is_meant(choice: Sequence[int], now: Sequence[int], layer: Layer) -> bool:
    """Tell whether people mean a kernel: not 1, not another one of a convolution that strides.

    Nor an even one of a convolution that was odd.
    """
    strides = told(layer, len(now), "stride") or ()
    even = any(k % 2 and not new % 2 for k, new in zip(now, choice, strict=True))
    slides = not layer.row.kind.pools and not layer.row.kind.transposed
    return min(choice) > 1 and not (slides and (even or max(strides) > 1))


def chosen(layer: Layer, kind: str) -> Any:
    """What is chosen for an argument of a layer now, as `Setting.choice` says it."""
    axes = layer.axes or USUAL_AXES
    if kind == "padding":
        windows = windows_of(layer, axes) or []
        halves = all(w.keeps or w.pads == (w.span // 2, (w.span - 1) // 2) for w in windows)
        return HALF if halves else NONE if all(w.pads == (0, 0) for w in windows) else None
    return told(layer, axes, kind)


def _choices(
    layer: Layer, windows: Sequence[Window]
) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Yield an argument, what is chosen for it, and values that say so, one for each axis."""
    axes, kind = len(windows), layer.row.kind
    strides, kernels = told(layer, axes, "stride"), told(layer, axes, "kernel_size")
    strides = kernels if strides is None or None in strides else strides
    if strides is None or kernels is None:
        return
    for stride in range(1, _STRIDES + 1):
        yield "stride", stride, {"stride": (stride,) * axes}
    yield from _paddings(layer, windows, strides)
    for values in _output_paddings(layer, axes, strides):
        yield "output_padding", values[0], {"output_padding": values}
    if "ceil_mode" in layer.row.arguments:
        other = not any(layer.values(axes)["ceil_mode"])
        yield "ceil_mode", other, {"ceil_mode": other}
    near = [tuple(k + more for k in kernels) for more in range(-_KERNELS, _KERNELS + 1) if more]
    for values in dict.fromkeys([*near, *((k,) * axes for k in _USUAL_KERNELS)]):
        tied = kind.pools and told(layer, axes, "stride") == kernels
        if _is_meant(values, kernels, layer) and max(values) <= max(kernels) + _KERNELS:
            both = {"stride": values} if tied else {}
            yield "kernel_size", values, {"kernel_size": values, **both}
    for dilation in range(1, max(window.dilation for window in windows)):
        yield "dilation", dilation, {"dilation": (dilation,) * axes}
    if layer.values(axes).get("padding_mode", ("zeros",))[0] != "zeros":
        yield "padding_mode", "zeros", {"padding_mode": "zeros"}


def _paddings(
    layer: Layer, windows: Sequence[Window], strides: Sequence[int]
) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    if layer.framework.name == "keras" and "padding" in layer.row.arguments:
        slides = layer.row.kind.transposed or all(w.span % 2 or w.stride == 1 for w in windows)
        yield "padding", HALF if slides else "same", {"padding": "same"}
        yield "padding", NONE, {"padding": "valid"}
        return
    now = told(layer, len(windows), "padding")
    if now is None or not all(isinstance(pair, tuple) for pair in now):
        return
    if layer.row.kind.transposed:
        # (n - 1)s - 2p + span + a is s*n
        over = [w.span - s for w, s in zip(windows, strides, strict=True)]
        half = tuple(((o + 1) // 2,) * 2 for o in over)
        if min(over) >= 0:
            rest = tuple(o % 2 for o in over)
            kind = "output_padding" if half == now else "padding"
            yield kind, HALF, {"padding": half, "output_padding": rest}
    elif all(w.span % 2 for w in windows):
        yield "padding", HALF, {"padding": tuple((w.span // 2,) * 2 for w in windows)}
    for by in (more for more in range(-_PADS, _PADS + 1) if more):
        pads = tuple((begin + by, end + by) for begin, end in now)
        if min(map(min, pads)) >= 0:
            yield "padding", pads if max(map(max, pads)) else NONE, {"padding": pads}


def _output_paddings(layer: Layer, axes: int, strides: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if "output_padding" in layer.row.arguments:
        for extra in range(min(max(strides), _STRIDES)):
            yield (extra,) * axes


def _along(layer: Layer, axes: int, values: Mapping[str, Any], axis: int) -> Mapping[str, Any]:
    """Values of which only those of one axis are taken."""
    now = {name: told(layer, axes, name) or () for name in values}
    unsaid = any(None in each for each in now.values())
    if unsaid or any(isinstance(each, (str, bool)) for each in values.values()):
        raise SolverError("this is said of all axes")
    return {
        name: tuple(value[i] if i == axis else now[name][i] for i in range(axes))
        for name, value in values.items()
    }


def windows_of(layer: Layer, axes: int) -> list[Window] | None:
    """The windows of a layer, None where it has none or is not legal."""
    try:
        found = [each.window for each in layer.along(axes)]
    except SolverError:
        return None
    return [window for window in found if window] if all(found) else None


def told(layer: Layer, axes: int, name: str) -> tuple[Any, ...] | None:
    """The values of an argument along the axes, under PyTorch's name; None where it has none."""
    return layer.values(axes).get(word_of(layer, name))


def word_of(layer: Layer, name: str) -> str:
    """What the framework of a layer calls an argument of PyTorch."""
    word = _WORDS.get(layer.framework.name, {}).get(name, name)
    return "pool_size" if word not in layer.row.arguments and name == "kernel_size" else word


def changed(layer: Layer, axes: int, **values: Any) -> Layer:
    """A layer with other hyperparameters, under PyTorch's names, one value per axis.

    What is the usual value is not written. Raises SolverError where its framework does not have or
    accept them.

    >>> from solver import Conv
    >>> changed(Conv(3, padding=1), 2, kernel_size=(3, 5))
    Conv((3, 5), padding=1)
    """
    if layer.framework.name not in _WORDS:
        raise SolverError("layers of this framework are not changed", layer.framework.name)
    arguments = dict[str, Any]()
    for name, value in values.items():
        word = layer.row.argument(word_of(layer, name))
        arguments[word] = _written(layer, name, value)
        usual = arguments[word] == layer.row.arguments[word].default
        if usual and layer.framework is not OWN:
            arguments[word] = None
    made = layer.changed(**arguments)
    made.along(axes)
    return made


def _written(layer: Layer, name: str, value: Any) -> Any:
    """A value of every axis as the framework of a layer writes it."""
    if layer.framework.name == "onnx":
        if isinstance(value, bool):
            return int(value)
        if name == "padding":
            return [begin for begin, _ in value] + [end for _, end in value]
        return list(value)
    if isinstance(value, (bool, str, int)):
        return value
    if name != "padding":
        return alike(value)
    even = all(begin == end for begin, end in value)
    if layer.framework is not OWN and not even:
        raise SolverError("this layer pads alike at both ends")
    rows = [begin for begin, _ in value] if even else list(value)
    if layer.framework is OWN and len(set(rows)) == 1 and not even:
        return (rows[0],)
    return alike(rows)


def changes(name: str, before: Layer, after: Layer) -> tuple[Change, ...]:
    """What is written otherwise in a layer, with the usual values of what is not written.

    >>> from solver import Conv
    >>> changes("stem", Conv(3), Conv(3, padding=1))
    (Change(layer='stem', argument='padding', before=0, after=1),)
    """
    usual = {word: argument.default for word, argument in before.row.arguments.items()}
    one, two = ({**usual, **each.arguments} for each in (before, after))
    return tuple(Change(name, word, one[word], two[word]) for word in one if one[word] != two[word])
