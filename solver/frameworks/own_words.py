"""Write a layer whose padding a framework says in a word of its own, such as same."""

from __future__ import annotations

from typing import Any

from solver.errors import SolverError
from solver.frameworks.code import write
from solver.frameworks.spec import LayerSpec
from solver.frameworks.written import Written
from solver.layers.arguments import alike

_ONNX = {"SAME": "SAME_UPPER"}


def in_words(
    framework: str, spec: LayerSpec, word: str, extra: Any = None, ceil_mode: bool = False
) -> Written:
    """The layer of a framework with padding in its own words.

    spec: what is done without padding; extra: the output_padding where one is given. Raises
    SolverError where the framework has no such word, or refuses it there.

    >>> from solver import Conv
    >>> from solver.frameworks.spec import of_layer
    >>> made = in_words("keras", of_layer(Conv(3, stride=2), 1), "same").layers[0]
    >>> made.arguments["padding"], made.size(6)
    ('same', 3)
    """
    (*_, plain) = write(framework, spec).layers
    known, title = plain.row.arguments, plain.framework.title
    place = "auto_pad" if "auto_pad" in known else "padding"
    given: dict[str, Any] = dict.fromkeys(("pads", "output_padding") & known.keys())
    said = word.lower() if framework == "keras" else word.upper()
    given[place] = _ONNX.get(said, said) if framework == "onnx" else said
    for name, value in (("output_padding", extra), ("ceil_mode", ceil_mode or None)):
        if value is None or (name not in known and not _any(value)):
            continue
        if name not in known:
            raise SolverError(f"{title} has no {name} beside padding in words", word, "-p 0")
        given[name] = value if isinstance(value, bool) else alike(_each(value, spec.axes))
        if framework == "onnx":
            given[name] = int(value) if isinstance(value, bool) else _each(value, spec.axes)
    made = plain.changed(**given)
    made.along(spec.axes)  # raises where the framework refuses it
    return Written((made,))


def _each(value: Any, axes: int) -> list[int]:
    values = list(value) if isinstance(value, tuple) else [value]
    return values * axes if len(values) == 1 else values


def _any(value: Any) -> bool:
    return any(value) if isinstance(value, tuple) else bool(value)
