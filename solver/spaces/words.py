"""Design spaces in files: TOML or JSON with the words of Python.

input = 224
output = 7
[limits]
receptive_field = "100.."
[[layers]]
op = "conv"
kernel_size = [1, 3, 5, 7]
repeat = "3..8"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from solver.errors import LimitError, SolverError, shorten
from solver.ground.files import read_bytes
from solver.spaces.choice import Choice
from solver.spaces.let import let
from solver.spaces.limits import LIMITS
from solver.spaces.parts import Part
from solver.spaces.written_parts import either, mirror, optional, part, repeat

LARGEST_FILE = 1_000_000  # bytes
DEEPEST = 20
#: A name of TOML with too many dots, a.a.a.a, for which its reader takes memory without end.
_TOO_DEEP = rf"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{DEEPEST}}}"""

_TOP = (
    *("input", "output", "where", "at", "axes", "channels", "rate", "max_states", "layers", "let"),
    "limits",
)
_OPEN = ("kernel_size", "stride", "padding", "dilation", "output_padding")
_LAYER = ("op", *_OPEN, "ceil_mode", "groups", "out_channels", "bias")
#: Blocks with a name, which are functions of solver.spaces.named.
_NAMED = ("basic_block", "bottleneck", "inverted_residual", "dense", "unet", "squeeze_excite")
_SAID = ("op", "any", "layers", "down", "residual", "skip", "branches", "mark", "through")
_KINDS = (*_SAID, *_NAMED)
_HOW_OFTEN = ("repeat", "index", "optional", "let")


def load(path: str) -> dict[str, Any]:
    """The arguments of the `Space` in a .toml or .json file. Raises SolverError, with the place."""
    data = read_bytes(path, LARGEST_FILE, "the file")
    if len(data) > LARGEST_FILE:
        raise LimitError(f"a design space has at most {LARGEST_FILE:,} bytes", received=path)
    try:
        return described(_parse(data.decode("utf-8-sig"), path))
    except UnicodeDecodeError:
        raise SolverError("a design space is text in UTF-8", received=path) from None


def _parse(text: str, path: str) -> Any:
    import json  # only for files
    import tomllib

    is_json = path.lower().endswith(".json")
    if not is_json and re.search(_TOO_DEEP, text):
        raise LimitError(f"parts are nested at most {DEEPEST} deep", received=path)
    try:
        return json.loads(text) if is_json else tomllib.loads(text)
    except (tomllib.TOMLDecodeError, json.JSONDecodeError) as fault:
        form = "JSON" if is_json else "TOML"
        raise SolverError(f"{path} is no {form}: {fault}") from None
    except RecursionError:
        raise LimitError("the file is nested too deeply", received=path) from None
    except ValueError as fault:  # numbers with too many digits
        raise SolverError(f"{path}: {shorten(str(fault), 200)}") from None


def described(data: object) -> dict[str, Any]:
    """The arguments of the `Space` that a mapping describes.

    >>> from solver import Space
    >>> layer = {"op": "conv", "kernel_size": [1, 3], "padding": "half", "repeat": 2}
    >>> Space(**described({"input": 8, "output": 8, "layers": [layer]})).count
    4
    >>> described({"input": 8, "layers": [{"op": "conv", "kernal_size": 3}]})
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: layers[0] has no kernal_size
      right:    kernel_size
    """
    top = _mapping(data, "a design space")
    _known(top, _TOP, "a design space")
    for name in ("input", "layers"):
        if name not in top:
            raise SolverError(f"a design space needs {name}", right=_EXAMPLES[name])
    limits = _mapping(top.get("limits", {}), "limits")
    _known(limits, tuple(LIMITS), "limits")
    given = {k: v for k, v in top.items() if k not in ("layers", "limits", "input", "output")}
    parts = _chosen(_list(top["layers"], "layers", 0), given.pop("let", None), "a design space")
    where = _text(given.pop("where", ""), "where")
    asked = {"input": top["input"], "output": top.get("output"), "where": where}
    return {"parts": parts, **asked, **given, **limits}


_EXAMPLES = {"input": "input = 224", "layers": '[[layers]] with op = "conv"'}


def _list(value: object, place: str, depth: int) -> Part:
    if depth > DEEPEST:
        raise LimitError(f"parts are nested at most {DEEPEST} deep", received=place)
    if not isinstance(value, list) or not value:
        raise SolverError(f"{place} is a list of layers", received=shorten(repr(value)))
    return [_part(one, f"{place}[{i}]", depth) for i, one in enumerate(value)]


def _part(value: object, place: str, depth: int) -> Part:
    row = dict(_mapping(value, place))
    repeated, left_out = row.pop("repeat", None), row.pop("optional", False)
    letters, index = row.pop("let", None), row.pop("index", None)
    on_the_way = None if repeated is None else row.pop("through", None)
    kinds = [kind for kind in _KINDS if kind in row]
    if len(kinds) != 1:
        from difflib import get_close_matches  # only for this message

        near = [each for name in row for each in get_close_matches(str(name)[:30], _KINDS, 1)]
        right = ", ".join(near or [*_SAID, "or a block with a name"])
        raise SolverError(f"{place} says what it is in one way", ", ".join(row) or "nothing", right)
    if index is not None and repeated is None:
        rule = f"{place}.index names the number of a repetition, so it needs repeat"
        raise SolverError(rule, shorten(repr(index)), 'repeat = 3, index = "j"')
    try:
        made = _READERS[kinds[0]](row, place, depth)
        if repeated is not None:
            letter = "i" if index is None else _text(index, "index")
            made = repeat(made, repeated, letter, through=on_the_way)
        made = _chosen(made, letters, place)
    except SolverError as fault:
        if fault.rule.startswith("layers["):
            raise
        raise _at(fault, place) from None
    if not isinstance(left_out, bool):
        raise SolverError(f"{place}.optional is true or false", received=repr(left_out))
    return optional(made) if left_out else made


