"""Read a file, or the standard input by the name "-", up to a length."""

from __future__ import annotations

import sys

from solver.errors import SolverError


def read_bytes(name: str, longest: int, what: str) -> bytes:
    """What is in a file, cut after one byte more than the longest that is taken.

    what: names it in the message of SolverError, raised where nothing can be read.
    """
    try:
        if name != "-":
            with open(name, "rb") as file:
                return file.read(longest + 1)
        if sys.stdin is None:  # closed before the start
            raise OSError("standard input is closed")
        return sys.stdin.buffer.read(longest + 1)
    except (OSError, ValueError) as fault:
        why = getattr(fault, "strerror", None) or str(fault)
        right = "a file, or text that is piped in" if name == "-" else None
        raise SolverError(f"{what} cannot be read: {why}", name, right) from None
