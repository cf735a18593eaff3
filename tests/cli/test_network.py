"""`convsolver network`: what it prints, to the letter; JSON keys; what happens to bad input."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from cli_fixtures import ROOT, Run, console, environment, line, run, spawn

from solver import Conv, ConvTranspose, MaxPool, concat, trace
from solver.reading.file import LONGEST, read_file

NETWORKS = ROOT / "examples" / "networks"


@pytest.fixture(autouse=True)
def at_home(monkeypatch):
    monkeypatch.chdir(ROOT)


PRINTED = (ROOT / "tests" / "data" / "printed" / "network.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("command", "text"), console(PRINTED))
def test_printed_to_the_letter(command, text):
    assert line(command) == Run(0, text + "\n", "")


def test_an_input_that_does_not_run():
    code, out, err = run("network", "examples/networks/codec.txt", "--input", "311")
    assert (code, err) == (1, "")
    first, *rows = out.split("\n")
    layer = "Conv1d(in_channels=256, out_channels=512, kernel_size=16, stride=8, padding=4)"
    rule = "kernel size can't be greater than actual input size"
    assert first == f"infeasible: 4: {layer} (codec.txt, line 5): {rule}"
    assert rows[:3] == [
        "received: an input of 7: 7 + 8 < 16",
        "nearest that run: 312; padding 0:1 reaches 312",
        "smallest fix of a layer: 4: padding=5 (runs for n >= 232)",
    ]


def test_inputs_that_give_an_output():
    assert run("network", "examples/networks/wav2vec2.txt", "--output", "49").out.startswith(
        "15760 <= n <= 16079 -> 49\n"
    )
    code, out, err = run("network", "examples/networks/wav2vec2.txt", "--output", "999999999")
    assert (code, err) == (0, "")
    assert out.startswith("319999999760 <= n <= 320000000079 -> 999999999\n")


STEPS = """def forward(self, x):
    x = nn.MaxPool2d((2, 2), (2, 1), (0, 1))(nn.MaxPool2d(4, 4)(nn.Conv2d(1, 64, 3, 1, 1)(x)))
    x = nn.Conv2d(64, 64, 2, 1, 0)(nn.MaxPool2d((2, 2), (2, 1), (0, 1))(x))
    b, c, h, w = x.size()
    assert h == 1
    return nn.Linear(64, 37)(x.squeeze(2).permute(2, 0, 1))
