"""A question in words: which layer takes these inputs to these outputs, within this box?"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.inverse.problem import FreeInputs
from solver.sizes.domain import LARGEST, Domain, letters_in, read_number
from solver.sizes.operations import OperationSpec

if TYPE_CHECKING:
    from solver.sizes.sizeset import SizeSet
    from solver.sizes.target import SizeExpression

#: How an unknown input is written.
UNKNOWN = ("?", "_", "...")


class Numbers(NamedTuple):
    """Ask that one size n becomes one of smallest..largest."""

    input: int
    smallest: int
    largest: int


class SizeEquation(NamedTuple):
    """Ask that size(n) becomes target(n) for every asked n."""

    size: SizeExpression
    target: SizeExpression
    asked: SizeSet

    def fitting(self, least: int) -> SizeSet:
        """The asked n with size(n) >= least."""
        from solver.sizes.sizeset import where_nonnegative

        return self.asked & where_nonnegative(self.size.numerator - least * self.size.denominator)


Ask = Numbers | FreeInputs | SizeEquation


#: What a hyperparameter may be; two domains where the padding differs at the ends, or its word.
Values = Domain | tuple[Domain, Domain] | str


def values_words(values: Values) -> str:
    """Write values as on the command line.

    >>> values_words((Domain.parse("1"), Domain.parse("0..2")))
    '1:0..2'
    """
    return f"{values[0]}:{values[1]}" if isinstance(values, tuple) else str(values)


class Question(NamedTuple):
    """Hold what was asked, in words; everything else follows from it.

    pairs: for each pair the (input, output) words, one per axis. domains: for each given
    hyperparameter its values, one entry per axis with per_axis, else one. where: the condition on
    n, or "". framework: whose rules an answer must meet; "" for PyTorch's, in our own words.
    nothing_unread, causal: what is demanded of what the layer reads.
    """

    operation: OperationSpec
    pairs: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    domains: tuple[tuple[str, tuple[Values, ...]], ...] = ()
    where: str = ""
    per_axis: bool = False
    ceil_mode: bool = False
    framework: str = ""
    nothing_unread: bool = False
    causal: bool = False

    @property
    def axes(self) -> int:
        return len(self.pairs[0][0])

    @property
    def demanded(self) -> str:
        """What is demanded of what the layer reads, in words; "" where nothing is."""
        named = {"nothing unread": self.nothing_unread, "causal": self.causal}
        return ", ".join(word for word, asked in named.items() if asked)


def asked_again(question: Question, sort: str) -> str:
    """Return code that asks the same question."""
    sizes = [["x".join(pair[side]) for pair in question.pairs] for side in (0, 1)]
    parts = [question.operation.name, *(s[0] if len(s) == 1 else s for s in sizes)]
    options: dict[str, object] = {
        name: "x".join(map(values_words, values)) for name, values in question.domains
    }
    options |= {"where": question.where, "per_axis": question.per_axis}
    options |= {"nothing_unread": question.nothing_unread, "causal": question.causal}
    options |= {"ceil_mode": question.ceil_mode, "framework": question.framework, "sort": sort}
    given = [f"{name}={value!r}" for name, value in options.items() if value]
    return f"solve({', '.join([*map(repr, parts), *given])})"


def read_ask(size: str, target: str, where: str) -> Ask:
    """Read one input and one output in words."""
    numeric = size in UNKNOWN or not any(character.isalpha() for character in size)
    if where and numeric:
        raise SolverError(
            "a condition on n needs an input that depends on n",
            received=f"input {size}, where {where}",
            right="the input n",
        )
    if size in UNKNOWN:
        return FreeInputs(Domain([(1, LARGEST)]), *_read_range(target))
    if _is_number(size):
        return Numbers(read_number(size, "the input", size, 0, 1), *_read_range(target))
    if _is_domain(size):
        return FreeInputs(Domain.parse(size, "the input", 1), *_read_range(target))
    if not letters_in(size) and (number := _written_out(size)):
        return Numbers(number, *_read_range(target))
    return _every(size, target, where)


def inputs(size: SizeExpression, where: str) -> SizeSet:
    """Return the n that meet a condition in words and make the size an input."""
    from solver.sizes.sizeset import EVERY, SizeSet, where_nonnegative
    from solver.sizes.target import read_where

    asked = read_where(where) if where else EVERY
    fits = where_nonnegative(size.numerator - size.denominator)
    return SizeSet.common((asked, size.whole, fits))


def _written_out(size: str) -> int | None:
    """The size that words without n are, None where they are none: 2*16, deconv(16, 4, 2, 1)."""
    from solver.sizes.target import read_size

    found = read_size(size)
    return found.at(1) if 1 in inputs(found, "") else None


@lru_cache(maxsize=16)
def _read_input(size: str, where: str) -> tuple[SizeExpression, SizeSet]:
    """A size that grows with n, and the n that are asked about."""
    from solver.sizes.target import read_size

    size_of = read_size(size)
    if size_of.slope[0] <= 0:
        raise SolverError(
            "the input must be a whole number, or grow with n", received=size, right="224, n or 2n"
        )
    return size_of, inputs(size_of, where)


@lru_cache(maxsize=1024)
def _every(size: str, target: str, where: str) -> SizeEquation:
    # Only questions for every n need size maps.
    from solver.sizes.target import read_size

    read_size(size)  # the first fault is told first
    if len(letters := letters_in(size) | letters_in(target) | letters_in(where)) > 1:
        rule = "the input, its output and the condition are in one letter"
        raise SolverError(rule, ", ".join(sorted(letters)), "n in all of them")
    target_of = read_size(target)
    size_of, asked = _read_input(size, where)
    return SizeEquation(size_of, target_of, asked & target_of.whole)


def asked_words(question: Question, each: Iterable[str] = repeat("")) -> str:
    """A question in words; each: what is said behind each pair."""
    shown = " and ".join(
        " -> ".join("x".join(map(ask_words, side)) for side in pair) + more
        for pair, more in zip(question.pairs[:8], each, strict=False)
    )
    more = " and more" if len(question.pairs) > 8 else ""
    more += f", {question.demanded}" if question.demanded else ""
    return f"{question.operation.name}{' in ceil mode' * question.ceil_mode} {shown}{more}"


def classes(question: Question) -> list[tuple[SizeSet | None, ...]]:
    """The inputs that each pair is asked about, by axis; None where it is a number."""
    found = []
    for pair in question.pairs:
        asks = (read_ask(*sizes, question.where) for sizes in zip(*pair, strict=True))
        found.append(tuple(ask.asked if isinstance(ask, SizeEquation) else None for ask in asks))
    return found


def ask_words(size: str) -> str:
    """A size in its normal form: 2n is 2*n.

    >>> ask_words("2n"), ask_words("224"), ask_words("110..114"), ask_words("?")
    ('2*n', '224', '110..114', '?')
    """
    if _is_number(size):
        return str(int(size))
    if size in UNKNOWN:
        return UNKNOWN[0]
    if _is_domain(size):
        return str(Domain.parse(size))
    from solver.sizes.target import read_size

    return str(read_size(size))


def _is_domain(text: str) -> bool:
    return (".." in text or "," in text) and "(" not in text


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _read_range(text: str) -> tuple[int, int]:
    """Read an output: a number or a range such as 110..114."""
    if _is_number(text):
        number = read_number(text, "the output", text, 0, 1)
        return number, number
    if ".." in text and "," not in text:
        domain = Domain.parse(text, "the output", 1)
        return domain.first, domain.last
    if text in UNKNOWN:
        raise SolverError(
            "the output must be given", received=text, right="convsolver size computes it"
        )
    if not (_is_domain(text) or letters_in(text)) and (written := _written_out(text)):
        return written, written
    if any(character.isalpha() for character in text):
        from solver.sizes.grammar import parse

        parse(text)
        raise SolverError(
            "the input is a number, so the output must be one too",
            received=text,
            right="the input n for an answer for every n",
        )
    domain = Domain.parse(text, "the output", 1)
    raise SolverError("several outputs are written as a range", received=text, right="110..114")
