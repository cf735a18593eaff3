"""A network filled in: its layers with those that were unknown in green."""

from __future__ import annotations

from solver.errors import SolverError
from solver.network.network import Network
from solver.network.unknowns.filled import Filled
from solver.render.filled import FilledIn
from solver.render.network.known import Known
from solver.render.pictures.network import drawn
from solver.render.pictures.picture import Picture


def draw(found: Filled) -> Picture:
    """The network filled in the best way, at the first input that was asked about, or for every n.

    Raises SolverError where there is no way.

    >>> from solver import Choice, Conv, fill, trace
    >>> net = trace(lambda x: Choice(Conv, "1..5", padding="0..2")(Conv(3)(x)))
    >>> print(fill(net, 8, at=8).draw())
    conv_2: Conv(3, padding=2)
    """
    best = next(iter(found), None)
    if best is None:
        raise SolverError(f"there is no way to be drawn: {found.reason}")
    network = found.network_of(best)
    assert isinstance(network, Network)
    at = network.values(found.at[0]) if found.at else None
    title = FilledIn(found).headline()
    return drawn(Known(network, at), title, fixed=best)
