"""The inputs next to one at which a network runs, or drops nothing, and how padding gets there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from solver.ground.named import NamedTuple
from solver.network.graph.graph import Graph
from solver.network.graph.validity import Valid, claimed


class NearInputs(NamedTuple):
    """Hold the inputs next to one, none larger and none smaller, by letter; None where is none.

    sizes: the input itself, which is both where it is one of them.
    """

    sizes: Mapping[str, int]
    below: Mapping[str, int] | None
    above: Mapping[str, int] | None

    @property
    def here(self) -> bool:
        """Whether the input is one of them itself."""
        return self.sizes in (self.below, self.above)

    @property
    def others(self) -> list[list[int]]:
        """Those that are not the input itself: a size for each letter."""
        found = (each for each in (self.below, self.above) if each is not None)
        return [[*each.values()] for each in found if each != self.sizes]

    @property
    def padding(self) -> list[tuple[int, int]] | None:
        """The elements to add at the beginning and the end of each axis, for the larger one."""
        if self.above is None:
            return None
        totals = (self.above[letter] - size for letter, size in self.sizes.items())
        return [(total // 2, total - total // 2) for total in totals]


def nearest(
    network: Graph,
    sizes: Mapping[str, int] | int | Sequence[int],
    exact: bool = False,
    known: Callable[[str | None, bool], Valid] | None = None,
) -> NearInputs:
    """The inputs next to one at which a network runs, each axis by itself where they differ.

    exact: at which poolings drop nothing and crops are even, too. known: what is claimed of a
    letter, or of all alike, where that is known already.

    >>> from solver import MaxPool, trace
    >>> pool = trace(lambda x: MaxPool(2)(MaxPool(2)(x)))
    >>> found = nearest(pool, (9, 12), exact=True)
    >>> found.others, found.padding
    ([[8, 12], [12, 12]], [(1, 2), (0, 0)])
    >>> nearest(pool, 9).here
    True
    """
    values = network.values(sizes)
    known = known or (lambda letter, exact: claimed(network, letter, exact))
    if len({*values.values()}) <= 1:
        pair = known(None, exact).nearest(next(iter(values.values()), 1))
        below, above = (None if n is None else dict.fromkeys(values, n) for n in pair)
        return NearInputs(values, below, above)
    along = {x: known(x, exact).nearest(n) for x, n in values.items()}
    found = [{x: pair[end] for x, pair in along.items()} for end in (0, 1)]
    whole = ({x: n for x, n in each.items() if n is not None} for each in found)
    held = [x if x.keys() == values.keys() and network.runs(x, exact) else None for x in whole]
    return NearInputs(values, *held)
