"""From what a person writes, on the command line or in Python, to a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.inverse.question import UNKNOWN, Question, Values
from solver.sizes.domain import Domain
from solver.sizes.operations import LETTERS, MINIMUM, OperationSpec, operation

#: An x between two sizes, and not one inside a word or quotes.
_BETWEEN_AXES = (
    r"(?:(?<![A-Za-z'\"])|(?<=\bn)|(?<=[^A-WYZa-wyz]n)|(?<=same))[x×]"
    r"(?=$|[^A-Za-z'\"]|n|ceil|floor|same|Mod)"
)
_WORDS = re.compile(r"[A-Za-z_]+")
_MOST_PAIRS = 1000
_MOST_AXES = 16


def read_question(
    layer: Any,
    inputs: Any,
    outputs: Any,
    domains: Mapping[str, Any],
    where: str = "",
    per_axis: bool = False,
    ceil_mode: bool = False,
    framework: str = "",
) -> Question:
    """Read a question. Raises SolverError where the words do not make one.

    layer: a name or a layer class. inputs, outputs: see `solver.solve`.
    """
    row = operation_of(layer)
    if ceil_mode and not row.pooling:
        raise SolverError("only pooling has a ceil mode", received=row.name)
    if not isinstance(inputs, list):
        inputs, outputs = [inputs], [outputs]
    if not isinstance(outputs, list) or len(inputs) != len(outputs) or not inputs:
        raise SolverError(
            "each input needs its output",
            received=f"{len(inputs)} inputs for {outputs!r}",
        )
    if len(inputs) > _MOST_PAIRS:
        raise SolverError(f"at most {_MOST_PAIRS:,} pairs", received=f"{len(inputs):,} pairs")
    pairs = [
        _broadcast(split_axes(size), split_axes(target))
        for size, target in zip(inputs, outputs, strict=True)
    ]
    axes = len(pairs[0][0])
    for size, target in pairs:
        for part in (size, target):
            if len(part) != axes:
                raise SolverError(
                    "all sizes need the same number of axes",
                    received="x".join(part),
                    right=f"{axes} size{'s' if axes > 1 else ''} as in {'x'.join(pairs[0][0])}",
                )
    given = []
    for name, value in domains.items():
        if value is None:
            continue
        if name not in LETTERS:
            raise SolverError("unknown hyperparameter", received=name, right=", ".join(LETTERS))
        if name not in row.hyperparameters:
            raise SolverError(f"{row.title} has no {name}", right=", ".join(row.hyperparameters))
        given.append((name, _domains(name, value, axes if per_axis else 1)))
    return Question(
        row, tuple(pairs), tuple(given), where, per_axis and axes > 1, ceil_mode, framework
    )


def has_letters(sizes: Any, domains: Any) -> bool:
    """Whether a size is written in n and other letters, or a hyperparameter in letters.

    >>> has_letters(["n", "s*n"], []), has_letters(["n", "2n", ("224", "q")], ["half", 3, None])
    (True, False)
    """
    return any("n" in found and len(found) > 1 for found in _letters(sizes)) or any(
        found - {"n"} for found in _letters(domains)
    )


def _letters(sizes: Any) -> Iterator[set[str]]:
    """Yield the letters of each size that is words or of SymPy; an x stands between axes."""
    if isinstance(sizes, str):
        words = _WORDS.findall(sizes)
        yield {word for word in words if len(word) == 1 and word not in "xX"}
    elif isinstance(sizes, (list, tuple)):
        for size in sizes:
            if size is not None and type(size) is not int:
                yield from _letters(size)
    elif symbols := getattr(sizes, "free_symbols", ()):
        yield {symbol.name for symbol in symbols}


def operation_of(layer: Any) -> OperationSpec:
    """The operation of a layer class, or of a name."""
    if isinstance(layer, str):
        return operation(layer)
    found = getattr(layer, "operation", None)
    if not isinstance(found, OperationSpec):
        raise SolverError(
            "a layer class or its name is wanted", received=repr(layer), right="Conv or 'conv'"
        )
    return found


def split_axes(size: Any) -> tuple[str, ...]:
    """The words for each axis of a size.

    >>> split_axes("224x320"), split_axes(224), split_axes((7, "n")), split_axes(range(110, 115))
    (('224', '320'), ('224',), ('7', 'n'), ('110..114',))
    """
    if isinstance(size, tuple):
        if not 0 < len(size) <= _MOST_AXES:
            raise SolverError(f"sizes have 1 to {_MOST_AXES} axes", received=f"{len(size)} axes")
        return tuple(_word(part) for part in size)
    text = _word(size)
    if "x" not in text and "×" not in text:
        return (text,)
    parts = re.split(_BETWEEN_AXES, text)
    if len(parts) > _MOST_AXES:
        raise SolverError(f"sizes have 1 to {_MOST_AXES} axes", received=f"{len(parts)} axes")
    at = 0
    for part in parts:
        if not part.strip():
            raise SolverError(
                "each axis needs a size", text=text, at=at, right="224x320 for two axes"
            )
        at += len(part) + 1
    return tuple(part.strip() for part in parts)


def _word(size: Any) -> str:
    if size is ... or size is None:
        return "?"
    if isinstance(size, str):
        if len(size) > 2000:
            raise SolverError("a size is too long", received=size)
        return size.strip() or size
    if isinstance(size, range):
        return str(Domain.of(size, "a size", 1))
    if hasattr(size, "free_symbols"):
        # SymPy: its own text is in the grammar of solver.sizes.expression
        return str(size)
    if hasattr(size, "__index__") and not isinstance(size, bool):
        return str(Domain.of(size, "a size", 1))
    raise SolverError(
        "a size is a whole number, an expression in n, or a tuple of them", received=repr(size)
    )


def _broadcast(
    size: tuple[str, ...], target: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Let an unknown input stand for every axis."""
    if len(size) == 1 < len(target) and size[0] in UNKNOWN:
        size = size * len(target)
    return size, target


def _domains(name: str, value: Any, axes: int) -> tuple[Values, ...]:
    """The values of a hyperparameter for each axis, checked."""
    if isinstance(value, str):
        parts: Sequence[Any] = value.replace("×", "x").split("x")
    elif isinstance(value, tuple) and axes > 1:
        parts = value
    else:
        return (_one_domain(name, value),)
    if len(parts) not in (1, axes):
        raise SolverError(
            f"{name}: one domain, or with --per-axis one per axis",
            received=f"{len(parts)} domains for {axes} ax{'e' if axes > 1 else 'i'}s",
        )
    return tuple([_one_domain(name, part) for part in parts])


def _one_domain(name: str, value: Any) -> Values:
    if isinstance(value, str) and ":" in value and name == "padding":
        begin, _, end = value.partition(":")
        return Domain.parse(begin, name), Domain.parse(end, name)
    return Domain.of(value, name, MINIMUM[name])
