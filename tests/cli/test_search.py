"""`convsolver search`: answers, files, forms, limits, and what goes wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys

import pytest
from cli_fixtures import ROOT, environment, line, run

from solver import Choice, Conv, LimitError, SolverError, Space, repeat
from solver.spaces.words import described

ASK = "search --input 224 --output 7 --depth 5 -k 1,3,5,7 -s 1,2 -p 0..3 -d 1,2"
SMALL = "search --input 32 --output 8 --depth 2..3 -k 3,4 -s 1,2 -p 0,1"


def test_the_first_line_is_the_answer():
    ended = line(f"convsolver {ASK} --receptive-field 100..")
    assert (ended.code, ended.err) == (0, "")
    first, how, searched, *_ = ended.out.splitlines()
    assert first == (
        "7,872,261 designs for 224 -> 7; the first reads 6.25%, 2,009,980 have no gaps"
    )
    assert how.startswith("best by parameters, proved")
    assert searched.endswith("receptive_field 100..")


def test_none_says_why():
    ended = line(f"convsolver {ASK} --receptive-field 400..")
    assert ended.code == 1
    first = "none: no design keeps the limit on receptive field 400.. (at most 313 is possible)"
    assert ended.out.splitlines()[0] == first


def test_the_first_line_says_how_much_is_read():
    gaps = "search --input 16 --output 4 --depth 2 -k 1,2 -s 2 -p 0"
    first, *_ = line(f"convsolver {gaps}").out.splitlines()
    assert first == "4 designs for 16 -> 4; the first reads 25%, 1 has no gaps"
    whole = json.loads(line(f"convsolver {gaps} --json").out)
    assert (whole["read"], whole["gapless"]) == ("1/4", 1)
    ended = line(f"convsolver {gaps} --no-gaps --limit-costs")
    lines = ended.out.splitlines()
    assert lines[0] == "1 design for 16 -> 4"
    assert "gaps False: 1 of 4 without it" in lines
    assert json.loads(line(f"convsolver {gaps} --no-gaps --limit-costs --json").out)["without"] == {
        "gaps": 4
    }
    lost = line("convsolver search --input 15 --output 7 --depth 1 -k 2 -s 2 -p 0 --no-gaps").out
    assert "of 15 elements the first design leaves 1 unread" in lost.splitlines()
    huge = line("convsolver search --input 9999 --output 50 --depth 4..5 -k 1..8 -s 2..8").out
    assert "how many read all of their input was not counted: --no-gaps" in huge.splitlines()


def test_ties_and_letters_on_the_command_line():
    ask = "search --input 16 --output 4 --depth 2 -s 2 -p 0..2 --format jsonl --limit 99"
    tied = [json.loads(t) for t in line(f"convsolver {ask} -k k --let k=3,5").out.splitlines()]
    kernels = {tuple(layer["kernel_size"] for layer in row["layers"]) for row in tied}
    assert kernels == {(3, 3), (5, 5)}
    wider = [json.loads(t) for t in line(f"convsolver {ask} -k 2s+1 -d i+1").out.splitlines()]
    dilations = {tuple((x["kernel_size"], x["dilation"]) for x in row["layers"]) for row in wider}
    assert dilations <= {((5, 1), (5, 2))}
    timed = line(f"convsolver {ask} -k 2..4 --rate 1000 --receptive-field ..6ms --causal").out
    assert all(json.loads(t)["receptive_field"] <= 6 for t in timed.splitlines())


SPACE = Space(repeat(Choice(Conv, "3,4", "1,2", "0,1"), "2..3"), 32, 8)


def test_json_lines_and_commas_say_the_same():
    whole = json.loads(line(f"convsolver {SMALL} --json --limit 99").out)
    assert whole["count"] == SPACE.count == 33
    assert (whole["schema"], whole["command"], whole["reason"]) == (1, "search", None)
    assert (whole["input"], whole["output"], whole["best_by"]) == (32, 8, ["parameters"])
    lines = [
        json.loads(t)
        for t in line(f"convsolver {SMALL} --format jsonl --limit 99").out.splitlines()
    ]
    assert lines == whole["designs"]
    table = list(
        csv.DictReader(io.StringIO(line(f"convsolver {SMALL} --format csv --limit 99").out))
    )
    assert [row["stack"] for row in table] == [row["stack"] for row in lines]
    assert table[0]["sizes"] == " ".join(map(str, lines[0]["sizes"]))
    best = SPACE.best()[0]
    assert lines[0]["stack"] == repr(best)
    assert lines[0]["layers"][0] == {
        "op": "conv",
        "kernel_size": 3,
        "stride": 2,
        "padding": best[0].padding,
        "dilation": 1,
    }
    assert lines[0]["macs"] == best.macs(32)


@pytest.mark.parametrize(
    ("words", "stacks"),
    [
        ("--designs 3..5", SPACE[3:6]),
        ("--designs 8..", SPACE[8:18]),
        ("--sample 4 --seed 9", SPACE.sample(4, 9)),
        ("--by=-receptive_field,macs --limit 3", SPACE.best(3, ["-receptive_field", "macs"])),
        ("--pareto parameters,-receptive_field", SPACE.pareto("parameters", "-receptive_field")),
        ("--limit 1", SPACE.best()),
        ("--limit 0", []),
    ],
)
def test_ways_to_choose(words, stacks):
    ended = line(f"convsolver {SMALL} --format jsonl {words}")
    assert [json.loads(text)["stack"] for text in ended.out.splitlines()] == list(map(repr, stacks))


def test_for_every_n():
    ended = line(
        'convsolver search --input n --output "ceil(n/8)" --depth 3 -k 3 -s 1,2 -p 1 --json'
    )
    whole = json.loads(ended.out)
    assert (whole["count"], whole["designs"][0]["formula"]) == (1, "ceil(n/8)")
    assert "sizes" not in whole["designs"][0]
    at = json.loads(line("convsolver search --input n --output n/2 --depth 1 --at 8 --json").out)
    assert at["designs"][0]["sizes"] == [8, 4]


def test_a_table_on_a_terminal_says_once_what_all_designs_have_in_common():
    table = line(f"convsolver {SMALL} --format table").out
    assert "\nin every row: " in table


def test_files(tmp_path):
    toml = str(ROOT / "examples" / "encoder.toml")
    found = Space.load(toml)
    assert run("search", toml, "--format", "jsonl", "--limit", "1").out
    assert all(stack.receptive_field >= 30 for stack in found.sample(5, 1))
    data = {
        "input": [32, 16],
        "output": ["8", "4"],
        "axes": 1,
        "layers": [
            {
                "layers": [
                    {"op": "conv", "kernel_size": "3..4", "stride": [1, 2], "padding": "half"}
                ],
                "repeat": "2..3",
            },
            {
                "any": [{"op": "maxpool", "kernel_size": 2}, {"op": "avgpool", "kernel_size": 2}],
                "optional": True,
            },
        ],
        "limits": {"depth": "..3", "receptive_field": "4.."},
    }
    path = tmp_path / "space.json"
    path.write_text(json.dumps(data))
    assert Space.load(str(path)).count == Space(**described(data)).count > 0
    narrower = json.loads(run("search", str(path), "--depth", "2", "--json").out)
    assert narrower["limits"]["depth"] == "2"
    assert narrower["count"] < Space(**described(data)).count


def test_a_mirror_in_a_file():
    data = {
        "input": 24,
        "layers": [
            {
                "down": {"op": "conv", "kernel_size": 3, "stride": 2, "padding": 1},
                "up": {
                    "op": "deconv",
                    "kernel_size": "2..4",
                    "stride": 2,
                    "padding": "0,1",
                    "output_padding": "0,1",
                },
                "repeat": 2,
            }
        ],
    }
    assert all(stack.size(24) == 24 for stack in Space(**described(data)))


LAYER = {"op": "conv", "kernel_size": 3}


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ([], "a design space is a table"),
        ({"layers": [LAYER]}, "a design space needs input"),
        ({"input": 8}, "a design space needs layers"),
        ({"input": 8, "layers": []}, "layers is a list of layers"),
        ({"input": 8, "layers": [3]}, r"layers\[0\] is a table"),
        ({"input": 8, "layers": [{}]}, r"layers\[0\] says what it is in one way"),
        ({"input": 8, "layers": [{**LAYER, "any": []}]}, "in one way"),
        ({"input": 8, "layers": [{**LAYER, "kernel": 3}]}, r"layers\[0\] has no kernel"),
        (
            {"input": 8, "layers": [{**LAYER, "stride": 0}]},
            r"layers\[0\]: stride must be at least 1",
        ),
        ({"input": 8, "layers": [{**LAYER, "stride": 1.5}]}, "stride must be a whole number"),
        ({"input": 8, "layers": [{**LAYER, "optional": 1}]}, "optional is true or false"),
        ({"input": 8, "layers": [{"any": [{**LAYER, "x": 1}]}]}, r"layers\[0\].any\[0\] has no x"),
        ({"input": 8, "layers": [{"down": LAYER}]}, "so it needs up"),
        ({"input": 8.5, "layers": [LAYER]}, "an input size must be a whole number"),
        ({"input": 8, "layers": [LAYER], "limit": 1}, "a design space has no limit"),
        ({"input": 8, "layers": [LAYER], "limits": {"deep": 1}}, "limits has no deep"),
        ({"input": 8, "layers": [{**LAYER, "padding": None}]}, "padding must be a whole number"),
        ({"input": 8, "layers": [{**LAYER, "bias": "no"}]}, "bias is true or false"),
        (
            {"input": 8, "layers": [{**LAYER, "out_channels": "x" + "9" * 5000}]},
            "at most 18 digits",
        ),
        (
            {"input": 8, "layers": [{**LAYER, "out_channels": "1..99999999"}]},
            "100,000 combinations",
        ),
        ({"input": 8, "layers": [LAYER], "limits": {"depth": []}}, "depth must be a whole number"),
    ],
)
def test_what_is_wrong_in_a_file(data, rule):
    with pytest.raises(SolverError, match=rule):
        Space(**described(data)).count  # noqa: B018


def test_deep_nesting_is_refused():
    data: object = LAYER
    for _ in range(30):
        data = {"layers": [data]}
    with pytest.raises(LimitError, match="nested at most 20 deep"):
        described({"input": 8, "layers": [data]})


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.toml", "input = ", "is no TOML"),
        ("a.json", '{"input": }', "is no JSON"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", "1" * 10_000, "digits"),
        ("a.toml", "x" * 1_100_000, "at most 1,000,000 bytes"),
        ("a.toml", b"\xff\xfe", "text in UTF-8"),
    ],
)
def test_files_that_are_none(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    ended = run("search", str(path))
    assert ended.code in (2, 3)
    assert ended.out == ""
    assert message in ended.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--depth 3", "needs --input and --depth\n  right:    also --input 224"),
        ("--input 32 --output 8", "needs --input and --depth\n  right:    also --depth 5"),
        ("--input 32 --depth 3 -k 3x5x2", "is 2\n  received: a layer with 3"),
        ("nowhere.toml", "the file cannot be read"),
        ("nowhere.toml --input 3", "a file says the sizes and layers itself"),
        ("--input 32 --depth 2 --by size", "unknown cost"),
        ("--input 32 --depth 2 --by macs*depth", "each times a whole number"),
        ("--input 32 --depth 2 --let k", "gives a letter its numbers"),
        ("--input 32 --depth 2 --let k=3", "no layer here depends on k"),
        ("--input 32 --depth 2 -k 2q", "nothing says what q is"),
        ("--input 32 --depth 2 --latency ..2ms", "needs a rate"),
        ("--input 32 --depth 2 --by macs --sample 2", "designs are chosen in one way"),
        ("--input 32 --depth 2 --output 8 --output 9", "each --input needs its --output"),
        ("--input n --output n/2 --depth 2 --macs ..5", "macs are measured at a size"),
        ("--input 32 --depth x", "--depth must be a whole number"),
        ("--input 32 --depth 3..", "--depth needs an end"),
        ("--input x --depth 2", "received: 'x'"),
        ("--input 32 --depth 2 --at 8", "at is for n alone"),
        ("--input n --depth 2 --output n/2 --sizes 3..", "sizes are measured at a size"),
        ("--input n --depth 2 --at n", "costs are measured at a number"),
        ("--input 32 --depth 2 --by=", "unknown cost"),
        ("--input 8 --depth 1 -k 3 -s 1 -p 0 --designs 1..", "no design with this number"),
        ("--input 8 --depth 1 --designs x", "--designs takes numbers"),
        ("--input 8 --depth 1 -p 0..99999:0..99999", "at most 100,000 combinations"),
        ("examples/encoder.toml --op conv", "a file says the sizes and layers itself"),
        ("--input 32 --depth 2 --op maxpool -a 1", "max pooling has no output_padding"),
        ("--input 32 --depth 2 -k 1..1000000000", "at most 100,000 combinations"),
        ("--input 224 --output 7 --depth 9 --macs ..9 --max-states 9", "keeps at most 9 states"),
    ],
)
def test_bad_questions(words, message):
    ended = line(f"convsolver search {words}")
    assert ended.code in (2, 3)
    assert ended.out == ""
    assert message in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupt_shows_what_is_found():
    """A search that would take minutes: the best come at once, counting them does not.

    Interrupted by itself after so much work, and not after a time: a machine may be busy.
    """
    words = (
        "search --input 224 --output 7 --depth 700 -k 1,3,5 -s 1,2 -p 0..3 --max-states 100000000"
    )
    # Where the tests run in the background, interrupts are ignored: the child takes them again.
    start = """
