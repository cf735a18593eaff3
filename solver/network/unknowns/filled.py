"""Fill in the unknown layers of a network: all ways, counted, the best first.

One unknown layer is solved for, see `constraint` and `single`; several are walked with, see
`states` and `multiple`. A question for every n goes by size maps of n, one for a number by numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

from solver.errors import LimitError, SolverError
from solver.ground.answers import Answers, Count
from solver.ground.value import Value
from solver.layers.layer import Layer
from solver.network.graph.demand import Demand
from solver.network.graph.graph import Graph
from solver.network.graph.operation import Apply, Around, Shape
from solver.network.graph.validity import valid, where
from solver.network.graph.walk import Node, Walker
from solver.network.unknowns.multiple import Common, Multiple
from solver.network.unknowns.single import Single
from solver.network.unknowns.states import At, Goal, StateWalk, demands_of
from solver.network.unknowns.unknown import UnknownLayer, UnknownPad, Way
from solver.sizes.axes import split_axes
from solver.sizes.sizeset import SizeSet
from solver.sizes.target import read_size, read_where

if TYPE_CHECKING:
    from solver.network.unknowns.demands import Demanded, Demands
    from solver.network.unknowns.lettered import LetteredFilled

Filling = dict[str, Layer]
#: An input, or a list of several at once.
Inputs = At | list[At]

#: How far a size that is possible is looked for around one that is not.
_FURTHEST = 100


class Filled(Answers[Filling], Value):
    """Hold every way to fill in the unknown layers of a network, the best first.

    Ways are mappings from the names of the nodes to layers, in the order of `solve`: of several
    layers what ranks them is summed, but for inputs that are never read. question: what was asked,
    by its parts, in words. Made by `solver.fill`.

    >>> from solver import Choice
    >>> from solver import Conv, trace
    >>> net = trace(lambda x: Choice(Conv, 3, 2, ...)(Conv(7, 2, 3)(x)), axes=1)
    >>> found = fill(net, "ceil(n/4)")
    >>> found.count, found.best()
    (1, [{'conv_2': Conv(3, stride=2, padding=1)}])
    >>> {"conv_2": Conv(3, stride=2, padding=1)} in found, {"conv_2": Conv(3, 2)} in found
    (True, False)
    """

    def __init__(
        self,
        network: Graph,
        goals: Sequence[Goal],
        at: Sequence[At],
        asked: SizeSet,
        question: Mapping[str, Any] | None = None,
        demands: Demands | None = None,
    ) -> None:
        self.network, self.goals, self.at, self.asked = network, tuple(goals), tuple(at), asked
        self.question = {} if question is None else question
        self.demands = demands
        inputs = self.at or (None,)
        singles = [Single.of(network, self.goals, each, asked) for each in inputs]
        ways: Single | Multiple | Common | None = reduce(_both, singles)
        if ways is None:
            each = [Multiple(StateWalk(network, self.goals, at, asked)) for at in inputs]
            ways = each[0] if len(each) == 1 else Common(each)
        self._ways: Single | Multiple | Common | Demanded = ways
        if demands is not None:
            from solver.network.unknowns.demands import Demanded  # few ask what is read

            self._ways = Demanded(ways, demands, self._meets)

    def made_of(self) -> tuple[Any, ...]:
        return self.network, self.goals, self.at, self.asked, self.demands

    def _meets(self, way: Sequence[Way]) -> bool:
        assert self.demands is not None
        return self.demands.met(self.network_of(self._named(way)), self.at, self.asked)

    def __repr__(self) -> str:
        words = {"target": "size", "layer": "node", "input": "at", "inputs": "at"}
        said = {words.get(name, name): value for name, value in self.question.items()}
        said = {name: value for name, value in said.items() if value not in (None, [], "n")}
        given = [f"{name}={value!r}" for name, value in said.items()]
        return f"fill({', '.join([repr(self.network), *given])})"

    @cached_property
    def count(self) -> Count:
        """How many ways there are, exactly.

        Raises LimitError where even counting would take too long; listing still works then.
        """
        return Count(self._ways.count)

    def __bool__(self) -> bool:
        return bool(self._ways)

    @property
    def conditions(self) -> list[str]:
        """What exactly the ways meet; nothing where that is not short.

        Of one unknown layer in the names of its hyperparameters, of several in letters, see
        `letters`.

        >>> from solver import Choice
        >>> from solver import Conv, trace
        >>> net = trace(lambda x: Choice(Conv, range(1, 10**9), ..., range(10**9))(x), axes=1)
        >>> fill(net, "ceil(n/2)").conditions
        ['stride = 2', '2*padding = kernel_size - 1']
        """
        return self._ways.conditions if isinstance(self._ways, Single) else self._family[0]

    @property
    def letters(self) -> dict[str, tuple[str, str]]:
        """The layer and the hyperparameter that each letter of the conditions stands for.

        >>> from solver import Conv, trace
        >>> from solver.network.tensor import pad
        >>> def run(x):
        ...     return Conv(3)(pad(Conv(3)(pad(x, total="0..9")), total="0..9"))
        >>> found = fill(trace(run, axes=1), "n")
        >>> found.conditions, found.letters["p2"]
        (['p1 + p2 = 4'], ('pad_3', 'padding in all'))
        """
        return {} if isinstance(self._ways, Single) else self._family[1]

    @cached_property
    def _family(self) -> tuple[list[str], dict[str, tuple[str, str]]]:
        from solver.network.unknowns.family import family  # one unknown layer needs none

        best = self.best()
        if not best or isinstance(self._ways, Single):
            return [], {}
        return family(self.network_of(best[0]), self.unknown, self._ways)

    @property
    def reason(self) -> str | None:
        """Which node nothing gets past and why, where there is no way."""
        if self:
            return None
        if not isinstance(self._ways, (Single, Multiple, Common)) and (why := self._ways.reason):
            return why
        if self._ways.blocked is None:
            return None
        number, why = self._ways.blocked
        near = ", ".join(map(str, self._nearest())) if isinstance(self._ways, Single) else ""
        node = self.network.nodes[number]
        where = f"{node.name} ({node.where})" if node.where else node.name
        return f"{where}: {why}" + (f"; nearest: {near}" if near else "")

    def _nearest(self) -> list[int]:
        """The sizes nearest to the one that is asked for, where that is one at a number."""
        sizes = [goal for goal in self.goals if goal.size is not None and not goal.along]
        if [*map(type, self.at)] != [int] or len(self.goals) != 1 or not sizes:
            return []
        last, at = sizes[0], self.at[0]
        assert last.size is not None
        assert isinstance(at, int)
        wanted = last.size.at(at)
        found: list[int] = []
        for away in (sign * by for by in range(1, _FURTHEST) for sign in (-1, 1)):
            goal = last._replace(size=read_size(max(wanted + away, 1)))
            if found and abs(away) > abs(found[0] - wanted):
                break
            single = Single.of(self.network, [goal], at, self.asked)
            if wanted + away > 0 and single is not None and single.some():
                found.append(wanted + away)
        return found

    def __iter__(self) -> Iterator[Filling]:
        """Yield the ways, the best first."""
        return map(self._named, self._ways)

    def __contains__(self, way: object) -> bool:
        """Tell whether a way is one: the same question, with nothing left open, has this answer."""
        names = {node.name for node in self.unknown}
        if not isinstance(way, Mapping) or set(way) != names:
            return False
        narrowed = {
            node.name: node.operation.narrowed(way[node.name])
            for node in self.unknown
            if isinstance(node.operation, (UnknownLayer, UnknownPad))
        }
        if None in narrowed.values():
            return False
        network = self._with(narrowed)
        found = Filled(network, self.goals, self.at, self.asked, demands=self.demands)
        return any(way == each for each in found)

    def _named(self, options: Sequence[Way]) -> Filling:
        return {node.name: option.layer for node, option in zip(self.unknown, options, strict=True)}

    @property
    def unknown(self) -> list[Node]:
        """The nodes that are filled in."""
        return [
            n for n in self.network.nodes if isinstance(n.operation, (UnknownLayer, UnknownPad))
        ]

    def inputs(self, way: Mapping[str, Layer]) -> SizeSet:
        """The inputs, all axes alike, at which a way runs; those asked that give the goals.

        Raises LimitError where they repeat too late to be held.

        >>> from solver import Choice
        >>> from solver import trace
        >>> found = fill(trace(lambda x: Choice("conv", 5, 2, 1)(x)), "n/2 - 1")
        >>> print(found.inputs(found[0]))
        even n >= 4
        """
        filled = self.network_of(way)
        if self.at:
            return valid(filled).something

        def asked(_: Graph, shapes: Sequence[Shape | None]) -> Iterator[Demand]:
            for goal in self.goals:
                yield from demands_of(goal, dict(enumerate(shapes)))

        found = where(filled, asked) & self.asked
        if self.demands is not None and self.demands.nothing_unread and not self.asked.finite:
            read = (self.demands.inputs(filled, x, self.asked) for x in filled.letters)
            found &= SizeSet.common(read)
        return found

    def network_of(self, way: Mapping[str, Layer]) -> Graph:
        """The network with the unknown layers filled in."""
        return self._with({name: Apply(layer) for name, layer in way.items()})

    def _with(self, operations: Mapping[str, Any]) -> Graph:
        """The network with other operations at the nodes of these names."""
        walker = Walker()
        for node in self.network.nodes:
            operation = operations.get(node.name, node.operation)
            if isinstance(operation, Around) and (shape := walker.shapes[node.inputs[0]]):
                operation = operation.along(len(shape) - 2)
            walker.take(node._replace(operation=operation))
        return type(self.network).of(walker, self.network.outputs, names=self.network.names)


def fill(
    network: Graph,
    size: str | int | None = None,
    *,
    node: str | None = None,
    meet: Iterable[tuple[str, str]] = (),
    at: Inputs | None = None,
    where: str = "",
    nothing_unread: bool = False,
    causal: bool = False,
) -> Filled | LetteredFilled:
    """Find every way to fill in the unknown layers of a network.

    size: what must come out, a number, one for each axis as "28x40", or an expression in n. node:
    the name of the node that must have this size; the output unless given. meet: names of nodes
    whose sizes must be equal. at: the size of the input, a tuple with one for each axis, or a list
    of several at once; without it for every n, from the smallest on at which every layer fits.
    where: narrows the n. nothing_unread: every element of the input is read by some output. causal:
    no output waits for elements behind its own block, as `streaming` has it. Of a chain whose other
    layers have letters the answer is recipes in these, and size may have letters. Raises LimitError
    for more states than are kept, or more ways than are asked what they read.

    >>> from solver import Conv, trace
    >>> from solver import Choice
    >>> net = trace(lambda x: Choice(Conv, range(1, 6), 2, range(3))(x))
    >>> fill(net, 112, at=224).count, fill(net, "n + 1").count
    (5, 0)
    >>> fill(net, "floor(n/2)", at=[223, 224]).count, fill(net, "112x160", at=(224, 320)).count
    (2, 5)
    >>> frames = trace(lambda x: Choice(Conv, 3, 2, "0..2:0..2")(x), axes=1)
    >>> found = fill(frames, "ceil(n/2)", nothing_unread=True, causal=True)
    >>> found.count, found[0], found.conditions
    (1, {'conv_1': Conv(3, stride=2, padding=1)}, ['padding_begin + padding_end = 2', \
'padding_begin = 1'])
    """
    pairs = [list(pair) for pair in meet]
    if any(isinstance(x.operation, Apply) and x.operation.layer.letters for x in network.nodes):
        from solver.network.unknowns.lettered import fill_in_letters

        if nothing_unread or causal:
            rule = "what is read is asked of layers without letters"
            raise LimitError(rule, "letters in the network", "numbers in their place")
        return fill_in_letters(
            network, size, {"node": node, "meet": pairs, "at": at, "where": where}
        )
    inputs = at if isinstance(at, list) else [] if at is None else [at]
    network = _path(network, inputs)
    goals = [Goal(network.find(one), None, network.find(other)) for one, other in pairs]
    targets = () if size is None else tuple(map(read_size, split_axes(size)))
    if targets:
        number = network.outputs[0] if node is None else network.find(node)
        goals.append(Goal(number, targets[0], along=targets if len(targets) > 1 else ()))
    if not any(isinstance(each.operation, (UnknownLayer, UnknownPad)) for each in network.nodes):
        raise SolverError("no layer of this network is unknown", right="kernel_size=...")
    asked = network.region(network.letters)
    if where:
        asked &= read_where(where)
    for target in targets if at is None else ():
        asked &= target.whole
    question = {
        "target": None if size is None else str(size),
        "layer": node,
        "meet": pairs,
        "input": "n" if at is None else None if len(inputs) > 1 else inputs[0],
        **({"inputs": inputs} if len(inputs) > 1 else {}),
        "where": where or None,
    }
    demands = None
    if nothing_unread or causal:
        from solver.network.unknowns.demands import Demands

        demands = Demands(nothing_unread, causal)
        question |= demands._asdict()
    return Filled(network, goals, inputs, asked, question, demands)


def _both(one: Single | None, other: Single | None) -> Single | None:
    return None if one is None or other is None else one.both(other)


def _path(network: Graph, inputs: Sequence[At]) -> Graph:
    """What a network is at all of the inputs. Raises LimitError where they take several paths."""
    paths = [network.path(each) for each in inputs] or [network.ways[0]]
    if any(path is not paths[0] for path in paths):
        rule = "one answer is for inputs that take one path of the network"
        raise LimitError(rule, ", ".join(map(str, inputs)), "one of them at a time")
    return paths[0]
