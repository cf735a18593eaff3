"""Write down why an answer is right, so that `solver.checker` can check it without trusting us.

A claim about n: its text, a start and a period, the sides at each asked n up to the end of one
period from the start on, and what the sides gain over it. A solution set: the same for input and
output, the interval for Z at each stride, and how many layers of the box lie in it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from solver.checker import MOST, Refused, cost
from solver.checker.claims import rows
from solver.errors import LimitError, SolverError
from solver.frameworks.limits import Limits
from solver.inverse.axis import Axis
from solver.inverse.counting import count
from solver.inverse.question import Ask, Numbers, SizeEquation
from solver.inverse.region import Region, for_sizes, forced_stride, tail_bounds
from solver.inverse.solutions import Solutions
from solver.proof.claim import Claim
from solver.proof.every import Decision, decide
from solver.proof.numbers import sides_at
from solver.proof.verdict import Verdict
from solver.sizes.target import read_condition
from solver.sizes.text import text

if TYPE_CHECKING:
    from solver.inverse.letters.recipes import Recipes

_MOST_STRIDES = 2_000


def certificate(answer: Verdict | Solutions | Recipes) -> dict[str, Any]:
    """The certificate of a verdict or of a solution set, as plain data.

    Raises SolverError where there is none, and LimitError where it would be too long to check.

    >>> from solver import prove
    >>> certificate(prove("conv(n, k=2, s=2) == n/2"))["table"]
    [[2, 1, 1], [4, 2, 2]]
    """
    if not isinstance(answer, (Verdict, Solutions)):
        rule = "a certificate is for numbers, and for claims on n alone"
        raise LimitError(rule, answer.asked, "--smtlib")
    if isinstance(answer, Solutions) and (words := answer.question.demanded):
        raise LimitError("a certificate is of sizes alone", words, "the question without it")
    if isinstance(answer, Solutions) and answer.axes[0].limits != Limits():
        framework = answer.question.framework
        raise SolverError("a certificate is for PyTorch's rules", framework, "--framework torch")
    if isinstance(answer, Solutions) and (word := answer.axes[0].word):
        raise LimitError("a certificate is for padding in numbers", word, "-p 0..5")
    found = _claim(answer) if isinstance(answer, Verdict) else _solutions(answer)
    _short_enough(lambda: cost(found))
    return found


def _short_enough(steps: Callable[[], int]) -> None:
    """Raise LimitError where the checker would not go through."""
    try:
        taken = steps()
    except Refused as fault:
        raise LimitError("a certificate holds what its checker reads", right=str(fault)) from None
    if taken > MOST:
        raise LimitError(
            f"a certificate takes at most {MOST:,} steps to check",
            received=f"{taken:,} steps",
            right="shorter periods, or a smaller box",
        )


def _claim(verdict: Verdict) -> dict[str, Any]:
    decision = verdict.decision
    if decision is None:
        raise SolverError(
            "a certificate is for a claim about n alone",
            received=str(verdict.claim),
            right="numbers for the other letters, or --smtlib",
        )
    claim, fails = verdict.claim.of_n(), verdict.counterexample
    return {
        "schema": 1,
        "certificate": "claim",
        "claim": text(claim.statement),
        "where": "" if claim.where is None else text(claim.where),
        **_followed(claim, decision),
        "verdict": "proved" if verdict.proved else "refuted",
        "counterexample": None if fails is None else next(iter(fails.values()), 1),
    }


def _followed(claim: Claim, decision: Decision) -> dict[str, Any]:
    """The sides of a claim to the end of one period, and what they gain over it."""
    start, period = decision.settled, decision.period
    end = {"start": start, "period": period}
    _short_enough(lambda: rows(end, text(claim.statement)))
    asked = [n for n in range(1, start + period) if decision.asked(n)]
    gains = {tuple(_gains(claim, n, period)) for n in asked if n >= start}
    return {
        "start": start,
        "period": period,
        "gains": sorted(map(list, gains), key=repr),
        "table": [[n, *map(_plain, _sides(claim, n))] for n in asked],
    }


def _sides(claim: Claim, n: int) -> list[Fraction]:
    return [side for pair in sides_at(claim, {"n": n}) for side in pair]


def _gains(claim: Claim, n: int, period: int) -> list[int | str]:
    before, after = _sides(claim, n), _sides(claim, n + period)
    return [_plain(y - x) for x, y in zip(before, after, strict=True)]


def _plain(value: Fraction) -> int | str:
    """Write a whole number as one, a fraction as text."""
    return int(value) if value.denominator == 1 else str(value)


def _solutions(solutions: Solutions) -> dict[str, Any]:
    question = solutions.question
    axes = [_axis(axis) for axis in solutions.axes]
    return {
        "schema": 1,
        "certificate": "solutions",
        "op": question.operation.name,
        "ceil_mode": question.ceil_mode,
        "axes": axes,
        "count": int(solutions.count),
    }


def _axis(axis: Axis) -> dict[str, Any]:
    problem = axis.problem
    if problem.free is not None or problem.inside or problem.others:
        raise SolverError(
            "a certificate is for known inputs, residue classes of n, and pooling in one or two "
            "axes",
            right="a solution set without an unknown input and without single sizes in --where",
        )
    strides = problem.box.stride.size()
    if strides > _MOST_STRIDES:
        raise LimitError(
            f"a certificate goes through at most {_MOST_STRIDES:,} strides",
            received=f"{strides:,} strides",
            right="a smaller box",
        )
    asks = [_ask(ask, axis.question.where) for ask in axis.asks]
    rows = [row for s in problem.box.stride if (row := _stride(axis, s))]
    return {
        "box": {
            "kernel_size": str(problem.box.kernel_size),
            "stride": str(problem.box.stride),
            "padding": str(problem.box.padding),
            "padding_end": problem.box.end and str(problem.box.end),
            "dilation": str(problem.box.dilation),
            "output_padding": str(problem.box.output_padding),
        },
        "asks": asks,
        "strides": rows,
        "count": sum(row[-1] for row in rows),
    }


def _stride(axis: Axis, s: int) -> list[int] | None:
    """Return [stride, low, high, layers], or None where a target forces another stride."""
    transposed = axis.operation.transposed
    bounds = []
    for ask in axis.asks:
        if isinstance(ask, Numbers):
            bounds.append(for_sizes(transposed, *ask).at(s))
        elif isinstance(ask, SizeEquation):
            above, below = forced_stride(transposed, ask.size, ask.target)
            if above != s * below or below <= 0:
                return None
            bounds.append(tail_bounds(transposed, s, *ask))
    low, high = max(low for low, _ in bounds), min(high for _, high in bounds)
    region = Region(((0, low),), ((0, high),), s, s)
    return [s, low, high, count(axis.problem._replace(region=region, others=()))]


def _ask(ask: Ask, where: str) -> dict[str, Any]:
    if isinstance(ask, Numbers):
        return {"input": ask.input, "output": [ask.smallest, ask.largest]}
    assert isinstance(ask, SizeEquation)
    size, target, asked = ask
    if asked.finite or asked.apart:
        raise SolverError(
            "a certificate is for residue classes of n",
            received=str(asked),
            right="--where n % 2 == 0",
        )
    # where input and output are whole and the input is one, as a claim says it
    x, y = size.expression, target.expression
    said = read_condition(where) if where else None
    claim = Claim(x.equals(y), x >= 1 if said is None else said & (x >= 1))
    return {
        "input": text(x),
        "output": text(y),
        "where": "" if said is None else text(said),
        **_followed(claim, decide(claim)),
    }
