"""What frameworks say when sizes do not fit: a row for each message, with the numbers in it.

A message may come with anything around it: the name of an exception, a traceback, line breaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.ground.value import frozen

Numbers = Mapping[str, tuple[int, ...]]
Place = Mapping[str, tuple[tuple[int, ...], ...]]

KERNEL, OUTPUT, MEET, FEATURES = "kernel", "output", "meet", "features"
CHANNELS, PADDING, OUTPUT_PADDING = "channels", "padding", "output padding"
OUTPUT_SIZE, ELEMENTS, TARGET, PARTS = "output size", "elements", "target", "parts"

#: More than any message; what stands behind it is not read.
_LONGEST = 1_000_000


#: Messages as they may look, one for each kind of fault: what may be asked about.
KNOWN = (
    "Kernel size can't be greater than actual input size",
    "Given input size: (64x1x1). Calculated output size: (64x0x0). Output size is too small",
    "Sizes of tensors must match except in dimension 1. Expected size 61 but got size 60",
    "The size of tensor a (61) must match the size of tensor b (60)",
    "mat1 and mat2 shapes cannot be multiplied (1x9216 and 4096x10)",
    "expected input[1, 1, 8, 8] to have 3 channels, but got 1 channels instead",
    "shape '[1, 512]' is invalid for input of size 256",
    "Negative dimension size caused by subtracting 3 from 2",
    "Dimensions must be equal, but are 61 and 60",
    "GEMM: Dimension mismatch, W: {512,10} K: 256 N: 10",
    "Using a target size ([1, 1, 28, 28]) that is different to the input size ([1, 1, 25, 25])",
    "A target array with shape (9, 28, 28, 1) was passed for an output of shape (None, 25, 25, 1)",
)


class Message(NamedTuple):
    """Hold what a message says.

    kind: "kernel" (does not fit: size, padded, or input, and kernel), "output" (too small: input,
    output, channels), "meet" (sizes), "features" of a linear layer and "channels" (wanted,
    received), "padding" (padding, size), "output padding", "output size" (wanted, least, most),
    "elements" (shape, size), "target" (wanted, received: what a loss compares) or "parts" (size,
    which is cut into so many). numbers: by these names; none where the message has none. name: of
    the node or layer, where the message has one. text: what was recognised. place: what else it
    says of the node: the channels of what comes in and out (before, after) and the stride, each as
    the values it may mean. layer: its class, where Keras names it.
    """

    kind: str
    numbers: Numbers
    name: str | None
    text: str
    place: Place
    layer: str | None = None

    def __hash__(self) -> int:
        return hash(frozen(tuple(self)))


class _Row(NamedTuple):
    kind: str
    pattern: str
    read: Callable[[re.Match[str]], Numbers | None]


def read_message(text: str) -> Message:
    """Recognise a message. Raises SolverError where there is none that is known.

    >>> found = read_message('''RuntimeError: Sizes of tensors must match except in dimension 1.
    ... Expected size 61 but got size 60 for tensor number 1 in the list.''')
    >>> found.kind, found.numbers
    ('meet', {'sizes': (61, 60)})
    >>> read_message("Segmentation fault")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: this message is not known
      received: Segmentation fault
      right:    the framework's own words, with their numbers
    """
    plain = re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m", "", text[:_LONGEST]))
    for kind, pattern, read in _ROWS:
        match = re.search(pattern, plain, re.IGNORECASE)
        if match and (numbers := read(match)) is not None:
            if kind == FEATURES and len(numbers.get("shape", (0, 0))) > 2:
                kind = CHANNELS
            kept = {
                name: value
                for name, value in numbers.items()
                if name != "shape" or kind == ELEMENTS
            }
            found = match.group()
            called = re.search(_CLASS, plain)
            layer = next(filter(None, called.groups())) if called else None
            return Message(kind, kept, _name(text), found, _place(kind, found, plain), layer)
    right = "the framework's own words, with their numbers"
    raise SolverError("this message is not known", plain.strip(), right)


def _name(text: str) -> str | None:
    """The name of a node or layer; else the modules that a traceback went through."""
    text = text[:_LONGEST]
    if found := re.search(_NAMED, text):
        return str(next(filter(None, found.groups())))
    return ".".join(re.findall(_CALLED, text, re.MULTILINE)[-_MOST_CALLED:]) or None


#: How a message names a node, and how a line of a traceback calls a module.
_NAMED = (
    r"Name:\s*'([^']{1,200})'|(?:of|calling)\s+layer\s+[\"']([^\"']{1,200})[\"']"
    r"|\{\{node\s+([^\s{}]{1,200})\}\}|at\s+node\s+'?([\w./]{1,200})"
)
_CALLED = r"^[^\S\n]{1,40}[^\n]{0,200}?\bself\.([a-z]\w{0,80})\("
_MOST_CALLED = 20
#: How Keras names the class of a layer.
_CLASS = r"calling (\w{1,80})\.call\(\)|calling layer \S{1,200} \(type (\w{1,80})\)"


def _place(kind: str, found: str, plain: str) -> Place:
    """What a message says of the node besides the numbers that do not fit.

    found: what was recognised. Channels are last in Keras and TensorFlow, or behind the batch.
    """
    place: dict[str, tuple[tuple[int, ...], ...]] = {}
    given = re.search(_GIVEN, plain) or re.search(_SHAPES, found)
    shapes = [_numbers(each) for each in re.findall(_LIST, given.group() if given else "")]
    shapes = [shape for shape in shapes if len(shape) > 1 and 0 not in shape[-1:]]
    kernel = re.search(_KERNEL, found)
    if kind == MEET and len(shapes) > 1:
        second = 0 if "Received shapes" in found else 1
        place["before"] = tuple(tuple(shape[i] for shape in shapes) for i in (-1, second))
    elif kind == KERNEL and kernel is not None:
        *_, before, after = _numbers(kernel[1])
        place |= {"before": ((before,),), "after": ((after,),)}
    elif kind == KERNEL and shapes:
        place["before"] = tuple((shapes[0][i],) for i in (-1, 1))
        if len(shapes) > 1 and "Depthwise" not in plain:
            place["after"] = (shapes[1][-1:],)
    for name, pattern in (("after", _AFTER), ("stride", _STRIDES)):
        if match := re.search(pattern, plain):
            place[name] = (_numbers(match[match.lastindex or 0]),)
    return place


def _numbers(text: str) -> tuple[int, ...]:
    """Read every whole number; None stands for a free size and becomes 0."""
    return tuple(0 if word == "None" else int(word) for word in re.findall(r"-?\d+|None", text))


def _crossed(text: str) -> tuple[int, ...]:
    """Read sizes with x between them."""
    return tuple(int(word) for word in text.replace(" ", "").split("x"))


def _fields(*names: str) -> Callable[[re.Match[str]], Numbers]:
    """Read each group of a pattern as the numbers of this name."""

    def read(match: re.Match[str]) -> Numbers:
        return {
            name: _numbers(text)
            for name, text in zip(names, match.groups(), strict=True)
            if text is not None
        }

    return read


def _pair(match: re.Match[str]) -> Numbers:
    """Read two sizes that should be equal, whichever groups matched."""
    return {"sizes": tuple(int(text) for text in match.groups() if text is not None)}


def _shapes(match: re.Match[str]) -> Numbers | None:
    """Read shapes that should be equal but for the channels, and return the sizes that differ."""
    text = re.sub(r"shape\[\d\] = ", "", match.group(1))
    shapes = [_numbers(found) for found in re.findall(r"[(\[]([^()\[\]]*)[)\]]", text)]
    first, *others = [shape for shape in shapes if shape]
    for other in others:
        differ = [pair for pair in zip(first, other, strict=False) if pair[0] != pair[1]]
        if differ:
            return {"sizes": differ[0]}
    return None


def _computed(match: re.Match[str]) -> Numbers:
    """Read what Keras says of a window, undilated; of a kernel that tells which are channels."""
    shape, kernel, dilation = (_numbers(text or "") for text in match.groups())
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
    sizes = _numbers(shape)
    return {"wanted": (int(wanted),), "received": sizes[-1:], "shape": sizes}


def _first(*names: str) -> Callable[[re.Match[str]], Numbers]:
    """Read two shapes with channels behind the batch, if they have them, as their sizes."""

    def read(match: re.Match[str]) -> Numbers:
        shapes = [_crossed(x) if " x " in x else _numbers(x) for x in match.groups()]
        axes = max(min(map(len, shapes)) - 2, max(map(len, shapes)) - 2, 1)
        return dict(zip(names, (shape[-axes:] for shape in shapes), strict=True))

    return read


def _last(*names: str) -> Callable[[re.Match[str]], Numbers]:
    """Read two shapes with channels at the end, with or without the batch, as their sizes."""

    def read(match: re.Match[str]) -> Numbers:
        shapes = [_numbers(text)[:-1] for text in match.groups()]
        axes = min(map(len, shapes)) - (match[0].startswith(_BATCHED))
        return dict(zip(names, (shape[-axes:] for shape in shapes), strict=True))

    return read


_BATCHED = ("A target array", "Shapes")


def _nothing(match: re.Match[str]) -> Numbers:
    return {}


_LIST = r"[(\[]([^()\[\]]{0,200})[)\]]"
_BETWEEN = r"(?:, | and | vs\. (?:shape\[\d\] = )?)?"

#: What says more of the node: shapes, the kernel, what a layer makes, strides.
_GIVEN = rf"with input shapes: (?:{_LIST}{_BETWEEN}){{1,20}}"
_SHAPES = rf"shapes?(?:\[\d\] = |=\[?|: | for broadcasting: | )(?:{_LIST}{_BETWEEN}){{1,20}}"
_KERNEL = rf"kernel[ ._]shape={_LIST}"
_AFTER = r"and \d+x(\d+)\)|m2: \[\d+ x (\d+)\]|In\[1\]: \[\d+,(\d+)\]|K: \d+ N: ?(\d+)"
_STRIDES = rf"`strides={_LIST}`"

_ROWS = (
    # PyTorch
    _Row(
        KERNEL,
        rf"padded input size per channel: {_LIST}\. Kernel size: {_LIST}",
        _fields("size", "kernel"),
    ),
    _Row(
        OUTPUT,
        r"Given input size: \((\d+) ?x ?([-\dx ]+)\)\. "
        r"Calculated output size: \(\d+ ?x ?([-\dx ]+)\)\. Output size is too small",
        lambda match: {
            name: _crossed(text)
            for name, text in zip(("channels", "input", "output"), match.groups(), strict=True)
        },
    ),
    _Row(
        OUTPUT,
        r"Given input size per channel: \(([-\dx ]+)\)\. "
        r"Calculated output size per channel: \(([-\dx ]+)\)",
        lambda match: {"input": _crossed(match[1]), "output": _crossed(match[2])},
    ),
    _Row(OUTPUT, r"Invalid computed output size: (-?\d+)", _fields("output")),
    _Row(MEET, r"except in dimension \d+\. Expected size (\d+) but got size (\d+)", _pair),
    _Row(MEET, r"except in dimension \d+\. Got (\d+) and (\d+) in dimension \d+", _pair),
    _Row(
        MEET,
        r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)",
        _pair,
    ),
    _Row(
        FEATURES,
        r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)",
        _fields("received", "wanted"),
    ),
    _Row(
        FEATURES,
        r"size mismatch, m1: \[\d+ x (\d+)\], m2: \[(\d+) x \d+\]",
        _fields("received", "wanted"),
    ),
    _Row(
        CHANNELS,
        r"to have (\d+) channels, but got (\d+) channels instead",
        _fields("wanted", "received"),
    ),
    _Row(
        CHANNELS,
        r"running_mean should contain (\d+) elements not (\d+)",
        _fields("received", "wanted"),
    ),
    _Row(
        PADDING,
        r"Padding size should be less than the corresponding input dimension, but got: "
        rf"padding {_LIST} at dimension (\d+) of input {_LIST}",
        lambda match: {
            "padding": _numbers(match[1]),
            "size": _numbers(match[3])[int(match[2]) : int(match[2]) + 1],
        },
    ),
    _Row(
        OUTPUT_PADDING, r"output padding must be smaller than either stride or dilation", _nothing
    ),
    _Row(
        OUTPUT_SIZE,
        rf"requested an output size of {_LIST}, but valid sizes range from {_LIST} to {_LIST}",
        _fields("wanted", "least", "most"),
    ),
    _Row(
        ELEMENTS, rf"shape '{_LIST}' is invalid for input of size (\d+)", _fields("shape", "size")
    ),
    _Row(
        TARGET,
        rf"Target size \((?:torch\.Size\()?{_LIST}\)?\) must be (?:the same )?as (?:the )?input "
        rf"size \((?:torch\.Size\()?{_LIST}\)?\)",
        _first("wanted", "received"),
    ),
    _Row(
        TARGET,
        rf"target size \((?:torch\.Size\()?{_LIST}\)?\) that is different to the input size "
        rf"\((?:torch\.Size\()?{_LIST}\)?\)",
        _first("wanted", "received"),
    ),
    _Row(
        TARGET,
        rf"batch or spatial sizes don't match: target {_LIST}, input {_LIST}",
        _first("wanted", "received"),
    ),
    _Row(
        PARTS,
        r"can't divide axis of length (\d+) in chunks of (\d+)",
        _fields("size", "parts"),
    ),
    # Keras, TensorFlow and JAX
    _Row(
        TARGET,
        rf"A target array with shape {_LIST} was passed for an output of shape {_LIST}",
        _last("wanted", "received"),
    ),
    _Row(
        TARGET,
        rf"target: expected \S+ to have shape {_LIST} but got array with shape {_LIST}",
        _last("received", "wanted"),
    ),
    _Row(TARGET, rf"Shapes {_LIST} and {_LIST} are incompatible", _last("wanted", "received")),
    _Row(
        KERNEL,
        r"Negative dimension size caused by subtracting (\d+) from (\d+)",
        lambda match: {"size": (int(match[2]),), "kernel": (int(match[1]),)},
    ),
    _Row(
        KERNEL,
        rf"Computed output size would be (?:zero or )?negative\. Received:? "
        rf"`inputs?[ ._]shape={_LIST}`, `(?:kernel[ ._]shape|kernel_size|pool_size)={_LIST}`"
        rf"(?:, `dilation_rate={_LIST}`)?",
        _computed,
    ),
    _Row(
        MEET,
        r"matching shapes except for the concatenation axis\. "
        r"Received: input_shapes?=(\[.{0,2000})",
        _shapes,
    ),
    _Row(MEET, r"incompatible shapes\. Received shapes (.{0,2000})", _shapes),
    _Row(
        MEET,
        r"Dimensions? (?:\d+ in both shapes )?must be equal, but are (\d+) and (\d+)",
        _pair,
    ),
    _Row(
        MEET,
        r"in both shapes must be equal: shape\[\d\] = (\[[\d,]+\] vs\. shape\[\d\] = \[[\d,]+\])",
        _shapes,
    ),
    _Row(MEET, r"Incompatible shapes: (\[[\d,]+\] vs\. \[[\d,]+\])", _shapes),
    _Row(
        MEET,
        r"(?:incompatible shapes for broadcasting: |for shapes )(\([\d, ]+\), \([\d, ]+\))",
        _shapes,
    ),
    _Row(
        FEATURES,
        rf"expected axis -1 of input shape to have value (\d+),? but received input with shape "
        rf"{_LIST}",
        _axis,
    ),
    _Row(
        FEATURES,
        r"Matrix size-incompatible: In\[0\]: \[\d+,(\d+)\], In\[1\]: \[(\d+),\d+\]",
        _fields("received", "wanted"),
    ),
    # ONNX and onnxruntime
    _Row(MEET, r"has mismatched dimensions of (\d+) and (\d+)", _pair),
    _Row(MEET, r"by a dimension other than 1\. (\d+) by (\d+)", _pair),
    _Row(MEET, r"shape differ in dimension \d+: \((\d+)\) vs \((\d+)\)", _pair),
    _Row(MEET, r"Inferred=(\d+) Declared=(\d+)", _pair),
    _Row(
        MEET,
        r"\(op_type:\w+[^)]{0,200}\): \[ShapeInferenceError\] Incompatible dimensions",
        _nothing,
    ),
    _Row(FEATURES, r"GEMM: Dimension mismatch, W: \{(\d+),(\d+)\} K: (\d+) N: ?(\d+)", _gemm),
    _Row(FEATURES, r"MatMul dimension mismatch", _nothing),
    _Row(
        CHANNELS,
        r"kernel channels \* group\. C: (\d+) kernel channels: (\d+) group: (\d+)",
        _grouped,
    ),
    _Row(
        KERNEL,
        r"running Conv node\..{0,300}?Invalid input shape: \{([\d,]+)\}",
        _fields("input"),
    ),
    # short, and in other tools
    _Row(MEET, r"\((\d+) vs\. (\d+)\)|\b(\d+) vs\.? (\d+)\b", _pair),
    # without their numbers
    _Row(KERNEL, r"Kernel size can.t be greater than actual input size", _nothing),
    _Row(OUTPUT, r"Output size is too small", _nothing),
    _Row(MEET, r"Sizes of tensors must match except in dimension", _nothing),
    _Row(FEATURES, r"shapes cannot be multiplied", _nothing),
)
