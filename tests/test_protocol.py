"""One protocol: every answer is counted, ranked, indexed, asked and printed in the same way.

Each answer stands beside the command that asks the same question: its record is what that prints.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from typing import Any

import pytest
from cli_fixtures import run

from solver import (
    Choice,
    Conv,
    SolverError,
    Space,
    convert,
    decoders,
    explain,
    fill,
    layer,
    prove,
    repeat,
    solve,
)
from solver.ground.answers import Answers, Count
from solver.reading import read_file

CODEC = "examples/networks/codec.txt"
STEM = "examples/networks/unknown_stem.txt"
SEARCH = "search --input 20 --output 5 --depth 2 -k 3,5 -s 1,2 -p 0..2"


def space() -> Space:
    return Space(repeat(Choice(Conv, "3,5", "1,2", "0..2"), "2..2"), 20, 5)


#: An answer of each kind, and the words of the command that asks the same.
SETS: dict[str, tuple[Callable[[], Any], str]] = {
    "Solutions": (
        lambda: solve("conv", 224, 112, stride=2),
        "solve conv 224 112 -s 2",
    ),
    "Solutions none": (lambda: solve("conv", "n", "2n"), "solve conv n 2n"),
    "Filled": (lambda: fill(read_file(STEM), 28, at=224), f"fill {STEM} 28 --input 224"),
    "Filled none": (lambda: fill(read_file(STEM), "3n"), f"fill {STEM} 3n"),
    "Space": (space, SEARCH),
    "Space none": (
        lambda: Space(Conv(3), 20, 5),
        "search --input 20 --output 5 --depth 1 -k 3 -s 1 -p 0",
    ),
    "Designs": (lambda: space()[1:3], f"{SEARCH} --designs 1..2"),
    "Decoders": (lambda: decoders(read_file(CODEC), 24000), f"decoder {CODEC} --input 24000"),
    "Explanation": (lambda: explain(read_file(CODEC), 300), f"explain {CODEC} --input 300"),
    "Explanation none": (lambda: explain(read_file(CODEC)), f"explain {CODEC}"),
    "Conversion": (
        lambda: convert(layer("torch", "MaxPool2d", kernel_size=3, stride=2), "keras", 2),
        "convert nn.MaxPool2d(kernel_size=3,stride=2) --to keras",
    ),
}

OTHERS: dict[str, tuple[Callable[[], Any], str]] = {
    "Verdict": (lambda: prove("conv(n, 3) == n - 2"), "prove 'conv(n, 3) == n - 2'"),
    "Network": (lambda: read_file(CODEC), f"network {CODEC}"),
}

#: What a question says of itself in words that may be chosen.
WORDS = {"source", "parts"}


def same(record: dict[str, Any], command: str) -> None:
    """Require that a record is what a command prints, with numbers beside formulas as text."""
    printed = json.loads(run(*shlex.split(command), "--json").out)
    read = json.loads(json.dumps(record))
    assert list(read) == list(printed)
    for key, value in printed.items():
        assert key in WORDS or as_told(read[key], value) == value, key


def as_told(read: Any, printed: Any) -> Any:
    """What is read, with whole numbers where they are printed in place of the same text."""
    if isinstance(read, dict) and isinstance(printed, dict):
        return {key: as_told(read[key], printed.get(key)) for key in read}
    if isinstance(read, list) and isinstance(printed, list) and len(read) == len(printed):
        return [as_told(*pair) for pair in zip(read, printed, strict=True)]
    return printed if type(printed) is int and read == str(printed) else read


@pytest.mark.parametrize("name", SETS)
def test_every_set_of_answers_has_the_protocol(name):
    make, command = SETS[name]
    answers = make()
    assert isinstance(answers, Answers)
    listed = list(answers)
    assert type(answers.count) is Count
    assert answers.count == answers.count() == answers.counted == len(answers) == len(listed)
    assert bool(answers) == bool(listed)
    assert list(answers[:]) == listed
    assert list(answers[1:3]) == listed[1:3]
    assert list(answers[::-1]) == listed[::-1]
    for number, answer in enumerate(listed[:3]):
        assert answers[number] == answer == answers[number - len(listed)]
        assert answer in answers
    assert "no answer of any kind" not in answers
    with pytest.raises(IndexError):
        answers[len(listed)]
    best = answers.best(2)
    assert isinstance(best, list)
    assert len(best) == min(2, len(listed))
    assert all(answer in answers for answer in best)
    assert answers.best() == best[:1]
    for no_number in (-1, "x", 1.5):
        with pytest.raises(SolverError, match="k must be"):
            answers.best(no_number)
    if "Explanation" not in name:  # its reason is what is wrong
        assert (answers.reason is None) == bool(listed)
    assert answers.reason is None or isinstance(answers.reason, str)
    same(answers.record(), command)


@pytest.mark.parametrize("name", [*SETS, *OTHERS])
def test_every_answer_shows_itself(name):
    make, command = (SETS | OTHERS)[name]
    answer = make()
    same(answer.record(), command)
    said = run(*shlex.split(command)).out.rstrip("\n")
    if name != "Space none":  # it asks in words of its own
        assert str(answer) == said
    assert answer._repr_html_().startswith("<p><b>")
    assert len(repr(answer).splitlines()) == 1

    class Page:
        said = ""

        def text(self, words: str) -> None:
            self.said += words

    page = Page()
    answer._repr_pretty_(page, False)
    assert page.said == str(answer)


def test_what_is_asked_in_other_words_is_not_in_a_set():
    """Neither a layer outside the box nor one that does something else."""
    ways = fill(read_file(STEM), 28, at=224)
    (name,) = ways[0]
    assert {name: Conv(9, 2)} not in ways, "outside of what may be"
    assert {name: Conv(3, 4, 5)} not in ways, "inside, and another size"
    assert {"another": ways[0][name]} not in ways
    assert Conv(13, 2) not in solve("conv", 224, 112, stride=2)
    assert space()[0] not in space()[1:3]


def test_a_count_is_a_number():
    count = Count(7)
    assert (count + 1, f"{count:,}", json.dumps([count]), repr(count)) == (8, "7", "[7]", "7")
