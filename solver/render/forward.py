"""The size that comes out: read the layer and the input in words, write the output in words.

For the free input n the layer's own formula is written, with its numbers put in, as people write it
by hand; below it stands the shortest equal expression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.frameworks.limits import limits
from solver.layers.layer import Layer
from solver.layers.own import LAYERS, own_padding
from solver.render.described import Described, Output
from solver.render.report import Report
from solver.sizes.axes import split_axes
from solver.sizes.domain import read_number
from solver.sizes.expression import Expression, names, of
from solver.sizes.formulas import WORDS
from solver.sizes.operations import MINIMUM, OperationSpec, operation


class Sized(Report):
    """The output of a layer: one entry per axis, or the numbers of a full shape.

    full: the shape that goes in, and the one that comes out. unbatched: the axes of a full shape,
    where they were given.
    """

    def __init__(
        self,
        described: Described,
        outputs: Sequence[Output],
        full: tuple[tuple[int, ...], tuple[int, ...]] | None = None,
        unbatched: int | None = None,
    ) -> None:
        self.described, self.outputs = described, outputs
        self.full, self.unbatched = full, unbatched

    @property
    def axes(self) -> int:
        """The number of axes of the input."""
        if self.full:
            return self.unbatched or self.described.layer.axes or len(self.full[0]) - 2
        return self.described.axes(len(self.outputs))

    @property
    def _inputs(self) -> Sequence[int | Expression]:
        """The sizes that go in, without batch and channels."""
        if not self.full:
            return [part.input for part in self.outputs]
        return self._first[-self.axes :]

    @property
    def _first(self) -> tuple[int, ...]:
        """The full shape that goes in, the channels in front of the sizes."""
        given = self.full[0] if self.full else ()
        return forwards(given, self.axes) if self.described.last else given

    @property
    def layers(self) -> list[str]:
        """The layers of the framework that was named, as it writes them."""
        written = self.described.written(self.axes)
        if written is None:
            return []
        from solver.frameworks import bare
        from solver.frameworks.code import line

        return [line(bare(layer)) for layer in written.layers]

    @property
    def notes(self) -> list[str]:
        """What to beware of in the framework that was named."""
        inputs = self._inputs
        numbers = tuple(size for size in inputs if isinstance(size, int))
        return self.described.notes(numbers if len(numbers) == len(inputs) else ())

    @property
    def pads(self) -> list[tuple[Any, Any]]:
        """The padding at the ends of each axis where a word said it: once where all have the same.

        In numbers for an input in numbers, else in n.
        """
        if not isinstance(self.described.given.get("padding"), str):
            return []
        inputs = self._inputs
        found = [self.described.pads(i, self.axes, size) for i, size in enumerate(inputs)]
        pads = [pair for pair in found if pair is not None]
        return pads[:1] if len(set(pads)) == 1 else pads

    def codes(self) -> list[str]:
        channels = self._first[-self.axes - 1] if self.full else None
        return [self.described.code(self.axes, channels)]

    def headline(self) -> str:
        if self.full:
            return ",".join(map(str, self.full[1]))
        sizes = [str(part.output) for part in self.outputs]
        return (" x " if any(" " in size for size in sizes) else "x").join(sizes)

    def facts(self) -> Iterator[str]:
        """For n the shortest expression; padding in words; layers of a framework; warnings."""
        for index, part in enumerate(self.outputs):
            if part.valid_from is not None:
                axis = f"axis {index}: " if len(self.outputs) > 1 else ""
                same = f"= {part.folded}, " if part.folded != part.output else ""
                (letter,) = names(of(part.input))
                yield f"{axis}{same}for every {letter} >= {part.valid_from}"
        yield from self._dropped()
        if pads := self.pads:
            yield f"padding {'x'.join(f'{begin}:{end}' for begin, end in pads)} (begin:end)"
        if layers := self.layers:
            yield " -> ".join(layers)
        yield from (f"note: {note}" for note in self.notes)

    def _dropped(self) -> Sequence[str]:
        """Of a pooling that counts windows up, which last ones are none."""
        numbers = [size for size in self._inputs if isinstance(size, int)]
        if not self.described.layer.ceil_mode or len(numbers) < len(self._inputs):
            return ()
        from solver.render.last_window import dropped  # few poolings count up

        return dropped(self.described.layer, numbers)

    def picture(self, output: int | list[int] | None = None) -> Any:
        """The layer over the input, or, of n, the staircase. output: the one that is marked."""
        sizes = self._inputs
        layers = self.described.written(self.axes)
        if layers is not None and len(layers.layers) > 1:
            raise SolverError("a picture shows one layer", received=" -> ".join(self.layers))
        layer = self.described.layer if layers is None else layers.layers[0]
        if not all(isinstance(size, int) for size in sizes):
            if {*map(str, sizes)} != {"n"}:
                raise SolverError("a picture is of numbers, or of n", str(sizes[0]), "n")
            return layer.draw()
        return layer.draw(sizes[0] if len(sizes) == 1 else tuple(sizes), output=output)

    def record(self) -> dict[str, Any]:
        made, framework = self.described.layer, self.described.framework
        head: dict[str, Any] = {"schema": 1, "command": "size", "op": made.operation.name}
        layer = {name: getattr(made, name) for name in made.operation.hyperparameters}
        if framework:
            head |= {"framework": framework, "layers": self.layers, "notes": self.notes}
            layer |= {name: self.described.given.get(name, value) for name, value in layer.items()}
        if self.full:
            return {**head, "input": self.full[0], "output": self.full[1], **layer}
        sizes: dict[str, Any] = {}
        for key in Output._fields:
            values = [getattr(part, key) for part in self.outputs]
            if any(value is not None for value in values):
                values = [str(v) if isinstance(v, Expression) else v for v in values]
                sizes[key] = values[0] if len(values) == 1 else values
        if pads := self.pads:
            layer["padding_begin"], layer["padding_end"] = (
                ends[0] if len(ends) == 1 else list(ends)
                for ends in zip(*(map(_plain, pair) for pair in pads), strict=True)
            )
        shown = " -> ".join(self.layers) if self.described.word else repr(made)
        return {**head, **sizes, **layer, "layer": shown}

    def formula(self) -> str:
        from solver.render.latex import latex

        if self.full:
            return str(self.full[1])
        return r" \times ".join(latex(of(part.output)) for part in self.outputs)

    def trees(self) -> Iterator[Sequence[Expression | str]]:
        several = len(self.outputs) > 1
        for axis, part in enumerate(self.outputs):
            yield [f"axis {axis}: "] * several + [of(part.output)]


def sized(described: Described, text: str, dim: int | None = None) -> Sized:
    """The output for an input in words; those of a full shape have commas.

    dim: the axes of a full shape, where it has no batch.
    """
    if "," in text and "(" not in text:
        return shape(described, text, dim)
    if dim is not None:
        raise SolverError("--dim goes with a full shape", received=text, right="1,3,224,224")
    return size(described, text)


def size(described: Described, text: str) -> Sized:
    """The output for an input in words.

    >>> from solver import Conv
    >>> found = size(Described(Conv(7, stride=2, padding=3)), "n")
    >>> print(found.headline(), *found.facts(), sep="\\n")
    floor((n - 1)/2) + 1
    = ceil(n/2), for every n >= 1
    >>> size(Described(Conv(3)), "224x320").headline()
    '222x318'
    """
    parts, layer = split_axes(text), described.layer
    if len(parts) == 1 and layer.axes:
        parts *= layer.axes
    if layer.axes not in (None, len(parts)):
        raise SolverError(
            "the input must have one size per axis of the layer",
            received=f"{text} for {layer.axes} axes",
        )
    if all(part.isascii() and part.isdigit() for part in parts):
        numbers = tuple(read_number(part, "the input", text, 0, 0) for part in parts)
        return Sized(described, tuple(map(Output, numbers, described.sizes(numbers))))
    from solver.render.forward_every import one_axis  # numbers need no size maps

    outputs = [one_axis(described, i, part, len(parts)) for i, part in enumerate(parts)]
    return Sized(described, outputs)


def shape(described: Described, text: str, axes: int | None) -> Sized:
    """The full output shape for one in words, such as "1,3,224,224", in the framework's order.

    >>> from solver import MaxPool
    >>> shape(Described(MaxPool(2)), "1,3,224,224", None).headline()
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
    found = full_shape(described.layer, numbers, axes, described.last, described.sizes)
    return Sized(described, (), (tuple(numbers), found), axes)


