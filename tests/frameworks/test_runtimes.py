"""What ONNX's runtimes do otherwise is said by solve and by network as it is by size."""

from __future__ import annotations

import json
from itertools import product

from cli_fixtures import run

RUNTIMES = ("onnxruntime", "shape inference")


def runtimes(notes):
    return [note for note in notes if any(name in note for name in RUNTIMES)]


def test_solve_says_what_size_says():
    """Of every input in numbers: the same notes, and some where there are any."""
    seen = 0
    for op, k, s, d, n in product(("conv", "maxpool"), (1, 2, 3), (1, 2, 3), (1, 2), range(3, 8)):
        words = (op, "-k", str(k), "-s", str(s), "-d", str(d), "-p", "same", "--framework", "onnx")
        sized = run("size", op, str(n), *words[1:], "--json")
        if sized.code:
            continue
        record = json.loads(sized.out)
        asked = run("solve", op, str(n), str(record["output"]), *words[1:], "--json")
        (found,) = json.loads(asked.out)["solutions"]
        assert runtimes(found["notes"]) == runtimes(record["notes"]), words
        seen += bool(runtimes(record["notes"]))
    assert seen > 20


def noted(*words):
    """What solve says of the runtimes for one layer in words."""
    fixed = ("-k", "3", "-s", "2", "-d", "2", "-p", "same", "--framework", "onnx", "--json")
    return runtimes(json.loads(run("solve", "conv", *words, *fixed).out)["solutions"][0]["notes"])


def test_of_several_inputs_the_first_where_they_differ_is_named():
    assert noted("n", "ceil(n/2)") == ["at 1: onnxruntime 1.32 refuses it"]
    assert noted("5", "3", "7", "4") == ["at 5: onnxruntime 1.32 refuses it"]
    assert noted("?", "3") == ["onnxruntime 1.32 refuses it"]
    assert noted("5x6", "3x3") == ["onnxruntime 1.32 refuses it"]


def test_network_says_it_in_words_and_in_json():
    file = "tests/data/onnx/unet_resize.onnx"
    said = "/MaxPool_2 at n = 7: onnxruntime 1.32 says 1x1"
    assert f"note: {said}" in run("network", file).out
    assert said in "; ".join(json.loads(run("network", file, "--json").out)["notes"])
    there = run("network", file, "--input", "5x48").out
    assert "note: /MaxPool_2: onnxruntime 1.32 says 1x6" in there.splitlines()
