"""A stack as text, HTML and plain data."""

from __future__ import annotations

from html import escape
from typing import Any

from solver.layers.layer import Layer
from solver.layers.stack import Stack

_HEAD = ("layer", "size", "jump", "receptive field", "parameters")


def rows(stack: Stack) -> list[list[str]]:
    """Return what is known after each layer, a cell each: see `text`."""
    maps = stack.size_maps()[1:]
    found = []
    for at, (layer, size_map, read) in enumerate(
        zip(stack.layers, maps, stack.spans(), strict=True)
    ):
        parameters = stack.parameters_of(at)
        cells = (repr(layer), size_map, read.jump, read.length, f"{parameters:,}")
        found.append([str(cell) for cell in cells])
    return found


def text(stack: Stack) -> str:
    """Return a stack as columns, a line per layer, and the totals."""
    table = [list(_HEAD), *rows(stack)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = []
    for first, second, *numbers in table:
        cells = [first.ljust(widths[0]), second.ljust(widths[1])]
        cells += [cell.rjust(width) for cell, width in zip(numbers, widths[2:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def html(stack: Stack) -> str:
    """Return a stack as an HTML table for notebooks."""
    head = "".join(f"<th>{escape(name)}</th>" for name in _HEAD)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows(stack)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def record(stack: Stack, at: tuple[int, ...] | None) -> dict[str, Any]:
    """Return a stack as plain data: the JSON contract. at: the sizes its costs are measured at."""
    found: dict[str, Any] = {
        "layers": [layer_record(layer) for layer in stack],
        "formula": stack.formula,
        "valid_from": stack.minimum(),
        "receptive_field": stack.receptive_field,
        "jump": stack.jump if isinstance(stack.jump, int) else str(stack.jump),
        "parameters": stack.parameters,
    }
    if at is not None:
        one = len(set(at)) == 1
        sizes = stack.sizes(at)
        found["sizes"] = [size[0] if one else list(size) for size in sizes]
        found |= {"macs": stack.macs(at), "activations": stack.activations(at)}
    return {**found, "stack": repr(stack)}


def layer_record(layer: Layer) -> dict[str, Any]:
    """Return a layer as plain data: its operation and hyperparameters.

    >>> from solver import MaxPool
    >>> layer_record(MaxPool(2))
    {'op': 'maxpool', 'kernel_size': 2, 'stride': 2, 'padding': 0, 'dilation': 1}
    """
    names = [*layer.operation.hyperparameters]
    if layer.ceil_mode:
        names.append("ceil_mode")
    if getattr(layer, "in_channels", None):
        names += ["in_channels", "out_channels", "groups"]
    if not getattr(layer, "bias", True):
        names.append("bias")
    return {"op": layer.operation.name, **{name: getattr(layer, name) for name in names}}


def brief(layer: Layer) -> str:
    """Return a layer in a few characters for a table.

    >>> from solver import Conv
    >>> brief(Conv(3, stride=2, padding=1))
    'conv k3 s2 p1'
    """
    from solver.sizes.operations import LETTERS

    words = [layer.operation.name]
    for name in layer.operation.hyperparameters:
        value = getattr(layer, name)
        usual = {"padding": 0, "output_padding": 0, "kernel_size": None}.get(name, 1)
        if value != usual:
            shown = str(value).replace(" ", "")
            words.append(shown if isinstance(value, str) else f"{LETTERS[name]}{shown}")
    if layer.ceil_mode:
        words.append("ceil")
    if wide := getattr(layer, "out_channels", None):
        words.append(f"c{wide}")
    return " ".join(words)
