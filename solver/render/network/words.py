"""What is known of a network in words: the answer, what is worth knowing beside it, columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from solver.errors import SolverError
from solver.network.graph.costs import total
from solver.network.graph.demand import SQUARE
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Input
from solver.network.graph.pieces import Reason, ValidPiece
from solver.network.graph.summary import brief, every, joined, on_class, shown, told
from solver.network.graph.total import Total
from solver.network.graph.validity import UNTOLD, RepeatedSizes, claimed
from solver.render.network.known import Known, tied
from solver.render.network.noted import notes, tied_by
from solver.render.network.reads import asked_lines, cells, output_lines
from solver.render.report import Column, Formula, Sum, Table
from solver.sizes.sizeset import EVERY, SizeSet

_LONGEST, _MOST_TERMS = 100, 12  # of a sum in words
_USUAL = 224
_MOST_WISHES = 6
_MOST_CASES = 4
_MOST_FORMULAS = 12  # beside the one that is told for every n

_COLUMNS = (
    *(Column("layer"), Column("operation"), Column("channels", True, leaves=1), Column("size")),
    *(Column("jump", True, leaves=3), Column("receptive field", True, leaves=2)),
    *(Column("parameters", True, leaves=4), Column("macs", True, wide=True, leaves=5)),
)


def headline(net: Known) -> str:
    """The answer in one line."""
    if net.impossible is not None:
        return f"infeasible: {net.impossible.rule}"
    if net.wanted is not None:
        return _giving(net, net.wanted.words)
    if net.fault is not None:
        return f"infeasible: {net.fault.rule}"
    if net.limited and net.blind is not None:
        return _upto(net)
    if not net.network.letters:
        return f"{_given(net)} -> {net.words}"
    if net.at is None:
        if net.apart:
            return _apart(net, net.apart)
        alike = " with all axes alike" if len(net.network.letters) > 1 else ""
        plain = net.valid.plain
        if net.blind is not None:
            return f"n -> {net.words}, at most for {every(net.valid.unclaimed)}"
        inputs = net.outcomes[0].inputs if plain else net.valid.inputs
        if not inputs and (ties := tied_by(net)):
            return f"{' x '.join(net.network.letters)} -> {net.words}, where {ties}; no n{alike}"
        return f"n -> {net.words}, for " + (every(inputs) if inputs else f"no n{alike}")
    return f"{_given(net)} -> {net.words}"


def _giving(net: Known, wanted: str) -> str:
    """Which inputs give what is wanted, by output where they are not those of all."""
    if not net.answered:
        return f"none: no input gives {wanted}"
    found = net.giving
    if all(inputs == net.together for inputs in found.values()):
        return f"{_inputs(net.together)} -> {wanted}"
    return "; ".join(f"{name}: {_inputs(inputs)} -> {wanted}" for name, inputs in found.items())


def _inputs(found: Mapping[str, SizeSet]) -> str:
    """Inputs by letter in words; none where one letter has none."""
    if not all(found.values()):
        return "no input"
    return ", ".join(inputs.text(letter) for letter, inputs in found.items())


def _given(net: Known) -> str:
    """What goes in."""
    if not net.network.letters:
        return " and ".join(told(net.network, at, net.shapes[at]) for at in net.network.inputs)
    return "n" if net.at is None else joined([Dim(size) for size in net.at.values()])


def _upto(net: Known) -> str:
    """What is known where what is asked about lies behind what is not followed."""
    if any(net.asked_shapes):
        return f"{_given(net)} -> {net.words}"
    before = net.shapes.index(None)
    inputs = [at for at in net.network.nodes[before].inputs if net.shapes[at] is not None]
    last = inputs[-1] if inputs else before - 1
    return f"up to {net.network.nodes[last].name}: {_given(net)} -> {net.size(last)}"


def _apart(net: Known, cases: Sequence[RepeatedSizes]) -> str:
    """What comes out in each of several cases."""
    said = []
    for case in cases[:_MOST_CASES]:
        shapes = case.network.walk.shapes
        words = ", ".join(told(case.network, at, shapes[at]) for at in net.nodes_of(case.network))
        said.append(f"n -> {words} for {case.inputs}")
    more = [f"and {len(cases) - _MOST_CASES} more"] if len(cases) > _MOST_CASES else []
    return "; ".join(said + more)


def meaning(net: Known) -> Iterator[str]:
    """Yield what is worth knowing beside the answer, a line each."""
    return _meaning(net) if net.impossible is None else _impossible(net)


def _impossible(net: Known) -> Iterator[str]:
    yield from str(net.impossible).split("\n")[1:]
    yield from (f"note: {note}" for note in net.network.notes)
    yield "it runs at no input size"
    yield _hint(net)


def narrowed(net: Known) -> tuple[SizeSet, SizeSet]:
    """The sizes of the condition that run, and the others."""
    from solver.sizes.target import read_where  # few ask for it

    asked = read_where(net.where)
    return asked & net.valid.inputs, asked & ~net.valid.inputs


def _narrowed(net: Known) -> Iterator[str]:
    """Yield which sizes of a condition run, and which do not."""
    if not net.where:
        return
    runs, refused = narrowed(net)
    more = ", the others do not" if runs and refused else ""
    yield f"of the n with {net.where}: {runs if runs else 'none'} run{more}"


def _hint(net: Known) -> str:
    import shlex  # only for this message

    return f"{shlex.join(('convsolver', 'explain', *net.source))} says what fixes it"


def _meaning(net: Known) -> Iterator[str]:
    yield from _narrowed(net)
    yield from _unfollowed(net)
    yield from _listed(net)
    yield from _beside(net)
    if net.at is None:
        yield from _elsewhere(net)
    yield from _along(net)
    yield from _because(net)
    if not (net.valid.inputs or net.answered):
        yield _hint(net)
    yield from output_lines(net)
    yield from asked_lines(net)
    cost = total(net.costs)
    known = " of what is followed" if None in net.costs else ""
    yield Sum(f"parameters: {cost.parameters:,}{known}")
    if net.fault is None and not net.apart:
        yield Sum(f"MACs: {_summed(net, cost.macs)}{known}")
        yield Sum(f"total activations: {_summed(net, cost.activations)}{known}")
    yield from (f"note: {note}" for note in notes(net))


def _beside(net: Known) -> Iterator[str]:
    """Yield what would do where it does not; else the sizes at which no element is dropped."""
    if net.fault is not None:
        if net.fault.received:
            yield f"received: {net.fault.received}"
        yield from _near(net)
        if net.fix is not None:
            yield f"smallest fix of a layer: {net.fix}"
    elif net.wanted is not None:
        yield from _wanted(net)
    elif net.exact_along or net.exact.something:
        if net.exact.something != net.valid.something:
            special = _special(net)
            more = f": {special}" if special else ""
            words = net.exact.something or "no n with all axes alike"
            yield f"exact sizes (no element dropped): {words}{more}"
        for letter, inputs in net.exact_along.items():
            yield f"exact along {letter}: {inputs.text(letter)}"
        yield from _near(net)


def _near(net: Known) -> Iterator[str]:
    """The inputs next to the one that is asked about, where one is."""
    if net.at is not None:
        from solver.render.network import near

        yield from near.lines(net)


def _listed(net: Known) -> Iterator[str]:
    """The sizes of a range that run, where one is asked for."""
    if net.span is not None:
        from solver.render.network import near

        yield from near.range_lines(net)


def _elsewhere(net: Known) -> Iterator[str]:
    """The inputs for which another formula holds, or none is known."""
    if not net.whole.within:
        return _formulas(net)
    from solver.render.network.paths import around  # most networks hold at every size

    return around(net, _formulas(net))


def _formulas(net: Known) -> Iterator[str]:
    others = net.outcomes[1:] if net.wanted is None else []
    for each in others[:_MOST_FORMULAS]:
        pairs = zip(net.nodes, each.shapes, strict=False)
        words = ", ".join(told(net.network, at, shape) for at, shape in pairs)
        slices = isinstance(each.inputs, ValidPiece)
        why = ": a slice takes as much as there is" if slices else ""
        yield f"n -> {words}, for {every(each.inputs)}{why}"
    if len(others) > _MOST_FORMULAS:
        yield f"and {len(others) - _MOST_FORMULAS} more formulas for other n, all with --json"
    if net.valid.plain and net.valid.repeated:
        yield (
            f"it also runs for {net.valid.repeated}, where a size of 1 is repeated to meet a "
            f"larger one: {_apart(net, net.valid.cases)}"
        )
    if net.valid.untold:
        yield f"not told for {net.valid.untold}: {UNTOLD}"


def _along(net: Known) -> Iterator[str]:
    """Yield the inputs that run along each axis, where they are not those of all."""
    letters = net.network.letters
    for letter in letters if len(letters) > 1 else ():
        one = claimed(net.whole, letter)
        if one.inputs != net.valid.inputs or not (one.inputs or one.unclaimed):
            others = tied(net, letter)
            but = f", leaving out what ties it to {' and '.join(others)}" if others else ""
            yield f"valid along {letter}{but}: {one.inputs.text(letter)}"


def _unfollowed(net: Known) -> Iterator[str]:
    """Yield the first node that is not followed, and where at most it may run."""
    pairs = zip(net.network.nodes, net.shapes, strict=False)  # as far as it runs
    unknown = [node.label for node, shape in pairs if shape is None]
    if not unknown:
        return
    more = f", and {len(unknown) - 1} after it" if len(unknown) > 1 else ""
    if net.blind is None:
        why = "its size is no formula, but known at numbers" if net.limited else "not followed"
        yield f"{why}: {unknown[0]}{more}"
        return
    yield f"behind it not followed: {unknown[0]}{more}"
    if net.limited and net.at is None:
        yield f"it runs at most for {every(net.valid.unclaimed)}"


def measured(net: Known, found: Total) -> int:
    """A sum at the size that costs are told at. Raises SolverError where that does not run."""
    n = net.measured
    assert n is not None
    if n not in net.sizes:
        below, above = net.sizes.nearest(n)
        near = " or ".join(str(size) for size in (below, above) if size is not None)
        raise SolverError("costs are told at a size that runs", str(n), near)
    return found.at(dict.fromkeys(net.network.letters, n))


def _summed(net: Known, found: Total) -> str:
    """A sum in words; where it is too long, its value at a usual size."""
    if net.measured is not None:
        return f"{measured(net, found):,} for n = {net.measured}"
    if len(found) <= _MOST_TERMS and len(text := net.amount(found)) <= _LONGEST:
        return text
    usual = net.sizes.first(_USUAL) or net.sizes.last(_USUAL)
    if usual is None or net.at is not None:
        return net.amount(found)
    return f"{found.at(dict.fromkeys(net.network.letters, usual)):,} for n = {usual}"


def _wanted(net: Known) -> Iterator[str]:
    """Yield what comes out nearest to what is wanted, or which inputs that give it are."""
    number = net.wanted.number if net.wanted is not None else None
    if not net.answered and number is not None:
        yield from _around(net, number)
    if net.near is not None and (nearest := net.nearest):
        near, *shown = (joined([*map(Dim, each)]) for each in (net.near.values(), *nearest))
        yield f"nearest to {near}: {' and '.join(shown)}"


def _around(net: Known, wanted: int) -> Iterator[str]:
    """Yield the sizes that come out nearest to a wanted one."""
    below, above = list[tuple[int, int]](), list[tuple[int, int]]()
    for each in net.outcomes:
        maps = {dim.single[1] for dim in net.laid(each.shapes[0])[2:] if dim.single}
        size_map = maps.pop() if len(maps) == 1 else None
        if size_map is None or size_map.rise <= 0 or not size_map.nondecreasing:
            return
        if isinstance(each.inputs, SizeSet):
            more = size_map.first(wanted + 1)
            sizes = (each.inputs.last(more - 1), each.inputs.first(more))
            for found, n in zip((below, above), sizes, strict=True):
                found += [] if n is None else [(int(size_map(n)), n)]
    nearest = [pick(found) for pick, found in ((max, below), (min, above)) if found]
    if words := [f"{size} for n = {n}" for size, n in nearest]:
        yield f"nearest that come out: {' and '.join(words)}"


def _special(net: Known) -> str:
    """The formula on the inputs where nothing is dropped, where it is simpler there."""
    if len(net.nodes) > 1 or (net.whole.paths and len(net.outcomes) > 1):
        return ""
    shape = net.laid(net.outcomes[0].shapes[0])
    parts = {dim.single[1] for dim in shape[2:] if dim.single}
    found = on_class(parts.pop(), net.exact.something) if len(parts) == 1 else None
    return f"n -> {found}" if found else ""


def _because(net: Known) -> Iterator[str]:
    """Yield what decides which inputs run, and which of them drop nothing."""
    reasons = net.valid.reasons
    if (net.valid.inputs != EVERY and reasons) or net.refusals:
        yield "because:" if net.at is None else f"{_class(net)}, because:"
    yield from (_line(net, reason) for reason in reasons)
    yield from (_line(net, reason, letter) for letter, reason in net.refusals)
    if net.fault is None and net.wanted is None:
        wishes = [reason for reason in net.exact.reasons if reason.demand.wish]
        if wishes and (net.exact.something or net.exact_along):
            yield "for exact sizes:"
            yield from (_line(net, reason) for reason in wishes[:_MOST_WISHES])
            if len(wishes) > _MOST_WISHES:
                yield f"  and {len(wishes) - _MOST_WISHES} more"


def _class(net: Known) -> str:
    """All inputs that run, which the answer for one of them does not tell."""
    if net.blind is not None:
        return f"it runs at most for {every(net.valid.unclaimed)}"
    alike = " with all axes alike" if len(net.network.letters) > 1 else ""
    if net.valid.inputs:
        return f"it runs for {every(net.valid.inputs)}"
    return f"{'nothing is claimed for' if net.valid.unclaimed else 'it runs for no'} n{alike}"


def _line(net: Known, reason: Reason, letter: str = SQUARE) -> str:
    node = net.node_of(reason)
    where = f" ({node.where})" if node.where else ""
    return f"  {node.name}, {brief(node.operation)}{where}: {because(reason, letter)}"


def because(reason: Reason, letter: str = SQUARE) -> str:
    """What a demand says, and what it leaves of the inputs, which are called by a letter.

    A demand of one axis is written in n.
    """
    demand = reason.demand
    letters = demand.letters
    one, other = demand.dim, demand.other
    if len(letters) == 1:
        one = one.on(SQUARE)
        other = other.on(SQUARE) if isinstance(other, Dim) else other
    if isinstance(other, Dim):
        return f"{demand.rule}, {one} {demand.relation} {other}: {reason.inputs}"
    return f"{demand.rule}: {reason.inputs.text(letter)}"


def table(net: Known) -> Table:
    """A row for every node; only operations where no shape can be."""
    nodes = net.network.nodes
    titles = ["" if isinstance(n.operation, Input) else brief(n.operation) for n in nodes]
    if net.impossible is not None:
        pairs = zip(nodes, titles, strict=True)
        return Table(_COLUMNS[:2], [[node.name, title] for node, title in pairs])
    rows = []
    for number, (node, cost) in enumerate(zip(nodes, net.costs, strict=True)):
        shape = net.there.walk.shapes[number]
        runs = net.runs(number)
        beside = shape and len(shown(net.network, number, shape)) == len(shape) - 2
        channels = str(net.network.laid(shape, number)[1]) if shape and beside else ""
        size = Formula(net.size(number), partial(_latex, net, number))
        row = [node.name, titles[number], channels, size, *cells(net, number)]
        row.append(f"{cost.parameters:,}" if cost else "?")
        row.append(net.amount(cost.macs) if cost and runs else "?" if runs else "")
        rows.append(row)
    return Table(_COLUMNS, rows, folds=True)


def _latex(net: Known, number: int) -> str:
    """The sizes of a node as LaTeX math."""
    from solver.render.latex import latex
    from solver.sizes.text import PRODUCT

    dims = net.dims(number)
    place = PRODUCT if len(dims) > 1 else 0
    return r" \times ".join(latex(dim.expression, place) for dim in dims)
