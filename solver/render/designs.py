"""What a search over designs found: as a table, plain text, JSON, JSON lines and CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from typing import Any, NamedTuple, TextIO

from solver.layers.stack import Stack
from solver.render.stack import brief, record
from solver.spaces.goal import words
from solver.spaces.space import Space


class Found(NamedTuple):
    """Hold designs of a space, how they were chosen, and how many there are.

    total: None where it takes more states than are allowed. how: in words. by: the costs they are
    the best by, if they are. reason: why there is none. framework: whose code is written.
    """

    space: Space
    stacks: Sequence[Stack]
    how: str
    total: int | None
    by: Sequence[str] = ()
    reason: str | None = None
    framework: str = "torch"

    @property
    def at(self) -> tuple[int, ...] | None:
        """Return the sizes that costs are measured at, or None where the input is n."""
        goals = self.space.goals
        return tuple(goals.numbers[i].input for i in goals.at) or None


def headline(found: Found) -> str:
    """Return the answer in a line."""
    space = found.space
    asked = f"{_sizes(space.input)} -> {_sizes(space.output)}"
    if space.mirrored:
        asked += " where the decoder begins"
    if found.total == 0:
        return f"none: {found.reason}"
    if found.total is None:
        if not found.stacks:
            return f"no answer yet for {asked}"
        number = len(found.stacks)
        return f"at least {number} design{'s' * (number > 1)} for {asked}, not counted"
    return f"{found.total:,} design{'s' * (found.total != 1)} for {asked}"


def meaning(found: Found) -> list[str]:
    """Return what was chosen and searched, a line each."""
    space = found.space
    searched = [repr(space.parts)]
    searched += [f"{k} {v if v is True else words(v)}" for k, v in space.limits.items()]
    if space.where:
        searched.append(f"where {space.where}")
    if space.at is not None:
        searched.append(f"costs at {space.at}")
    lines = ["searched: " + ", ".join(searched)]
    return [found.how, *lines] if found.stacks else lines


def columns(found: Found) -> tuple[list[str], list[list[str]]]:
    """Return the heading and the cells of a table."""
    head = ["parameters", *(["macs"] if found.at else []), "receptive_field", "jump"]
    head += ["sizes" if found.at else "size", "layers"]
    cells = []
    for stack in found.stacks:
        row = [f"{stack.parameters:,}"]
        if found.at:
            row.append(f"{stack.macs(found.at):,}")
        row += [str(stack.receptive_field), str(stack.jump)]
        row.append(_chain(stack, found.at) if found.at else stack.formula)
        cells.append([*row, "; ".join(map(brief, stack)) or "none"])
    return head, cells


def write_plain(found: Found, out: TextIO) -> None:
    """Write plain text: the answer, what it means, and the designs in columns."""
    for line in (headline(found), *meaning(found)):
        out.write(line + "\n")
    if not found.stacks:
        return
    head, cells = columns(found)
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    out.write("\n")
    for row in (head, *cells):
        padded = [cell.rjust(w) for cell, w in zip(row[:-1], widths, strict=False)]
        out.write("  ".join([*padded, row[-1]]) + "\n")


def write_table(found: Found, out: TextIO) -> None:
    """Write a table for a terminal."""
    from solver.render.table import show

    show(headline(found), meaning(found), columns(found) if found.stacks else None, out)


def write_json(found: Found, out: TextIO) -> None:
    """Write one JSON object, a design per line."""
    space = found.space
    head: dict[str, Any] = {
        "schema": 1,
        "command": "search",
        "input": _plain(space.input),
        "output": _plain(space.output),
        "at": _plain(space.at),
        "axes": space.axes,
        "channels": space.channels,
        "count": found.total,
        "parts": repr(space.parts),
        "limits": {k: v if v is True else words(v) for k, v in space.limits.items()},
        "chosen": found.how if found.stacks else None,
        "best_by": list(found.by),
    }
    if space.where:
        head["where"] = space.where
    out.write("{\n")
    for key, value in head.items():
        out.write(f"  {json.dumps(key)}: {json.dumps(value)},\n")
    lines = [json.dumps(record(stack, found.at)) for stack in found.stacks]
    out.write('  "designs": [' + ",".join(f"\n    {line}" for line in lines))
    out.write("\n  ],\n" if lines else "],\n")
    out.write(f'  "reason": {json.dumps(found.reason)}\n}}\n')


def write_jsonl(found: Found, out: TextIO) -> None:
    """Write one JSON object per design."""
    for stack in found.stacks:
        out.write(json.dumps(record(stack, found.at)) + "\n")


def write_csv(found: Found, out: TextIO) -> None:
    """Write comma-separated values with a heading."""
    names = ["formula", "valid_from", "receptive_field", "jump", "parameters"]
    names += ["sizes", "macs", "activations"] if found.at else []
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*names, "stack"])
    for stack in found.stacks:
        row = record(stack, found.at)
        if found.at:
            row["sizes"] = _chain(stack, found.at)
        writer.writerow([row[name] for name in (*names, "stack")])


def write_code(found: Found, out: TextIO) -> None:
    """Write every design as code of a framework; without one, why there is none as a comment."""
    if not found.stacks:
        out.write(f"# {headline(found)}\n")
    for number, stack in enumerate(found.stacks):
        out.write(("\n\n" if number else "") + stack.code(found.framework) + "\n")


WRITERS = {
    "table": write_table,
    "plain": write_plain,
    "json": write_json,
    "jsonl": write_jsonl,
    "csv": write_csv,
    "code": write_code,
}


def _chain(stack: Stack, at: tuple[int, ...]) -> str:
    sizes = stack.sizes(at)
    return " ".join(
        "x".join(map(str, dict.fromkeys(size) if len(set(size)) == 1 else size)) for size in sizes
    )


def _sizes(size: Any) -> str:
    if isinstance(size, list):
        return ", ".join(map(_sizes, size))
    if isinstance(size, tuple):
        return "x".join(map(str, size))
    return "any size" if size is None else str(size)


def _plain(size: Any) -> Any:
    if isinstance(size, (list, tuple)):
        return [_plain(one) for one in size]
    return size if size is None or isinstance(size, int) else str(size)
