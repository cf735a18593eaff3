"""The program that a run goes through: where it is, what it raises, what it gives back."""

from __future__ import annotations

import dis
import os
import sys
from collections.abc import Iterator, Mapping
from types import FrameType, TracebackType
from typing import Any


def leaves_of(value: Any) -> list[Any]:
    """All that is in nested tuples, lists, dictionaries and slices."""
    found: list[Any] = []
    _gather(value, found)
    return found


def _gather(value: Any, found: list[Any]) -> None:
    if isinstance(value, dict):
        value = value.values()
    elif isinstance(value, slice):
        value = value.start, value.stop, value.step
    elif not isinstance(value, (tuple, list)):
        found.append(value)
        return
    for each in value:
        if isinstance(each, _SEVERAL):
            _gather(each, found)
        else:
            found.append(each)


_SEVERAL = (tuple, list, dict, slice)


def frames() -> Iterator[FrameType]:
    """Yield the frames of a model's own code, the innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(_OURS):
            if frame.f_code.co_qualname == "Runner.run":  # behind it is whoever asks
                return
        elif "/torch/" not in path:
            yield frame
        frame = frame.f_back


_RAISE = dis.opmap["RAISE_VARARGS"]
_OURS = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(__file__))))


def line_of(frame: FrameType) -> str:
    """The file and the line where a frame is."""
    return f"{os.path.basename(frame.f_code.co_filename)} line {frame.f_lineno}"


def place(trace: TracebackType | None) -> tuple[str, bool]:
    """Where something was raised, and whether the program itself raises it, or Python does."""
    where, raises = "", False
    while trace is not None:
        code = trace.tb_frame.f_code
        ours = code.co_filename.startswith(_OURS)
        if not ours and "/torch/" not in code.co_filename:
            where = f"{os.path.basename(code.co_filename)} line {trace.tb_lineno}"
        raises = not ours and code.co_code[trace.tb_lasti] == _RAISE
        trace = trace.tb_next
    return where, raises


def outputs(value: Any, name: str, carrier: Any) -> Iterator[tuple[str, Any]]:
    """Yield the tensors that come out, by their names."""
    if isinstance(value, carrier):
        yield name, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from outputs(each, f"{name}.{key}".strip("."), carrier)
    elif isinstance(value, (tuple, list)):
        fields = getattr(value, "_fields", range(len(value)))
        for key, each in zip(fields, value, strict=True):
            yield from outputs(each, f"{name}.{key}".strip("."), carrier)
    elif hasattr(value, "__dataclass_fields__"):
        for key in value.__dataclass_fields__:
            yield from outputs(getattr(value, key), f"{name}.{key}".strip("."), carrier)
