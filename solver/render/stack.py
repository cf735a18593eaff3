"""The report of a stack: its layers in columns, and as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from solver.errors import LimitError
from solver.layers.layer import Layer
from solver.layers.reads import ITSELF
from solver.layers.stack import Stack
from solver.render.report import Column, Report, Table
from solver.sizes.operations import LETTERS
from solver.sizes.slope import ratio

_COLUMNS = (
    *(Column("layer"), Column("size")),
    *(Column(name, right=True) for name in ("jump", "receptive field", "parameters")),
)


class Stacked(Report):
    """What is said of a stack. at: the sizes its costs are measured at.

    apart: whether what is told of an axis is told of each.
    """

    def __init__(
        self, stack: Stack, at: tuple[int, ...] | None = None, apart: bool = False
    ) -> None:
        self.stack, self.at, self.apart = stack, at, apart

    def tables(self) -> Iterator[Table]:
        yield Table(_COLUMNS, list(self._rows()))

    def _rows(self) -> Iterator[list[str]]:
        """Yield what is known after each layer."""
        stack = self.stack
        if stack.letters:
            from solver.layers.lettered_stack import rows  # of no use to numbers

            yield from ([repr(layer), *map(str, told)] for layer, *told in rows(stack))
            return
        told = any(layer.axes or getattr(layer, "branches", None) for layer in stack.layers)
        axes = range(stack.axes if told else 1)
        sizes = zip(*(stack.size_maps(axis)[1:] for axis in axes), strict=True)
        known = zip(*(stack.spans(axis) for axis in axes), strict=True)
        for at, (layer, size, reads) in enumerate(zip(stack.layers, sizes, known, strict=True)):
            jumps = joined(ratio(each.period, each.rise) for each in size)
            read = joined(None if each is None else each.length for each in reads)
            parameters = f"{stack.parameters_of(at):,}"
            yield [repr(layer), joined(size, " x "), jumps, read, parameters]

    def record(self) -> dict[str, Any]:
        stack, at = self.stack, self.at
        found: dict[str, Any] = {
            "layers": [layer_record(layer) for layer in stack],
            "formula": stack.formula,
            "valid_from": _plain(stack.minimum),
            "receptive_field": _plain(lambda: stack.receptive_field),
            "jump": _plain(lambda: stack.jump),
            "parameters": _plain(lambda: stack.parameters),
        }
        if self.apart:
            axes = range(stack.axes)
            found |= {name: _each([*along(stack, name)]) for name in ALONG}
            found["valid_from"] = _each([stack.minimum(axis) for axis in axes])
        if at is not None:
            one = len(set(at)) == 1 and not self.apart
            sizes = stack.sizes(at)
            found["sizes"] = [_each(size[0] if one else list(size)) for size in sizes]
            found["macs"] = _plain(lambda: stack.macs(at))
            found["activations"] = _plain(lambda: stack.activations(at))
        if getattr(stack, "marked", False):
            found["outputs"] = list(self._outputs())
        return {**found, "stack": repr(stack)}

    def _outputs(self) -> Iterator[dict[str, Any]]:
        """What is known of each output of a design with marks."""
        stack: Any = self.stack
        maps, spans = stack.size_maps(), (ITSELF, *stack.spans())
        for name, at in stack.output_places.items():
            read, jump = spans[at], ratio(maps[at].period, maps[at].rise)
            known = {"receptive_field": read and read.length, "jump": _each(jump)}
            found = {"name": name, "formula": str(maps[at]), **known}
            if self.at is not None:
                size = stack.sizes(self.at)[at]
                found["size"] = size[0] if len(set(self.at)) == 1 else list(size)
            yield found


#: What is told of an axis, by the name that it has of the first.
ALONG = ("formula", "receptive_field", "jump")


def along(stack: Stack, name: str) -> Iterator[Any]:
    """What is told of each axis of a stack.

    >>> from solver import Conv
    >>> [list(along(Stack([Conv((3, 5), (1, 2))]), name)) for name in ALONG]
    [['n - 2', 'ceil(n/2) - 2'], [3, 5], [1, 2]]
    """
    for axis in range(stack.axes):
        read = stack.spans(axis)[-1] if len(stack) else ITSELF
        if name == "receptive_field":
            yield None if read is None else read.length
        else:
            size = stack.size_map(axis)
            yield str(size) if name == "formula" else ratio(size.period, size.rise)


def joined(told: Iterable[Any], sign: str = "x") -> str:
    """What is told of each axis in words: once where it is the same of all.

    >>> joined([3, 5]), joined([3, 3]), joined([None])
    ('3x5', '3', 'all')
    """
    words = ["all" if one is None else str(one) for one in told]
    return words[0] if len(set(words)) == 1 else sign.join(words)


def _plain(say: Callable[[], Any]) -> Any:
    """A number as it is, else words; None where letters leave it open."""
    try:
        return _each(say())
    except LimitError:
        return None


def _each(value: Any) -> Any:
    """Plain data of a value: sizes in letters as words."""
    if isinstance(value, (tuple, list)):
        return type(value)(map(_each, value))
    if hasattr(value, "__index__") and not isinstance(value, bool):
        return int(value)
    return value if value is None or isinstance(value, (str, bool)) else str(value)


def layer_record(layer: Any) -> dict[str, Any]:
    """A layer as plain data: its operation and hyperparameters; of a block its branches.

    >>> from solver import MaxPool
    >>> layer_record(MaxPool(2))
    {'op': 'maxpool', 'kernel_size': 2, 'stride': 2, 'padding': 0, 'dilation': 1}
    """
    if not isinstance(layer, Layer):
        if layer.branches is None:
            number = {} if layer.number is None else {"number": layer.number}
            if layer.word == "mark":
                number = {"name": layer.name, "size": layer.asked or None}
            return {"op": layer.word, **number}
        branches = [list(map(layer_record, branch)) for branch in layer.branches]
        return {"op": layer.join, "branches": branches, **({"crop": True} if layer.crop else {})}
    names = [*layer.operation.hyperparameters]
    if layer.ceil_mode:
        names.append("ceil_mode")
    if getattr(layer, "in_channels", None):
        names += ["in_channels", "out_channels", "groups"]
    elif getattr(layer, "out_channels", None):
        names += ["out_channels", *(["groups"] if layer.channels.groups > 1 else [])]
    if not getattr(layer, "bias", True):
        names.append("bias")
    return {"op": layer.operation.name, **{name: _each(getattr(layer, name)) for name in names}}


def _axes(value: Any) -> str:
    """A value as the command line takes it: one per axis as in 3x5, padding as begin:end."""
    if not isinstance(value, tuple):
        return str(value).replace(" ", "")
    ends = (":".join(map(str, each)) if isinstance(each, tuple) else str(each) for each in value)
    return "x".join(ends)


def brief(layer: Any) -> str:
    """A layer in a few characters for a table.

    >>> from solver import Conv
    >>> brief(Conv(3, stride=2, padding=1))
    'conv k3 s2 p1'
    >>> brief(Conv((3, 5), padding=((2, 0), 1))), brief(Conv(3, padding=((2, 0),)))
    ('conv k3x5 p2:0x1', 'conv k3 p2:0')
    >>> from solver.layers.branching import Block
    >>> brief(Block("add", [[Conv(3, padding=1)], []]))
    'add(conv k3 p1 | input)'
    """
    if not isinstance(layer, Layer):
        if layer.branches is None:
            return str(getattr(layer, "text", layer))
        branches = ("; ".join(map(brief, branch)) or "input" for branch in layer.branches)
        return f"{layer.join}({' | '.join(branches)})"
    words = [layer.operation.name]
    for name in layer.operation.hyperparameters:
        value = getattr(layer, name)
        usual = {"padding": 0, "output_padding": 0, "kernel_size": None}.get(name, 1)
        own = name == "stride" and layer.operation.pooling  # without one it is the kernel
        if value != usual or own:
            words.append(value if isinstance(value, str) else f"{LETTERS[name]}{_axes(value)}")
    if layer.ceil_mode:
        words.append("ceil")
    if wide := getattr(layer, "out_channels", None):
        words.append(f"c{wide}")
    return " ".join(words)
