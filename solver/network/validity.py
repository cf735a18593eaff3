"""The inputs a network accepts, exactly and for every n, and which place demands what.

Every demand is a size set of its letter: what remains is their intersection. Most demands are only
a smallest size; of those the largest says it all.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import NamedTuple

from solver.errors import LimitError, SolverError
from solver.network.demand import Demand
from solver.network.dim import Dim
from solver.network.graph import Network
from solver.sizeset import Condition, SizeSet

#: Inputs that are tried one by one, where sizes of 1 may be repeated to meet others.
MOST_REPEATED = 4096


class Reason(NamedTuple):
    """Hold a demand that cannot be left out, and the condition on n that it is."""

    demand: Demand
    condition: Condition

    @property
    def inputs(self) -> Condition:
        """Return the sizes it leaves on its own; where they are too many classes, the condition."""
        try:
            return SizeSet.common([self.condition])
        except LimitError:
            return self.condition


class Valid:
    """Hold the inputs a network accepts, and the demands they follow from.

    inputs: all of them. repeated: those that run only because a size of 1 is repeated to meet a
    larger one. plain: the others.
    """

    def __init__(self, asked: Iterable[Reason] = (), repeated: Iterable[int] = ()) -> None:
        self._asked = tuple(asked)
        self.plain = _common(self._asked)
        self.repeated = SizeSet.of([n for n in repeated if n not in self.plain])
        self.inputs = self.plain | self.repeated if self.repeated else self.plain

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Return as few demands as say it all; of those that follow from others the first stay."""
        kept = list(self._asked)
        for reason in reversed(self._asked):
            others = [other for other in kept if other is not reason]
            with suppress(LimitError):  # without it too many classes are left
                if _common(others) == self.plain:
                    kept = others
        return tuple(kept)

    def nearest(self, n: int) -> tuple[int | None, int | None]:
        """Return the largest valid size that is at most n, and the smallest that is at least n.

        >>> from solver import MaxPool
        >>> from solver.network import trace
        >>> valid(trace(MaxPool(2)), exact=True).nearest(7)
        (6, 8)
        """
        return self.plain.last(n), self.plain.first(n)


def valid(
    network: Network,
    letter: str | None = None,
    exact: bool = False,
    given: Mapping[str, int] | None = None,
) -> Valid:
    """Return the inputs at which a network runs.

    letter: of one axis; without it for inputs with all axes alike. given: sizes of the other axes;
    without them what ties axes together is left out of one axis. exact: only those at which
    poolings drop nothing and crops are alike at both ends. Raises LimitError where a condition
    repeats too late to be held.

    >>> from solver import Conv, ConvTranspose, MaxPool
    >>> from solver.network import concat, flatten, linear, trace
    >>> def net(x):
    ...     return concat(x, ConvTranspose(2, 2)(MaxPool(2)(x)))
    >>> print(valid(trace(net)).inputs)
    even n
    >>> flat = trace(lambda x: linear(flatten(x), 10, of=60))
    >>> print(valid(flat, "h", given={"w": 12}).inputs)
    n in {5}
    """
    if letter is not None and letter not in network.letters:
        raise SolverError("no input has this letter", letter, ", ".join(network.letters))
    least, smallest, last = 1, None, 0
    found: dict[Hashable, Demand] = {}  # those of the same maps are one
    walk = network.at(given) if given else network.walk
    for demand in walk.demands:
        if demand.wish and not exact:
            continue
        if demand.minimum is not None:
            name, size = demand.minimum
            if size > least and letter in (None, name):
                least, smallest = size, demand
        elif letter is None or demand.letters == {letter}:
            one, other = demand.maps
            known = one is not None and other is not None
            key = (demand.relation, one, other) if known else demand
            found.setdefault(key, demand)
            last = max(last, demand.repeats_until())
    reasons = [Reason(demand, demand.condition()) for demand in found.values()]
    if smallest is not None:
        reasons.append(Reason(smallest, SizeSet(minimum=least)))
    letters = network.letters if letter is None else (letter,)
    small = range(1, min(last, MOST_REPEATED) + 1)
    tried = ({**dict.fromkeys(letters, n), **(given or {})} for n in small)
    repeated = (n for n, sizes in zip(small, tried, strict=True) if network.runs(sizes, exact))
    return Valid(reasons, repeated)


def _common(reasons: Iterable[Reason]) -> SizeSet:
    return SizeSet.common(reason.condition for reason in reasons)


def inputs_for(network: Network, at: int, size: int) -> SizeSet:
    """Return the inputs, all axes alike, for which every size of a node is `size`, and it runs.

    >>> from solver import Conv
    >>> from solver.network import trace
    >>> net = trace(Conv(7, stride=2, padding=3))
    >>> print(inputs_for(net, net.outputs[0], 112))
    n in {223, 224}
    """
    shape = network.walk.shapes[at]
    if shape is None or len(shape) < 3:
        label = network.nodes[at].label
        raise SolverError("this node has no sizes", label, "a node before it is flattened")
    found = valid(network)
    wanted = [Demand(at, "", dim, Dim(size)).inputs() for dim in shape[2:]]
    always = SizeSet.common([found.plain, *wanted])
    shapes = ((n, network.at(n).shapes[at]) for n in found.repeated)
    return always | SizeSet.of(
        n for n, one in shapes if one and all(dim.number == size for dim in one[2:])
    )
