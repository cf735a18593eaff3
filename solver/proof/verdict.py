"""What became of a claim: proved, or refuted, and for which n it holds exactly."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import islice

from solver.errors import LimitError, SolverError
from solver.ground.shown import Reported
from solver.proof.claim import Claim
from solver.proof.every import Decision, decide
from solver.proof.letters import Proved, counterexample, prove
from solver.proof.numbers import at, sides_at
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
        """Where a claim about a size alone is asked and holds.

        None for a claim with letters, and for one that no piecewise size map can say, such as
        n*n == n: letters may do more.
        """
        if not self._of_size:
            return None
        try:
            return decide(self.claim)
        except SolverError:
            return None

    @property
    def _of_size(self) -> bool:
        """Whether there are no letters but that of the size."""
        return {*self.claim.letters} <= {self.claim.size}

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

        Without letters there are none to be named: {}.

        Raises LimitError where a claim with letters is neither proved nor refuted.
        """
        if self.decision is not None:
            fails = self.decision.fails.first()
            return None if fails is None else dict.fromkeys(self.claim.letters, fails)
        found = counterexample(self.claim, _FEW)
        if found is None and self._proof is not None:
            return None
        found = found or counterexample(self.claim)
        if found is None and self._of_size:
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
        return self._set("asked")

    @property
    def holds_for(self) -> SizeSet | None:
        """The n at which a claim about n alone is asked and true, exactly."""
        return self._set("holds")

    @property
    def fails_for(self) -> SizeSet | None:
        """The n at which a claim about n alone is asked and false, exactly.

        >>> from solver import prove
        >>> down = prove("conv(h, k=3, s=2) == floor(h/2)")
        >>> print(down.fails_for.text("h"), "|", prove("conv(7, 3) == 6").fails_for)
        even h >= 4 | None
        """
        return self._set("fails")

    def _set(self, name: str) -> SizeSet | None:
        """A set of sizes of the decision; None where the claim has none, or more letters."""
        if self.decision is None or not self.claim.letters:
            return None
        found: SizeSet = getattr(self.decision, name).size_set()
        return found

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
        if not self.claim.letters:
            return [self.at({})] if self.decision.asked.first() else []
        (n,) = self.claim.letters
        start, period = self.decision.start, self.decision.period
        asked = self.decision.asked
        shown = list(islice(filter(asked, range(start, start + period)), _SHOWN + 1))
        if not shown:
            return []
        gains = []
        first, last = (sides_at(self.claim, {n: size}) for size in (start, start + period))
        for before, after in zip(first, last, strict=True):
            gains.append(" and ".join(str(y - x) for x, y in zip(before, after, strict=True)))
        lines = [
            f"From {n} = {start} on everything repeats after {period} size{'s' * (period > 1)}, "
            f"over which the two sides gain {'; '.join(gains)};",
            "so these sizes decide:",
        ]
        lines += [f"  {n} = {size}: {self.at({n: size})}" for size in shown[:_SHOWN]]
        if len(shown) > _SHOWN:
            lines.append("  and so on for one period")
        if start > 1:
            lines.append(
                f"The sizes below {start} were compared stretch by stretch, none left out."
            )
        return lines

    def at(self, values: Mapping[str, int] | int) -> str:
        """Say what the claim compares at numbers for its letters, or at one for its only letter.

        Raises SolverError for a letter without a number, and for one that it does not have.

        >>> from solver import prove
        >>> prove("conv(n, k=3, s=2) == floor(n/2)").at(4)
        '1 == 2'
        """
        if isinstance(values, int):
            values = dict.fromkeys(self.claim.letters[:1], values)
        self._check(values)
        signs = [node.kind for node in walk(self.claim.statement) if node.kind in COMPARISONS]
        sides = sides_at(self.claim, values)
        return ", ".join(f"{x} {sign} {y}" for sign, (x, y) in zip(signs, sides, strict=True))

    def true_at(self, values: Mapping[str, int]) -> bool | None:
        """Whether the claim is true at numbers for its letters; None where it is not asked.

        >>> from solver import prove
        >>> down = prove("conv(n, k=3, s=2) == floor(n/2)")
        >>> [down.true_at({"n": n}) for n in (2, 3, 4)]
        [None, True, False]
        """
        self._check(values)
        return at(self.claim, values)

    def _check(self, values: Mapping[str, int]) -> None:
        letters = self.claim.letters
        if {*values} != {*letters}:
            right = ", ".join(f"{name}=3" for name in letters) or "no letters"
            received = ", ".join(f"{name}={value}" for name, value in values.items())
            raise SolverError("each letter of the claim has a number", received or "none", right)
