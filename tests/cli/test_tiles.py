"""`network --tile`, `--phases`, `--stream`: what is printed, its JSON, and words that are wrong."""

from __future__ import annotations

import json

import pytest
from cli_fixtures import run, spawn

UNET, CODEC = "examples/networks/unet.py", "examples/networks/codec.txt"
UP = ("network", "-c", "nn.ConvTranspose2d(8, 8, 3, 2, 1)", "--phases")


SKIP = """
class Net(nn.Module):
    def __init__(self):
        self.first = nn.Conv2d(1, 8, 3, padding=1)
        self.up = nn.ConvTranspose2d(8, 8, 4, 4)

    def forward(self, x):
        x = self.first(x)
        return torch.cat([self.up(F.max_pool2d(x, 4)), x], 1)
"""


BRANCHES = """
class Net(nn.Module):
    def __init__(self):
        self.narrow = nn.Conv1d(1, 1, 3, padding=1)
        self.wide = nn.Conv1d(1, 1, 5, padding=2)

    def forward(self, x):
        if x.shape[-1] > 1000:
            return self.wide(x)
        return self.narrow(x)
"""


def record(*words):
    return json.loads(run("network", *words, "--json").out)


def test_tiles_of_the_original_unet():
    """A tile of 572 gives 388: starts are multiples of 16, so neighbours share 4 outputs."""
    done = run("network", UNET, "--tile", "572", "--input", "1212")
    assert done.code == 0
    rows = done.out.split("\n")
    assert rows[0] == "1212 -> 1028 in 3 x 3 = 9 tiles of 572"
    assert rows[1].endswith("nearest that they fill: 956 and 1340")
    assert "output offset per side: 92 of the input" in rows
    plan = record(UNET, "--tile", "572", "--input", "1212")["axes"]["h"]["plan"]
    assert plan[0]["reads"] == [0, 571]
    written = [x for each in plan for x in range(each["writes"][0], each["writes"][1] + 1)]
    assert written == [*range(1028)]
    for each in plan:  # what a tile of 572 gives is 388 outputs from its start on
        start = each["reads"][0] + each["cut"][0]
        assert each["writes"] == [start, start + 388 - sum(each["cut"]) - 1]
        assert each["reads"][0] % 16 == 0


