"""Windows of every kind against lists of elements: how many there are, which n they take, what they
read.
"""

import random
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest

from solver import Conv, ConvTranspose, MaxPool
from solver.layers.window import LOWER, UPPER, Window

#: What an operation makes of n elements: for each output the elements it reads, those in the
#: padding as numbers outside of the axis. None where it is refused.
Made = Callable[[int], list[list[int]] | None]


def slid(axis: list[int | None], k: int, s: int, d: int = 1) -> list[list[int]]:
    """Slide a kernel over a list; None is what is no element."""
    starts = range(0, len(axis) - d * (k - 1), s)
    return [[x for t in range(k) if (x := axis[start + d * t]) is not None] for start in starts]


def conv(k: int, s: int, begin: int, end: int, d: int, apart: int = 1) -> Made:
    def made(n: int) -> list[list[int]]:
        spread = [i // apart if i % apart == 0 else None for i in range((n - 1) * apart + 1)]
        before, behind = ([None] * max(by, 0) for by in (begin, end))
        kept = [*before, *spread, *behind][max(-begin, 0) :]
        return slid(kept[: max(len(kept) - max(-end, 0), 0)], k, s, d)

    return made


def transposed(k: int, s: int, p: int, a: int, d: int) -> Made:
    """Add each input, times the kernel, to an output that is then cropped."""

    def made(n: int) -> list[list[int]]:
        found: list[list[int]] = [[] for _ in range((n - 1) * s + d * (k - 1) + 1 + a)]
        for i, t in product(range(n), range(k)):
            found[i * s + d * t].append(i)
        return found[p : max(len(found) - p, 0)]

    return made


def same(k: int, s: int, d: int, lower: bool) -> Made:
    def made(n: int) -> list[list[int]]:
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        begin = total - total // 2 if lower else total // 2
        return conv(k, s, begin, total - begin, d)(n)

    return made


def counted_up(k: int, s: int, p: int) -> Made:
    """Pool in ceil mode: a window may hang over the end that starts before it."""

    def made(n: int) -> list[list[int]]:
        starts = range(-p, n, s)
        fit = [x for x in starts if x + k <= n + p]
        hang = [x for x in starts[len(fit) :] if x - s + k < n + p][:1]
        return [[x for x in range(start, start + k) if 0 <= x < n] for start in [*fit, *hang]]

    return made


def kinds() -> Iterator[tuple[str, Window, Made]]:
    draw = random.Random(5)
    for _ in range(60):
        k, s, d, p, end = (draw.randint(*ends) for ends in ((1, 5), (1, 4), (1, 3), (0, 3), (0, 3)))
        yield "conv", Conv(k, s, ((p, end),), d).window(), conv(k, s, p, end, d)
        extra = draw.randrange(max(s, d))
        layer = ConvTranspose(k, s, p, d, extra)
        yield "transposed", layer.window(), transposed(k, s, p, extra, d)
        word = draw.choice((UPPER, LOWER))
        yield word, Window(k, s, dilation=d).padded(word), same(k, s, d, word == LOWER)
        yield "crop", Window(begin=-p, end=-end), conv(1, 1, -p, -end, 1)
        yield "apart", Window(k, s, p, end, d, end + 1), conv(k, s, p, end, d, end + 1)
        pool = MaxPool(k, s, min(p, k // 2), ceil_mode=True)
        yield "ceil", pool.window(), counted_up(k, s, min(p, k // 2))
        yield "upsample", Window(k, k).transposed, lambda n, k=k: [[y // k] for y in range(n * k)]
        slice_ = Window(1, s, -p)
        yield "slice", slice_, lambda n, p=p, s=s: [[x] for x in range(n)[p::s]]


KINDS = list(kinds())


@pytest.mark.parametrize("name", dict.fromkeys(name for name, *_ in KINDS))
def test_sizes_and_reads_are_those_of_lists(name: str) -> None:
    for kind, window, made in KINDS:
        if kind != name:
            continue
        for n in range(1, 30):
            outputs = made(n) or []
            assert max(window.size(n), 0) == max(window.size_map(n), 0) == len(outputs), (window, n)
            assert (n >= window.minimum) == bool(outputs), (window, n)
            here = window.at(n)
            for y, wanted in enumerate(outputs):
                inside = [x for x in here.read(y) if 0 <= x < n]
                assert inside == sorted(wanted), (window, n, y)


def test_a_window_at_n_is_the_same_for_all_of_its_residue_class() -> None:
    for _, window, _ in KINDS:
        if window.moves:
            for n in range(1, 12):
                assert window.at(n) == window.at(n + 5 * window.stride)
                assert window.at(n).size(n) == window.size(n)
                assert window.begin_map(n) == window.at(n).begin


def test_the_transposed_window_reads_backwards() -> None:
    for _, window, _ in KINDS:
        if window.moves:
            continue
        back = window.transposed
        assert back.transposed == window
        assert back.net_padding == -window.net_padding
        there = {(y, x) for y in range(-40, 40) for x in window.read(y)}
        here = {(y, x) for x in range(-40, 40) for y in back.read(x)}
        inner = range(-8, 8)
        assert {(y, x) for y, x in there if y in inner and x in inner} == {
            (y, x) for y, x in here if y in inner and x in inner
        }


def test_what_is_read_behind_is_the_union_of_what_is_read() -> None:
    draw = random.Random(8)
    fixed = [window for _, window, _ in KINDS if not window.moves]
    for _ in range(200):
        first, second = draw.sample(fixed, 2)
        span = second.behind(first.behind())
        assert second.length_behind(first.behind()) == span.length
        for y in range(12):
            read = [x for z in second.read(y) for x in first.read(z)]
            assert list(span.reads(y)) == (list(range(min(read), max(read) + 1)) if read else [])


def test_nothing_is_cut_off_and_every_size_stays() -> None:
    for _, window, _ in KINDS:
        if not window.moves:
            assert min(window.uncropped.pads) >= 0
            assert window.uncropped.size_map == window.size_map


def test_a_padding_that_depends_on_a_long_stride_is_made_only_where_it_is_asked_for() -> None:
    window = Window(3, 10**12).padded(UPPER)
    assert window.size(10**13) == 10
    assert window.at(10**12).pads == (0, 0)
    assert window.at(10**12 + 1).pads == (1, 1)


def test_the_fields_are_anything_that_adds_and_multiplies() -> None:
    sympy = pytest.importorskip("sympy")
    letters: Any = sympy.symbols("n k s p d m", integer=True, positive=True)
    n, k, s, p, d, m = letters
    window = Window(k, s, p, p, d, m)
    assert window.net_padding.equals(2 * p - d * (k - 1))
    numbers = dict(zip(letters, (11, 3, 2, 1, 2, 3), strict=True))
    assert window.size(n).subs(numbers) == Window(3, 2, 1, 1, 2, 3).size(11)
    assert window.transposed.begin.subs(numbers) == Window(3, 2, 1, 1, 2, 3).transposed.begin
