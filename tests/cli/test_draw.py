"""`convsolver draw`, and --format svg."""

from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from solver.cli import cli
from solver.errors import SolverError


def run(*words):
    found = CliRunner().invoke(cli, words, standalone_mode=False)
    if found.exception:
        raise found.exception
    return found.output


FILES = "examples/networks/"
UNET, CODEC, STEM = (f"{FILES}{name}" for name in ("unet.py", "codec.txt", "unknown_stem.txt"))
TILES = "1212x1212 -> 1028x1028 in 3 x 3 tiles of 572x572"
PHASES = "what every 2 outputs read, 1 further on along h"
WAYS = "ways from the input to each of 7 x 7 outputs of convtranspose2d"
DECODER = "640 -> 2 -> 640: the encoder and its decoder"


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (f"network {UNET} --tile 572 --format svg", "drawn on an input of a size"),
        (f"network {UNET} --tile 570 --input 1212 --format svg", "no tiles to be drawn"),
        (f"network {CODEC} --phases --input 640 --layer 1 --format svg", "room for 100 outputs"),
        ("formula conv --format svg", "a layer in numbers"),
        ("formula conv -k 3 --for p --format svg", "a layer in numbers"),
    ],
)
def test_refused(words, rule):
    with pytest.raises(SolverError, match=rule):
        run(*words.split())


def test_a_file(tmp_path):
    file = tmp_path / "a.svg"
    said = run("draw", "conv", "10", "-k", "3", "-s", "2", "-p", "1", "--at", "2", "-o", str(file))
    assert said == f"conv k3 s2 p1: 10 -> 5, in {file}\n"
    printed = run("draw", "conv", "10", "-k", "3", "-s", "2", "-p", "1", "--at", "2")
    assert printed == file.read_text().partition("\n")[2]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("draw conv 10 -k 3", "conv k3: 10 -> 8"),
        ("draw deconv 5x7 -k 4 -s 2 -p 1", "conv_transpose k4 s2 p1: 5x7 -> 10x14"),
        ("draw maxpool n -k 3 --ceil-mode", "maxpool k3 s3 ceil: n -> ceil(n/3)"),
        ("size conv 10 -k 3 --format svg", "conv k3: 10 -> 8"),
        ("size conv n -k 3 --format svg", "conv k3: n -> n - 2"),
        (
            "size conv 9 -k 3 -s 2 -p same --framework keras --format svg",
            'keras.layers.Conv2D(kernel_size=3, strides=2, padding="same"): 9 -> 5',
        ),
        ("solve conv 224 112 --format svg", "conv 224 -> 112"),
        ("formula conv -k 3 -s 2 --format svg", "conv k3 s2: n -> ceil(n/2) - 1"),
        (f"network {UNET} --tile 572 --input 1212 --format svg", TILES),
        ("network -c ConvTranspose2d(8,8,3,2,1) --phases --format svg", PHASES),
        ("network -c ConvTranspose2d(8,8,3,2,1) --phases --input 4 --format svg", WAYS),
        (
            f"network {CODEC} --layer 1 --input 640 --format svg",
            "what output 160 of 320 reads of 640",
        ),
        (f"decoder {CODEC} --input 640 --format svg", DECODER),
        (f"fill {STEM} 28 --input 224 --format svg", "0: Conv(3, stride=2, padding=1)"),
    ],
)
def test_printed(words, title):
    root = ElementTree.fromstring(run(*words.split()))
    assert root[0].text == title
