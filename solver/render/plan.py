"""Plan a formula sheet: what to say about an operation's size, before anybody prints it.

    textbook   shapes, one formula per axis with indexed hyperparameters, the defaults
    compact    one formula in the letters i, o, k, s, p, d, a of papers
    isolated   the closed form of one letter in the others

A sheet holds trees, so every printer says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.sizes.domain import whole_number
from solver.sizes.expression import Expression, named, of, substitute
from solver.sizes.isolate import LEAST, isolate
from solver.sizes.normal import normal, normal_condition
from solver.sizes.operations import LETTERS, MINIMUM, OperationSpec, operation

STYLES = ("textbook", "compact")

#: The axes of a feature map, outermost first, as PyTorch's pages name them.
AXES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}

#: What a hyperparameter is where nobody gives it.
DEFAULTS = {"stride": "1", "padding": "0", "dilation": "1", "output_padding": "0"}
POOLING_DEFAULTS = {**DEFAULTS, "stride": "kernel_size"}

#: Every letter in words.
WORDS = {"i": "input", "o": "output", **{letter: word for word, letter in LETTERS.items()}}


class Statement(NamedTuple):
    """State lower <= name <= upper where a condition holds; equal bounds are one value.

    An upper of None is no bound, a condition of None is always.
    """

    name: str
    lower: Expression
    upper: Expression | None
    when: Expression | None = None

    @property
    def is_value(self) -> bool:
        """Tell a single value from an interval."""
        return self.lower == self.upper

    @property
    def tree(self) -> Expression:
        """The statement without its condition, as a chain of comparisons."""
        name = named(self.name)
        if self.is_value:
            return name.equals(self.lower)
        least = self.lower <= name
        return name >= self.lower if self.upper is None else Expression("<=", (least, self.upper))


class Sheet(NamedTuple):
    """Hold everything a formula page says."""

    op: OperationSpec
    dim: int
    style: str
    ceil_mode: bool
    isolated: str | None  # the letter asked for, as the statements name it
    shapes: Mapping[str, Sequence[Sequence[str]]]  # Input, Output: with and without the batch
    statements: Sequence[Statement]
    given: Mapping[str, tuple[int, ...]]  # one number per axis
    defaults: Mapping[str, str]


def plan(
    op: str,
    dim: int = 2,
    style: str | None = None,
    letter: str | None = None,
    ceil_mode: bool = False,
    hyperparameters: Mapping[str, int | Sequence[int]] | None = None,
) -> Sheet:
    """What the formula page of an operation says; arguments as in `render.formula`.

    >>> [statement.name for statement in plan("conv", dim=3).statements]
    ['D_out', 'H_out', 'W_out']
    >>> plan("conv", letter="p", hyperparameters={"output_padding": 1})
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: convolution has no output_padding
      received: output_padding=1
      right:    kernel_size, stride, padding, dilation
    """
    row = operation(op)
    # an isolated letter reads best among letters
    style = style or ("textbook" if letter is None else "compact")
    if style not in STYLES:
        raise SolverError("unknown style", received=style, right=" or ".join(STYLES))
    if dim not in AXES:
        raise SolverError("a formula has 1, 2 or 3 axes", received=str(dim), right="1, 2 or 3")
    if ceil_mode and not row.pooling:
        raise SolverError(
            f"{row.title} has no ceil mode", received=row.name, right="maxpool or avgpool"
        )
    given = {
        name: _per_axis(row, name, value, dim) for name, value in (hyperparameters or {}).items()
    }
    if style == "textbook" and letter is None:
        return _textbook(row, dim, ceil_mode, given)
    return _in_letters(row, dim, style, letter, ceil_mode, given)


def _textbook(
    row: OperationSpec, dim: int, ceil_mode: bool, given: Mapping[str, tuple[int, ...]]
) -> Sheet:
    statements = []
    for axis, name in enumerate(AXES[dim]):
        index = f"[{axis}]" if dim > 1 else ""
        names = {letter: word + index for word, letter in LETTERS.items()}
        names |= {"i": f"{name}_in", "o": f"{name}_out"}
        statements += _statements(_kind(row, ceil_mode), "o", names, _values(row, given, axis))
    shapes = {"Input": _shapes(row, dim, "in"), "Output": _shapes(row, dim, "out")}
    defaults = _defaults(row, given)
    return Sheet(row, dim, "textbook", ceil_mode, None, shapes, statements, given, defaults)


def _in_letters(
    row: OperationSpec,
    dim: int,
    style: str,
    letter: str | None,
    ceil_mode: bool,
    given: Mapping[str, tuple[int, ...]],
) -> Sheet:
    shown = "o" if letter is None else _letter(row, letter)
    for name, numbers in given.items():
        if len(set(numbers)) > 1:
            raise SolverError(
                f"one formula for all axes needs one {name}",
                received=", ".join(map(str, numbers)),
                right="the same number for each axis, or the textbook style",
            )
    if WORDS[shown] in given:
        raise SolverError(
            f"{WORDS[shown]} is asked for, so it cannot be given",
            received=f"{WORDS[shown]}={given[WORDS[shown]][0]}",
        )
    values = {name: value for name, value in _values(row, given, 0).items() if name != shown}
    names = WORDS if style == "textbook" else {}
    statements = _statements(_kind(row, ceil_mode), shown, names, values)
    isolated = None if letter is None else names.get(shown, shown)
    defaults = {} if isolated else _defaults(row, given)
    return Sheet(row, dim, style, ceil_mode, isolated, {}, statements, given, defaults)


def _statements(
    kind: str, letter: str, names: Mapping[str, str], values: Mapping[str, int]
) -> list[Statement]:
    """The cases of a letter with numbers filled in, less those the numbers rule out."""
    found = []
    for case in isolate(kind, letter).cases:
        when = True if case.when is None else normal_condition(case.when, values)
        if when is False:
            continue
        lower = of(LEAST[letter]) if case.lower is None else case.lower
        found.append(
            Statement(
                names.get(letter, letter),
                substitute(normal(lower, values), names),
                None if case.upper is None else substitute(normal(case.upper, values), names),
                None if when is True else substitute(when, names),
            )
        )
    return found


def _kind(row: OperationSpec, ceil_mode: bool) -> str:
    if row.transposed:
        return "conv_transpose"
    return "ceil_pool" if ceil_mode else "conv"


def _shapes(row: OperationSpec, dim: int, side: str) -> list[tuple[str, ...]]:
    channels = "C" if row.pooling else f"C_{side}"
    shape = (channels, *(f"{axis}_{side}" for axis in AXES[dim]))
    return [("N", *shape), shape]


def _defaults(row: OperationSpec, given: Mapping[str, tuple[int, ...]]) -> dict[str, str]:
    usual = POOLING_DEFAULTS if row.pooling else DEFAULTS
    return {
        name: usual[name] for name in row.hyperparameters if name in usual and name not in given
    }


def _letter(row: OperationSpec, name: str) -> str:
    """Read a letter or its long name."""
    letters = ("i", "o", *(LETTERS[word] for word in row.hyperparameters))
    for letter in letters:
        if name.lower().replace("-", "_") in (letter, WORDS[letter]):
            return letter
    raise SolverError(
        f"{row.title} has no such letter",
        received=name,
        right=", ".join(f"{letter} ({WORDS[letter]})" for letter in letters),
    )


def _per_axis(
    row: OperationSpec, name: str, value: int | Sequence[int], dim: int
) -> tuple[int, ...]:
    if name not in row.hyperparameters:
        raise SolverError(
            f"{row.title} has no {name}",
            received=f"{name}={value}",
            right=", ".join(row.hyperparameters),
        )
    numbers = value if isinstance(value, (tuple, list)) else (value,) * dim
    if len(numbers) != dim:
        raise SolverError(
            f"{name} needs one number, or one per axis", received=str(value), right=f"{dim} numbers"
        )
    return tuple(whole_number(number, name, MINIMUM[name]) for number in numbers)


def _values(row: OperationSpec, given: Mapping[str, tuple[int, ...]], axis: int) -> dict[str, int]:
    """The known letters on one axis.

    Where numbers are filled in, dilation and output_padding are at rest unless given: few people
    name them. A pooling without dilation has dilation 1.
    """
    at_rest = {"d": 1, "a": 0} if given else {}
    if "dilation" not in row.hyperparameters:
        at_rest["d"] = 1
    return at_rest | {LETTERS[name]: numbers[axis] for name, numbers in given.items()}
