"""The JSON Schema of what each command prints with --json, read from the file beside this one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_suffix(".json")


def schemas() -> dict[str, dict[str, Any]]:
    """The schemas of all commands that print JSON, draft 2020-12; each stands alone.

    >>> schemas()["solve"]["title"]
    'What `convsolver solve --json` prints'
    """
    told = json.loads(_FILE.read_text(encoding="utf-8"))
    return {name: _alone(name, body, told["$defs"]) for name, body in told["commands"].items()}


def _alone(command: str, body: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """A schema with the definitions that it needs."""
    found: dict[str, Any] = {}
    todo = _named(body)
    while todo:
        if (name := todo.pop()) not in found:
            found[name] = shared[name]
            todo += _named(shared[name])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"What `convsolver {command} --json` prints",
        **body,
        "$defs": dict(sorted(found.items())),
    }


def _named(body: Any) -> list[str]:
    """The definitions that a part of a schema names."""
    if isinstance(body, list):
        return [name for each in body for name in _named(each)]
    if not isinstance(body, dict):
        return []
    own = [body["$ref"].rpartition("/")[2]] if isinstance(body.get("$ref"), str) else []
    return own + [name for each in body.values() for name in _named(each)]
