"""How frameworks word what does not fit: a row for each wording, and how its numbers are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import prod

Numbers = Mapping[str, tuple[int, ...]]

KERNEL, OUTPUT, MEET, FEATURES = "kernel", "output", "meet", "features"
CHANNELS, PADDING, OUTPUT_PADDING = "channels", "padding", "output padding"
OUTPUT_SIZE, ELEMENTS, TARGET, PARTS = "output size", "elements", "target", "parts"
GIVEN, ROWS = "input", "rows"

#: A list of sizes.
LIST = r"[(\[]([^()\[\]]{0,200})[)\]]"


#: How something is said: its kind, a pattern, and what reads the numbers of a match.
Wording = tuple[str, str, Callable[[re.Match[str]], Numbers | None]]


def numbers(text: str) -> tuple[int, ...]:
    """Read every whole number; None stands for a free size and becomes 0."""
    return tuple(0 if word == "None" else int(word) for word in re.findall(r"-?\d+|None", text))


def _crossed(text: str) -> tuple[int, ...]:
    """Read sizes with x between them."""
    return tuple(int(word) for word in text.replace(" ", "").split("x"))


def _fields(*names: str) -> Callable[[re.Match[str]], Numbers]:
    """Read each group of a pattern as the numbers of this name."""

    def read(match: re.Match[str]) -> Numbers:
        return {
            name: numbers(text)
            for name, text in zip(names, match.groups(), strict=True)
            if text is not None
        }

    return read


def _pair(match: re.Match[str]) -> Numbers:
    """Read two sizes that should be equal, whichever groups matched."""
    return {"sizes": tuple(int(text) for text in match.groups() if text is not None)}


def _shapes(match: re.Match[str]) -> Numbers | None:
    """Read shapes that should be equal but for the channels, and return the sizes that differ."""
    text = re.sub(r"shape\[\d+\] = ", "", match.group(1))
    shapes = [numbers(found) for found in re.findall(r"[(\[]([^()\[\]]*)[)\]]", text)]
    first, *others = [shape for shape in shapes if shape]
    for other in others:
        differ = [pair for pair in zip(first, other, strict=False) if pair[0] != pair[1]]
        if differ:
            return {"sizes": differ[0]}
    return None


def _computed(match: re.Match[str]) -> Numbers:
    """Read what Keras says of a window, undilated; of a kernel that tells which are channels."""
    shape, kernel, dilation = (numbers(text or "") for text in match.groups())
    axes = len(shape) - 2
    rates = dilation or (1,) * axes
    spans = (d * (k - 1) + 1 for k, d in zip(kernel[:axes], rates, strict=False))
    first = len(kernel) == len(shape) and shape[-1] != kernel[-2] == shape[1]
    return {"size": shape[2:] if first else shape[1:-1], "kernel": tuple(spans)}


def _gemm(match: re.Match[str]) -> Numbers:
    one, two, received, out = map(int, match.groups())
    return {"received": (received,), "wanted": (two if one == out else one,)}


def _grouped(match: re.Match[str]) -> Numbers:
    received, channels, groups = map(int, match.groups())
    return {"received": (received,), "wanted": (channels * groups,)}


def _axis(match: re.Match[str]) -> Numbers:
    wanted, shape = match.groups()
    sizes = numbers(shape)
    return {"wanted": (int(wanted),), "received": sizes[-1:], "shape": sizes}


def _first(*names: str) -> Callable[[re.Match[str]], Numbers]:
    """Read two shapes with channels behind the batch, if they have them, as their sizes."""

    def read(match: re.Match[str]) -> Numbers:
        shapes = [_crossed(x) if " x " in x else numbers(x) for x in match.groups()]
        axes = max(min(map(len, shapes)) - 2, max(map(len, shapes)) - 2, 1)
        return dict(zip(names, (shape[-axes:] for shape in shapes), strict=True))

    return read


def _last(*names: str) -> Callable[[re.Match[str]], Numbers]:
    """Read two shapes with channels at the end, with or without the batch, as their sizes."""

    def read(match: re.Match[str]) -> Numbers:
        shapes = [numbers(text)[:-1] for text in match.groups()]
        batched = match[0].startswith(_BATCHED) or any(shape[:1] == (0,) for shape in shapes)
        axes = min(map(len, shapes)) - batched
        return dict(zip(names, (shape[-axes:] for shape in shapes), strict=True))

    return read


_BATCHED = ("A target array", "Shapes")


def _indices(match: re.Match[str]) -> Numbers:
    """Read at which axes an input has which sizes, and should have which."""
    found = re.findall(r"index: (\d+) Got: (\d+) Expected: (\d+)", match[2])
    axes, received, wanted = zip(*(map(int, each) for each in found), strict=True)
    return {"axis": axes, "received": received, "wanted": wanted}


def _guarded(match: re.Match[str]) -> Numbers:
    """Read which size an axis of an input should have, and maybe which it has."""
    axis, wanted, *received = map(int, match.groups())
    numbers = {"axis": (axis,), "wanted": (wanted,)}
    return {**numbers, "received": tuple(received)} if received else numbers


def _given(match: re.Match[str]) -> Numbers:
    """Read two shapes, behind the batch where one leaves it free."""
    wanted, received = map(numbers, match.groups())
    return {"wanted": wanted[wanted[0] == 0 :], "received": received[wanted[0] == 0 :]}


def _flat(match: re.Match[str]) -> Numbers | None:
    """Read a shape that has as many elements as there should be features."""
    wanted, (_, *received) = int(match[1]), numbers(match[2])
    alike = len(received) > 1 and prod(received) == wanted
    return {"wanted": (wanted,), "received": tuple(received)} if alike else None


def _ranks(match: re.Match[str]) -> Numbers:
    """Read of how many axes an input should be, and its shape."""
    wanted, received = int(match[1]), numbers(match[2])
    return {"wanted": (0,) * wanted, "received": received}


def _rows(match: re.Match[str]) -> Numbers | None:
    """Read how many rows come out, where a loss wants so many times fewer."""
    received, wanted = sorted(map(int, match.groups()), reverse=True)
    alike = wanted and received % wanted == 0
    return {"received": (received,), "wanted": (wanted,)} if alike else None


def _nothing(match: re.Match[str]) -> Numbers:
    return {}


_LAST_AXIS = (
    rf"expected axis -1 of input shape to have value (\d+),? but received input with shape {LIST}"
)

#: What a loss of PyTorch says of the sizes of a target and of what came out.
_COMPARED = (
    r"target size \((?:torch\.Size\()?{0}\)?\) (?:that is different to|must be (?:the same )?as) "
    r"(?:the )?input size \((?:torch\.Size\()?{0}\)?\)"
)

WORDINGS: tuple[Wording, ...] = (
    # PyTorch
    (
        KERNEL,
        rf"padded input size per channel: {LIST}\. Kernel size: {LIST}",
        _fields("size", "kernel"),
    ),
    (
        OUTPUT,
        r"Given input size: \((\d+) ?x ?([-\dx ]+)\)\. "
        r"Calculated output size: \(\d+ ?x ?([-\dx ]+)\)\. Output size is too small",
        lambda match: {
            name: _crossed(text)
            for name, text in zip(("channels", "input", "output"), match.groups(), strict=True)
        },
    ),
    (
        OUTPUT,
        r"Given input size per channel: \(([-\dx ]+)\)\. "
        r"Calculated output size per channel: \(([-\dx ]+)\)",
        lambda match: {"input": _crossed(match[1]), "output": _crossed(match[2])},
    ),
    (OUTPUT, r"Invalid computed output size: (-?\d+)", _fields("output")),
    (MEET, r"except in dimension \d+\. Expected size (\d+) but got size (\d+)", _pair),
    (MEET, r"except in dimension \d+\. Got (\d+) and (\d+) (?:in dim|\(The offending)", _pair),
    (
        MEET,
        r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)",
        _pair,
    ),
    (
        MEET,
        rf"output with shape ({LIST} doesn't match the broadcast shape {LIST})",
        _shapes,
    ),
    (
        MEET,
        r"expanded size of the tensor \((\d+)\) must match the existing size \((\d+)\)",
        _pair,
    ),
    (
        FEATURES,
        r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)",
        _fields("received", "wanted"),
    ),
    (
        FEATURES,
        r"size mismatch, m1: \[\d+ x (\d+)\], m2: \[(\d+) x \d+\]",
        _fields("received", "wanted"),
    ),
    (
        CHANNELS,
        r"to have (\d+) channels, but got (\d+) channels instead",
        _fields("wanted", "received"),
    ),
    (
        CHANNELS,
        r"running_mean should contain (\d+) elements not (\d+)",
        _fields("received", "wanted"),
    ),
    (
        PADDING,
        r"Padding size should be less than the corresponding input dimension, but got: "
        rf"padding {LIST} at dimension (\d+) of input {LIST}",
        lambda match: {
            "padding": numbers(match[1]),
            "size": numbers(match[3])[int(match[2]) : int(match[2]) + 1],
        },
    ),
    (OUTPUT_PADDING, r"output padding must be smaller than either stride or dilation", _nothing),
    (
        OUTPUT_SIZE,
        rf"requested an output size of {LIST}, but valid sizes range from {LIST} to {LIST}",
        _fields("wanted", "least", "most"),
    ),
    (ELEMENTS, rf"shape '{LIST}' is invalid for input of size (\d+)", _fields("shape", "size")),
    (ROWS, _COMPARED.format(r"[(\[](\d+)[)\]]"), _rows),
    (TARGET, _COMPARED.format(LIST), _first("wanted", "received")),
    (
        TARGET,
        rf"batch or spatial sizes don't match: target {LIST}, input {LIST}",
        _first("wanted", "received"),
    ),
    (
        PARTS,
        r"can't divide axis of length (\d+) in chunks of (\d+)",
        _fields("size", "parts"),
    ),
    # Keras, TensorFlow and JAX
    (
        TARGET,
        rf"A target array with shape {LIST} was passed for an output of shape {LIST}",
        _last("wanted", "received"),
    ),
    (
        TARGET,
        rf"target: expected \S+ to have shape {LIST} but got array with shape {LIST}",
        _last("received", "wanted"),
    ),
    (TARGET, rf"Shapes {LIST} and {LIST} are incompatible", _last("wanted", "received")),
    (
        KERNEL,
        r"Negative dimension size caused by subtracting (\d+) from (\d+)",
        lambda match: {"size": (int(match[2]),), "kernel": (int(match[1]),)},
    ),
    (
        KERNEL,
        rf"Computed output size would be (?:zero or )?negative\. Received:? "
        rf"`inputs?[ ._]shape={LIST}`, `(?:kernel[ ._]shape|kernel_size|pool_size)={LIST}`"
        rf"(?:, `dilation_rate={LIST}`)?",
        _computed,
    ),
    (
        MEET,
        r"matching (?:output )?shapes except for the concat(?:enation)? axis[.:] ?"
        r"(?:Received: |Got inputs shapes: |Layer shapes: )?(?:input_shapes?=)?(\[.{0,2000})",
        _shapes,
    ),
    (MEET, r"incompatible shapes\. Received shapes (.{0,2000})", _shapes),
    (MEET, r"could not be broadcast together with shapes (\([\d, ]+\) \([\d, ]+\))", _shapes),
    (
        MEET,
        r"Dimensions of inputs should match: (shape\[\d+\] = \[[\d,]+\] vs\. "
        r"shape\[\d+\] = \[[\d,]+\])",
        _shapes,
    ),
    (
        MEET,
        r"Dimensions? (?:\d+ in both shapes )?must be equal, but are (\d+) and (\d+)",
        _pair,
    ),
    (
        MEET,
        r"in both shapes must be equal: shape\[\d\] = (\[[\d,]+\] vs\. shape\[\d\] = \[[\d,]+\])",
        _shapes,
    ),
    (MEET, r"Incompatible shapes: (\[[\d,]+\] vs\. \[[\d,]+\])", _shapes),
    (
        MEET,
        r"(?:incompatible shapes for broadcasting: |for shapes )(\([\d, ]+\), \([\d, ]+\))",
        _shapes,
    ),
    (GIVEN, _LAST_AXIS, _flat),
    (FEATURES, _LAST_AXIS, _axis),
    (
        FEATURES,
        r"Matrix size-incompatible: In\[0\]: \[\d+,(\d+)\], In\[1\]: \[(\d+),\d+\]",
        _fields("received", "wanted"),
    ),
    # ONNX and onnxruntime
    (MEET, r"has mismatched dimensions of (\d+) and (\d+)", _pair),
    (MEET, r"by a dimension other than 1\. (\d+) by (\d+)", _pair),
    (MEET, r"shape differ in dimension \d+: \((\d+)\) vs \((\d+)\)", _pair),
    (MEET, r"Inferred=(\d+) Declared=(\d+)", _pair),
    (
        MEET,
        r"\(op_type:\w+[^)]{0,200}\): \[ShapeInferenceError\] Incompatible dimensions",
        _nothing,
    ),
    (FEATURES, r"GEMM: Dimension mismatch, W: \{(\d+),(\d+)\} K: (\d+) N: ?(\d+)", _gemm),
    (FEATURES, r"MatMul dimension mismatch", _nothing),
    (
        CHANNELS,
        r"kernel channels \* group\. C: (\d+) kernel channels: (\d+) group: (\d+)",
        _grouped,
    ),
    (
        KERNEL,
        r"running Conv node\..{0,300}?Invalid input shape: \{([\d,]+)\}",
        _fields("input"),
    ),
    # what goes in
    (
        GIVEN,
        r"Got invalid dimensions for input: (\S+) for the following indices"
        r"((?: index: \d+ Got: \d+ Expected: \d+)+)",
        _indices,
    ),
    (
        GIVEN,
        r"Expected input (?:at )?\S*shape\[(\d+)\] to be (?:equal to|==) (\d+), but got (\d+)",
        _guarded,
    ),
    (GIVEN, r"Guard failed: \w+\.size\(\)\[(\d+)\] == (\d+)", _guarded),
    (GIVEN, rf"expected shape={LIST}, found shape={LIST}", _given),
    (GIVEN, rf"input: expected \S+ to have shape {LIST} but got array with shape {LIST}", _given),
    (
        GIVEN,
        rf"expected (?:min_)?ndim=(\d+), found ndim=\d+\. Full shape received: {LIST}",
        _ranks,
    ),
    (
        GIVEN,
        rf"input: expected \S+ to have (\d+) dimensions, but got array with shape {LIST}",
        _ranks,
    ),
    # of a loss that wants a row for each of a batch
    (ROWS, r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)", _rows),
    (ROWS, r"target nelement \((\d+)\) != input nelement \((\d+)\)", _rows),
    (ROWS, r"got logits shape \[(\d+), ?\d+\] and labels shape \[(\d+)\]", _rows),
    # short, and in other tools
    (MEET, r"\((\d+) vs\. (\d+)\)|\b(\d+) vs\.? (\d+)\b", _pair),
    # without their numbers
    (KERNEL, r"Kernel size can.t be greater than actual input size", _nothing),
    (OUTPUT, r"Output size is too small", _nothing),
    (MEET, r"Sizes of tensors must match except in dimension", _nothing),
    (FEATURES, r"shapes cannot be multiplied", _nothing),
)