"""


def test_steps_in_front_are_told_and_their_axis_is_not_bounded_by_the_other(tmp_path):
    torch = pytest.importorskip("torch")
    nn, file = torch.nn, tmp_path / "steps.py"
    file.write_text(STEPS)
    pools = [nn.MaxPool2d((2, 2), (2, 1), (0, 1)) for _ in range(2)]
    net = nn.Sequential(nn.Conv2d(1, 64, 3, 1, 1), nn.MaxPool2d(4, 4), *pools)
    net = net.append(nn.Conv2d(64, 64, 2, 1, 0)).to("meta")
    gives = {w: net(torch.empty(1, 1, 32, w, device="meta")).shape[3] for w in (4, 47, 100, 128)}
    told = [f"32x{w} -> {steps}x1x37" for w, steps in gives.items()]
    sizes = ",".join(f"32x{w}" for w in gives)
    assert run("network", str(file), "--input", sizes).out.startswith("; ".join(told[:3]))
    for w, line_ in zip(gives, told, strict=True):
        out = run("network", str(file), "--input", f"32x{w}").out.split("\n")
        assert out[0] == line_
        assert "valid along w: w >= 4" in out


def test_the_original_unet():
    code, out, err = run("network", "examples/networks/unet.py", "--unread", "--tiles")
    assert (code, err) == (0, "")
    rows = out.split("\n")
    assert rows[0] == "n -> 16*floor((n + 4)/16) - 188, for every n >= 188"
    reads = "receptive field 188 or 204, effective stride 1, effective padding 0"
    assert (
        f"{reads}, first centre 93.5, receptive-field centre offset 92, for n = 12 (mod 16)" in rows
    )
    assert "never read: the last (n + 4) % 16 elements" in rows
    assert "bioimage.io: min 188, step 16, halo 0" in rows
    assert 'torch.export: h = Dim("h", min=188); w = Dim("w", min=188)' in rows


def test_what_is_never_read_is_what_coverage_finds():
    """The law of the line, against going back from the outputs at each size."""
    unet = read_file(str(NETWORKS / "unet.py"))
    from solver import coverage

    for n in range(188, 240):
        unread = [x for part in coverage(unet, n).unread for x in part]
        assert unread == list(range(n - (n + 4) % 16, n))


# Numbers against arithmetic written out here


def test_receptive_fields_are_those_of_the_textbook():
    """r += (k - 1)*j, j *= s, and the padding is the sum of p*j."""
    rows = json.loads(run("network", "examples/networks/codec.txt", "--json").out)["layers"]
    field, jump, padding = 1, 1, 0
    for row, (k, s, p) in zip(
        rows[1:], [(7, 1, 3), (4, 2, 1), (8, 4, 2), (10, 5, 3), (16, 8, 4)], strict=True
    ):
        field, jump, padding = field + (k - 1) * jump, jump * s, padding + p * jump
        assert (row["receptive_field"], row["jump"], row["padding"]) == (field, jump, padding)


def test_phases_everything_and_what_is_not_known():
    text = "nn.Conv2d(3, 8, 3)\nnn.ConvTranspose2d(8, 8, 3, stride=2)\nnn.AdaptiveAvgPool2d(1)"
    done = spawn("network", "-", input=text)
    assert (done.returncode, done.stderr) == (0, "")
    rows = done.stdout.split("\n")
    assert "outputs read along the whole input, not a window of it" in rows
    assert "   0.5           3 or 4 " in rows[-3]
    assert "  all              all " in rows[-2]
    phases = "each by 1 or 2 elements by phase (4 2 / 2 1 in 2-D): a checkerboard"
    assert f"1, ConvTranspose2d k3 s2, covers its outputs unevenly, {phases}" in rows


def test_axes_that_differ_are_told_apart():
    text = "nn.MaxPool2d((2, 3), stride=(2, 3))"
    rows = spawn("network", "-", "--tiles", "--unread", input=text).stdout.split("\n")
    assert "2 x 3            2 x 3" in rows[-2]
    assert "along h: never read: the last n % 2 elements" in rows
    assert "along w: never read: the last n % 3 elements" in rows
    record = json.loads(spawn("network", "-", "--json", input=text).stdout)
    assert record["outputs"][0]["receptive_field"] == {"h": 2, "w": 3}


def test_an_analysis_that_is_not_possible_is_a_line():
    text = "nn.Conv2d(3, 8, 3)\nnn.InstanceNorm2d(8)"
    done = spawn("network", "-", "--tiles", input=text)
    assert (done.returncode, done.stderr) == (0, "")
    rule = "a normalization over the whole image is another one over a tile"
    assert f"tiles: not told: {rule}: 1: instancenorm2d (line 2)" in done.stdout.split("\n")
    record = json.loads(spawn("network", "-", "--tiles", "--json", input=text).stdout)
    assert record["tiling"]["h"]["reason"] == rule


# A network that cannot be

BROKEN = """\
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3)
        self.b = nn.Conv2d(16, 8, 3)
    def forward(self, x):
        return self.b(self.a(x))
"""


def test_a_network_that_cannot_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text(BROKEN)
    expected = """\
infeasible: b: Conv2d(in_channels=16, out_channels=8, kernel_size=3) (net.py, line 6): \
the input must have the layer's in_channels
          self.b = nn.Conv2d(16, 8, 3)
          ^
  received: 8 channels
  right:    16
it runs at no input size
convsolver explain net.py says what fixes it

