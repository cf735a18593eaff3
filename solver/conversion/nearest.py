"""The nearest change with which another framework accepts what a layer does.

A change is a step to a neighbour: no dilation, zeros for padding, a whole factor. The nearest
accepted change is the fewest such steps, the most faithful first, that the framework's own rules
accept: it is found by writing it, so what is proposed is always accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import combinations

from solver.errors import SolverError
from solver.frameworks import sampling as samples
from solver.frameworks.code import write
from solver.frameworks.positions import same_inputs
from solver.frameworks.sampling import Sampled, windows
from solver.frameworks.spec import LayerSpec, Reading
from solver.frameworks.written import Written
from solver.ground.named import NamedTuple
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
Step = tuple[str, "LayerSpec | Sampled"]


def nearest(
    target: str, spec: LayerSpec | Sampled, sizes: Sequence[int] | None = None
) -> Nearest | None:
    """The nearest change that a framework accepts, or None. sizes: of one input, if it is asked.

    >>> from solver.frameworks import layer
    >>> from solver.frameworks.spec import of_layer
    >>> made = layer("torch", "Conv1d", kernel_size=3, stride=2, dilation=2)
    >>> found = nearest("keras", of_layer(made, 1))
    >>> found.change, found.written.layers[0].arguments["kernel_size"]
    ('dilation 1 and kernel_size 5 with zeros between the weights: the same values', 5)
    """
    steps: Sequence[Callable[..., Step | None]]
    parts = partial(_in_windows, sizes)
    steps = _WINDOWS if isinstance(spec, LayerSpec) else (parts, *_OTHERS)
    for count in range(1, MOST + 1):
        for chosen in combinations(steps, count):
            found = _taken(spec, chosen)
            if found is None:
                continue
            changes, changed = found
            try:
                return Nearest("; ".join(changes), write(target, changed))
            except SolverError:
                continue
    return None


def _taken(
    spec: LayerSpec | Sampled, chosen: Sequence[Callable[..., Step | None]]
) -> tuple[list[str], LayerSpec | Sampled] | None:
    """What steps lead to, one after the other; None where one is no change at all."""
    changes = []
    for step in chosen:
        if isinstance(spec, Sampled) == (step in _WINDOWS):
            return None
        if (made := step(spec)) is None:
            return None
        changes.append(made[0])
        spec = made[1]
    return changes, spec


def _each(spec: LayerSpec, change: Callable[[Reading], Reading]) -> LayerSpec:
    return spec._replace(readings=tuple(map(change, spec.readings)))


def _window(reading: Reading, **numbers: int) -> Reading:
    """A reading with other numbers and the padding it has."""
    window = reading.window._replace(**numbers).padded(
        reading.ends or reading.window.keeps or reading.window.pads
    )
    return Reading(window, window.begin_map, window.size_map, reading.accepts)


def _undilated(spec: LayerSpec) -> Step | None:
    if all(reading.window.dilation == 1 for reading in spec.readings):
        return None
    spans = dict.fromkeys(reading.window.span for reading in spec.readings)
    words = f"dilation 1 and kernel_size {_by(spans)}"
    if spec.kind.pools:
        words += ": the same sizes from all elements in between too"
    else:
        words += " with zeros between the weights: the same values"
    return words, _each(spec, lambda r: _window(r, kernel_size=r.window.span, dilation=1))


def _every_output(spec: LayerSpec) -> Step | None:
    strides = [reading.window.stride for reading in spec.readings]
    if max(strides) == 1 or any(reading.ends is None for reading in spec.readings):
        return None
    kept = ", ".join("::" if s == 1 else f"::{s}" for s in strides)
    words = f"stride 1, and of the outputs [{kept}]: the same values"
    return words, _each(spec, lambda r: _window(r, stride=1))


def _as_transposed(spec: LayerSpec) -> Step | None:
    apart = max(reading.window.input_dilation for reading in spec.readings)
    strides = max(reading.window.stride for reading in spec.readings)
    if apart == 1 or strides > 1 or spec.kind != CONV:
        return None
    return "a transposed convolution with its kernel flipped: the same values", spec._replace(
        kind=TRANSPOSED
    )


def _not_apart(spec: LayerSpec) -> Step | None:
    if spec.transposed or all(reading.window.input_dilation == 1 for reading in spec.readings):
        return None
    return "no zeros between the inputs", _each(spec, lambda r: _window(r, input_dilation=1))


def _one_group(spec: LayerSpec) -> Step | None:
    if spec.channels.groups == 1:
        return None
    words = "one group, with zeros as the weights between groups: the same values"
    return words, spec._replace(channels=spec.channels._replace(groups=1))


def _as_convolution(spec: LayerSpec) -> Step | None:
    if not spec.kind.pads or spec.value:
        return None
    words = "a convolution of one element with this padding and weights of 1 and 0: the same values"
    return words, spec._replace(kind=CONV)


def _zeros(spec: LayerSpec) -> Step | None:
    if spec.padding_mode == "zeros" and not spec.value:
        return None
    return "padding with zeros", spec._replace(padding_mode="zeros", value=0)


def _counted(spec: LayerSpec) -> Step | None:
    if spec.kind != AVERAGE:
        return None
    words = "leave the padding out" if spec.counts_padding else "count the padding"
    return f"averages that {words}", spec._replace(counts_padding=not spec.counts_padding)


def _unpadded(spec: LayerSpec) -> Step | None:
    if not any(reading.ends != (0, 0) for reading in spec.readings):
        return None
    if spec.transposed or spec.kind.pads:
        return None

    def bare(reading: Reading) -> Reading:
        window = reading.window.padded((0, 0))
        return Reading(window, window.begin_map, window.size_map, reading.accepts)

    return "no padding, and a layer of padding before", _each(spec, bare)


def _in_two(spec: LayerSpec) -> Step | None:
    if spec.kind != SEPARABLE:
        return None
    words = "a depthwise convolution, and a convolution of one element behind: the same values"
    return words, spec._replace(kind=DEPTHWISE, channels=spec.channels._replace(after=None))


def _pooled(spec: LayerSpec) -> Step | None:
    kind = {NORM: AVERAGE, REDUCE: MAX}.get(spec.kind)
    return (kind.word, spec._replace(kind=kind)) if kind else None


def _of_blocks(spec: LayerSpec) -> Step | None:
    if not spec.kind.joins:
        return None
    words = "a convolution with a filter for each element of a block, weights of 1 and 0"
    return f"{words}: the same values", spec._replace(kind=CONV)


_WINDOWS = (
    _undilated, _every_output, _as_transposed, _one_group, _in_two, _of_blocks, _zeros,
    _as_convolution, _counted, _not_apart, _pooled, _unpadded,
)  # fmt: skip


def as_windows(spec: Sampled) -> LayerSpec | None:
    """The convolution that can do the same with weights of zeros and ones, if there is one.

    >>> from solver.frameworks import layer
    >>> as_windows(samples.of_layer(layer("torch", "PixelShuffle", upscale_factor=2), 2)).kind
    Kind('transposed convolution')
    """
    factor = spec.factor()
    if factor and (spec.kind == SHUFFLE or _repeats(spec)):
        return windows(TRANSPOSED, [factor] * spec.axes)
    if factor and spec.kind == UNSHUFFLE:
        return windows(CONV, [factor] * spec.axes)
    return None


def _repeats(spec: Sampled) -> bool:
    """Tell whether resizing repeats every element, a whole number of times, at every n."""
    plain = spec.how(*samples.REPEAT)
    return spec.kind == RESIZE and same_inputs(spec, plain, 0) == EVERY


def _convolved(spec: Sampled) -> Step | None:
    made = as_windows(spec)
    words = f"a {made.kind} with weights of 1 and 0: the same values" if made else ""
    return (words, made) if made else None


def _to_size(spec: Sampled) -> Step | None:
    """Fix the size, for a framework that takes sizes only; which one depends on the input."""
    if spec.kind != RESIZE or spec.fixed() is not None:
        return None
    inputs = [s.denominator * -(-_ONE_SIZE // s.denominator) for s in spec.scales() or ()]
    found = spec.at(inputs) if inputs else ()
    words = (
        f"a size in place of a factor, here for an input of {_by(inputs)}: the same values there"
    )
    return (words, found[0]) if found else None


_ONE_SIZE = 32


def _ways(spec: Sampled) -> Iterator[tuple[str, Sampled]]:
    words = "no averaging where it is made smaller" if spec.smooth else "half-pixel positions"
    yield words, spec.how(spec.method, samples.HALF)
    yield "linear", spec.how(samples.LINEAR, samples.HALF)
    yield "the nearest element", spec.how(*samples.REPEAT)


def _read_otherwise(index: int) -> Callable[[Sampled], Step | None]:
    def step(spec: Sampled) -> Step | None:
        if spec.kind != RESIZE:
            return None
        words, changed = list(_ways(spec))[index]
        nearest_half = changed.method == samples.NEAREST and not changed.rounding
        return None if changed == spec or nearest_half else (words, changed)

    return step


def _whole_factor(spec: Sampled) -> Step | None:
    if spec.kind != RESIZE:
        return None
    scales = spec.scales()
    if scales is None:
        words = f"a whole factor in place of a size, such as {_FACTOR}"
        return words, spec.scaled([Fraction(_FACTOR)] * spec.axes)
    whole = [Fraction(max(1, int(scale + Fraction(1, 2)))) for scale in scales]
    if list(scales) == whole:
        return None
    return f"a factor of {_by(whole)}", spec.scaled(whole)


def _everything(spec: Sampled) -> Step | None:
    if spec.kind != PARTS or spec.fixed() == (1,) * spec.axes:
        return None
    return "one part, the whole input", spec.sized([1] * spec.axes)


def _in_windows(asked: Sequence[int] | None, spec: Sampled) -> Step | None:
    """Pool windows of a fixed width, as many as are wanted of one size: that asked for."""
    parts = spec.fixed()
    if spec.kind != PARTS or parts is None or 0 in parts:
        return None
    sizes = asked or [_ONE_SIZE] * len(parts)
    exact = [m * -(-n // m) for n, m in zip(sizes, parts, strict=True)]
    words, there = f"windows for an input of {_by(exact)}: the same values there", spec.at(exact)[0]
    if asked is None or any(n < m for n, m in zip(asked, parts, strict=True)):
        return words, there
    assert isinstance(there, LayerSpec)
    kernel = _by(each.window.kernel_size for each in there.readings)
    words = f"windows for an input of {_by(asked)}: the same sizes there, other values; "
    words += f"for {_by(exact)}, kernel and stride {kernel} give the same values"
    return words, spec.strided(asked)


_OTHERS = (
    _read_otherwise(0), _read_otherwise(1), _read_otherwise(2), _whole_factor, _convolved,
    _everything, _to_size,
)  # fmt: skip


def _by(numbers: object) -> str:
    found = list(dict.fromkeys(numbers))  # type: ignore[call-overload]
    return "x".join(map(str, found))
