"""Any report as JSON, and as JSON lines; a list that comes item by item is written as it comes.

Memory does not grow with such an answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, TextIO

from solver.render.report import Report

#: What writes one of many items, which are plain data and hold nothing that holds them.
_encoded = json.JSONEncoder(allow_nan=False, check_circular=False).encode


def write(report: Report, out: TextIO) -> None:
    """Write a report as one JSON object; where a list comes item by item, an item per line."""
    record = report.record()
    if not any(isinstance(value, Iterator) for value in record.values()):
        out.write((_lines(record) if report.indented else _encoded(record)) + "\n")
        return
    start = "{\n"
    for key, value in record.items():
        out.write(f"{start}  {json.dumps(key)}: ")
        if isinstance(value, Iterator):
            _write_items(value, out)
        else:
            out.write(_encoded(value))
        start = ",\n"
    out.write("\n}\n")


def _lines(value: Any, margin: str = "") -> str:
    """Plain data over indented lines; what holds numbers alone in one."""
    if not isinstance(value, (dict, list, tuple)) or _of_numbers(value):
        return _encoded(value)
    inner = margin + "  "
    parts: Iterable[str] = (_lines(each, inner) for each in value)
    ends = "[]"
    if isinstance(value, dict):
        parts = (f"{_encoded(str(key))}: {_lines(each, inner)}" for key, each in value.items())
        ends = "{}"
    joined = f",\n{inner}".join(parts)
    return f"{ends[0]}\n{inner}{joined}\n{margin}{ends[1]}" if value else ends


def _of_numbers(value: Any) -> bool:
    """Whether it is a number, or a list of these."""
    return isinstance(value, int) or (
        isinstance(value, (list, tuple)) and all(map(_of_numbers, value))
    )


def _write_items(items: Iterator[Any], out: TextIO) -> None:
    separator, end = "\n    ", "]"
    out.write("[")
    for item in items:
        out.write(separator + _encoded(item))
        separator, end = ",\n    ", "\n  ]"
    out.write(end)


def write_lines(report: Report, out: TextIO) -> None:
    """Write one JSON object per answer and line; nothing where there is none."""
    for item in report.items():
        out.write(_encoded(item) + "\n")


def record(report: Report) -> dict[str, Any]:
    """A report as plain data for programs: every list whole, every column of one type.

    Where some values of a column are formulas, and so text, its numbers are text too.
    """
    (found,) = _of_one_type([report.record()])
    made: dict[str, Any] = found
    return made


def _of_one_type(column: Iterable[Any]) -> list[Any]:
    """The values that stand in one column, or in one place of its lists, as plain data."""
    values = [list(each) if isinstance(each, (tuple, Iterator)) else each for each in column]
    told = [each for each in values if each is not None]
    if told and all(isinstance(each, dict) for each in told):
        columns = {
            name: iter(_of_one_type(each[name] for each in told if name in each))
            for name in dict.fromkeys(chain(*told))
        }
        return [each and {name: next(columns[name]) for name in each} for each in values]
    if told and all(isinstance(each, list) for each in told):
        items = iter(_of_one_type(chain(*told)))
        return [each and [next(items) for _ in each] for each in values]
    text = any(isinstance(each, str) for each in told)
    return [_plain(each, text) for each in values]


def _plain(value: Any, text: bool) -> Any:
    """A single value, as text where that is what its column holds."""
    if isinstance(value, (dict, list)):
        return _of_one_type([value])[0]
    if type(value) is bool or not isinstance(value, int):
        return value
    return str(value) if text else int(value)
