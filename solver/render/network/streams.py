"""How long a stream through a network waits, in words and as data: in samples, and in time."""

from __future__ import annotations

from math import lcm
from typing import Any

from solver.errors import SolverError
from solver.network.fields.streaming import Streaming, streaming
from solver.render.network.known import Known
from solver.sizes.slope import ratio


def lines(net: Known, letter: str) -> list[str]:
    """What a stream along a letter waits for, and what it keeps, a line each."""
    found, rate = _streamed(net, letter), net.rate
    count = found.algorithmic_latency
    samples = f"{count} sample{'s' * (count != 1)}"
    at = "" if rate is None else f" at {rate:,} samples per second"
    return [
        f"stream: {found.outputs} out for every {found.hop} in, algorithmic latency {samples}"
        f"{milliseconds(count, rate)}{at}",
        f"  a block of {found.hop}{milliseconds(found.hop, rate)}, and a look-ahead of "
        f"{found.look_ahead}{milliseconds(found.look_ahead, rate)}",
        f"  unseen when an output's own sample has come: {found.unseen}"
        f"{milliseconds(found.unseen, rate)}",
        f"  context to keep from before a block: {found.context}"
        f"{milliseconds(found.context, rate)}",
    ]


def record(net: Known, letter: str) -> dict[str, Any]:
    """The same as plain data; times are fractions as text."""
    found, rate = _streamed(net, letter), net.rate
    parts = {
        "block": found.hop,
        "look_ahead": found.look_ahead,
        "algorithmic_latency": found.algorithmic_latency,
        "unseen": found.unseen,
        "context": found.context,
    }
    times = rate and {name: str(ratio(1000 * count, rate)) for name, count in parts.items()}
    return {
        "hop": found.hop,
        "outputs": found.outputs,
        "look_ahead": found.look_ahead,
        "latency": found.latency,
        "context": found.context,
        "holds_for": found.holds_for,
        "rate": rate,
        "latency_seconds": rate and str(ratio(found.latency, rate)),
        "algorithmic_latency": found.algorithmic_latency,
        "unseen": found.unseen,
        "milliseconds": times,
    }


def milliseconds(samples: int, rate: int | None) -> str:
    """The time of some samples behind a comma, to a thousandth; nothing without a rate.

    >>> milliseconds(72, 24000), milliseconds(1, 24000), milliseconds(7, None)
    (', 3 ms', ', about 0.042 ms', '')
    """
    if rate is None:
        return ""
    thousandths = (1_000_000 * samples + rate // 2) // rate
    exact = 1_000_000 * samples % rate == 0
    text = f"{thousandths // 1000}.{thousandths % 1000:03}".rstrip("0").rstrip(".")
    return f", {'' if exact else 'about '}{text} ms"


def _streamed(net: Known, letter: str) -> Streaming:
    residue = None
    if not isinstance(net.reads, SolverError) and lcm(1, *net.reads.modulus.values()) > 1:
        residue = net.reads.residue  # the class for which it is told what is read
    network = net.network if residue is None else net.network.ways[0]
    sizes = net.at if net.fault is None else None
    return streaming(network, net.nodes[0], letter, sizes, residue)
