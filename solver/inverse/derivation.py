"""The derivation of a complete answer, line by line, from the objects that give the answer.

Each line is equivalent to the one before, so the last one, the family, leaves nothing out. Where
nothing works the last lines are the contradiction. Formulas are in the grammar of
`solver.expression` with the long names; between back quotes they also stand in sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import NamedTuple

from solver.errors import LimitError
from solver.inverse.axis import Axis
from solver.inverse.counting import has_solution
from solver.inverse.family import NEVER, Affine, conditions, net_padding_terms, rules
from solver.inverse.problem import Inputs, Problem
from solver.inverse.question import Ask, Every, Numbers
from solver.inverse.reason import why_none
from solver.inverse.window import (
    Window,
    bounds_at,
    for_sizes,
    forced_stride,
    period_of,
    tail_bounds,
)

_MOST_CLASSES = 6  # residues, sizes or strides that are written out
_REACH = 1 << 40  # no sum of hyperparameters of a box that is searched for neighbours is larger


class Step(NamedTuple):
    """Hold words, and after them a chain of sizes and the relations between them."""

    words: str
    terms: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()


def _chain(words: str, *parts: str) -> Step:
    """Make a step of terms and relations in turn."""
    return Step(words, parts[::2], parts[1::2])


def _between(words: str, low: str, size: Affine, high: str) -> Step:
    if low == high:
        return _chain(words, str(size), "==", low)
    return _chain(words, low, "<=", str(size), "<=", high)


def derivation(axes: Sequence[Axis]) -> list[Step]:
    """Return the steps from the question to the family, or to the contradiction, axis by axis."""
    steps: list[Step] = []
    for index, axis in enumerate(axes):
        steps += [Step(f"Axis {index}:")] if len(axes) > 1 else []
        steps += _Derivation(axis).steps()
    return steps


class _Derivation:
    def __init__(self, axis: Axis) -> None:
        self.axis = axis
        self.operation = axis.operation
        self.transposed = axis.operation.transposed

    @cached_property
    def stride(self) -> int | None:
        """Return the stride where it is given, or forced by a target for every n."""
        for ask in self.axis.asks:
            if isinstance(ask, Every) and not ask.asked.finite:
                above, below = forced_stride(self.transposed, ask.size, ask.target)
                if above > 0 and below > 0 and above % below == 0:
                    return above // below
        return self.axis.known.get("stride")

    @cached_property
    def z(self) -> Affine:
        """Return Z, the number through which the hyperparameters act, as in `inverse.window`."""
        return self.net_padding(self.stride)

    def net_padding(self, stride: int | None) -> Affine:
        known = {**self.axis.known, **({"stride": stride} if stride else {})}
        symmetric, ceil_mode = self.axis.box.end is None, self.axis.question.ceil_mode
        return net_padding_terms(self.operation, known, symmetric, ceil_mode)

    def steps(self) -> Iterator[Step]:
        yield from self.formula()
        for ask in self.axis.asks:
            yield from self.ask(ask)
        if not self.axis.windows:
            yield Step(f"No layer does this: {why_none(self.axis)}.")
            return
        yield from self.family()
        if not self.has_answer():
            yield from self.nothing()
        else:
            yield Step(
                "Each line says the same as the one before it, so these are all the layers there "
                f"are, {self.where()}."
            )

    def where(self) -> str:
        if any(isinstance(ask, Every) for ask in self.axis.asks):
            return "at every asked `n` from the first that the kernel fits"
        return "in the searched box and outside of it"

    def has_answer(self) -> bool:
        return any(True for _ in self.axis.problem.rows())

    def output(self, size: Affine) -> Affine:
        """Return the output for an input size."""
        one = Affine({}, 1)
        if self.transposed:
            return self.times_stride(size - one) + one - self.z
        return self.rounded(size - one + self.z) + one

    def rounded(self, inner: Affine) -> Affine:
        """Return floor(inner/stride)."""
        if self.stride is None:
            return Affine({f"floor(({inner})/stride)": 1})
        return inner.over(self.stride, "floor")

    def times_stride(self, size: Affine) -> Affine:
        """Multiply by the stride; a size that is not a number stands in parentheses."""
        if self.stride is not None:
            names = {name: factor * self.stride for name, factor in size.terms.items()}
            return Affine(names, size.constant * self.stride)
        if not size.terms:
            return Affine({"stride": size.constant})
        return Affine({f"({size})*stride": 1})

    def formula(self) -> Iterator[Step]:
        if self.axis.question.ceil_mode:
            yield Step(
                "In ceil mode the windows are counted up, less a last one that would start in the "
                "padding behind the input. The output is"
            )
        else:
            yield Step(f"The output of the {self.operation.title} is")
        given = _Derivation(self.axis)
        given.stride = self.axis.known.get("stride")  # what forces another comes later
        yield _chain("", "o", "==", str(given.output(Affine({"n": 1}))))

    def ask(self, ask: Ask) -> Iterator[Step]:
        if isinstance(ask, Every):
            if ask.asked.finite:
                yield Step(f"Asked for {ask.asked}, as far as the kernel fits:")
                for n in islice(ask.asked, _MOST_CLASSES):
                    size, target = ask.size.at(n), ask.target.at(n)
                    yield from self.numbers(Numbers(size, target, target))
                if len(ask.asked.exceptions) > _MOST_CLASSES:
                    yield Step("and so on for the other sizes.")
            else:
                yield from self.every(ask)
        else:
            yield from self.numbers(ask)

    def numbers(self, ask: Numbers | Inputs) -> Iterator[Step]:
        """Isolate Z, or the input where that is asked for, for one pair of sizes."""
        smallest, largest = str(ask.smallest), str(ask.largest)
        known = isinstance(ask, Numbers)
        size = Affine({}, ask.input) if isinstance(ask, Numbers) else Affine({"n": 1})
        yield Step(f"For the input `{size}`:" if known else "For an input `n`:")
        yield _between("", smallest, self.output(size), largest)
        if self.transposed:
            if isinstance(ask, Numbers):
                yield self.between(for_sizes(True, *ask))
            return
        inner = size + Affine({}, -1) + self.z
        low = self.times_stride(Affine({}, ask.smallest - 1))
        high = self.times_stride(Affine({}, ask.largest)) + Affine({}, -1)
        yield _between("hence", str(low), inner, str(high))
        if isinstance(ask, Numbers) and self.z.terms:
            yield self.between(for_sizes(False, *ask))

    def between(self, window: Window) -> Step:
        """Say what a window of one pair asks of Z."""
        ((a, b),), ((c, d),) = window.lows, window.highs
        low, high = (
            self.times_stride(Affine({}, factor)) + Affine({}, constant)
            for factor, constant in ((a, b), (c, d))
        )
        return _between("hence", str(low), self.z, str(high))

    def every(self, ask: Every) -> Iterator[Step]:
        """Go through one period of the asked sizes."""
        if not ask.asked:
            return
        residues = [*period_of(ask.size, ask.target, ask.asked)]
        period = ask.asked.modulus * len(residues) // len(ask.asked.residues)
        gain_in, gain_out = (
            part.at(residues[0] + period) - part.at(residues[0]) for part in (ask.size, ask.target)
        )
        growth, verb = f"{gain_in}/stride", "divides"
        if self.transposed:
            growth, verb = str(Affine({"stride": gain_in})), "multiplies"
        yield Step(
            f"As `n` grows by {period}, the input `{ask.size}` grows by {gain_in} and the target "
            f"`{ask.target}` by {gain_out}. The {self.operation.title} {verb} growth by its "
            "stride, so"
        )
        yield _chain("", growth, "==", str(gain_out))
        stride = self.stride
        above, below = forced_stride(self.transposed, ask.size, ask.target)
        if stride is None or above != stride * below:
            yield Step("which no whole stride meets.")
            return
        if growth != "stride":
            yield _chain("hence", "stride", "==", str(stride))
        many = f"one period of {period}" if len(residues) > 1 else "one size"
        yield Step(f"With that, what holds for {many} holds for every asked `n`.")
        shown = self.tightest(stride, ask, residues)
        for r in shown:
            yield from self.residue(stride, ask, r, period, gain_in, gain_out)
        if len(shown) < len(residues):
            yield Step(f"The other {len(residues) - len(shown)} classes ask for less.")
        if len(residues) > 1:
            low, high = tail_bounds(self.transposed, stride, ask.size, ask.target, ask.asked)
            if low > high:
                yield _chain("Together", str(low), "<=", str(self.z), "<=", str(high))
                yield Step("which no number meets.")
            else:
                yield _between("Together", str(low), self.z, str(high))

    def tightest(self, stride: int, ask: Every, residues: list[int]) -> list[int]:
        """Return the residues to write out: all of a few, else those with the extreme bounds."""
        if len(residues) <= _MOST_CLASSES:
            return residues
        needs = {
            r: bounds_at(self.transposed, stride, ask.size.at(r), ask.target.at(r))
            for r in residues
        }
        ends = {max(needs, key=lambda r: needs[r][0]), min(needs, key=lambda r: needs[r][1])}
        return sorted(ends)

    def residue(
        self, stride: int, ask: Every, r: int, period: int, gain_in: int, gain_out: int
    ) -> Iterator[Step]:
        """Derive the bounds on Z for n = period*t + r."""
        n, size, target = (
            Affine({"t": gain}, start)
            for gain, start in (
                (period, r),
                (gain_in, ask.size.at(r)),
                (gain_out, ask.target.at(r)),
            )
        )
        yield Step(f"For `n == {n}`:")
        low, high = bounds_at(self.transposed, stride, ask.size.at(r), ask.target.at(r))
        if self.transposed:
            yield _chain("", str(self.output(size)), "==", str(target))
        else:
            rest = self.rounded(Affine({}, size.constant - 1) + self.z)
            parted = Affine({"t": gain_out}) + rest + Affine({}, 1)
            sides = dict.fromkeys(map(str, (self.output(size), parted)))
            yield _chain("", *chain.from_iterable((side, "==") for side in sides), str(target))
            yield _chain("hence", str(rest), "==", str(target.constant - 1))
        yield _between("hence", str(low), self.z, str(high))

    def family(self) -> Iterator[Step]:
        """State the family: one way, or several of which one must hold."""
        axis = self.axis
        free, symmetric = axis.problem.free, axis.box.end is None
        special = axis.question.ceil_mode, axis.problem.largest_kernel
        known = {**axis.known, **({"stride": self.stride} if self.stride else {})}
        own = rules(self.operation, known, symmetric)
        for index, window in enumerate(axis.windows):
            way = conditions(self.operation, window, axis.known, free, symmetric, *special)
            for place, condition in enumerate([] if NEVER in way else way):
                words = "and" if place else "or else" if index else "hence"
                if condition in own:
                    words += ", a rule of the layer itself,"
                relations = (condition.relation,) * (len(condition.terms) - 1)
                yield Step(words, condition.terms, relations)

    def nothing(self) -> Iterator[Step]:
        """Contradict the family inside the box, stride by stride."""
        problem = self.axis.problem
        yield from self.strides(problem)
        yield Step(f"So no layer of the box does it: {why_none(self.axis)}.")

    def strides(self, problem: Problem) -> Iterator[Step]:
        if problem.others or problem.free is not None or problem.ceil_mode or problem.empty:
            return
        least, greatest = problem.net_paddings()
        yield _chain("In the box", str(least), "<=", str(self.z), "<=", str(greatest))
        possible = problem.strides()
        if not possible:
            yield Step("which leaves no stride of the box a common number with the above.")
            return
        for s in islice(possible, _MOST_CLASSES):
            low, high = problem.window.at(s)
            below, above = (
                _neighbour(problem, s, end, step) for end, step in ((low, -1), (high, 1))
            )
            near = " and ".join(f"`{value}`" for value in (below, above) if value is not None)
            if near:
                yield Step(
                    f"At `stride == {s}` it must lie from `{low}` to `{high}`; in the box it comes "
                    f"no nearer than {near}."
                )
        if possible.size() > _MOST_CLASSES:
            yield Step("It is the same at the other strides of the box.")


def _neighbour(problem: Problem, s: int, end: int, step: int) -> int | None:
    """Return the value of Z in the box next to an end of an interval, or None."""

    def reached(distance: int) -> bool:
        first, last = sorted((end, end + step * distance))
        window = Window(((0, first),), ((0, last),), s, s)
        return has_solution(problem._replace(window=window), 1_000)

    try:
        if not reached(_REACH):
            return None
        low, high = 0, _REACH  # not reached at low
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if reached(middle) else (middle, high)
        return end + step * high
    except LimitError:
        return None
