"""Whether a program may catch what is raised where it is: as the tables of its code say."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType

from solver.reading.live.running.program import frames

_PUSH, _WITH = dis.opmap["PUSH_EXC_INFO"], dis.opmap["WITH_EXCEPT_START"]


def guarded() -> bool:
    """Tell whether the model's own code is in a try statement."""
    return any(
        start <= frame.f_lasti < end for frame in frames() for start, end in _tries(frame.f_code)
    )


@lru_cache(4096)
def _tries(code: CodeType) -> tuple[tuple[int, int], ...]:
    """From where to where a try statement, or a with that suppresses, holds: offsets of code."""
    suppresses = "suppress" in code.co_names
    return tuple(
        (start, end)
        for start, end, target in _handled(code.co_exceptiontable)
        if code.co_code[target] == _PUSH and (suppresses or code.co_code[target + 2] != _WITH)
    )


def _handled(table: bytes) -> Iterator[tuple[int, int, int]]:
    """Start, end and handler of each entry, which is four numbers of six bits a byte."""
    numbers, value = list[int](), 0
    for byte in table:
        value = value << 6 | byte & 63
        if not byte & 64:
            numbers.append(value)
            value = 0
    for at in range(0, len(numbers), 4):
        start, length, target, _ = numbers[at : at + 4]
        yield 2 * start, 2 * (start + length), 2 * target
