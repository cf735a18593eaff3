"""One run of a program: what it did at sizes, and where it would go if it decided otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from solver.ground.named import NamedTuple
from solver.network.graph.demand import Demand
from solver.network.graph.operation import Refuse
from solver.network.graph.walk import Node
from solver.reading.paths.decisions import REPEATED, Area, Bridge, Decisions, SizeDecision
from solver.sizes.sizemap import SizeMap


class Run(NamedTuple):
    """Hold what one run of a program did: its operations, and which of them come out.

    refused: whether an operation, or the program itself, accepts the sizes no further. lost: why
    it is not followed further. names: of what comes out, where the program tells. whole: whether
    the shape of everything is known. assumed: what is taken to be so at all sizes of its path.
    """

    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    names: tuple[str, ...] = ()
    refused: bool = False
    lost: str = ""
    whole: bool = True
    assumed: tuple[str, ...] = ()


#: Takes what it decides, at sizes, and maps that its sizes may be put through.
Runner = Callable[[Decisions, Mapping[str, SizeMap]], Run]


class Start(NamedTuple):
    """Hold where a run begins: at sizes for which all is known to be decided alike so far.

    left: those sizes. region: what the program decided alone; asked: what operations demanded.
    mapped: whether sizes are put through maps into what is left, as a formula needs it. bridges:
    decisions that part nothing; None where none is looked for. by: the last decision. trial: what
    has been run from here.
    """

    left: Area
    region: Area
    asked: tuple[Demand, ...] = ()
    mapped: bool = False
    bridges: tuple[Bridge, ...] | None = ()
    by: SizeDecision | None = None
    trial: Trial | None = None

    @property
    def inside(self) -> dict[str, SizeMap]:
        return self.left.inside if self.mapped else {}

    @property
    def side(self) -> Area | None:
        """The sizes that are run: those where what parts nothing falls as it does on a bridge."""
        side: Area | None = self.left
        for each in self.bridges or ():
            side = side and side.cut(each.side)
        return side

    def cut(self, decision: SizeDecision) -> Start | None:
        """Where it goes on behind a decision; None where no sizes are left."""
        left = self.left.cut(decision)
        if left is None:
            return None
        if not decision.asked:
            region = self.region.cut(decision)
            return None if region is None else self._replace(left=left, region=region)
        asked = (decision.demand, *decision.alone) if decision.truth else ()
        return self._replace(left=left, asked=(*self.asked, *asked))


class Trial(NamedTuple):
    """Hold what a program did at some sizes.

    point: these. made: what it decided. inside: the maps that its sizes were put through. end:
    where it came to. others: where it would go if it decided otherwise. kept: whether it is a path;
    what an operation refuses stands in the path where it is accepted.
    """

    run: Run
    point: Mapping[str, int]
    made: list[SizeDecision]
    inside: Mapping[str, SizeMap]
    end: Start
    others: list[Start]
    kept: bool

    @property
    def whole(self) -> bool:
        """Whether it is a path that is followed to its end."""
        return self.kept and self.run.whole and not self.run.refused and not self.run.lost

    @property
    def asked(self) -> tuple[Demand, ...]:
        """What was demanded of sizes before they were put through maps: of several with them."""
        if not self.inside:
            return ()
        put = (
            each.of(lambda dim: dim.put(self.inside)) if len(each.letters) > 1 else each
            for each in self.end.asked
        )
        return tuple(each for each in put if each.letters and each.dim != each.other)


def tried(run: Runner, start: Start, point: Mapping[str, int]) -> Trial:
    """Run at sizes; where some formula is lost, again with those of the sizes that are left."""
    others, kept, best = list[Start](), True, -1
    while True:
        inside = start.inside
        done, decisions = run_at(run, point, inside, start.bridges or ())
        for decision in _decided(decisions.made, done):
            other = start.cut(decision._replace(truth=not decision.truth))
            if other is None:  # it is decided so for all that is left
                if not decision.truth and start.left.repeated(decision):
                    done = done._replace(lost=REPEATED)
                continue
            if not (decision.asked and decision.truth):
                others.append(other._replace(by=decision, trial=None))
                kept = not decision.asked
            start = start.cut(decision) or start
        trial = Trial(done, point, decisions.made, inside, start, others, kept)
        start = start._replace(mapped=True)
        if done.whole or len(done.nodes) <= best or not kept or start.inside == inside:
            return trial
        best = len(done.nodes)


def run_at(
    run: Runner,
    point: Mapping[str, int],
    inside: Mapping[str, SizeMap],
    bridges: Sequence[Bridge] = (),
) -> tuple[Run, Decisions]:
    """Run at sizes. What compares sizes without a formula must not matter: both answers are run."""
    decisions = Decisions(point, True, bridges)
    done = run(decisions, inside)
    if decisions.guessed:
        turned = Decisions(point, False, bridges)
        if run(turned, inside) != done or turned.made != decisions.made:
            decisions = Decisions(point, None, bridges)
            done = run(decisions, inside)
    return done, decisions


def _decided(made: Sequence[SizeDecision], done: Run) -> list[SizeDecision]:
    """What was decided in a run: what an operation refused, and the program caught, by it."""
    found = [d._replace(asked=d.asked and d.truth) for d in made]
    raised = done.nodes and isinstance(done.nodes[-1].operation, Refuse)
    if done.refused and not raised and made and not made[-1].truth:
        found[-1] = made[-1]
    return found
