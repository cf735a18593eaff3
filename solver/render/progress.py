"""Progress of long work on standard error, if that is a terminal, after a second.

A page that waits for an answer is no terminal: it listens.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

_T = TypeVar("_T")

_PATIENCE = 1.0  # seconds
_BAR = 20  # characters
_BETWEEN = 0.1  # seconds between what a listener is told

Listener = Callable[[str, int, int | None], object]
_listeners: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let a function be told what is done, how much of it, and of how much where that is known.

    >>> with listening(print), Progress() as progress:
    ...     progress("layers", 3, 7)
    layers 3 7
    """
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.pop()


class Progress:
    """Show what is done while it is called with a word and a number; a context manager.

    Where it is told how many there are in all, it shows a bar.
    """

    def __init__(self) -> None:
        self._start = monotonic()
        self._status: Any = None
        self._next = self._start  # when a listener is told again

    def __call__(self, what: str, done: int, total: int | None = None) -> None:
        if _listeners and (now := monotonic()) >= self._next:
            self._next = now + _BETWEEN
            for listener in _listeners:
                listener(what, done, total)
        if monotonic() - self._start < _PATIENCE or not sys.stderr or not sys.stderr.isatty():
            return
        if self._status is None:
            from rich.console import Console

            self._status = Console(stderr=True).status("")
            self._status.start()
        if total:
            bar = "#" * (_BAR * done // total)
            self._status.update(f"{what}: {bar:.<{_BAR}} {done:,} of {total:,} (Ctrl-C stops)")
        else:
            self._status.update(f"{what}: {done:,} (Ctrl-C stops, and shows what is found so far)")

    def over(self, what: str, items: Iterable[_T], total: int | None) -> Iterator[_T]:
        """Yield items, and show how many of them are done."""
        for done, item in enumerate(items):
            self(what, done, total)
            yield item

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()


def counted(what: str, items: Collection[_T]) -> Iterator[_T]:
    """Yield items, and show how many of all are done."""
    with Progress() as progress:
        yield from progress.over(what, items, len(items))


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say what is done while it is done, where nothing counts it."""
    if not sys.stderr or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(what)):
        yield
