"""Write docs/api.md: every public name of solver, with its signature, its first words, its example.

    python docs/api.py

The test of this page runs it and compares.
"""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import solver

PAGE = Path(__file__).with_suffix(".md")

_HEAD = """# Names

Everything that `from solver import ...` gives. [A script](api.py) wrote this page from the
docstrings, and the tests run it again, and every example. Types say the rest: the package is typed.

Each command has its function: `solve`, `prove`, `search`, `convert`, `explain`, `fill` and `check`
are verbs; `convsolver network` is `read` and the methods of `Network`, `convsolver decoder` is
`decoders`, `convsolver size` is the `size` of a layer, `convsolver formula` is `formula`,
`convsolver frameworks` is the table behind `layer`.

```pycon
>>> from solver import *
```
"""

#: A title for the names whose home is in these folders, in the order of the page.
_TITLES = {
    "inverse": "Solve for a layer",
    "layers": "Layers and stacks",
    "spaces": "Search for designs",
    "reading": "Read networks",
    "network": "Networks",
    "frameworks": "Layers of frameworks",
    "conversion": "Layers of frameworks",
    "proof": "Prove",
    "checker": "Prove",
    "sizes": "Size maps and size sets",
    "symbolic": "SymPy",
    "render": "Formulas for papers",
    "errors": "Faults",
}


def page() -> str:
    """The page."""
    sections: dict[str, list[str]] = {title: [] for title in _TITLES.values()}
    for name in solver.__all__:
        sections[_TITLES[solver.home(name).split(".")[1]]].append(name)
    found = [_HEAD]
    for title, names in sections.items():
        found.append(f"## {title}\n")
        found += [part for name in sorted(names) for part in entry(name, getattr(solver, name))]
    return "\n".join(found)


def entry(name: str, value: Any) -> Iterator[str]:
    """The paragraphs on one name."""
    yield f"### `{name}`\n"
    if not callable(value):
        yield f"{first_words(type(value))}\n"
        return
    yield f"`{name}{signature(value)}`\n"
    yield f"{first_words(value)}\n"
    if inspect.isclass(value):
        yield from _members(value)
    if example := _example(value):
        yield f"```pycon\n{example}```\n"


def _members(kind: type) -> Iterator[str]:
    """A line for each public method and property that the class itself says something of."""
    lines = [
        f"- `{name}{signature(member, method=True)}`: {first_words(member)}"
        for name, member in sorted(vars(kind).items())
        if not name.startswith("_") and inspect.getdoc(member) and _written(member)
    ]
    if lines:
        yield "\n".join(lines) + "\n"


def _written(member: Any) -> bool:
    return inspect.isfunction(member) or hasattr(member, "fget") or hasattr(member, "func")


def signature(value: Any, method: bool = False) -> str:
    """The parameters, as they are given; nothing for what is no call."""
    if not callable(value):
        return ""
    parameters = list(inspect.signature(value).parameters.values())[method:]
    plain = [each.replace(annotation=inspect.Parameter.empty) for each in parameters]
    return str(inspect.Signature(plain)).replace("Ellipsis", "...")


def first_words(value: Any) -> str:
    """The first sentence of a docstring, on one line."""
    text = inspect.getdoc(value) or ""
    return re.sub(r"\s+", " ", text.partition("\n\n")[0])


def _example(value: Any) -> str:
    """The first examples of a docstring that show no fault."""
    shown = []
    for each in doctest.DocTestParser().get_examples(inspect.getdoc(value) or ""):
        if each.exc_msg or each.options:
            break
        lines = each.source.rstrip("\n").split("\n")
        shown += [f">>> {lines[0]}", *(f"... {line}".rstrip() for line in lines[1:])]
        shown += each.want.rstrip("\n").split("\n") if each.want else []
    return "\n".join(shown) + "\n" if shown else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