def _chosen(made: Part, letters: object, place: str) -> Part:
    """A part in which letters are numbers, where some are given."""
    return made if letters is None else let(made, **_mapping(letters, f"{place}.let"))


def _layer(row: dict[str, Any], place: str, depth: int) -> Part:
    _known(row, _LAYER, place)
    op = _text(row.pop("op"), f"{place}.op")
    from solver.layers.operators import OPERATORS

    if op.split(" ")[0] not in OPERATORS:
        return Choice(op, **row)  # which says what there is
    _known(row, (), f"{place}, {op},")
    return part(op)


def _any(row: dict[str, Any], place: str, depth: int) -> Part:
    _known(row, ("any",), place)
    found = _list(row["any"], f"{place}.any", depth + 1)
    return either(*found)  # type: ignore[misc]


def _parts(row: dict[str, Any], place: str, depth: int) -> Part:
    _known(row, ("layers",), place)
    return _list(row["layers"], f"{place}.layers", depth + 1)


def _pair(row: dict[str, Any], place: str, depth: int) -> Part:
    _known(row, ("down", "up"), place)
    if "up" not in row:
        raise SolverError(f"{place} mirrors a layer, so it needs up", right='up = {op = "deconv"}')
    ends = (_part(row[end], f"{place}.{end}", depth + 1) for end in ("down", "up"))
    return mirror(*ends)


def _residual(row: dict[str, Any], place: str, depth: int) -> Part:
    from solver.spaces.blocks import residual  # few files have blocks

    _known(row, ("residual", "project"), place)
    body = _list(row["residual"], f"{place}.residual", depth + 1)
    return residual(body, project=row.get("project", True))


def _skip(row: dict[str, Any], place: str, depth: int) -> Part:
    from solver.spaces.blocks import skip

    _known(row, ("skip", "join", "fit"), place)
    body = _list(row["skip"], f"{place}.skip", depth + 1)
    join, fit = row.get("join", "concat"), row.get("fit", "exact")
    return skip(body, join=_text(join, f"{place}.join"), fit=_text(fit, f"{place}.fit"))


def _branches(row: dict[str, Any], place: str, depth: int) -> Part:
    from solver.spaces.blocks import parallel

    _known(row, ("branches", "join"), place)
    place = f"{place}.branches"
    if not isinstance(row["branches"], list):
        raise SolverError(f"{place} is a list of branches", shorten(repr(row["branches"])))
    found = [
        _list(one, f"{place}[{i}]", depth + 1) if one != [] else []
        for i, one in enumerate(row["branches"])
    ]
    return parallel(*found, join=_text(row.get("join", "add"), f"{place}.join"))


def _mark(row: dict[str, Any], place: str, depth: int) -> Part:
    from solver.spaces.marks import LIMITED, mark, through  # few files have marks

    kept = "mark" in row
    _known(row, ("mark", "name", *LIMITED) if kept else ("through", *LIMITED), place)
    size = row.pop("mark" if kept else "through")
    return part((mark if kept else through)(size, **row))


def _named(row: dict[str, Any], place: str, depth: int) -> Part:
    from inspect import signature  # few files have blocks

    from solver.spaces import named

    kind = next(kind for kind in _NAMED if kind in row)
    make = getattr(named, kind)
    _, *others = signature(make).parameters.values()
    names = [other.name for other in others]
    _known(row, (kind, *names), place)
    for needed in (other.name for other in others if other.default is other.empty):
        if needed not in row:
            raise SolverError(f"{place}, {kind}, needs {needed}", right=f"{needed} = 16")
    found: Part = make(row.pop(kind), **row)
    return found


_READERS: dict[str, Callable[[dict[str, Any], str, int], Part]] = {
    "op": _layer,
    "any": _any,
    "layers": _parts,
    "down": _pair,
    "residual": _residual,
    "skip": _skip,
    "branches": _branches,
    "mark": _mark,
    "through": _mark,
    **dict.fromkeys(_NAMED, _named),
}


def _mapping(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise SolverError(f"{place} is a table of names and values", shorten(repr(value)))
    return value


def _text(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise SolverError(f"{place} is a word", received=shorten(repr(value)))
    return value


def _known(row: Mapping[str, Any], names: tuple[str, ...], place: str) -> None:
    from difflib import get_close_matches  # only for this message

    for name in row:
        if name not in names:
            near = get_close_matches(str(name)[:30], (*names, *_HOW_OFTEN), 1)
            near = near or list(names) or ["op alone"]
            raise SolverError(f"{place} has no {shorten(str(name), 30)}", right=", ".join(near))


def _at(fault: SolverError, place: str) -> SolverError:
    return type(fault)(f"{place}: {fault.rule}", fault.received, fault.right, fault.text, fault.at)
