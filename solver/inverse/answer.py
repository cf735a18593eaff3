"""One answer: a row with its layer, here and in a framework, the smallest input it takes, notes.

A layer has one row, or one per axis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from solver.ground.named import NamedTuple
from solver.inverse.axis import Axis
from solver.inverse.question import Question
from solver.inverse.strips import FIELDS, Row
from solver.sizes.operations import MINIMUM, OperationSpec

if TYPE_CHECKING:
    from solver.frameworks.written import Written
    from solver.layers.layer import Layer

#: The hyperparameters in the order of a row.

Value = int | list[int] | list[list[int]]


class Answer(NamedTuple):
    """Hold one solution, ready to be shown.

    values: each hyperparameter, an int or a list with one value per axis; padding that differs at
    the two ends is a list of [begin, end]; layer: code that makes
    it; valid_from: the smallest asked input it takes, one per axis where the axes differ; input:
    the input where that was asked for; written: the layers of the framework that was asked for, as
    (name, arguments).
    """

    values: dict[str, Value]
    layer: str
    valid_from: Value
    notes: list[str]
    input: Value | None = None
    written: tuple[tuple[str, dict[str, Any]], ...] = ()


def values(operation: OperationSpec, rows: Sequence[Row]) -> dict[str, Value]:
    """Each hyperparameter of one layer; rows has one row, or one per axis."""
    columns = _columns(rows)
    if columns is not rows[0]:
        columns = [v if isinstance(v, int) else list(map(_listed, v)) for v in columns]
    return dict(zip(operation.hyperparameters, columns, strict=False))


def _listed(value: int | tuple[int, int]) -> int | list[int]:
    return value if isinstance(value, int) else [*value]


def code(
    operation: OperationSpec, rows: Sequence[Row], ceil_mode: bool = False, word: str = ""
) -> str:
    """Write a layer, given by one row or one row per axis, as code that makes it.

    word: what its padding is called.

    >>> from solver.sizes.operations import operation
    >>> code(operation("conv"), [(3, 2, 1, 1, 0, None)])
    'Conv(3, stride=2, padding=1)'
    >>> code(operation("maxpool"), [(2, 2, 0, 1, 0, None), (3, 2, (0, 1), 1, 0, None)])
    'MaxPool((2, 3), stride=(2, 2), padding=(0, (0, 1)))'
    """
    rows = [
        (k, s, operation.written_ends(p, k, ceil_mode) if isinstance(p, tuple) else p, d, a, n)
        for k, s, p, d, a, n in rows
    ]
    kernel, s, p, d, a, *_ = _columns(rows)
    one, zero = (1, 0) if len(rows) == 1 else ((1,) * len(rows), (0,) * len(rows))
    text = f"{operation.layer}({kernel}"
    if s != (kernel if operation.pooling else one):
        text += f", stride={s}"
    if word:
        text += f", padding={word!r}"
    elif p != zero:
        text += f", padding={p}"
    if d != one:
        text += f", dilation={d}"
    if a != zero:
        text += f", output_padding={a}"
    return text + (", ceil_mode=True)" if ceil_mode else ")")


def _columns(rows: Sequence[Row]) -> Sequence[Any]:
    """The hyperparameters of a layer: an int, or a tuple with one value per axis."""
    if len(rows) > 1:
        return [*zip(*rows, strict=True)][:5]
    (row,) = rows
    k, s, p, d, a, _ = row
    return row if type(p) is int else (k, s, (p,), d, a)


def word_of(question: Question) -> str:
    """The word that says the padding of our layers, "" where numbers do.

    What `same` crops or pads in other frameworks depends on the input: there it is numbers.
    """
    padding = dict(question.domains).get("padding") or ("",)
    word = padding[0] if isinstance(padding[0], str) else ""
    return "" if word == "same" and question.framework not in ("", "torch") else word


def layers_of(question: Question) -> Callable[[Sequence[Row]], Layer]:
    """What makes layers of rows that were found: one row, or one for each axis."""
    operation = question.operation
    make = _maker(operation.name, question.ceil_mode)

    def layer(rows: Sequence[Row]) -> Layer:
        if len(rows) == 1:
            k, s, p, d, a, _ = rows[0]
            if type(p) is int and not (operation.pooling and 2 * p > k):
                return make(k, s, p, d, a)  # type: ignore[no-any-return]
        return to_layer(question, rows)

    return layer


@cache
def _maker(name: str, ceil_mode: bool) -> Callable[[int, int, int, int, int], Any]:
    from solver.layers.own import LAYERS

    fixed = {"ceil_mode": True} if ceil_mode else {}
    return LAYERS[name].unchecked(**fixed)  # type: ignore[no-any-return]


def to_layer(question: Question, rows: Sequence[Row]) -> Layer:
    """The layer of one row, or of one row per axis."""
    from solver.layers.own import LAYERS, own_padding

    operation = question.operation
    arguments: dict[str, Any] = {}
    for name, column in zip(FIELDS, zip(*rows, strict=True), strict=False):
        if name in operation.hyperparameters:
            single = len(column) == 1 and isinstance(column[0], int)
            default = name != "stride" and all(value == MINIMUM[name] for value in column)
            if name == "padding" and operation.pooling:
                column = tuple(own_padding(row[0], row[2]) for row in rows)
                single = single and isinstance(column[0], int)
            arguments[name] = column[0] if single or default else column
            if name == "padding" and not single and (word := word_of(question)):
                arguments[name] = word
    if operation.pooling:
        arguments["ceil_mode"] = question.ceil_mode
    made: Layer = LAYERS[operation.name](**arguments)
    return made


def to_rows(layer: object, question: Question, axes: Sequence[Axis]) -> tuple[Row, ...] | None:
    """A layer as rows, or None where it is of another kind, has other axes or letters."""
    from solver.layers.own import LAYERS

    if not isinstance(layer, LAYERS[question.operation.name]) or layer.letters:
        return None
    if layer.ceil_mode != question.ceil_mode or layer.axes not in (None, question.axes):
        return None
    rows: list[Row] = []
    for i in range(question.axes):
        k, s, begin, end, d, a = layer.numbers(i)
        uneven = axes[i if len(axes) > 1 else 0].box.end is not None
        if begin != end and not uneven:
            return None
        rows.append((k, s, (begin, end) if uneven else begin, d, a, None))
    if len(axes) == 1:
        # One layer for every axis alike.
        return (rows[0],) if all(row == rows[0] for row in rows) else None
    return tuple(rows)


def in_framework(
    question: Question, rows: Sequence[Row], valid: Any
) -> tuple[str, tuple[tuple[str, dict[str, Any]], ...], tuple[str, ...]]:
    """An answer as code, as (name, arguments) of each layer, and notes; "" for our words.

    valid: the smallest input that is taken, or one for each axis.
    """
    if not question.framework:
        return "", (), ()
    from solver.frameworks import bare
    from solver.frameworks.code import line

    written = write(question, rows)
    layers = [bare(layer) for layer in written.layers]
    named = tuple((layer.name, dict(layer.arguments)) for layer in layers)
    notes = written.notes
    if len(layers) == 1 and layers[0].row.notes is not None:
        notes += tuple(_of_runtimes(question, rows, layers[0], valid))
    return " -> ".join(map(line, layers)), named, notes


#: At so many sizes from the smallest on runtimes are compared, where every n is asked about.
_TRIED = 8


def _of_runtimes(
    question: Question, rows: Sequence[Row], layer: Layer, valid: Any
) -> Iterator[str]:
    """Where runtimes differ at the inputs asked about, of every n at a few; each but once."""
    words = [sizes for sizes, _ in question.pairs]
    if free := [row[5] for row in rows if row[5] is not None]:
        inputs = [tuple(free)]
    elif all(word.isdigit() for sizes in words for word in sizes):
        inputs = [tuple(map(int, sizes)) for sizes in words]
    else:
        first = valid if isinstance(valid, (list, tuple)) else [valid]
        inputs = [tuple(n + more for n in first) for more in range(_TRIED)]
    found: dict[str, str] = {}
    for sizes in inputs:
        at = f"at {'x'.join(map(str, sizes))}: " if len(inputs) > 1 else ""
        for note in layer.notes(sizes * (layer.axes or 1) if len(sizes) == 1 else sizes):
            found.setdefault(note.rstrip("0123456789x"), at + note)
    yield from found.values()


def write(question: Question, rows: Sequence[Row]) -> Written:
    """An answer as layers of the framework that was asked for.

    A question about one size stands for images, as a stack of layers does.
    """
    from solver.frameworks import code as writing
    from solver.frameworks import spec
    from solver.layers.row import USUAL_AXES

    axes = question.axes if question.axes > 1 else USUAL_AXES
    layer = to_layer(question, tuple(rows))
    word = "same"
    if dict(question.domains).get("padding") == (word,) and question.framework != "torch":
        from solver.frameworks.own_words import in_words

        plain = spec.of_layer(layer.changed(padding=0), axes)
        return in_words(question.framework, plain, word, ceil_mode=question.ceil_mode)
    return writing.write(question.framework, spec.of_layer(layer, axes))
