"""A list that has a length at most, as deque(maxlen=3) of Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Deque(list[Any]):
    """A list of the program that forgets at its other end what is more than a length."""

    def __init__(self, values: Sequence[Any] = (), maxlen: int | None = None) -> None:
        super().__init__(values)
        self.maxlen = maxlen
        self._trim()

    def _trim(self, from_end: bool = False) -> None:
        if self.maxlen is not None and len(self) > self.maxlen:
            cut = len(self) - self.maxlen
            del self[slice(-cut, None) if from_end else slice(cut)]

    def append(self, value: Any) -> None:
        super().append(value)
        self._trim()

    def extend(self, values: Any) -> None:
        super().extend(values)
        self._trim()

    def appendleft(self, value: Any) -> None:
        super().insert(0, value)
        self._trim(from_end=True)

    def popleft(self) -> Any:
        return super().pop(0)

    def rotate(self, steps: int = 1) -> None:
        if self:
            at = -steps % len(self)
            self[:] = self[at:] + self[:at]
