"""Letters that parts share: numbers that are chosen once for all layers that they stand in."""

from __future__ import annotations

import re
from typing import Any

from solver.errors import SolverError, shorten
from solver.sizes.domain import Domain
from solver.spaces.choice import Choice
from solver.spaces.hyperparameters import tie
from solver.spaces.parts import Fixed, Let, Mirror, Part, Repeat
from solver.spaces.places import inside
from solver.spaces.written_parts import part

_LETTER = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


def let(*parts: object, **letters: Any) -> Part:
    """Take parts in which letters are numbers, the same wherever a letter stands in them.

    letters: what each may be, as in a `Choice`, or tied to i and to letters further out. It is what
    `either` of the parts with each number is; inside `repeat` each repetition chooses anew. Raises
    SolverError for a letter that no layer depends on.

    >>> from solver import Choice, Conv, repeat
    >>> let(repeat(Choice(Conv, "k", 1, "half"), 12), k="3,5,7")
    let(repeat(Choice('conv', kernel_size='k', padding='half'), 12), k='3,5,7')
    >>> let(Choice(Conv, 3), q=3)
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: let: no layer here depends on q
      received: Choice('conv', kernel_size='3')
    """
    if not parts or not letters:
        raise SolverError("let() takes parts, and letters", right='let(part, k="3,5,7")')
    found = part(parts[0]) if len(parts) == 1 else part(parts)
    for letter, values in reversed(letters.items()):
        if not _LETTER.fullmatch(letter):
            raise SolverError("a letter is a name", received=shorten(letter), right="k")
        if letter not in letters_of(found):
            raise SolverError(f"let: no layer here depends on {letter}", repr(found))
        found = Let(found, letter, tie(letter, values) or Domain.of(values, letter))
    return found


def ending(value: Part, output: Any) -> tuple[Part, Any]:
    """Parts that pass through an output in letters at their end, and then any output; else both.

    >>> from solver import Conv
    >>> ending(let(Choice(Conv, 3, "s", 1), s="2,4"), "ceil(n/s)")  # doctest: +ELLIPSIS
    (let([Choice('conv', ...), through('ceil(n/s)')], s='2,4'), None)
    """
    if not isinstance(value, Let) or not isinstance(output, (str, list, tuple)):
        return value, output
    from solver.spaces.marks import through  # few goals have letters

    end, chosen, lets = through(output), set(), []
    while isinstance(value, Let):
        lets.append(value)
        chosen.add(value.letter)
        value = value.part
    if not chosen & set(end.letters):
        return lets[0], output
    value = [*value, part(end)] if isinstance(value, list) else [value, part(end)]
    for outer in reversed(lets):
        value = Let(value, outer.letter, outer.values)
    return value, None


def letters_of(value: Part) -> frozenset[str]:
    """The letters that a part does not choose itself, own names of layers among them."""
    if isinstance(value, Let):
        return letters_of(value.part) - {value.letter} | getattr(value.values, "names", frozenset())
    if isinstance(value, Repeat):
        return letters_of(value.inner) | getattr(value.tied, "names", frozenset())
    if isinstance(value, (Choice, Fixed, Mirror)):
        return value.letters
    return frozenset().union(*map(letters_of, inside(value)))


def check_letters(value: Part, known: frozenset[str] = frozenset()) -> None:
    """Raise SolverError for a letter that nothing gives a number.

    >>> from solver import Choice
    >>> check_letters(Choice("conv", "2*stride + q"))
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: kernel_size: nothing says what q is
      2*stride + q
                 ^
      right:    k, s, p, d, a or c of the layer, or numbers: --let q=3,5, let(part, q="3,5")
    """
    if isinstance(value, Let):
        if isinstance(value.values, Domain):
            check_letters(value.part, known | {value.letter})
        else:
            _check(value.letter, value.values, known)
            check_letters(value.part, known | {value.letter})
    elif isinstance(value, Repeat):
        if value.tied is not None:
            _check("repeat", value.tied, known)
        check_letters(list(value.through), known)
        check_letters(value.part, known | {value.index})
    elif isinstance(value, Mirror):
        check_letters([value.down, value.up], known)
    elif isinstance(value, Choice):
        for name, tied in value.ties.items():
            _check(name, tied, known | tied.OWN)
    elif isinstance(value, Fixed):
        for letter in sorted(value.letters - known):
            raise SolverError(f"nothing says what {letter} is", repr(value), _right(letter))
    else:
        for one in inside(value):
            check_letters(one, known)


def _check(name: str, tied: Any, known: frozenset[str]) -> None:
    for letter in sorted(tied.names - known):
        text = str(tied)
        place = re.search(rf"\b{letter}\b", text)
        at = place.start() if place else 0
        raise SolverError(f"{name}: nothing says what {letter} is", None, _right(letter), text, at)


def _right(letter: str) -> str:
    if letter == "i":
        return "i is the number of a repetition: inside repeat(part, 3)"
    numbers = f'--let {letter}=3,5, let(part, {letter}="3,5")'
    return f"k, s, p, d, a or c of the layer, or numbers: {numbers}"