layer  operation
input
a      Conv2d k3
b      Conv2d k3
"""
    assert run("network", "net.py") == Run(1, expected, "")
    assert run("network", "net.py", "--input", "64") == Run(1, expected, "")
    for form in ("plain", "table", "json", "markdown", "latex"):
        code, out, err = run("network", "net.py", "--format", form)
        assert (code, err) == (1, "")
        assert out
    fine = json.loads(run("network", str(NETWORKS / "codec.txt"), "--json").out)
    record = json.loads(run("network", "net.py", "--json").out)
    assert list(record) == list(fine)
    assert [list(row) for row in record["layers"]] == [list(fine["layers"][0])] * 3
    assert record["received"] == "8 channels"


def test_sizes_of_1_that_are_repeated_stand_apart(tmp_path):
    # 2*ceil(n/4) meets ceil(n/2): at n = 1 and 2 one of them is 1, and PyTorch repeats it
    file = tmp_path / "fpn.py"
    file.write_text(
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        self.a = nn.Conv2d(3, 8, 3, 2, 1)\n"
        "        self.b = nn.Conv2d(8, 8, 3, 2, 1)\n"
        "    def forward(self, x):\n"
        "        x = self.a(x)\n"
        "        return x + F.interpolate(self.b(x), scale_factor=2)\n"
    )
    first, second, *_ = run("network", str(file)).out.splitlines()
    assert first == "n -> ceil(n/2), for every n = 0, 3 (mod 4)"
    assert second.startswith("it also runs for n in {1, 2}, where a size of 1 is repeated")
    assert json.loads(run("network", str(file), "--json").out)["valid_repeated"] == [1, 2]
    assert run("network", str(file), "--input", "2").out.startswith("2 -> 2\n")


# JSON


def split(text: str) -> list[str]:
    return text.split()


KEYS = split(
    "schema command input inputs outputs output gives_output valid valid_repeated pieces unclaimed "
    "valid_along valid_exact reasons reasons_exact parameters macs activations layers "
    "reason received edit notes"
)
LAYER = split(
    "name shape operation where inputs parameters macs activations receptive_field "
    "receptive_field_least jump padding"
)


def test_json_keys_are_fixed():
    asked = ("--json", "--unread", "--tiles", "--stream", "24000")
    record = json.loads(run("network", "examples/networks/codec.txt", *asked).out)
    assert list(record) == [*KEYS, "unread", "tiling", "streaming", "torch_export"]
    assert all(list(row) == LAYER for row in record["layers"])
    output = [*LAYER[:2], *LAYER[-4:], "first_centre", "offset", "holds_for"]
    assert list(record["outputs"][0]) == output
    assert record["outputs"][0]["first_centre"] == "311/2"
    assert record["streaming"]["n"] == {
        "hop": 320,
        "outputs": 1,
        "look_ahead": 184,
        "latency": 503,
        "context": 192,
        "holds_for": "every n",
        "rate": 24000,
        "latency_seconds": "503/24000",
        "algorithmic_latency": 504,
        "unseen": 503,
        "milliseconds": {
            "block": "40/3",
            "look_ahead": "23/3",
            "algorithmic_latency": "21",
            "unseen": "503/24",
            "context": "8",
        },
        "reason": None,
    }
    assert record["torch_export"] == {"code": 'n = Dim("n", min=312)', "reason": None}
    tiling = record["tiling"]["n"]
    assert (tiling["multiple"], tiling["halo"], tiling["overlap"]) == (320, [1, 1], 640)
    assert tiling["bioimage"] == {"min": 960, "step": 320, "halo": 1}
    assert sum(each["residue"] >= 0 for each in record["unread"]["n"]["classes"]) == 320
    alone = json.loads(run("network", "examples/networks/codec.txt", "--json").out)
    assert list(alone) == KEYS


def test_json_at_an_input_that_fails_has_the_edit():
    record = json.loads(
        run("network", "examples/networks/codec.txt", "--json", "--input", "311").out
    )
    assert record["edit"] == {
        "kind": "padding",
        "text": "4: padding=5",
        "code": "x4 = nn.Conv1d(256, 512, kernel_size=16, stride=8, padding=5)",
    }


# Python


def test_a_network_shows_itself():
    net = trace(lambda x: concat(x, ConvTranspose(2, 2)(MaxPool(2)(Conv(3, padding=1)(x)))), axes=1)
    text = str(net)
    assert text.startswith("n -> n, for every even n\nbecause:\n")
    page = net._repr_html_()
    assert page.startswith("<p><b>n -&gt; n, for every even n</b></p><pre>because:")
    assert page.count("<tr>") == 1 + len(net)
    assert page.endswith("</tbody></table>")
    assert repr(net) == "<Network of 5 nodes>"


# Bad input

MESSAGES = r"""
$ convsolver network no_such_file.py
error: the network cannot be read: No such file or directory
  received: no_such_file.py

