"""The same questions, put to us and to what one could use instead.

Each function answers one question the way a competent user of its library would write it. `run.py`
compares all answers before it times anything. The questions are about a convolution with the same
padding p at both ends, kernel size k, stride s and dilation d in a box:

    which (k, s, p, d) take 224 to 112?            (INPUT, OUTPUT)
    which of them take n to n/2 for every even n?  every one at which the kernel fits
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, product
from math import lcm
from typing import Any, NamedTuple

from solver import Conv, solve

Row = tuple[int, int, int, int]  # k, s, p, d

INPUT, OUTPUT = 224, 112


class Box(NamedTuple):
    """Hold the range of each hyperparameter."""

    k: range
    s: range
    p: range
    d: range

    @classmethod
    def up_to(cls, k: int, s: int, p: int, d: int) -> Box:
        return cls(range(1, k + 1), range(1, s + 1), range(p + 1), range(1, d + 1))

    @property
    def named(self) -> dict[str, Any]:
        return {"kernel_size": self.k, "stride": self.s, "padding": self.p, "dilation": self.d}

    def __str__(self) -> str:
        return f"k <= {self.k[-1]}, s <= {self.s[-1]}, p <= {self.p[-1]}, d <= {self.d[-1]}"


LARGE = Box.up_to(64, 32, 64, 16)
HUGE = Box.up_to(512, 128, 256, 64)
#: Only for us.
VAST = {
    "kernel_size up to 10^9": {"kernel_size": range(1, 10**9 + 1)},
    "kernel_size and padding up to 2*10^11": {
        "kernel_size": range(1, 2 * 10**11 + 1),
        "padding": range(2 * 10**11 + 1),
    },
    "all four up to 1,000": {
        name: range(1, 1001) for name in ("kernel_size", "stride", "padding", "dilation")
    },
}


def size(n: Any, k: Any, s: Any, p: Any, d: Any) -> Any:
    """Return the output size, as everybody writes it."""
    return (n + 2 * p - d * (k - 1) - 1) // s + 1


# Ours: the whole question every time, from the arguments of `solve` to the last row.


def ours(box: Box) -> list[Any]:
    return list(solve(Conv, INPUT, OUTPUT, **box.named).rows())


def ours_count(box: Box) -> int:
    return solve(Conv, INPUT, OUTPUT, **box.named).count()


def ours_ranked(box: Box) -> list[Any]:
    """Layers, best first, as most people ask."""
    return list(solve(Conv, INPUT, OUTPUT, **box.named))


def ours_best(box: Box) -> list[Any]:
    return solve(Conv, INPUT, OUTPUT, **box.named).best(10)


def ours_every_n(box: Box) -> list[Any]:
    return list(solve(Conv, "n", "n/2", **box.named).rows())


#: Ways to write n/2, more than are remembered, so that each is read anew.
_SPELLINGS = cycle([f"n{' ' * i}/{' ' * j}2" for i in range(40) for j in range(40)])


def ours_every_n_new(box: Box) -> list[Any]:
    """The same in words that were not read before: what is read is remembered."""
    return list(solve(Conv, "n", next(_SPELLINGS), **box.named).rows())


def ours_every_n_first(box: Box) -> Any:
    """The first answer in words that were not read before: the fixed cost of a question."""
    return next(solve(Conv, "n", next(_SPELLINGS), **box.named).rows())


def ours_every_n_count(box: Box) -> int:
    return solve(Conv, "n", "n/2", **box.named).count()


# Loops in Python.


def loops(box: Box) -> list[Row]:
    return [
        (k, s, p, d)
        for k in box.k
        for s in box.s
        for p in box.p
        for d in box.d
        if (INPUT + 2 * p - d * (k - 1) - 1) // s + 1 == OUTPUT
    ]


# NumPy: the formula over the whole box, in chunks of strides so that it fits the memory.

_CELLS = 2**24


def _numpy_chunks(box: Box) -> Iterator[Any]:
    import numpy as np

    at_once = max(1, _CELLS // (len(box.k) * len(box.p) * len(box.d)))
    for first in range(0, len(box.s), at_once):
        parts = box._replace(s=box.s[first : first + at_once])
        yield parts, size(INPUT, *np.ix_(*map(np.array, parts))) == OUTPUT


def numpy(box: Box) -> Any:
    import numpy as np

    found = []
    for parts, hits in _numpy_chunks(box):
        places = np.nonzero(hits)
        columns = [np.array(part)[at] for part, at in zip(parts, places, strict=True)]
        found.append(np.column_stack(columns))
    return np.concatenate(found)


def numpy_count(box: Box) -> int:
    import numpy as np

    return sum(int(np.count_nonzero(hits)) for _, hits in _numpy_chunks(box))


def _numerator(box: Box, kind: str) -> Any:
    import numpy as np

    k, p, d = np.ix_(*(np.array(part, dtype=kind) for part in (box.k, box.p, box.d)))
    return INPUT + 2 * p - d * (k - 1) - 1


def numpy_by_stride(box: Box, kind: str = "int64") -> Any:
    """By hand: the numerator once, and for each stride one division and one comparison."""
    import numpy as np

    found, numerator = [], _numerator(box, kind)
    for s in box.s:
        k, p, d = np.nonzero(numerator // s + 1 == OUTPUT)
        stride = np.full(len(k), s)
        found.append(np.column_stack((k + box.k[0], stride, p + box.p[0], d + box.d[0])))
    return np.concatenate(found)


def numpy_by_stride_count(box: Box, kind: str = "int64") -> int:
    import numpy as np

    numerator = _numerator(box, kind)
    return sum(int(np.count_nonzero(numerator // s + 1 == OUTPUT)) for s in box.s)


def numpy_int32(box: Box) -> Any:
    """The same in numbers half as wide."""
    return numpy_by_stride(box, "int32")


def numpy_int32_count(box: Box) -> int:
    return numpy_by_stride_count(box, "int32")


def numpy_histogram_count(box: Box) -> int:
    """The best NumPy can do to count: how often each numerator comes, summed up once."""
    import numpy as np

    numerator = _numerator(box, "int64").ravel()
    least = int(numerator.min())
    below = np.concatenate(([0], np.bincount(numerator - least).cumsum()))
    ends = [((OUTPUT - 1) * s - least, OUTPUT * s - least) for s in box.s]
    return sum(int(np.diff(below[np.clip(pair, 0, len(below) - 1)])[0]) for pair in ends)


def _far(box: Box) -> int:
    """Return an even n at which every kernel fits."""
    return 2 * box.d[-1] * box.k[-1]


def numpy_every_n(box: Box) -> Any:
    """Check the even n of one period, and the next one for the slope."""
    import numpy as np

    k, p, d = np.ix_(*map(np.array, (box.k, box.p, box.d)))
    found = []
    for s in box.s:
        n = _far(box) + np.arange(0, lcm(s, 2) + 2, 2)[:, None, None, None]
        i, j, h = np.nonzero((size(n, k, s, p, d) == n // 2).all(axis=0))
        stride = np.full(len(i), s)
        found.append(np.column_stack((i + box.k[0], stride, j + box.p[0], h + box.d[0])))
    return np.concatenate(found)


def numpy_every_n_tuned(box: Box) -> Any:
    """Tuned by hand: check n by n, and drop at once what fails."""
    import numpy as np

    k, p, d = (part.ravel() for part in np.meshgrid(box.k, box.p, box.d, indexing="ij"))
    numerator = 2 * p - d * (k - 1) - 1
    found = []
    for s in box.s:
        left, net = np.arange(len(k)), numerator
        for n in range(_far(box), _far(box) + lcm(s, 2) + 2, 2):
            keep = (n + net) // s + 1 == n // 2
            left, net = left[keep], net[keep]
        found.append(np.column_stack((k[left], np.full(len(left), s), p[left], d[left])))
    return np.concatenate(found)


def numpy_every_n_told(box: Box) -> Any:
    """The same by somebody who knows that the stride must be 2."""
    return numpy_every_n_tuned(box._replace(s=range(2, 3)))


# OR-Tools CP-SAT: a product, a division, and all solutions.


def cp_sat(box: Box) -> list[Row]:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    k, s, p, d = (
        model.new_int_var(part[0], part[-1], name) for part, name in zip(box, "kspd", strict=True)
    )
    reach = model.new_int_var(0, (box.k[-1] - 1) * box.d[-1], "reach")
    room = model.new_int_var(0, INPUT + 2 * box.p[-1], "room")
    model.add_multiplication_equality(reach, [d, k - 1])
    model.add(room == INPUT + 2 * p - reach - 1)
    model.add_division_equality(OUTPUT - 1, room, s)

    class Collect(cp_model.CpSolverSolutionCallback):
        def __init__(self) -> None:
            super().__init__()
            self.found: list[Row] = []

        def on_solution_callback(self) -> None:
            self.found.append((self.value(k), self.value(s), self.value(p), self.value(d)))

    solver = cp_model.CpSolver()
    solver.parameters.enumerate_all_solutions = True
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 0  # several times as fast here
    collect = Collect()
    status = solver.solve(model, collect)
    assert status == cp_model.OPTIMAL
    return collect.found


# z3: linear arithmetic for each dilation; every model found is excluded, until there is none.


def _z3_boxed(box: Box) -> Any:
    import z3

    k, s, p = z3.Ints("k s p")
    solver = z3.SolverFor("QF_LIA")
    for variable, part in zip((k, s, p), box[:3], strict=True):
        solver.add(part[0] <= variable, variable <= part[-1])
    return solver, k, s, p


def z3(box: Box) -> list[Row]:
    import z3

    found = []
    for d in box.d:
        solver, *unknown = _z3_boxed(box)
        k, s, p = unknown
        room = INPUT + 2 * p - d * (k - 1) - 1
        solver.add((OUTPUT - 1) * s <= room, room <= OUTPUT * s - 1)
        while solver.check() == z3.sat:
            model = solver.model()
            values = [model[variable].as_long() for variable in unknown]
            found.append((*values, d))
            solver.add(z3.Or([x != value for x, value in zip(unknown, values, strict=True)]))
    return found


def z3_every_n(box: Box) -> list[Row]:
    """For all by counterexamples: guess a layer, refute it for some even n, learn from that n."""
    import z3

    h, room = z3.Ints("h room")  # n is 2h
    refute = z3.SolverFor("QF_LIA")
    refute.add(h >= 1, room >= 0)
    found = []
    for d in box.d:
        solver, *unknown = _z3_boxed(box)
        k, s, p = unknown
        # Large n teach most: every kernel fits, and only the right stride is left.
        lessons = [_far(box), 2 * _far(box)]
        while True:
            for n in lessons:
                at_n = n + 2 * p - d * (k - 1) - 1
                right = z3.And((n // 2 - 1) * s <= at_n, at_n <= n // 2 * s - 1)
                solver.add(z3.Or(at_n < 0, right))
            if solver.check() != z3.sat:
                break
            model = solver.model()
            k0, s0, p0 = values = [model[variable].as_long() for variable in unknown]
            refute.push()
            refute.add(room == 2 * h + 2 * p0 - d * (k0 - 1) - 1)
            refute.add(room / s0 + 1 != h)  # `/` is the floor for a positive divisor
            if refute.check() == z3.sat:
                lessons = [2 * refute.model()[h].as_long()]
            else:
                lessons = []
                found.append((k0, s0, p0, d))
                solver.add(z3.Or([x != value for x, value in zip(unknown, values, strict=True)]))
            refute.pop()
    return found


# islpy: for each dilation the layers are the integer points of one set.


def _isl_box(box: Box) -> str:
    k, s, p, _ = box
    return f"{k[0]} <= k <= {k[-1]} and {s[0]} <= s <= {s[-1]} and {p[0]} <= p <= {p[-1]}"


def _isl_sets(box: Box) -> Iterator[tuple[int, Any]]:
    import islpy as isl

    for d in box.d:
        room = f"{INPUT - 1} + 2*p - {d}*(k - 1)"
        text = f"{OUTPUT - 1}*s <= {room} and {room} <= {OUTPUT}*s - 1"
        yield d, isl.Set(f"{{ [k, s, p] : {_isl_box(box)} and {text} }}")


def _isl_points(points: Any, names: int) -> list[tuple[int, ...]]:
    import islpy as isl

    found: list[tuple[int, ...]] = []

    def collect(point: Any) -> None:
        found.append(
            tuple(point.get_coordinate_val(isl.dim_type.set, i).to_python() for i in range(names))
        )

    points.foreach_point(collect)
    return found


def islpy(box: Box) -> list[Row]:
    return [(*point, d) for d, points in _isl_sets(box) for point in _isl_points(points, 3)]


def islpy_count(box: Box) -> int:
    return sum(points.count_val().to_python() for _, points in _isl_sets(box))


def islpy_every_n(box: Box) -> list[Row]:
    """Take away the (k, p) with some even n that fits and goes wrong; s and d must be numbers."""
    import islpy as isl

    k, _, p, _ = box
    every = isl.Set(f"{{ [k, p] : {k[0]} <= k <= {k[-1]} and {p[0]} <= p <= {p[-1]} }}")
    found = []
    for s, d in product(box.s, box.d):
        room = f"(2*h - 1 + 2*p - {d}*(k - 1))"
        wrong = isl.Set(
            f"{{ [k, p] : exists h : h >= 1 and {room} >= 0 and floor({room}/{s}) + 1 != h }}"
        )
        points = _isl_points(every - wrong, 2)
        found += [(kernel, s, padding, d) for kernel, padding in points]
    return found


def islpy_every_n_told(box: Box) -> list[Row]:
    """The same by somebody who knows that the stride must be 2."""
    return islpy_every_n(box._replace(s=range(2, 3)))


class Peer(NamedTuple):
    """Hold one way to answer: its name, the package it needs (or ""), and the function."""

    name: str
    package: str
    answer: Callable[[Box], Any]


class Target(NamedTuple):
    """Hold how many times as fast as a peer one of ours is meant to be."""

    ours: str
    peer: str
    times: int


class Task(NamedTuple):
    """Hold one question: its title, the box, the peers, ours first, and what is aimed at."""

    title: str
    box: Box
    peers: tuple[Peer, ...]
    targets: tuple[Target, ...] = ()


_LISTING = (
    Peer("convsolver", "", ours),
    Peer("convsolver, ranked layers", "", ours_ranked),
    Peer("NumPy", "numpy", numpy),
    Peer("NumPy, by stride", "numpy", numpy_by_stride),
    Peer("NumPy, by stride, int32", "numpy", numpy_int32),
    Peer("CP-SAT", "ortools", cp_sat),
    Peer("islpy", "islpy", islpy),
    Peer("z3", "z3-solver", z3),
)
_COUNTING = (
    Peer("convsolver", "", ours_count),
    Peer("NumPy", "numpy", numpy_count),
    Peer("NumPy, by stride", "numpy", numpy_by_stride_count),
    Peer("NumPy, by stride, int32", "numpy", numpy_int32_count),
    Peer("NumPy, histogram", "numpy", numpy_histogram_count),
    Peer("islpy", "islpy", islpy_count),
)
_EVERY_N = (
    Peer("convsolver", "", ours_every_n),
    Peer("convsolver, words read anew", "", ours_every_n_new),
    Peer("NumPy, one period", "numpy", numpy_every_n),
    Peer("NumPy, tuned", "numpy", numpy_every_n_tuned),
    Peer("NumPy, told s = 2", "numpy", numpy_every_n_told),
    Peer("islpy", "islpy", islpy_every_n),
    Peer("islpy, told s = 2", "islpy", islpy_every_n_told),
    Peer("z3", "z3-solver", z3_every_n),
)
_LONG = ("NumPy, one period", "NumPy, tuned", "z3")  # hours on the huge box
_EVERY_N_HUGE = tuple(peer for peer in _EVERY_N if peer.name not in _LONG)
_SIZES = f"{INPUT} -> {OUTPUT}"
_ROWS, _RANKED, _STRIDE = "convsolver", "convsolver, ranked layers", "NumPy, by stride"
#: Of the ten best, beside a list.
BEST = {LARGE: Target("convsolver, best ten", _STRIDE, 15)}
BEST[HUGE] = BEST[LARGE]._replace(times=2000)
#: What a question for every n costs from words that are read anew to its first answer, in seconds.
FIXED = 60e-6

TASKS = {
    "large": Task(
        f"list {_SIZES}",
        LARGE,
        (*_LISTING, Peer("Python loops", "", loops)),
        (Target(_ROWS, _STRIDE, 20), Target(_RANKED, _STRIDE, 2)),
    ),
    "huge": Task(
        f"list {_SIZES}",
        HUGE,
        _LISTING,
        (Target(_ROWS, _STRIDE, 1300), Target(_RANKED, _STRIDE, 80)),
    ),
    "count-large": Task(f"count {_SIZES}", LARGE, _COUNTING, (Target(_ROWS, _STRIDE, 25),)),
    "count-huge": Task(f"count {_SIZES}", HUGE, _COUNTING, (Target(_ROWS, _STRIDE, 2500),)),
    "every-n": Task("list n -> n/2 for every even n", LARGE, _EVERY_N),
    "every-n-huge": Task(
        "list n -> n/2 for every even n",
        HUGE,
        _EVERY_N_HUGE,
        (Target(_ROWS, "NumPy, told s = 2", 250), Target(_ROWS, "islpy", 3000)),
    ),
    "count-every-n": Task(
        "count n -> n/2 for every even n", LARGE, (Peer("convsolver", "", ours_every_n_count),)
    ),
}


def _row(layer: Conv) -> Row:
    k, s, p, _, d, _ = layer.numbers()
    return k, s, p, d


def normal(answer: Any) -> Any:
    """Return an answer as a number or a set of rows, whoever gave it; no row may come twice."""
    if isinstance(answer, int):
        return answer
    answer = answer.tolist() if hasattr(answer, "tolist") else answer
    rows = [
        each.numbers()[:2] + each.numbers()[3:5] if isinstance(each, Conv) else tuple(each)
        for each in answer
    ]
    if rows and isinstance(rows[0][0], tuple):
        rows = [row[:4] for (row,) in rows]  # ours also hold output_padding and input
    assert len(set(rows)) == len(rows), "a solution is listed twice"
    return set(rows)
