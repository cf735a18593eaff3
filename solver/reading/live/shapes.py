"""The shapes of inputs as people give them: numbers and letters, in tuples or as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Shape
from solver.sizes.domain import read_number

#: One shape; None stands for the usual letter.
Given = str | Sequence[int | str | None]
_RULE = "a shape has numbers and letters"


def read_shapes(texts: Sequence[str]) -> list[Given] | dict[str, Given]:
    """The shapes of inputs, each a text: by name where they have names. Raises SolverError.

    >>> read_shapes(["1,3,h,w"]), read_shapes(["input_ids=1,n"])
    ([(1, 3, 'h', 'w')], {'input_ids': (1, 'n')})
    """
    pairs = [_named(text) for text in texts]
    if all(name for name, _ in pairs):
        for at, (name, _) in enumerate(pairs):
            if name in dict(pairs[:at]):
                raise SolverError("an input is told once", texts[at])
        return dict(pairs)
    for (name, _), text in zip(pairs, texts, strict=True):
        if name:
            raise SolverError("all inputs have names, or none", text, "each as input_ids=1,n")
    return [shape for _, shape in pairs]


def _named(text: str) -> tuple[str, Given]:
    """The name of an input, if it has one, and its shape."""
    name, equals, _ = text.rpartition("=")
    if equals and not name.strip().isidentifier():
        rule = "the name of an input stands before its shape"
        raise SolverError(rule, right="input_ids=1,n", text=text, at=0)
    return name.strip(), _sizes(text, len(name + equals))


def _sizes(text: str, start: int = 0) -> Given:
    found: list[int | str] = []
    at = start
    parts = text[start:].split(",")
    if len(parts) > 1 and not parts[-1].strip():
        parts.pop()  # as in "n,"
    for part in parts:
        word = part.strip()
        if not word.isidentifier() and not word.isdecimal():
            raise SolverError(_RULE, right="1,3,h,w", text=text, at=at)
        found.append(read_number(word, "a size", text, at, 1) if word.isdecimal() else word)
        at += len(part) + 1
    return tuple(found)


def shapes_of(given: Any) -> tuple[dict[str, Shape], bool]:
    """The shapes of inputs by name, and whether they are given by these names.

    given: one shape, several of several inputs, or by the names of arguments.

    >>> shapes, by_name = shapes_of("1,3,h,w")
    >>> [str(dim) for dim in shapes["input"]], by_name
    (['1', '3', 'h', 'w'], False)
    """
    if isinstance(given, str):
        given = read_shapes([given])
    if isinstance(given, Mapping):
        return {name: _shape(each) for name, each in given.items()}, True
    if given and any(isinstance(each, str) and not each.isidentifier() for each in given):
        return shapes_of([each if not isinstance(each, str) else _sizes(each) for each in given])
    several = given if given and isinstance(given[0], (tuple, list)) else [given]
    names = ["input"] if len(several) == 1 else [f"input_{i}" for i in range(1, len(several) + 1)]
    return {name: _shape(each) for name, each in zip(names, several, strict=True)}, False


def _shape(given: Given) -> Shape:
    if isinstance(given, str):
        given = _sizes(given)
    names = LETTERS.get(len(given) - 2, tuple(f"x{i}" for i in range(1, len(given) - 1)))
    found = []
    for axis, size in enumerate(given):
        if isinstance(size, int) and size > 0:
            found.append(Dim(size))
        elif isinstance(size, str) and size.isidentifier():
            found.append(Dim.letter(size))
        elif size is None:
            found.append(Dim(1) if axis == 0 else Dim.letter(names[axis - 2] if axis > 1 else "c"))
        else:
            raise SolverError(_RULE, repr(size), '(1, 3, "h", "w")')
    return tuple(found)
