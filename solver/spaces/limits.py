"""Limits on what designs read and cost: which there are, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

from solver.errors import SolverError
from solver.sizes.domain import whole_number
from solver.spaces.goal import UNBOUNDED, Goals, Interval, read_interval, words
from solver.spaces.option import AT_A_SIZE, Standing
from solver.spaces.states import Bundle

#: The limits, and what each bounds; all but `FLAGS` are intervals.
LIMITS = {
    "receptive_field": "input elements from the first to the last that an output reads, per axis",
    "jump": "input elements between neighbouring elements, after every layer",
    "total_stride": "input elements between neighbouring outputs of the whole design",
    "parameters": "weights and biases",
    "macs": "multiply-accumulates at the first input that is a number",
    "activations": "elements that all layers put out at the first input that is a number",
    "memory": "elements that go into and come out of a layer, of every layer, at that input",
    "depth": "layers",
    "sizes": "every size between the input and the output",
    "latency": "input elements after its own that an output waits for, at most",
    "look_ahead": "input elements beyond its own stride that an output waits for, at most",
    "even_upsampling": "kernels are divisible by the stride where a transposed layer has one",
    "gaps": "false: every element of the input is read, but for less than a stride at its end",
    "causal": "true: no output waits for elements beyond its own stride",
    "centred": "true: outputs stand in the middle of the elements that they stand for",
}
#: What is true or false; only the value here limits anything.
FLAGS = {"even_upsampling": True, "gaps": False, "causal": True, "centred": True}

#: Sums over the layers; limits on them and costs are made of these.
SUMS = ("receptive_field", "parameters", "macs", "activations", "depth")
COSTS = (*SUMS, "total_stride", "jump", "latency", "look_ahead", "memory")
#: Costs that nodes know to the end.
KEPT = ("latency", "look_ahead", "memory")
#: Sums from which no layer takes, and that do not depend on jumps.
AMOUNTS = ("parameters", "macs", "activations", "depth")
#: Costs that grow with jumps.
JUMPS = {"receptive_field", "total_stride", "jump"}

#: Of where outputs stand: how often a layer adds its span, what it pads in front, and its stride
#: less one, in jumps. What is waited for may come before the output's own element: below 0.
PLACED: Mapping[str, tuple[int, int, int]] = {
    "latency": (1, -1, 0),
    "look_ahead": (1, -1, -1),
    "causal": (1, -1, -1),
    "centred": (1, -2, -1),
}

#: What tells blocks apart that do the same to sizes.
TELLING = frozenset((*SUMS, *PLACED, "gaps", "memory"))

#: What is measured in elements of the input, which a rate makes of times.
_TIMES = ("receptive_field", "jump", "total_stride", "latency", "look_ahead")
_TIME = r"\s*(?P<number>\d+(\.\d+)?)?\s*(?P<unit>ms|s)?\s*"
_RIGHT = "25ms, ..25ms, or 10..25ms"


def amount(name: str, bundle: Bundle, jump: Any, volumes: tuple[int, int, Sequence[int]]) -> int:
    """What a layer adds to a sum. volumes: elements per channel before and after it, and sizes."""
    price = bundle.price
    if name == "receptive_field":
        return int(bundle.span * jump)
    if name == "macs":
        found = price.macs_before * volumes[0] + price.macs_after * volumes[1]
        return found + price.inside(name, volumes[2]) if price.within else found
    if name == "activations":
        found = price.activations_before * volumes[0] + price.activations_after * volumes[1]
        return found + price.inside(name, volumes[2]) if price.within else found
    if name in PLACED:
        return waited(name, Standing(bundle.span, price.begin, price.hop), jump)
    if name == "memory":  # the most of all layers, which no layer adds to whatever came before
        return 0
    return price.parameters if name == "parameters" else price.depth


def waited(name: str, along: Standing, jump: Any) -> int:
    """What a layer adds to a sum of where outputs stand."""
    span, begin, hop = PLACED[name]
    return int((span * along.span + begin * along.begin + hop * along.hop) * jump)


def sum_of(name: str, limit: Any) -> Interval:
    """The interval of a limited sum: what is waited for is at least 0, also where a sum is below.

    >>> sum_of("depth", (3, 8)), sum_of("centred", True), sum_of("causal", True)[1]
    ((3, 8), (0, 0), 0)
    """
    if name == "centred":
        return 0, 0
    if name == "memory":
        return -UNBOUNDED, UNBOUNDED
    if name == "causal":
        return -UNBOUNDED, 0
    low, high = limit
    if name not in PLACED:
        return low, high
    # layers may take away again, so no sum is enough before the end
    return low or -UNBOUNDED, UNBOUNDED if high is None else high


def carried_on(
    sums: Sequence[int | None],
    added: Sequence[int],
    limits: Sequence[Interval],
    bounds: Sequence[tuple[int, int]],
) -> tuple[int | None, ...] | None:
    """The sums after a layer, None for each that is safe; no tuple if one is missed.

    bounds: what each still gains, at least and at most.

    >>> carried_on([3], [2], [(9, None)], [(1, 5)]), carried_on([3], [2], [(9, None)], [(4, 5)])
    ((5,), (None,))
    """
    found: list[int | None] = []
    for total, more, (low, high), (least, most) in zip(sums, added, limits, bounds, strict=True):
        if total is None:
            found.append(None)
            continue
        total += more
        if total + most < low or (high is not None and total + least > high):
            return None
        safe = total + least >= low and (high is None or total + most <= high)
        if high is None:
            total = min(total, low)
        found.append(None if safe else total)
    return tuple(found)


def plain(limit: Interval | bool) -> str | bool:
    """A limit as it is read: an interval in words, or true or false."""
    return limit if isinstance(limit, bool) else words(limit)


def read_limits(given: Mapping[str, Any], goals: Goals, rate: int | None = None) -> dict[str, Any]:
    """Read the limits that were given. rate: elements of the input in a second, for times.

    Raises SolverError for what is none or cannot be known.

    >>> read_limits({"receptive_field": "..25ms", "gaps": False}, Goals((), (), ()), 16000)
    {'receptive_field': (0, 400), 'gaps': False}
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name not in LIMITS:
            from difflib import get_close_matches  # only for this message

            near = get_close_matches(name, LIMITS, 1) or LIMITS
            raise SolverError("unknown limit", received=name[:60], right=", ".join(near))
        if value is None:
            continue
        if name in FLAGS:
            if not isinstance(value, bool):
                raise SolverError(f"{name} is true or false", received=repr(value))
            if value == FLAGS[name]:
                found[name] = value
            continue
        timed = isinstance(value, str) and "s" in value and name in _TIMES
        found[name] = _timed(name, value, rate) if timed else read_interval(name, value)
        if name in (*AT_A_SIZE, "memory", "sizes") and not goals.numbers:
            raise SolverError(
                f"{name} are measured at a size, and the input is n", right="at = 224"
            )
        if name == "memory" and found[name][0]:
            raise SolverError("memory has an upper end only", words(found[name]), "..64000")
    return found


def _timed(name: str, text: str, rate: int | None) -> Interval:
    """The elements that come within an interval of times."""
    if rate is None:
        right = "rate = 16000, the elements of the input in a second"
        raise SolverError(f"{name} is a time, so it needs a rate", text=text, at=0, right=right)
    from fractions import Fraction  # only for times

    first, dots, last = text.partition("..")
    ends: list[Fraction | None] = []
    unit = "s"
    for word, at in ((last, len(first) + 2), (first, 0)) if dots else ((first, 0),):
        read = re.fullmatch(_TIME, word)
        if read is None or (read["unit"] and not read["number"]):
            raise SolverError(f"{name} is a time", text=text, at=at, right=_RIGHT)
        unit = read["unit"] or unit
        number = None if read["number"] is None else Fraction(read["number"]) * rate
        ends.insert(0, number and number / (1000 if unit == "ms" else 1))
    low, high = ends[0], ends[-1]
    found = ceil(low or 0), None if high is None else floor(high)
    if (low is None is high) or (found[1] is not None and found[1] < found[0]):
        received = f"{text} at {rate:,} elements a second"
        raise SolverError(f"{name}: no number of elements takes so long", received, _RIGHT)
    return whole_number(found[0], name, 0), found[1]
