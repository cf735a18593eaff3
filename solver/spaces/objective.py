"""What "best" means: sums over the layers, in order of importance, small or large wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import lcm
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.sizes.domain import whole_number
from solver.spaces.bits import Bits
from solver.spaces.goal import Goals
from solver.spaces.limits import COSTS, JUMPS, KEPT, PLACED
from solver.spaces.node import Node
from solver.spaces.option import AT_A_SIZE, Price
from solver.spaces.states import Bundle
from solver.spaces.steps import Steps

#: A cost of one's own: (layer, size before, size after) to a whole number of at least 0.
Function = Callable[[Any, Any, Any], int]
By = str | Function | Sequence["str | Function"]

Vector = tuple[int, ...]

_SPAN = -1
_WEIGHED = re.compile(r"[^a-z_]", re.IGNORECASE)
_FIELDS = {
    "receptive_field": _SPAN,
    "parameters": Price._fields.index("parameters"),
    "depth": Price._fields.index("depth"),
}


class Criterion(NamedTuple):
    """Hold one cost: the name of a sum, or a function of a layer; sign -1 where much is wanted.

    terms: sums with their weights, one of them unless costs are weighed against each other.
    """

    name: str
    sign: int
    function: Function | None = None
    terms: tuple[tuple[str, int], ...] = ()

    @property
    def names(self) -> set[str]:
        """The sums in it."""
        return {name for name, _ in self.terms}

    @property
    def jumpy(self) -> bool:
        """Tell whether it depends on jumps in another way than a receptive field alone."""
        return bool(self.names & (JUMPS | PLACED.keys())) and self.name != "receptive_field"


def read_costs(by: By, goals: Goals) -> tuple[Criterion, ...]:
    """Read costs in order of importance; "-receptive_field" wants it large.

    >>> [cost.name for cost in read_costs(["parameters", "-receptive_field"], Goals((), (), ()))]
    ['parameters', 'receptive_field']
    >>> read_costs("depth + 2*parameters", Goals((), (), ()))[0].terms
    (('depth', 1), ('parameters', 2))
    """
    if isinstance(by, str):
        words: Sequence[Any] = [word.strip() for word in by.split(",")]
    else:
        words = [by] if callable(by) else by
        if not isinstance(words, (list, tuple)):
            raise SolverError("best by what?", received=repr(by)[:60], right=", ".join(COSTS))
    found = []
    for word in words:
        if callable(word):
            found.append(Criterion(getattr(word, "__name__", "cost"), 1, word))
            continue
        name = str(word).replace("-", "_")
        sign = -1 if name.startswith("_") else 1
        name = name.removeprefix("_")
        terms: tuple[tuple[str, int], ...] = ((name, sign),)
        if _WEIGHED.search(name):
            from solver.spaces.weighted import weights  # only where costs are weighed

            name, sign, terms = str(word), 1, tuple(weights(str(word), COSTS).items())
        elif name not in COSTS:
            from difflib import get_close_matches  # only for this message

            near = get_close_matches(name, COSTS, 1) or COSTS
            raise SolverError("unknown cost", received=str(word)[:60], right=", ".join(near))
        found.append(Criterion(name, sign, None, terms))
        measured = [each for each in (*AT_A_SIZE, "memory") if each in found[-1].names]
        if measured and not goals.at:
            rule = f"{measured[0]} are measured at a size, and the input is n"
            raise SolverError(rule, right="at = 224")
    if not found:
        raise SolverError("best by what?", right=", ".join(COSTS))
    return tuple(found)


def depth_first(costs: Sequence[Criterion]) -> bool:
    """Tell whether the depth decides first, and the receptive field next."""
    return [cost.name for cost in costs[:2]] == ["depth", "receptive_field"]


class Objective:
    """Price steps and whole designs.

    The receptive field is a sum, unless nodes know what they read: then it is known at the end.
    """

    def __init__(self, steps: Steps, costs: Sequence[Criterion]) -> None:
        self.steps = steps
        self.costs = tuple(costs)
        self.own = any(cost.function for cost in costs)
        # what an output reads is known at the end only, where nodes know it
        known = {"receptive_field"} if steps.late else set()
        known |= set(KEPT)
        terms = [self._weighed(cost) for cost in costs]
        self._ends = [[term for term in each if term[0] in known] for each in terms]
        self._steps = [[term for term in each if term[0] not in known] for each in terms]
        early = [cost.name == "receptive_field" and not steps.late for cost in costs]
        #: Costs depend on jumps in another way than a receptive field does.
        crossed = steps.shares > 1 and any(cost.names & JUMPS for cost in costs)
        self.jumpy = crossed or any(cost.jumpy for cost in costs)
        #: No cost depends on a size.
        self.sizeless = all(len(c.terms) == 1 and c.name not in AT_A_SIZE for c in costs)
        self.sizeless = self.sizeless and not self.jumpy
        self.sizeless = self.sizeless and not any(cost.names & set(KEPT) for cost in costs)
        # Then each is a field of the price, or the span in jumps, or known at the end only.
        self._fields: list[tuple[int, int]] | None = None
        if self.sizeless:
            self._fields = [
                (0 if late else cost.sign, _FIELDS[cost.name])
                for cost, late in zip(self.costs, self._ends, strict=True)
            ]
        #: Which cost is the receptive field, as a sum.
        self.reading = early.index(True) if any(early) and not crossed else None
        self._known: dict[Price, Vector] = {}
        #: No cost depends on a size or a jump: a layer costs the same wherever it stands.
        self.flat = self.sizeless and not any(early)
        #: What a design without layers costs: an element reads itself, and is its own neighbour.
        self.start: Vector = tuple(
            sum(weight * steps.shares for name, weight in each if name in JUMPS)
            for each in self._steps
        )
        # what is followed on the way: what it comes to at least, or where much is wanted at most
        self._followed = [
            [(name, weight) for name, weight in terms if self._follows(name, weight)]
            for terms in self._ends
        ]
        if any(self._followed) and (root := steps.root) is not None:
            self.start = add(self.start, self._promised(root))

    def _follows(self, name: str, weight: int) -> bool:
        if name == "memory":
            return weight > 0
        return name in KEPT and not self.steps.spanned

    def _promised(self, node: Node) -> Vector:
        """What is known at a node of costs that are followed."""
        paid = self.steps.paid
        return tuple(
            sum(weight * paid(node, name, weight > 0) for name, weight in terms)
            for terms in self._followed
        )

    def _weighed(self, cost: Criterion) -> list[tuple[str, int]]:
        """Terms so that what is a sum over the axes counts as much as the mean of them.

        Where jumps are fractions, so often that they are whole numbers.
        """
        shares = self.steps.shares
        times = shares if cost.names & JUMPS else 1
        if self.steps.transposed and cost.names & {"total_stride", "jump"}:
            if shares > 1:
                rule = "a total stride is a cost where layers are transposed only if axes are alike"
                raise LimitError(rule, cost.name, "another cost")
            times = lcm(*(jump.denominator for _, jump in self.steps.stages))
        return [
            (name, weight * times // (shares if name in JUMPS else 1))
            for name, weight in cost.terms
        ]

    def price(self, node: Node, bundle: Bundle, child: Node) -> Vector:
        """What a step adds to each cost."""
        jump = node[1]
        if self._fields is not None:
            price = bundle.price
            known = self._known.get(price) if self.flat else None
            if known is not None:
                return known
            values: Any = price
            known = tuple(
                [
                    sign * (int(bundle.span * jump) if field == _SPAN else values[field])
                    for sign, field in self._fields
                ]
            )
            if self.flat:
                self._known[price] = known
            return known
        steps = self.steps
        before, after = steps.sizes(node), steps.sizes(child)
        volumes = steps.volumes(before, after)
        found = []
        for cost, terms in zip(self.costs, self._steps, strict=True):
            if cost.function is not None:
                state = steps.stages[node[0]][0]
                found.append(self._called(cost.function, state, bundle, before, after))
                continue
            amount = 0
            for name, weight in terms:
                if name in ("total_stride", "jump"):
                    amount += int(weight * steps.grown(jump, child[1]))
                else:
                    amount += weight * steps.amount(name, bundle, jump, volumes)
            found.append(amount)
        if any(self._followed):
            then, now = self._promised(child), self._promised(node)
            return tuple(a + b - c for a, b, c in zip(found, then, now, strict=True))
        return tuple(found)

    def _called(
        self, function: Function, state: int, bundle: Bundle, before: Vector, after: Vector
    ) -> int:
        at = self.steps.goals.at
        option, name = bundle.options[0], "a cost for each layer"
        if bundle.price.own:
            given = [before[i] for i in at]
            found = 0
            for (layer, *maps), times in bundle.price.own:
                ends = [tuple(int(size(n)) for n in given) for size in maps]
                found += times * whole_number(function(layer, *ends), name, 0)
            return found
        ends = [tuple(sizes[i] for i in at) for sizes in (before, after)]
        layers = self.steps.automaton.states[state].options[option].layers
        pairs = zip(layers, (ends, ends[::-1]), strict=False)
        return sum(whole_number(function(layer, *pair), name, 0) for layer, pair in pairs)

    def end(self, node: Node) -> Vector:
        """What is added where a design ends."""
        found = tuple(
            sum(weight * self._known_at(node, name) for name, weight in terms)
            for terms in self._ends
        )
        if not any(self._followed):
            return found
        return tuple(map(int.__sub__, found, self._promised(node)))

    def _known_at(self, node: Node, name: str) -> int:
        steps = self.steps
        extras = steps.extras(node)
        if name in KEPT and (name == "memory" or not steps.spanned):
            return steps.paid(node, name, None)
        read = extras.span if extras else None
        if read is None:
            return 0
        if name == "receptive_field":
            return steps.across(steps.read(read))
        return steps.shapes.waits(read)[name]

    @property
    def wanted_late(self) -> bool:
        """Tell whether much is wanted of what is known at the end only."""
        return any(
            weight < 0 and not self._follows(name, weight)
            for terms in self._ends
            for name, weight in terms
        )

    def split(self, bundles: list[Bundle], every: bool = False) -> list[Bundle]:
        """Return bundles, one for each option where options differ in a cost of one's own."""
        if not (self.own or every):
            return bundles
        return [bundle._replace(options=[i], many=1) for bundle in bundles for i in bundle.options]

    def least(self, number: int, bundle: Bundle, behind: Any, after: Sequence[Bits]) -> Vector:
        """A bound from below on what a step from a stage adds, for any size there.

        behind: the jump behind it.
        """
        steps = self.steps
        stage = steps.stages[number]
        if self.sizeless:
            node = number, stage[1], None
            return self.price(node, bundle, node)
        before, jump = steps.reach.windows[stage], stage[1]
        low, high = (
            steps.volumes(*[tuple(getattr(w, end) for w in side) for side in (before, after)])
            for end in ("low", "high")
        )
        found = []
        for terms in self._steps:
            amount = 0
            for name, weight in terms:
                if name in ("total_stride", "jump"):
                    amount += int(weight * steps.grown(jump, behind))
                else:
                    ends = low if weight > 0 else high
                    amount += weight * steps.amount(name, bundle, jump, ends)
            found.append(amount)
        return tuple(found)


def add(one: Vector, two: Vector) -> Vector:
    """Add vectors.

    >>> add((1, 2), (3, 4))
    (4, 6)
    """
    return tuple(map(int.__add__, one, two))
