"""All solutions in a picture, read back."""

from collections import Counter

import pytest
from render.pictures.read_back import look, marks

from solver import Conv, ConvTranspose, solve
from solver.errors import LimitError

ASKED = [
    (Conv, 224, 112, {}),
    (ConvTranspose, "n", "2n", {}),
    (Conv, 10, 5, {"kernel_size": "2..4", "padding": "0..2:0..2"}),
    (Conv, 40, 20, {"dilation": "1..3"}),
    (Conv, 4, 9, {"kernel_size": 3, "padding": 0}),
]


@pytest.mark.parametrize(("layer", "n", "m", "box"), ASKED)
def test_cells(layer, n, m, box):
    solutions = solve(layer, n, m, **box)
    found = marks(solutions.draw())
    cells = {
        (int(k), each.get("data-p")): int(each.get("data-count")) for k, each in found.get("k", ())
    }
    every = Counter(
        (row[0], ":".join(map(str, row[2])) if isinstance(row[2], tuple) else str(row[2]))
        for (row,) in solutions.rows()
    )
    assert cells == every
    best = [(int(k), each.get("data-p")) for k, each in found.get("k", ()) if look(each) == "now"]
    first = [solutions[0]] if solutions else []
    assert [k for k, _ in best] == [each.kernel_size for each in first]


def test_refused():
    with pytest.raises(LimitError, match="at most 100,000"):
        solve(Conv, "?", 90, kernel_size="1..60", padding="0..60", stride="1..9").draw()
    with pytest.raises(LimitError, match="has room for 60"):
        solve(Conv, 10**6, 5 * 10**5, kernel_size="1..2000", padding="0..2000").draw()
