"""What a network does to each of several inputs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any

from solver.errors import LimitError
from solver.network.diagnosis.explain import explain
from solver.network.diagnosis.wanted import Wanted
from solver.network.graph.nearest import nearest
from solver.network.graph.operation import Shape
from solver.network.graph.summary import shown
from solver.network.graph.validity import Valid, claimed
from solver.network.network import Network
from solver.render.explanation import Explained
from solver.render.network.known import Known
from solver.render.progress import counted
from solver.render.several import InputAnswer, Several, why


def several(
    network: Network, inputs: Collection[int | Sequence[int]], nodes: tuple[int, ...] | None = None
) -> Several:
    """A row for each input: one size for all axes, or one for each.

    nodes: the numbers of those whose sizes are told, the outputs unless given. Raises LimitError
    for an input at which nothing is known.

    >>> from solver import Conv, MaxPool, trace
    >>> found = several(trace(lambda x: MaxPool(2)(Conv(3)(x))), [2, 8, [8, 9]])
    >>> for each in found.items():
    ...     print(each["input"], each["output"], each.get("nearest"))
    2 None [4]
    8 3 None
    [8, 9] 3 None
    """
    answers, valid = list[InputAnswer](), cache(lambda x, exact: claimed(network, x, exact))
    for size in counted("inputs", inputs):
        known = Known(network, network.values(size), nodes)
        fault = known.impossible or known.fault
        if known.limited and known.blind is not None:
            raise LimitError("what is behind this is not known", known.blind.label)
        asked = {"input": size if isinstance(size, int) else [*size]}
        if fault is not None:
            answers.append(InputAnswer(asked, None, why(fault), _nearest(network, size, valid)))
            continue
        sizes = [
            _size(shape and shown(known.network, i, shape), known.at or {})
            for i, shape in zip(known.nodes, known.asked_shapes, strict=True)
        ]
        output = sizes[0] if len(sizes) == 1 else dict(zip(known.names, sizes, strict=True))
        answers.append(InputAnswer(asked, output))
    return Several("network", answers)


def explained(
    network: Network, inputs: Collection[int | Sequence[int]], output: Wanted | None = None
) -> Several:
    """The same with the first fix where an input is refused, or gives another output than wanted.

    >>> from solver import Conv, trace
    >>> found = explained(trace(Conv(3), axes=1), [2, 8], output="n")
    >>> for each in found.items():
    ...     print(each["input"], each["output"], each["fix"]["text"])
    2 None conv_1: padding=1
    8 6 conv_1: padding=1
    """
    answers = []
    for each in counted("fixes", several(network, inputs).answers):
        fix = None
        if each.reason is not None or output is not None:
            found = explain(network, each.asked["input"], output=output)
            if found.node is not None:
                each = each._replace(reason=found.reason)
                fix = next(iter(Explained(found, 1).record()["edits"]), None)
        answers.append(each._replace(more={"fix": fix}))
    return Several("explain", answers)


def _size(shape: Shape | None, at: dict[str, int]) -> Any:
    """What is told of a shape: one size where all are alike."""
    if shape is None:
        return None
    sizes = [dim.at(at) for dim in shape]
    return sizes[0] if len({*sizes}) == 1 else sizes


def _nearest(
    network: Network, size: int | Sequence[int], known: Callable[[str | None, bool], Valid]
) -> list[Any]:
    """The inputs below and above at which it runs: of all axes alike, or of each its own."""
    found = nearest(network, size, known=known).others
    return [sizes[0] for sizes in found] if isinstance(size, int) else found
