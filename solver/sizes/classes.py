"""Write residue classes above a minimum, and exceptions below it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice


def in_words(
    modulus: int, residues: Sequence[int], minimum: int, exceptions: Sequence[int], letter: str
) -> str:
    """The sizes in words, called by a letter.

    >>> in_words(2, [0], 1, [], "n"), in_words(16, [12], 188, [], "h")
    ('even n', 'h = 12 (mod 16), h >= 188')
    >>> in_words(32, range(1, 32), 1, [], "n")
    'n != 0 (mod 32)'
    >>> in_words(1, [], 1, [5, 7], "n")
    'n in {5, 7}'
    """
    finite = not residues
    extra = ", ".join(map(str, islice(exceptions, 12)))
    if len(exceptions) > 12:
        extra += f", ... ({len(exceptions):,} sizes)"
    if finite and len(exceptions) > 3:
        first, last = exceptions[0], exceptions[-1]
        if last - first + 1 == len(exceptions):
            return f"{first} <= {letter} <= {last}"
    if finite:
        return f"{letter} in {{{extra}}}" if extra else f"no {letter}"
    also = f", or {letter} in {{{extra}}}" if extra else ""
    classes = ""
    if modulus > 1:
        missing = modulus - len(residues)
        fewer = len(residues) > 12 and missing <= 12
        named = sorted({*range(modulus)} - {*residues}) if fewer else residues
        shown = ", ".join(map(str, named[:12]))
        more = ", ..." if len(named) > 12 else ""
        classes = f"{letter} {'!=' if fewer else '='} {shown}{more} (mod {modulus})"
    if modulus == 2:
        parity = "odd" if residues[0] else "even"
        return f"{parity} {letter}" + (f" >= {minimum}" if minimum > 2 else "") + also
    bound = f"{letter} >= {minimum}" if not classes or minimum > modulus else ""
    text = ", ".join(part for part in (classes, bound) if part)
    return text + also
