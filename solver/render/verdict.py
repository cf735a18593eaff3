"""A verdict as text, Markdown, LaTeX or plain data."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from solver.errors import LimitError
from solver.proof.claim import least
from solver.proof.verdict import Verdict
from solver.render.latex import escape
from solver.render.latex import latex as tex
from solver.render.records import size_set
from solver.sizes.piecewise import Piecewise
from solver.sizes.sizeset import SizeSet
from solver.sizes.text import text

_MOST_STRETCHES = 8


def plain(verdict: Verdict) -> str:
    """Return the answer in the first line, where the claim holds, and why.

    >>> from solver import prove
    >>> print(plain(prove("conv(n, k=3, s=2) == floor(n/2)", where="n >= 4")))
    refuted: at n = 4 it says 1 == 2
    claim: conv(n, k=3, s=2) == floor(n/2) where n >= 4
    asked for every n >= 4
    true exactly for odd n >= 5
    """
    lines = [headline(verdict), f"claim: {verdict.claim}", *exactly(verdict)]
    if verdict.proved and verdict.proof:
        lines += ["proof:", *("  " + line for line in verdict.proof)]
    return "\n".join(lines)


def headline(verdict: Verdict) -> str:
    """Return the answer in one line."""
    if verdict.counterexample is not None:
        at = ", ".join(f"{name} = {value}" for name, value in verdict.counterexample.items())
        return f"refuted: at {at} it says {verdict.at(verdict.counterexample)}"
    if verdict.empty:
        return "proved, but empty: it is asked nowhere"
    return f"proved for {_every(verdict)}" if verdict.claim.letters else "proved"


def exactly(verdict: Verdict) -> list[str]:
    """Return where a refuted claim about n alone is asked, and where it is true."""
    if verdict.decision is None or verdict.proved:
        return []
    return [
        f"asked for every {_set(verdict, 'asked')}",
        f"true exactly for {_set(verdict, 'holds')}",
    ]


def record(verdict: Verdict) -> dict[str, Any]:
    """Return plain data: the JSON contract."""
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
    if verdict.decision is not None:
        for key, name in (("asked_for", "asked"), ("holds_for", "holds")):
            try:
                found[key] = size_set(getattr(verdict.decision, name).size_set())
            except LimitError:
                found[key] = None  # too many sizes outside the classes to list
    return {**found, "proof": verdict.proof if verdict.proved else []}


def latex(verdict: Verdict) -> str:
    r"""Return the claim as LaTeX math, with where it holds or what refutes it.

    >>> from solver import prove
    >>> print(latex(prove("conv(n, k=2, s=2) == n/2")))
    \text{conv}_{k=2, s=2}(n) = \frac{n}{2} \quad \text{for every even n}
    """
    claim = tex(verdict.claim.statement)
    if verdict.counterexample is None:
        where = verdict.claim.where if verdict.decision is None else None
        narrowed = rf"\text{{ where }} {tex(where)}" if where else ""
        every = escape(_every(verdict).removesuffix(f" where {text(where)}" if where else ""))
        return rf"{claim} \quad \text{{for {every}}}{narrowed}"
    at = ", ".join(f"{name} = {value}" for name, value in verdict.counterexample.items())
    return rf"{claim} \quad \text{{fails at }} {at}"


def displayed(verdict: Verdict) -> str:
    """The claim and what became of it as notebooks show it."""
    return f"$\\displaystyle {latex(verdict)}$"


def markdown(verdict: Verdict) -> str:
    """Return the answer in bold, the claim in $...$, and why."""
    lines = [f"**{headline(verdict)}**", "", f"$${latex(verdict)}$$"]
    if found := [*exactly(verdict), *(verdict.proof if verdict.proved else [])]:
        lines += ["", "```text", *found, "```"]
    return "\n".join(lines)


def _every(verdict: Verdict) -> str:
    if verdict.decision is not None:
        return f"every {_set(verdict, 'asked')}"
    where = f" where {text(verdict.claim.where)}" if verdict.claim.where else ""
    if classes := _classes(verdict):
        return "every " + ", every ".join(classes) + where
    bounds = ", ".join(f"{name} >= {least(name)}" for name in verdict.claim.letters)
    return f"all {bounds}{where} at which it is asked"


def _classes(verdict: Verdict) -> list[str]:
    """Return the classes of each letter, where a claim is asked for all of their combinations."""
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
    try:
        return str(truth.size_set())
    except LimitError:
        return " or ".join(islice(_stretches(truth), _MOST_STRETCHES))


def _stretches(truth: Piecewise) -> Iterator[str]:
    """Yield the stretches of n in which a truth repeats, each with the classes where it is 1."""
    for piece in truth:
        period = piece.value.period
        residues = [r for r in range(period) if piece.value.at(r)]
        end = "" if piece.last is None else f" <= {piece.last}"
        if residues:
            classes = str(SizeSet(period, residues)) + " with " if len(residues) < period else ""
            yield f"{classes}{piece.first} <= n{end}"
