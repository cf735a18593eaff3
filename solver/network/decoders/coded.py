"""A decoder in the words of a framework, and lines of code that make it.

A decoder learns what it reads, so of all ways to write a transposed layer the plainest of the same
sizes is as good: padding in a word, and output_padding only where it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from solver.errors import SolverError
from solver.frameworks import code as writing
from solver.frameworks import framework as table
from solver.frameworks.sampling import Sampled
from solver.frameworks.spec import LayerSpec
from solver.frameworks.written import Written
from solver.layers.arguments import alike
from solver.layers.layer import Layer
from solver.sizes.sizemap import SizeMap

#: The words for no padding and for n/stride, of the frameworks that pad in words.
PADDING = {"keras": (None, "same"), "flax": ("VALID", "SAME")}
#: The frameworks whose transposed layers take a size with each call.
PER_CALL = ("torch", "paddle")


def by_size(framework: str, spec: LayerSpec | Sampled) -> Written:
    """The plainest layers of a framework that give these sizes. Raises SolverError.

    >>> from solver import ConvTranspose
    >>> from solver.frameworks.code import in_one_line
    >>> from solver.frameworks.spec import of_layer
    >>> for padding, extra in ((1, 1), (1, 0), (0, 1)):
    ...     up = ConvTranspose(3, 2, padding, output_padding=extra)
    ...     print(in_one_line(by_size("keras", of_layer(up, 1))))
    keras.layers.Conv1DTranspose(1, kernel_size=3, strides=2, padding="same")
    keras.layers.Conv1DTranspose(1, kernel_size=3, strides=2, padding="same", output_padding=0)
    keras.layers.Conv1DTranspose(1, kernel_size=3, strides=2, output_padding=1)
    """
    written = writing.write(framework, spec)
    if isinstance(spec, Sampled) or not spec.transposed:
        return written
    first, sizes = written.layers[0], [reading.size for reading in spec.readings]
    ways = [first.changed(padding=word, output_padding=None) for word in PADDING.get(framework, ())]
    if framework in ("onnx", "paddle"):  # they crop each end apart, where people write both alike
        told = writing.write("torch", spec).layers[0].values(spec.axes)
        padding = [max(pair) for pair in told["padding"]]
        name, value = ("pads", padding * 2) if framework == "onnx" else ("padding", alike(padding))
        used = value if any(padding) else None
        ways.append(first.changed(**{name: used}, output_padding=None))
    for made in ways:
        if found := _sized(made, sizes):
            return Written((found,))
    return written


def _sized(made: Layer, sizes: Sequence[SizeMap]) -> Layer | None:
    """The layer, or it with the output_padding, that gives these sizes; None where none does."""
    given = [rule.size_map for rule in made.along(len(sizes))]
    if given == sizes:
        return made
    with suppress(SolverError):  # it is not taken
        zero = with_output_padding(made, [0] * len(sizes))
        base = [rule.size_map for rule in zero.along(len(sizes))]
        found = with_output_padding(
            made, [int(n(1)) - int(m(1)) for n, m in zip(sizes, base, strict=True)]
        )
        if [rule.size_map for rule in found.along(len(sizes))] == sizes:
            return found
    return None


def with_output_padding(layer: Layer, extra: Sequence[int]) -> Layer:
    """The layer with this output_padding. Raises SolverError where it is not taken."""
    value = list(extra) if layer.framework.name == "onnx" else alike(extra)
    return layer.changed(output_padding=value)


def words(
    framework: str, form: str, layers: Sequence[Layer], per_call: bool, axes: int, channels: int
) -> tuple[Layer, ...]:
    """The layers of a decoder in a framework. Raises SolverError."""
    framework = _able(framework, form, per_call)
    if not layers:
        return ()
    made, _, _ = writing.made_of(framework, layers, axes, channels, by_size)
    if per_call and framework == "paddle" and not all(x.row.kind.transposed for x in made):
        raise SolverError("sizes per call are told transposed layers alone", right="torch")
    return tuple(made)


def _able(framework: str, form: str, per_call: bool) -> str:
    """The name of a framework that has what a form asks for. Raises SolverError."""
    known = writing.writable(framework)
    if per_call and (known not in PER_CALL or (form == "resize" and known != "torch")):
        rule = f"{table(known).title}'s layers are told no size with each call"
        raise SolverError(rule, f"{form} per call", "one of fixed numbers, or PyTorch")
    return known


def code(
    framework: str, form: str, layers: Sequence[Layer], per_call: bool, axes: int, channels: int
) -> str:
    """Lines of code that make the layers of a decoder. Raises SolverError."""
    framework = _able(framework, form, per_call)
    if not layers:
        return "# no layers: every size is kept"
    if not per_call:
        return writing.code(framework, layers, axes, channels, by_size)
    if framework == "paddle":
        made = words(framework, form, layers, per_call, axes, channels)
        return _decode(_PADDLE, [*map(writing.line, made)], _TOLD)
    return _per_call(form, layers, axes, channels)


def _per_call(form: str, layers: Sequence[Layer], axes: int, width: int) -> str:
    kept = layers[1::2] if form == "resize" else layers
    found, crops = [], []
    for layer in kept:
        ends = [tuple(pair) for pair in layer.values(axes)["padding"]]
        least = [min(pair) for pair in ends]
        if not layer.row.kind.transposed:
            least, ends = [0] * axes, [(0, 0)] * axes
        crops.append([(b - p, e - p) for (b, e), p in zip(ends, least, strict=True)])
        lines, width = writing.lines(_cropping(layer, least), axes, width)
        found += lines
    if form == "resize":
        return _decode(_FUNCTIONAL, found, _RESIZED)
    if any(any(pair) for row in crops for pair in row):
        flat = [[end for pair in reversed(row) for end in pair] for row in crops]
        return _decode(_FUNCTIONAL, found, _CROPPED, flat)
    return _decode(_TORCH, found, _SIZED)


def _cropping(layer: Layer, padding: Sequence[int]) -> Layer:
    if not layer.row.kind.transposed:
        return layer
    return layer.changed(padding=tuple(padding))


#: What puts the layers in a list, and tells each the size that it gives back.
_DECODE = """\
{imports}