$ convsolver network examples/networks/codec.txt --input 0
error: an input size must be at least 1
  0
  ^
  right:    1 or more

$ convsolver network examples/networks/codec.txt --input 1000x1000
error: one size is given for n, the only axis
  received: 1000x1000
  right:    32

$ convsolver network examples/networks/codec.txt --layer 9
error: the network has no node of this name
  received: 9
  right:    input, 0, 1

$ convsolver network examples/networks/codec.txt --stream 24k
error: --stream must be a whole number
  24k
  ^
  right:    for example 3

$ convsolver network examples/networks/codec.txt --input 1000,2000 --output 3
error: --output takes one --input, to which the nearest that give it are told
  received: 2 inputs
"""


@pytest.mark.parametrize(("command", "text"), console(MESSAGES))
def test_messages_to_the_letter(command, text):
    assert line(command) == Run(2, "", text + "\n")


def test_a_line_that_is_not_understood(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.txt").write_text("nn.Conv2d(3, 8, 3)\nnn.Conv2d(8, 8, k)\n")
    text = """\
error: net.txt, line 2: kernel_size must be a number, a word or a tuple of them
  nn.Conv2d(8, 8, k)
  ^
  received: k
"""
    assert run("network", "net.txt") == Run(2, "", text)


@pytest.mark.parametrize("command", ["network", "decoder", "explain"])
def test_files_that_are_no_networks(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 100)
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "huge.txt").write_bytes(b"x" * (LONGEST + 1))
    (tmp_path / "lines.txt").write_text("nn.ReLU()\n" * 100_000)
    utf8 = "error: a network is text in UTF-8, or an ONNX model whose name ends in .onnx\n"
    assert run(command, "binary.txt") == Run(2, "", f"{utf8}  received: binary.txt\n")
    empty = "error: the text is empty\n  right:    nn.Conv2d(3, 64, 7)\n"
    assert run(command, "empty.txt") == Run(2, "", empty)
    huge = "limit: a network in text has at most 4 MB\n  received: more in huge.txt\n"
    assert run(command, "huge.txt") == Run(3, "", huge)
    code, out, err = run(command, "lines.txt")
    assert (code, out) == (3, "")
    assert err.startswith("limit: a text may have 500,000 characters\n")
    code, out, err = run(command, ".")
    assert (code, out) == (2, "")
    assert err == "error: the network cannot be read: Is a directory\n  received: .\n"


@pytest.mark.parametrize("command", ["network", "decoder", "explain"])
def test_standard_input(command):
    name = str(NETWORKS / "codec.txt")
    words = ["--input", "300"] if command == "explain" else []
    done = spawn(command, "-", *words, input=(NETWORKS / "codec.txt").read_text())
    assert (done.returncode, done.stderr) == (0, "")
    # lines of standard input have no file
    assert done.stdout == run(command, name, *words).out.replace("codec.txt, line", "line")


@pytest.mark.parametrize("command", ["network", "decoder", "explain"])
def test_a_reader_that_goes_away(command):
    child = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "solver",
            command,
            "-",
            "--json",
            *["--input", "300"][: 2 * (command == "explain")],
        ],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    child.stdout.close()
    child.stdin.write((NETWORKS / "codec.txt").read_text())
    child.stdin.close()
    err = child.stderr.read()
    child.stderr.close()
    assert (child.wait(), err) == (141, "")


REFUSES = """\
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3, padding=1)

    def forward(self, x):
        assert x.shape[2] % 8 == 0, "use a multiple of 8"
        return self.conv(x)
