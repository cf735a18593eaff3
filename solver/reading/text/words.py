"""Words that a program puts together: f-strings, format, %, str."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.text.arithmetic import unknown
from solver.reading.text.inside import leaves
from solver.reading.text.values import Opaque, Words

#: The most characters of words.
_LONGEST = 1000
#: How a value may be written: wide by at most three digits.
_SPEC = r"([^{}]?[<>=^])?[ +-]?#?0?\d{0,3}[,_]?(\.\d{1,3})?[a-zA-Z%]?"
_PERCENT = r"%([-+ #0]*\d{0,3}(\.\d{1,3})?[diouxXeEfFgGcrs]|%)"
_PLAIN = (str, int, float, type(None))


def word(value: Any) -> Any:
    """What str() makes of a plain value or a size; what it makes of any other is not known."""
    if isinstance(value, (Dim, Ratio)):
        return joined([value])
    return str(value)[:_LONGEST] if _plain(value) else Opaque("the text of a value")


def joined(values: Sequence[Any]) -> Any:
    """Words that are put together of values.

    >>> joined(["layer", 3]), joined(["h", Dim.letter("h")]).text
    ('layer3', 'hh')
    """
    plain = (*_PLAIN, Dim, Ratio)
    text = "".join(str(each) if isinstance(each, plain) else "?" for each in values)[:_LONGEST]
    if any(map(unknown, values)):
        return Opaque(text)
    sized = any(isinstance(each, (Dim, Ratio)) for each in values)
    return Words(text, parts=tuple(values)) if sized else text


def spelled(value: Any, conversion: str, spec: str) -> Any:
    """A value in an f-string: f"{i:02d}".

    >>> spelled(3, "", "02d"), spelled("a", "!r", "")
    ('03', "'a'")
    """
    if not (conversion or spec):
        return value if isinstance(value, (Dim, Ratio)) or not _plain(value) else str(value)
    return formatted(f"{{0{conversion}{':' if spec else ''}{spec}}}", [value], {})


def formatted(text: str, args: Sequence[Any], words: Mapping[str, Any]) -> Any:
    """What format() makes of words; not known where that is not plain.

    >>> formatted("layer{}_{1:02d}{name}", [3, 4], {"name": "x"})
    Opaque(text='layer{}_{1:02d}{name}', parameter=False, shape=(), elements=())
    >>> formatted("layer{0}_{1:02d}{name}", [3, 4], {"name": "x"})
    'layer3_04x'
    """
    from string import Formatter  # few programs put words together

    try:
        parts = [*Formatter().parse(text)]
        fields = [(name, spec) for _, name, spec, _ in parts if name is not None]
        known = all(map(_plain, (*args, *words.values())))
        if known and all(
            re.fullmatch(r"\w*", n) and re.fullmatch(_SPEC, s or "") for n, s in fields
        ):
            return text.format(*args, **words)[:_LONGEST]
    except (ValueError, LookupError, TypeError):
        pass
    return Opaque(text)


def filled(text: str, values: Any) -> Any:
    """What % makes of words.

    >>> filled("layer%d_%02d", (3, 4))
    'layer3_04'
    """
    if _plain(values) and not re.sub(_PERCENT, "", text).count("%"):
        try:
            return (text % values)[:_LONGEST]
        except (ValueError, TypeError):
            pass
    return Opaque(text)


def _plain(value: Any) -> bool:
    return all(isinstance(each, _PLAIN) for each in leaves(value))


def split_by(pattern: str, words: str) -> list[Any] | Opaque:
    """What re.split gives; not known of a pattern that repeats more than twice, or what repeats.

    >>> split_by(r"(\\d.*)", "se0.25"), split_by("(a+)+b", "aaaa").text
    (['se', '0.25', ''], 're.split')
    """
    quick = len(re.findall(r"[*+?{]", pattern)) <= 2 and not re.search(r"\)[*+?{]", pattern)
    if not quick or len(words) > _LONGEST or len(pattern) > _LONGEST:
        return Opaque("re.split")
    try:
        return re.split(pattern, words)
    except re.error as fault:
        raise SolverError(f"this is no pattern ({fault})", pattern) from None
