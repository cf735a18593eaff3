"""What is wrong with a network, and what cures it: as text, a table and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TextIO

from solver.errors import LimitError, SolverError
from solver.network.diagnosis.edits import Edit
from solver.network.diagnosis.explain import Explanation, NotHere, explain
from solver.network.diagnosis.fault import stated
from solver.network.diagnosis.messages import KNOWN, read_message
from solver.network.graph.validity import valid
from solver.network.network import Network
from solver.render.network_records import size_set
from solver.render.network_words import every
from solver.sizes.sizeset import SizeSet

_USUAL = 224  # an input size, where every one fails
_HEAD = ["edit", "runs for", "code"]


class Answer(NamedTuple):
    """Hold what was found.

    found: what is wrong, None where the network runs, or nothing fails as a message says. reason:
    the first line then. unknown: why a message was not used. always: whether no input size cures
    it. answered: whether there is an answer. limit: how many edits are told.
    """

    network: Network
    found: Explanation | None
    reason: str
    asked: bool
    unknown: SolverError | None = None
    always: bool = False
    answered: bool = True
    limit: int | None = None

    @property
    def edits(self) -> Sequence[Edit]:
        """Return the edits that are told."""
        return () if self.found is None else self.found.edits[: self.limit]


def answer(
    network: Network,
    sizes: Mapping[str, int] | None = None,
    error: str | None = None,
    limit: int | None = None,
) -> Answer:
    """Say what is wrong with a network.

    sizes: of the input. error: what a framework said. With neither, what no input size cures. A
    message that is not recognised is left aside where something else says what is wrong. Raises
    SolverError where nothing does.
    """
    always, unknown = _always(network), None
    asked = sizes is not None or error is not None
    if error is not None:
        try:
            read_message(error)
        except SolverError as fault:
            unknown = SolverError(fault.rule, fault.received, "\n            ".join(KNOWN))
            error = None
    written = stated(network)
    if written and sizes is None and error is None and not network.runs(written):
        sizes = None if always else written
    elif sizes is None and error is None and not always:
        if unknown is not None:
            raise unknown
        if runs := valid(network).inputs:
            reason = f"the network runs for {every(runs)}"
            return Answer(network, None, reason, asked, limit=limit)
        sizes = dict.fromkeys(network.letters, _USUAL)
        alone = len(network.letters) < 2
        always = alone or not all(valid(network, letter).inputs for letter in network.letters)
    try:
        found = explain(network, sizes, error)
    except NotHere as fault:
        reason = f"none: {fault.rule}: {fault.received}"
        return Answer(network, None, reason, asked, unknown, always, False, limit)
    fails = None if found.node is None else found
    return Answer(network, fails, found.reason, asked, unknown, always, True, limit)


def _always(network: Network) -> bool:
    try:
        network.walk  # noqa: B018 - raises for what no input cures
    except LimitError:
        raise
    except SolverError:
        return True
    return False


def headline(shown: Answer) -> str:
    """Return the reason: the layer, why, and where it is written."""
    return shown.reason


def _before(shown: Answer) -> Iterator[str]:
    """Yield what is worth knowing before the edits."""
    if shown.unknown is not None:
        yield f"the message is not recognised, and was left aside: {shown.unknown.received!r:.60}"
    if shown.found is None:
        if not shown.asked:
            yield "say at which input it fails (--input 61), or what it says (--error)"
        return
    message = shown.found.message
    if message is not None:
        yield f"recognised: {message.text}"
    if shown.always:
        yield "no input size cures it"
    elif message is not None or not shown.asked:
        size = _by(shown.found.sizes)
        if shown.found.sizes == stated(shown.network):
            yield f"at the input of {size} that is written"
        else:
            yield f"for example at an input of {size}"


def _after(shown: Answer) -> Iterator[str]:
    """Yield who else fails, behind the edits."""
    found = shown.found
    if found is None:
        return
    if shown.always:
        yield "the same error comes at every input size that gets there"
    elif found.inputs:
        # Inputs with all axes alike are said of n.
        apart = len(set(found.sizes.values())) > 1
        yield f"the same error comes for {_along(found.inputs, apart)}"
        yield f"this layer fails, with any numbers, for {_along(found.fails)}"
    for other in found.others:
        yield f"so fails too, for {_along(other.inputs)}: {other.reason}"


def _by(sizes: Mapping[str, int]) -> str:
    return "x".join(map(str, sizes.values())) if sizes else "any size"


def _along(inputs: Mapping[str, SizeSet], apart: bool = False) -> str:
    if len(inputs) == 1 and apart:
        ((letter, found),) = inputs.items()
        return found.text(letter)
    texts = {letter: str(found) for letter, found in inputs.items()}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{letter}: {text}" for letter, text in texts.items())


def _runs(edit: Edit) -> str:
    """Return for which sizes an edit holds: those it was tried at, where no set is known."""
    text = str(edit).removeprefix(edit.text).strip()
    return (
        text.removeprefix("(runs for ").removesuffix(")") if text else f"{_by(edit.sizes)}, tried"
    )


def write_plain(shown: Answer, out: TextIO) -> None:
    """Write the reason, the edits with their code, and who else fails."""
    lines = [headline(shown), *_before(shown)]
    if shown.found is not None:
        lines.append("edits that cure it, each tried:" if shown.edits else "no edit is known")
    for number, edit in enumerate(shown.edits, 1):
        lines.append(f"  {number}. {edit.text} (runs for {_runs(edit)})")
        lines += [f"       {line}" for line in (edit.code or "").split("\n") if line]
    if shown.found is not None and len(shown.found.edits) > len(shown.edits):
        lines.append(f"  and {len(shown.found.edits) - len(shown.edits)} more")
    out.write("\n".join([*lines, *_after(shown)]) + "\n")


def write_table(shown: Answer, out: TextIO) -> None:
    """Write the same with Rich."""
    from solver.render import table

    rows = [[edit.text, _runs(edit), edit.code or ""] for edit in shown.edits]
    lines = [*_before(shown), *_after(shown)]
    table.show(headline(shown), lines, (_HEAD, rows) if rows else None, out, words=True)


def write_json(shown: Answer, out: TextIO) -> None:
    """Write everything as one JSON object."""
    out.write(json.dumps(record(shown)) + "\n")


def record(shown: Answer) -> dict[str, Any]:
    """Return everything as plain data: the JSON contract."""
    found = shown.found
    node = None if found is None else found.node
    message = None if found is None else found.message
    return {
        "schema": 1,
        "command": "explain",
        "runs": found is None and shown.answered,
        "reason": shown.reason,
        "layer": None if node is None else node.name,
        "operation": None if node is None else node.operation.title,
        "where": None if node is None else node.where,
        "sizes": None if found is None else found.sizes,
        "always": shown.always,
        "same_error": {} if found is None else _sets(found.inputs),
        "fails": {} if found is None else _sets(found.fails),
        "edits": [_edit(edit) for edit in shown.edits],
        "message": None
        if message is None
        else {
            "kind": message.kind,
            "numbers": {name: list(value) for name, value in message.numbers.items()},
            "name": message.name,
            "text": message.text,
        },
        "others": [] if found is None else [other.reason for other in found.others],
        "not_recognised": None if shown.unknown is None else shown.unknown.received,
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "kind": edit.kind,
        "size": edit.size,
        "text": edit.text,
        "code": edit.code,
        "tried_at": edit.sizes,
        "runs_for": None if edit.square is None else size_set(edit.square),
        "runs_along": None if edit.inputs is None else _sets(edit.inputs),
    }


def _sets(inputs: Mapping[str, SizeSet]) -> dict[str, Any]:
    return {letter: size_set(found) for letter, found in inputs.items()}


WRITERS = {"plain": write_plain, "table": write_table, "json": write_json}
