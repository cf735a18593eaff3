"""Solutions as plain data: the JSON contract, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from solver.inverse.answer import Answer
from solver.inverse.question import ask_words, classes
from solver.inverse.solutions import Solutions

if TYPE_CHECKING:
    from solver.sizes.sizeset import SizeSet


def head(solutions: Solutions) -> dict[str, Any]:
    """Return everything of an answer but the solutions and the reason."""
    question = solutions.question
    pairs = [{"input": _sizes(size), "output": _sizes(target)} for size, target in question.pairs]
    own = len(solutions.asked_for) > 1
    record: dict[str, Any] = {
        "schema": 1,
        "command": "solve",
        "op": question.operation.name,
        **pairs[0],
        "count": solutions.counted,
        "conditions": solutions.family,
        "searched": solutions.searched,
    }
    if len(pairs) > 1:
        each = zip(pairs, classes(question), strict=True)
        record["pairs"] = [pair | _classes(asked) if own else pair for pair, asked in each]
    if question.operation.pooling:
        record["ceil_mode"] = question.ceil_mode
    if question.per_axis:
        record["per_axis"] = True
    if question.framework:
        record["framework"] = question.framework
    if question.where:
        record["where"] = question.where
    holds = solutions.holds_for
    if holds is not None:
        record["holds_for"] = size_set(holds)
    return record


def size_set(sizes: SizeSet) -> dict[str, Any]:
    """Return a size set.

    >>> from solver import SizeSet
    >>> size_set(SizeSet(2, [1], 5))
    {'modulus': 2, 'residues': [1], 'minimum': 5}
    """
    return {
        "modulus": sizes.modulus,
        "residues": list(sizes.residues),
        "minimum": sizes.minimum,
        **({"exceptions": list(sizes.exceptions)} if sizes.exceptions else {}),
    }


def solution(answer: Answer) -> dict[str, Any]:
    """Return one solution."""
    layers = [
        {"layer": name, **{word: _finite(value) for word, value in arguments.items()}}
        for name, arguments in answer.written
    ]
    asked = {} if answer.input is None else {"input": answer.input}
    return {
        **asked,
        **answer.values,
        "valid_from": answer.valid_from,
        "notes": answer.notes,
        "layer": answer.layer,
        **({"layers": layers} if layers else {}),
    }


def _finite(value: Any) -> Any:
    """Return a value that JSON has a number or a word for."""
    return str(value) if value in (float("inf"), float("-inf")) else value


def _classes(asked: tuple[SizeSet | None, ...]) -> dict[str, Any]:
    """Return the inputs that a pair is asked about; a list where its axes differ."""
    found = [None if part is None else size_set(part) for part in asked]
    same = all(part == found[0] for part in found)
    return {"holds_for": found[0] if same else found} if any(found) else {}


def _sizes(sizes: tuple[str, ...]) -> Any:
    """Return numbers as numbers, expressions as text; a list for several axes."""
    words = [ask_words(size) for size in sizes]
    plain = [int(word) if word.isdigit() else word for word in words]
    return plain[0] if len(plain) == 1 else plain
