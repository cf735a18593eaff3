"""Lines of Python that change an ONNX model, or the arrays that go in and come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def attributes(name: str, values: Mapping[str, Any]) -> str:
    """Lines that give a node of a model other attributes."""
    made = [
        f"onnx.helper.make_attribute({each!r}, {value!r})"
        for each, value in values.items()
        if value is not None
    ]
    return "\n".join(
        (
            f"node = next(n for n in model.graph.node if n.name == {name!r})",
            f"kept = [a for a in node.attribute if a.name not in {[*values]}]",
            "del node.attribute[:]",
            f"node.attribute.extend([*kept, {', '.join(made)}])",
        )
    )


def padded(name: str, ends: Sequence[tuple[int, int]]) -> str:
    """A line that pads an array by numbers, or cuts it where they are negative.

    >>> padded("x", [(1, 2)]), padded("y", [(-1, 0)])
    ('x = np.pad(x, ((0, 0), (0, 0), (1, 2)))', 'y = y[:, :, 1:]')
    """
    if min(min(each) for each in ends) < 0:
        cuts = (f"{-begin or ''}:{end or ''}" for begin, end in ends)
        return f"{name} = {name}[:, :, {', '.join(cuts)}]"
    return f"{name} = np.pad({name}, {((0, 0), (0, 0), *ends)})"


#: What fits a tensor, by what its axes are to have more.
_FITTING: Mapping[str, Sequence[str]] = {
    "crop": (
        'make("Div", [more, two], [one + ".begin"])',
        'make("Neg", [one + ".begin"], [one + ".start"])',
        'make("Add", [one + ".shape", more], [one + ".size"])',
        'make("Add", [one + ".start", one + ".size"], [one + ".end"])',
        'make("Slice", [one, one + ".start", one + ".end"], [new])',
    ),
    "pad": (
        'make("Div", [more, two], [one + ".begin"])',
        'make("Sub", [more, one + ".begin"], [one + ".end"])',
        'make("Concat", [one + ".begin", one + ".end"], [one + ".pads"], axis=0)',
        'make("Pad", [one, one + ".pads"], [new])',
    ),
    "resize": (
        'make("Add", [one + ".shape", more], [one + ".size"])',
        'make("Resize", [one, "", "", one + ".size"], [new], mode="nearest")',
    ),
}


def fitting(kind: str, name: str, like: str, reader: str, axes: int) -> str:
    """Lines that fit a tensor to another, whatever the sizes are, for a node and all behind it.

    name, like: of the nodes that make them, or of inputs. reader: the node that reads them first.
    """
    mask = [0, 0, *(1,) * axes]
    lines = [
        "nodes = {n.name: n for n in model.graph.node}",
        f"one, other = (nodes[x].output[0] if x in nodes else x for x in ({name!r}, {like!r}))",
        "make, tensor = onnx.helper.make_node, onnx.helper.make_tensor",
        'more, two, new = one + ".more", one + ".two", one + ".fitted"',
        "made = [",
        '    make("Shape", [one], [one + ".shape"]),',
        '    make("Shape", [other], [one + ".like"]),',
        '    make("Sub", [one + ".like", one + ".shape"], [one + ".apart"]),',
        f'    make("Constant", [], [one + ".mask"], value=tensor("", 7, [{len(mask)}], {mask})),',
        '    make("Constant", [], [two], value=tensor("", 7, [1], [2])),',
        '    make("Mul", [one + ".apart", one + ".mask"], [more]),',
        *(f"    {each}," for each in _FITTING[kind]),
        "]",
        f"at = [n.name for n in model.graph.node].index({reader!r})",
        "behind = list(model.graph.node)[at:]",
        "for n in behind:",
        "    n.input[:] = [new if x == one else x for x in n.input]",
        "del model.graph.node[at:]",
        "model.graph.node.extend([*made, *behind])",
    ]
    return "\n".join(lines)
