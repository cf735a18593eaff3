"""The report of decoders: the best one, what the plain mirror does, all in columns, and code."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from solver.errors import SolverError
from solver.layers.layer import Layer
from solver.network.decoders.decoded import Decoder, OutputPadding, Padding
from solver.network.decoders.decoder import Decoders
from solver.network.decoders.mirror import PlainMirror, one_way
from solver.network.graph.operation import Apply
from solver.network.graph.summary import brief, every
from solver.render.report import Column, Report, Table
from solver.render.sets import along, with_words
from solver.sizes.sizeset import SizeSet
from solver.sizes.width import plain

if TYPE_CHECKING:
    from solver.network.decoders.encoded import EncodedInput

_T = TypeVar("_T")
_MOST_LAYERS = 8  # that are named in a line
_COLUMNS = (
    *map(Column, ("form", "output_padding", "gives back", "pad the input by")),
    *(
        Column("changes", right=True),
        Column("parameters", right=True, leaves=1),
        Column("layers", prose=True),
    ),
)


class Decoded(Report):
    """What is said of decoders. source: the words that tell the network.

    fault: why there is none. inputs: those asked about, of each of which is said what it becomes.
    """

    def __init__(
        self,
        found: Decoders,
        limit: int | None = None,
        source: Sequence[str] = (),
        fault: SolverError | None = None,
        inputs: Sequence[Sequence[int]] = (),
    ) -> None:
        self.found, self.limit, self.source, self.fault = found, limit, source, fault
        #: What the plain mirror gives back, by letter.
        self.mirrors: dict[str, PlainMirror] = {}
        self.unmirrored = ""
        self.inputs: list[EncodedInput] = []
        if fault is not None:
            return
        asked = inputs or ([] if found.n is None else [found.n])
        self.inputs = [found.at(each) for each in asked]
        try:
            self.mirrors = {each.letter: each for each in found.mirror}
        except SolverError as refused:  # by a framework that has no such layers
            self.unmirrored = f"there is no plain mirror: {refused.rule}"

    @property
    def answered(self) -> bool:
        return bool(self.found)

    def headline(self) -> str:
        """The best decoder in one line, and where it gives n back."""
        if self.fault is not None:
            return f"none: {self.fault.rule}"
        if self.found:
            return self._line(self.found[0])
        if len(self.inputs) > 1 and all(each.layers for each in self.inputs):
            from solver.render.encoded import each_by

            return f"none for all of them, one for each: {each_by(self.inputs)}"
        return f"none: {self.found.reason}"

    def _line(self, best: Decoder) -> str:
        rules = ", sizes set per call" if best.form == "resize" else ", output_padding set per call"
        rules = rules if best.per_call else ""
        named = layers(best, self.found.framework)
        return f"{named}: gives n back exactly for {_inputs(best, every)}{rules}"

    def facts(self) -> Iterator[str]:
        if self.fault is not None:
            yield from str(self.fault).split("\n")[1:]
            if self.fault.text is not None:
                command = shlex.join(("convsolver", "explain", *self.source))
                yield f"{command} says what fixes it"
        framework, mirrors = self.found.framework, self.mirrors
        if len(self.inputs) == 1:
            from solver.render.encoded import said

            yield from said(self.inputs[0])
        else:
            yield from along(mirrors, lambda x: [f"the encoder takes n to {mirrors[x].latent}"])
        for best in self.found.best():
            yield from _rules(best, self.found.n)
            if framework != "torch" and self.found.n is None:
                from solver.render.encoded import every_habit

                yield from every_habit(best.words(framework))
            if best.padding and not best.every:
                yield _padded(best)
            if framework == "torch":
                yield from dict.fromkeys(best.notes)
        fixed = next((each for each in self.found if not each.per_call), None)
        if fixed is not None and fixed is not self.found[0]:
            yield f"with fixed numbers: {self._line(fixed)}"
            if not fixed.every:
                yield _padded(fixed)
            if self.found.n is None and one_way(self.found.network):
                yield "no other output_padding of these kernels, strides and paddings gives n back"
        yield from self._returned()
        yield from self.found.left_out

    def _returned(self) -> Iterator[str]:
        """What the plain mirror gives back, of every n and of the input asked about."""
        mirrors = self.mirrors
        yield from along(mirrors, lambda letter: [_plain(mirrors[letter])])
        if self.found.n is not None and mirrors:
            sizes = dict(zip(mirrors, self.found.n, strict=True))
            yield from along(mirrors, lambda letter: [_at(mirrors[letter], sizes[letter])])
        if self.unmirrored:
            yield self.unmirrored

    def tables(self) -> Iterator[Table]:
        several = len(self.inputs) > 1
        if several:
            from solver.render.encoded import at_inputs

            yield at_inputs(self.inputs)
        yield from self._decoders("all of them" if several else "")

    def _decoders(self, title: str = "") -> Iterator[Table]:
        rows = [_row(each, self.found.framework) for each in self.told(self.found, None)]
        if rows:
            yield Table(_COLUMNS, rows, title, self.found.count, cut=self.limit is None)

    def data(self) -> Table:
        return next(self._decoders(), Table((), ()))

    def codes(self) -> Iterator[str]:
        return (each.code(self.found.framework) for each in self.found.best())

    def picture(self) -> Any:
        if self.fault is not None:
            raise self.fault
        return self.found.draw()

    def record(self) -> dict[str, Any]:
        found, fault = self.found, self.fault
        more: dict[str, Any] = {}
        if self.inputs:
            from solver.render.encoded import plain

            more["at"] = [*map(plain, self.inputs)]
        if found.framework != "torch":
            more |= {"framework": found.framework, "left_out": list(found.left_out)}
        return {
            "schema": 1,
            "command": "decoder",
            "input": "n" if found.n is None else list(found.n),
            "where": found.where or None,
            "count": found.count,
            "mirror": {letter: _mirror(each) for letter, each in self.mirrors.items()},
            "decoders": [
                _decoder(each, found.n, found.framework) for each in self.told(found, None)
            ],
            "reason": None if found else fault.rule if fault is not None else found.reason,
            "received": None if fault is None else fault.received,
            **more,
        }


def _row(each: Decoder, framework: str) -> list[str]:
    return [
        each.form,
        "per call" if each.per_call else "fixed",
        _inputs(each),
        _padding(each),
        str(each.changes),
        f"{each.parameters:,}",
        layers(each, framework),
    ]


def layers(decoder: Decoder, framework: str = "torch") -> str:
    """The layers in a few characters each; of many the first.

    >>> from solver import Conv, decoders, trace
    >>> layers(decoders(trace(Conv(4, 2, 1), axes=1))[0])
    'ConvTranspose k4 s2 p1'
    """
    named = _named(decoder, framework)
    if not named:
        return "no layers"
    names = [brief(Apply(layer)) for layer in named[:_MOST_LAYERS]]
    more = len(named) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _named(decoder: Decoder, framework: str) -> Sequence[Layer]:
    """The layers of a framework; ours are in PyTorch's words."""
    return decoder.layers if framework == "torch" else decoder.words(framework)


