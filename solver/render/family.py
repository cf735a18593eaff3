"""The family of a solution set as LaTeX, one line per condition, in the letters of the field."""

from __future__ import annotations

from solver.inverse.family import Condition
from solver.inverse.solutions import Solutions
from solver.render.latex import SIGNS, latex
from solver.sizes.expression import substitute
from solver.sizes.operations import LETTERS

#: The letters of the field, by long names.
SHORT = {"n": "n", **LETTERS, "padding_begin": "p_begin", "padding_end": "p_end"}


def family(solutions: Solutions) -> list[str]:
    r"""The conditions of a solution set as LaTeX.

    >>> from solver import Conv, solve
    >>> print(*family(solve(Conv, "n", "n/2")), sep="; ")
    s = 2; p = \left\lfloor \frac{k - 1}{2} \right\rfloor
    """
    found = []
    for axis, ways in solutions.ways:
        where = "" if axis is None else rf"\text{{axis }}{axis}\colon\ "
        lines = [[_latex(condition) for condition in way] for way in ways]
        if len(lines) > 1:
            lines = [[r" \text{ or } ".join(",\\ ".join(way) for way in lines)]]
        found += [where + line for line in lines[0]]
    return found


def aligned(solutions: Solutions) -> str:
    """The family as one LaTeX environment, or the reason why there is none."""
    if not solutions:
        return rf"\text{{{solutions.reason}}}".replace("_", r"\_")
    lines = " \\\\ ".join(f"& {line}" for line in family(solutions) or [r"\text{always}"])
    return rf"\begin{{aligned}} {lines} \end{{aligned}}"


def displayed(solutions: Solutions) -> str:
    """The family as notebooks show it."""
    return f"$\\displaystyle {aligned(solutions)}$"


def _latex(condition: Condition) -> str:
    terms = [latex(substitute(term, SHORT)) for term in condition.terms]
    return f" {SIGNS.get(condition.relation, condition.relation)} ".join(terms)
