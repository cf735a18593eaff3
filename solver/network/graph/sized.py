"""Layers that can give several sizes, and are told which: transposed convolution, unpooling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.errors import SizeError
from solver.layers.layer import Layer
from solver.network.graph.demand import AT_MOST, EQUAL, Ask
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Apply, Operation, Pointwise, Shape


class ApplyWithOutputSize(Apply):
    """Apply a layer that is called with output_size.

    to: the sizes along its axes that it shall give. PyTorch takes those that its output padding
    reaches; of max unpooling those less than a stride from the usual size.
    """

    to: Shape = ()

    @property
    def title(self) -> str:
        return f"{super().title} to ({', '.join(map(str, self.to))})"

    def bind(self, values: Mapping[str, int]) -> ApplyWithOutputSize:
        return self.replaced(to=tuple(dim.bind(values) for dim in self.to))

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape | None:
        usual = super().shape(given, ask)
        if usual is None:
            return None
        axes = len(self.to)
        values = self.layer.values(axes)
        strides = values["stride"] or values["kernel_size"]
        for index, (dim, to) in enumerate(zip(usual[-axes:], self.to, strict=True)):
            stride = int(strides[index] or values["kernel_size"][index])
            # a transposed layer is asked with its largest output padding, pooling with none
            above = 0 if "output_padding" in values else stride - 1
            low, high = dim + -(stride - 1), dim + above
            rule = "output_size is one that the layer can give"
            if None not in (low.number, high.number, to.number):
                if not low.number <= to.number <= high.number:  # type: ignore[operator]
                    raise SizeError(rule, f"{to}", f"{low} to {high}")
                continue
            ask(rule, low, to, AT_MOST)
            ask(rule, to, high, AT_MOST)
        return (*usual[:-axes], *self.to)


class Paired(Pointwise):
    """Keep a tensor, whose sizes are those of another: of values and where they go."""

    name: str = "indices"

    def shape(self, given: Sequence[Shape], ask: Ask) -> Shape:
        one, other = given
        for dim, wanted in zip(one, other, strict=True):
            ask("max unpooling gets an index for each value", dim, wanted, EQUAL)
        return one


def sized(layer: Layer, to: Sequence[Dim]) -> Operation:
    """A layer that is called with output_size: all sizes, or those along its axes.

    >>> from solver.frameworks import layer
    >>> up = layer("torch", "ConvTranspose1d", in_channels=8, out_channels=4, kernel_size=3,
    ...            stride=2, padding=1, output_padding=1)
    >>> n = Dim.letter("n")
    >>> shape = sized(up, [n * 2]).shape([(Dim(1), Dim(8), n)], lambda *_: None)
    >>> [str(dim) for dim in shape]
    ['1', '4', '2*n']
    """
    axes = layer.axes or len(to)
    values = layer.values(axes)
    if "output_padding" in values:
        layer = layer.changed(output_padding=tuple(int(s) - 1 for s in values["stride"]))
    return ApplyWithOutputSize(layer, axes, to=tuple(to)[-axes:])
