"""A network as the text of a diagram, for Mermaid (Markdown pages) and DOT (Graphviz)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from solver.errors import SolverError
from solver.network.graph.operation import Input
from solver.network.graph.summary import brief
from solver.render.network.known import Known


def diagram(known: Known, form: str) -> str:
    """The layers with their sizes, and what each reads. form: mermaid or dot.

    >>> from solver import Conv, trace
    >>> print(diagram(Known(trace(Conv(3, stride=2))), "mermaid"))
    flowchart TD
      n0["input<br/>n"]
      n1["conv_1<br/>Conv k3 s2<br/>ceil(n/2) - 1"]
      n0 --> n1
    >>> print(diagram(Known(trace(Conv(3))), "dot"))
    digraph {
      node [shape=box]
      n0 [label="input\\nn"]
      n1 [label="conv_1\\nConv k3\\nn - 2"]
      n0 -> n1
    }
    """
    if form not in _FORMS:
        raise SolverError("unknown diagram", form, ", ".join(_FORMS))
    return "\n".join(_FORMS[form](known))


def _mermaid(known: Known) -> Iterator[str]:
    yield "flowchart TD"
    for number, lines in enumerate(_words(known)):
        text = "<br/>".join(map(_entity, lines))
        yield f'  n{number}["{text}"]'
    yield from (f"  n{start} --> n{end}" for start, end in _edges(known))


def _dot(known: Known) -> Iterator[str]:
    yield "digraph {"
    yield "  node [shape=box]"
    for number, lines in enumerate(_words(known)):
        text = "\\n".join(line.replace("\\", r"\\").replace('"', r"\"") for line in lines)
        yield f'  n{number} [label="{text}"]'
    yield from (f"  n{start} -> n{end}" for start, end in _edges(known))
    yield "}"


def _words(known: Known) -> Iterator[list[str]]:
    """What is said of each layer, a line each: its name, what it does, its size or why none."""
    for number, node in enumerate(known.network.nodes):
        lines = [node.name]
        if not isinstance(node.operation, Input):
            lines.append(brief(node.operation))
        failed = known.fault is not None and number == len(known.shapes)
        if failed and known.fault is not None:
            lines.append(f"does not run: {known.fault.received or known.fault.rule}")
        elif known.impossible is None:
            lines.append(known.size(number))
        yield [line for line in dict.fromkeys(lines) if line]


def _edges(known: Known) -> Iterator[tuple[int, int]]:
    for number, node in enumerate(known.network.nodes):
        for read in dict.fromkeys(node.inputs):
            yield read, number


def _entity(line: str) -> str:
    """A line as Mermaid takes it between quotation marks."""
    for letter, entity in (("#", "#35;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        line = line.replace(letter, entity)
    return line


_FORMS: dict[str, Callable[[Known], Iterator[str]]] = {"mermaid": _mermaid, "dot": _dot}
