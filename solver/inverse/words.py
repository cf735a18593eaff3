"""From what a person writes, on the command line or in Python, to a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from solver.errors import SolverError
from solver.inverse.question import UNKNOWN, Question, Values
from solver.sizes.axes import split_axes
from solver.sizes.domain import Domain, letters_in
from solver.sizes.formulas import WORDS
from solver.sizes.operations import LETTERS, MINIMUM, OperationSpec, operation

_PLAIN = {int, range, type(None)}  # what most sizes and hyperparameters are, without letters
_MOST_PAIRS = 1000


def read_question(
    layer: Any,
    inputs: Any,
    outputs: Any,
    domains: Mapping[str, Any],
    where: str = "",
    per_axis: bool = False,
    ceil_mode: bool = False,
    framework: str = "",
    nothing_unread: bool = False,
    causal: bool = False,
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
    for part in chain.from_iterable(pairs):
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
        *(row, tuple(pairs), tuple(given), where, per_axis and axes > 1, ceil_mode, framework),
        *(nothing_unread, causal),
    )


def has_letters(sizes: Iterable[Any], domains: Iterable[Any]) -> bool:
    """Whether a size has letters beside the one for any size, or a hyperparameter has one.

    >>> has_letters(["n", "s*n"], []), has_letters(["h", "2h", ("224", "w")], ["half", 3, None])
    (True, False)
    """
    return any(len(found) > 1 for found in _letters(sizes)) or any(
        found - {"n"} for found in _letters(domains)
    )


def _letters(given: Iterable[Any]) -> Iterator[set[str]]:
    """The letters of each size, axis by axis."""
    for size in given:
        if type(size) in _PLAIN:
            continue
        elif isinstance(size, str):
            yield from map(letters_in, split_axes(size))
        elif isinstance(size, (list, tuple)):
            yield from _letters(size)
        else:
            yield {symbol.name for symbol in getattr(size, "free_symbols", ())}


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
        return (Domain.of(value, name, MINIMUM[name]),)
    if len(parts) not in (1, axes):
        raise SolverError(
            f"{name}: one domain, or with --per-axis one per axis",
            received=f"{len(parts)} domains for {axes} ax{'e' if axes > 1 else 'i'}s",
        )
    return tuple([_one_domain(name, part) for part in parts])


def _one_domain(name: str, value: Any) -> Values:
    if name == "padding" and isinstance(value, str) and value in WORDS:
        return value
    if isinstance(value, str) and ":" in value and name == "padding":
        begin, _, end = value.partition(":")
        return Domain.parse(begin, name), Domain.parse(end, name)
    return Domain.of(value, name, MINIMUM[name])
