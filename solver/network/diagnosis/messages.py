"""What a message of a framework says: its numbers, and the place that it means.

A message may come with anything around it: the name of an exception, a traceback, line breaks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.ground.value import frozen
from solver.network.diagnosis.wordings import (
    CHANNELS,
    ELEMENTS,
    FEATURES,
    KERNEL,
    LIST,
    MEET,
    WORDINGS,
    Numbers,
    numbers,
)

Place = Mapping[str, tuple[tuple[int, ...], ...]]

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
    "Got invalid dimensions for input: x for the following indices index: 2 Got: 61 Expected: 64",
    "expected shape=(None, 28, 28, 1), found shape=(32, 1, 28, 28)",
    "Expected input batch_size (256) to match target batch_size (64)",
)


class Message(NamedTuple):
    """Hold what a message says.

    kind: "kernel" (does not fit: size, padded, or input, and kernel), "output" (too small: input,
    output, channels), "meet" (sizes), "features" of a linear layer and "channels" (wanted,
    received), "padding" (padding, size), "output padding", "output size" (wanted, least, most),
    "elements" (shape, size), "target" (wanted, received: what a loss compares), "parts" (size,
    which is cut into so many), "input" (wanted, received: shapes, or sizes along an axis) or "rows"
    (wanted, received: of a batch).
    numbers: by these names; none where the message has none. name: of the node or layer, where the
    message has one. text: what was recognised. place: what else it says of the node: the channels
    of what comes in and out (before, after), its rows, the stride and the whole shape that is
    given, each as the values it may mean. layer: its class, where Keras names it.
    """

    kind: str
    numbers: Numbers
    name: str | None
    text: str
    place: Place
    layer: str | None = None

    def __hash__(self) -> int:
        return hash(frozen(tuple(self)))


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
    for kind, pattern, read in WORDINGS:
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
    r"|for '([^']{1,200})' \(op:|dimensions for input: (\S{1,200})|Guard failed: (\w{1,200})\.size"
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
    shapes = [numbers(each) for each in re.findall(LIST, given.group() if given else "")]
    shapes = [shape for shape in shapes if len(shape) > 1 and 0 not in shape[-1:]]
    kernel = re.search(_KERNEL, found)
    if kind == MEET and len(shapes) > 1:
        second = 0 if "Received shapes" in found else 1
        place["before"] = tuple(tuple(shape[i] for shape in shapes) for i in (-1, second))
    elif kind == KERNEL and kernel is not None:
        *_, before, after = numbers(kernel[1])
        place |= {"before": ((before,),), "after": ((after,),)}
    elif kind == KERNEL and shapes:
        place["before"] = tuple((shapes[0][i],) for i in (-1, 1))
        if len(shapes) > 1 and "Depthwise" not in plain:
            place["after"] = (shapes[1][-1:],)
    more = ("after", _AFTER), ("stride", _STRIDES), ("rows", _ROWS), ("given", _WHOLE)
    for name, pattern in more:
        if match := re.search(pattern, plain):
            place[name] = (numbers(match[match.lastindex or 0]),)
    return place


_BETWEEN = r"(?:, | and | vs\. (?:shape\[\d\] = )?)?"

#: What says more of the node: shapes, the kernel, what a layer makes, strides.
_GIVEN = rf"with input shapes: (?:{LIST}{_BETWEEN}){{1,20}}"
_SHAPES = rf"shapes?(?:\[\d\] = |=\[?|: | for broadcasting: | )(?:{LIST}{_BETWEEN}){{1,20}}"
_KERNEL = rf"kernel[ ._]shape={LIST}"
_AFTER = r"and \d+x(\d+)\)|m2: \[\d+ x (\d+)\]|In\[1\]: \[\d+,(\d+)\]|K: \d+ N: ?(\d+)"
_STRIDES = rf"`strides={LIST}`"
_WHOLE = rf"expected input{LIST} to have \d+ channels"
_ROWS = r"multiplied \((\d+)x|m1: \[(\d+) x"


def spoken(said: str, error: str | None, letters: Sequence[str]) -> dict[str, int] | None:
    """The sizes that an error has where what a program says has letters; None for other words.

    >>> spoken("ValueError: it is odd: h", "ValueError: it is even: 8", ["h"])
    >>> spoken("ValueError: odd: h, w", "it stopped: odd: 7, 8", ["h", "w"])
    {'h': 7, 'w': 8}
    """
    words = re.sub(r"^\w+: ", "", said).split()
    heard = (error or "")[:_LONGEST].split()
    for start in range(len(heard) - len(words) + 1 if words else 0):
        found: dict[str, int] = {}
        for word, other in zip(words, heard[start:], strict=False):
            name, number = (re.sub(r"^\W+|\W+$", "", each) for each in (word, other))
            known = {*re.findall(r"[a-z]\w*", name)} & {*letters}
            if word == other:
                continue
            if not (known and number.isdecimal()):
                break
            if name in letters:
                found[name] = int(number)
        else:
            return found
    return None
