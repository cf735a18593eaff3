"""What is demanded of what a network reads, beside its sizes: nothing unread, no future.

Sizes do not tell it, so every way that gives the sizes is filled in and asked what it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.network.fields.coverage import coverage
from solver.network.fields.field import fields
from solver.network.fields.streaming import streaming
from solver.network.fields.unread import unread
from solver.network.graph.graph import Graph
from solver.network.unknowns.multiple import Common, Multiple
from solver.network.unknowns.single import Single
from solver.network.unknowns.states import At, from_some_size_on
from solver.network.unknowns.unknown import Way
from solver.sizes.sizeset import NONE, SizeSet

#: Ways that are filled in and asked one by one, at most.
MOST_TRIED = 5_000


class Demands(NamedTuple):
    """Hold what is demanded of what is read.

    nothing_unread: every element of the input is read by some output; for every n, from some n on.
    causal: no output waits for elements behind its own block, see `Streaming`.
    """

    nothing_unread: bool = False
    causal: bool = False

    @property
    def words(self) -> list[str]:
        """The demands in words."""
        named = {"nothing unread": self.nothing_unread, "causal": self.causal}
        return [word for word, asked in named.items() if asked]

    def met(self, network: Graph, at: Sequence[At], asked: SizeSet) -> bool:
        """Tell whether a network meets them at all inputs, or without one for the asked n.

        >>> from solver import Conv, trace
        >>> from solver.sizes.sizeset import EVERY
        >>> left = trace(Conv(3, padding=((2, 0),)), axes=1)
        >>> Demands(causal=True).met(left, [], EVERY), Demands(causal=True).met(left, [8], EVERY)
        (True, True)
        >>> Demands(True).met(trace(Conv(2, 2), axes=1), [], EVERY)  # the last of odd n
        False
        """
        if self.causal and not all(_causal(network, each, asked) for each in at or (None,)):
            return False
        if not self.nothing_unread:
            return True
        letters = network.letters
        if asked.finite and len(asked.exceptions) > MOST_TRIED:
            raise LimitError(_RULE.replace("ways", "inputs"), f"{len(asked.exceptions):,}")
        if inputs := at or ([*asked] if asked.finite else []):
            return not any(coverage(network, each, x).unread for each in inputs for x in letters)
        return all(from_some_size_on(asked, self.inputs(network, x, asked)) for x in letters)

    def inputs(self, network: Graph, letter: str, asked: SizeSet) -> SizeSet:
        """The asked n from which on everything is read, by their classes."""
        found = NONE
        for each in unread(network, letter).patterns:
            if not (each.begin or each.end or each.residues):
                found |= asked & SizeSet(each.modulus, [each.residue], minimum=each.least)
        return found


def _causal(network: Graph, at: At | None, asked: SizeSet) -> bool:
    for letter in network.letters:
        modulus = 1 if at is not None else fields(network).modulus.get(letter, 1)
        classes = {n % modulus for n in asked.classes(modulus * asked.modulus)} or {0}
        residues = [None] if modulus == 1 else sorted(classes)
        for output in network.outputs:
            for residue in residues:
                try:
                    if not streaming(network, output, letter, at, residue).causal:
                        return False
                except LimitError:
                    raise
                except SolverError:  # an output that reads everything waits for all of it
                    return False
    return True


class Demanded:
    """Hold the ways of a question that meet demands on what is read.

    meets: tells it of a way.
    """

    def __init__(
        self,
        ways: Single | Multiple | Common,
        demands: Demands,
        meets: Callable[[Sequence[Way]], bool],
    ) -> None:
        self._ways, self._demands, self._meets = ways, demands, meets

    def __iter__(self) -> Iterator[tuple[Way, ...]]:
        """Yield the ways, the best first. Raises LimitError after so many that do not."""
        missed = 0
        for way in self._ways:
            if self._meets(way):
                missed = 0
                yield way
            elif (missed := missed + 1) > MOST_TRIED:
                raise LimitError(_RULE, "more", "smaller ranges")

    def __bool__(self) -> bool:
        return any(True for _ in self)

    @cached_property
    def listed(self) -> list[tuple[Way, ...]]:
        """All of the ways. Raises LimitError where too many are to be asked."""
        given = [*islice(self._ways, MOST_TRIED + 1)]
        if len(given) > MOST_TRIED:
            raise LimitError(_RULE, f"{self._ways.count:,}", "smaller ranges")
        return [way for way in given if self._meets(way)]

    @property
    def count(self) -> int:
        """How many ways there are, exactly."""
        return len(self.listed)

    @property
    def blocked(self) -> tuple[int, str] | None:
        """The node that nothing gets past, and why, where there is no way."""
        return None if self._ways else self._ways.blocked

    @property
    def reason(self) -> str | None:
        """Why there is no way, where there are some that give the sizes."""
        if not self._ways or self:
            return None
        words = ", ".join(self._demands.words)
        return f"of {self._ways.count:,} that give the sizes none is left: {words}"


_RULE = f"what is read is asked of at most {MOST_TRIED:,} ways"
