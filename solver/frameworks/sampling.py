"""What a layer does that slides no window: it resizes, shuffles pixels, or pools parts alike.

This is the second kind of spec, beside windows: what the frameworks call their ways to resize, to
order channels and to pool, in one set of words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from solver.errors import SolverError
from solver.frameworks.spec import LayerSpec, Reading
from solver.ground.named import NamedTuple
from solver.layers.channels import Channels
from solver.layers.kind import AVERAGE, MAX, PARTS, RESIZE, SHUFFLE, UNSHUFFLE, WHOLE, Kind
from solver.layers.layer import Layer
from solver.layers.window import Window
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import EVERY, SizeSet
from solver.sizes.slope import whole

if TYPE_CHECKING:
    from fractions import Fraction

NEAREST, LINEAR = "nearest", "linear"
#: Cubic by the constant of its polynomial: PyTorch's and ONNX's, and JAX's.
CUBIC, KEYS = "cubic with a = -0.75", "cubic with a = -0.5"
#: What ONNX makes of antialias where something is made smaller: weights of its own.
STRETCHED = {LINEAR: "linear with ONNX's antialias", CUBIC: "cubic with ONNX's antialias"}
HALF, PLAIN, CORNERS = "half_pixel", "asymmetric", "align_corners"
SHIFTED = "tf_half_pixel_for_nn"
DOWN, UP = "round_prefer_floor", "round_prefer_ceil"
ROUNDINGS = (DOWN, UP, "floor", "ceil")
#: The order of channels: block by block, or channel by channel as PyTorch has it.
DCR, CRD = "DCR", "CRD"


class Grid(NamedTuple):
    """Hold how many outputs one axis has.

    size: as a map of n. accepts: the n that are accepted. scale: outputs per input, None where the
    size is fixed.
    """

    size: SizeMap
    accepts: SizeSet
    scale: Fraction | None


class Sampled(NamedTuple):
    """Hold what a layer does that slides no window.

    readings: one per axis. method: how a value is made of its neighbours, of a part, or the order
    of channels. where: which position output j has. rounding: to which neighbour of it. smooth:
    whether making smaller averages first. dropped: whether axes of size 1 are left out.
    """

    kind: Kind
    readings: tuple[Grid, ...]
    method: str
    where: str = ""
    rounding: str = ""
    smooth: bool = False
    dropped: bool = False
    channels: Channels = Channels()

    @property
    def axes(self) -> int:
        return len(self.readings)

    def fixed(self) -> tuple[int, ...] | None:
        """The size of each axis, or None where one depends on n."""
        if any(grid.size.rise for grid in self.readings):
            return None
        return tuple(int(grid.size(1)) for grid in self.readings)

    def scales(self) -> tuple[Fraction, ...] | None:
        """The outputs per input of each axis, or None where a size is fixed."""
        found = [grid.scale for grid in self.readings]
        return tuple(s for s in found if s is not None) if None not in found else None

    def factor(self) -> int:
        """The whole factor of all axes alike, 0 where there is none."""
        scales = set(self.scales() or [])
        scale = scales.pop() if len(scales) == 1 else whole(0)
        scale = 1 / scale if self.kind == UNSHUFFLE and scale else scale
        return int(scale) if scale.denominator == 1 else 0

    @property
    def way(self) -> How:
        """How a resize reads."""
        return self.method, self.where, self.rounding, self.smooth

    def how(self, method: str, where: str, rounding: str = "", smooth: bool = False) -> Sampled:
        """The same resizing read in another way."""
        return self._replace(method=method, where=where, rounding=rounding, smooth=smooth)

    def ways(self) -> Iterator[Sampled]:
        """Yield the usual ways to resize to the same sizes, those of the same method first."""
        known = [REPEAT, CENTRE] if self.kind == RESIZE else []
        for method in (LINEAR, CUBIC, KEYS) if self.kind == RESIZE else ():
            known += [(method, HALF, "", False), (method, CORNERS, "", False)]
        for how in sorted(known, key=lambda how: how[0] != self.method):
            yield self.how(*how)

    def scaled(self, scales: Sequence[Fraction]) -> Sampled:
        """The same by other factors."""
        sizes = [SizeMap.line(s.numerator, 0, s.denominator) for s in scales]
        grids = [
            Grid(size, SizeSet(minimum=max(1, size.first(1))), s)
            for size, s in zip(sizes, scales, strict=True)
        ]
        return self._replace(readings=tuple(grids))

    def sized(self, sizes: Sequence[int]) -> Sampled:
        """The same to fixed sizes."""
        grids = (Grid(SizeMap.line(0, m), EVERY, None) for m in sizes)
        return self._replace(readings=tuple(grids))

    def at(self, sizes: Sequence[int]) -> tuple[Sampled | LayerSpec, ...]:
        """What does the same for an input of these sizes, by a size and by a factor."""
        outs = [int(grid.size(n)) for grid, n in zip(self.readings, sizes, strict=True)]
        if self.kind in (PARTS, WHOLE):
            # Parts begin equally far apart, and are as wide, where 0 or 1 is left over.
            pairs = [*zip(sizes, outs, strict=True)]
            return (self.strided(sizes),) if all(0 < m <= n and n % m < 2 for n, m in pairs) else ()
        if self.kind != RESIZE or not all(outs):
            return ()
        # A size puts outputs n/m inputs apart: a factor does so too only where nothing is cut off.
        scales = [whole(m) / n for m, n in zip(outs, sizes, strict=True)]
        if any(grid.scale not in (None, s) for grid, s in zip(self.readings, scales, strict=True)):
            return ()
        return self.sized(outs), self.scaled(scales)

    def strided(self, sizes: Sequence[int]) -> LayerSpec:
        """Pooling windows, as many as parts come out, from the first element to the last.

        The stride is n // m and the kernel n - (m - 1)*stride, for n in and m out.

        >>> from solver.frameworks import layer
        >>> made = of_layer(layer("torch", "AdaptiveAvgPool1d", output_size=7), 1).strided([12])
        >>> made.readings[0].window.kernel_size, made.readings[0].window.stride
        (6, 1)
        """
        pairs = [(n, int(grid.size(n))) for grid, n in zip(self.readings, sizes, strict=True)]
        strides = [n // m for n, m in pairs]
        kernels = [n - (m - 1) * s for (n, m), s in zip(pairs, strides, strict=True)]
        return windows(MAX if self.method == MAX.word else AVERAGE, strides, kernels)


def windows(kind: Kind, strides: Sequence[int], kernels: Sequence[int] | None = None) -> LayerSpec:
    """Return windows, side by side unless kernels are given: as wide as their stride."""
    readings = []
    for stride, width in zip(strides, kernels or strides, strict=True):
        window = Window(width, stride)
        if kind.transposed:
            window = window.transposed
        accepts = SizeSet(minimum=window.minimum)
        readings.append(Reading(window, window.begin_map, window.size_map, accepts))
    return LayerSpec(kind, tuple(readings))


def of_layer(layer: Layer, axes: int) -> Sampled:
    """What a framework's layer does that slides no window.

    Raises SolverError where it does something else, or no formula holds for its sizes.
    """
    grids = []
    for along in layer.along(axes):
        if along.unproved is not None:
            raise along.unproved
        size = along.size_map
        scale = whole(size.rise) / size.period if size.rise else None
        grids.append(Grid(size, along.accepts, scale))
    name, given, kind = layer.name, layer.arguments, layer.row.kind
    integral = all(grid.scale is None or grid.scale.denominator == 1 for grid in grids)
    if given.get("recompute_scale_factor") and not integral:
        rule = "a factor worked out again from the sizes depends on n"
        raise SolverError(rule, "recompute_scale_factor=True", "recompute_scale_factor=None")
    if kind == RESIZE:
        method, where, rounding, smooth = _RESIZES[layer.framework.name](name, given)
        # They differ where one element comes out.
        if where == "pytorch_half_pixel" and all(g.scale is None or g.scale >= 1 for g in grids):
            where = HALF if all(g.scale or g.size(1) > 1 for g in grids) else where
        # What is made no smaller is never averaged first.
        smooth = smooth and any(g.scale is None or g.scale < 1 for g in grids)
        if smooth and layer.framework.name == "onnx":
            method = STRETCHED.get(method, method)
        return Sampled(kind, tuple(grids), method, where, rounding, smooth)
    if kind.keeps:
        order = CRD if layer.framework.name in ("torch", "paddle") else str(given.get("mode", DCR))
        if order not in (CRD, DCR):
            raise SolverError("unknown mode", order, f"{DCR}, {CRD}")
        found = Sampled(kind, tuple(grids), order)
        wide = found.factor() ** 2 if kind == SHUFFLE else None
        return found._replace(channels=Channels(before=wide))
    method = (MAX if "Max" in name else AVERAGE).word
    if "Lp" in name:
        raise SolverError(f"{name} takes a norm of everything", right="GlobalAveragePool")
    dropped = layer.framework.name == "keras" and kind == WHOLE and not given.get("keepdims")
    return Sampled(PARTS, tuple(grids), method, dropped=dropped)


#: How a resize reads: method, where, rounding, smooth.
How = tuple[str, str, str, bool]
REPEAT: How = (NEAREST, PLAIN, "floor", False)
CENTRE: How = (NEAREST, HALF, UP, False)
_METHODS = {
    **dict.fromkeys(("linear", "bilinear", "trilinear", "triangle"), LINEAR),
    **dict.fromkeys(("cubic", "bicubic"), CUBIC),
}


def _torch(name: str, given: Any) -> How:
    mode, corners = given.get("mode", "nearest"), bool(given.get("align_corners"))
    if name.startswith("Upsampling"):
        mode, corners = ("bilinear", True) if "Bilinear" in name else ("nearest", False)
    known = {"nearest": REPEAT, "nearest-exact": CENTRE}
    return known.get(mode, (_METHODS.get(mode, mode), CORNERS if corners else HALF, "", False))


def _keras(name: str, given: Any) -> How:
    if given.get("crop_to_aspect_ratio") or given.get("pad_to_aspect_ratio"):
        raise SolverError("what is resized to keep the ratio depends on both sizes")
    factors = name.startswith("UpSampling")
    method = str(given.get("interpolation", "nearest" if factors else "bilinear"))
    if method == "nearest":
        return REPEAT if factors else CENTRE
    return (LINEAR if method == "bilinear" else method, HALF, "", bool(given.get("antialias")))


def _onnx(name: str, given: Any) -> How:
    mode = str(given.get("mode", "nearest"))
    if name == "Upsample":
        return REPEAT if mode == "nearest" else (LINEAR, PLAIN, "", False)
    where = str(given.get("coordinate_transformation_mode", HALF))
    rounding = str(given.get("nearest_mode", DOWN))
    if rounding not in ROUNDINGS:
        raise SolverError("unknown nearest_mode", rounding, ", ".join(ROUNDINGS))
    if mode == "nearest":
        return (NEAREST, where, rounding, False)
    return (_METHODS.get(mode, mode), where, "", bool(given.get("antialias")))


def _paddle(name: str, given: Any) -> How:
    if given.get("mode", "nearest") == "nearest" or name.startswith("Upsampling"):
        return _torch(name, given)
    where = PLAIN if given.get("align_mode") == 1 else HALF
    where = CORNERS if given.get("align_corners") else where
    return (_METHODS[given["mode"]], where, "", False)


def _jax(name: str, given: Any) -> How:
    method = str(given.get("method", "nearest"))
    if method == "nearest":
        return CENTRE
    known = {**_METHODS, "cubic": KEYS, "bicubic": KEYS}
    return (known.get(method, method), HALF, "", bool(given.get("antialias", True)))


_RESIZES = {"torch": _torch, "keras": _keras, "onnx": _onnx, "jax": _jax, "paddle": _paddle}
