"""What is said of an encoder at one input, and of several in columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from solver.frameworks import framework
from solver.layers.layer import Layer
from solver.network.decoders.encoded import EncodedInput
from solver.network.graph.operation import Apply
from solver.network.graph.summary import brief
from solver.render.report import Column, Table

_COLUMNS = (
    *map(Column, ("input", "encoder", "output_padding")),
    *map(Column, ("others", "plain mirror")),
)
#: So many are named in a line.
_MOST = 3


def said(at: EncodedInput) -> Iterator[str]:
    """What becomes of an input, what gives it back, and whether anything else does."""
    channels = f", {at.channels:,} channels" if at.channels > 1 else ""
    yield f"encoder {_sizes(at)}{channels}"
    if at.layers:
        yield f"back by {_told(at)}{_others(at)}"
        yield from _habits(at)


def at_inputs(rows: Sequence[EncodedInput]) -> Table:
    """Several inputs in columns."""
    cells = ([_by(x.input), _sizes(x), _told(x, ""), _count(x), _by(x.back)] for x in rows)
    return Table(_COLUMNS, list(cells), "each input")


def each_by(rows: Sequence[EncodedInput]) -> str:
    """What gives each input back: those that are told alike together, the first few."""
    by: dict[str, list[str]] = {}
    for each in rows:
        by.setdefault(_told(each), []).append(_by(each.input))
    said = [f"{_few(inputs)} by {told}" for told, inputs in by.items()]
    return _few(said, "; ")


def _few(words: Sequence[str], between: str = ", ") -> str:
    more = f" and {len(words) - _MOST} more" if len(words) > _MOST else ""
    return between.join(words[:_MOST]) + more


def plain(at: EncodedInput) -> dict[str, Any]:
    """An input as plain data."""
    return {
        "input": list(at.input),
        "sizes": [list(each) for each in at.sizes],
        "latent": [at.channels, *at.sizes[-1]],
        "layers": [[brief(Apply(layer)) for layer in layers] for layers in at.layers],
        "output_padding": [None if each is None else list(each) for each in at.output_padding],
        "choices": at.choices,
        "mirror": list(at.back),
    }


def _by(sizes: Sequence[int | None]) -> str:
    return "nothing" if None in sizes else "x".join(map(str, sizes))


def _sizes(at: EncodedInput) -> str:
    return " -> ".join(map(_by, at.sizes))


def _told(at: EncodedInput, word: str = "output_padding ") -> str:
    """What each layer of the mirror is told in the end, the first layer first."""
    names, words = list[str](), list[str]()
    for first, *behind in at.layers:
        name, value = _layer(first, at)
        names.append(name)
        words.append(" + ".join((value, *(brief(Apply(layer)) for layer in behind))))
    if any(name != "output_padding" for name in names):
        return ", ".join(map(" ".join, zip(names, words, strict=True)))
    return word + ", ".join(words)


def _layer(layer: Layer, at: EncodedInput) -> tuple[str, str]:
    """What a layer is told to fit the size, and its name; padding where it has nothing else."""
    if not layer.row.kind.transposed:
        return layer.name, "as it is"
    if "output_padding" in layer.row.arguments:
        values = layer.values(len(at.input))["output_padding"]
        stood = f" ({_axes(_stood(layer, len(values)))})" if None in values and at.choices else ""
        return "output_padding", _axes(values) + stood
    return "padding", str(layer.arguments["padding"]).replace(" ", "")


def _axes(values: Sequence[object]) -> str:
    return str(values[0] if len({*values}) == 1 else tuple(values)).replace(" ", "")


def _stood(layer: Layer, axes: int) -> list[int]:
    """The number that None stands for along each axis."""
    rows = zip(layer.along(axes), layer.changed(output_padding=0).along(axes), strict=True)
    return [int((given.size_map - zero.size_map)(1)) for given, zero in rows]


def _others(at: EncodedInput) -> str:
    ways = {None: "", 0: "; by no number", 1: " and no other"}
    return ways.get(at.choices, f", one of {at.choices} ways")


def _count(at: EncodedInput) -> str:
    return "" if at.choices is None else "none" if at.choices <= 1 else str(at.choices - 1)


def _habits(at: EncodedInput) -> Iterator[str]:
    """What surprises people in the framework of the layers, at this input."""
    pairs = zip(at.layers, at.sizes[:0:-1], at.sizes[-2::-1], strict=True)
    for number, ((layer, *_), given, wanted) in enumerate(pairs, 1):
        start = f"layer {number}, of {_by(given)}"

        def gives(given: Sequence[int] = given, layer: Layer = layer, **words: Any) -> str:
            rules = layer.changed(**words).along(len(given))
            return _by([int(rule.size_map(n)) for rule, n in zip(rules, given, strict=True)])

        yield from _told_otherwise(layer, start, gives, list(wanted))
        if layer.row.notes is not None:
            yield from (f"layer {number}: {note}" for note in layer.notes(given))
    yield from _without({layers[0] for layers in at.layers})


def every_habit(layers: Sequence[Layer]) -> Iterator[str]:
    """The same of layers, for every n that comes in."""
    number = 0
    for layer in layers:
        if not layer.row.kind.transposed:
            continue
        number += 1

        def gives(layer: Layer = layer, **words: Any) -> str:
            rules = layer.changed(**words).along()
            return "x".join(dict.fromkeys(str(rule.size_map) for rule in rules))

        yield from _told_otherwise(layer, f"layer {number}, of the n that reaches it", gives)
    yield from _without(layers)


def _told_otherwise(
    layer: Layer, start: str, gives: Callable[..., str], wanted: list[int] | None = None
) -> Iterator[str]:
    """What a transposed layer gives by the other words that its framework has for its size."""
    if not layer.row.kind.transposed:
        return
    if layer.framework.name == "keras":
        none, zero = gives(output_padding=None), gives(output_padding=0)
        yield f"{start}: output_padding None gives {none}, 0 gives {zero}"
    elif layer.framework.name == "onnx":
        same = gives(pads=None, output_padding=None, auto_pad="SAME_UPPER")
        shape = f", output_shape={wanted} what it says" if wanted else ""
        yield f"{start}: auto_pad=SAME_UPPER gives {same}{shape}"


def _without(layers: Iterable[Layer]) -> Iterator[str]:
    """What stands for output_padding where a framework has none."""
    for name in dict.fromkeys(each.framework.name for each in layers):
        if name in ("flax", "jax"):
            title = framework(name).title
            yield f"{title} has no output_padding: the end of padding has more in its place"
