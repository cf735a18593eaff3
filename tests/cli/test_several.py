"""One command for several inputs: each row is what the same command says of it alone."""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
from pathlib import Path

import oracle
import pytest
from cli_fixtures import run

NETWORKS = Path(__file__).parents[2] / "examples/networks"
SEED = 20261130


def results(*words: str, code: int = 0) -> list[dict]:
    ended = run(*words, "--json")
    assert ended.code == code, ended
    record = json.loads(ended.out)
    assert [*record] == ["schema", "command", "results"]
    return record["results"]


def test_the_json_of_several_sizes():
    """The contract that scripts parse."""
    found = results("size", "conv", "8000", "2", "-k", "3", "-p", "0..0,0", code=1)
    assert found[0] == {"input": 8000, "padding": 0, "output": 7998, "reason": None}
    refused = found[-1]
    assert [*refused] == ["input", "padding", "output", "reason", "nearest"]
    assert refused["output"] is None
    assert refused["nearest"] == [3]
    assert refused["reason"].startswith("the kernel must fit")


def test_rows_stand_in_product_order():
    found = results("size", "conv", "9", "7..8", "-k", "1,3", "-p", "0..1")
    rows = [(each["input"], each["kernel_size"], each["padding"]) for each in found]
    assert rows == [*itertools.product((9, 7, 8), (1, 3), (0, 1))]
    assert all(
        each["output"] == n + 2 * p - k + 1 for each, (n, k, p) in zip(found, rows, strict=True)
    )


def test_each_size_is_that_of_brute_force():
    print("seed", SEED)
    rng = random.Random(SEED)
    for _ in range(60):
        op = rng.choice(["conv", "conv_transpose", "maxpool"])
        name = oracle.OPERATIONS[0] if op == "conv" else op
        k, s, p = ([*range(a, a + rng.randint(1, 3))] for a in (rng.randint(4, 6), 1, 0))
        inputs = sorted(rng.sample(range(1, 30), 4))
        words = [",".join(map(str, values)) for values in (k, s, p)]
        options = ["-k", words[0], "-s", words[1], "-p", words[2]]
        ended = run("size", op, *map(str, inputs), *options, "--format", "jsonl")
        found = [*map(json.loads, ended.out.splitlines())]
        asked = [*itertools.product(inputs, k, s, p)]
        assert len(found) == len(asked)
        for each, (n, *values) in zip(found, asked, strict=True):
            box = oracle.Box(*([value] for value in values), [1], [0])
            size = int(oracle.table(name, box, False).size(n)[0])
            assert (each["output"] or 0) == size, (op, n, values)
            if not size:
                assert all(
                    int(oracle.table(name, box, False).size(near)[0]) for near in each["nearest"]
                )
        assert ended.code == (1 if any(each["reason"] for each in found) else 0)


@pytest.mark.parametrize(
    ("file", "inputs"),
    [
        ("unet.py", "188..191,500x508,100,572"),
        ("codec.txt", "320,640,641,100,24000"),
        ("wav2vec2.txt", "399..401,16000"),
    ],
)
def test_each_row_of_a_network_is_what_it_says_alone(file, inputs):
    path = str(NETWORKS / file)
    first, *rest = inputs.split(",")
    options = ["--input", first, "--input", ",".join(rest)]
    ended = run("network", path, *options, "--format", "jsonl")
    found = [*map(json.loads, ended.out.splitlines())]
    for each in found:
        size = each["input"]
        text = "x".join(map(str, size)) if isinstance(size, list) else str(size)
        alone = json.loads(run("network", path, "--input", text, "--json").out)
        fault = alone["reason"]
        if each["reason"] is not None:
            assert each["reason"].startswith(fault)
            for near in each["nearest"]:
                assert run("network", path, "--input", str(near)).code == 0
            continue
        shape = alone["outputs"][0]["shape"][2:]
        assert each["output"] == (shape[0] if len({*shape}) == 1 else shape)
    assert ended.code == (1 if any(each["reason"] for each in found) else 0)


