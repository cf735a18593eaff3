"""The report of solutions: the best layer, how many there are, the family, the best in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from math import prod
from typing import TYPE_CHECKING, Any

from solver.inverse.answer import Answer, Value
from solver.inverse.family import together
from solver.inverse.question import ask_words, asked_words, classes
from solver.inverse.solutions import Solutions
from solver.render.report import SHOWN, Column, Formula, Report, Table
from solver.sizes.domain import letters_in
from solver.sizes.operations import LETTERS

if TYPE_CHECKING:
    from solver.inverse.single import SingleChange
    from solver.sizes.expression import Expression
    from solver.sizes.sizeset import SizeSet


class Solved(Report):
    """What is said of solutions. explained: with the derivation."""

    def __init__(
        self, solutions: Solutions, limit: int | None = None, explained: bool = False
    ) -> None:
        self.solutions, self.limit, self.explained = solutions, limit, explained

    @property
    def answered(self) -> bool:
        return bool(self.solutions)

    @property
    def quoted(self) -> bool:  # type: ignore[override]
        return self.answered

    def title(self) -> str:
        return self.solutions.asked

    def headline(self) -> str:
        """The best layer, the inputs asked for, or why there is none."""
        solutions = self.solutions
        if not solutions:
            return f"none: {solutions.reason}"
        if inputs := solutions.inputs:
            return f"n = {inputs}"
        first = next(iter(self._told or solutions.answers(1)))
        asked = "" if first.input is None else f", input {words(first.input)}"
        return first.layer + asked

    def summary(self) -> str:
        count = self.solutions.counted
        number = "more solutions than can be counted" if count is None else f"{count:,} solutions"
        return f"{'1 solution' if count == 1 else number} of {asked_each(self.solutions)}"

    def facts(self) -> Iterator[str]:
        """The count, the family and the box."""
        yield self.summary()
        if self.solutions.counted != 0:
            family = "; ".join(self.solutions.family or ["always"])
            yield Formula(f"exactly when: {family}", self.formula)
        box = ", ".join(f"{name} {domain}" for name, domain in self.solutions.searched.items())
        yield f"searched: {box}"
        if letters := letters_of(self.solutions):
            yield f"n stands for {' and '.join(letters)}"
        if changes := self.solutions.single_changes:
            yield f"one change does it: {', or '.join(map(str, changes))}"

    def tables(self) -> Iterable[Table]:
        if answers := self._told:
            table = _table(self.solutions, answers)
            total, cut = self.solutions.counted, self.limit is None
            yield table._replace(rows=list(table.rows), total=total, cut=cut)

    @cached_property
    def _told(self) -> list[Answer]:
        """The answers that are told: they are looked for once, and no further ones."""
        most = SHOWN if self.limit is None else self.limit
        return list(self.told(self.solutions.answers(most), SHOWN))

    def data(self) -> Table:
        return _table(self.solutions, self.told(self.solutions.answers(), None))

    def formula(self) -> str:
        from solver.render.family import aligned

        return aligned(self.solutions) if self.solutions else ""

    def trees(self) -> Iterator[Sequence[Expression | str]]:
        if not self.solutions:
            yield [self.headline()]
            return
        for axis, ways in self.solutions.ways:
            for tree in together(ways):
                yield [tree] if axis is None else [f"axis {axis}: ", tree]

    def letters(self) -> str:
        *most, last = (
            f"{name.replace('_', ' ')} ${LETTERS[name]}$"
            for name in self.solutions.question.operation.hyperparameters
        )
        return f"A layer with {', '.join(most)} and {last} is one of them exactly when"

    def derivation(self, form: str) -> str:
        return self.solutions.explain(form) if self.explained else ""

    def codes(self) -> Iterator[str]:
        from solver.frameworks.code import code
        from solver.layers.row import USUAL_AXES

        question = self.solutions.question
        axes = question.axes if question.axes > 1 else USUAL_AXES
        for layer in self.told(self.solutions, 1):
            yield code(question.framework or "torch", [layer], axes)

    def picture(self) -> Any:
        return self.solutions.draw()

    def record(self) -> dict[str, Any]:
        solutions, changes = self.solutions, self.solutions.single_changes
        return {
            **_head(solutions),
            **({"derivation": solutions.proof} if self.explained else {}),
            "solutions": self.items(),
            "reason": None if solutions else solutions.reason,
            **({"single_changes": [*map(_single, changes)]} if changes else {}),
        }

    def items(self) -> Iterator[dict[str, Any]]:
        return map(_solution, self.told(self.solutions.answers(), None))


def letters_of(solutions: Solutions) -> list[str]:
    """The letters that sizes were written in where n stands for them.

    >>> from solver import Conv, solve
    >>> letters_of(solve(Conv, ("h", 7), ("h/2", 4)))
    ['h']
    """
    inputs = (size for pair in solutions.question.pairs for size in pair[0])
    return sorted(set().union(*map(letters_in, inputs)) - {"n"})


def asked_each(solutions: Solutions) -> str:
    """The question in words, and for which n it is asked.

    >>> from solver import Conv, solve
    >>> asked_each(solve(Conv, ["n", "n"], ["n/2", "(n + 1)/2"]))
    'conv n -> n/2 for every even n and n -> (n + 1)/2 for every odd n'
    """
    sets = solutions.asked_for
    if len(sets) == 1 and sets[0]:
        return f"{solutions.asked}, for every {sets[0]}"
    each = [{part for part in pair if part is not None} for pair in classes(solutions.question)]
    if len(sets) < 2 or any(len(parts) > 1 for parts in each):
        more = ", each for every n at which it is asked and whole" if len(sets) > 1 else ""
        return solutions.asked + more
    said = (f" for every {part.pop()}" if part else "" for part in each)
    return asked_words(solutions.question, said)


# In columns


def _table(solutions: Solutions, answers: Iterable[Answer]) -> Table:
    """The answers in columns, the notes last; their names without an answer too."""
    answers = iter(answers)
    first = next(answers, None)
    names: Sequence[str] = solutions.question.operation.hyperparameters
    cells, last = _cells, "notes"
    if first is not None and first.written:
        names, cells, last = (), _in_framework, "layers (notes)"
    elif first is not None:
        names = tuple(first.values)
    asked = ("input",) if first is not None and first.input is not None else ()
    columns = [Column(name, right=True) for name in (*asked, *names, "valid_from")]
    rows = map(cells, () if first is None else chain([first], answers))
    return Table([*columns, Column(last, prose=True, notes=not (first and first.written))], rows)


def _cells(answer: Answer) -> list[str]:
    start = [words(answer.input)] if answer.input is not None else []
    values = [words(value) for value in answer.values.values()]
    return [*start, *values, words(answer.valid_from), "; ".join(answer.notes)]


def _in_framework(answer: Answer) -> list[str]:
    """The cells of an answer that is layers of a framework."""
    start = [words(answer.input)] if answer.input is not None else []
    layers = "; ".join([answer.layer, *(f"({note})" for note in answer.notes)])
    return [*start, words(answer.valid_from), layers]


def words(value: Value | list[int]) -> str:
    """A number, a begin:end pair inside a list, or one value per axis, in words."""
    if isinstance(value, int):
        return str(value)
    parts = (f"{v[0]}:{v[1]}" if isinstance(v, list) else str(v) for v in value)
    return "x".join("-" if part == "None" else part for part in parts)


# As plain data


def _single(change: SingleChange) -> dict[str, Any]:
    """A hyperparameter and the values that do it, along all axes alike, or a list for each."""
    from solver.inverse.single import FURTHEST

    after = [
        [[first, None if last == FURTHEST else last] for first, last in domain.ranges]
        for domain in change.after
    ]
    one = len(after) == 1
    return {
        "argument": change.name,
        "before": change.before[0] if one else list(change.before),
        "after": after[0] if one else after,
        "count": None if change.endless else prod(map(len, change.after)),
    }


def _head(solutions: Solutions) -> dict[str, Any]:
    """Everything of an answer but the solutions and the reason."""
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
    if question.demanded:
        record |= {"nothing_unread": question.nothing_unread, "causal": question.causal}
    if question.where:
        record["where"] = question.where
    holds = solutions.holds_for
    if holds is not None:
        from solver.render.sets import size_set

        record["holds_for"] = size_set(holds)
    return record


def _solution(answer: Answer) -> dict[str, Any]:
    record: dict[str, Any] = {} if answer.input is None else {"input": answer.input}
    record |= answer.values
    record["valid_from"] = answer.valid_from
    record["notes"] = answer.notes
    record["layer"] = answer.layer
    if answer.written:
        record["layers"] = [
            {"layer": name, **{word: _finite(value) for word, value in arguments.items()}}
            for name, arguments in answer.written
        ]
    return record


def _finite(value: Any) -> Any:
    """A value that JSON has a number or a word for."""
    return str(value) if value in (float("inf"), float("-inf")) else value


def _classes(asked: tuple[SizeSet | None, ...]) -> dict[str, Any]:
    """The inputs that a pair is asked about; a list where its axes differ."""
    from solver.render.sets import size_set

    found = [None if part is None else size_set(part) for part in asked]
    same = all(part == found[0] for part in found)
    return {"holds_for": found[0] if same else found} if any(found) else {}


def _sizes(sizes: tuple[str, ...]) -> Any:
    """Numbers as numbers, expressions as text; a list for several axes."""
    words = [ask_words(size) for size in sizes]
    plain = [int(word) if word.isdigit() else word for word in words]
    return plain[0] if len(plain) == 1 else plain
