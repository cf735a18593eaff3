"""How the arguments of an operation are read: each reader gives one value per axis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.sizes.width import is_int


class _Required:
    """Mark an argument without a default."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()

#: Takes (name, value, axes), and returns one value per axis.
Reader = Callable[[str, Any, int], tuple[Any, ...]]


class Argument(NamedTuple):
    """Describe an argument: its default, how it is read, and other names it has.

    read is None for an argument that sizes do not depend on. per_axis: how many entries a list has
    for each axis; 0 where its length does not tell the axes. recorded: whether only recordings of
    calls have it, not the framework.
    """

    default: Any = REQUIRED
    read: Reader | None = None
    aliases: tuple[str, ...] = ()
    per_axis: int = 1
    recorded: bool = False

    def __repr__(self) -> str:
        return f"Argument({self.default!r})"


def numbers(name: str, value: Any, axes: int) -> tuple[int, ...]:
    """Read one whole number for every axis alike, or one per axis.

    >>> numbers("stride", 2, 3), numbers("stride", [1, 2], 2)
    ((2, 2, 2), (1, 2))
    """
    if is_list(value):
        _count(name, value, axes)
        return tuple(number(name, v) for v in value)
    return (number(name, value),) * axes


def maybe_numbers(name: str, value: Any, axes: int) -> tuple[int | None, ...]:
    """Read as `numbers`, where None stands for what follows from another argument."""
    if value is None:
        return (None,) * axes
    if is_list(value):
        _count(name, value, axes)
        return tuple(None if v is None else number(name, v) for v in value)
    return numbers(name, value, axes)


def scales(name: str, value: Any, axes: int) -> tuple[float | None, ...]:
    """Read one factor for every axis alike, or one per axis."""
    values = list(value) if is_list(value) else [value] * axes
    _count(name, values, axes)
    for v in values:
        if v is not None and (isinstance(v, bool) or not isinstance(v, (int, float))):
            raise SolverError(f"{name} must be a number", received=repr(v))
    return tuple(values)


def numbers_or_one(name: str, value: Any, axes: int) -> tuple[int, ...]:
    """Read as `numbers`, where None stands for 1.

    >>> numbers_or_one("rhs_dilation", None, 2)
    (1, 1)
    """
    return numbers(name, 1 if value is None else value, axes)


def spread(read: Reader) -> Reader:
    """A reader for which a list of one entry counts for every axis.

    >>> spread(numbers)("stride", (2,), 3)
    (2, 2, 2)
    """

    def spreading(name: str, value: Any, axes: int) -> tuple[Any, ...]:
        return read(name, value[0] if is_list(value) and len(value) == 1 else value, axes)

    return spreading


def last_numbers(name: str, value: Any, axes: int) -> tuple[int | None, ...]:
    """Read as `maybe_numbers`; of a full shape the sizes behind batch and channels.

    >>> last_numbers("output_size", (1, 8, 20, 21), 2)
    (20, 21)
    """
    full = is_list(value) and len(value) == axes + 2
    return maybe_numbers(name, value[2:] if full else value, axes)


def words(*known: Any) -> Reader:
    """A reader of one of some words, the same for every axis."""

    def read(name: str, value: Any, axes: int) -> tuple[Any, ...]:
        if value not in known:
            right = ", ".join(map(repr, known))
            raise SolverError(f"unknown {name}", received=repr(value), right=right)
        return (value,) * axes

    return read


def flag(name: str, value: Any, axes: int) -> tuple[bool, ...]:
    """Read True or False, or 0 or 1."""
    if value not in (True, False):
        raise SolverError(f"{name} is True or False", received=repr(value))
    return (bool(value),) * axes


def pairs(name: str, value: Any, axes: int) -> tuple[tuple[int, int], ...]:
    """Read one number for every end, one per axis, or one pair (begin, end) per axis.

    >>> pairs("padding", 1, 2), pairs("padding", ((0, 1), (2, 3)), 2)
    (((1, 1), (1, 1)), ((0, 1), (2, 3)))
    """
    if not is_list(value):
        return ((number(name, value),) * 2,) * axes
    _count(name, value, axes)
    return tuple(_pair(name, v) for v in value)


def keras_pairs(name: str, value: Any, axes: int) -> tuple[tuple[int, int], ...]:
    """Read as `pairs`, but for one axis two numbers are its begin and end.

    >>> keras_pairs("padding", (1, 2), 1), keras_pairs("padding", (1, 2), 2)
    (((1, 2),), ((1, 1), (2, 2)))
    """
    if axes == 1 and is_list(value):
        return (_pair(name, value),)
    return pairs(name, value, axes)


