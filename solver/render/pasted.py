"""The sizes that come out of one layer that is written as in a program, `MaxPool2d(3, 2, 1)`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from solver.conversion.text import read_layer
from solver.errors import SizeError, SolverError, shorten
from solver.frameworks import CHANNELS_LAST, NAMES
from solver.frameworks import framework as table_of
from solver.layers.layer import Layer
from solver.layers.own import LAYERS
from solver.layers.table import OWN
from solver.reading.text.notation import is_notation, read_layers
from solver.render.forward import full_shape
from solver.render.several import InputAnswer, Several, why
from solver.sizes.axes import split_axes
from solver.sizes.domain import read_number, size_letter
from solver.sizes.expression import substitute
from solver.sizes.listed import listed
from solver.sizes.operations import operation
from solver.sizes.target import SizeExpression, read_size


def pasted(
    text: str, inputs: Sequence[str], framework: str = "", dim: int | None = None
) -> Several:
    """What a layer gives at inputs in words: 224, 224x320, 5..9, n, or a full shape.

    framework: whose layer it is; without one ours where it is written so, or as we print it, else
    of any that writes it so. Raises SolverError where none does, and where two give other sizes.

    >>> pasted("MaxPool2d(3,2,1)", ["112", "n"]).headline()
    '112 -> 56; n -> ceil(n/2)'
    >>> pasted("MaxPool(3, stride=2, padding=1)", ["112x7", "0"]).headline()
    '112x7 -> 56x4; 0 -> refused'
    >>> pasted("conv k3 s2 p1", ["112"]).headline()
    '112 -> 56'
    """
    words = listed(inputs, "an input size")
    found, faults = list[tuple[Layer, list[InputAnswer]]](), list[SolverError]()
    for layer in _layers(text, framework):
        try:
            found.append((layer, [_answer(layer, each, dim) for each in words]))
        except SolverError as fault:  # what another that writes it so may take
            faults.append(fault)
    if not found:
        raise faults[0]
    (read, answers), *others = found  # the names of its arguments show how it was understood
    if any(each != answers for _, each in others):
        rule = "frameworks that write a layer like this give other sizes"
        raise SolverError(rule, text, "--framework, and its name")
    said = repr(read) if read.framework is OWN else f"{read.framework.title}: {read.title}"
    return Several("size", answers, [said, *_dropped(read, words)])


def _dropped(layer: Layer, words: Sequence[str]) -> Iterator[str]:
    """Of a pooling that counts windows up, at which inputs a last window is none."""
    if not layer.arguments.get("ceil_mode"):
        return
    from solver.render.last_window import dropped

    for each in words:
        sizes = [int(part) for part in split_axes(each) if part.isdigit()]
        yield from (f"at {each}: {note}" for note in dropped(layer, sizes))


def _layers(text: str, framework: str) -> list[Layer]:
    """The layer, or one for each framework that writes it so."""
    ours = read_layers(text) if is_notation(text) else []
    called = "(" in text
    if len(ours) > 1:
        rule = "the sizes of several layers are those of a network"
        raise SolverError(rule, text, f'network -c "{shorten(text)}" --input 224')
    if framework and not called:
        rule = "a layer in this notation is ours, and told in no framework"
        raise SolverError(rule, text, f"an operation and options, --framework {framework}")
    if not called:
        if not ours:
            operation(text)  # which says why it is none
        return ours
    if framework:
        return [read_layer(table_of(framework), text)]
    name = text.partition("(")[0].strip()
    own = [OWN] if name in {each.__name__ for each in LAYERS.values()} else []
    found, faults = list[Layer](), list[SolverError]()
    for table in (*own, *map(table_of, NAMES)):
        try:
            layer = read_layer(table, text)
        except SolverError as fault:
            faults.append(fault)
            continue
        if table is OWN:
            return [layer]
        if layer.framework is table:  # TensorFlow's layers are Keras's, and read there
            found.append(layer)
    if not found:  # what is wrong in the framework that it is of
        raise next((each for each in faults if "--from" not in (each.right or "")), faults[0])
    return found


def _answer(layer: Layer, text: str, dim: int | None) -> InputAnswer:
    """What comes out of an input in words."""
    full = "," in text
    parts = text.split(",") if full else split_axes(text)
    if dim is not None and not full:
        raise SolverError("--dim goes with a full shape", text, "1,3,224,224")
    if not all(part.isascii() and part.isdigit() for part in parts):
        return InputAnswer({"input": text}, _every(layer, parts))
    sizes = [read_number(part, "an input size", text, 0, 0) for part in parts]
    asked: Any = tuple(sizes) if full else sizes if len(sizes) > 1 else sizes[0]
    try:
        found: Any = full_shape(layer, sizes, dim, _last(layer)) if full else layer.size(asked)
    except SizeError as fault:
        return InputAnswer({"input": asked}, None, why(fault))
    if not full and isinstance(found, tuple):
        found = found[0] if len(sizes) == 1 == len({*found}) else [*found]
    return InputAnswer({"input": asked}, found)


def _last(layer: Layer) -> bool:
    """Whether the channels come last, as the framework has them or the layer says."""
    said = layer.arguments.get("data_format")
    if said is None:
        return layer.framework.name in CHANNELS_LAST
    return said in ("channels_last", "NWC", "NHWC", "NDHWC")


def _every(layer: Layer, parts: Sequence[str]) -> str:
    """What comes out for every n, along each axis."""
    axes, found = max(len(parts), layer.axes or 1), []
    for axis in range(axes):
        words = parts[axis % len(parts)]
        size = read_size(words)
        if size.denominator != 1:
            right = f"ceil({words}) or floor({words})"
            raise SolverError("an input size is a whole number", words, right)
        made = SizeExpression(layer.rule(axis, axes).size_map(size.numerator)).expression
        found.append(str(substitute(made, {"n": size_letter(words)})))
    if len(parts) == 1 == len({*found}):
        return found[0]
    return (" x " if any(" " in each for each in found) else "x").join(found)
