"""The JSON contract: keys are held fixed, every text parses back, and it streams."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc

import pytest
from cli_fixtures import line, run

from solver.inverse.question import ask_words
from solver.sizes.target import read_size


def record(command: str, code: int = 0) -> dict:
    ended = line(f"convsolver {command} --json")
    assert (ended.code, ended.err) == (code, ""), ended
    return json.loads(ended.out)


# size


def test_size_of_a_number():
    assert record("size conv 224 -k 7 -s 2 -p 3") == {
        "schema": 1,
        "command": "size",
        "op": "conv",
        "input": 224,
        "output": 112,
        "kernel_size": 7,
        "stride": 2,
        "padding": 3,
        "dilation": 1,
        "layer": "Conv(7, stride=2, padding=3)",
    }


def test_size_for_every_n():
    found = record("size conv n -k 7 -s 2 -p 3")
    assert list(found)[:5] == ["schema", "command", "op", "input", "output"]
    assert (found["input"], found["output"]) == ("n", "floor((n - 1)/2) + 1")
    assert (found["folded"], found["valid_from"]) == ("ceil(n/2)", 1)


def test_several_axes_are_lists():
    found = record("size deconv 7xn -k 4x2 -s 2 -p 1x0")
    assert (found["input"], found["output"]) == ([7, "n"], [14, "2*n"])
    assert (found["kernel_size"], found["stride"], found["padding"]) == ([4, 2], 2, [1, 0])
    assert found["valid_from"] == [None, 1]


def test_size_of_a_full_shape():
    found = record("size conv 1,3,224,224 -k 7 -s 2 -p 3 --out-channels 64")
    assert (found["input"], found["output"]) == ([1, 3, 224, 224], [1, 64, 112, 112])


# solve

HEAD = ["schema", "command", "op", "input", "output", "count", "conditions", "searched"]
HYPERPARAMETERS = {
    "conv": ["kernel_size", "stride", "padding", "dilation"],
    "conv_transpose": ["kernel_size", "stride", "padding", "dilation", "output_padding"],
    "maxpool": ["kernel_size", "stride", "padding", "dilation"],
    "avgpool": ["kernel_size", "stride", "padding"],
}


def test_solve_for_every_n():
    found = record("solve deconv n 2n -k 1..4 -s 1..3 -p 0..2 -a 0..1")
    assert found == {
        "schema": 1,
        "command": "solve",
        "op": "conv_transpose",
        "input": "n",
        "output": "2*n",
        "count": 4,
        "conditions": found["conditions"],
        "searched": {
            "kernel_size": "1..4",
            "stride": "1..3",
            "padding": "0..2",
            "dilation": "1",
            "output_padding": "0..1",
        },
        "holds_for": {"modulus": 1, "residues": [0], "ranges": [[0, 0]], "minimum": 1},
        "solutions": found["solutions"],
        "reason": None,
    }
    assert found["conditions"][0] == "stride = 2"
    first = found["solutions"][0]
    notes, layer = first.pop("notes"), first.pop("layer")
    assert first == {
        "kernel_size": 2,
        "stride": 2,
        "padding": 0,
        "dilation": 1,
        "output_padding": 0,
        "valid_from": 1,
    }
    assert "the up-convolution of U-Net" in notes
    assert layer == "ConvTranspose(2, stride=2)"


@pytest.mark.parametrize("op", HYPERPARAMETERS)
@pytest.mark.parametrize(("sizes", "more"), [("12 6", []), ("n n", ["holds_for"])])
def test_keys_are_held_fixed(op, sizes, more):
    found = record(f"solve {op} {sizes}")
    pooling = ["ceil_mode"] if op.endswith("pool") else []
    assert list(found) == [*HEAD, *pooling, *more, "solutions", "reason"]
    assert list(found["searched"]) == HYPERPARAMETERS[op]
    for one in found["solutions"]:
        assert list(one) == [*HYPERPARAMETERS[op], "valid_from", "notes", "layer"]
        assert all(type(one[name]) is int for name in (*HYPERPARAMETERS[op], "valid_from"))
        assert all(type(note) is str for note in one["notes"])


@pytest.mark.parametrize("command", ["solve conv n 2n", "solve conv 10 40", "solve maxpool 9 11"])
def test_none_has_a_reason(command):
    found = record(command, code=1)
    assert (found["count"], found["solutions"]) == (0, [])
    assert isinstance(found["reason"], str)


def test_several_axes_and_per_axis():
    shared = record("solve conv 224x320 112x160 -k 3")
    assert (shared["input"], shared["output"]) == ([224, 320], [112, 160])
    assert all(type(one["padding"]) is int for one in shared["solutions"])
    each = record("solve conv 224x320 112x160 -k 3x5 --per-axis")
    assert each["per_axis"] is True
    assert each["solutions"][0]["kernel_size"] == [3, 5]
    assert each["solutions"][0]["valid_from"] == [1, 1]


def test_several_pairs_and_where_are_told_back():
    found = record("solve conv 224 112 225 113 7 4")
    assert found["pairs"] == [
        {"input": 224, "output": 112},
        {"input": 225, "output": 113},
        {"input": 7, "output": 4},
    ]
    found = record('solve conv n "(n+1)/2" --where "n % 4 == 1"')
    assert found["where"] == "n % 4 == 1"
    assert found["holds_for"] == {"modulus": 4, "residues": [1], "ranges": [[1, 1]], "minimum": 1}


def test_an_unknown_input_is_part_of_each_solution():
    found = record('solve conv "?" 112 -k 7 -s 2 -p 3')
    assert found["input"] == "?"
    assert [one["input"] for one in found["solutions"]] == [223, 224]


def test_padding_begin_end_is_a_pair():
    (one,) = record("solve conv 7 4 -k 3 -s 2 -p 1:2")["solutions"]
    assert (one["padding"], one["layer"]) == ([[1, 2]], "Conv(3, stride=2, padding=((1, 2),))")


def test_limit_cuts_the_listing_never_the_count():
    command = "solve conv 224 112 -k 1..30"
    whole = record(command)
    assert whole["count"] == len(whole["solutions"]) > 10
    for limit in (0, 1, 7, 10**17):
        cut = record(f"{command} --limit {limit}")
        assert cut["solutions"] == whole["solutions"][:limit]
        assert {**cut, "solutions": 0} == {**whole, "solutions": 0}


def test_a_set_too_large_to_count_says_so():
    big = " ".join(f"-{letter} 1..1000000000" for letter in "kspd")
    ended = line(f"convsolver solve conv 224 112 {big} --limit 3 --json")
    assert ended.code == 3
    assert ended.err.startswith("stopped: ")
    found = json.loads(ended.out)
    assert (found["count"], len(found["solutions"])) == (None, 3)


EXPRESSIONS = (
    "2n", "n/2", "ceil(n/2)", "floor(n/2)", "n - 4", "3n/2", "(n - 1)*2 + 3", "n + n%2", "same",
    "n - 2*floor(n/2) + n", "ceil(n/3)*3", "(n + 1)//2 + n//3", "-(-n//2)", "floor((2n + 1)/3)",
)  # fmt: skip


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions_parse_back(text):
    """What JSON calls input and output can be asked again, and means the same."""
    # After "--" an expression may start with a sign.
    asked = run("solve", "conv", "-k", "1..3", "--json", "--", "n", text)
    assert asked.code in (0, 1), asked
    found = json.loads(asked.out)
    assert read_size(found["output"]) == read_size(text)
    assert ask_words(found["output"]) == found["output"]
    if read_size(text).denominator == 1:
        sized = json.loads(
            run("size", "-k", "3", "-s", "2", "--json", "conv", "--", f"{text} + 9").out
        )
        assert read_size(sized["input"]) == read_size(f"{text} + 9")
        assert read_size(sized["output"]) == read_size(sized["folded"])


# The other forms carry the same


def test_jsonl_and_csv_carry_the_same_solutions():
    command = "solve conv 30x31 15x16 -k 1..5 -p 0..2 --per-axis"
    whole = record(command)["solutions"]
    rows = line(f"convsolver {command} --format jsonl").out.splitlines()
    assert [json.loads(row) for row in rows] == whole
    table = list(csv.DictReader(io.StringIO(line(f"convsolver {command} --format csv").out)))
    assert len(table) == len(whole)
    for row, one in zip(table, whole, strict=True):
        assert row["kernel_size"] == "x".join(map(str, one["kernel_size"]))
        assert row["notes"] == "; ".join(one["notes"])


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_no_solution_is_no_line(form):
    ended = run("solve", "conv", "n", "2n", "--format", form)
    header = "kernel_size,stride,padding,dilation,valid_from,notes\n"
    assert ended.code == 1
    assert ended.out == (header if form == "csv" else "")


class Sink(io.StringIO):
    """Count what is written and forget it, so that only the writer's own memory is seen."""

    lines = 0

    def write(self, text: str) -> int:
        self.lines += text.count("\n")
        return len(text)


def test_a_hundred_thousand_solutions_parse_and_stream():
    words = ("solve", "conv", "1000", "4..900", "-k", "1..300", "-s", "1..40", "-p", "0..40")
    ended = run(*words, "--limit", "100000", "--json")
    assert ended.code == 0
    found = json.loads(ended.out)
    assert len(found["solutions"]) == 100_000 <= found["count"]

    from solver import solve
    from solver.render.forms import json as form
    from solver.render.solutions import Solved

    box = {"kernel_size": "1..100", "stride": "1..20", "padding": "0..20"}
    peaks = []
    for limit in (4_000, 8_000):
        sink = Sink()
        solutions = solve("conv", 1000, "4..900", **box)
        tracemalloc.start()
        form.write(Solved(solutions, limit), sink)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert sink.lines > limit
    assert peaks[1] < peaks[0] + 100_000, "memory must not grow with what is written"


def test_no_value_is_more_than_json_has():
    """The values of padding before a max pooling are infinite: JSON has a word for them."""
    ask = "solve maxpool 5 3 -k 2 -s 2 -p 0:1 --framework torch"
    for form in ("json", "jsonl"):
        out = run(*ask.split(), "--format", form).out
        assert "Infinity" not in out
        assert '"value": "-inf"' in out