def test_axes_apart_and_many_tiles():
    found = record(UNET, "--tile", "572x300", "--input", "1340x1212")
    assert found["count"] == 3 * 10
    assert found["axes"]["h"]["filled"] == [1340]
    many = record(UNET, "--tile", "572", "--input", "1000000012")
    assert many["axes"]["h"]["count"] == -(-(1000000012 - 188) // 384)
    assert len(many["axes"]["h"]["plan"]) == 1000
    text = run("network", UNET, "--tile", "572", "--input", "1000000012").out
    assert "and 2,603,167 more" in text


def test_tiles_of_every_input():
    done = run("network", UNET, "--tile", "572")
    assert done.out.split("\n")[0] == (
        "n in ceil((n - 188)/384) tiles of 572, for n = 12 (mod 16), n >= 204"
    )
    assert record(UNET, "--tile", "572")["axes"]["w"]["count"] == "ceil((n - 188)/384)"


def test_what_does_not_fit_says_what_would():
    done = run("network", UNET, "--tile", "572", "--input", "1210")
    assert done.code == 1
    rows = done.out.split("\n")
    assert rows[:3] == [
        "none: no tiles of 572 give what 1210 gives",
        "nearest inputs that tiles of 572 give exactly: 1196 and 1212",
        "nearest tiles for an input of 1210: 570 and 586",
    ]
    for size, tile in ((1196, 572), (1212, 572), (1210, 570), (1210, 586)):
        fits = record(UNET, "--tile", f"{tile}", "--input", f"{size}")
        assert fits["axes"]["h"]["fits"]
    halved = "nn.MaxPool2d(2); nn.Upsample(scale_factor=2); nn.Conv2d(1, 1, 3, padding=1)"
    assert record("-c", halved, "--tile", "16", "--input", "41")["axes"]["h"]["nearest_inputs"] == [
        40,
        42,
    ]
    small = run("network", UNET, "--tile", "1212", "--input", "572").out
    assert small.startswith("572 -> 388 in 1 tile of 1212\nan input of 572 is smaller")


def test_an_input_that_does_not_run(tmp_path):
    """Beside why it does not, the nearest that tiles of the size give."""
    path = tmp_path / "net.py"
    path.write_text(SKIP)
    done = run("network", str(path), "--tile", "64", "--input", "152x130")
    rows = done.out.split("\n")
    assert done.code == 1
    assert rows[0] == "none: no tiles of 64 give what 152x130 gives"
    assert rows[1].startswith("an input of 152x130 does not run: cat: concat")
    found = record(str(path), "--tile", "64", "--input", "152x130")
    assert (found["count"], found["axes"]["h"]["count"], found["axes"]["w"]["count"]) == (
        None,
        3,
        None,
    )
    assert found["reason"].startswith("cat: concat")
    assert "along w: nearest inputs that tiles of 64 give exactly: 128 and 132" in rows


@pytest.mark.parametrize("form", ["table", "plain", "markdown", "latex", "csv", "brief"])
def test_every_form(form):
    done = run("network", UNET, "--tile", "572", "--input", "1212", "--format", form)
    if form == "brief":
        done = run("network", UNET, "--tile", "572", "--input", "1212", "--brief")
    assert (done.code, done.err) == (0, "")
    assert "1212" in done.out or "1211" in done.out


def test_tiles_take_the_path_of_the_input(tmp_path):
    """A program that branches on the size: a tile that goes another way gives something else."""
    path = tmp_path / "net.py"
    path.write_text(BRANCHES)
    words = ("network", str(path), "--tile")
    rows = run(*words, "572", "--input", "1212").out.split("\n")
    assert rows[:2] == [
        "none: no tiles of 572 give what 1212 gives",
        "nearest inputs that tiles of 572 give exactly: 1000",
    ]
    assert run(*words, "1100", "--input", "1212").out.startswith("1212 -> 1212 in 2 tiles")
    assert run(*words, "100", "--input", "900").out.startswith("900 -> 900 in 10 tiles")
    assert "for 3 <= n <= 1000" in run(*words, "100").out.split("\n")[0]
    assert run(*words, "600", "--input", "999").out.split("\n")[1].endswith("fill: 600")


def test_margins_of_a_decoder_are_those_of_its_latent():
    text = (
        "nn.Conv2d(4, 8, 3, padding=1); nn.Upsample(scale_factor=8); nn.Conv2d(8, 3, 3, padding=1)"
    )
    found = record("-c", text, "--tiles")["tiling"]["h"]
    # 8 outputs stand for a latent; the first convolution reads 1 more of them, the last 1 output
    assert (found["jump"], found["margin"], found["halo"]) == ("1/8", [2, 2], [9, 9])
    assert found["latent"] is None
    codec = record(
        "-c",
        "nn.Conv1d(1, 1, 3, padding=1); nn.MaxPool1d(4); nn.Upsample(scale_factor=4)",
        "--tiles",
    )
    inner = codec["tiling"]["n"]
    assert (inner["latent"], inner["margin"], inner["margin_latent"]) == (4, [1, 1], [1, 1])


def test_phases():
    rows = run(*UP).out.split("\n")
    assert "  output 0 (mod 2): 1 tap in a span of 1, no holes: 0" in rows
    assert "  output 1 (mod 2): 2 taps in a span of 2, no holes: 0..1" in rows
    assert "  both axes together, a row for each phase along h: 1 2 / 2 4 taps" in rows
    found = json.loads(run(*UP, "--json").out)
    assert found["phases_together"] == [[1, 2], [2, 4]]
    assert [each["read"] for each in found["phases"]["w"]["phases"]] == [[[0, 0]], [[0, 1]]]


def test_holes_are_said_without_being_asked():
    said = "holes: an output reads 5 of 9 elements from its first to its last"
    assert said in run("network", "-c", "Conv(3, dilation=2); Conv(3, dilation=2)").out.split("\n")
    assert "holes" not in run("network", "-c", "Conv(3); Conv(3, dilation=2)").out
    assert "3 of 5 elements" in run("network", "-c", "Conv(1, stride=2); Conv(3)").out


def test_a_stream_without_a_rate_reads_the_file_behind_it():
    first = run("network", "--stream", CODEC)
    assert (first.code, first.out) == (0, run("network", CODEC, "--stream").out)
    assert "algorithmic latency 504 samples\n" in first.out
    assert spawn("network", "--stream", "-", input="nn.Conv1d(1, 1, 3)").stdout.startswith(
        "n -> n - 2"
    )
    rated = run("network", "--stream", "24000", CODEC).out
    assert "algorithmic latency 504 samples, 21 ms at 24,000 samples per second" in rated


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((UNET, "--tile", "0"), "--tile must be at least 1"),
        ((UNET, "--tile", "5x"), "--tile must be a whole number"),
        ((UNET, "--tile", "5x6x7"), "one size, or one for each axis"),
        ((UNET, "--tile", "572", "--tiles"), "--tile is asked with --input and --layer alone"),
        ((UNET, "--tile", "572", "--phases"), "--tile is asked with"),
        ((UNET, "--tile", "572", "--where", "n % 2"), "--tile is asked with"),
        ((UNET, "--tile", "572xq"), "  572xq\n      ^"),
        ((UNET, "--tile", "572", "--input", "5,6"), "are of one input"),
        ((UNET, "--phases", "--input", "5,6"), "are of one input"),
        (("-c", "nn.InstanceNorm2d(3)", "--tile", "64"), "a normalization over the whole image"),
        (("--stream", "24000"), "one of FILE, -c and --live"),
        ((CODEC, "--stream", "24k"), "--stream must be a whole number"),
    ],
)
def test_wrong_words(words, message):
    done = run("network", *words)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
