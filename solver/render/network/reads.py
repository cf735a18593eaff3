"""What a network reads, in words: receptive fields, what is never read, tiles, streams.

Axes that say the same are said once, in n. An analysis that is not possible becomes a line that
says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.reads import Span
from solver.network.fields.field import Fields
from solver.network.graph.summary import brief
from solver.render.network import near
from solver.render.network.known import Known
from solver.render.sets import along, number_of
from solver.sizes.sizeset import EVERY
from solver.sizes.slope import between

if TYPE_CHECKING:
    from solver.network.fields.unread import Unread

_MOST_CLASSES = 8  # of what is never read, in lines
_MOST_NOTES = 3  # of a kind
_MOST_PHASES = 1024  # whose receptive fields are told apart
_MOST_NAMED = 3  # numbers that are told, and not their range


class ReadExtent(NamedTuple):
    """Hold what a node reads along a letter, in numbers; None where it is not known or everything.

    everything: whether outputs read along the whole input. lengths: the receptive fields of the
    phases of the output, each once, the smallest first; of many the first and the last. span: the
    first and the last element of each output. why: it is not known.
    """

    everything: bool
    lengths: tuple[int, ...] = ()
    span: Span | None = None
    why: str = ""

    @property
    def least(self) -> int | None:
        """The receptive field at the phase where it is smallest."""
        return self.lengths[0] if self.lengths else None

    @property
    def most(self) -> int | None:
        """The receptive field at the phase where it is largest."""
        return self.lengths[-1] if self.lengths else None


def reaches(net: Known, number: int) -> dict[str, ReadExtent]:
    """What a node reads along each letter that it reads at all."""
    found = net.reads
    if isinstance(found, SolverError):
        return {letter: ReadExtent(False, why=found.rule) for letter in net.network.letters}
    node = found.nodes[number]
    if node is None:
        why = "what stands before it is not followed"
        return {letter: ReadExtent(False, why=why) for letter in net.network.letters}
    known = {}
    for letter, field in node.items():
        if field.span is None:
            known[letter] = ReadExtent(field.everything, why=field.why)
        else:
            known[letter] = _reach(field.span)
    return known


@lru_cache(16)  # axes that are alike read alike, and so does what changes no size
def _reach(span: Span) -> ReadExtent:
    try:
        low, high = between(span.first, span.last)
    except SolverError as fault:
        return ReadExtent(False, why=fault.rule)
    lengths = {low, high}
    if low < high and span.period <= _MOST_PHASES:
        lengths = {int(span.last(y)) - int(span.first(y)) for y in range(span.period)}
    found = tuple(sorted({max(length + 1, 0) for length in lengths}))
    return ReadExtent(False, found, span)


def cells(net: Known, number: int) -> tuple[str, str]:
    """The jump and the receptive field of a node for a table: "?" where not known."""
    known = reaches(net, number).values()
    jumps = [_cell(each, number_of(each.span.jump) if each.span else "?") for each in known]
    return _once(jumps), _once([_cell(each, _range(each.lengths)) for each in known])


def _cell(reach: ReadExtent, text: str) -> str:
    return "all" if reach.everything else text if reach.lengths else "?"


def _once(words: list[str]) -> str:
    return words[0] if len(set(words)) == 1 else " x ".join(words)


def _halved(number: int) -> str:
    """Half of a number in words: to load fractions takes longer than all that is said of one."""
    return str(number / 2 if number % 2 else number // 2)


# The output


def output_lines(net: Known) -> Iterator[str]:
    """Yield what the outputs read, and what is worth knowing of the nodes before them."""
    for output, number in zip(net.names, net.nodes, strict=True):
        name = f"{output}: " if len(net.nodes) > 1 else ""
        known = reaches(net, number)
        yield from (name + line for line in along(known, partial(_said, net, number, known)))
        if not isinstance(net.reads, SolverError) and _gaps(net.reads):
            from solver.render.network.phased import holes  # most windows leave nothing out

            yield from (name + line for line in along(known, partial(holes, net, number)))
    if not isinstance(net.reads, SolverError):
        yield from _notes(net.reads)


def _said(net: Known, number: int, known: dict[str, ReadExtent], letter: str) -> list[str]:
    reach = known[letter]
    if reach.everything:
        return ["outputs read along the whole input, not a window of it"]
    if (span := reach.span) is None:
        return [f"receptive field: not known, {reach.why}"]
    words = [
        f"receptive field {_range(reach.lengths)}",
        f"effective stride {number_of(span.jump)}",
    ]
    if span.padding is None:
        words.append("the first output reads nothing")
    else:
        words.append(f"effective padding {span.padding}")
        words.append(f"first centre {_halved(int(span.first(0)) + int(span.last(0)))}")
        if (offset := span.offset) is not None:
            aligned = number_of(offset) if offset else "0, aligned"
            words.append(f"receptive-field centre offset {aligned}")
    found = net.reads
    assert isinstance(found, Fields)
    if len(net.network.letters) == 1 and (field := found.of(number, letter)):
        words += _ahead(field.span)
    told = EVERY if found.sizes.values is not None else found.inputs(letter)
    apart = found.modulus.get(letter, 1) > 1 or not net.valid.inputs <= told
    return [", ".join(words) + (f", for {told}" if apart and told != EVERY else "")]


def _gaps(found: Fields) -> bool:
    """Tell whether a window leaves out elements between those that it or its neighbour reads."""
    windows = (link.window for rows in found.links for row in rows for link in row)
    return any(
        w is not None
        and w.kernel_size * w.input_dilation < max(w.stride, w.kernel_size * w.dilation)
        for w in windows
    )


def _ahead(span: Span | None) -> list[str]:
    from solver.network.fields.streaming import of_span

    try:
        return [] if span is None else [f"look-ahead {of_span(span).look_ahead}"]
    except SolverError:
        return []


def _notes(found: Fields) -> Iterator[str]:
    nodes = found.network.nodes
    centred: dict[str, dict[str, None]] = {}
    for note in found.notes:
        far = number_of(max(note.offsets) - min(note.offsets))
        centred.setdefault(far, {})[nodes[note.at].name] = None
    apart = [
        f"{_listed([*names])}: branches meet that are centred {far} elements of the input apart"
        for far, names in centred.items()
    ]
    uneven = []
    for each in found.checkerboards:
        title = f"{nodes[each.at].name}, {brief(nodes[each.at].operation)}"
        phases = f"each by {_range(each.overlaps)} elements by phase"
        several = [other for other in found.checkerboards if other.at == each.at]
        if len(several) == 2 and len(each.overlaps) <= _MOST_NAMED:
            grid = (" ".join(str(a * b) for b in several[1].overlaps) for a in several[0].overlaps)
            phases += f" ({' / '.join(grid)} in 2-D)"
        uneven.append(f"{title}, covers its outputs unevenly, {phases}: a checkerboard")
    for lines in (apart, list(dict.fromkeys(uneven))):
        yield from lines[:_MOST_NOTES]
        if len(lines) > _MOST_NOTES:
            yield f"and so do {len(lines) - _MOST_NOTES} more"


def _listed(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    more = f" and {len(names) - _MOST_NOTES} more" if len(names) > _MOST_NOTES else ""
    return ", ".join(names[:_MOST_NOTES]) + more


def _range(numbers: Iterable[int]) -> str:
    found = sorted(set(numbers))
    if not found:
        return "?"
    if len(found) > _MOST_NAMED:
        return f"{found[0]} to {found[-1]}"
    return ", ".join(map(str, found[:-1])) + " or " * (len(found) > 1) + str(found[-1])


# What is asked for


def asked_lines(net: Known) -> Iterator[str]:
    """Yield what --unread, --phases, --tiles and --stream ask for."""
    letters = net.network.letters
    for name, asked, say in (
        ("phases", net.phases, _phases),
        ("never read", net.unread, _unread),
        ("tiles", net.tiles, _tiles),
        ("stream", net.stream, _stream),
    ):
        if asked and not letters:
            yield f"{name}: not told: the input has no size that is free"
        elif asked:
            yield from along(letters, partial(_tell, net, name, say))
            if say is _phases:
                yield from _together(net)
    if (net.tiles or net.export) and letters:
        from solver.network.fields.exported import torch_export_dim

        try:
            lines = torch_export_dim(net.whole, **near.bounds(net)).split("\n")
        except SolverError as fault:
            lines = [_not_told(fault)]
        if net.export and len(lines) > 1:
            yield "torch.export:"
            yield from (f"  {line}" for line in lines)
        else:
            yield f"torch.export: {'; '.join(lines)}"


def _tell(net: Known, name: str, say: Callable[[Known, str], list[str]], letter: str) -> list[str]:
    try:
        return say(net, letter)
    except SolverError as fault:
        return [f"{name}: {_not_told(fault)}"]


def _not_told(fault: SolverError) -> str:
    return f"not told: {fault.rule}" + (f": {fault.received}" if fault.received else "")


def _sizes(net: Known) -> dict[str, int] | None:
    return net.at if net.fault is None else None


def _unread(net: Known, letter: str) -> list[str]:
    from solver.network.fields.coverage import coverage
    from solver.network.fields.unread import unread

    sizes = _sizes(net)
    if sizes is not None:
        return [str(coverage(net.network, sizes, letter)._replace(letter="n"))]
    return list(unread_words(unread(net.network, letter)))


def unread_words(found: Unread) -> Iterator[str]:
    """Yield what is never read in a few lines, by one law where there is one.

    >>> from solver import Conv, trace
    >>> from solver.network.fields.unread import unread
    >>> net = trace(Conv(7, stride=5), axes=1)
    >>> list(unread_words(unread(net)))
    ['never read: the last (n + 3) % 5 elements']
    """
    from solver.network.fields.unread import since

    if not found.patterns:
        yield "never read: it runs at no size from some size on"
        return
    first, modulus = found.patterns[0], found.patterns[0].modulus
    shift = len(first.end) - first.residue
    if modulus > 1 and all(
        not each.begin
        and not each.residues
        and each.end == tuple(range((each.residue + shift) % modulus))
        for each in found.patterns
    ):
        shift %= modulus
        count = f"(n + {shift}) % {modulus}" if shift else f"n % {modulus}"
        late = f", for n >= {since(found.patterns)}" if any(p.below for p in found.patterns) else ""
        yield f"never read: the last {count} elements{late}"
        return
    lines = found.text("n").split("\n")
    yield from lines[:_MOST_CLASSES]
    if len(lines) > _MOST_CLASSES:
        yield f"and {len(lines) - _MOST_CLASSES} more, all of them with --json"


def _phases(net: Known, letter: str) -> list[str]:
    from solver.render.network.phased import lines

    return lines(net, letter)


def _together(net: Known) -> list[str]:
    from solver.render.network.phased import together

    return together(net)


def _tiles(net: Known, letter: str) -> list[str]:
    from solver.render.network.tiled import lines

    return lines(net, letter)


def _stream(net: Known, letter: str) -> list[str]:
    from solver.render.network.streams import lines

    return lines(net, letter)
