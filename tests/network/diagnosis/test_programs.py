"""What is explained of programs, and edits put into them: against the frameworks that run them."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cli_fixtures import run

HEAD = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\n"


def explained(path: Path, text: str, *words: str) -> dict:
    path.write_text(text, encoding="utf-8")
    found = run("explain", str(path), *words, "--json")
    assert found.code in (0, 1, 3), found
    return json.loads(found.out) if found.code < 3 else {"edits": [], "limit": True}


def member(record: dict, n: int) -> bool:
    periodic = n >= record["minimum"] and n % record["modulus"] in record["residues"]
    return periodic or n in record["exceptions"]


# PyTorch


class Program:
    """A random program of PyTorch: modules, and statements that each give one variable."""

    def __init__(self, draw: random.Random) -> None:
        self.draw, self.modules, self.lines = draw, dict[str, str](), list[tuple[str, str]]()
        self.axes, self.channels = draw.choice([1, 2, 2, 3]), draw.choice([1, 3])
        self.pool = self.module("MaxPool", "2") if draw.random() < 0.4 else None
        shapes = (self.unet, self.unet, self.trunk, self.dense, self.residual)
        draw.choice(shapes)(self.conv("x", self.channels, 4))

    def module(self, kind: str, given: str) -> str:
        name = f"m{len(self.modules)}"
        self.modules[name] = f"nn.{kind}{self.axes}d({given})"
        return name

    def put(self, expression: str) -> str:
        self.lines.append((f"t{len(self.lines)}", expression))
        return self.lines[-1][0]

    def conv(self, x: str, before: int, after: int, stride: int = 1) -> str:
        k, d = self.draw.choice([1, 3, 3, 5]), self.draw.choice([1, 1, 2])
        p = self.draw.choice([0, 0, d * (k - 1) // 2])
        more = self.draw.choice(["", ", bias=False", ", padding_mode='reflect'"])
        given = f"{before}, {after}, {k}, {stride}, {p}, {d}{more}"
        return self.put(f"self.{self.module('Conv', given)}({x})")

    def down(self, x: str, width: int) -> str:
        if self.pool and self.draw.random() < 0.7:
            return self.put(f"self.{self.pool}({x})")
        if self.draw.random() < 0.25:
            return self.conv(x, width, width, 2)
        k, s = self.draw.choice([(2, 2), (2, 2), (3, 2), (3, 3)])
        ceil = self.draw.random() < 0.3
        given = f"{k}, {s}, {self.draw.choice([0, 0, k // 2])}, ceil_mode={ceil}"
        return self.put(f"self.{self.module(self.draw.choice(['MaxPool', 'AvgPool']), given)}({x})")

    def up(self, x: str, before: int, after: int) -> str:
        k, p, a = self.draw.choice([(2, 0, 0), (2, 0, 0), (4, 1, 0), (3, 1, 1), (3, 1, 0)])
        given = f"{before}, {after}, {k}, 2, {p}, {a}"
        return self.put(f"self.{self.module('ConvTranspose', given)}({x})")

    def unet(self, x: str) -> None:
        skips, width = [], 4
        for _ in range(self.draw.randint(1, 3)):
            x = self.conv(x, width, width)
            skips.append((x, width))
            x = self.conv(self.down(x, width), width, 2 * width)
            width *= 2
        for skip, w in skips[::-1]:
            x = self.up(x, width, w)
            x = self.put(f"torch.cat([{skip}, {x}], 1)")
            x, width = self.conv(x, 2 * w, w), w

    def trunk(self, x: str) -> None:
        for _ in range(self.draw.randint(1, 3)):
            x = self.down(self.conv(x, 4, 4), 4)
        features = 4 * self.draw.randint(1, 4) ** self.axes + self.draw.choice([0, 0, 1])
        self.modules["fc"] = f"nn.Linear({features}, 10, bias={self.draw.random() < 0.5})"
        self.put(f"self.fc({self.put(f'torch.flatten({x}, 1)')})")

    def dense(self, x: str) -> None:
        known = [x]
        for _ in range(self.draw.randint(1, 3)):
            x = self.put(f"torch.cat([{', '.join(known)}], 1)")
            known.append(self.conv(x, 4 * len(known), 4))
        self.put(f"torch.cat([{', '.join(known)}], 1)")

    def residual(self, x: str) -> None:
        for _ in range(self.draw.randint(1, 3)):
            y = self.conv(x, 4, 4)
            if self.draw.random() < 0.5:
                y = self.up(self.down(y, 4), 4, 4)
            x = self.put(f"{x} + {y}")

    @property
    def text(self) -> str:
        return self.written([f"{name} = {expression}" for name, expression in self.lines])

    def written(self, lines: list[str], more: str = "") -> str:
        made = "".join(f"        self.{name} = {each}\n" for name, each in self.modules.items())
        body = "".join(f"        {line}\n" for line in lines)
        return (
            f"{HEAD}class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            f"{made}{more}    def forward(self, x):\n{body}        return {self.lines[-1][0]}\n"
        )

    def variables(self) -> dict[str, str]:
        """The variable of each node, by the name that the network of this text has for it."""
        found, count = {"input": "x", "x": "x"}, dict[str, int]()
        for variable, expression in self.lines:
            base = re.sub(r"^(self\.|torch\.)|\(.*", "", expression)
            base = "add" if " + " in expression else base
            count[base] = count.get(base, 0) + 1
            found[base if count[base] == 1 else f"{base}_{count[base]}"] = variable
        return found

    def edited(self, edit: dict) -> str:
        """The text with the code of an edit: modules anew, tensors before what reads them."""
        lines = [f"{name} = {expression}" for name, expression in self.lines]
        variables, modules, put, block = self.variables(), "", [], list[str]()
        names = "|".join(sorted(map(re.escape, variables), key=len, reverse=True))
        for line in edit["code"].split("\n"):
            if re.fullmatch(r"\w+ = nn\.\w+\([^()]*(\([^()]*\)[^()]*)*\)", line):
                modules += f"        self.{line}\n"
                continue
            known = re.sub(rf"(?<![\w.])({names})\b(?!\()", lambda m: variables[m[1]], line)
            block.append(known)
            if re.match(r"d\w(, d\w)* = ", line):
                continue
            used = {*re.findall(r"\b(?:x|t\d+)\b", " ".join(block))}
            at = 0 if edit["kind"] == "input padding" else None
            if at == 0 and used != {"x"}:
                at = len(lines)
            flat = "flatten" if edit["kind"] == "adaptive pooling" else ""
            for i, (_, expression) in enumerate(self.lines):
                if at is None and flat in expression and used <= {*re.findall(r"\w+", expression)}:
                    at = i
            put.append((at, block))
            block = []
        for at, block in sorted(put, key=lambda each: -each[0]):
            lines[at:at] = block
        return self.written(lines, modules)


def outcomes(text: str, program: Program, sizes: range) -> dict[int, str | None]:
    """What PyTorch says at each size; None where it runs."""
    import torch

    space: dict = {}
    exec(text, space)
    found: dict[int, str | None] = {}
    with torch.no_grad():
        net = space["Net"]()
        for n in sizes:
            try:
                net(torch.zeros(1, program.channels, *(n,) * program.axes))
                found[n] = None
            except (RuntimeError, ValueError) as fault:
                found[n] = str(fault)
    return found


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(12))
def test_edits_of_pytorch_hold_for_what_they_say(seed, tmp_path):
    pytest.importorskip("torch")
    program = Program(random.Random(seed))
    sizes = range(1, 26 if program.axes < 3 else 16)
    found = outcomes(program.text, program, sizes)
    bad = [n for n in sizes if found[n] is not None]
    if not bad:
        return
    n = program.draw.choice(bad)
    words = ("--input", str(n)) if seed % 3 else ("--error", str(found[n]))
    record = explained(tmp_path / "net.py", program.text, *words)
    for edit in record["edits"]:
        if edit["code"] and edit["runs_for"]:
            after = outcomes(program.edited(edit), program, sizes)
            said = {m: member(edit["runs_for"], m) for m in sizes}
            assert said == {m: fault is None for m, fault in after.items()}, edit


UNET = f"""{HEAD}class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.pool = nn.MaxPool2d(2)
        self.down = nn.ModuleList([nn.Conv2d(4 if i else 1, 4, 3, padding=1) for i in range(5)])
        self.up = nn.ModuleList([nn.ConvTranspose2d(4, 4, 2, 2) for i in range(4)])
        self.conv = nn.ModuleList([nn.Conv2d(8, 4, 3, padding=1) for i in range(4)])
    def forward(self, x):
        skips = []
        for i in range(4):
            x = self.down[i](x)
            skips.append(x)
            x = self.pool(x)
        x = self.down[4](x)
        for i in range(4):
            up = self.up[i](x)
            skip = skips[3 - i]
            # here
            x = self.conv[i](torch.cat([skip, up], 1))
        return x