def test_csv_has_a_row_for_each_and_a_layer_where_one_is_asked():
    path = str(NETWORKS / "unet.py")
    rows = [
        *csv.reader(io.StringIO(run("network", path, "--input", "508,509", "--format", "csv").out))
    ]
    assert rows == [["input", "output"], ["508", "324"], ["509", "324"]]
    layers = [*csv.reader(io.StringIO(run("network", path, "--format", "csv").out))]
    assert layers[0][:4] == ["layer", "operation", "channels", "size"]
    assert len({*map(len, layers)}) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("size", "conv", "1..2000", "-k", "3"), "at most 1,000 sizes are told one by one"),
        (("size", "conv", "1..99", "-k", "1..99"), "received: 9,801"),
        (("size", "conv", "9..7", "-k", "3"), "a range goes from small to large"),
        (("size", "conv", "1..99999999999999999", "-k", "3"), "at most 1,000"),
        (("size", "conv", "7", "q*r", "-k", "3"), "unknown letter"),
        (("size", "conv", "7", "8"), "a layer needs its kernel_size"),
        (("size", "conv", "7", "8", "-k", "3", "--format", "latex"), "LaTeX is of one input"),
        (("network", "UNET", "--input", "1..2000"), "at most 1,000"),
        (("network", "UNET", "--input", "7,,8"), "an input size must be a whole number"),
        (("network", "UNET", "--input", "7,8", "--tiles"), "are of one input"),
        (("explain", "UNET", "--input", "7,8", "--error", "46 vs 47"), "--error is of one input"),
        (("explain", "UNET", "--format", "csv"), "a row for each input"),
        (("network", "UNET", "--format", "jsonl"), "a row for each input"),
    ],
)
def test_what_is_no_list_of_inputs(words, said):
    words = [str(NETWORKS / "unet.py") if word == "UNET" else word for word in words]
    ended = run(*words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_the_first_line_is_the_answer():
    lines = run("size", "conv", "8000", "16000", "640x480", "-k", "3").out.splitlines()
    assert lines[0] == "8000 -> 7998; 16000 -> 15998; 640x480 -> 638x478"
    ended = run("size", "conv", "1..90", "-k", "3")
    assert ended.out.startswith("90 answers, 2 refused: 1 -> refused; ...; 90 -> 88\n")


def test_each_row_of_explain_is_what_it_says_alone():
    path = str(NETWORKS / "codec.txt")
    for options, inputs in (([], (300, 320, 640, 7)), (["--output", "n/320"], (640, 641))):
        found = results("explain", path, "--input", ",".join(map(str, inputs)), *options, code=1)
        assert [each["input"] for each in found] == [*inputs]
        for each in found:
            words = ("explain", path, "--input", str(each["input"]), *options, "--json")
            alone = json.loads(run(*words).out)
            edits = alone["edits"]
            assert each["fix"] == (edits[0] if edits else None)
            assert each["reason"] == (alone["reason"] if alone["layer"] else None)


def test_each_row_of_convert_is_what_it_says_alone():
    words = ("convert", 'Conv1D(8, 3, 2, "same")', "--from", "keras", "--to", "torch")
    for each in results(*words, "--input", "7..9,1"):
        alone = json.loads(run(*words, "--input", str(each["input"]), "--json").out)
        assert alone["output"] == [each["output"]]
        first = run(*words, "--input", str(each["input"])).out.splitlines()[0]
        assert each["layer"] == first
    refused = results("convert", "nn.Conv2d(3, 3, 7)", "--to", "keras", "--input", "7x9,5", code=1)
    assert refused[0]["output"] == [1, 3]
    assert (refused[1]["output"], refused[1]["layer"]) == (None, None)


def test_one_decoder_gives_back_all_inputs():
    """Each decoder gives back each of them, and a single one that it does not is none for all."""
    path, both = str(NETWORKS / "codec.txt"), {24000, 24007}
    words = ("decoder", path, "--json", "--input")
    together = json.loads(run(*words, "24000", "--input", "24007").out)
    assert together["where"] == "n in {24000, 24007}"
    apart = [json.loads(run(*words, str(n)).out)["decoders"] for n in both]
    known = [{json.dumps(each["layers"]) for each in decoders} for decoders in apart]
    assert {json.dumps(each["layers"]) for each in together["decoders"]} == known[0] & known[1]
    assert run(*words, "24000,7").code == 1