import signal, sys
from solver.cli import main

signal.signal(signal.SIGINT, signal.default_int_handler)
left = 3_000_000

def count(frame, event, arg):
    global left
    left -= 1
    if left == 0:
        sys.setprofile(None)
        signal.raise_signal(signal.SIGINT)

sys.setprofile(count)
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", start, *words.split(), "--limit", "1"],
        capture_output=True,
        env=environment(),
        text=True,
        timeout=600,
    )
    assert done.returncode == 3
    assert "interrupted" in done.stderr
    assert done.stdout.splitlines()[0] in (
        "at least 1 design for 224 -> 7, not counted",
        "no answer yet for 224 -> 7",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_shows_what_is_found():
    """Sent by another process, in the midst of work: nothing of that is done again to print."""
    words = (
        "search --input 224 --output 7 --through 112,56,28 --depth 400 -k 1,3,5 -s 1,2 -p 0..3 "
        "--max-states 100000000 --limit 1"
    )
    reader, writer = os.pipe()
    start = f"""
import os, signal, sys
from solver.cli import main

signal.signal(signal.SIGINT, signal.default_int_handler)
left = 1_000_000

def count(frame, event, arg):
    global left
    left -= 1
    if left == 0:
        sys.setprofile(None)
        os.write({writer}, b".")

sys.setprofile(count)
main()
"""
    child = subprocess.Popen(
        [sys.executable, "-c", start, *words.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
        pass_fds=[writer],
    )
    assert os.read(reader, 1) == b"."
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=600)
    os.close(reader)
    os.close(writer)
    assert child.returncode == 3
    assert err == "interrupted: what was found so far is shown\n"
    assert out.startswith("no answer yet for 224 -> 112 -> 56 -> 28 -> 7\nsearched: repeat(")


def test_designs_by_numbers_of_any_size():
    ended = line(
        f"convsolver {ASK.replace('--depth 5', '--depth 12')} --designs 1{'0' * 18} --json"
    )
    whole = json.loads(ended.out)
    assert len(whole["designs"]) == 1
    assert whole["designs"][0]["sizes"][-1] == 7


def test_what_is_asked_for_is_printed():
    for words, count in (("--sample 20", 20), ("--designs 0..14", 15), ("--designs 0..", 10)):
        assert len(line(f"convsolver {SMALL} --format jsonl {words}").out.splitlines()) == count


def test_limits_beyond_everything_cost_nothing():
    for ask in (ASK, f"search {ROOT / 'examples' / 'encoder.toml'}"):
        ended = line(f"convsolver {ask} --receptive-field 999999999999..")
        assert ended.code == 1
        assert "possible" in ended.out.splitlines()[0]


def test_a_file_takes_more_states():
    ended = line(f"convsolver search {ROOT / 'examples' / 'encoder.toml'} --max-states 9")
    assert ended.code == 3
    assert "at most 9 states" in ended.err
    ended = line(f"convsolver search {ROOT / 'examples' / 'encoder.toml'} --max-states 9000000")
    assert ended.code == 0


def test_none_is_said_though_the_reason_is_too_large(monkeypatch):
    from solver.spaces import empty

    def too_large(_):
        raise LimitError("the search keeps at most 1 states")

    monkeypatch.setattr(empty, "why_empty", too_large)
    ended = line("convsolver search --input 32 --output 40 --depth 1 -p 0 --json")
    assert ended.code == 1
    assert json.loads(ended.out)["reason"] == "proved; why was not worked out to the end"
    assert line("convsolver search --input 32 --output 40 --depth 1 -p 0 --format csv").code == 1


def test_mirrored_spaces_say_where_the_output_is():
    pair = {
        "down": {"op": "maxpool", "kernel_size": 2},
        "up": {"op": "deconv", "kernel_size": 2, "stride": 2},
    }
    assert Space(**described({"input": 16, "output": 8, "layers": [pair]})).count == 1
    reason = Space(**described({"input": 16, "output": 16, "layers": [pair]})).reason
    assert reason == "no design gives 16 where the decoder begins: only 8 can come out"


def test_the_target_that_fails_is_named():
    found = Space([Conv(3, padding=1)], ["n", "n"], ["n", "n/2"])
    assert found.reason.startswith("no design gives n/2 for every even n")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "shown"), [(Terminal(), True), (io.StringIO(), False)])
def test_progress_is_for_terminals(stream, shown, monkeypatch):
    from solver.render import progress

    monkeypatch.setattr(progress, "_PATIENCE", 0)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with progress.Progress() as tell:
        tell("states", 12345)
    assert ("states: 12,345" in stream.getvalue()) == shown
    assert list(progress.counted("inputs", range(4))) == [0, 1, 2, 3]
    assert ("inputs: ###############..... 3 of 4" in stream.getvalue()) == shown
    assert shown or not stream.getvalue()


def test_progress_waits_a_second(monkeypatch):
    from solver.render import progress

    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with progress.Progress() as tell:
        tell("states", 1)
    assert not terminal.getvalue()
