"""The report of what is required of a network: that it holds, or where it does not."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from solver.network.graph.requirement import Requirement
from solver.render.report import Column, Report, Table
from solver.render.sets import with_words
from solver.render.several import why


class Required(Report):
    """What is said of a requirement.

    source: the words of a command line that ask for the network.

    >>> from solver import MaxPool, trace
    >>> print(Requirement(trace(MaxPool(2)), "n % 2 == 0", output="n/2"))
    holds: every even n runs and gives n/2
    <BLANKLINE>
    input  n
    runs   n >= 2
    """

    def __init__(self, requirement: Requirement, source: Sequence[str] = ()) -> None:
        self.requirement, self.source = requirement, source

    @property
    def answered(self) -> bool:
        return self.requirement.holds

    def headline(self) -> str:
        found = self.requirement
        if found.fault is not None:
            return f"fails: {why(found.fault)}"
        gives = "" if found.output is None else f" and gives {found.output}"
        return f"holds: every {found.asked} runs{gives}{', and no other' * found.exactly}"

    def facts(self) -> Iterator[str]:
        """Who says what fixes it."""
        found = self.requirement
        n = found.counterexample
        if n is not None and self.source and n not in found.beyond:
            wanted = ("--output", found.output) if n in found.other and found.output else ()
            words = ("convsolver", "explain", *self.source, "--input", str(n), *wanted)
            yield f"{shlex.join(words)} says what fixes it"

    def tables(self) -> Iterator[Table]:
        """The inputs that run, and those that are not as required."""
        found = self.requirement
        sets = (
            ("runs", found.runs),
            ("required, but refused", found.refused),
            ("not required, but runs", found.beyond),
            (f"does not give {found.output}", found.other),
        )
        rows = [[said, str(sizes)] for said, sizes in sets if sizes or said == "runs"]
        yield Table((Column("input"), Column("n", prose=True)), rows, total=len(rows))

    def items(self) -> Iterator[dict[str, Any]]:
        yield self.record()

    def record(self) -> dict[str, Any]:
        found = self.requirement
        return {
            "schema": 1,
            "command": "network",
            "condition": found.condition,
            "exactly": found.exactly,
            "output": found.output,
            "holds": found.holds,
            "counterexample": found.counterexample,
            "reason": None if found.fault is None else why(found.fault),
            "asked": with_words(found.asked),
            "valid": with_words(found.runs),
            "refused": with_words(found.refused),
            "beyond": with_words(found.beyond),
            "other": with_words(found.other),
        }
