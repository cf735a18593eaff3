"""A derivation as text, Markdown or LaTeX, in the letters of the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from solver.errors import SolverError
from solver.inverse.letters.recipes import Recipes
from solver.inverse.solutions import Solutions
from solver.render.family import SHORT
from solver.render.latex import SIGNS, escape, latex
from solver.sizes.expression import Expression, substitute
from solver.sizes.step import Step, Words
from solver.sizes.text import text

_WIDEST = 110  # characters of LaTeX source on one line of a chain


def explain(solutions: Solutions, form: str = "text") -> str:
    """The derivation of a solution set.

    form: text, markdown or latex.

    >>> from solver import Conv, solve
    >>> print(explain(solve(Conv, 224, 112, kernel_size=7, stride=2, dilation=1)))
    Write n for the size of the input, o for that of the output, k for the kernel size, s for the \
stride, p for the padding at each end and d for the dilation, all of them whole numbers. The \
output of the convolution is
      o = floor((n + 2*p - d*(k - 1) - 1)/s) + 1
    Given: k = 7 and s = 2 and d = 1.
    For the input 224:
      floor((224 + 2*p - 1*(7 - 1) - 1)/2) + 1 = 112
      hence 222 <= 2*p + 217 <= 223
      hence 5 <= 2*p <= 6
      hence ceil(5/2) <= p <= floor(6/2)
    So a layer does it exactly when
      p = 3
    Every step can be read backwards, so these are all the layers with k = 7 and s = 2 and d = 1, \
in the searched box and outside of it.
    """
    return _written(solutions.derivation, form)


def explain_recipes(recipes: Recipes, form: str = "text") -> str:
    """The derivation of recipes; their letters are their own, so hyperparameters keep their names.

    >>> from solver import solve
    >>> print(explain_recipes(solve("conv", "n", "ceil(n/s)", kernel_size="2s")).splitlines()[-1])
    So no layer does this: 2*padding would have to be 2*s - 1, which is odd for all letters.
    """
    return _written(recipes.derivation, form, long=True)


def _written(steps: Iterable[Step], form: str, long: bool = False) -> str:
    if form not in _FORMS:
        raise SolverError("unknown form of a derivation", form, ", ".join(_FORMS))
    shown = steps if long else map(_short, steps)
    return "\n".join(_FORMS[form](shown))


def _short(step: Step) -> Step:
    """A step with the letters of the field for long names."""
    words = tuple(
        substitute(part, SHORT) if isinstance(part, Expression) else part for part in step.words
    )
    return Step(words, tuple(substitute(term, SHORT) for term in step.terms), step.relations)


def lines(steps: Iterable[Step]) -> Iterator[str]:
    """Yield the steps as lines of text, formulas indented."""
    for step in steps:
        words = _inline(step.words, lambda node: text(node).replace(" == ", " = "))
        if not step.terms:
            yield words
            continue
        first, *others = (text(term) for term in step.terms)
        signs = ("=" if sign == "==" else sign for sign in step.relations)
        chain = [first, *(part for pair in zip(signs, others, strict=True) for part in pair)]
        yield "  " + " ".join([words, *chain] if words else chain)


def markdown(steps: Iterable[Step]) -> Iterator[str]:
    """Yield the steps as Markdown, a paragraph each, formulas between $ signs."""
    for step in steps:
        words = _inline(step.words, lambda node: f"${latex(node)}$", escape_markdown)
        chain = f"${' '.join(_pieces(step))}$" if step.terms else ""
        yield " ".join(part for part in (words, chain) if part)
        yield ""


def escape_markdown(words: str) -> str:
    r"""Return running text that Markdown prints as it is.

    >>> print(escape_markdown("2*n -> 3*n"))
    2\*n -> 3\*n
    """
    return re.sub(r"[*<|]", r"\\\g<0>", words)


def align(steps: Iterable[Step]) -> Iterator[str]:
    """Yield the steps as LaTeX: sentences, and the formulas between them in align* environments."""
    rows: list[str] = []
    for step in [*steps, Step(())]:
        words = _inline(step.words, lambda node: f"${latex(node)}$", escape)
        if step.terms:
            lead = rf"\text{{{words}}}\quad " if words else ""
            rows.append(f"  {lead}& {_broken(_pieces(step))}")
            continue
        if rows:
            yield r"\begin{align*}"
            yield " \\\\\n".join(rows)
            yield r"\end{align*}"
            rows = []
        if words:
            yield words


def _pieces(step: Step) -> list[str]:
    """The terms of a chain as LaTeX, each but the first with the sign before it."""
    first, *others = (latex(term) for term in step.terms)
    signs = (SIGNS.get(sign, sign) for sign in step.relations)
    return [first, *(f"{sign} {term}" for sign, term in zip(signs, others, strict=True))]


def _broken(pieces: list[str]) -> str:
    """Break a chain that is too wide for a line before its signs."""
    if len(" ".join(pieces)) <= _WIDEST:
        return " ".join(pieces)
    return " \\\\\n  & \\quad ".join(pieces)


def _inline(
    words: Words, formula: Callable[[Expression], str], other: Callable[[str], str] = str
) -> str:
    """Write the formulas in the words one way, and the words another."""
    return "".join(formula(part) if isinstance(part, Expression) else other(part) for part in words)


_FORMS = {"text": lines, "markdown": markdown, "latex": align}