layers = {list}([
{layers}])
{crops}

def decode(y, sizes):
    # sizes: x.shape[2:] of what the encoder's layers that change sizes were given, the last first
{steps}
    return y"""

_TORCH = ("from torch import nn", "nn.ModuleList")
_FUNCTIONAL = ("import torch.nn.functional as F\nfrom torch import nn", "nn.ModuleList")
_PADDLE = ("from paddle import nn", "nn.LayerList")

_SIZED = """\
    for layer, size in zip(layers, sizes):
        y = layer(y, output_size=size) if layer.transposed else layer(y)"""
_CROPPED = """\
    for layer, size, crop in zip(layers, sizes, crops):
        ends = zip(crop[-2::-2], crop[::-2])
        wide = [n + begin + end for n, (begin, end) in zip(size, ends)]
        y = layer(y, output_size=wide) if layer.transposed else layer(y)
        y = F.pad(y, [-n for n in crop])"""
_RESIZED = """\
    for layer, size in zip(layers, sizes):
        y = layer(F.interpolate(y, size=size))"""
_TOLD = """\
    for layer, size in zip(layers, sizes):
        y = layer(y, output_size=list(size))"""


def _decode(of: tuple[str, str], lines: Sequence[str], steps: str, crops: object = None) -> str:
    """Lines that decode by sizes. of: what is imported, and the list of layers; lines: the layers.

    crops: what is cut off behind each layer.
    """
    inside = "".join(f"    {line},\n" for line in lines)
    cut = "" if crops is None else f"crops = {crops}  # the last axis first\n"
    return _DECODE.format(imports=of[0], list=of[1], layers=inside, crops=cut, steps=steps)
