"""One unknown layer in a chain whose other layers have letters: recipes, for all their values.

With F before the layer, G behind it and T wanted, what it does is solved for in G(U(F(n))) = T(n):

    G(m) = m + c                       U(F(n)) = T(n) - c
    G(m) = floor((m + c)/S)            U(F(n)) = floor((n + t)/(R/S)) - c     T = floor((n + t)/R)
    F(n) = floor((n + b)/w)            U(x) = floor((x + (t - b)/w)/(R/w))    T = floor((n + t)/R)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solver.errors import LimitError
from solver.ground.answers import Answers, Count
from solver.inverse.letters import solve_in_letters
from solver.inverse.letters.recipes import Recipes
from solver.inverse.ranking import Ranking
from solver.network.graph.graph import Graph
from solver.network.graph.walk import Node
from solver.network.letters.walk import LetteredWalker, map_of
from solver.network.unknowns.unknown import UnknownLayer
from solver.sizes.expression import Expression
from solver.sizes.lettered_map import ONE, ZERO, LetteredMap
from solver.sizes.polynomial import Polynomial
from solver.sizes.quotients import divide
from solver.sizes.sizemap import IDENTITY
from solver.sizes.staircase import read_staircase
from solver.spaces.choice import Choice
from solver.symbolic.given import tree

_SAME = LetteredMap.of(IDENTITY)
_RULE = "in letters one unknown layer is filled in, in a chain of layers that is asked a size of n"


class LetteredFilled(Answers[dict[str, Any]]):
    """Hold the recipes for the one unknown layer of a chain in letters, the best first.

    name: of its node. before: the size that comes into it, in n. recipes: what is solved; where
    `inside` is True, their n is the size that comes into the layer, else that of the input.
    """

    def __init__(self, name: str, before: Expression, recipes: Recipes, inside: bool) -> None:
        self.name, self.before, self.recipes, self.inside = name, before, recipes, inside

    @property
    def count(self) -> Count:
        return self.recipes.count

    @property
    def reason(self) -> str | None:
        """Why there is none, or None where there is one."""
        return self.recipes.reason

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return ({self.name: each} for each in self.recipes)

    def report(self, *options: Any) -> Any:
        """The report of the recipes."""
        return self.recipes.report(*options)


def fill_in_letters(network: Graph, size: Any, asked: dict[str, Any]) -> LetteredFilled:
    """The recipes for the one unknown layer of a chain in letters.

    size: what must come out, in n and letters. asked: what else is asked, which goes with numbers
    only. Raises LimitError for what is no such question.
    """
    for name, value in asked.items():
        if value not in (None, "", [], ()):
            raise LimitError(_RULE, f"{name}={value!r}", "numbers for the letters")
    nodes = network.nodes
    places = [at for at, node in enumerate(nodes) if isinstance(node.operation, UnknownLayer)]
    chain = all(node.inputs == ((at - 1,) if at else ()) for at, node in enumerate(nodes))
    if size is None or len(places) != 1 or not chain or network.outputs != (len(nodes) - 1,):
        raise LimitError(_RULE, right="numbers for the letters")
    (at,) = places
    unknown = nodes[at].operation
    assert isinstance(unknown, UnknownLayer)
    before, like = _through(nodes[:at], nodes[0])
    behind, _ = _through((nodes[0], *_moved(nodes[at + 1 :], at)), nodes[0])
    wanted = _wanted(behind, tree(size))
    inside = before.period != ONE and wanted.period != ONE
    if inside:  # what it does is told of the size that comes in
        wanted, given = _before(before, wanted), _SAME
    else:
        given = before
    choice = unknown.choice
    if choice.ceil_mode or choice.out_channels is not None or choice.groups != 1:
        raise LimitError("a layer in letters is filled in without channels and ceil mode", like)
    row = choice.operation
    domains = _domains(choice)
    recipes = solve_in_letters(row, given.tree(), wanted.tree(), domains, Ranking(row))
    return LetteredFilled(nodes[at].name, before.tree(), recipes, inside)


def _through(nodes: Any, first: Node) -> tuple[LetteredMap, str]:
    """What nodes in order make of a size, the same along every axis."""
    walker = LetteredWalker()
    for node in nodes:
        walker.step(node)
    maps = {map_of(dim) for dim in walker.shapes[-1][2:]}
    if len(maps) != 1 or False in (demand.condition for demand in walker.demands):
        raise LimitError("in letters all axes are alike", first.name)
    return maps.pop(), first.name


def _moved(nodes: Any, by: int) -> Iterator[Node]:
    for node in nodes:
        yield node._replace(inputs=tuple(i - by for i in node.inputs))


def _wanted(behind: LetteredMap, size: Expression) -> LetteredMap:
    """What must come out of the layer, so that what is behind it gives a size."""
    found = read_staircase(size)
    if found.divisor != ONE and not found.rounded:
        raise LimitError("in letters what must come out is a size for every n", str(size))
    target = LetteredMap.line(found.slope, found.rest, found.divisor)
    if behind.period == ONE == behind.rise:
        return target + LetteredMap.line(ZERO, ZERO - behind.shift)
    one = behind.rise == ONE == behind.scale and target.rise == ONE == target.scale
    left = _over(target.period, behind.period) if one else None
    if left is None:
        raise LimitError(
            "what is behind the layer and what must come out are not followed", str(size)
        )
    shift, whole = behind.shift + behind.period * behind.offset, target.shift
    more = target.period * target.offset
    return LetteredMap.line(ONE, whole + more - shift * left, left)


def _before(before: LetteredMap, wanted: LetteredMap) -> LetteredMap:
    """What the layer does to the size that comes in, where floors are before it and wanted."""
    plain = before.scale == ONE == before.rise and wanted.scale == ONE == wanted.rise
    left = _over(wanted.period, before.period) if plain else None
    start = before.shift + before.period * before.offset
    more = wanted.shift + wanted.period * wanted.offset - start
    step = _over(more, before.period) if plain else None
    if left is None or step is None:
        raise LimitError(
            "what is before the layer and what must come out are not followed", str(wanted)
        )
    return LetteredMap.line(ONE, step, left)


def _domains(choice: Choice) -> dict[str, Any]:
    """What is given for each hyperparameter; None for one that is open."""
    names = choice.domains
    every: Any = dict.fromkeys(names, ...)
    free = Choice(choice.operation.name, **every).domains
    found = {}
    for name, domain in names.items():
        found[name] = None if domain == free[name] else str(domain)
    return found


def _over(size: Polynomial, divisor: Polynomial) -> Polynomial | None:
    """A size over another, None where it is not seen to be a multiple."""
    whole, rest = divide(size, divisor)
    return None if rest.terms else whole