def listed(name: str, value: Any, axes: int) -> tuple[int, ...]:
    """Read one whole number per axis; one for all is not taken.

    >>> listed("window_shape", (2, 3), 2)
    (2, 3)
    """
    if not is_list(value):
        right = repr((value,) * axes) if isinstance(value, int) else None
        raise SolverError(f"{name} is a tuple, one value per axis", repr(value), right)
    return numbers(name, value, axes)


def padding_or(*exact: str, any_case: tuple[str, ...] = ()) -> Reader:
    """A reader of padding: one of some words, or as `pairs`.

    exact: words that are taken as they stand. any_case: words in capitals or not.
    """
    word = words_in(*exact, any_case=any_case)

    def read(name: str, value: Any, axes: int) -> tuple[Any, ...]:
        return word(name, value, axes) if isinstance(value, str) else pairs(name, value, axes)

    return read


def words_in(*exact: str, any_case: tuple[str, ...] = ()) -> Reader:
    """A reader of one of some words, the same for every axis.

    exact: words that are taken as they stand. any_case: words in capitals or not.

    >>> words_in("CAUSAL", any_case=("SAME", "VALID"))("padding", "same", 2)
    ('SAME', 'SAME')
    """
    known = words(*any_case, *exact)

    def read(name: str, value: Any, axes: int) -> tuple[Any, ...]:
        plain = value.lower() if isinstance(value, str) else value
        return known(name, next((w for w in any_case if w.lower() == plain), value), axes)

    return read


def begins_then_ends(name: str, value: Any, axes: int) -> tuple[tuple[int, int], ...]:
    """Read ONNX pads: the begins of all axes, then the ends.

    >>> begins_then_ends("pads", [0, 1, 2, 3], 2)
    ((0, 2), (1, 3))
    """
    if value is None:
        return ((0, 0),) * axes
    flat = _flat(name, value, axes)
    return tuple(zip(flat[:axes], flat[axes:], strict=True))


def last_axis_first(name: str, value: Any, axes: int) -> tuple[tuple[int, int], ...]:
    """Read torch pads: (begin, end) of the last axis first.

    >>> last_axis_first("pad", (0, 1, 2, 3), 2)
    ((2, 3), (0, 1))
    """
    if not is_list(value):
        return ((number(name, value),) * 2,) * axes
    flat = _flat(name, value, axes)
    return tuple(zip(flat[::2], flat[1::2], strict=True))[::-1]


def number(name: str, value: Any) -> int:
    """A whole number, negative ones too. Raises SolverError for anything else."""
    if is_int(value):
        return value
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise SolverError(f"{name} must be a whole number", received=repr(value))
    return int(value.__index__())


def positive(rule: str, **values: int) -> None:
    """Refuse a value below 1, by a rule in the framework's words; {} stands for its name."""
    for name, value in values.items():
        if value < 1:
            raise SolverError(rule.format(name), f"{name} {value}", f"{name} at least 1")


def alike(values: Iterable[Any]) -> Any:
    """Return one value where all axes have the same, else a tuple with one per axis.

    >>> alike([3, 3]), alike([3, 5])
    (3, (3, 5))
    """
    found = tuple(values)
    return found[0] if len(set(found)) == 1 else found


def is_list(value: Any) -> bool:
    """Tell whether a value has one entry per axis, as tuples, lists and arrays have."""
    if isinstance(value, (int, str)):
        return False
    return isinstance(value, Sequence) or (
        getattr(value, "ndim", 0) > 0 and hasattr(value, "__iter__")
    )


def _pair(name: str, value: Any) -> tuple[int, int]:
    if not is_list(value):
        return (number(name, value),) * 2
    if len(value) != 2:
        raise SolverError(f"{name} has a begin and an end", received=repr(value), right="(0, 1)")
    return number(name, value[0]), number(name, value[1])


def _flat(name: str, value: Any, axes: int) -> list[int]:
    if not is_list(value) or len(value) != 2 * axes:
        raise SolverError(
            f"{name} needs a begin and an end for each axis",
            received=repr(value),
            right=f"{2 * axes} numbers",
        )
    return [number(name, v) for v in value]


def _count(name: str, value: Sequence[Any], axes: int) -> None:
    if len(value) != axes:
        raise SolverError(
            f"{name} needs one value per axis",
            received=f"{len(value)} for {axes} axes",
            right=f"{axes} values",
        )
