"""From what a person writes to a question in letters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from solver.errors import LimitError, SolverError
from solver.inverse.letters.choices import MOST_VALUES, Asked
from solver.inverse.letters.conditions import settled, together
from solver.layers.legal import legal
from solver.sizes import formulas
from solver.sizes.domain import Domain, whole_number
from solver.sizes.exact import exact
from solver.sizes.expression import Expression, is_condition, names, of, substitute
from solver.sizes.grammar import parse
from solver.sizes.letters import NAMES
from solver.sizes.normal import normal
from solver.sizes.operations import MINIMUM, OperationSpec, operation
from solver.sizes.readable import readable
from solver.symbolic.given import in_letters, tree

#: i is the number of a repetition.
_NAMES = tuple(name for name in NAMES if name != "i")
_AXES = re.compile(r"\d+([x×]\d+)+")
_BOX = re.compile(r"[0-9.,\s]+")


def read_asked(
    operation: OperationSpec, input: Any, output: Any, given: Mapping[str, Any], where: Any = ""
) -> Asked:
    """Read a question in letters. Raises SolverError with a caret under the fault.

    >>> from solver.sizes.operations import operation
    >>> read_asked(operation("deconv"), "n", "s*n", {"kernel_size": "2s"}).letters
    ('s',)
    """
    input, output = map(_single, (input, output))
    sizes = {}
    for name, size in given.items():
        if size is None:
            continue
        if name not in operation.hyperparameters:
            right = ", ".join(operation.hyperparameters)
            raise SolverError(f"{operation.title} has no {name}", right=right)
        sizes[name] = tuple(_values(name, size))
    (before, *one), (after, *other) = _read(input), _read(output)
    size_is = _size(before, after, sizes)
    before, after = (substitute(size, size_is) for size in (before, after))
    asked = Asked(operation, before, after, sizes, _condition(where, size_is))
    if asked.where is not None:
        free = names(asked.where) - set(asked._replace(where=None).letters)
        for letter in sorted(free):
            rule = "a condition is on the letters of the question"
            right = f"{letter} in a size, or as a hyperparameter, as in -k k"
            raise SolverError(rule, f"{asked.where}, and no other {letter}", right)
    if "i" in asked.letters:
        raise SolverError("i counts repetitions, and is no letter here", right="j")
    return _of_layers(asked, [substitute(each, size_is) for each in (*one, *other)])


def _of_layers(asked: Asked, conditions: Sequence[Expression]) -> Asked:
    """The question where the layers in its sizes are layers."""
    if not conditions:
        return asked
    told = settled(conditions)
    if told is None:
        raise SolverError("no value of the letters makes this a layer", f"{asked.input}")
    ours = [each for each in told if names(each) <= {*asked.letters}]
    where = together(each for each in (asked.where, *ours) if each is not None)
    return asked._replace(where=where, apart=together(each for each in told if each not in ours))


def _size(
    input: Expression, output: Expression, given: Mapping[str, tuple[Expression, ...]]
) -> dict[str, str]:
    """What n stands for: the letter of an input without n. Raises SolverError for a clash."""
    if "n" in names(input) | names(output) or len(free := names(input)) != 1:
        return {}
    (letter,) = free
    if any(letter in names(size) for sizes in given.values() for size in sizes):
        rule = f"{letter} stands for a size and for a hyperparameter"
        raise SolverError(rule, f"{input} to {output}", "n for the size")
    return {letter: "n"}


def _condition(words: Any, letter: Mapping[str, str]) -> Expression | None:
    """A condition on letters. Raises SolverError for one that never holds."""
    if isinstance(words, str) and not words:
        return None
    found = parse(words, _NAMES) if isinstance(words, str) else tree(words)
    if not is_condition(found):
        rule = "a condition is wanted here, not a size"
        raise SolverError(rule, text=str(words), at=found.at, right="for example s % 2 == 0")
    found = substitute(found, letter)
    if "n" in names(found):
        rule = "a condition of a question in letters is on the letters"
        right = "a target such as n/s, which is asked where it is whole"
        raise LimitError(rule, str(words), right)
    if settled([found]) is None:
        raise SolverError("no value of the letters meets this condition", str(words))
    return found


def _values(name: str, given: Any) -> Iterator[Expression]:
    """A size in letters, or the numbers of a domain."""
    if in_letters(given) and not (isinstance(given, str) and _BOX.fullmatch(given)):
        size = tree(given, _NAMES)
        if "n" in names(size):
            rule = "a hyperparameter is the same for every n"
            raise SolverError(rule, str(given), "letters other than n")
        yield normal(size) if names(size) else of(_number(name, size))
        return
    numbers = Domain.parse(given, name) if isinstance(given, str) else given
    for count, number in enumerate(numbers if isinstance(numbers, Iterable) else [numbers], 1):
        if count > MOST_VALUES:
            raise LimitError(f"at most {MOST_VALUES:,} values", str(given), "fewer values")
        if in_letters(number):
            yield from _values(name, number)
        else:
            yield of(int(number))


def _number(name: str, size: Expression) -> int:
    """A hyperparameter that is written out without letters."""
    number = exact(size, {})
    if number.denominator > 1:
        raise SolverError(f"{name} must be a whole number", str(number))
    return whole_number(int(number), name, MINIMUM[name])


def _single(size: Any) -> Any:
    """The one size of a question in letters."""
    if isinstance(size, (list, tuple)) and len(size) == 1:
        return _single(size[0])
    several = isinstance(size, str) and _AXES.fullmatch(size)
    if several or isinstance(size, (list, tuple)) or size in (..., "?"):
        rule = "a question in letters has one size for all axes, and one pair"
        raise LimitError(rule, str(size), "one question for each")
    return size


def _read(size: Any) -> list[Expression]:
    """A size as a tree, layers in it as their formulas, and then what makes them layers."""
    conditions: list[Expression] = []
    return [_formula(tree(size, _NAMES, layers=True), conditions), *conditions]


def _formula(node: Expression, conditions: list[Expression], inside: bool = False) -> Expression:
    """Raises LimitError for a layer in a layer: nothing would ask that the inner one runs."""
    if node.kind != "layer":
        parts = tuple(
            _formula(part, conditions, inside) if isinstance(part, Expression) else part
            for part in node.parts
        )
        return Expression(node.kind, parts, node.at)
    if inside:
        rule = "a size in letters has no layer in a layer"
        raise LimitError(rule, str(node), "numbers for its hyperparameters")
    name, *sizes, ceil_mode = node.parts
    if ceil_mode:
        raise LimitError("layers in a size count their windows down", right="no ceil_mode")
    size, kernel, stride, begin, end, dilation, extra = (
        _formula(part, conditions, True) for part in sizes
    )
    row = operation(name)._replace(pooling=operation(name).pooling and begin == end)
    for padding in dict.fromkeys((begin, end)):
        conditions.extend(legal(row, kernel, stride, padding, dilation, extra))
    if row.transposed:
        made = formulas.conv_transpose(size, kernel, stride, begin, end, dilation, extra)
    else:
        made = formulas.conv(size, kernel, stride, begin, end, dilation)
    return readable(made)
