"""Print the size formula of an operation in one call: plan a sheet, then print it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, overload

from solver.errors import SolverError
from solver.ground.shown import written
from solver.render.plan import plan
from solver.render.sheet import Page

_FORMS = {
    "latex": "latex",
    "text": "plain",
    "markdown": "markdown",
    "mathml": "mathml",
    "python": "code",
    "json": "json",
    "svg": "svg",
}


@overload
def formula(
    op: str,
    dim: int = 2,
    format: Literal["latex", "mathml", "text", "markdown", "python", "svg"] = "latex",
    style: str | None = None,
    letter: str | None = None,
    ceil_mode: bool = False,
    **hyperparameters: int | Sequence[int],
) -> str: ...
@overload
def formula(
    op: str,
    dim: int = 2,
    format: str = "latex",
    style: str | None = None,
    letter: str | None = None,
    ceil_mode: bool = False,
    **hyperparameters: int | Sequence[int],
) -> str | dict[str, Any]: ...
def formula(
    op: str,
    dim: int = 2,
    format: str = "latex",
    style: str | None = None,
    letter: str | None = None,
    ceil_mode: bool = False,
    **hyperparameters: int | Sequence[int],
) -> str | dict[str, Any]:
    r"""The size formula of an operation, ready to paste: a string, or a dict for json.

    op: conv, deconv, maxpool or avgpool. dim: 1, 2 or 3 axes, for the textbook style. format:
    latex, mathml, text, markdown, python, json, or svg where the layer has numbers. style: textbook
    or compact. letter: isolate this letter or hyperparameter instead of the output. ceil_mode: of a
    pooling. hyperparameters: numbers to fill in, in elements, one for all axes or one per axis.

    >>> print(formula("conv", dim=1, format="text"))
    Input:    (N, C_in, L_in) or (C_in, L_in)
    Output:   (N, C_out, L_out) or (C_out, L_out)
    L_out = floor((L_in + 2*padding - dilation*(kernel_size - 1) - 1)/stride) + 1
    Defaults: stride = 1, padding = 0, dilation = 1
    >>> print(formula("conv", style="compact"))
    o = \left\lfloor \frac{i + 2p - d(k - 1) - 1}{s} \right\rfloor + 1
    >>> print(formula("conv", style="compact", format="text", kernel_size=3, padding=1, dilation=1))
    o = floor((i - 1)/s) + 1
    >>> print(formula("conv", letter="padding", format="text"))
    ceil(((o - 1)*s - i + d*(k - 1) + 1)/2) <= p <= floor((o*s - i + d*(k - 1))/2)
    """
    form = form_of(format)
    page = Page(plan(op, dim, style, letter, ceil_mode, hyperparameters))
    return page.record() if form == "json" else written(page, form)


def form_of(format: str) -> str:
    """The form of a report by what the format is called here. Raises SolverError."""
    if format not in _FORMS:
        raise SolverError("unknown format", received=format, right=", ".join(_FORMS))
    return _FORMS[format]