"""


def test_an_edit_of_the_input_alone_is_told_once(tmp_path):
    """The nearest sizes and the padding stand there already."""
    (tmp_path / "net.py").write_text(REFUSES, "utf-8")
    code, out, err = run("network", str(tmp_path / "net.py"), "--input", "150")
    assert (code, err) == (1, "")
    rows = out.split("\n")
    assert any(row.startswith("nearest that run: 144 and 152") for row in rows), rows
    assert not any(row.startswith("smallest fix") for row in rows)


def test_an_edit_of_layers_is_told_beside_the_nearest_sizes():
    code, out, err = run("network", "examples/networks/unet.py", "--input", "150")
    assert (code, err) == (1, "")
    rows = out.split("\n")
    assert "nearest that run: 188; padding 19:19 reaches 188" in rows
    layers = "down.0.0, down.0.2, down.1.0 and 15 more"
    assert f"smallest fix of a layer: {layers}: padding=1 (runs for n >= 16)" in rows


@pytest.mark.parametrize(
    "words",
    [
        ("network", "examples/networks/codec.txt"),
        ("network", "examples/networks/codec.txt", "--input", "300", "--tiles"),
        ("decoder", "examples/networks/codec.txt"),
        ("decoder", "examples/networks/codec.txt", "--input", "300"),
        ("explain", "examples/networks/codec.txt", "--input", "300"),
        ("explain", "examples/networks/codec.txt", "--input", "640"),
    ],
    ids=" ".join,
)
def test_tables_say_what_plain_text_says(words):
    plain = run(*words)
    table = run(*words, "--format", "table")
    assert (table.code, table.err) == (plain.code, "")
    assert "".join(table.out.split()).startswith("".join(plain.out.split("\n")[0].split()))


def said(folder, lines: str, *words: str) -> list[str]:
    path = folder / "net.py"
    path.write_text(lines)
    return run("network", str(path), *words).out.split("\n")


def test_of_tokens_it_is_told_how_many(tmp_path):
    tokens = "x = nn.Conv1d(3, 8, 3, stride=2)(x)\nx = nn.Linear(8, 5)(x.transpose(1, 2))"
    assert said(tmp_path, tokens)[0] == "n -> ceil(n/2) - 1, for every n >= 3"
    assert said(tmp_path, tokens, "--input", "100")[0] == "100 -> 49"
    assert said(tmp_path, tokens, "--input", "100,50")[0] == "100 -> 49; 50 -> 24"


def test_axes_whose_product_counts_are_told_with_each_other(tmp_path):
    flat = "x = nn.Conv2d(3, 8, 1)(x)\nx = nn.Linear(32, 5)(torch.flatten(x, 1))"
    rows = said(tmp_path, flat)
    assert "valid along h, leaving out what ties it to w: h >= 1" in rows


def test_json_says_what_is_left_out_along_an_axis(tmp_path):
    file = tmp_path / "tied.txt"
    file.write_text("nn.Conv2d(3, 8, 3)\nnn.Flatten()\nnn.Linear(800, 10)\n")
    along = json.loads(run("network", str(file), "--json").out)["valid_along"]
    assert (along["h"]["text"], along["h"]["leaves_out"]) == ("n >= 3", ["w"])
    (codec,) = json.loads(run("network", "examples/networks/codec.txt", "--json").out)[
        "valid_along"
    ].values()
    assert "leaves_out" not in codec


def test_which_sizes_of_a_condition_run_and_what_a_size_costs():
    done = run("network", str(NETWORKS / "unet.py"), "--where", "n % 4 == 0")
    assert "of the n with n % 4 == 0: n = 0 (mod 4), n >= 188 run, the others do not" in done.out
    words = ("network", str(NETWORKS / "wav2vec2.txt"), "--at", "16000")
    assert "MACs: 2,450,123,776 for n = 16000" in run(*words).out
    found = json.loads(run(*words, "--where", "t >= 400", "--json").out)
    at_it = json.loads(run(*words[:2], "--input", "16000", "--json").out)
    assert found["at"] == {"n": 16000, "macs": at_it["macs"], "activations": at_it["activations"]}
    assert found["where"]["valid"]["text"] == "n >= 400"
    assert not found["where"]["refused"]["exceptions"]
    assert run(*words[:2], "--at", "160").code == 2


TOKENS = """
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 10, stride=5)

    def forward(self, x):
        x = self.conv(x)
        return x.transpose(1, 2), x.permute(2, 0, 1), x.mean((0, 1)), x.sum()
