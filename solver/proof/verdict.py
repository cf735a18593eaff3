"""What became of a claim: proved, or refuted, and for which n it holds exactly."""

from __future__ import annotations

from functools import cached_property
from itertools import islice

from solver.errors import LimitError, SolverError
from solver.ground.shown import Reported
from solver.proof.claim import Claim
from solver.proof.every import Decision, decide
from solver.proof.letters import Proved, counterexample, prove
from solver.proof.numbers import sides_at
from solver.sizes.expression import COMPARISONS, walk
from solver.sizes.sizeset import SizeSet
from solver.sizes.text import text

_SHOWN = 8
_FEW = 10_000  # operations for trying numbers before a proof


class Verdict(Reported):
    """Hold a claim that is decided. It is true as a truth value when the claim is proved.

    >>> from solver import prove
    >>> down = prove("conv(n, k=3, s=2) == floor(n/2)")
    >>> bool(down), down.counterexample, str(down.holds_for)
    (False, {'n': 4}, 'odd n >= 3')
    """

    def __init__(self, claim: Claim) -> None:
        self.claim = claim

    @property
    def proved(self) -> bool:
        return self.counterexample is None

    def __bool__(self) -> bool:
        return self.proved

    @property
    def empty(self) -> bool:
        """Tell whether the claim is asked nowhere."""
        if self.decision is not None:
            return self.decision.asked.first() is None
        return self.proved and not self.cases

    @cached_property
    def decision(self) -> Decision | None:
        """Where a claim about n alone is asked and holds.

        None for a claim with letters, and for one that no piecewise size map can say, such as
        n*n == n: letters may do more.
        """
        if not set(self.claim.letters) <= {"n"}:
            return None
        try:
            return decide(self.claim)
        except SolverError:
            return None

    @cached_property
    def cases(self) -> tuple[Proved, ...]:
        """The cases that prove a claim with letters."""
        return tuple(self._proof or ()) if self.decision is None else ()

    @cached_property
    def _proof(self) -> list[Proved] | None:
        return prove(self.claim)

    @cached_property
    def counterexample(self) -> dict[str, int] | None:
        """Return numbers at which the claim is asked and false: the smallest n, where n is alone.

        Raises LimitError where a claim with letters is neither proved nor refuted.
        """
        if self.decision is not None:
            fails = self.decision.asked.least(1 - self.decision.holds).first()
            return None if fails is None else {"n": fails}
        found = counterexample(self.claim, _FEW)
        if found is None and self._proof is not None:
            return None
        found = found or counterexample(self.claim)
        if found is None and set(self.claim.letters) <= {"n"}:
            decide(self.claim)  # raises what stood in the way
        if found is None:
            raise LimitError(
                "neither proved nor refuted: no small numbers refute it, and neither equal "
                "normal forms nor known inequalities prove it",
                received=str(self.claim),
                right="numbers for some letters, or --smtlib and a solver of such formulas",
            )
        return found

    def __repr__(self) -> str:
        """Return code that decides the same claim.

        >>> from solver import prove
        >>> prove("conv(n,3)==n-2", where="n>=5")
        prove('conv(n, k=3) == n - 2', where='n >= 5')
        """
        where = "" if self.claim.where is None else f", where={text(self.claim.where)!r}"
        return f"prove({text(self.claim.statement)!r}{where})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verdict) and self.claim == other.claim

    def __hash__(self) -> int:
        return hash(self.claim)

    @property
    def asked_for(self) -> SizeSet | None:
        """The n at which a claim about n alone is asked."""
        return self.decision.asked.size_set() if self.decision else None

    @property
    def holds_for(self) -> SizeSet | None:
        """The n at which a claim about n alone is asked and true, exactly."""
        return self.decision.holds.size_set() if self.decision else None

    @property
    def proof(self) -> list[str]:
        """Why it is so, line by line.

        >>> from solver import prove
        >>> for line in prove("conv(n, k=3, s=2, p=1) == ceil(n/2)").proof:
        ...     print(line)
        From n = 1 on everything repeats after 2 sizes, over which the two sides gain 1 and 1;
        so these sizes decide:
          n = 1: 1 == 1
          n = 2: 1 == 1
        """
        if self.decision is None:
            more = len(self.cases) - _SHOWN
            rest = [f"and {more:,} more cases"] if more > 0 else []
            return [*map(str, self.cases[:_SHOWN]), *rest]
        start, period = self.decision.start, self.decision.period
        asked = self.decision.asked
        shown = list(islice(filter(asked, range(start, start + period)), _SHOWN + 1))
        if not shown:
            return []
        gains = []
        first, last = (sides_at(self.claim, {"n": n}) for n in (start, start + period))
        for before, after in zip(first, last, strict=True):
            gains.append(" and ".join(str(y - x) for x, y in zip(before, after, strict=True)))
        lines = [
            f"From n = {start} on everything repeats after {period} size{'s' * (period > 1)}, "
            f"over which the two sides gain {'; '.join(gains)};",
            "so these sizes decide:",
        ]
        lines += [f"  n = {n}: {self.at({'n': n})}" for n in shown[:_SHOWN]]
        if len(shown) > _SHOWN:
            lines.append("  and so on for one period")
        if start > 1:
            lines.append(
                f"The sizes below {start} were compared stretch by stretch, none left out."
            )
        return lines

    def at(self, values: dict[str, int]) -> str:
        """Say what the claim compares at given numbers.

        >>> from solver import prove
        >>> prove("conv(n, k=3, s=2) == floor(n/2)").at({"n": 4})
        '1 == 2'
        """
        signs = [node.kind for node in walk(self.claim.statement) if node.kind in COMPARISONS]
        sides = sides_at(self.claim, values)
        return ", ".join(f"{x} {sign} {y}" for sign, (x, y) in zip(signs, sides, strict=True))
