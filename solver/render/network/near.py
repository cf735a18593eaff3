"""What is near an input that is asked about, and which sizes of a range run: in words, as data."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from solver.errors import SolverError
from solver.network.graph.dim import Dim
from solver.network.graph.nearest import NearInputs, nearest
from solver.network.graph.summary import joined
from solver.network.graph.validity import Valid, claimed
from solver.render.network.known import Known
from solver.sizes.runs import in_words
from solver.sizes.sizeset import SizeSet

_MOST_RUNS = 60  # of the sizes of a range, in words
_MOST_SIZES = 1_000  # of them, as data


def lines(net: Known) -> Iterator[str]:
    """Yield the inputs next to one that is refused, or drops elements, and how they are reached."""
    told: list[str] = []
    for what, found in (("run", _running(net)), ("drop nothing", _exact(net))):
        if found is None or found.here or not found.others:
            continue
        sizes = " and ".join(joined([*map(Dim, each)]) for each in found.others)
        if found.padding is not None and found.above is not None:
            ends = [f"{begin}:{end}" if end else "0" for begin, end in found.padding]
            padding = ends[0] if len({*found.padding}) == 1 else "x".join(ends)
            sizes += f"; padding {padding} reaches {joined([*map(Dim, found.above.values())])}"
        if sizes not in told:
            told.append(sizes)
            yield f"nearest that {what}: {sizes}"


def range_lines(net: Known) -> Iterator[str]:
    """Yield which sizes of a range run, and which of them drop nothing, with their number."""
    if net.span is None or net.limited:
        return
    first, last = net.span
    shown = list[SizeSet]()
    for what, inputs in (("run", net.valid.something), ("drop nothing", net.exact.something)):
        if inputs not in shown:
            shown.append(inputs)
            runs = (inputs & SizeSet.of(range(first, last + 1))).exception_ranges
            more = ", ..." if len(runs) > _MOST_RUNS else ""
            listed = f": {in_words(runs[:_MOST_RUNS])}{more}" if runs else ""
            yield f"of {first}..{last} {inputs.count(first, last):,} {what}{listed}"


def record(net: Known) -> dict[str, Any]:
    """The inputs next to the one asked about that run, and that drop nothing, with the padding."""
    found: dict[str, Any] = {}
    run, exact = _running(net), _exact(net)
    for name, goal, near in (("", "run", run), ("_exact", "exact", exact)):
        asked = near is not None and not near.here
        others = near.others if near is not None and asked else []
        found[f"nearest{name}"] = [each[0] if len({*each}) == 1 else each for each in others]
        found[f"padding_to_{goal}"] = near.padding if near is not None and asked else None
    return found


def range_record(net: Known, first: int, last: int) -> dict[str, Any]:
    """How many sizes of a range run, and drop nothing, and which: at most so many of each."""
    found: dict[str, Any] = {"first": first, "last": last}
    sets = (("", net.valid.something), ("_exact", net.exact.something))
    for name, inputs in sets:
        here = inputs & SizeSet.of(range(first, last + 1))
        found[f"count{name}"] = here.count(first, last)
        found[f"sizes{name}"] = [*islice(here, _MOST_SIZES)]
    return found


def _running(net: Known) -> NearInputs | None:
    """The inputs next to the one that is refused."""
    return None if net.at is None or net.fault is None else _near(net, exact=False)


def _exact(net: Known) -> NearInputs | None:
    """The inputs next to the one asked about at which nothing is dropped."""
    return None if net.at is None or net.limited else _near(net, exact=True)


def _near(net: Known, exact: bool) -> NearInputs | None:
    def known(letter: str | None, exact: bool) -> Valid:
        if letter is not None:
            return claimed(net.whole, letter, exact)
        return net.exact if exact else net.valid

    try:
        return nearest(net.whole, net.at or {}, exact, known)
    except SolverError:  # it is not known
        return None


def bounds(net: Known) -> dict[str, Any]:
    """The ends of the sizes that are exported."""
    return {} if net.span is None else dict(zip(("least", "most"), net.span, strict=True))