"""


@pytest.mark.live
@pytest.mark.filterwarnings("ignore")
def test_code_that_pads_a_branch_leaves_alone_what_ran(tmp_path):
    torch = pytest.importorskip("torch")
    record = explained(tmp_path / "net.py", UNET, "--input", "376")
    edit = next(e for e in record["edits"] if e["text"] == "pad up.0 to 47, the size of down.3")
    code = edit["code"].replace("up_0", "up").replace("down_3", "skip")
    text = UNET.replace("# here", code.replace("\n", "\n            "))
    space: dict = {}
    exec(text, space)
    with torch.no_grad():
        for n in (376, 384, 16, 32):
            assert member(edit["runs_for"], n)
            assert space["Net"]()(torch.zeros(1, 1, n, 32)).shape[2] == n


# Keras


def window(kind: str, width: int, k: int, s: int, name: str) -> str:
    head = f"{width}, {k}, strides={s}" if kind == "Conv2D" else f"{k}, strides={s}"
    return f"layers.{kind}({head}{name})"


def trunk(draw: random.Random) -> list[tuple[str, int, int, int, str]]:
    """Layers of Keras that only shrink: kind, channels that come out, kernel, stride, name."""
    rows, alike = [], draw.random() < 0.7
    for i in range(draw.randint(2, 4)):
        width = 8 if alike else 4 + 4 * i
        name = f", name='c{i}'" if draw.random() < 0.2 else ""
        rows.append(("Conv2D", width, draw.choice([3, 3, 5]), draw.choice([1, 1, 2]), name))
        rows.append((draw.choice(["MaxPooling2D", "AveragePooling2D"]), width, 2, 2, ""))
    return rows


def sequential(rows: list, shape: object) -> str:
    inner = "".join(f"    {window(*row)},\n" for row in rows)
    return (
        "import keras\nfrom keras import layers\n\n"
        f"model = keras.Sequential([\n    keras.Input({shape}),\n{inner}])\n"
    )


def said_by_keras(rows: list, n: int) -> tuple[int, str] | None:
    """The layer that does not fit, and the words of Keras 3."""
    before = 3
    for i, (kind, width, k, s, _) in enumerate(rows):
        if n < k:
            shape = f"(None, {n}, {n}, {before})"
            end = f"`strides=({s}, {s})`, `padding=valid`."
            rule = "Computed output size would be zero or negative. Received"
            if kind != "Conv2D":
                shape = shape.replace(",", "").replace("(", "[").replace(")", "]")
                return i, f"{rule}: `inputs.shape={shape}`, `pool_size=[{k} {k}]`, {end}"
            kernel = f"`kernel shape=({k}, {k}, {before}, {width})`, `dilation_rate=[1 1]`"
            return i, f"{rule} `inputs shape={shape}`, {kernel}, {end}"
        n, before = (n - k) // s + 1, width
    return None


def fails_with(rows: list, at: int, text: str) -> set[int]:
    return {n for n in range(1, 200) if said_by_keras(rows, n) == (at, text)}


@pytest.mark.parametrize("seed", range(60))
def test_messages_of_keras_mean_the_layer_that_says_them(seed, tmp_path):
    draw = random.Random(seed)
    rows = trunk(draw)
    bad = [n for n in range(1, 80) if said_by_keras(rows, n)]
    n = draw.choice(bad)
    at, text = said_by_keras(rows, n)  # type: ignore[misc]
    path, error = tmp_path / "net.py", ("--error", text)
    free = explained(path, sequential(rows, (None, None, 3)), *error)
    meant = {i for i in range(len(rows)) if fails_with(rows, i, text)}
    assert len(free["others"]) == len(meant) - 1
    names = [row[4][8:-1] or str(i + 1) for i, row in enumerate(rows)]  # the input is the first
    i = names.index(free["layer"])
    said = {m for m in range(1, 200) if all(member(s, m) for s in free["same_error"].values())}
    assert said == fails_with(rows, i, text)
    for words in (error, (), ("--error", "Segmentation fault")):
        written = explained(path, sequential(rows, (n, n, 3)), *words)
        assert (written["layer"], {*written["sizes"].values()}) == (names[at], {n})
    kind, width, k, _, own = rows[at]
    if kind == "Conv2D":
        alike = [i for i, row in enumerate(rows) if row[0] == kind and not row[4]]
        auto = f"conv2d_{alike.index(at)}".removesuffix("_0") if not own else names[at]
        node = f"{{{{node sequential/{auto}/Conv2D}}}}"
        before = rows[at - 1][1] if at else 3
        size = re.search(r"None, (\d+)", text)[1]  # type: ignore[index]
        shapes = f"[?,{size},{size},{before}], [{k},{k},{before},{width}]"
        negative = f"Negative dimension size caused by subtracting {k} from {size} for '{node} ="
        text = f"{negative} Conv2D[...](x, y)' with input shapes: {shapes}."
        record = explained(path, sequential(rows, (None, None, 3)), "--error", text)
        assert record["layer"] == names[at]


KERAS = [("Conv2D", 32, 3, 1, ""), ("MaxPooling2D", 32, 2, 2, "")] * 4
TOLD = (
    "Computed output size would be zero or negative. Received `inputs shape=(None, 1, 1, 32)`, "
    "`kernel shape=(3, 3, 32, 32)`"
)


@pytest.mark.parametrize("words", [("--error", TOLD), ()])
def test_the_size_that_a_file_states_is_used(words, tmp_path):
    record = explained(tmp_path / "net.py", sequential(KERAS, (28, 28, 3)), *words)
    assert (record["layer"], record["sizes"]) == ("7", {"h": 28, "w": 28})
    assert record["same_error"]["h"]["exceptions"] == [*range(22, 30)]
    assert run("explain", str(tmp_path / "net.py"), *words).out.split("\n")[bool(words) + 1] == (
        "at the input of 28x28 that is written"
    )
    record = explained(tmp_path / "net.py", sequential(KERAS, (None, None, 3)), "--error", TOLD)
    assert record["layer"] == "3"  # the first has 3 channels, which the message excludes
    assert len(record["others"]) == 2


IN_KERAS = """\
import json, sys
import keras
from keras import layers

