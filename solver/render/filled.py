"""The report of an unknown network filled in: the best way, how many, the best in columns, code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from solver.errors import LimitError
from solver.frameworks import bare
from solver.layers.layer import Layer
from solver.layers.own_layer import OwnLayer
from solver.network.graph.walk import Node
from solver.network.unknowns.filled import Filled
from solver.network.unknowns.states import At
from solver.network.unknowns.unknown import UnknownLayer, UnknownPad
from solver.render.report import Column, Report, Table
from solver.render.sets import with_words
from solver.sizes.ends import Ends
from solver.sizes.operations import LETTERS
from solver.sizes.sizeset import SizeSet

#: Hyperparameters by the names that layers of Keras have for them.
_NAMES = {"pool_size": "kernel_size", "strides": "stride", "dilation_rate": "dilation"}

Way = Mapping[str, Layer]


class FilledIn(Report):
    """What is said of the ways to fill in a network."""

    def __init__(self, found: Filled, limit: int | None = None) -> None:
        self.found, self.limit = found, limit

    @property
    def answered(self) -> bool:
        return bool(self.found)

    @property
    def asked(self) -> str:
        """What was asked, in one line."""
        parts = self.found.question
        words = []
        if parts["target"] is not None:
            of = f"{parts['layer']} = " if parts["layer"] else ""
            words.append(f"{of}{parts['target']}")
        words += [f"{one} meets {other}" for one, other in parts["meet"]]
        text = " and ".join(words) or "a network that runs"
        if self.found.demands is not None:
            text += f", {', '.join(self.found.demands.words)}"
        if parts["input"] != "n":
            return f"{', '.join(_size(each) for each in self.found.at)} -> {text}"
        return f"{text} for every n" + (f" with {parts['where']}" if parts["where"] else "")

    def _inputs(self, way: Way) -> SizeSet | None:
        """The inputs at which a way does what is asked, None where that repeats too late."""
        try:
            return self.found.inputs(way)
        except LimitError:
            return None

    def headline(self) -> str:
        """The best way and where it holds, or why there is none."""
        for best in self.found.best():
            words = ", ".join(f"{name}: {plain_layer(layer)}" for name, layer in best.items())
            inputs = None if self.found.at else self._inputs(best)
            return words if inputs is None else f"{words}, for {_every(inputs)}"
        return f"none: {self.found.reason}"

    def facts(self) -> Iterator[str]:
        """The count, what a layer must meet, and what was searched."""
        found, count = self.found, self.found.counted
        number = "more ways than can be counted" if count is None else f"{count:,} ways"
        yield f"{'1 way' if count == 1 else number} to have {self.asked}"
        if count == 0 and not found.at and str(found.question["target"]).isdigit():
            yield f"{found.question['target']} comes out of some inputs: --input tells of which"
        if found and found.conditions:
            yield "exactly when: " + "; ".join(found.conditions)
            kinds = dict[str, list[tuple[str, str]]]()
            for letter, (name, words) in found.letters.items():
                kinds.setdefault(words, []).append((letter, name))
            for words, pairs in kinds.items():
                letters, names = map(", ".join, zip(*pairs, strict=True))
                yield f"  {letters}: {words} of {names}"
        for node in found.unknown:
            words = ", ".join(f"{name} {values}" for name, values in searched(node).items())
            yield f"searched: {node.name}: {words}"
        yield from (f"note: {note}" for note in found.network.notes)

    def tables(self) -> Iterator[Table]:
        names = [node.name for node in self.found.unknown]
        if rows := [self._row(names, way) for way in self.told(self.found)]:
            last = "runs for" if self.found.at else "holds for"
            total, cut = self.found.counted, self.limit is None
            yield Table([*map(Column, (*names, last))], rows, total=total, cut=cut)

    def data(self) -> Table:
        names = [node.name for node in self.found.unknown]
        last = "runs for" if self.found.at else "holds for"
        rows = (self._row(names, way) for way in self.told(self.found, None))
        return Table([*map(Column, (*names, last))], rows)

    def _row(self, names: list[str], way: Way) -> list[str]:
        inputs = self._inputs(way)
        layers = (plain_layer(way[name]) for name in names)
        return [*layers, "?" if inputs is None else str(inputs)]

    def codes(self) -> Iterator[str]:
        for way in self.told(self.found, 1):
            shapes = self.found.network_of(way).walk.shapes
            for node in self.found.unknown:
                shape = shapes[node.inputs[0]]
                assert shape is not None
                text = _code(node, way[node.name], len(shape) - 2, shape[1].number)
                yield f"# {node.name}\n{text}"

    def picture(self) -> Any:
        return self.found.draw()

    def record(self) -> dict[str, Any]:
        found = self.found
        return {
            "schema": 1,
            "command": "fill",
            **found.question,
            "count": found.counted,
            "conditions": found.conditions if found else [],
            **(
                {"letters": {x: list(of) for x, of in found.letters.items()}}
                if found.letters
                else {}
            ),
            "searched": {node.name: searched(node) for node in found.unknown},
            "reason": found.reason,
            "notes": list(found.network.notes),
            "ways": self.items(),
        }

    def items(self) -> Iterator[dict[str, Any]]:
        return map(self._item, self.told(self.found, None))

    def _item(self, way: Way) -> dict[str, Any]:
        inputs = self._inputs(way)
        return {
            "layers": {name: _values(layer) for name, layer in way.items()},
            "inputs": None if inputs is None else with_words(inputs),
        }


def plain_layer(layer: Layer) -> str:
    """A layer as it is shown: without its channels.

    >>> from solver import Conv
    >>> plain_layer(Conv(3, stride=2, in_channels=3, out_channels=64))
    'Conv(3, stride=2)'
    """
    if layer.row.kind.pads:
        begin, end = layer.arguments["pad"][:2]
        return f"pad({begin}, {end})"
    if isinstance(layer, OwnLayer):
        return repr(bare(layer))
    from solver.frameworks.code import line  # few unknown layers are of a framework

    return line(bare(layer))


def _size(at: At) -> str:
    """An input as it is written: 224, or 224x320."""
    return str(at) if isinstance(at, int) else "x".join(map(str, at))


def _every(inputs: SizeSet) -> str:
    text = str(inputs)
    if not inputs:
        return "no n"
    return f"every {text}" if text.startswith(("n >", "even", "odd")) else text


def searched(node: Node) -> dict[str, str]:
    """What the hyperparameters of an unknown layer may be, in words."""
    operation = node.operation
    if isinstance(operation, UnknownPad):
        one_sided = isinstance(operation.amounts, Ends)
        return {"padding" if one_sided else "padding in all": str(operation.amounts)}
    assert isinstance(operation, UnknownLayer)
    domains = {**operation.choice.domains, **({"padding": "same"} if operation.same else {})}
    return {
        name: "kernel_size" if domain == [None] else _words(domain)
        for name, domain in domains.items()
    }


def _words(domain: Any) -> str:
    return ",".join(map(str, domain)) if isinstance(domain, list) else str(domain)


def _values(layer: Layer) -> dict[str, Any]:
    if layer.row.kind.pads:
        begin, end = layer.arguments["pad"][:2]
        return {"op": "pad", "padding": [begin, end], "layer": plain_layer(layer)}
    if not isinstance(layer, OwnLayer):
        told = {name: each.default for name, each in layer.row.arguments.items()}
        told.update(layer.arguments)
        values = {_NAMES.get(name, name): each for name, each in told.items()}
        if values["stride"] is None:  # of a pooling
            values["stride"] = values["kernel_size"]
        values = {name: values[name] for name in LETTERS if values.get(name) is not None}
        return {"op": layer.row.kind.own, **values, "layer": plain_layer(layer)}
    values = {name: getattr(layer, name) for name in layer.operation.hyperparameters}
    return {"op": layer.operation.name, **values, "layer": plain_layer(layer)}


def _code(node: Node, layer: Layer, axes: int, channels: int | None) -> str:
    assert isinstance(node.operation, (UnknownLayer, UnknownPad))
    from solver.frameworks.code import code  # only --format code asks for it

    return code(node.operation.framework, [layer], axes, channels)
