"""What a layer does, apart from any framework: the window on each axis, and what surrounds it."""

from __future__ import annotations

from collections.abc import Sequence

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.channels import Channels
from solver.layers.kind import FOLD, PAD, UNPOOL, Kind
from solver.layers.layer import Layer
from solver.layers.table import OWN
from solver.layers.window import Window
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import EVERY, NONE, SizeSet, where_zero


class Reading(NamedTuple):
    """Hold what one axis of a layer, or of a few layers in a row, reads and gives.

    window: its numbers; begin: how far before the first element the first window starts, as a map
    of n; size: what comes out; accepts: the n that are accepted.
    """

    window: Window
    begin: SizeMap
    size: SizeMap
    accepts: SizeSet

    @property
    def ends(self) -> tuple[int, int] | None:
        """The padding (begin, end) that gives this size, or None where it depends on n."""
        kernel, shift = self.window, self.size.shift
        apart, stride = kernel.input_dilation, kernel.stride
        if self.begin != SizeMap.line(0, self.begin(0)) or shift is None:
            return None
        if (self.size.rise, self.size.period) != (apart, stride):
            return None
        begin = int(self.begin(0))
        return begin, shift - 1 + apart - begin - stride + kernel.span

    def at(self, n: int) -> Reading:
        """What is read at one n, and at every n of its residue class, as a fixed padding."""
        begin = int(self.begin(n))
        stride, span = self.window.stride, self.window.span
        wide = self.window.input_dilation * (n - 1) + 1
        end = (int(self.size(n)) - 1) * stride + span - begin - wide
        window = self.window.padded((begin, end))
        return Reading(window, window.begin_map, window.size_map, self.accepts)


class LayerSpec(NamedTuple):
    """Hold what a layer does.

    readings: one per axis. padding_mode: zeros unless the padding repeats the input.
    counts_padding: whether the padding counts in an average. value: what a padding pads with.
    """

    kind: Kind
    readings: tuple[Reading, ...]
    channels: Channels = Channels()
    padding_mode: str = "zeros"
    counts_padding: bool = True
    value: float = 0

    @property
    def axes(self) -> int:
        return len(self.readings)

    @property
    def transposed(self) -> bool:
        return self.kind.transposed

    def fixed(self) -> tuple[tuple[int, int], ...]:
        """The padding of each axis. Raises SolverError where it depends on n."""
        found = []
        for reading in self.readings:
            if (ends := reading.ends) is None:
                raise SolverError("this padding depends on the size of the input")
            found.append(ends)
        return tuple(found)

    def crops(self) -> tuple[tuple[int, int], ...]:
        """What a transposed convolution crops from each end of its full output."""
        spans = (reading.window.span for reading in self.readings)
        return tuple(
            (span - 1 - begin, span - 1 - end)
            for span, (begin, end) in zip(spans, self.fixed(), strict=True)
        )

    def ceiled(self) -> tuple[tuple[int, int], ...] | None:
        """The padding with which windows counted up give the sizes, None where down does."""
        found, up = [], False
        for reading in self.readings:
            window = reading.window
            if window.moves or reading.begin != window.begin_map:
                return None
            if reading.size != window.counted_up.size_map:
                return None
            up = up or reading.size != window.size_map
            found.append(window.pads)
        return tuple(found) if up else None

    def at(self, sizes: Sequence[int]) -> LayerSpec:
        """What is done at these sizes, and at all of their residue classes."""
        readings = (r.at(n) for r, n in zip(self.readings, sizes, strict=True))
        return self._replace(readings=tuple(readings))


