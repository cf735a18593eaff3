"""The inputs a network accepts, exactly and for every n, and which place demands what.

Every demand is a size set of its letter: what remains is their intersection. Most demands are only
a smallest size; of those the largest says it all.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, NamedTuple

from solver.errors import LimitError, SolverError
from solver.network.demand import Demand
from solver.network.dim import Dim
from solver.network.graph import Network, Walker
from solver.sizeset import Condition, SizeSet
from solver.value import Value

#: Steps that are taken to try inputs where sizes of 1 may be repeated to meet others: one for an
#: input that meets a demand, so many for a node that is walked through.
_MOST_STEPS, _STEP = 1 << 21, 16


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


UNTOLD = "a size of 1 may be repeated there, and sizes are computed of others"


class Case(NamedTuple):
    """Hold inputs at which the same sizes of 1 are repeated to meet larger ones.

    network: with the shapes it has there.
    """

    inputs: SizeSet
    network: Network


class Valid(Value):
    """Hold the inputs a network accepts, and the demands they follow from.

    inputs: all of them. repeated: those that run only because a size of 1 is repeated to meet a
    larger one, and cases: what comes out there. plain: the others. untold: inputs that may run, by
    repeating too, of which it is not known.
    """

    def __init__(
        self,
        asked: Iterable[Reason] = (),
        cases: Iterable[Case] = (),
        untold: Iterable[int] = (),
    ) -> None:
        self._asked, self.cases, self.untold = tuple(asked), tuple(cases), SizeSet.of(untold)
        self.plain = _common(self._asked)
        self.repeated = SizeSet.of(n for case in self.cases for n in case.inputs)
        self.inputs = self.plain | self.repeated if self.repeated else self.plain

    def made_of(self) -> tuple[Any, ...]:
        return self._asked, self.cases, self.untold

    def __repr__(self) -> str:
        return f"Valid({self.inputs})"

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
    least, smallest = 1, None
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
    reasons = [Reason(demand, demand.condition()) for demand in found.values()]
    if smallest is not None:
        reasons.append(Reason(smallest, SizeSet(minimum=least)))
    repeated = SizeSet.of([])
    for demand in found.values():
        repeated |= demand.repeated()
    if repeated:
        repeated -= _common(reasons)
    letters = network.letters if letter is None else (letter,)
    return Valid(reasons, *_cases(network, repeated, letters, given or {}, exact))


def _cases(
    network: Network,
    inputs: SizeSet,
    letters: Sequence[str],
    given: Mapping[str, int],
    exact: bool,
) -> tuple[list[Case], list[int]]:
    """Return what runs of the inputs at which a size of 1 could be repeated, and what is not known.

    Which sizes are repeated at one of them decides the shapes and demands of all that repeat the
    same, so each walk takes a whole class of them away.
    """
    if not inputs.finite:
        raise LimitError("a size of 1 is repeated at inputs without end", str(inputs))
    left, spent = list(inputs), 0
    cases, untold = list[Case](), list[int]()
    while left:
        sizes = {**dict.fromkeys(letters, left[0]), **given}
        walker = Walker(given, sizes)
        try:
            runs, alike = all(walker.take(node) is None for node in network.nodes), left
        except LimitError:
            untold.append(left.pop(0))
            continue
        spent += _STEP * len(walker.nodes)
        for demand in walker.demands:
            if not demand.letters <= sizes.keys() or (demand.wish and not exact):
                continue
            holds = demand.holds(sizes)
            spent += len(alike)
            tried = ((n, {**sizes, **dict.fromkeys(letters, n)}) for n in alike)
            alike = [n for n, at in tried if demand.holds(at) == holds]
            if not holds:
                runs = False
                break
        if spent > _MOST_STEPS:
            rule = "sizes of 1 are repeated in too many ways to be told"
            raise LimitError(rule, f"{inputs}")
        if runs and None in walker.shapes:  # numbers say more
            alike, runs = left[:1], network.runs(sizes, exact)
        if runs:
            lone = len(alike) == 1 and sizes.keys() == set(network.letters)
            there = network.there(sizes) if lone else network.shaped(walker.walk())
            cases.append(Case(SizeSet.of(alike), there))
        gone = set(alike)
        left = [n for n in left if n not in gone]
    return cases, untold


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
    there = (n for n, one in shapes if one and all(dim.number == size for dim in one[2:]))
    inputs = always | SizeSet.of(there)
    if not inputs and found.untold:
        raise LimitError(UNTOLD, f"{found.untold}")
    return inputs
