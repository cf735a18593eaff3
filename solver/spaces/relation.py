"""What a block may do: its inside as a relation, worked out from the innermost block out.

Each branch is an automaton. Forward from its start every state has passages, each with how many
ways lead there; ways that do the same are one. A join is the product of its branches where they
meet. So the search outside sees an edge with a multiplicity, and no path carries what a skip needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import or_
from typing import Any, Protocol

from solver.errors import LimitError, SolverError
from solver.layers.operators import Operator
from solver.layers.own import Conv
from solver.sizes.sizeset import EVERY, SizeSet
from solver.spaces.dominance import WayPreference, undominated
from solver.spaces.frame import Frame, meeting
from solver.spaces.members import Blocks, Chains, Members, Pairs, Sums
from solver.spaces.option import Option, option
from solver.spaces.parts import Joined, Part
from solver.spaces.passage import Passage
from solver.spaces.transition import KEEP, uneven

#: Passages of a block that are told apart, and layers one behind the other inside it.
MOST_PASSAGES, LONGEST = 20_000, 300

#: Passages, those without any layer apart, with the ways that do this.
Relation = dict[tuple[bool, Passage], Any]


#: What is not followed into blocks where axes differ: branches read boxes, whose union is no box.
_ALIKE = {"gaps": "gaps", "own": "a cost of one's own"}


#: So many ways are followed whether or not they meet the others.
FEW = 256


class Inner(Protocol):
    """The automaton of a branch."""

    states: list[Any]


class BlockQuestion:
    """Hold what blocks are asked about.

    axes: of the input; alike: of each the first that is treated alike, where not all are. even:
    whether uneven transposed layers are left out. asked: the sums that
    tell passages apart. prefer: what is better in each, where one best design is asked for; None to
    keep all. inner: makes the automaton of a branch for so many channels. sizes: works out
    those that may come, where they are asked for.
    """

    def __init__(
        self,
        axes: int,
        even: bool,
        asked: frozenset[str],
        prefer: WayPreference | None,
        inner: Callable[[Part, int | None], Inner],
        alike: tuple[int, ...] = (),
        sizes: Callable[[], SizeSet] = lambda: EVERY,
    ) -> None:
        self.alike = alike
        self.axes, self.even, self.asked, self.inner = axes, even, asked, inner
        self._prefer, self._come, self.sizes = prefer, sizes, EVERY

    def narrow(self) -> None:
        """Ask about the sizes that come alone."""
        self.sizes = self._come()

    def kept(self, found: Relation) -> Relation:
        """The passages that matter."""
        if self._prefer is None or self.alike:
            return found
        return undominated(found, self._prefer, self.axes, self.sizes)

    def start(self, channels: int | None) -> Any:
        """The way without layers. Raises LimitError for what is not asked of axes that differ."""
        if not self.alike:
            return Passage.start(channels, self.asked)
        if inside := sorted(self.asked & _ALIKE.keys()):
            rule = "only where all axes are alike is this asked of blocks"
            received = ", ".join(_ALIKE[name] for name in inside)
            raise LimitError(rule, received, "blocks whose kernels are alike on all axes")
        from solver.spaces.crossed_passage import CrossedPassage  # few spaces tell axes apart

        return CrossedPassage.start(channels, self.asked, self.alike)


def edges(
    joined: Joined, channels: int | None, keep: bool, question: BlockQuestion
) -> list[Option]:
    """The options that a block is, for so many channels. keep: the size and channels must stay.

    None where the branches meet nowhere. Raises LimitError where too many are told apart.
    """
    frames = [_frame(branch, channels, question) for branch in joined.branches]
    met = None if question.alike else _few(joined, frames, channels, question)
    if met is None:
        if not question.alike:  # there sizes are told of each axis, and every way is followed
            _narrow(joined, frames, channels, question)
        branches = [_relation(frame, channels, question) for frame in frames]
        met = _met(joined, branches, channels, question)
    merged: Relation = {}
    for (empty, passage), members in met.items():
        if not empty:
            merged.setdefault((False, passage), Sums()).add(members)
    merged = question.kept(merged)
    found = (_edge(joined, passage, members) for (_, passage), members in merged.items())
    return [each for each in found if not keep or _keeps(each, channels)]


def _few(
    joined: Joined, frames: Sequence[Frame], channels: int | None, question: BlockQuestion
) -> Relation | None:
    """All ways, where they are so few, and so plain, that sizes need not come first; else None."""
    found = 1
    branches = []
    try:
        for frame in frames:
            branches.append(_relation(frame, channels, question, FEW))
            found *= len(branches[-1])
        return None if found > FEW else _met(joined, branches, channels, question)
    except LimitError:  # perhaps of ways that sizes which come do not take
        return None


def _narrow(
    joined: Joined, frames: Sequence[Frame], channels: int | None, question: BlockQuestion
) -> None:
    """Follow only ways to where branches meet, at sizes that come."""
    question.narrow()
    for frame in frames:
        frame.close()
    if joined.crop or joined.shortcut:
        bare = BlockQuestion(question.axes, question.even, frozenset(), None, question.inner)
        frames[-1].keep(partial(_sizes, joined, channels, bare), question.sizes)
    else:
        meeting(frames, joined.join, question.sizes)


def _sizes(joined: Joined, channels: int | None, question: BlockQuestion, end: Passage) -> SizeSet:
    """The sizes at which a body meets what is added to it."""
    met = _met(joined, [{(False, end): Chains(1)}], channels, question)
    return reduce(or_, (passage.takes for _, passage in met), EVERY - EVERY)


def _met(
    joined: Joined, branches: Sequence[Relation], channels: int | None, question: BlockQuestion
) -> Relation:
    """The ways of branches together, where they meet."""
    if joined.crop:
        return _cropped(branches[-1], channels, joined.join, question)
    if joined.shortcut:
        return _residual(branches[0], channels, joined.project, question)
    return _beside(branches, joined.join, question)


def _keeps(option: Option, channels: int | None) -> bool:
    """Tell whether a block gives back the size and the channels that come in."""
    lanes = [lane.transition for lane in option.lanes or (option,)]
    same = all(lane[:3] == KEEP[:3] and lane.curve is None for lane in lanes)
    return same and option.channels == channels


def _edge(joined: Joined, passage: Passage, members: Members) -> Option:
    blocks = Blocks(joined.join, members, joined.crop)
    one = blocks.at(0) if blocks.count == 1 else ()
    return passage.option(one, blocks.count, None if one else blocks)


def _frame(branch: Part, channels: int | None, question: BlockQuestion) -> Frame:
    """What a branch does to sizes."""
    states = question.inner(branch, channels).states
    if len(states) > LONGEST:
        rule = f"a block has at most {LONGEST} layers one behind the other"
        raise LimitError(rule, right="fewer repetitions")
    moves = []
    for row in states:
        if any(len(each.layers) > 1 for each in row.options):
            raise SolverError(
                "a mirror stands in no block", repr(branch)[:60], "skip(down, ..., up)"
            )
        pairs = zip(row.options, row.targets, strict=True)
        moves.append([move for move in pairs if not (question.even and uneven(move[0].layers))])
    return Frame(states, moves)


def _relation(
    frame: Frame, channels: int | None, question: BlockQuestion, most: int = MOST_PASSAGES
) -> Relation:
    """The passages of a branch that meet the others, each with its ways.

    Raises LimitError where more than `most` are told apart.
    """
    states = frame.states
    reached: list[Relation] = [{} for _ in states]
    start = question.start(channels)
    reached[0][True, start if frame.open else start._replace(takes=frame.start)] = Chains(1)
    found: Relation = {}
    count = 0
    for at, row in enumerate(states):
        here = reached[at] = question.kept(reached[at])
        count += len(here)
        if count > most:
            rule = f"a block does at most {most:,} different things inside"
            raise LimitError(rule, right="smaller ranges, or fewer limits and costs")
        for key, ways in here.items():
            if row.accepts:
                found.setdefault(key, Sums()).add(ways)
            for each, target in frame.moves[at]:
                if frame.open or frame.leads(key[1], each.transition, target):
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
    taken = 1 if join == "concat" else len(branches)
    for (empty, passage), members in found.items():
        joined.setdefault((empty, passage.met(question.asked, taken)), Sums()).add(members)
    return joined


def _cropped(body: Relation, channels: int | None, join: str, question: BlockQuestion) -> Relation:
    """Bodies beside the input, which is cropped to what comes out of them."""
    found: Relation = {}
    start = question.start(channels)
    for (empty, passage), ways in body.items():
        cropped = start.cropped(passage, question.asked)
        both = None if cropped is None else cropped.beside(passage, join)
        if both is not None:
            key = empty, both.met(question.asked, 1 if join == "concat" else 2)
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
        shortcut, short = Chains(1), question.start(channels)
        if passage.channels != channels or any(stride != 1 for stride in passage.strides):
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
            key = empty, both.met(question.asked, 2)
            found.setdefault(key, Sums()).add(Pairs(Pairs(None, ways), shortcut))
    return found


def _projection(
    passage: Passage, channels: int | None, project: bool | str, question: BlockQuestion
) -> list[Option]:
    """A 1x1 convolution with the body's stride and channels, nothing where it goes up.

    project: what stands behind it, if it is a word; then it has no bias.
    """
    strides = passage.strides
    if None in strides:
        return []
    stride: Any = strides[0] if len(set(strides)) == 1 else tuple(strides)
    after, axes, lanes = passage.channels, question.axes, tuple(sorted(set(question.alike)))
    wide: Any = {} if channels is None else {"in_channels": channels, "out_channels": after}
    if not isinstance(project, str):
        return [option(Conv(1, stride, **wide), channels, axes, None, lanes)]
    layers: tuple[Any, ...] = Conv(1, stride, **wide, bias=False), Operator(project)
    widths = channels, after
    return [option(x, c, axes, None, lanes) for x, c in zip(layers, widths, strict=True)]
