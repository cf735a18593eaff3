"""Which input elements the outputs read, at one size, exactly: positions go back to the input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.network.fields.backward import Mask, backward, length
from solver.network.fields.field import Fields, fields
from solver.network.graph.graph import Graph


class Coverage(NamedTuple):
    """Hold which elements of the input are read, at one size: runs of positions, in order."""

    letter: str
    size: int
    read: tuple[range, ...]
    unread: tuple[range, ...]

    def __str__(self) -> str:
        if not self.unread:
            return f"{self.letter} = {self.size}: every element is read"
        return f"{self.letter} = {self.size}: never read is {written(self.unread)}"


def coverage(
    network: Graph,
    sizes: Mapping[str, int] | int | Sequence[int],
    letter: str | None = None,
    at: int | None = None,
    output: int | None = None,
    source: int | None = None,
) -> Coverage:
    """Which input elements are read at given sizes, in elements.

    letter: of the axis; the first one without it. at: the node that reads, all outputs of the
    network without it. output: its position along the axis; all without it. source: the number of
    the input, the first with this letter without it. Raises SizeError where the sizes do not run.

    >>> from solver import Conv, MaxPool, trace
    >>> print(coverage(trace(MaxPool(2)), 7))
    h = 7: never read is 6
    >>> net = trace(lambda x: Conv(3, dilation=2)(MaxPool(2)(x)), axes=1)
    >>> coverage(net, 16, output=0).read  # the holes of the dilated kernel are not read
    (range(0, 2), range(4, 6), range(8, 10))
    """
    found = fields(network, sizes)
    letter = letter_of(network, letter)
    size = network.values(sizes)[letter]
    wanted: dict[int, Mask] = dict.fromkeys(network.outputs if at is None else (at,))
    if output is not None:
        for number in wanted:
            count = length(found, letter, size, number)
            if not 0 <= output < count:
                rule = "an output has a position along its axis"
                raise SolverError(rule, str(output), f"0 to {count - 1}")
            wanted[number] = bytes(output) + b"\1" + bytes(count - 1 - output)
    mask = read_of(found, letter, size, wanted, source)
    return Coverage(letter, size, runs(mask, 1), runs(mask, 0))


def letter_of(network: Graph, letter: str | None) -> str:
    """The letter that is meant: the first without one."""
    if letter is None:
        return network.letters[0]
    if letter not in network.letters:
        raise SolverError("no input has this letter", letter, ", ".join(network.letters))
    return letter


def source_of(found: Fields, letter: str, source: int | None) -> int:
    """The number of the input that is meant: the first with this letter without one."""
    if source is not None:
        return source
    return next(at for at in found.network.inputs if found.of(at, letter) is not None)


def read_of(
    found: Fields, letter: str, size: int, wanted: Mapping[int, Mask], source: int | None
) -> bytes:
    """A byte for each element of the input: whether it is read."""
    at = source_of(found, letter, source)
    mask = backward(found, letter, size, wanted).get(at, bytes(size))
    return b"\1" * size if mask is None else mask


def runs(mask: bytes, value: int) -> tuple[range, ...]:
    """The runs of a value in a mask.

    >>> runs(bytes([0, 1, 1, 0]), 1)
    (range(1, 3),)
    """
    found, start = [], mask.find(value)
    while start >= 0:
        end = mask.find(1 - value, start)
        found.append(range(start, len(mask) if end < 0 else end))
        start = mask.find(value, end) if end >= 0 else -1
    return tuple(found)


def ranges_of(positions: Sequence[int]) -> list[range]:
    """Return positions in order as runs."""
    found: list[range] = []
    for x in positions:
        if found and found[-1].stop == x:
            found[-1] = range(found[-1].start, x + 1)
        else:
            found.append(range(x, x + 1))
    return found


def written(found: Iterable[range]) -> str:
    """Return runs as text, the first dozen.

    >>> written([range(3, 4), range(6, 9)])
    '3, 6..8'
    """
    texts = [f"{r.start}" if len(r) == 1 else f"{r.start}..{r.stop - 1}" for r in found]
    return ", ".join(texts[:12]) + (", ..." if len(texts) > 12 else "")
