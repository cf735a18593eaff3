"""The largest whole number that a tensor holds, where a program makes it of sizes.

What looks a number up in a table refuses one that is too large: positions behind the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from solver.reading.live.running.kinds import names
from solver.reading.paths.size import Size

_TRUTHS = names("eq ne lt le gt ge logical_and logical_or logical_not isfinite isnan")
_KEEPING = names("""
    to long int type type_as clone contiguous detach expand expand_as view reshape flatten squeeze
    unsqueeze transpose permute getitem repeat
""")


def largest(
    name: str, args: Sequence[Any], words: dict[str, Any], sizes: Callable[[Any], Sequence[int]]
) -> int | None:
    """The largest number that a function gives, if none is negative; None where it is not known.

    sizes: of a tensor.
    """
    found = _largest(name.strip("_"), args, words, sizes)
    lost = isinstance(found, Size) and found.formula is None
    return None if lost or not isinstance(found, int) else found


def _largest(name: str, args: Sequence[Any], words: dict[str, Any], sizes: Any) -> Any:
    if name == "arange" and len(args) in (1, 2) and "step" not in words:
        return args[-1] - 1 if isinstance(args[-1], int) else None
    if name in _TRUTHS:
        return 1
    x = args[0] if args else None
    if name in ("argmax", "argmin"):
        axis = args[1] if len(args) > 1 else words.get("dim")
        return None if axis is None else sizes(x)[axis] - 1
    most = getattr(x, "most", None)
    if most is None or name in _KEEPING:
        return most
    if name == "cumsum":
        return most * sizes(x)[args[1] if len(args) > 1 else words["dim"]]
    other = args[1] if len(args) > 1 else None
    other = getattr(other, "most", other)
    if name in ("add", "iadd", "radd", "mul", "imul", "rmul") and isinstance(other, int):
        return most + other if "add" in name else most * other
    return None
