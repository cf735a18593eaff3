"""Which elements of every tensor some outputs read at one size, from the outputs back, exactly.

The positions are held as bytes, one per element; a window spreads them with a few shifts however
wide it is. Padding that repeats the input reads what it repeats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.errors import SolverError
from solver.layers.window import Window
from solver.network.fields.field import Fields
from solver.network.graph.reads import Link

#: Positions that are read: a byte per element; None where all are.
Mask = bytes | None


def backward(found: Fields, letter: str, size: int, wanted: Mapping[int, Mask]) -> dict[int, Mask]:
    """What is read of each node that is needed, for what is wanted of some nodes.

    found: the fields at this size or at its residue class. size: of the letter. wanted: by the
    number of a node, the positions along its axis of the letter. Raises SolverError where it is not
    known what something reads.
    """
    network = found.network
    masks = dict(wanted)
    for at in range(len(network.nodes) - 1, -1, -1):
        if at not in masks:
            continue
        own = found.of(at, letter)
        if not found.links[at]:
            continue
        node, mask = network.nodes[at], masks[at]
        if mask is not None and 1 not in mask:  # nothing of it is wanted
            continue
        for number, row in zip(node.inputs, found.links[at], strict=True):
            field = found.of(number, letter)
            if not row:  # only its sizes matter
                continue
            if field is None or field.axis is None:
                _check(found, at, row, mask)
                link = next((link for link in row if own and link.to == own.axis), None)
                if field is not None and mask is not None and link is not None and link.window:
                    shape = network.walk.shapes[number] or ()
                    wide = shape[link.axis].number
                    read = None if wide is None else spread(mask, link.window, wide)
                    if read is not None and 1 not in read:  # such as what lies in padding only
                        continue
                masks[number] = None
                continue
            link = row[field.axis]
            read = _through(found, letter, size, at, number, link, mask)
            masks[number] = read if number not in masks else _either(masks[number], read)
    return masks


def length(found: Fields, letter: str, size: int, at: int) -> int:
    """The size of a node along its axis of the letter. Raises SolverError for products."""
    field, shape = found.of(at, letter), found.network.walk.shapes[at]
    if field is None or field.axis is None or shape is None:
        raise SolverError("there is no one axis of this size here", found.network.nodes[at].label)
    dim = shape[field.axis]
    if dim.letters - {letter}:
        rule = "positions are told along axes of one size"
        raise SolverError(rule, f"{found.network.nodes[at].label} with {dim}")
    return dim.at({letter: size})


def growth(found: Fields, letter: str, at: int) -> tuple[int, int]:
    """How a node's size grows along its axis of the letter: rise and period."""
    field, shape = found.of(at, letter), found.network.walk.shapes[at]
    dim = shape[field.axis] if field and shape and field.axis is not None else None
    if dim is None or dim.single is None:
        return 0, 1
    return dim.single[1].rise, dim.single[1].period


def _through(
    found: Fields, letter: str, size: int, at: int, number: int, link: Link, mask: Mask
) -> Mask:
    """What is read of an input along its axis, for what is wanted of a node."""
    operation = found.network.nodes[at].operation
    if link.why:
        if link.every and mask is None:
            return None
        raise SolverError(f"{found.network.nodes[at].label}: {link.why}")
    if link.window is None or (
        mask is None and link.window == Window() and _alike(found, at, number, link)
    ):
        return None
    before = length(found, letter, size, number)
    if link.to is None:
        mask = b"\1"
    elif (field := found.of(at, letter)) is None or field.axis != link.to:
        raise SolverError("what is read along two axes has no one position", operation.title)
    elif mask is None:
        mask = b"\1" * length(found, letter, size, at)
    return spread(mask, link.window, before, operation.beyond)


def _check(found: Fields, at: int, row: Sequence[Link], mask: Mask) -> None:
    """Raise SolverError where it is not known what a node reads of an input, whatever the axis."""
    node = found.network.nodes[at]
    for link in row:
        if link.why and not (link.every and mask is None):
            raise SolverError(f"{node.label}: {link.why}")


def _alike(found: Fields, at: int, number: int, link: Link) -> bool:
    """Tell whether an axis comes out as long as it came in; products of sizes too."""
    out, given = (found.network.walk.shapes[i] for i in (at, number))
    return bool(out and given and link.to is not None and out[link.to] == given[link.axis])


def _either(one: Mask, other: Mask) -> Mask:
    if one is None or other is None:
        return None
    whole = int.from_bytes(one, "little") | int.from_bytes(other, "little")
    return _full(whole.to_bytes(max(len(one), len(other)), "little"))


def _full(mask: bytes) -> Mask:
    return mask if 0 in mask else None


def spread(mask: bytes, window: Window, before: int, mode: str = "") -> Mask:
    """Which of `before` elements are read where the outputs of a mask are wanted.

    >>> list(spread(bytes([1, 1, 1]), Window(2, 2, 1), 6))  # reads -1, 0, 1, 2, 3, 4
    [1, 1, 1, 1, 1, 0]
    """
    kernel, s, begin, _, d, apart = window
    if not mask:  # no outputs
        return _full(bytes(before))
    if s:
        wide = bytearray(s * (len(mask) - 1) + 1)
        wide[::s] = mask
    else:
        wide = bytearray([any(mask)])
    value, held = int.from_bytes(wide, "little"), 1
    while held < kernel:  # as many taps again, and again
        more = min(held, kernel - held)
        value |= value << 8 * d * more
        held += more
    places = value.to_bytes(len(wide) + d * (kernel - 1), "little")
    start = max(-(begin // apart), 0)  # the first element at a place
    read = bytes(start) + places[apart * start + begin :: apart]
    kept = bytearray(read[:before].ljust(before, b"\0"))
    if mode:
        outside = [i - begin for i in range(min(begin, len(places))) if places[i]]
        outside += [before + i for i, found in enumerate(read[before:]) if found]
        for place in outside:
            kept[repeated(place, before, mode)] = 1
    return _full(bytes(kept))


def repeated(place: int, size: int, mode: str) -> int:
    """Which element stands at a place outside."""
    if mode == "wrap":
        return place % size
    if mode == "edge":
        return min(max(place, 0), size - 1)
    place = abs(place) % (2 * size - 2) if size > 1 else 0
    return min(place, 2 * size - 2 - place)
