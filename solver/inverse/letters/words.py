"""From what a person writes to a question in letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from solver.errors import LimitError, SolverError
from solver.inverse.letters.recipes import Asked
from solver.proof.claim import NAMES
from solver.sizes.domain import Domain
from solver.sizes.expression import Expression, of
from solver.sizes.grammar import parse
from solver.sizes.normal import normal
from solver.sizes.operations import Operation

#: Letters that a size may be written in; an x stands between axes.
_LETTERS = {*NAMES} - {"n", "x"}
_BOX = re.compile(r"[0-9.,\s]+")


def has_letters(*words: Any) -> bool:
    """Whether any of these sizes or values is written in letters other than n.

    >>> has_letters("s*n", None), has_letters("2n", "224x112", "half", 3)
    (True, False)
    """
    sizes = [each for word in words for each in (word if isinstance(word, tuple) else (word,))]
    texts = (str(size) for size in sizes if isinstance(size, str) or hasattr(size, "free_symbols"))
    return any(_LETTERS.intersection(re.findall(r"[A-Za-z_]+", text)) for text in texts)


def read_asked(
    operation: Operation, input: Any, output: Any, given: Mapping[str, Any], where: str = ""
) -> Asked:
    """Read a question in letters. Raises SolverError with a caret under the fault.

    >>> from solver.sizes.operations import operation
    >>> read_asked(operation("deconv"), "n", "s*n", {"kernel_size": "2s"}).letters
    ('s',)
    """
    for size in (input, output):
        if isinstance(size, (list, tuple)) or size is ...:
            rule = "a question in letters has one size for all axes, and one pair"
            raise LimitError(rule, str(size), "one question for each")
    sizes = {}
    for name, words in given.items():
        if words is None:
            continue
        if name not in operation.hyperparameters:
            right = ", ".join(operation.hyperparameters)
            raise SolverError(f"{operation.title} has no {name}", right=right)
        sizes[name] = tuple(_values(name, words))
    condition = parse(where, NAMES) if where else None
    return Asked(operation, _read(input), _read(output), sizes, condition)


def _values(name: str, words: Any) -> Iterator[Expression]:
    """A size in letters, or the numbers of a domain."""
    if (isinstance(words, str) and not _BOX.fullmatch(words)) or hasattr(words, "free_symbols"):
        yield normal(_read(words))
    else:
        numbers = Domain.parse(words, name) if isinstance(words, str) else words
        for number in [numbers] if isinstance(numbers, int) else numbers:
            yield of(int(number))


def _read(words: Any) -> Expression:
    return parse(str(words), NAMES)