"""


def test_outputs_of_tokens_of_one_axis_and_of_none_hide_nothing(tmp_path):
    first, *_ = said(tmp_path, TOKENS)
    size = "floor(n/5) - 1"
    assert first == f"n -> 0: {size}, 1: ({size}) x 1 x 4, 2: {size}, 3: scalar, for every n >= 10"
    first, *lines = said(tmp_path, TOKENS, "--input", "100")
    assert first == "100 -> 0: 19, 1: 19x1x4, 2: 19, 3: scalar"
    assert next(x.split()[4] for x in lines if x.startswith("permute ")) == "19x1x4"


def test_what_runs_is_told_beside_an_input_and_branches_apart_once(tmp_path):
    layers = "nn.Conv2d(8, 8, 4, padding=1), nn.ZeroPad2d((0, 1, 0, 1))"
    block = TOKENS.replace("nn.Conv1d(1, 4, 10, stride=5)", f"nn.Sequential({layers})")
    adds = "".join("        x = x + self.conv(x)\n" for _ in range(5))
    code = f"{block.split('        x = ')[0]}{adds}        return x\n"
    lines = said(tmp_path, code, "--input", "9")
    assert lines[:2] == ["9 -> 9", "it runs for every n >= 2, because:"]
    far = "branches meet that are centred 0.5 elements of the input apart"
    assert [x for x in lines if "apart" in x] == [f"add, add_2, add_3 and 2 more: {far}"]


@pytest.mark.parametrize("code", ["MaxPool2d((2,3)); MaxPool2d(2)", "MaxPool2d((1,2))"])
def test_what_drops_nothing_is_told_along_each_axis(code):
    """Of poolings that tile: what each divides is what it leaves none of."""
    found = json.loads(run("network", "-c", code, "--json").out)["valid_exact_along"]
    text = run("network", "-c", code).out
    divisors = {"h": 4, "w": 6} if "3" in code else {"h": 1, "w": 2}
    for letter, divisor in divisors.items():
        each = found[letter]
        rests = {n for a, b in each["ranges"] for n in range(a, b + 1)}
        sizes = range(each["minimum"], 60)
        assert [n for n in sizes if n % each["modulus"] in rests] == [*range(divisor, 60, divisor)]
        assert f"exact along {letter}: {each['text'].replace('n', letter, 1)}".split(":")[0] in text
    assert "valid_exact_along" not in json.loads(run("network", "-c", "MaxPool2d(2)", "--json").out)
    apart = run("network", "-c", "Conv2d(3,8,(3,5),stride=2); MaxPool2d(2)").out
    assert ": no n with all axes alike\nexact along h: h = 1, 2 (mod 4), h >= 5" in apart


@pytest.mark.parametrize("command", ["network", "explain"])
def test_an_input_of_a_network_that_takes_one_size_is_refused(command):
    code, out, err = run(command, "-c", "nn.Linear(10, 2)", "--input", "12")
    assert (code, out) == (2, "")
    assert "takes one size alone" in err
    assert "it takes (1, 10)" in err
    assert run("explain", "-c", "nn.Linear(10, 2)").out.startswith("the network runs\n")
