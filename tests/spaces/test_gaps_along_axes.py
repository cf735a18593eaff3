"""Gaps along two axes: against every element of a plane that outputs read, branch by branch.

A branch reads a box of elements for each output, and several branches the union of their boxes,
which is no box where none of them reads all that the others read.
"""

from __future__ import annotations

import random
from collections import Counter
from itertools import product
from typing import Any

import pytest
from crossed import part, plain, risen, rows, slope

from solver import Choice, Conv, LimitError, Space, parallel, residual

Points = set[tuple[int, int]]


def read(row: Any, wanted: Points) -> Points:
    """The elements of a plane without ends that outputs read through layers, going back."""
    for kind, *rest in reversed(row):
        if kind == "block":
            wanted = set().union(*(read(branch, wanted) for branch in rest[1:]))
        elif kind != "op":
            wanted = {
                at for output in wanted for at in product(*map(_taken(kind, rest), output, (0, 1)))
            }
    return wanted


def _taken(kind: str, numbers: Any) -> Any:
    kernels, strides, pads, dilations = numbers[:4]

    def taken(y: int, axis: int) -> list[int]:
        k, s, begin, d = kernels[axis], strides[axis], pads[axis][0], dilations[axis]
        if kind == "conv_transpose":  # input x adds to the outputs s*x - begin + d*t
            return [(y + begin - d * t) // s for t in range(k) if (y + begin - d * t) % s == 0]
        return [s * y - begin + d * t for t in range(k)]

    return taken


def is_read(row: Any) -> bool:
    """Tell whether all outputs together read every element, far from the ends."""
    turn = int(risen(row, 2)[0] * slope(row, 2)[0])  # after so many elements it repeats
    every = set(product(range(turn), repeat=2))
    far = range(-40, 41)
    near = [y for y in far if any(at in every for at in read(row, {(y, y)}))]
    assert far[0] < near[0] <= near[-1] < far[-1] if near else True  # no other reads any of them
    return every <= read(row, set(product(near, repeat=2)))


def mixes(row: Any) -> bool:
    """Tell whether there is a block in a row of which no branch reads a box that holds the others.

    A branch reads no box where it mixes itself.
    """
    for kind, *rest in row:
        if kind == "block":
            outputs = list(product(range(risen(((kind, *rest),), 2)[0]), repeat=2))
            found = [[read(branch, {y}) for y in outputs] for branch in rest[1:]]
            every = [set().union(*each) for each in zip(*found, strict=True)]
            pairs = zip(rest[1:], found, strict=True)
            if all(each != every or mixes(branch) for branch, each in pairs):
                return True
    return False


def layer(draw: random.Random, stride: int) -> Any:
    kernels = draw.sample((1, 2, 3), draw.randint(1, 2))
    paddings = draw.sample((0, 1, (0, 1), (1, 0)), draw.randint(1, 3))
    ends = [((x, x) if isinstance(x, int) else x,) * 2 for x in paddings]
    return ("layer", "conv", kernels, [stride], ends, [1], [0], None)


def body(draw: random.Random, stride: int, depth: int) -> Any:
    """One or two layers, or blocks, of one total stride."""
    strides = draw.choice(([stride], [stride], [1, stride], [stride, 1]))
    nested = draw.randrange(len(strides)) if depth and draw.random() < 0.4 else None
    return [
        block(draw, s, depth - 1) if i == nested else layer(draw, s) for i, s in enumerate(strides)
    ]


def block(draw: random.Random, stride: int, depth: int = 1) -> Any:
    kind = draw.choice(("parallel", "parallel", "residual", "skip"))
    if kind == "residual":
        return ("residual", body(draw, stride, depth))
    if kind == "skip" and stride == 1:
        step = draw.choice((1, 2, 3))
        up = ("layer", "conv_transpose", [2, 3], [step], [0, 1], [1], [0], None)
        return ("skip", [body(draw, step, 0), *([up] if step > 1 else [])])
    branches = [body(draw, stride, depth) for _ in range(draw.choice((2, 2, 3)))]
    if stride == 1 and draw.random() < 0.2:
        branches[0] = []
    return ("parallel", "add", *branches)


def told(known: list[Any], *asked: Any) -> str:
    """Check which of all designs of a space are said to be without gaps, and tell how many."""
    space = Space(*asked, axes=2, gaps=False)
    try:
        found = [plain(design, 2) for design in space]
        assert space.count == len(found)
    except LimitError as fault:
        if "gaps along several axes" not in str(fault) or not any(map(mixes, known)):
            raise
        return "not followed"
    assert Counter(found) == Counter(filter(is_read, known)), asked
    return "all" if len(found) == len(known) else "some" if found else "none"


def outcome(seed: int) -> str:
    """Tell it of a random space with a block, a few designs and sometimes an output."""
    draw = random.Random(f"planes {seed}")
    while True:
        spec = [block(draw, draw.choice((1, 2, 3)))]
        if draw.random() < 0.5:
            spec.insert(draw.randint(0, 1), layer(draw, draw.choice((1, 2))))
        if draw.random() < 0.3:
            spec[0] = ("optional", spec[0])
        if len(list(rows(spec, 1, 2))) > 600:
            continue
        size = draw.randint(7, 16)
        asked = [part(spec), draw.choice((size, (size, size + 6)))]
        designs = list(Space(*asked, axes=2))
        if designs and draw.random() < 0.3:
            asked.append(draw.choice(designs).sizes(asked[1])[-1])
            designs = list(Space(*asked, axes=2))
        if 1 <= len(designs) <= 60:
            return told([plain(design, 2) for design in designs], *asked)


@pytest.mark.parametrize("first", range(5))
def test_no_gap_is_missed(first):
    """Random blocks: designs without gaps are those that read all; no limit without a reason."""
    found = Counter(outcome(seed) for seed in range(first, 100, 5))
    assert {"all", "not followed"} <= found.keys(), found


MIXED = parallel(Conv(2, 3), Conv(2, 3, 1))


@pytest.mark.parametrize(
    ("parts", "known"),
    [
        (MIXED, "not followed"),
        (parallel([MIXED, Conv(3, 1, 1)], Conv(2, 3)), "not followed"),
        (parallel(MIXED, Conv(3, 3, 1)), "all"),  # the last branch reads what the others read
        (parallel(Conv(2, 3), Conv(2, 3, 1), Conv(3, 3, 1)), "all"),
        ([Conv(1, 7), MIXED], "none"),  # along each axis already
    ],
)
def test_a_branch_that_reads_what_the_others_read(parts, known):
    designs = [plain(design, 2) for design in Space(parts, 11, axes=2)]
    assert told(designs, parts, 11) == known
    assert Space(parts, 11, axes=1, gaps=False).count == (known != "none")
    if known == "not followed":
        assert not any(map(is_read, designs))  # there is a gap that no axis shows


POOLED = [
    ([parallel([Conv(1, 2), "squeeze-excite 1"], [Conv(1, 2)])], 0),  # odd elements are left out
    ([parallel([Conv(2, 2), "squeeze-excite 1"], [Conv(1, 2)])], 1),
    ([residual(Choice(Conv, "1..3", 2, "half"), "squeeze-excite 1")], 2),  # not that of 1
    ([parallel(["squeeze-excite 1", Conv(1, 2)], [Conv(1, 2)])], 1),
    ([Conv(1, 2), residual("squeeze-excite 1")], 0),
    ([Conv(1, 3), parallel(["squeeze-excite 1"], []), Conv(2, 2)], 0),
    ([residual(Conv(1, 2), Conv(1, 3), "squeeze-excite 1", project=False)], 0),
]


@pytest.mark.parametrize(("parts", "count"), POOLED, ids=[str(each) for each, _ in POOLED])
@pytest.mark.parametrize("axes", [1, 2])
def test_what_pools_all_reads_what_layers_before_it_do(parts: Any, count: int, axes: int) -> None:
    assert Space(parts, 36, channels=4, axes=axes, gaps=False).count == count


def test_a_gate_beside_elements_that_it_leaves_out_is_said() -> None:
    shifted = Choice(Conv, 1, 2, [(1, 0)])
    space = Space([parallel([Conv(1, 2), "squeeze-excite 1"], shifted)], 33, channels=4, gaps=False)
    with pytest.raises(LimitError, match="pools all"):
        assert space.count
