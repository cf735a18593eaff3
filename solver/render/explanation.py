"""The report of an explanation: what is wrong, the fixes, who else fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from solver.network.diagnosis.edits import Edit
from solver.network.diagnosis.explain import Explanation
from solver.network.diagnosis.fault import stated
from solver.network.diagnosis.settings import Change
from solver.network.diagnosis.single import BOX, box_words
from solver.network.graph.demand import SQUARE
from solver.network.graph.operation import Refuse
from solver.render.changed_lines import changed_lines
from solver.render.report import Report, Verbatim
from solver.render.sets import by_letter, with_words
from solver.sizes.domain import Domain
from solver.sizes.sizeset import EVERY, SizeSet

#: Code of more lines is not printed.
_MOST_LINES = 18


class Explained(Report):
    """What is said of an explanation. here: whether anything fails as a message says."""

    def __init__(self, found: Explanation, limit: int | None = None, here: bool = True) -> None:
        self.found, self.limit, self.here = found, limit, here
        self.fixes: Sequence[Edit] = list(self.told(found, None))

    @property
    def answered(self) -> bool:
        return self.here

    def headline(self) -> str:
        """The reason: the layer, why, and where it is written."""
        return self.found.reason

    def picture(self) -> Any:
        return self.found.draw()

    def facts(self) -> Iterator[str]:
        """What was read of a message, the fixes with their code, and who else fails."""
        found = self.found
        if found.not_recognised is not None:
            yield f"the message is not recognised, and was left aside: {found.not_recognised!r:.60}"
        if found.node is None:
            if found.asked == (None, None, None):
                yield "say at which input it fails (--input 61), or what it says (--error)"
        else:
            yield from self._fault()
        yield from (f"note: {note}" for note in found.network.notes)

    def _fault(self) -> Iterator[str]:
        """Yield where it fails, the fixes with their code, and who else fails."""
        found = self.found
        yield from self._where()
        yield "fixes, each tried:" if self.fixes else "no fix is known"
        if found.behind is not None:
            yield f"  as far as the program is followed, which is up to {found.behind}"
        for number, edit in enumerate(self.fixes, 1):
            yield f"  {number}. {edit.text} (runs for {edit.holds})"
            lines = [f"line {at}: {line}" for at, line in self._lines(edit).items()]
            lines = lines or (edit.code or "").split("\n")
            if len(lines) > _MOST_LINES:
                lines = [f"{len(lines)} lines of code: --json has them"]
            yield from (Verbatim(f"       {line}") for line in lines if line)
        if len(found.fixes) > len(self.fixes):
            yield f"  and {len(found.fixes) - len(self.fixes)} more"
        if found.single_changes is not None:
            yield from _single_changes(found.single_changes, self.limit)
        yield from self._others()

    def _lines(self, edit: Edit) -> dict[int, str]:
        """The lines of the program that an edit writes otherwise."""
        if edit.line is not None:
            return dict([edit.line])
        source = self.found.source
        return {} if source is None else changed_lines(self.found.network, edit, source)

    def _where(self) -> Iterator[str]:
        """Yield the message that was read, and a size at which it fails, if that is not asked."""
        found, message = self.found, self.found.message
        if message is not None:
            yield f"recognised: {message.text}"
        if found.always:
            yield "no input size fixes it"
        elif message is not None or found.asked[:2] == (None, None):
            size = _by(found.sizes)
            if found.sizes and found.sizes == stated(found.network):
                yield f"at the input of {size} that is written"
            else:
                yield f"for example at an input of {size}"

    def _others(self) -> Iterator[str]:
        found = self.found
        if found.always:
            yield "the same error comes at every input size that gets there"
        elif isinstance(found.node and found.node.operation, Refuse):
            claims = [each.claim for each in found.network.within if each.limit]
            yield f"the source refuses inputs with {' and '.join(claims)}"
        elif found.inputs:
            # Inputs with all axes alike are said of n.
            apart = len(set(found.sizes.values())) > 1
            alike = "with all axes alike, " if apart and SQUARE in found.fails else ""
            if found.inputs.get(SQUARE, EVERY) or not alike:
                yield f"{alike}the same error comes for {_along(found.inputs, apart)}"
            yield f"{alike}this layer fails, with any numbers, for {_along(found.fails)}"
        for other in found.others:
            yield f"so fails too, for {_along(other.inputs)}: {other.reason}"

    def record(self) -> dict[str, Any]:
        found = self.found
        node, fails, message = found.node, found.node is not None, found.message
        said = None
        if message is not None and fails:
            said = {
                "kind": message.kind,
                "numbers": {name: list(value) for name, value in message.numbers.items()},
                "name": message.name,
                "text": message.text,
            }
        return {
            "schema": 1,
            "command": "explain",
            "runs": self.here and not fails,
            "reason": found.reason,
            "layer": None if node is None else node.name,
            "operation": None if node is None else node.operation.title,
            "where": None if node is None else node.where,
            "sizes": found.sizes if fails else None,
            "always": found.always,
            "same_error": by_letter(found.inputs),
            "fails": by_letter(found.fails),
            "edits": [_edit(edit, self._lines(edit)) for edit in self.fixes],
            "message": said,
            "others": [
                {
                    "reason": other.reason,
                    "layer": found.network.nodes[other.at].name,
                    "where": found.network.nodes[other.at].where,
                    "sizes": other.sizes,
                    "same_error": by_letter(other.inputs),
                }
                for other in found.others
            ],
            "not_recognised": found.not_recognised,
            "behind": found.behind,
            "notes": list(found.network.notes),
            **self._single_record(),
        }

    def _single_record(self) -> dict[str, Any]:
        """All single changes, where an input and its output are asked for."""
        changes = self.found.single_changes
        if changes is None:
            return {}
        listed = [[each._asdict() for each in one] for one in changes]
        return {"single_changes": {"count": len(listed), "box": dict(BOX), "changes": listed}}


def _single_changes(found: Sequence[tuple[Change, ...]], limit: int | None) -> Iterator[str]:
    """Yield all single changes, the values of one argument in one line."""
    values = dict[tuple[Any, ...], list[Any]]()
    for one, *more in found:
        values.setdefault((*one[:3], *more), []).append(one.after)
    if not found:
        yield f"no single change gives it, of any in the box ({box_words()})"
        return
    said = f"single changes that give it, all {len(found):,} of the box"
    if len(found) == 1:
        said = "the only single change in the box that gives it"
    yield f"{said} ({box_words()}):"
    for (layer, argument, before, *more), after in list(values.items())[:limit]:
        also = "".join(f", {each.argument}={each.after!r}" for each in more)
        yield f"  {layer}: {argument} {before!r} -> {_alternatives(after)}{also}"
    if limit is not None and len(values) > limit:
        yield f"  and of {len(values) - limit:,} more arguments"


def _alternatives(values: Sequence[Any]) -> str:
    """Values with commas; numbers as ranges, for each axis where all of them go together."""
    rows = [value if isinstance(value, tuple) else (value,) for value in values]
    if all(type(each) is int for row in rows for each in row) and len({*map(len, rows)}) == 1:
        axes = [Domain((each, each) for each in axis) for axis in zip(*rows, strict=True)]
        if prod(map(len, axes)) == len(rows):
            return "x".join(map(str, axes))
    return ", ".join(map(repr, values))


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


def _edit(edit: Edit, lines: Mapping[int, str]) -> dict[str, Any]:
    return {
        "kind": edit.kind,
        "size": edit.size,
        "text": edit.text,
        "code": edit.code,
        "changes": [each._asdict() for each in edit.changes],
        "lines": [{"line": line, "text": text} for line, text in lines.items()],
        "tried_at": edit.sizes,
        "runs_for": None if edit.square is None else with_words(edit.square),
        "runs_along": None if edit.inputs is None else by_letter(edit.inputs),
    }