def of_layer(layer: Layer, axes: int) -> LayerSpec:
    """What a layer does. Raises SolverError where that is no window."""
    readings = tuple(reading([layer], axis, axes) for axis in range(axes))
    given = layer.arguments
    kind = PAD if layer.row.kind.pads else layer.row.kind
    mode = str(given.get("padding_mode", "zeros"))
    if mode == "zeros" and str(given.get("padding", "")).lower() in ("circular", "reflect"):
        mode = str(given["padding"]).lower()
    if kind.pads:
        mode = _padding_mode(layer)
    value = next((given[x] for x in _VALUES if given.get(x) is not None), 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise SolverError("padding has the value of a number", repr(value), "0.0")
    return LayerSpec(kind, readings, layer.channels, mode, _counts_padding(layer), value)


_VALUES = ("value", "constant_value", "padding_value")
#: What padding that repeats the input is called; all other padding is of one value.
_REPEATS = {
    "reflect": ("reflect", "Reflection"),
    "replicate": ("replicate", "edge", "Replication"),
    "circular": ("circular", "wrap", "Circular"),
}


def _padding_mode(layer: Layer) -> str:
    called = layer.arguments.get("mode", layer.name)
    return next((m for m, words in _REPEATS.items() if called.startswith(words)), "zeros")


def _counts_padding(layer: Layer) -> bool:
    """Tell whether the padding of an average pooling counts; each framework has its default."""
    if "exclusive" in layer.row.arguments:
        return not layer.arguments.get("exclusive", True)
    default = layer.framework.name in ("torch", "flax", "jax", "caffe", OWN.name)
    return bool(layer.arguments.get("count_include_pad", default))


def reading(layers: Sequence[Layer], axis: int, axes: int) -> Reading:
    """What layers in a row read along an axis: paddings, at most one window, croppings.

    >>> from solver.frameworks import layer
    >>> row = [layer("torch", "ZeroPad1d", padding=(0, 1)),
    ...        layer("torch", "Conv1d", kernel_size=3, stride=2)]
    >>> found = reading(row, 0, 1)
    >>> int(found.begin(7)), str(found.size)
    (0, 'floor(n/2)')
    """
    window, begin, size, accepts = Window(1), SizeMap.line(0), IDENTITY, SizeSet()
    for each in layers:
        along = each.along(axes)[axis]
        if along.window is None or each.row.kind.indexed:  # its indices say what is read
            raise SolverError(f"{each.name} is no window over its input", right=_stand_in(each))
        accepts &= along.accepts.preimage(size) if size != IDENTITY else along.accepts
        passed = along.window.begin_map(size)
        if (
            along.window.kernel_size == 1
            and along.window.stride == 1 == along.window.input_dilation
        ):
            # Padding in front moves the first window; behind it, by whole strides.
            begin = begin + window.stride * passed
            window = along.window if window == Window(1) else window
        else:
            begin, window = begin + passed, along.window
        size = along.size_map(size)
    return Reading(window, begin, size, accepts)


def _stand_in(layer: Layer) -> str | None:
    """The transposed convolution that puts elements apart as a layer does, or None.

    Blocks are put back by it, with one filter for each of their elements.
    """
    if layer.row.kind not in (FOLD, UNPOOL):
        return None
    given = dict(layer.arguments)
    if layer.row.kind == UNPOOL and layer.framework.name == "torch":
        given.setdefault("stride", given["kernel_size"])
    if "block_shape" in given:
        given["kernel_shape"] = given.pop("block_shape")
    kept = [f"{word}={value!r}" for word, value in given.items() if word in _NUMBERS]
    axes = f"{layer.axes or 2}d" if layer.framework.name == "torch" else ""
    return f"ConvTranspose{axes}({', '.join(kept)})"


_NUMBERS = ("kernel_size", "kernel_shape", "stride", "strides", "padding", "pads", "dilation",
            "dilations")  # fmt: skip


def agreement(one: Reading, other: Reading) -> tuple[SizeSet, SizeSet]:
    """The inputs both accept and give one size for, and those where they read alike."""
    both = one.accepts & other.accepts & _where_equal(one.size, other.size)
    same = [
        (r.window.kernel_size, r.window.stride, r.window.input_dilation)
        + ((r.window.dilation,) if r.window.kernel_size > 1 else ())
        for r in (one, other)
    ]
    if same[0] != same[1]:
        return both, NONE
    return both, both & _where_equal(one.begin, other.begin)


def _where_equal(one: SizeMap, other: SizeMap) -> SizeSet:
    """The n at which two maps are equal; equal maps cost nothing, however long they are."""
    return EVERY if one == other else where_zero(one - other)