def full_shape(
    layer: Layer,
    numbers: Sequence[int],
    axes: int | None,
    last: bool,
    sizes: Callable[[tuple[int, ...]], Sequence[int]] | None = None,
) -> tuple[int, ...]:
    """The full shape that comes out, in the order of the one that goes in.

    axes, sizes: as `Layer.shape` takes them. last: whether the channels stand behind the sizes.

    >>> from solver import Conv
    >>> full_shape(Conv(7, stride=2, out_channels=64), [1, 224, 220, 3], None, last=True)
    (1, 109, 107, 64)
    """
    count = axes or layer.axes or len(numbers) - 2
    if not last or len(numbers) not in (count + 1, count + 2):
        return layer.shape(numbers, axes, sizes)
    found = layer.shape(forwards(numbers, count), axes, sizes)
    batch, (channels, *behind) = found[: -count - 1], found[-count - 1 :]
    return (*batch, *behind, channels)


def forwards(shape: Sequence[int], axes: int) -> tuple[int, ...]:
    """A full shape whose channels come last, with them in front of so many sizes.

    >>> forwards((1, 224, 220, 3), 2), forwards((224, 3), 1)
    ((1, 3, 224, 220), (3, 224))
    """
    *before, channels = shape
    at = len(before) - axes
    return (*before[:at], channels, *before[at:])


