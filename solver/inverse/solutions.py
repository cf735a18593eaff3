"""The set of all layers that answer a question: counted exactly, listed lazily, best first."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cached_property, partial, reduce
from itertools import count as count_up
from itertools import islice
from math import prod
from operator import and_
from typing import TYPE_CHECKING, Any

from solver.errors import SolverError
from solver.ground.answers import Answers, Count
from solver.ground.shown import shown
from solver.inverse.answer import Answer, code, in_framework, layers_of, to_rows, values, word_of
from solver.inverse.axis import Axis, check_across
from solver.inverse.counting import count
from solver.inverse.family import NEVER, Condition, conditions, holds, together
from solver.inverse.order import (
    FEW,
    MANY,
    best_first,
    by_hyperparameter,
    by_rank,
    by_ranking,
    cheapest_first,
    counted,
    is_small,
)
from solver.inverse.question import Question, SizeEquation, asked_again, asked_words
from solver.inverse.ranking import Ranking
from solver.inverse.strips import Row
from solver.sizes.domain import Domain
from solver.sizes.text import note

if TYPE_CHECKING:
    from solver.inverse.single import SingleChange
    from solver.layers.layer import Layer
    from solver.sizes.sizeset import SizeSet
    from solver.sizes.step import Step

_MOST_SORTED = 1_000_000


class Solutions(Answers["Layer"]):
    """Hold every layer of a box that takes the asked inputs to the asked outputs.

    Iterating yields layers, best first; counting does not list them. Two sets are equal when the
    questions are. Made by `solver.solve`.

    >>> from solver import Conv, solve
    >>> down = solve(Conv, 224, 112, kernel_size="1..11", stride="1..4", padding="0..5")
    >>> down.count(), down[0], Conv(7, stride=2, padding=3) in down
    (11, Conv(3, stride=2, padding=1), True)
    >>> solve(Conv, 4, 9, kernel_size=3, padding=0).count()
    0
    """

    def __init__(self, question: Question, sort: str = "") -> None:
        self.question = question
        self.sort = sort
        shared = not question.per_axis or question.axes == 1
        self.axes = [
            Axis(question, None if shared else i) for i in range(1 if shared else question.axes)
        ]
        for axis in filter(lambda axis: axis.word, self.axes):
            _ = axis.box  # raises where the word does not stand beside the rest
        if len(self.axes) > 1:
            check_across(self.axes)
        if sort and sort not in (*question.operation.hyperparameters, "cost"):
            raise SolverError(
                "unknown sort key",
                received=sort,
                right=", ".join((*question.operation.hyperparameters, "cost")),
            )

    # What there is

    @property
    def count(self) -> Count:
        """The exact number of solutions in the box.

        Raises LimitError where even counting would take too long; listing still works then.
        """
        if 0 in self._counts:
            return Count(0)
        for axis, part in zip(self.axes, self._counts, strict=True):
            if part is None:
                count(axis.problem)  # raises
        return Count(prod(part for part in self._counts if part is not None))

    @property
    def counted(self) -> int | None:
        return None if None in self._counts and 0 not in self._counts else self.count

    @cached_property
    def _counts(self) -> list[int | None]:
        return [counted(axis.problem) for axis in self.axes]

    def __bool__(self) -> bool:
        return any(True for _ in self.rows()) if self.counted is None else self.counted > 0

    def rows(self) -> Iterator[tuple[Row, ...]]:
        """Yield every solution as plain numbers, one row per axis, unranked and fast.

        A row is (kernel_size, stride, padding, dilation, output_padding, input or None).
        """
        if len(self.axes) == 1:
            return zip(self.axes[0].problem.rows(), strict=False)
        return self._product()

    def __iter__(self) -> Iterator[Layer]:
        return map(layers_of(self.question), self._ranked())

    def _first(self, most: int) -> Iterator[Layer]:
        return islice(map(layers_of(self.question), self._ranked(most)), most)

    def answers(self, limit: int | None = None) -> Iterator[Answer]:
        """Yield the solutions, best first, with notes and the smallest input each takes."""
        if limit is None:
            return map(self._answer, self._ranked())
        return map(self._answer, islice(self._ranked(limit), min(limit, sys.maxsize)))

    def best(self, k: int = 1) -> list[Layer]:
        """The k best layers.

        >>> from solver import ConvTranspose, solve
        >>> solve(ConvTranspose, "n", "2n").best(2)
        [ConvTranspose(2, stride=2), ConvTranspose(4, stride=2, padding=1)]
        """
        return super().best(k)

    def __contains__(self, layer: object) -> bool:
        """Tell whether a layer solves it and lies in the box."""
        rows = to_rows(layer, self.question, self.axes)
        if rows is None:
            return False
        return all(axis.holds(row) for axis, row in zip(self.axes, rows, strict=True))

    # What it means

    @property
    def asked(self) -> str:
        """The question in words.

        >>> from solver import MaxPool, solve
        >>> solve(MaxPool, (224, 320), (112, 160)).asked
        'maxpool 224x320 -> 112x160'
        """
        return asked_words(self.question)

    @property
    def inputs(self) -> Domain | None:
        """The inputs of the one layer there is, where inputs were asked for.

        >>> from solver import Conv, solve
        >>> print(solve(Conv, ..., 112, kernel_size=7, stride=2, padding=3).inputs)
        223..224
        """
        problem = self.axes[0].problem
        one_layer = all(domain.size() == 1 for domain in problem.box if domain is not None)
        if len(self.axes) > 1 or problem.free is None or not one_layer:
            return None
        if self.count > _MOST_SORTED:
            return None
        return Domain((n, n) for *_, n in problem.rows() if n is not None)

    @property
    def family(self) -> list[str]:
        """The complete family in words: every layer that meets them solves it.

        >>> from solver import Conv, solve
        >>> solve(Conv, "n", "n/2").family
        ['stride = 2', 'padding = floor((kernel_size - 1)/2)']
        """
        found = []
        for axis, ways in self.ways:
            where = "" if axis is None else f"axis {axis}: "
            words = [[str(condition) for condition in way] for way in ways]
            if len(words) > 1:
                either = " or ".join(" and ".join(way) for way in words)
                words = [[note(either, *together(ways))]]
            found += [where + text for text in words[0]]
        return found

    @property
    def conditions(self) -> list[Any]:
        """The complete family as SymPy relations; one list per axis with per_axis.

        >>> from solver import Conv, solve
        >>> solve(Conv, "n", "ceil(n/2)").conditions[0]
        Eq(stride, 2)
        """
        from solver.symbolic.algebra import either, to_sympy

        found = []
        for _, ways in self.ways:
            if not all(part.links for way in ways for part in way):
                return []  # what no relation says
            relations = [[to_sympy(link) for part in way for link in part.links] for way in ways]
            found.append(relations[0] if len(ways) == 1 else [either(relations)])
        return found[0] if len(found) == 1 else found

    @cached_property
    def ways(self) -> list[tuple[int | None, list[list[Condition]]]]:
        """The complete family as (axis, ways to meet it), each way a list of conditions.

        The axis is None where all axes share the layer. There is more than one way only where a
        condition on n asks about sizes outside its classes, and none where nothing can do it.
        """
        found: list[tuple[int | None, list[list[Condition]]]] = []
        for index, axis in enumerate(self.axes):
            problem, symmetric = axis.problem, axis.box.end is None
            rules = problem.ceil_mode, problem.inside, problem.widest, axis.moving
            options = (axis.known, problem.free, symmetric, *rules)
            ways = [conditions(self.question.operation, w, *options) for w in axis.regions]
            # what numbers say of numbers is no condition
            ways = [
                [condition for condition in way if holds(condition) is None]
                for way in ways
                if not any(holds(condition) is False for condition in way)
            ] or [[NEVER]]
            if [] in ways:
                ways = [[]]
            own = axis.own_conditions
            ways = [[*{str(one): one for one in (*way, *own)}.values()] for way in ways]
            found.append((index if len(self.axes) > 1 else None, ways))
        return found

    @property
    def searched(self) -> dict[str, str]:
        """The box in words."""
        searched = [axis.searched() for axis in self.axes]
        if all(part == searched[0] for part in searched):
            return searched[0]
        return {name: " x ".join(part[name] for part in searched) for name in searched[0]}

    @property
    def holds_for(self) -> SizeSet | None:
        """The inputs that all pairs are asked about, or None for a question in numbers."""
        return reduce(and_, self.asked_for) if self.asked_for else None

    @property
    def asked_for(self) -> list[SizeSet]:
        """The inputs that each pair is asked about, once each."""
        asks = (ask for axis in self.axes for ask in axis.asks if isinstance(ask, SizeEquation))
        return [*dict.fromkeys(ask.asked for ask in asks)]

    @cached_property
    def reason(self) -> str | None:
        """Why there is no solution, or None where there is one.

        >>> from solver import Conv, solve
        >>> solve(Conv, "n", "2n").reason
        'no convolution multiplies its input for every n: use deconv'
        """
        from solver.inverse.reason import why_none

        for index, (axis, part) in enumerate(zip(self.axes, self._counts, strict=True)):
            if part == 0:
                where = f"axis {index}: " if len(self.axes) > 1 else ""
                words = axis.question.demanded
                without = counted(axis.problem._replace(demands=None)) if words else 0
                if without:
                    return f"{where}of {without:,} that give the sizes none is left: {words}"
                if axis.word == "same" == word_of(self.question):
                    rule = "padding 'same' needs stride 1 and keeps every size"
                    return f"{where}{rule}: padding 'half' or --framework keras frees it"
                if axis.word:  # what stands in the way of other padding is not asked
                    return f"{where}no layer of the box with padding {axis.word!r} does it"
                return where + why_none(axis)
        return None

    @cached_property
    def single_changes(self) -> list[SingleChange]:
        """Where a box of one layer has no solution, each change of one hyperparameter that has.

        >>> from solver import MaxPool, solve
        >>> found = solve(MaxPool, 100, 49, kernel_size=2, stride=2, padding=0).single_changes
        >>> list(map(str, found))
        ['kernel_size 3..4', 'dilation 2..3']
        """
        if self or self.question.demanded:
            return []
        from solver.inverse.single import singles  # most boxes have a solution

        return singles(self.axes)

    @property
    def derivation(self) -> list[Step]:
        """The derivation of the family, or of the contradiction, step by step."""
        from solver.inverse.derivation import derivation

        return derivation(self.axes)

    def explain(self, form: str = "text") -> str:
        """The derivation a person would write, as text, markdown or latex (align).

        >>> from solver import Conv, solve
        >>> print(solve(Conv, 224, 112, kernel_size=7, stride=2).explain().splitlines()[-2])
          p = 3
        """
        return shown(self, "derivation", form)

    @property
    def proof(self) -> list[str]:
        """The derivation as lines of text."""
        return self.explain().splitlines()

    def notes(self, layer: Layer) -> list[str]:
        """What is good about a layer of this set and what to beware of."""
        rows = to_rows(layer, self.question, self.axes)
        return self._answer(rows).notes if rows else []

    # How it is made

    @cached_property
    def _rankings(self) -> list[Ranking]:
        return [axis.ranking for axis in self.axes]

    def _ranked(self, few: int = FEW) -> Iterator[tuple[Row, ...]]:
        """Yield the rows, best first; few: how many are wanted before the whole is worth a sort."""
        if self.sort == "cost":
            return self._by_cost()
        if len(self.axes) > 1:
            return self._product()
        return zip(self._ranked_axis(0, few), strict=False)

    def _ranked_axis(self, index: int, few: int = FEW) -> Iterator[Row]:
        problem, ranking = self.axes[index].problem, self._rankings[index]
        small = is_small(problem, lambda _: self._counts[index])
        if few > MANY and 4 * few > (self._counts[index] or 0):
            few = 0  # sorting them all is faster
        if self.sort and self.sort != "cost":
            return by_hyperparameter(problem, self.sort, small, ranking)
        return best_first(problem, small, partial(by_ranking, ranking, few))

    def _product(self) -> Iterator[tuple[Row, ...]]:
        """Yield the combinations of the axes' answers by the sum of their ranks."""
        self.count  # noqa: B018 - raises where an axis cannot be counted
        counts = [part for part in self._counts if part is not None]
        return by_rank([self._ranked_axis(i) for i in range(len(self.axes))], counts)

    def _by_cost(self) -> Iterator[tuple[Row, ...]]:
        axes = self.axes
        ranked = self._product() if len(axes) > 1 else ((row,) for row in self._ranked_axis(0))
        return iter(cheapest_first(ranked, self.count, self.question, axes))

    def _answer(self, rows: tuple[Row, ...]) -> Answer:
        question = self.question
        valid, notes, asked = self._of_axis(0, rows[0]) if len(rows) == 1 else self._of_axes(rows)
        layer, written, more = in_framework(question, rows, valid)
        uneven = any(isinstance(row[2], tuple) for row in rows)
        word = word_of(question) if uneven else ""
        return Answer(
            values(question.operation, rows),
            layer or code(question.operation, rows, question.ceil_mode, word),
            valid,
            [*notes, *more] if more else notes,
            asked,
            written,
        )

    def _of_axis(self, axis: int, row: Row) -> tuple[Any, list[str], Any]:
        """The smallest input that a row takes, its notes, and the input that was asked for."""
        return self.axes[axis].valid_from(row), self._rankings[axis].notes(row), row[5]

    def _of_axes(self, rows: tuple[Row, ...]) -> tuple[Any, list[str], Any]:
        """The same of a row for each axis."""
        valid, notes, asked = zip(*map(self._of_axis, count_up(), rows), strict=True)
        said = [f"axis {axis}: {note}" for axis, each in enumerate(notes) for note in each]
        return [*valid], said, None if asked[0] is None else [*asked]

    # As a value

    def __repr__(self) -> str:
        """Return code that asks the same question.

        >>> from solver import Conv, solve
        >>> solve(Conv, (224, 320), (112, 160), kernel_size=[3, 5], per_axis=True)
        solve('conv', '224x320', '112x160', kernel_size='3,5', per_axis=True)
        """
        return asked_again(self.question, self.sort)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Solutions)
            and self.question == other.question
            and self.sort == other.sort
        )

    def __hash__(self) -> int:
        return hash((self.question, self.sort))

    def __reduce__(self) -> tuple[type[Solutions], tuple[Question, str]]:
        return Solutions, (self.question, self.sort)
