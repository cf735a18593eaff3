"""Which function prints or explains a value: values name a form and import no printer.

A printer stands above what it prints, so it is named here and imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: What prints a value of a class, or of one below it, in a form.
PRINTERS = {
    ("Expression", "latex"): "solver.render.notebook:expression",
    ("Expression", "text"): "solver.sizes.text:text",
    ("Layer", "code"): "solver.frameworks.code:layer_code",
    ("Layer", "latex"): "solver.render.notebook:layer",
    ("Network", "html"): "solver.render.network:html",
    ("Network", "text"): "solver.render.network:shown",
    ("SizeMap", "latex"): "solver.render.notebook:size_map",
    ("SizeMap", "text"): "solver.sizes.fold:fold",
    ("SizeSet", "latex"): "solver.render.notebook:size_set",
    ("Solutions", "derivation"): "solver.render.derivation:explain",
    ("Solutions", "html"): "solver.render.html:html",
    ("Solutions", "latex"): "solver.render.family:displayed",
    ("Solutions", "text"): "solver.render.plain:text",
    ("Space", "reason"): "solver.spaces.empty:why_empty",
    ("Stack", "code"): "solver.frameworks.code:stack_code",
    ("Stack", "html"): "solver.render.stack:html",
    ("Stack", "text"): "solver.render.stack:text",
    ("Verdict", "latex"): "solver.render.verdict:displayed",
    ("Verdict", "text"): "solver.render.verdict:plain",
}


def printer(kind: type, form: str) -> Any:
    """The function that prints values of a class in a form, or None where there is none."""
    for each in kind.__mro__:
        if (place := PRINTERS.get((each.__name__, form))) is not None:
            module, _, name = place.partition(":")
            return getattr(import_module(module), name)
    return None


def shown(value: object, form: str, *options: Any) -> str:
    """A value in a form; options are the printer's own.

    >>> from solver import SizeMap
    >>> shown(SizeMap.line(1, 1, 2), "text")
    'ceil(n/2)'
    """
    printed: str = printer(type(value), form)(value, *options)
    return printed


class Shown:
    """Let a value show itself: as text, and in notebooks in the richest form it has."""

    __slots__ = ()

    def __str__(self) -> str:
        return shown(self, "text") if printer(type(self), "text") else repr(self)

    def _repr_html_(self) -> str | None:
        return shown(self, "html") if printer(type(self), "html") else None

    def _repr_latex_(self) -> str | None:
        return shown(self, "latex") if printer(type(self), "latex") else None

    def _repr_pretty_(self, page: Any, cycle: bool) -> None:
        page.text(repr(self) if cycle else str(self))
