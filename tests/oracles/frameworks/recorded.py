"""Read and write what the frameworks did, as recorded in `tests/data/frameworks/<fw>.jsonl`.

The first line of a file names the framework and the versions that were run. Then come groups, each
a header and its rows:

    {"op":"MaxPool1d","keys":["kernel_size","stride","padding","dilation","ceil_mode"]}
    [[3],[3],[0],[1],false,[3],[1]]

A row holds the values of the keys, the input sizes and the output sizes, null where the framework
refuses. One more element, where there is one, is what a real run gave (null: it refused) where
that differs from what the framework had announced.

ONNX has three judges. Its rows are the opset, the values of the keys, the shape of the kernel, the
input sizes, and what shape inference, the reference evaluator and onnxruntime answer.

A key that a group does not name was not given: null is a value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]

FOLDER = Path(__file__).parents[2] / "data" / "frameworks"
FRAMEWORKS = ("torch", "jax", "flax", "keras-jax", "keras-tensorflow", "tf", "onnx", "paddle")

#: What stands before and behind the values of the keys in a row.
BEFORE = {"onnx": ("opset",)}
BEHIND = {"onnx": ("kernel", "in", "si", "ref", "out")}
USUAL = ("in", "out", "run")


def rows(fw: str) -> Iterator[Row]:
    """Yield the recorded rows of a framework: fw, op, p, in, out, and what else it recorded."""
    header: Row = {}
    for line in _lines(fw)[1:]:
        if isinstance(line, dict):
            header = line
        else:
            yield _row(fw, header, line)


def versions(fw: str) -> dict[str, str]:
    """Return the packages that were run, and their versions."""
    found: dict[str, str] = _lines(fw)[0]["versions"]
    return found


def write(fw: str, found: Iterable[Row], versions: dict[str, str]) -> None:
    """Write rows of one framework, gathered into groups that share the operation and the keys."""
    lines: list[Any] = [{"fw": fw, "versions": versions}]
    groups: dict[str, list[list[Any]]] = {}
    for row in found:
        groups.setdefault(_compact(_header(row)), []).append(_values(fw, row))
    text = [_compact(line) for line in lines]
    for header, members in groups.items():
        text += [header, *map(_compact, members)]
    _path(fw).write_text("\n".join(text) + "\n", encoding="utf-8")


def _path(fw: str) -> Path:
    return FOLDER / f"{fw}.jsonl"


def _lines(fw: str) -> list[Any]:
    return [json.loads(line) for line in _path(fw).read_text(encoding="utf-8").splitlines()]


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _header(row: Row) -> Row:
    """Return what the rows of a group share."""
    header: Row = {"op": row["op"], "keys": list(row["p"])}
    if "note" in row:
        header["note"] = row["note"]
    return header


def _values(fw: str, row: Row) -> list[Any]:
    """Return a row as its file holds it; a run that agrees is left out."""
    names = [*BEFORE.get(fw, ()), *BEHIND.get(fw, USUAL)]
    held = {name: row.get(name) for name in names}
    if "run" not in row or row["run"] == row.get("out"):
        held.pop("run", None)
    before = [held.pop(name) for name in BEFORE.get(fw, ())]
    return [*before, *row["p"].values(), *held.values()]


def _row(fw: str, header: Row, values: list[Any]) -> Row:
    """Return the row that `_values` flattened."""
    names = [*BEFORE.get(fw, ()), *header["keys"], *BEHIND.get(fw, USUAL)]
    held = dict(zip(names, values, strict=False))
    row: Row = {"fw": fw, "op": header["op"], "p": {key: held.pop(key) for key in header["keys"]}}
    if "note" in header:
        row["note"] = header["note"]
    return row | held
