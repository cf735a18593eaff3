"""Bound how many facts are tried in one proof."""

from __future__ import annotations

from dataclasses import dataclass

from solver.errors import LimitError

_MOST_TRIED = 60_000  # of them, and terms of facts that are looked at, in one proof


@dataclass(unsafe_hash=True)
class Effort:
    """Count the facts and terms that are tried in a proof; past its bound LimitError is raised."""

    left: int = _MOST_TRIED

    def spend(self, count: int = 1) -> None:
        self.left -= count
        if self.left < 0:
            raise LimitError(
                "a proof by inequalities grows too long",
                right="numbers for some letters, or --smtlib and a solver of such formulas",
            )
