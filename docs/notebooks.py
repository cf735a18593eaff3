"""Write the notebooks of docs/notebooks: their cells are in files of Python, and run here.

    python docs/notebooks.py [NAME ...]

In a file `# %%` begins a cell of code, `# %% [markdown]` one of text. A cell shows what it prints,
and its last expression in every form that it has, as a notebook would.
"""

from __future__ import annotations

import ast
import json
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_suffix("")
#: The forms that a notebook shows, with the method of a value that gives each.
_FORMS = {
    "image/svg+xml": "_repr_svg_",
    "text/html": "_repr_html_",
    "text/latex": "_repr_latex_",
}
_ABOUT = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def sources() -> list[Path]:
    """The files that notebooks are written from, in order."""
    return sorted(FOLDER.glob("*.py"))


def cells(source: str) -> list[tuple[str, str]]:
    """The cells of a file: their kind, and their text."""
    found = []
    for part in source.split("# %%")[1:]:
        head, _, body = part.partition("\n")
        if head.strip() == "[markdown]":
            lines = (line.removeprefix("#").removeprefix(" ") for line in body.strip().split("\n"))
            found.append(("markdown", "\n".join(lines)))
        else:
            found.append(("code", body.strip()))
    return found


def notebook(source: str) -> dict[str, Any]:
    """A file as a notebook, in the format 4.5 of Jupyter, with what its cells show."""
    names: dict[str, Any] = {"__name__": "__main__"}
    made: list[dict[str, Any]] = []
    number = 0
    for place, (kind, text) in enumerate(cells(source)):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{place}", "metadata": {}}
        cell["source"] = text.splitlines(keepends=True)
        if kind == "code":
            number += 1
            cell |= {"execution_count": number, "outputs": run(text, names, number)}
        made.append(cell)
    return {"cells": made, "metadata": _ABOUT, "nbformat": 4, "nbformat_minor": 5}


def run(text: str, names: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """Run a cell, and return its outputs as a notebook keeps them."""
    tree = ast.parse(text)
    last = tree.body[-1] if tree.body else None
    asked = ast.Expression(last.value) if isinstance(last, ast.Expr) else None
    if asked is not None:
        tree.body.pop()
    printed, value = StringIO(), None
    with redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)
        if asked is not None:
            value = eval(compile(asked, "<cell>", "eval"), names)
    outputs: list[dict[str, Any]] = []
    if printed.getvalue():
        lines = printed.getvalue().splitlines(keepends=True)
        outputs.append({"name": "stdout", "output_type": "stream", "text": lines})
    if value is not None:
        result = {"data": shown(value), "metadata": {}, "output_type": "execute_result"}
        outputs.append({**result, "execution_count": number})
    return outputs


def shown(value: object) -> dict[str, list[str]]:
    """A value in every form that it has."""
    found = {}
    for form, method in _FORMS.items():
        text = getattr(value, method)() if hasattr(type(value), method) else None
        if text is not None:
            found[form] = text.splitlines(keepends=True)
    pretty = hasattr(type(value), "_repr_pretty_")
    found["text/plain"] = (str(value) if pretty else repr(value)).splitlines(keepends=True)
    return found


def written(source: Path) -> str:
    """The text of the notebook of a file."""
    made = notebook(source.read_text(encoding="utf-8"))
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def main(names: list[str]) -> None:
    """Write the notebooks of these names, or all."""
    for source in sources():
        if not names or source.stem in names:
            source.with_suffix(".ipynb").write_text(written(source), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
