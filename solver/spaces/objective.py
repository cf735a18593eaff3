"""What "best" means: sums over the layers, in order of importance, small or large wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.sizes.domain import whole_number
from solver.spaces.automaton import Bundle
from solver.spaces.bits import Bits
from solver.spaces.goal import AT_A_SIZE, SUMS, Goals
from solver.spaces.price import Price
from solver.spaces.steps import Node, Steps

#: A cost of one's own: (layer, size before, size after) to a whole number of at least 0.
Function = Callable[[Any, Any, Any], int]
By = str | Function | Sequence["str | Function"]

Vector = tuple[int, ...]

_SPAN = -1
_FIELDS = {
    "receptive_field": _SPAN,
    "parameters": Price._fields.index("parameters"),
    "depth": Price._fields.index("depth"),
}


class Criterion(NamedTuple):
    """Hold one cost: the name of a sum, or a function of a layer; sign -1 where much is wanted."""

    name: str
    sign: int
    function: Function | None = None


def read_costs(by: By, goals: Goals) -> tuple[Criterion, ...]:
    """Read costs in order of importance; "-receptive_field" wants it large.

    >>> [cost.name for cost in read_costs(["parameters", "-receptive_field"], Goals((), (), ()))]
    ['parameters', 'receptive_field']
    """
    if isinstance(by, str):
        words: Sequence[Any] = [word.strip() for word in by.split(",")]
    else:
        words = [by] if callable(by) else by
        if not isinstance(words, (list, tuple)):
            raise SolverError("best by what?", received=repr(by)[:60], right=", ".join(SUMS))
    found = []
    for word in words:
        if callable(word):
            found.append(Criterion(getattr(word, "__name__", "cost"), 1, word))
            continue
        name = str(word).replace("-", "_")
        sign = -1 if name.startswith("_") else 1
        name = name.removeprefix("_")
        if name not in SUMS:
            from difflib import get_close_matches  # only for this message

            near = get_close_matches(name, SUMS, 1) or SUMS
            raise SolverError("unknown cost", received=str(word)[:60], right=", ".join(near))
        if name in AT_A_SIZE and not goals.at:
            rule = f"{name} are measured at a size, and the input is n"
            raise SolverError(rule, right="at = 224")
        found.append(Criterion(name, sign))
    if not found:
        raise SolverError("best by what?", right=", ".join(SUMS))
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
        self._late = [cost.name == "receptive_field" and steps.spanned for cost in costs]
        early = [c.name == "receptive_field" and not steps.spanned for c in costs]
        #: No cost depends on a size.
        self.sizeless = all(not c.function and c.name not in AT_A_SIZE for c in costs)
        # Then each is a field of the price, or the span in jumps, or known at the end only.
        self._fields: list[tuple[int, int]] | None = None
        if self.sizeless:
            self._fields = [
                (0 if late else cost.sign, _FIELDS[cost.name])
                for cost, late in zip(self.costs, self._late, strict=True)
            ]
        #: Which cost is the receptive field, as a sum.
        self.reading = early.index(True) if any(early) else None
        self._known: dict[Price, Vector] = {}
        #: No cost depends on a size or a jump: a layer costs the same wherever it stands.
        self.flat = self.sizeless and not any(early)
        #: What a design without layers costs: an element reads itself.
        self.start: Vector = tuple(c.sign * e for c, e in zip(self.costs, early, strict=True))

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
        for (name, sign, function), late in zip(self.costs, self._late, strict=True):
            if late:
                amount = 0
            elif function is not None:
                state = steps.stages[node[0]][0]
                amount = self._called(function, state, bundle.options[0], before, after)
            else:
                amount = steps.amount(name, bundle, jump, volumes)
            found.append(sign * amount)
        return tuple(found)

    def _called(
        self, function: Function, state: int, option: int, before: Vector, after: Vector
    ) -> int:
        at = self.steps.goals.at
        ends = [tuple(sizes[i] for i in at) for sizes in (before, after)]
        layers = self.steps.automaton.states[state].options[option].layers
        pairs = zip(layers, (ends, ends[::-1]), strict=False)
        name = "a cost for each layer"
        return sum(whole_number(function(layer, *pair), name, 0) for layer, pair in pairs)

    def end(self, node: Node) -> Vector:
        """What is added where a design ends."""
        extras = self.steps.extras(node)
        read = extras.span if extras else None
        length = 0 if read is None else self.steps.shapes.length(read)
        return tuple(c.sign * length * late for c, late in zip(self.costs, self._late, strict=True))

    def split(self, bundles: list[Bundle], every: bool = False) -> list[Bundle]:
        """Return bundles, one for each option where options differ in a cost of one's own."""
        if not (self.own or every):
            return bundles
        return [bundle._replace(options=[i], many=1) for bundle in bundles for i in bundle.options]

    def least(self, number: int, bundle: Bundle, after: Sequence[Bits]) -> Vector:
        """A bound from below on what a step from a stage adds, for any size there."""
        steps = self.steps
        stage = steps.stages[number]
        if self.sizeless:
            node = number, stage[1], None
            return self.price(node, bundle, node)
        before, jump = steps.reach.windows[stage], stage[1]
        found = []
        for (name, sign, function), late in zip(self.costs, self._late, strict=True):
            if late or function is not None:
                found.append(0)
                continue
            ends = [tuple(w.low if sign > 0 else w.high for w in side) for side in (before, after)]
            found.append(sign * steps.amount(name, bundle, jump, steps.volumes(*ends)))
        return tuple(found)


def add(one: Vector, two: Vector) -> Vector:
    """Add vectors.

    >>> add((1, 2), (3, 4))
    (4, 6)
    """
    return tuple(map(int.__add__, one, two))
