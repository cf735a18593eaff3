"""The decoders of an encoder, the best first: as text, a table, JSON and code."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TextIO, TypeVar

from solver.errors import SolverError
from solver.network.decoders.decoded import Decoder, OutputPadding, Padding
from solver.network.decoders.mirror import Mirror
from solver.network.graph.operation import Apply
from solver.network.graph.summary import brief
from solver.render.listing import listed
from solver.render.network_reads import along
from solver.render.network_records import size_set
from solver.render.network_words import every
from solver.sizes.sizeset import SizeSet

_T = TypeVar("_T")
_MOST_LAYERS = 8  # that are named in a line
_HEAD = ["form", "output_padding", "gives back", "pad the input by", "changes", "parameters"]
_HEAD += ["layers"]


class Decoders(NamedTuple):
    """Hold the decoders that were found, and what was asked.

    found: the best first. mirrors: what the plain mirror gives back. sizes: of the input, one for
    each letter; None for every n. limit: how many are listed. source: the name of the file. fault:
    why there is none.
    """

    found: tuple[Decoder, ...]
    mirrors: tuple[Mirror, ...] = ()
    sizes: tuple[int, ...] | None = None
    where: str = ""
    limit: int | None = None
    source: str = ""
    fault: SolverError | None = None

    @property
    def listed(self) -> Sequence[Decoder]:
        """Return those that are listed."""
        return self.found[: self.limit]


def headline(shown: Decoders) -> str:
    """Return the best decoder in one line, and where it gives n back."""
    if shown.fault is not None:
        return f"none: {shown.fault.rule}"
    if not shown.found:
        return "none: no decoder gives these sizes back"
    return _line(shown.found[0])


def _line(best: Decoder) -> str:
    rules = ", sizes set per call" if best.form == "resize" else ", output_padding set per call"
    rules = rules if best.per_call else ""
    return f"{layers(best)}: gives n back exactly for {_inputs(best, every)}{rules}"


def layers(decoder: Decoder) -> str:
    """Return the layers in a few characters each; of many the first.

    >>> from solver import Conv, decoders, trace
    >>> layers(decoders(trace(Conv(4, 2, 1), axes=1))[0])
    'ConvTranspose k4 s2 p1'
    """
    if not decoder.layers:
        return "no layers"
    names = [brief(Apply(layer)) for layer in decoder.layers[:_MOST_LAYERS]]
    more = len(decoder.layers) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


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


def meaning(shown: Decoders) -> list[str]:
    """Return what is worth knowing beside the best decoder, a line each."""
    return list(_meaning(shown))


def _meaning(shown: Decoders) -> Iterator[str]:
    if shown.fault is not None:
        yield from str(shown.fault).split("\n")[1:]
        if shown.fault.text is not None:
            yield f"convsolver explain {shlex.quote(shown.source)} says what cures it"
    for best in shown.found[:1]:
        yield from _rules(best, shown.sizes)
        if best.padding and not best.every:
            yield _padded(best)
        yield from dict.fromkeys(best.notes)
    fixed = next((each for each in shown.found if not each.per_call), None)
    if fixed is not None and fixed is not shown.found[0]:
        yield f"with fixed numbers: {_line(fixed)}"
        if not fixed.every:
            yield _padded(fixed)
    found = {each.letter: each for each in shown.mirrors}
    yield from along(found, lambda letter: [f"the plain mirror gives back {found[letter]}"])
    if shown.sizes is not None and found:
        sizes = dict(zip(found, shown.sizes, strict=True))
        yield from along(found, lambda letter: [_at(found[letter], sizes[letter])])


def _at(mirror: Mirror, n: int) -> str:
    back = int(mirror.back(n))
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


def columns(shown: Decoders) -> tuple[list[str], list[list[str]]] | None:
    """Return a heading and a row for every decoder, None where there is none."""
    rows = [
        [
            each.form,
            "per call" if each.per_call else "fixed",
            _inputs(each),
            _padding(each),
            str(each.changes),
            f"{each.parameters:,}",
            layers(each),
        ]
        for each in shown.listed
    ]
    return (_HEAD, rows) if rows else None


def write_plain(shown: Decoders, out: TextIO) -> None:
    """Write the best decoder, what is worth knowing, and all as columns."""
    grid = columns(shown)
    lines = [headline(shown), *meaning(shown)]
    lines += ["", *listed(*grid)] if grid else []
    if grid and len(shown.found) > len(shown.listed):
        lines.append(f"and {len(shown.found) - len(shown.listed)} more")
    out.write("\n".join(lines) + "\n")


def write_table(shown: Decoders, out: TextIO) -> None:
    """Write the same with Rich."""
    from solver.render import table

    table.show(headline(shown), meaning(shown), columns(shown), out, words=True)


def write_code(shown: Decoders, out: TextIO) -> None:
    """Write the best decoder as PyTorch code."""
    if shown.found:
        out.write(shown.found[0].code().rstrip("\n") + "\n")
    else:
        out.write(f"# {headline(shown)}\n")


def write_json(shown: Decoders, out: TextIO) -> None:
    """Write everything as one JSON object."""
    out.write(json.dumps(record(shown)) + "\n")


def record(shown: Decoders) -> dict[str, Any]:
    """Return everything as plain data: the JSON contract."""
    fault = shown.fault
    return {
        "schema": 1,
        "command": "decoder",
        "input": "n" if shown.sizes is None else list(shown.sizes),
        "where": shown.where or None,
        "count": len(shown.found),
        "mirror": {each.letter: _mirror(each) for each in shown.mirrors},
        "decoders": [_decoder(each, shown.sizes) for each in shown.listed],
        "reason": headline(shown).removeprefix("none: ") if not shown.found else None,
        "received": None if fault is None else fault.received,
    }


def _mirror(mirror: Mirror) -> dict[str, Any]:
    return {
        "gives_back": str(mirror.back),
        "less_n": None if mirror.off is None else list(mirror.off),
        "text": str(mirror),
    }


def _decoder(each: Decoder, sizes: Sequence[int] | None) -> dict[str, Any]:
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
        "layers": [brief(Apply(layer)) for layer in each.layers],
        "inputs": {x: size_set(inputs) for x, inputs in zip(letters, each.inputs, strict=True)},
        "every": each.every,
        "output_padding_per_call": rules,
        "output_padding": at,
        "padding": {x: str(padding) for x, padding in zip(letters, each.padding, strict=True)},
        "mirror_less_n": list(each.returned),
        "changes": each.changes,
        "parameters": each.parameters,
        "notes": list(dict.fromkeys(each.notes)),
        "code": each.code(),
    }


WRITERS = {
    "plain": write_plain,
    "table": write_table,
    "json": write_json,
    "code": write_code,
}
