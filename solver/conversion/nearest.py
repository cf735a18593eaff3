"""The nearest change with which another framework accepts what a layer does.

A change is a step to a neighbour: no dilation, zeros for padding, a whole factor. The nearest
accepted change is the fewest such steps, the most faithful first, that the framework's own rules
accept: it is found by writing it, so what is proposed is always accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from solver.errors import SolverError
from solver.frameworks import sampling as samples
from solver.frameworks.act import Act, Reading
from solver.frameworks.code import write
from solver.frameworks.positions import same_inputs
from solver.frameworks.sampling import Sampled, windows
from solver.frameworks.written import Written
from solver.layers.kind import (
    AVERAGE,
    CONV,
    DEPTHWISE,
    MAX,
    NORM,
    PARTS,
    REDUCE,
    RESIZE,
    SEPARABLE,
    SHUFFLE,
    TRANSPOSED,
    UNSHUFFLE,
)
from solver.sizes.sizeset import EVERY

#: The most steps that are taken together.
MOST = 3
_FACTOR = 2  # stands for any whole factor, where a size is fixed


class Nearest(NamedTuple):
    """Hold a change in words, and the layers of the other framework that do what is changed."""

    change: str
    written: Written


#: What is done instead, and the change in words.
Step = tuple[str, "Act | Sampled"]


def nearest(target: str, act: Act | Sampled) -> Nearest | None:
    """Return the nearest change that a framework accepts, or None.

    >>> from solver.frameworks import layer
    >>> from solver.frameworks.act import of_layer
    >>> made = layer("torch", "Conv1d", kernel_size=3, stride=2, dilation=2)
    >>> found = nearest("keras", of_layer(made, 1))
    >>> found.change, found.written.layers[0].arguments["kernel_size"]
    ('dilation 1 and kernel_size 5 with zeros between the weights: the same values', 5)
    """
    steps: Sequence[Callable[..., Step | None]]
    steps = _WINDOWS if isinstance(act, Act) else _OTHERS
    for count in range(1, MOST + 1):
        for chosen in combinations(steps, count):
            found = _taken(act, chosen)
            if found is None:
                continue
            changes, changed = found
            try:
                return Nearest("; ".join(changes), write(target, changed))
            except SolverError:
                continue
    return None


def _taken(
    act: Act | Sampled, chosen: Sequence[Callable[..., Step | None]]
) -> tuple[list[str], Act | Sampled] | None:
    """Return what steps lead to, one after the other; None where one is no change at all."""
    changes = []
    for step in chosen:
        if isinstance(act, Sampled) != (step in _OTHERS):
            return None
        if (made := step(act)) is None:
            return None
        changes.append(made[0])
        act = made[1]
    return changes, act


def _each(act: Act, change: Callable[[Reading], Reading]) -> Act:
    return act._replace(readings=tuple(map(change, act.readings)))


def _window(reading: Reading, **numbers: int) -> Reading:
    """Return a reading with other numbers and the padding it has."""
    window = reading.window._replace(**numbers).padded(
        reading.ends or reading.window.keeps or reading.window.pads
    )
    return Reading(window, window.begin_map, window.size_map, reading.accepts)


def _undilated(act: Act) -> Step | None:
    if all(reading.window.dilation == 1 for reading in act.readings):
        return None
    spans = dict.fromkeys(reading.window.span for reading in act.readings)
    words = f"dilation 1 and kernel_size {_by(spans)}"
    if act.kind.pools:
        words += ": the same sizes from all elements in between too"
    else:
        words += " with zeros between the weights: the same values"
    return words, _each(act, lambda r: _window(r, kernel_size=r.window.span, dilation=1))


def _every_output(act: Act) -> Step | None:
    strides = [reading.window.stride for reading in act.readings]
    if max(strides) == 1 or any(reading.ends is None for reading in act.readings):
        return None
    kept = ", ".join("::" if s == 1 else f"::{s}" for s in strides)
    words = f"stride 1, and of the outputs [{kept}]: the same values"
    return words, _each(act, lambda r: _window(r, stride=1))


def _as_transposed(act: Act) -> Step | None:
    apart = max(reading.window.input_dilation for reading in act.readings)
    strides = max(reading.window.stride for reading in act.readings)
    if apart == 1 or strides > 1 or act.kind != CONV:
        return None
    return "a transposed convolution with its kernel flipped: the same values", act._replace(
        kind=TRANSPOSED
    )


def _not_apart(act: Act) -> Step | None:
    if act.transposed or all(reading.window.input_dilation == 1 for reading in act.readings):
        return None
    return "no zeros between the inputs", _each(act, lambda r: _window(r, input_dilation=1))


def _one_group(act: Act) -> Step | None:
    if act.channels.groups == 1:
        return None
    words = "one group, with zeros as the weights between groups: the same values"
    return words, act._replace(channels=act.channels._replace(groups=1))


def _as_convolution(act: Act) -> Step | None:
    if not act.kind.pads or act.value:
        return None
    words = "a convolution of one element with this padding and weights of 1 and 0: the same values"
    return words, act._replace(kind=CONV)


def _zeros(act: Act) -> Step | None:
    if act.padding_mode == "zeros" and not act.value:
        return None
    return "padding with zeros", act._replace(padding_mode="zeros", value=0)


def _counted(act: Act) -> Step | None:
    if act.kind != AVERAGE:
        return None
    words = "leave the padding out" if act.counts_padding else "count the padding"
    return f"averages that {words}", act._replace(counts_padding=not act.counts_padding)


def _unpadded(act: Act) -> Step | None:
    if not any(reading.ends != (0, 0) for reading in act.readings):
        return None
    if act.transposed or act.kind.pads:
        return None

    def bare(reading: Reading) -> Reading:
        window = reading.window.padded((0, 0))
        return Reading(window, window.begin_map, window.size_map, reading.accepts)

    return "no padding, and a layer of padding before", _each(act, bare)


def _in_two(act: Act) -> Step | None:
    if act.kind != SEPARABLE:
        return None
    words = "a depthwise convolution, and a convolution of one element behind: the same values"
    return words, act._replace(kind=DEPTHWISE, channels=act.channels._replace(after=None))


def _pooled(act: Act) -> Step | None:
    kind = {NORM: AVERAGE, REDUCE: MAX}.get(act.kind)
    return (kind.word, act._replace(kind=kind)) if kind else None


def _of_blocks(act: Act) -> Step | None:
    if not act.kind.joins:
        return None
    words = "a convolution with a filter for each element of a block, weights of 1 and 0"
    return f"{words}: the same values", act._replace(kind=CONV)


_WINDOWS = (
    _undilated, _every_output, _as_transposed, _one_group, _in_two, _of_blocks, _zeros,
    _as_convolution, _counted, _not_apart, _pooled, _unpadded,
)  # fmt: skip


def as_windows(act: Sampled) -> Act | None:
    """Return the convolution that can do the same with weights of zeros and ones, if there is one.

    >>> from solver.frameworks import layer
    >>> as_windows(samples.of_layer(layer("torch", "PixelShuffle", upscale_factor=2), 2)).kind
    Kind('transposed convolution')
    """
    factor = act.factor()
    if factor and (act.kind == SHUFFLE or _repeats(act)):
        return windows(TRANSPOSED, [factor] * act.axes)
    if factor and act.kind == UNSHUFFLE:
        return windows(CONV, [factor] * act.axes)
    return None


def _repeats(act: Sampled) -> bool:
    """Tell whether resizing repeats every element, a whole number of times, at every n."""
    plain = act.how(*samples.REPEAT)
    return act.kind == RESIZE and same_inputs(act, plain, 0) == EVERY


def _convolved(act: Sampled) -> Step | None:
    made = as_windows(act)
    words = f"a {made.kind} with weights of 1 and 0: the same values" if made else ""
    return (words, made) if made else None


def _to_size(act: Sampled) -> Step | None:
    """Fix the size, for a framework that takes sizes only; which one depends on the input."""
    if act.kind != RESIZE or act.fixed() is not None:
        return None
    inputs = [s.denominator * -(-_ONE_SIZE // s.denominator) for s in act.scales() or ()]
    found = act.at(inputs) if inputs else ()
    words = (
        f"a size in place of a factor, here for an input of {_by(inputs)}: the same values there"
    )
    return (words, found[0]) if found else None


_ONE_SIZE = 32


def _ways(act: Sampled) -> Iterator[tuple[str, Sampled]]:
    words = "no averaging where it is made smaller" if act.smooth else "half-pixel positions"
    yield words, act.how(act.method, samples.HALF)
    yield "linear", act.how(samples.LINEAR, samples.HALF)
    yield "the nearest element", act.how(*samples.REPEAT)


def _read_otherwise(index: int) -> Callable[[Sampled], Step | None]:
    def step(act: Sampled) -> Step | None:
        if act.kind != RESIZE:
            return None
        words, changed = list(_ways(act))[index]
        nearest_half = changed.method == samples.NEAREST and not changed.rounding
        return None if changed == act or nearest_half else (words, changed)

    return step


def _whole_factor(act: Sampled) -> Step | None:
    if act.kind != RESIZE:
        return None
    scales = act.scales()
    if scales is None:
        words = f"a whole factor in place of a size, such as {_FACTOR}"
        return words, act.scaled([Fraction(_FACTOR)] * act.axes)
    whole = [Fraction(max(1, int(scale + Fraction(1, 2)))) for scale in scales]
    if list(scales) == whole:
        return None
    return f"a factor of {_by(whole)}", act.scaled(whole)


def _everything(act: Sampled) -> Step | None:
    if act.kind != PARTS or act.fixed() == (1,) * act.axes:
        return None
    return "one part, the whole input", act.sized([1] * act.axes)


def _in_windows(act: Sampled) -> Step | None:
    """Pool windows of a fixed width, as many as asked for an input of one size."""
    sizes = act.fixed()
    if act.kind != PARTS or sizes is None or 0 in sizes:
        return None
    inputs = [m * -(-_ONE_SIZE // m) for m in sizes]
    made = act.at(inputs)[0]
    return f"windows for an input of {_by(inputs)}: the same values there", made


_OTHERS = (
    _read_otherwise(0), _read_otherwise(1), _read_otherwise(2), _whole_factor, _convolved,
    _in_windows, _everything, _to_size,
)  # fmt: skip


def _by(numbers: object) -> str:
    found = list(dict.fromkeys(numbers))  # type: ignore[call-overload]
    return "x".join(map(str, found))
