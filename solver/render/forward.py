"""The size that comes out: read the layer and the input in words, write the output in words.

For the free input n the layer's own formula is written, with its numbers put in, as people write it
by hand; below it stands the shortest equal expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from solver.domain import read_number
from solver.errors import SolverError
from solver.expression import parse
from solver.fold import expression as shortest
from solver.inverse.words import split_axes
from solver.layer import USUAL_AXES, Layer
from solver.layers import LAYERS
from solver.normal import rename
from solver.operations import MINIMUM, operation
from solver.sizeset import where_nonnegative
from solver.target import SizeExpression, read_size
from solver.text import text as write


class Output(NamedTuple):
    """Hold one axis of an answer: the input and the output in words, and from which n it holds."""

    input: int | str
    output: int | str
    folded: str | None = None
    valid_from: int | None = None


class Result(NamedTuple):
    """Hold the output of a layer: one entry per axis, or the numbers of a full shape."""

    layer: Layer
    outputs: tuple[Output, ...]
    full: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    framework: tuple[str, ...] = ()
    unbatched: int | None = None  # the axes of a full shape, where they were given

    @property
    def axes(self) -> int:
        """Return the number of axes of the input; one size alone stands for images."""
        if self.full:
            return self.unbatched or len(self.full[0]) - 2
        return self.layer.axes or (len(self.outputs) if len(self.outputs) > 1 else USUAL_AXES)

    def written(self, framework: str) -> Result:
        """Return the same with the layers of a framework. Raises SolverError where it refuses."""
        from solver.frameworks.act import of_layer
        from solver.writing import bare, line, write

        layers = write(framework, of_layer(self.layer, self.axes)).layers
        return self._replace(framework=(framework, *(line(bare(layer)) for layer in layers)))

    def plain(self) -> str:
        """Return the answer, and for n the shortest expression under it."""
        if self.full:
            return "\n".join([",".join(map(str, self.full[1])), *self._layers()])
        sizes = [str(part.output) for part in self.outputs]
        lines = [(" x " if any(" " in size for size in sizes) else "x").join(sizes)]
        for index, part in enumerate(self.outputs):
            if part.valid_from is not None:
                axis = f"axis {index}: " if len(self.outputs) > 1 else ""
                same = f"= {part.folded}, " if part.folded != part.output else ""
                lines.append(f"{axis}{same}for every n >= {part.valid_from}")
        return "\n".join([*lines, *self._layers()])

    def _layers(self) -> list[str]:
        return [" -> ".join(self.framework[1:])] if self.framework else []

    def record(self) -> dict[str, Any]:
        """Return the answer as plain data: the JSON contract."""
        head = {"schema": 1, "command": "size", "op": self.layer.operation.name}
        if self.framework:
            head |= {"framework": self.framework[0], "layers": list(self.framework[1:])}
        layer = {name: getattr(self.layer, name) for name in self.layer.operation.hyperparameters}
        if self.full:
            return {**head, "input": self.full[0], "output": self.full[1], **layer}
        sizes: dict[str, Any] = {}
        for key in Output._fields:
            values = [getattr(part, key) for part in self.outputs]
            if any(value is not None for value in values):
                sizes[key] = values[0] if len(values) == 1 else values
        return {**head, **sizes, **layer, "layer": repr(self.layer)}

    def latex(self) -> str:
        """Return the output as LaTeX math."""
        from solver.render.latex import latex

        if self.full:
            return str(self.full[1])
        return r" \times ".join(latex(parse(str(part.output), own=True)) for part in self.outputs)


def size(layer: Layer, text: str) -> Result:
    """Return the output for an input in words.

    >>> from solver.layers import Conv
    >>> print(size(Conv(7, stride=2, padding=3), "n").plain())
    floor((n - 1)/2) + 1
    = ceil(n/2), for every n >= 1
    >>> size(Conv(3), "224x320").plain()
    '222x318'
    """
    parts = split_axes(text)
    if len(parts) == 1 and layer.axes:
        parts *= layer.axes
    if layer.axes not in (None, len(parts)):
        raise SolverError(
            "the input must have one size per axis of the layer",
            received=f"{text} for {layer.axes} axes",
        )
    if all(part.isascii() and part.isdigit() for part in parts):
        numbers = tuple(read_number(part, "the input", text, 0, 0) for part in parts)
        outputs = layer.size(numbers)
        return Result(layer, tuple(map(Output, numbers, outputs)))
    return Result(
        layer, tuple(_one_axis(layer, i, part, len(parts)) for i, part in enumerate(parts))
    )


def shape(layer: Layer, text: str, axes: int | None) -> Result:
    """Return the full output shape for one in words, such as "1,3,224,224".

    >>> from solver.layers import MaxPool
    >>> shape(MaxPool(2), "1,3,224,224", None).plain()
    '1,3,112,112'
    """
    at, numbers = 0, []
    for part in text.split(","):
        numbers.append(read_number(part, "a shape", text, at, 0))
        at += len(part) + 1
    if axes is not None and not 0 < axes < len(numbers):
        raise SolverError(
            "--dim is the number of sizes at the end of the shape", received=str(axes)
        )
    return Result(layer, (), (tuple(numbers), layer.shape(numbers, axes)), (), axes)


def read_layer(
    name: str,
    hyperparameters: Mapping[str, str | None],
    ceil_mode: bool = False,
    channels: Mapping[str, int | None] | None = None,
) -> Layer:
    """Return the layer that the words describe.

    >>> read_layer("conv", {"kernel_size": "3x5", "padding": "1:2x2"})
    Conv((3, 5), padding=((1, 2), 2))
    """
    row = operation(name)
    arguments: dict[str, Any] = {}
    for key, text in hyperparameters.items():
        if text is None:
            continue
        if key not in row.hyperparameters:
            raise SolverError(f"{row.title} has no {key}", right=", ".join(row.hyperparameters))
        arguments[key] = _value(key, text)
    if "kernel_size" not in arguments:
        raise SolverError("a layer needs its kernel_size", right="-k 3")
    if ceil_mode and not row.pooling:
        raise SolverError("only pooling has a ceil mode", received=row.name)
    if row.pooling:
        arguments["ceil_mode"] = ceil_mode
    given = {key: value for key, value in (channels or {}).items() if value is not None}
    if given and row.pooling:
        raise SolverError("pooling has no channels of its own", received=", ".join(given))
    return LAYERS[row.name](**arguments, **given)


def _value(name: str, text: str) -> Any:
    if name == "padding" and text in ("same", "valid"):
        return text
    values: list[Any] = []
    at = 0
    for part in text.replace("×", "x").split("x"):
        begin, colon, end = part.partition(":")
        number = read_number(begin, name, text, at, MINIMUM[name])
        if colon and name == "padding":
            values.append((number, read_number(end, name, text, at + len(begin) + 1, 0)))
        elif colon:
            raise SolverError(f"{name} has no begin and end", text=text, at=at + len(begin))
        else:
            values.append(number)
        at += len(part) + 1
    single = len(values) == 1 and isinstance(values[0], int)
    return values[0] if single else tuple(values)


def _one_axis(layer: Layer, index: int, text: str, axes: int) -> Output:
    expression = read_size(text)
    if expression.denominator != 1:
        raise SolverError(
            "an input size is a whole number",
            received=text,
            right=f"ceil({text}) or floor({text})",
        )
    size_map = expression.numerator
    if expression.constant:
        n = int(size_map(0))
        return Output(n, layer.size((n,) * axes)[index])
    own = own_formula(layer, index)
    folded = shortest(layer.size_map(index)(size_map))
    if folded is None:  # no short expression: the formula, with the input put in
        put_in = write(rename(parse(own), {"n": f"({expression})"}))
        own = folded = write(parse(put_in, own=True))
    elif text != "n":
        own = folded
    return Output(str(expression), own, folded, _first(layer, index, axes, expression))


def _first(layer: Layer, index: int, axes: int, expression: SizeExpression) -> int:
    """Return the n from which on every input fits."""
    least = layer.minimum(index, axes)
    fits = where_nonnegative(expression.numerator - least)
    if expression.numerator.rise <= 0:
        raise SolverError(
            "the input must grow with n", received=str(expression), right="for example 2n"
        )
    return fits.minimum


def own_formula(layer: Layer, index: int = 0) -> str:
    """Write the layer's formula along an axis with its numbers put in.

    >>> from solver.layers import Conv, ConvTranspose
    >>> own_formula(Conv(7, stride=2, padding=3)), own_formula(ConvTranspose(4, 2, 1))
    ('floor((n - 1)/2) + 1', '2*n')
    """
    axis = layer.axis(index)
    if layer.operation.transposed or axis.stride == 1:
        return str(layer.size_map(index))
    inner = axis.net_padding - 1
    if layer.ceil_mode:
        inner = min(axis.net_padding + axis.stride - 1, axis.begin) - 1
    sign = "-" if inner < 0 else "+"
    linear = f"(n {sign} {abs(inner)})" if inner else "n"
    return f"floor({linear}/{axis.stride}) + 1"
