"""Public threads, written anew: the fix that settled each is the first or the second that is told.

data/threads has a program for each, and in threads.jsonl what was asked and what settled it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from importlib.util import find_spec

import pytest
from cli_fixtures import ROOT, run

from solver import explain, read

HOME = ROOT / "tests" / "data" / "threads"
THREADS = [json.loads(line) for line in (HOME / "threads.jsonl").read_text("utf-8").splitlines()]
BY_NAME = {thread["name"]: thread for thread in THREADS}
#: Told third: a pooling may round up, and be padded, too; what meets is resized, and an input has
#: another size, before it is cropped or padded; features are pooled before an input is made larger.
THIRD = {
    "shortcut_by_average",
    "tutorial_of_256",
    "separated_odd",
    "unet_of_any_size",
    "vgg_of_32",
}
#: Not told: nothing shows that a stride far before a pooling is wrong, and not the pooling.
NOT_TOLD = {"selective_of_cifar"}


@cache
def told(name: str) -> dict:
    thread = BY_NAME[name]
    done = run("explain", str(HOME / f"{thread['name']}.txt"), *thread["asked"], "--json")
    assert (done.code, done.err) == (0, ""), done
    return json.loads(done.out)


def explained(thread: dict) -> dict:
    return told(thread["name"])


def settles(edit: dict, thread: dict) -> bool:
    after = {change["layer"]: change["after"] for change in edit["changes"]}
    return edit["kind"] in thread["kinds"] and thread["after"].items() <= after.items()


TOLD = [thread for thread in THREADS if thread["name"] not in NOT_TOLD]


@pytest.mark.parametrize("thread", TOLD, ids=lambda thread: thread["name"])
def test_the_fix_that_settled_it_is_told_first_or_second(thread):
    edits = explained(thread)["edits"]
    texts = [edit["text"] for edit in edits]
    first = edits[: 2 + (thread["name"] in THIRD)]
    assert any(settles(edit, thread) for edit in first), texts


def test_every_program_is_asked():
    assert {thread["name"] for thread in THREADS} == {path.stem for path in HOME.glob("*.txt")}
    assert all(thread["source"].startswith("https://") for thread in THREADS)


def test_changed_lines_are_the_fix():
    """The program with the lines that are told is explained as one that runs."""
    checked = 0
    for thread in THREADS:
        if "--error" in thread["asked"]:
            continue
        for edit in explained(thread)["edits"][:2]:
            text = (HOME / f"{thread['name']}.txt").read_text("utf-8")
            if edit["lines"]:
                checked += 1
                edited = changed(text, edit["lines"])
                assert runs(edited, thread["asked"]), (thread["name"], edit["text"])
    assert checked > 15


def test_a_resize_of_keras_has_its_line():
    (resize,) = (e for e in explained(BY_NAME["paper_unet"])["edits"] if e["kind"] == "resize")
    name = "conv2dtranspose"
    assert resize["code"] == f"{name} = keras.layers.Resizing(*conv2d_4.shape[1:3])({name})"


def changed(text: str, told: list[dict]) -> str:
    """A program with the lines that are told."""
    lines = text.split("\n")
    for each in told:
        old = lines[each["line"] - 1]
        lines[each["line"] - 1] = old[: len(old) - len(old.lstrip())] + each["text"]
    return "\n".join(lines)


def runs(text: str, asked: list[str]) -> bool:
    options = dict(zip(asked[::2], asked[1::2], strict=True))
    sizes = [int(size) for size in options.get("--input", "").split("x") if size]
    given = sizes[0] if len(sizes) == 1 else sizes or None
    return explain(read(text), given, output=options.get("--output")).node is None


#: Networks are run at no larger sizes.
LARGEST = 400


def fits(record: dict, count: int) -> list[int]:
    """So many sizes at which an edit runs, the smallest and some further on."""
    least = max(record["minimum"], 1)
    periodic = range(least, least + 4 * record["modulus"] + 8)
    found = [n for n in periodic if n % record["modulus"] in record["residues"]]
    return [n for n in (*record["exceptions"], *found) if n <= LARGEST][:count]


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
def test_changed_lines_run_in_pytorch_at_five_sizes_of_their_set():
    torch = pytest.importorskip("torch")
    checked = 0
    for thread in THREADS:
        text = (HOME / f"{thread['name']}.txt").read_text("utf-8")
        if "nn.Module" not in text:
            continue
        for edit in explained(thread)["edits"]:
            if not edit["lines"] or not edit["runs_for"]:
                continue
            space: dict = {}
            exec(changed(text, edit["lines"]), space)
            net = space["Net"]().eval()
            for n in fits(edit["runs_for"], 5):
                with torch.no_grad():
                    out = net(torch.zeros(2, first_channels(net), *(n,) * axes_of(text)))
                if thread["asked"][-2:] == ["--output", "n"]:
                    assert out.shape[2] == n, (thread["name"], edit["text"], n)
                checked += 1
    assert checked > 100


def axes_of(text: str) -> int:
    """How many axes the inputs of a program have."""
    return 3 if "3d" in text else 2 if "2d" in text else 1


def first_channels(net) -> int:
    """The channels that the first layer with weights takes."""
    layer = next(each for each in net.modules() if hasattr(each, "in_channels"))
    return layer.in_channels


IN_KERAS = """\
import json, sys
for text, asked in json.load(sys.stdin):
    space = {}
    exec(text, space)
    shapes = [space["model"].output_shape] if "model" in space else []
    print(json.dumps([list(shape) for shape in shapes]))
"""


@pytest.mark.live
def test_changed_lines_run_in_keras_at_five_sizes_of_their_set():
    if not all(map(find_spec, ("keras", "torch"))):
        pytest.skip("Keras is run with PyTorch")
    asked: list[tuple[str, int]] = []
    for thread in THREADS:
        text = (HOME / f"{thread['name']}.txt").read_text("utf-8")
        for edit in explained(thread)["edits"] if "import keras" in text else ():
            if edit["lines"] and edit["runs_for"]:
                for n in fits(edit["runs_for"], 5):
                    made = re.sub(r"Input\(\(\w+, \w+, ", f"Input(({n}, {n}, ", text)
                    wants = thread["asked"][-2:] == ["--output", "n"]
                    asked.append((changed(made, told_at(edit["lines"], n)), n if wants else 0))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IN_KERAS],
        input=json.dumps(asked),
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "KERAS_BACKEND": "torch"},
        check=True,
    )
    shapes = [json.loads(line)[0] for line in done.stdout.splitlines()]
    assert len(shapes) == len(asked) > 20
    assert all(not n or shape[1] == n for shape, (_, n) in zip(shapes, asked, strict=True))


def told_at(lines: list[dict], n: int) -> list[dict]:
    """Lines in which the input of a program has another size."""
    size = re.compile(r"Input\(\(\w+, \w+, ")
    return [{**each, "text": size.sub(f"Input(({n}, {n}, ", each["text"])} for each in lines]
