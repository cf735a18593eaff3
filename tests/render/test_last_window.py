"""Which last window of a pooling in ceil mode is dropped, against windows laid out by hand."""

from __future__ import annotations

from itertools import product

import pytest
from cli_fixtures import line

from solver import MaxPool, SolverError
from solver.render.last_window import dropped


@pytest.mark.parametrize(("k", "s", "p"), [*product(range(1, 6), range(1, 5), range(3))])
def test_a_window_is_dropped_where_it_begins_in_the_padding_behind(k, s, p):
    torch = pytest.importorskip("torch")
    if 2 * p > k:
        return
    for n in range(1, 14):
        try:
            size = MaxPool(k, s, p, ceil_mode=True).size(n)
        except SolverError:
            continue
        counted, said = 1, dropped(MaxPool(k, s, p, ceil_mode=True), [n])
        while (counted - 1) * s + k < n + 2 * p:  # elements are left behind the last window
            counted += 1
        pool = torch.nn.MaxPool1d(k, s, p, ceil_mode=True)
        assert pool(torch.zeros(1, 1, n)).shape[-1] == size
        assert bool(said) == (counted > size)
        if said:
            at = (counted - 1) * s
            assert said == [
                f"of {counted} windows the last would begin at {at}, "
                f"past input and padding {n} + {p}: dropped"
            ]
            assert at >= n + p


def test_size_says_why_a_window_is_missing():
    """The documented formula gives 4 here, and PyTorch 3."""
    why = "of 4 windows the last would begin at 12, past input and padding 9 + 2: dropped\n"
    asked = "convsolver size avgpool {} -k 4 -s 4 -p 2 --ceil-mode"
    assert line(asked.format("9")).out == f"3\n{why}"
    assert line(asked.format("1,3,9,9")).out == f"1,3,3,3\n{why}"
    assert "dropped" not in line(asked.format("11")).out
    pasted = line("convsolver size 'nn.AvgPool2d(4, 4, 2, ceil_mode=True)' 9 11").out
    assert f"note: at 9: {why}" in pasted
    assert pasted.count("dropped") == 1
