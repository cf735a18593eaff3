"""Write what a layer does in the terms of a framework: its layers, and lines of code that run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from solver.errors import SolverError
from solver.frameworks import spec as specs
from solver.frameworks import written_as
from solver.frameworks.limits import LIMITS
from solver.frameworks.sampling import Sampled
from solver.frameworks.sampling import of_layer as sampled
from solver.frameworks.spec import LayerSpec
from solver.frameworks.written import Written, call
from solver.layers.channels import Channels
from solver.layers.layer import Layer
from solver.layers.row import USUAL_AXES
from solver.layers.stack import Stack
from solver.layers.table import OWN

__all__ = ["TARGETS", "Written", "code", "in_one_line", "line", "writable", "write"]

#: The frameworks that layers can be written in.
TARGETS = tuple(LIMITS)


def writable(framework: str) -> str:
    """The name of a framework that layers can be written in. Raises SolverError for another.

    >>> writable("nnx")
    'flax'
    """
    known = written_as(framework)
    if known not in TARGETS:
        rule = "layers cannot be written in this framework"
        raise SolverError(rule, framework, ", ".join(TARGETS))
    return known


def write(framework: str, spec: LayerSpec | Sampled) -> Written:
    """The layers of a framework that do what is asked, and what to beware of.

    Raises SolverError where the framework has nothing that does it, or refuses it.
    """
    framework = writable(framework)
    writer = import_module(f"solver.frameworks.{framework}.write")
    written: Written
    if isinstance(spec, Sampled):
        written = writer.sample(spec)
    else:
        _can_be_written(framework, spec)
        written = writer.write(spec)
        if spec.kind.per_channel and spec.channels.before is None:
            note = "a depthwise convolution has as many groups as channels: set both"
            written = written._replace(notes=(*written.notes, note))
    for layer in written.layers:
        layer.along(spec.axes)  # raises where the framework refuses it
    return written


def _can_be_written(framework: str, spec: LayerSpec) -> None:
    """Refuse windows that no framework, or not this one, has a layer for."""
    if not spec.kind.slides:
        rule = f"{spec.kind} cannot be written in other terms"
        raise SolverError(rule, right="a convolution or a pooling")
    windows = [reading.window for reading in spec.readings]
    if spec.transposed and max(window.stride for window in windows) > 1:
        raise SolverError("transposed convolutions skip no outputs")
    apart = max(window.input_dilation for window in windows)
    if apart > 1 and not spec.transposed and framework not in ("jax", "flax"):
        rule = f"{framework} puts no zeros between the inputs of a convolution"
        raise SolverError(rule, f"{apart - 1} between neighbours", "a transposed convolution")


#: What writes a layer in a framework.
Writer = Callable[[str, "LayerSpec | Sampled"], Written]


def code(
    framework: str,
    layers: Sequence[Layer],
    axes: int,
    channels: int | None = None,
    writer: Writer = write,
) -> str:
    """Lines of code that make these layers, in order, in a framework, and run as they are.

    channels: of the input; 1 where neither this nor the layers say. Raises SolverError.

    >>> from solver import Conv
    >>> print(code("torch", [Conv(7, stride=2, padding=3)], 2))
    from torch import nn
    <BLANKLINE>
    model = nn.Conv2d(1, 1, kernel_size=7, stride=2, padding=3)
    """
    framework = writable(framework)
    made, widths, notes = made_of(framework, layers, axes, channels, writer)
    lines: str = import_module(f"solver.frameworks.{framework}.write").code(made, widths, axes)
    return "".join(f"# {note}\n" for note in notes) + lines


def branching(framework: str) -> Any:
    """What writes designs with branches in a framework: its NESTED modules, or its LINES."""
    return import_module(f"solver.frameworks.{framework}.branching")


def layer_code(
    layer: Layer, framework: str = "torch", axes: int | None = None, channels: int | None = None
) -> str:
    """Lines of code that make one layer, for images where nothing tells its axes."""
    return code(framework, [layer], axes or layer.axes or USUAL_AXES, channels)


def stack_code(stack: Stack, framework: str = "torch") -> str:
    """Lines of code that make the layers of a stack, in order."""
    return code(framework, stack.layers, stack.axes, stack.channels)


def lines(layer: Layer, axes: int, channels: int | None) -> tuple[list[str], int]:
    """A layer as it is written, ours in PyTorch, and the channels behind it.

    channels: of the input; what the layer says, or 1, where they are not known.
    """
    before = channels or layer.channels.before or layer.channels.groups
    after = layer.channels_after(before, axes)
    if layer.framework is not OWN:
        return [line(layer)], after
    spec = specs.of_layer(layer, axes)
    spec = spec._replace(channels=spec.channels._replace(before=before, after=after))
    return [line(each) for each in write("torch", spec).layers], after


def of_written(written: Written, spec: LayerSpec | Sampled) -> str:
    """Lines of code that make layers that were written."""
    framework = written.layers[0].framework.name
    before = spec.channels.before or spec.channels.groups
    widths = spec.channels._replace(before=before, after=spec.channels.after or before)
    writer = import_module(f"solver.frameworks.{framework}.write")
    lines: str = writer.code(written.layers, [widths] * len(written.layers), spec.axes)
    return "".join(f"# {note}\n" for note in written.notes) + lines


def made_of(
    framework: str, layers: Sequence[Layer], axes: int, channels: int | None, writer: Writer = write
) -> tuple[list[Layer], list[Channels], dict[str, None]]:
    """The layers in a framework's terms, the channels of each, and notes."""
    width, notes = channels, dict[str, None]()
    made: list[Layer] = []
    widths: list[Channels] = []
    for layer in layers:
        read = sampled if layer.row.kind.samples else specs.of_layer
        spec: LayerSpec | Sampled = read(layer, axes)
        before = width or spec.channels.before or spec.channels.groups
        after = spec.channels.after or before
        width = layer.channels_after(before)
        spec = spec._replace(channels=spec.channels._replace(before=before, after=after))
        written = writer(framework, spec)
        made += written.layers
        widths += [spec.channels] * len(written.layers)
        notes.update(dict.fromkeys(written.notes))
    if not made:
        raise SolverError("there is no layer to write")
    return made, widths, notes


def line(layer: Layer) -> str:
    """One layer as its framework writes it.

    >>> from solver.frameworks import layer
    >>> line(layer("torch", "ZeroPad2d", padding=(0, 1, 0, 1)))
    'nn.ZeroPad2d((0, 1, 0, 1))'
    >>> line(layer("caffe", "Pooling", kernel_size=3, stride=2))  # nothing is written in it
    'Pooling(kernel_size=3, stride=2)'
    """
    if layer.framework.name not in TARGETS:
        return call(layer, "")
    writer = import_module(f"solver.frameworks.{layer.framework.name}.write")
    words: str = writer.line(layer)
    return words


def in_one_line(written: Written) -> str:
    """Layers one after the other."""
    return " -> ".join(map(line, written.layers)) or "no layer at all"
