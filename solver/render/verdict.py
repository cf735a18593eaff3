"""The report of a verdict: proved or refuted, where the claim holds, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from solver.errors import LimitError
from solver.proof.verdict import Verdict
from solver.render.report import Formula, Report
from solver.render.sets import size_set
from solver.sizes.expression import Expression
from solver.sizes.letters import least
from solver.sizes.piecewise import Piecewise
from solver.sizes.sizeset import SizeSet
from solver.sizes.text import text

_MOST_STRETCHES = 8


class Judged(Report):
    """What is said of a verdict.

    >>> from solver import prove
    >>> print(prove("conv(n, k=3, s=2) == floor(n/2)", where="n >= 4"))
    refuted: at n = 4 it says 1 == 2
    claim: conv(n, k=3, s=2) == floor(n/2) where n >= 4
    asked for every n >= 4
    true exactly for odd n >= 5
    false exactly for even n >= 4
    """

    indented = True

    def __init__(self, verdict: Verdict, at: Iterable[Mapping[str, int]] = ()) -> None:
        self.verdict = verdict
        self.at = [(values, verdict.true_at(values)) for values in at]

    @property
    def answered(self) -> bool:
        return self.verdict.proved

    def headline(self) -> str:
        verdict = self.verdict
        if verdict.counterexample is not None:
            at = f"at {self._at()} " if verdict.counterexample else ""
            return f"refuted: {at}it says {verdict.at(verdict.counterexample)}"
        if verdict.empty:
            return "proved, but empty: it is asked nowhere"
        return f"proved for {_every(verdict)}" if verdict.claim.letters else "proved"

    def _at(self) -> str:
        return _values(self.verdict.counterexample or {})

    def facts(self) -> Iterator[str]:
        """The claim; its sides at numbers; where it is true and where false; the proof."""
        verdict = self.verdict
        yield Formula(f"claim: {verdict.claim}", self.formula)
        for values, true in self.at:
            said = "not asked" if true is None else f"{verdict.at(values)}, {true}".lower()
            yield f"at {_values(values)}: {said}"
        if verdict.decision is not None and verdict.claim.letters and not verdict.proved:
            yield f"asked for every {_set(verdict, 'asked')}"
            yield f"true exactly for {_set(verdict, 'holds')}"
            yield f"false exactly for {_set(verdict, 'fails')}"
        if verdict.proved and verdict.proof:
            yield "proof:"
            yield from ("  " + line for line in verdict.proof)

    def record(self) -> dict[str, Any]:
        verdict = self.verdict
        where = verdict.claim.where
        found: dict[str, Any] = {
            "schema": 1,
            "command": "prove",
            "claim": text(verdict.claim.statement),
            "where": None if where is None else text(where),
            "verdict": "proved" if verdict.proved else "refuted",
            "empty": verdict.empty,
            "counterexample": verdict.counterexample,
        }
        if verdict.decision is not None and verdict.claim.letters:
            for key in ("asked_for", "holds_for", "fails_for"):
                try:
                    found[key] = size_set(getattr(verdict, key))
                except LimitError:
                    found[key] = None  # too many sizes outside the classes to list
        if self.at:
            found["at"] = [
                {**values, "says": verdict.at(values), "true": true} for values, true in self.at
            ]
        return {**found, "proof": verdict.proof if verdict.proved else []}

    def formula(self) -> str:
        r"""The claim, with where it holds or what refutes it.

        >>> from solver import prove
        >>> print(Judged(prove("conv(n, k=2, s=2) == n/2")).formula())
        \text{conv}_{k=2, s=2}(n) = \frac{n}{2} \quad \text{for every even n}
        """
        from solver.render.latex import escape, latex

        verdict = self.verdict
        claim = latex(verdict.claim.statement)
        if verdict.counterexample is not None:
            at = rf"\text{{fails at }} {self._at()}" if self._at() else r"\text{fails}"
            return rf"{claim} \quad {at}"
        where = verdict.claim.where if verdict.decision is None else None
        narrowed = rf"\text{{ where }} {latex(where)}" if where is not None else ""
        every = _every(verdict)
        if where is not None:
            every = every.removesuffix(f" where {text(where)}")
        return rf"{claim} \quad \text{{for {escape(every)}}}{narrowed}"

    def trees(self) -> Iterator[Sequence[Expression | str]]:
        verdict, at = self.verdict, f" at {self._at()}" if self._at() else ""
        fails = verdict.counterexample is not None
        yield [verdict.claim.statement, f" fails{at}" if fails else f" for {_every(verdict)}"]


def displayed(verdict: Verdict) -> str:
    """The claim and what became of it as notebooks show it."""
    return f"$\\displaystyle {Judged(verdict).formula()}$"


def _values(values: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _every(verdict: Verdict) -> str:
    if verdict.decision is not None:
        return f"every {_set(verdict, 'asked')}"
    asked = verdict.claim.where
    where = "" if asked is None else f" where {text(asked)}"
    if classes := _classes(verdict):
        return "every " + ", every ".join(classes) + where
    bounds = ", ".join(f"{name} >= {least(name)}" for name in verdict.claim.letters)
    return f"all {bounds}{where} at which it is asked"


def _classes(verdict: Verdict) -> list[str]:
    """The classes of each letter, where a claim is asked for all of their combinations."""
    found = []
    combinations = 1
    for name in verdict.claim.letters:
        forms = {form for proved in verdict.cases if (form := proved.case.residue(name))}
        moduli = {modulus for modulus, _ in forms}
        combinations *= len(forms)
        if len(moduli) == 1:
            classes = SizeSet(moduli.pop(), [residue for _, residue in forms])
            every = classes.modulus == 1
            found.append(f"{name} >= {least(name)}" if every else classes.text(name))
    return found if combinations == len(verdict.cases) else []


def _set(verdict: Verdict, name: str) -> str:
    truth: Piecewise = getattr(verdict.decision, name)
    letter = verdict.claim.size
    try:
        return truth.size_set().text(letter)
    except LimitError:
        return " or ".join(islice(_stretches(truth, letter), _MOST_STRETCHES))


def _stretches(truth: Piecewise, letter: str) -> Iterator[str]:
    """Yield the stretches of a size in which a truth repeats, with the classes where it is 1."""
    for piece in truth:
        period = piece.value.period
        residues = [r for r in range(period) if piece.value.at(r)]
        end = "" if piece.last is None else f" <= {piece.last}"
        if residues:
            classes = SizeSet(period, residues).text(letter) + " with "
            yield f"{classes * (len(residues) < period)}{piece.first} <= {letter}{end}"
