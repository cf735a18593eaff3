"""Solutions as plain text: the answer first, then what it means, then the best ones in columns."""

from __future__ import annotations

from io import StringIO
from typing import TextIO

from solver.inverse.answer import Answer, Value
from solver.inverse.question import asked_words, classes
from solver.inverse.solutions import Solutions

#: How many solutions a person is shown unless more are asked for.
SHOWN = 10


def write(
    solutions: Solutions, out: TextIO, limit: int | None = None, explained: bool = False
) -> None:
    """Write solutions as plain text, if wanted with the derivation."""
    limit = SHOWN if limit is None else limit
    answers = list(solutions.answers(limit))
    out.write(headline(solutions) + "\n")
    for line in meaning(solutions):
        out.write(line + "\n")
    if answers:
        head, cells = columns(solutions, answers)
        widths = [
            max(map(len, column)) for column in zip(head, *(c[:-1] for c in cells), strict=False)
        ]
        out.write("\n")
        for row in (head, *cells):
            line = "  ".join(text.rjust(w) for text, w in zip(row, widths, strict=False))
            out.write(f"{line}  {row[-1]}".rstrip() + "\n")
        if more := rest(solutions, len(answers)):
            out.write(more + "\n")
    if explained:
        out.write(f"\n{solutions.explain()}\n")


def text(solutions: Solutions) -> str:
    """All that is printed of solutions, without the last line break."""
    out = StringIO()
    write(solutions, out)
    return out.getvalue().rstrip()


def headline(solutions: Solutions) -> str:
    """Return the answer in one line: the best layer, the inputs asked for, or why there is none."""
    if not solutions:
        return f"none: {solutions.reason}"
    if inputs := solutions.inputs:
        return f"n = {inputs}"
    first = next(solutions.answers())
    asked = "" if first.input is None else f", input {words(first.input)}"
    return first.layer + asked


def meaning(solutions: Solutions) -> list[str]:
    """Return the count, the family and the box, a line each."""
    count = solutions.counted
    number = "more solutions than can be counted" if count is None else f"{count:,} solutions"
    if count == 1:
        number = "1 solution"
    lines = [f"{number} of {asked_each(solutions)}"]
    if count != 0:
        lines.append("exactly when: " + "; ".join(solutions.family or ["always"]))
    box = ", ".join(f"{name} {domain}" for name, domain in solutions.searched.items())
    lines.append("searched: " + box)
    return lines


def asked_each(solutions: Solutions) -> str:
    """Return the question in words, and for which n it is asked.

    >>> from solver import Conv, solve
    >>> asked_each(solve(Conv, ["n", "n"], ["n/2", "(n + 1)/2"]))
    'conv n -> n/2 for every even n and n -> (n + 1)/2 for every odd n'
    """
    sets = solutions.asked_for
    if len(sets) == 1 and sets[0]:
        return f"{solutions.asked}, for every {sets[0]}"
    each = [{part for part in pair if part is not None} for pair in classes(solutions.question)]
    if len(sets) < 2 or any(len(parts) > 1 for parts in each):
        more = ", each for every n at which it is asked and whole" if len(sets) > 1 else ""
        return solutions.asked + more
    said = (f" for every {part.pop()}" if part else "" for part in each)
    return asked_words(solutions.question, said)


def rest(solutions: Solutions, shown: int) -> str:
    """Return the line that says what was cut off, or "" where nothing was."""
    count = solutions.counted
    if count is None:
        return "... and more, too many to rank: --limit N shows N of them"
    return f"... and {count - shown:,} more: --limit {count} shows all" if count > shown else ""


def columns(solutions: Solutions, answers: list[Answer]) -> tuple[list[str], list[list[str]]]:
    """Return the heading and the cells of a table of answers; the notes come last."""
    if answers[0].written:
        return _in_framework(answers)
    names = list(answers[0].values)
    asked = answers[0].input is not None
    head = [*(["input"] if asked else []), *names, "valid_from", "notes"]
    cells = []
    for answer in answers:
        start = [words(answer.input)] if answer.input is not None else []
        hyper = [words(value) for value in answer.values.values()]
        cells.append([*start, *hyper, words(answer.valid_from), "; ".join(answer.notes)])
    return head, cells


def _in_framework(answers: list[Answer]) -> tuple[list[str], list[list[str]]]:
    """Return the columns of answers that are layers of a framework."""
    asked = answers[0].input is not None
    cells = [
        [
            *([words(answer.input)] if answer.input is not None else []),
            words(answer.valid_from),
            "; ".join([answer.layer, *(f"({note})" for note in answer.notes)]),
        ]
        for answer in answers
    ]
    return [*(["input"] if asked else []), "valid_from", "layers (notes)"], cells


def words(value: Value | list[int]) -> str:
    """Write an int, a begin:end pair inside a list, or one value per axis."""
    if isinstance(value, int):
        return str(value)
    parts = (f"{v[0]}:{v[1]}" if isinstance(v, list) else str(v) for v in value)
    return "x".join("-" if part == "None" else part for part in parts)