for text, sizes in json.load(sys.stdin):
    found = []
    for n in sizes:
        try:
            exec(text.replace("NNN", str(n)))
            found.append(True)
        except ValueError:
            found.append(False)
    print(json.dumps(found))
"""


@pytest.mark.live
def test_edits_of_keras_hold_for_what_they_say(tmp_path):
    if not all(map(importlib.util.find_spec, ("keras", "torch"))):
        pytest.skip("Keras is run with PyTorch")
    asked, said, sizes = [], [], range(1, 60, 3)
    for seed in range(8):
        draw = random.Random(seed)
        rows = trunk(draw)
        bad = [n for n in range(1, 60) if said_by_keras(rows, n)]
        record = explained(tmp_path / "net.py", sequential(rows, (draw.choice(bad),) * 2 + (3,)))
        names = [row[4][8:-1] or f"x{i + 1}" for i, row in enumerate(rows)]
        for edit in record["edits"]:
            if not edit["code"]:
                continue
            text = sequential(rows, "(NNN, NNN, 3)")
            for name, _, call in (line.partition(" = keras.") for line in edit["code"].split("\n")):
                if name == "input":
                    padding = call.removesuffix("(input)")
                    text = text.replace("3)),\n", f"3)),\n    {padding},\n", 1)
                    continue
                row = rows[names.index(name)]
                lines = text.split("\n")
                at = 5 + names.index(name)
                assert window(*row) in lines[at]
                lines[at] = f"    {call},"
                text = "\n".join(lines)
            asked.append((text, [*sizes]))
            said.append([member(edit["runs_for"], n) for n in sizes])
    env = {**os.environ, "KERAS_BACKEND": "torch"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IN_KERAS],
        input=json.dumps(asked),
        capture_output=True,
        encoding="utf-8",
        env=env,
        check=True,
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == said
    assert asked


def test_a_program_of_words_is_explained_at_one_of_them(tmp_path):
    """An input of one axis has no channels that could stand first."""
    text = (
        HEAD + "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.words = nn.Embedding(100, 8)\n"
        "        self.conv = nn.Conv1d(8, 8, 5)\n"
        "    def forward(self, x):\n"
        "        return self.conv(self.words(x).transpose(1, 2))\n"
    )
    record = explained(tmp_path / "words.py", text, "--input", "3")
    assert "kernel" in record["reason"]
    assert record["edits"]
