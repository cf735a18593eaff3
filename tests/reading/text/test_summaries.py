"""Summaries of Keras, torchinfo and torchsummary against the models they are of.

At the input shown the sizes are the model's, at others they are or nothing is claimed.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from solver import Conv, explain
from solver.errors import LimitError, SolverError
from solver.reading import read
from solver.reading.text.fits import ShownLayer, fitting

FOLDER = Path(__file__).parents[2] / "data" / "summaries"
ROWS = [*map(json.loads, (FOLDER / "truth.jsonl").read_text(encoding="utf-8").splitlines())]
UNKNOWN = "unknown"
#: Summaries that leave open what goes in.
OPEN = {
    "keras_video",
    "torchinfo_dcgan",
    "torchinfo_lenet",
    "torchsummary_lenet",
    "torchinfo_tf_efficientnet_lite0",
    "torchsummary_tf_efficientnet_lite0",
}


def first(shape: list[int], last: bool) -> list[int]:
    """A shape with the channels first, without the batch."""
    return [shape[-1], *shape[1:-1]] if last else shape[1:]


def said(name: str, runs: list[Any]) -> list[tuple[list[int], Any, Any]]:
    """For each run what goes in, what comes out of the model, and what is said."""
    last = name.startswith("keras")
    network = read((FOLDER / f"{name}.txt").read_text(encoding="utf-8"))
    found = []
    for shape, out in runs:
        sizes = first(shape, last)
        given = sizes if name == "keras_text" else sizes[1:]
        try:
            shapes = network.at(given).shapes
            here = shapes[network.outputs[0]]
            told: Any = [dim.number for dim in here[1:]] if here else UNKNOWN
        except LimitError:
            told = UNKNOWN
        except SolverError:
            told = None
        out = out and first(out, last)
        if name.startswith("torchsummary") and told not in (None, UNKNOWN) and out is not None:
            told = told[: len(out)] + [size for size in told[len(out) :] if size > 1]
        found.append((shape, out, told))  # torchsummary does not show a flatten at the end
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_what_is_claimed_is_the_models(row):
    if row["name"] in OPEN:
        with pytest.raises(LimitError, match="does not show what goes into"):
            said(row["name"], row["runs"])
        return
    (shape, out, told), *others = said(row["name"], row["runs"])
    assert told == out, shape
    assert [each for each in others if each[2] not in (UNKNOWN, each[1])] == []


def test_each_summary_has_a_row():
    assert sorted(path.stem for path in FOLDER.glob("*.txt")) == [row["name"] for row in ROWS]


@pytest.mark.parametrize(
    ("name", "size"), [("keras_unet", "128x160"), ("wide_resnet18", "224x224")]
)
def test_what_is_explained_is_the_size_shown(name, size):
    network = read((FOLDER / f"{name}.txt").read_text(encoding="utf-8"))
    assert explain(network).reason.startswith(
        f"the network runs at {size}, the size that is stated"
    )


def test_a_line_in_front_tells_what_goes_in():
    text = (FOLDER / "torchsummary_lenet.txt").read_text(encoding="utf-8")
    network = read("summary(model, (3, 32, 32))\n" + text)
    assert network.written == {"h": 32, "w": 32}
    assert network.size(32) == 10


def test_what_a_row_may_be_as_well_is_not_claimed():
    """Of each convolution, at the sizes that are claimed: what it does itself, to the element."""
    claimed = 0
    for k, s, p, d, n in product((1, 2, 3, 5), (1, 2, 3), range(4), (1, 2), (17, 28, 33)):
        real = Conv(k, s, p, d).rule(0)
        if n not in real.accepts:
            continue
        m = real.size_map(n)
        found = fitting(ShownLayer("torch", "Conv2d", 3, 8, (n, n), (m, m), 24 * k * k + 8))
        assert found is not None
        at = [i for i in range(1, 61) if i in found.agreed[0]]
        claimed += len(at)
        rule = found.layer.rule(0)
        assert n in at
        assert all((i in rule.accepts) == (i in real.accepts) for i in at), (k, s, p, d, n)
        taken = [i for i in at if i in real.accepts]
        assert [*map(rule.size_map, taken)] == [*map(real.size_map, taken)], (k, s, p, d, n)
    assert claimed > 5000


if __name__ == "__main__":
    total = Counter[str]()
    for row in ROWS:
        try:
            found = said(row["name"], row["runs"])
        except SolverError as fault:
            print(f"{row['name']:32} {fault}")
            continue
        kinds = ["right" if t == o else UNKNOWN if t == UNKNOWN else "WRONG" for _, o, t in found]
        total += Counter(kinds)
        print(f"{row['name']:32} {dict(Counter(kinds))}", "" if kinds[0] == "right" else found[0])
        print(*(each for each in found if each[2] not in (UNKNOWN, each[1])), sep="\n", end="")
    print(dict(total))