def _inputs(decoder: Decoder, say: Callable[[SizeSet, str], str] = SizeSet.text) -> str:
    return _once(decoder.letters, decoder.inputs, say)


def _padding(decoder: Decoder) -> str:
    return _once(decoder.letters, decoder.padding, Padding.text)


def _once(letters: Sequence[str], found: Sequence[_T], say: Callable[[_T, str], str]) -> str:
    """Say it in n once where all axes say the same, else in the letter of each."""
    if len({say(each, "n") for each in found}) == 1:
        return say(found[0], "n")
    return " and ".join(say(each, x) for x, each in zip(letters, found, strict=True))


def _padded(decoder: Decoder) -> str:
    rule = _padding(decoder)
    return f"for any n: pad the input and crop the output, in all by {rule}"


def _plain(mirror: PlainMirror) -> str:
    exact = "" if mirror.off == (0, 0) else f"; exact for {mirror.exact.text('n')}"
    refused = f"; nothing for {mirror.refused.text('n')}" if mirror.refused else ""
    return f"the plain mirror gives back {mirror}{exact}{refused}"


def _at(mirror: PlainMirror, n: int) -> str:
    back = mirror.of(n)
    if back is None:
        return f"of {n} it gives back nothing: a size would be below 1"
    return f"of {n} it gives back {back}" + (f", {_off(back - n)}" if back != n else "")


def _off(number: int) -> str:
    return f"{abs(number)} too {'many' if number > 0 else 'few'}"


def _rules(decoder: Decoder, sizes: Sequence[int] | None) -> Iterator[str]:
    """Yield what is set per call, layer by layer."""
    values = [None] * len(decoder.letters) if sizes is None else sizes
    for number, row in enumerate(decoder.per_call, 1):
        if any(rule.stride > 1 for rule in row):
            pairs = zip(decoder.letters, row, values, strict=True)
            told = {x: [_rule(decoder.form, number, rule, n)] for x, rule, n in pairs}
            yield from along(told, told.__getitem__)


def _rule(form: str, number: int, rule: OutputPadding, n: int | None) -> str:
    resized = form == "resize"
    text = (
        f"resize {number} to {rule.size}" if resized else f"layer {number}: output_padding {rule}"
    )
    if n is None:
        return text
    return f"{text} = {int(rule.size(n)) if resized else rule(n)}"


def _mirror(mirror: PlainMirror) -> dict[str, Any]:
    refused = with_words(mirror.refused, mirror.letter)
    return {
        "gives_back": str(mirror.back),
        "less_n": None if mirror.off is None else list(mirror.off),
        "text": str(mirror),
        "exact": with_words(mirror.exact, mirror.letter),
        "latent": str(mirror.latent),
        **({"refused": refused} if mirror.refused else {}),
    }


def _decoder(each: Decoder, sizes: Sequence[int] | None, framework: str) -> dict[str, Any]:
    letters = each.letters
    rules = [
        {letter: str(rule) for letter, rule in zip(letters, row, strict=True)}
        for row in each.per_call
    ]
    at = None
    if sizes is not None:
        at = [[rule(n) for rule, n in zip(row, sizes, strict=True)] for row in each.per_call]
    return {
        "form": each.form,
        "layers": [brief(Apply(layer)) for layer in _named(each, framework)],
        "inputs": {x: with_words(inputs) for x, inputs in zip(letters, each.inputs, strict=True)},
        "every": each.every,
        "output_padding_per_call": rules,
        "output_padding": at,
        "padding": {x: str(padding) for x, padding in zip(letters, each.padding, strict=True)},
        "mirror_less_n": list(each.returned),
        "changes": each.changes,
        "parameters": plain(each.parameters),
        "notes": list(dict.fromkeys(each.notes)),
        "code": each.code(framework),
    }
