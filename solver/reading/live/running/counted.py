"""The parameters of a model, each counted once: where it is used first."""

from __future__ import annotations

from typing import Any

from solver.reading.live.running.book import Book
from solver.reading.live.running.program import leaves_of
from solver.reading.paths.recorder import Recorder


class Counted:
    """Hold which parameters have been used, and of which a constant is made."""

    def __init__(self, book: Book, to: Recorder) -> None:
        self._book, self._to = book, to
        self._used = set[int]()
        self._derived: dict[int, tuple[Any, frozenset[int]]] = {}

    def derive(self, made: Any, args: Any, words: Any) -> Any:
        """Keep of which parameters a constant is made."""
        of = self._held([args, words])
        if of:
            for each in leaves_of(made):
                if isinstance(each, self._book.torch.Tensor):
                    self._derived[id(each)] = each, of
        return made

    def _held(self, values: Any) -> frozenset[int]:
        found = set[int]()
        for each in leaves_of(values):
            if id(each) in self._book.parameters:
                found.add(id(each))
            elif id(each) in self._derived:
                found |= self._derived[id(each)][1]
        return frozenset(found)

    def count(self, start: int, values: Any) -> None:
        """Give the nodes since then the parameters that none before them had."""
        new = self._held(values) - self._used
        self._used |= new
        held = sum(self._book.counts[each] for each in new)
        for at in range(start, len(self._to.nodes)):
            self._to.nodes[at] = self._to.nodes[at]._replace(parameters=held)
            held = 0
