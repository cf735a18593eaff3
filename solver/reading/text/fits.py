"""The layers that a row of a summary can be: those that take the size before to the size after.

A summary shows sizes at one input, and parameters. Within the box that people use (see `BOX`) these
leave few layers, often one; where they leave several, what all of them do alike is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import isqrt
from typing import Any

from solver.errors import LimitError, SolverError
from solver.frameworks import framework, layer
from solver.ground.named import NamedTuple
from solver.layers import cost
from solver.layers.layer import Layer
from solver.sizes.comparison import where_equal
from solver.sizes.domain import LARGEST
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import EVERY, SizeSet

#: What is taken of a layer that shows its sizes alone.
BOX = (
    "strides of 1 to 4 or the kernel's, padding of little more than it, pools that overlap by one"
    " at most, dilation past 2 and kernels that are no squares where nothing else fits, few groups"
)
_STRIDES, _USUAL_DILATION = (1, 2, 3, 4), 2
_LARGEST_KERNEL, _MOST_DILATION = 64, 64
#: Factors that a size may be resized by, beside what is shown divided.
_SCALES = (0.25, 0.5, 0.75, 1.25, 1.5, 2.5)
#: How much wider than a kernel padding may be.
_WIDER = 2
#: What a pooling that no summary shows may do in front of a layer.
_HIDDEN = (SizeMap.line(1, 0, 2), SizeMap.line(1, 1, 2))

Values = tuple[tuple[str, Any], ...]


class Fit(NamedTuple):
    """Hold a layer that fits, along each axis the sizes at which all that fit do as it does.

    several: how many layers fit.
    """

    layer: Layer
    agreed: tuple[SizeSet, ...]
    several: int


class ShownLayer(NamedTuple):
    """Hold what a summary shows of a layer.

    before, after: channels. given, out: sizes along the axes. params: None where they are not told.
    kernel: where it is shown. hidden: whether something may stand in front that is not shown.
    """

    framework: str
    kind: str
    before: int
    after: int
    given: tuple[int, ...]
    out: tuple[int, ...]
    params: int | None = None
    kernel: tuple[int, ...] = ()
    hidden: bool = False


@lru_cache(4096)
def fitting(asked: ShownLayer) -> Fit | None:
    """The layer that a row is, None where none of the box fits.

    >>> found = fitting(ShownLayer("torch", "Conv2d", 3, 64, (224, 224), (112, 112), 9472))
    >>> print(found.layer.arguments["kernel_size"], found.layer.size_map(), found.agreed[0])
    (7, 7) ceil(n/2) n >= 1
    >>> found = fitting(ShownLayer("keras", "MaxPooling2D", 8, 8, (224, 224), (112, 112)))
    >>> print(found.layer.size_map(), "where", found.agreed[0])
    floor(n/2) where even n
    """
    kernels = [(weights, each) for weights in _weights(asked) for each in _kernels(asked, weights)]
    square = [each for each in kernels if each[1] is None or len({*each[1]}) == 1]
    for weights, kernel in square or kernels:
        along = [
            [*_along(asked, weights, at, kernel[at] if kernel else None)]
            for at in range(len(asked.out))
        ]
        found = _made(asked, weights, along)
        if found is not None:
            return found
    return None


def _made(asked: ShownLayer, weights: Values, along: list[list[Values]]) -> Fit | None:
    """The first layer of some that fit, and where all others do as it does."""
    same = [each for each in along[0] if all(each in others for others in along[1:])]
    along = [same] * len(along) if same else along
    told = set.intersection(*({_names(each) for each in values} for values in along))
    along = [[each for each in values if _names(each) in told] for values in along]
    if not all(along):
        return None
    names = _names(along[0][0])  # every axis has a value for each argument
    firsts = [next(dict(each) for each in values if _names(each) == names) for values in along]
    first = {name: tuple(values[name] for values in firsts) for name in names}
    alike = {name: v[0] for name, v in first.items() if isinstance(v[0], (str, bool))}
    if any(len({*first[name]}) > 1 for name in alike):
        return None  # words are for all axes
    made = _layer(asked, weights, {**first, **alike})
    if made is None or not all(
        _takes(made, n, m, len(asked.out), at)
        for at, (n, m) in enumerate(zip(asked.given, asked.out, strict=True))
    ):
        return None
    try:
        agreed = tuple(_agreed(asked, weights, made, at, each) for at, each in enumerate(along))
    except LimitError:
        agreed = tuple(SizeSet.of([size]) for size in asked.given)
    return Fit(made, agreed, len(same) or max(map(len, along)))


def _names(values: Values) -> tuple[str, ...]:
    return tuple(name for name, _ in values)


def _agreed(
    asked: ShownLayer, weights: Values, made: Layer, at: int, along: Sequence[Values]
) -> SizeSet:
    """The sizes along an axis at which all layers that fit do the same."""
    rule, found = made.rule(at), list[Any]()
    for values in along[1:]:
        other = _layer(asked, weights, dict(values))
        assert other is not None
        found += [where_equal(rule.size_map, other.size_map(0)), other.accepts(0)]
    if asked.hidden and rule.size_map.rise < rule.size_map.period:
        for before in _HIDDEN:
            less = asked._replace(given=tuple(map(before, asked.given)), hidden=False)
            behind = fitting(less)
            if behind is not None:
                found.append(where_equal(rule.size_map, behind.layer.size_map(at)(before)))
    return SizeSet.common(found) if found else EVERY


def _layer(asked: ShownLayer, weights: Values, along: Mapping[str, Any]) -> Layer | None:
    try:
        return layer(asked.framework, asked.kind, **dict(weights), **along)
    except SolverError:
        return None


# Weights: what parameters tell


def _weights(asked: ShownLayer) -> Iterator[Values]:
    """Yield what a layer says of its channels, the fewest groups first; for each the kernels."""
    row, _ = framework(asked.framework).find(asked.kind)
    kind, (before, after) = row.kind, (asked.before, asked.after)
    if kind.weights is None:
        yield ()
        return
    if asked.framework == "torch":
        groups = [g for g in range(1, before + 1) if before % g == 0 and after % g == 0]
        for count in (*groups[:1], *groups[-1:], *groups[1:-1]):
            for bias in (True, False):
                yield (
                    ("in_channels", before),
                    ("out_channels", after),
                    ("groups", count),
                    ("bias", bias),
                )
        return
    for bias in (True, False):
        if "filters" in row.arguments:
            yield ("filters", after), ("use_bias", bias)
        elif after % before == 0:
            yield ("depth_multiplier", after // before), ("use_bias", bias)


def _kernels(asked: ShownLayer, weights: Values) -> Sequence[tuple[int, ...] | None]:
    """The kernels that have so many parameters, near squares first; None where it has none."""
    row, _ = framework(asked.framework).find(asked.kind)
    axes = len(asked.out)
    if row.kind.weights is None:
        shown = asked.kernel * axes if len(asked.kernel) == 1 else asked.kernel
        return [shown if len(shown) == axes else None]
    counts = [_parameters(asked, weights, (area,) + (1,) * (axes - 1)) for area in (1, 2)]
    if asked.params is None or counts[0] is None or counts[1] is None:
        return []
    each = counts[1] - counts[0]
    area, rest = divmod(asked.params - counts[0], each)
    area += 1
    if rest or not 0 < area <= _LARGEST_KERNEL**axes:
        return []
    found = [*_factors(area, axes)]
    if asked.kernel:
        found = [kernel for kernel in found if kernel == asked.kernel]
    return sorted(found, key=lambda kernel: (max(kernel) - min(kernel), kernel))


def _parameters(asked: ShownLayer, weights: Values, kernel: tuple[int, ...]) -> int | None:
    made = _layer(asked, weights, {"kernel_size": kernel})
    try:
        return None if made is None else cost.parameters(made, asked.before, len(kernel))
    except SolverError:
        return None


def _factors(area: int, axes: int) -> Iterator[tuple[int, ...]]:
    if axes == 1:
        yield (area,)
        return
    for first in range(1, min(area, _LARGEST_KERNEL) + 1):
        if area % first == 0:
            yield from ((first, *rest) for rest in _factors(area // first, axes - 1))


# Along one axis: what sizes tell


def _along(asked: ShownLayer, weights: Values, at: int, kernel: int | None) -> Iterator[Values]:
    """Yield what takes the size before to the size after, along one axis."""
    row, _ = framework(asked.framework).find(asked.kind)
    n, m, kind = asked.given[at], asked.out[at], row.kind
    if not (0 < n <= LARGEST and 0 < m <= LARGEST):
        return
    if kind.pools:
        tried = _pools(asked.framework, n, m, kernel)
    elif kind.weights is not None and kernel is not None:
        tried = _windows(asked.framework, n, m, kernel, kind.transposed)
    else:
        tried = _others(asked, row.named(row.axes[0] if row.axes else None), n, m)
    seen, least = set[Values](), 0
    for values in tried:
        key = tuple(values.items())
        dilation = values.get("dilation", values.get("dilation_rate", 1))
        if least and dilation > max(least, _USUAL_DILATION):
            return
        made = None if key in seen else _layer(asked, weights, values)
        seen.add(key)
        if made is not None and _takes(made, n, m, len(asked.out)):
            least = dilation
            yield key


def _takes(made: Layer, n: int, m: int, axes: int, at: int = 0) -> bool:
    """Whether a layer makes one size of another along an axis."""
    try:
        rule = made.rule(at, axes)
        return not rule.unproved and n in rule.accepts and rule.size_map(n) == m
    except SolverError:
        return False


def _windows(by: str, n: int, m: int, k: int, transposed: bool) -> Iterator[dict[str, Any]]:
    """Yield convolutions of a kernel, each with its dilation."""
    strides = (*_STRIDES, *([k] if k > _STRIDES[-1] else []))
    for d in range(1, _MOST_DILATION + 1 if k > 1 and not transposed else 2):
        span = d * (k - 1) + 1
        for s in strides if d <= _USUAL_DILATION else (1,):
            if by == "keras":
                sizes = {"valid": (n - span) // s + 1, "same": -(-n // s)}
                for word, size in sizes.items():
                    if size == m or transposed:
                        yield {"kernel_size": k, "strides": s, "padding": word, "dilation_rate": d}
                continue
            most = span + _WIDER
            for more in range(s if transposed else 1):
                both = (n - 1) * s + span + more - m if transposed else (m - 1) * s + span - n
                spare = 0 if transposed else s - 1
                extra = {"output_padding": more} if transposed else {}
                for p in range(max(-(-both // 2), 0), min((both + spare) // 2, most) + 1):
                    yield {"kernel_size": k, "stride": s, "padding": p, "dilation": d, **extra}


def _pools(by: str, n: int, m: int, kernel: int | None) -> Iterator[dict[str, Any]]:
    """Yield poolings: without overlap, then by one, then at stride 1."""
    largest = min(n, _LARGEST_KERNEL)
    pairs = [(s, s) for s in range(2, largest + 1)]
    pairs += [(s + 1, s) for s in range(2, largest)] + [(k, 1) for k in range(1, largest + 1)]
    if kernel is not None:
        pairs = [(kernel, s) for s in (kernel, *range(1, kernel))]
    for k, s in pairs:
        if by == "keras":
            for word in ("valid", "same"):
                yield {"pool_size": k, "strides": s, "padding": word}
            continue
        for ceil in (False, True):
            rounded = {"ceil_mode": True} if ceil else {}
            for p in range(k // 2 + 1):
                if abs((n + 2 * p - k) - (m - 1) * s) <= s:
                    yield {"kernel_size": k, "stride": s, "padding": p, **rounded}


def _others(asked: ShownLayer, name: str, n: int, m: int) -> Iterator[dict[str, Any]]:
    """Yield what pads, crops, resizes, pools to sizes, or moves channels into sizes."""
    more = m - n
    word = name.partition("{")[0].rstrip("123Dd")
    if word == "UpSampling" and m % n == 0:
        yield {"size": m // n}
    elif word == "Upsample":
        yield from ({"scale_factor": each} for each in (m / n, *_SCALES))
        yield {"size": m}
    elif word == "ZeroPadding" and more >= 0:
        yield {"padding": ((more // 2, more - more // 2),)}
    elif word == "Cropping" and more <= 0:
        yield {"cropping": ((-more // 2, -more + more // 2),)}
    elif word.endswith("Pad") and asked.framework == "torch":
        yield {"padding": (more // 2, more - more // 2)}
    elif word.startswith("Adaptive"):
        yield {"output_size": m}
    elif word in ("PixelShuffle", "PixelUnshuffle"):
        big, small = max(asked.before, asked.after), min(asked.before, asked.after)
        factor = isqrt(big // small)
        yield {"upscale_factor" if word == "PixelShuffle" else "downscale_factor": factor}
