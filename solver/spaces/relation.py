"""What a block may do: its inside as a relation, worked out from the innermost block out.

Each branch is an automaton. Forward from its start every state has passages, each with how many
ways lead there; ways that do the same are one. A join is the product of its branches where they
meet. So the search outside sees an edge with a multiplicity, and no path carries what a skip needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from solver.errors import LimitError, SolverError
from solver.layers.operators import Operator
from solver.layers.own import Conv
from solver.spaces.dominance import Preferred, undominated
from solver.spaces.members import Blocks, Chains, Members, Pairs, Sums
from solver.spaces.option import Option, option
from solver.spaces.parts import Joined, Part
from solver.spaces.passage import Passage
from solver.spaces.transition import KEEP, uneven

#: Passages of a block that are told apart, and layers one behind the other inside it.
MOST_PASSAGES, LONGEST = 20_000, 300

#: Passages, those without any layer apart, with the ways that do this.
Relation = dict[tuple[bool, Passage], Any]


class Inner(Protocol):
    """The automaton of a branch."""

    states: list[Any]


class BlockQuestion:
    """Hold what blocks are asked about.

    axes: of the input; alike: of each the first that is treated alike, where not all are. even:
    whether uneven transposed layers are left out. asked: the sums that
    tell passages apart. prefer: what is better in each, where one best design is asked for; None to
    keep all. inner: makes the automaton of a branch for so many channels.
    """

    def __init__(
        self,
        axes: int,
        even: bool,
        asked: frozenset[str],
        prefer: Preferred | None,
        inner: Callable[[Part, int | None], Inner],
        alike: tuple[int, ...] = (),
    ) -> None:
        self.alike = alike
        self.axes, self.even, self.asked, self.inner = axes, even, asked, inner
        self._prefer = prefer

    def kept(self, found: Relation) -> Relation:
        """The passages that matter."""
        if self._prefer is None or self.alike:
            return found
        return undominated(found, self._prefer, self.axes)

    def start(self, channels: int | None) -> Any:
        """The way without layers."""
        if not self.alike:
            return Passage.start(channels, self.asked)
        from solver.spaces.crossed_passage import CrossedPassage  # few spaces tell axes apart

        return CrossedPassage.start(channels, self.asked, self.alike)


def edges(
    joined: Joined, channels: int | None, keep: bool, question: BlockQuestion
) -> list[Option]:
    """The options that a block is, for so many channels. keep: the size and channels must stay.

    None where the branches meet nowhere. Raises LimitError where too many are told apart.
    """
    branches = [_relation(branch, channels, question) for branch in joined.branches]
    if joined.crop:
        met = _cropped(branches[-1], channels, joined.join, question)
    elif joined.shortcut:
        met = _residual(branches[0], channels, joined.project, question)
    else:
        met = _beside(branches, joined.join, question)
    merged: Relation = {}
    for (empty, passage), members in met.items():
        if not empty:
            merged.setdefault((False, passage), Sums()).add(members)
    merged = question.kept(merged)
    found = (_edge(joined, passage, members) for (_, passage), members in merged.items())
    return [each for each in found if not keep or _keeps(each, channels)]


def _keeps(option: Option, channels: int | None) -> bool:
    """Tell whether a block gives back the size and the channels that come in."""
    lanes = [lane.transition for lane in option.lanes or (option,)]
    same = all(lane[:3] == KEEP[:3] and lane.curve is None for lane in lanes)
    return same and option.channels == channels


def _edge(joined: Joined, passage: Passage, members: Members) -> Option:
    blocks = Blocks(joined.join, members, joined.crop)
    one = blocks.at(0) if blocks.count == 1 else ()
    return passage.option(one, blocks.count, None if one else blocks)


def _relation(branch: Part, channels: int | None, question: BlockQuestion) -> Relation:
    """The passages of a branch, each with its ways."""
    states = question.inner(branch, channels).states
    if len(states) > LONGEST:
        rule = f"a block has at most {LONGEST} layers one behind the other"
        raise LimitError(rule, right="fewer repetitions")
    reached: list[Relation] = [{} for _ in states]
    reached[0][True, question.start(channels)] = Chains(1)
    found: Relation = {}
    count = 0
    for at, row in enumerate(states):
        here = reached[at] = question.kept(reached[at])
        count += len(here)
        if count > MOST_PASSAGES:
            rule = f"a block does at most {MOST_PASSAGES:,} different things inside"
            raise LimitError(rule, right="smaller ranges, or fewer limits and costs")
        for key, ways in here.items():
            if row.accepts:
                found.setdefault(key, Sums()).add(ways)
            for each, target in zip(row.options, row.targets, strict=True):
                if len(each.layers) > 1:
                    rule = "a mirror stands in no block"
                    raise SolverError(rule, repr(branch)[:60], "skip(down, ..., up)")
                if question.even and uneven(each.layers):
                    continue
                then = key[1].then(each, question.asked)
                if then.takes:
                    reached[target].setdefault((False, then), Chains()).add(ways, each)
    return question.kept(found)


def _beside(branches: Sequence[Relation], join: str, question: BlockQuestion) -> Relation:
    """The product of branches, where they meet."""
    first, *others = branches
    found: Relation = {key: Pairs(None, members) for key, members in first.items()}
    for other in others:
        met: Relation = {}
        for (empty, one), before in found.items():
            for (none, two), last in other.items():
                both = one.beside(two, join)
                if both is not None:
                    key = empty and none, both
                    met.setdefault(key, Sums()).add(Pairs(before, last))
            if len(met) > MOST_PASSAGES:
                rule = f"branches meet in at most {MOST_PASSAGES:,} different ways"
                raise LimitError(rule, right="smaller ranges, or fewer limits and costs")
        found = question.kept(met)
    joined: Relation = {}
    for (empty, passage), members in found.items():
        joined.setdefault((empty, passage.met(question.asked)), Sums()).add(members)
    return joined


def _cropped(body: Relation, channels: int | None, join: str, question: BlockQuestion) -> Relation:
    """Bodies beside the input, which is cropped to what comes out of them."""
    found: Relation = {}
    start = question.start(channels)
    for (empty, passage), ways in body.items():
        cropped = start.cropped(passage, question.asked)
        both = None if cropped is None else cropped.beside(passage, join)
        if both is not None:
            key = empty, both.met(question.asked)
            found.setdefault(key, Sums()).add(Pairs(Pairs(None, Chains(1)), ways))
    return found


def _residual(
    body: Relation, channels: int | None, project: bool | str, question: BlockQuestion
) -> Relation:
    """Bodies with what is added to them: the input, or where the shape changes a projection.

    project: what stands behind its convolution; False where nothing is added there.
    """
    found: Relation = {}
    for (empty, passage), ways in body.items():
        shortcut, short = Chains(1), Passage.start(channels, question.asked)
        if passage.channels != channels or passage.size.rise != passage.size.period:
            if not project:
                found.setdefault((empty, passage), Sums()).add(Pairs(None, ways))
                continue
            projection = _projection(passage, channels, project, question)
            if not projection:
                continue
            for each in projection:
                before, shortcut = shortcut, Chains()
                shortcut.add(before, each)
                short = short.then(each, question.asked)
        both = passage.beside(short, "add")
        if both is not None:
            key = empty, both.met(question.asked)
            found.setdefault(key, Sums()).add(Pairs(Pairs(None, ways), shortcut))
    return found


def _projection(
    passage: Passage, channels: int | None, project: bool | str, question: BlockQuestion
) -> list[Option]:
    """A 1x1 convolution with the body's stride and channels, nothing where it goes up.

    project: what stands behind it, if it is a word; then it has no bias.
    """
    stride, rest = divmod(passage.size.period, passage.size.rise)
    if rest:
        return []
    after, axes = passage.channels, question.axes
    wide: Any = {} if channels is None else {"in_channels": channels, "out_channels": after}
    if not isinstance(project, str):
        return [option(Conv(1, stride, **wide), channels, axes, None)]
    layers: tuple[Any, ...] = Conv(1, stride, **wide, bias=False), Operator(project)
    widths = channels, after
    return [option(x, c, axes, None) for x, c in zip(layers, widths, strict=True)]
