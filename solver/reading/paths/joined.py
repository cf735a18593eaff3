"""The network that the paths of a program are together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod

from solver.errors import SolverError
from solver.network.graph.demand import AT_MOST, Demand
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Refuse, Unknown
from solver.network.graph.walk import Node, Walker
from solver.network.network import Network
from solver.reading.paths.cases import Apart, Cases
from solver.reading.paths.decisions import Area, SizeSpan
from solver.reading.paths.explore import Path, Paths
from solver.reading.paths.trials import Run
from solver.sizes.sizeset import EVERY, SizeSet

_TAKEN = "another path is taken at other sizes"


def joined(
    paths: Paths,
    notes: Callable[[Run], Sequence[str]] = lambda _: (),
    written: Mapping[str, int] | None = None,
    letters: set[str] | None = None,
) -> Network:
    """One network of all paths, the one of most sizes first.

    notes: what is to be known of the run of the main path. written: sizes that the program names.
    letters: of its inputs, where regions have others.
    """
    merged = sorted(_merged(paths.found), key=_rank)
    if not merged:
        raise SolverError("no path of this program is followed")
    main, *others = merged
    letters = set(main.region.box) if letters is None else letters
    alone = [_network(each, letters) for each in others]
    return _network(main, letters, notes(main.run), alone, written)


def _rank(path: Path) -> tuple[bool, bool, bool, float]:
    """Order paths: those that run, what rules refuse, what the program itself refuses.

    Of these first those that are followed to their ends, and the one of most large sizes.
    """
    spans = path.region.box.values()
    dense = prod(0 if s.last else s.sizes.per_period / s.sizes.modulus for s in spans)
    itself = isinstance(path.run.nodes[-1].operation, Refuse)
    lost = bool(path.run.lost) or any(isinstance(n.operation, Unknown) for n in path.run.nodes)
    return path.run.refused, itself, lost, -dense


def _network(
    path: Path,
    letters: set[str],
    notes: Sequence[str] = (),
    others: Sequence[Network] = (),
    written: Mapping[str, int] | None = None,
) -> Network:
    run = path.run
    nodes, outputs = list(run.nodes), run.outputs
    if run.lost:
        name, _, why = run.lost.partition(": ")
        lost = Unknown(name, why) if why else Unknown("program", run.lost)
        nodes.append(Node(lost.name, lost, (len(nodes) - 1,)))
    names = run.names
    if not outputs:
        outputs, names = (len(nodes) - 1,), ()
    made = Network(nodes, outputs, (*notes, *run.assumed), written, others, names)
    within = (*path.asked, *_within(path.region))
    if set(made.letters) < letters:  # sizes that are numbers here
        named = [letter for letter in path.region.box if letter in letters]
        every = (Demand(0, _TAKEN, Dim.letter(x), EVERY, limit=True) for x in named)
        within = (*every, *within)
    return made.restricted(within) if within else made


def _within(region: Area) -> Iterator[Demand]:
    """The conditions of a region."""
    for letter, (sizes, last) in region.box.items():
        if sizes != EVERY:
            yield Demand(0, _TAKEN, Dim.letter(letter), sizes, limit=True)
        if last is not None:
            yield Demand(0, _TAKEN, Dim.letter(letter), Dim(last), AT_MOST, limit=True)
    for demand, truth, *_ in region.ties:
        there = demand if truth else demand.negated()
        yield there._replace(rule=_TAKEN, limit=True)


def _merged(paths: Sequence[Path]) -> list[Path]:
    """The paths, those put together that do the same at neighbouring sizes."""
    alike: list[tuple[Path, list[Area]]] = []
    for path in paths:
        for one, regions in alike:
            same = len(one.run.nodes) == len(path.run.nodes)
            if same and one.run == path.run and one.asked == path.asked:
                regions.append(path.region)
                break
        else:
            alike.append((path, [path.region]))
    found = [one._replace(region=each) for one, regions in alike for each in _united(regions)]
    return _by_cases(found)


def _by_cases(paths: Sequence[Path]) -> list[Path]:
    """The paths, those put together that differ in numbers, as long as all shapes are known."""
    found = list[tuple[Path, list[Path]]]()
    for path in paths:
        made, of = path, [path]
        while True:
            pairs = ((each, _together(each[0], made)) for each in found)
            other, both = next((pair for pair in pairs if pair[1] is not None), (None, None))
            if other is None or both is None:
                break
            found.remove(other)
            made, of = both, other[1] + of
        found.append((made, of))
    return [
        path
        for made, of in found
        for path in ([made] if len(of) == 1 or _followed(made.run) else of)
    ]


def _together(one: Path, other: Path) -> Path | None:
    """The path that two are, where their regions differ along one letter; None of others."""
    runs, regions = (one.run, other.run), (one.region, other.region)
    letters = [x for x in one.region.box if one.region.box[x] != other.region.box[x]]
    if len(letters) != 1 or one.region.ties != other.region.ties or one.asked != other.asked:
        return None
    if runs[0]._replace(nodes=()) != runs[1]._replace(nodes=()):
        return None
    if len(runs[0].nodes) != len(runs[1].nodes):
        return None
    (letter,) = letters
    spans = [region.box[letter] for region in regions]
    try:
        cases = Cases(letter, *(_classes(span) for span in spans))
        nodes = tuple(map(cases.node, one.run.nodes, other.run.nodes))
    except SolverError:
        return None
    box = {**one.region.box, letter: spans[0] | spans[1]}
    return one._replace(run=one.run._replace(nodes=nodes), region=Area(box, one.region.ties))


def _followed(run: Run) -> bool:
    """Tell whether the shape of every node is known, as it was of each case by itself."""
    walker = Walker()
    for node in run.nodes:
        walker.take(node)
    return None not in walker.shapes


def _classes(span: SizeSpan) -> SizeSet:
    if span.last is not None:
        raise Apart
    return span.sizes


def _united(regions: Sequence[Area]) -> list[Area]:
    """Regions, as few as have one letter's sizes put together."""
    found = list[Area]()
    for region in regions:
        while (other := next((o for o in found if _beside(o, region)), None)) is not None:
            found.remove(other)
            region = Area(_union(other.box, region.box), region.ties)
        found.append(region)
    return found


def _beside(one: Area, other: Area) -> bool:
    differing = sum(one.box[letter] != other.box[letter] for letter in one.box)
    return differing <= 1 and one.ties == other.ties


def _union(one: Mapping[str, SizeSpan], other: Mapping[str, SizeSpan]) -> dict[str, SizeSpan]:
    return {x: one[x] if one[x] == other[x] else one[x] | other[x] for x in one}