def read_layer(
    name: str,
    hyperparameters: Mapping[str, str | None],
    ceil_mode: bool = False,
    channels: Mapping[str, int | None] | None = None,
    framework: str = "",
) -> Described:
    """The layer that the words describe.

    >>> read_layer("conv", {"kernel_size": "3x5", "padding": "1:2x2"}).layer
    Conv((3, 5), padding=((1, 2), 2))
    >>> read_layer("maxpool", {"kernel_size": "3", "padding": "same"}, framework="keras").word
    'same'
    """
    row = operation(name)
    arguments: dict[str, Any] = {}
    for key, text in hyperparameters.items():
        if text is None:
            continue
        if key not in row.hyperparameters:
            raise SolverError(f"{row.title} has no {key}", right=", ".join(row.hyperparameters))
        if key == "padding" and text.lower() in WORDS:  # SAME, as TensorFlow spells it
            text = text.lower()
        said = key == "padding" and (text in WORDS or _is_word(text, framework))
        arguments[key] = text if said else _value(key, text)
    if "kernel_size" not in arguments:
        raise SolverError("a layer needs its kernel_size", right="-k 3")
    if ceil_mode and not row.pooling:
        raise SolverError("only pooling has a ceil mode", received=row.name)
    if row.pooling:
        arguments["ceil_mode"] = ceil_mode
    given = {key: value for key, value in (channels or {}).items() if value is not None}
    if given and row.pooling:
        raise SolverError("pooling has no channels of its own", received=", ".join(given))
    told = dict(arguments)
    word = ""
    if _is_its_own(framework, arguments.get("padding")):
        # The framework's own word: what it means there is the framework's rule.
        word = arguments.pop("padding")
        arguments = {k: v for k, v in arguments.items() if k not in ("output_padding", "ceil_mode")}
    elif (
        row.pooling
        and framework not in ("", "torch")
        and not isinstance(told.get("padding", ""), str)
    ):
        arguments["padding"] = _pool_padding(row, framework, arguments)
    return Described(LAYERS[row.name](**arguments, **given), framework, word, told)


def _is_its_own(framework: str, padding: Any) -> bool:
    """Whether a framework has this word for padding; ours alone means the same in all of them."""
    if framework in ("", "torch") or not isinstance(padding, str):
        return False
    return padding in ("same", "valid") or padding not in WORDS


def _plain(size: Any) -> int | str:
    return size if isinstance(size, int) else str(size)


def _is_word(text: str, framework: str) -> bool:
    return framework not in ("", "torch") and text.isidentifier() and text.isascii()


def _pool_padding(row: OperationSpec, framework: str, arguments: Mapping[str, Any]) -> Any:
    """The padding of a pooling, held to how wide the framework lets it be."""
    kernels, paddings = (
        value if isinstance(value, tuple) else (value,)
        for value in (arguments["kernel_size"], arguments["padding"])
    )
    axes = max(len(kernels), len(paddings))
    if not {len(kernels), len(paddings)} <= {1, axes}:
        return arguments["padding"]  # the layer says that the lengths do not agree
    kernels, paddings = (part * axes if len(part) == 1 else part for part in (kernels, paddings))
    widest = limits(framework).widest
    for kernel, padding in zip(kernels, paddings, strict=True):
        ends = padding if isinstance(padding, tuple) else (padding, padding)
        if widest and max(ends) > widest.most(kernel):
            raise SolverError(
                f"padding of a pooling must be {widest.words}",
                received=f"padding {max(ends)}, kernel_size {kernel}",
                right=f"at most {widest.most(kernel)}",
            )
    if own := [own_padding(*pair) for pair in zip(kernels, paddings, strict=True)]:
        return own[0] if own == [arguments["padding"]] else tuple(own)
    return arguments["padding"]


def _value(name: str, text: str) -> Any:
    values: list[Any] = []
    at = 0
    for part in text.replace("×", "x").split("x"):
        begin, colon, end = part.partition(":")
        if begin.isidentifier() and len(begin) == 1:
            rule = f"{name} is a number here: letters are taken by solve and prove"
            raise SolverError(
                rule, text=text, at=at, right="-k 3, or prove 'deconv(n, s, s=s) == s*n'"
            )
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
