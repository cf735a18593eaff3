"""`convsolver draw`, and --format svg."""

from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from solver.cli import cli


def run(*words):
    found = CliRunner().invoke(cli, words, standalone_mode=False)
    if found.exception:
        raise found.exception
    return found.output


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
    ],
)
def test_printed(words, title):
    root = ElementTree.fromstring(run(*words.split()))
    assert root[0].text == title
