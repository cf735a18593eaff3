"""Parts of a network: their sizes are those that the whole network has there.

Judge: the whole network, run at numbers.
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from cli_fixtures import run

from solver import read
from solver.errors import SizeError, SolverError

FILES = ("wav2vec2.txt", "codec.txt")


@pytest.mark.parametrize("file", FILES)
def test_what_stands_before_and_behind_makes_the_whole(file):
    net = read(f"examples/networks/{file}")
    names = [node.name for node in net.nodes]
    for before, name in pairwise(names[1:]):
        head, tail = net.cut(to=before), net.cut(from_=name)
        assert len(head) + len(tail) == len(net) + 1
        for n in (400, 2000, 2345, 2346):
            assert head.size(n) == net.size(n, before)
            assert tail.size(head.size(n)) == net.size(n)
        assert net.valid().inputs <= head.valid().inputs
        between = net.cut(from_=before, to=name)
        assert between.size(net.cut(to=names[names.index(before) - 1]).size(2000)) == (
            net.size(2000, name)
        )


def test_a_part_has_its_own_validity():
    net = read("examples/networks/unet.py")
    assert str(net.valid().inputs) == "n >= 188"
    head = net.cut(to="down.1.2")
    assert str(head.valid().inputs) == "n >= 14"
    assert head.size(100) == 44
    with pytest.raises(SizeError):
        net.size(100, "down.1.2")  # the whole network does not run there
    with pytest.raises(SolverError, match="reads more of what stands before it"):
        net.cut(from_="up.0")
    with pytest.raises(SolverError, match="no node of this name"):
        net.cut(to="nowhere")


def test_the_command_line_has_the_same_words():
    file = "examples/networks/wav2vec2.txt"
    assert run("network", file, "--from", "2", "--to", "4")[1].startswith(
        "n -> floor((n - 7)/8), for every n >= 15\n"
    )
    code, out, _ = run("network", file, "--to", "3", "--input", "20")
    assert code == 1
    assert out.startswith("infeasible: 2: Conv1d")
    code, out, _ = run("explain", file, "--to", "3", "--input", "20")
    assert "line 2: nn.Conv1d(512, 512, kernel_size=3, stride=2, padding=1)" in out
    assert run("decoder", "examples/networks/codec.txt", "--to", "3")[0] == 0
    code, out, _ = run("fill", "examples/networks/unknown_stem.txt", "n/4", "--to", "2")
    assert out.startswith("0: Conv(3, stride=2, padding=1), for n = 0 (mod 4)\n")
    assert run("network", "examples/networks/unet.py", "--from", "up.0")[0] == 2
