"""What comes out of a layer for each of several inputs, and each of several hyperparameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SizeError, SolverError
from solver.render import forward
from solver.render.described import Described
from solver.render.forward_every import along
from solver.render.several import InputAnswer, Several, why
from solver.sizes.axes import split_axes
from solver.sizes.formulas import WORDS
from solver.sizes.listed import combined, listed
from solver.sizes.operations import MINIMUM
from solver.sizes.sizeset import SizeSet

_PADS = ("padding_begin", "padding_end")


def several(
    operation: str,
    inputs: Sequence[str],
    hyperparameters: Mapping[str, str | None],
    ceil_mode: bool = False,
    channels: Mapping[str, int | None] | None = None,
    framework: str = "",
    dim: int | None = None,
) -> Several:
    """A row for each input and each choice of hyperparameters, the inputs varying slowest.

    The words are those of the command line. Raises SolverError for words that are none, for more
    rows than are told one by one, and where the framework has no such layer in any row.

    >>> found = several("conv", ["7..8", "2"], {"kernel_size": "3", "stride": "1,2"})
    >>> for each in found.items():
    ...     print(*each.values())
    7 1 5 None
    7 2 3 None
    8 1 6 None
    8 2 3 None
    2 1 None the kernel must fit: input + padding >= effective kernel size: 2 + 0 < 3 [3]
    2 2 None the kernel must fit: input + padding >= effective kernel size: 2 + 0 < 3 [3]
    """
    given = {
        name: listed(words.split(","), name, MINIMUM[name])
        for name, words in hyperparameters.items()
        if words is not None
    }
    varied = [name for name, values in given.items() if len(values) > 1]
    words = listed(inputs, "an input size")
    answers, faults = list[InputAnswer](), list[SolverError]()
    for text, *values in combined(words, *given.values()):
        told: dict[str, Any] = dict(zip(given, values, strict=True))
        size, layer, output, reason, notes = _number(text), None, None, None, []
        pads = dict[str, Any].fromkeys(_PADS if {*given.get("padding", ())} & WORDS.keys() else ())
        try:
            layer = forward.read_layer(operation, told, ceil_mode, channels, framework)
            told |= layer.given
            record = forward.sized(layer, text, dim).record()
            size, output, notes = record["input"], record["output"], record.get("notes", [])
            pads |= {name: record[name] for name in pads.keys() & record.keys()}
        except SolverError as fault:
            if fault.text is not None:  # the words are none
                raise
            faults.append(fault)
            reason = why(fault)
        asked = {"input": size, **{name: _plain(told[name]) for name in varied}, **pads}
        nearest = _nearest(layer, size) if layer and reason else ()
        more = {"notes": notes} if framework else {}
        answers.append(InputAnswer(asked, output, reason, nearest, more))
    if len(faults) == len(answers) and not any(isinstance(each, SizeError) for each in faults):
        raise faults[0]
    return Several("size", answers)


def _plain(value: Any) -> Any:
    """A hyperparameter as plain data: what differs by axis, or by end, is a list."""
    return [*map(_plain, value)] if isinstance(value, tuple) else value


def _number(text: str) -> Any:
    """An input as numbers where it is one: of several axes a list, a full shape; else its words.

    >>> _number("224"), _number("7x9"), _number("1,3,8"), _number("2n")
    (224, [7, 9], (1, 3, 8), '2n')
    """
    full = "," in text
    parts = text.split(",") if full else split_axes(text)
    if not all(part.isascii() and part.isdigit() for part in parts):
        return text
    numbers = map(int, parts)
    return tuple(numbers) if full else [*numbers] if len(parts) > 1 else next(numbers)


def _nearest(layer: Described, size: Any) -> list[Any]:
    """The inputs below and above that are taken: numbers for a number, else one for each axis."""
    if not isinstance(size, (int, list)):
        return []
    axes = layer.layer.axes or 1
    sizes = [size] * axes if isinstance(size, int) else size
    taken = [along(layer, i, len(sizes))[1] for i in range(len(sizes))]
    if isinstance(size, int):
        taken, sizes = [SizeSet.common(taken)], sizes[:1]
    below = [inputs.last(n) for inputs, n in zip(taken, sizes, strict=True)]
    above = [inputs.first(n) for inputs, n in zip(taken, sizes, strict=True)]
    found = [each for each in (below, above) if None not in each]
    return [each[0] for each in found] if isinstance(size, int) else [*found]
