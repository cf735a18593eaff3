"""The paths of random programs against the programs themselves, at every size."""

from __future__ import annotations

import random
from itertools import product

import pytest
from programs import Runs, outcome, program, told

from solver.reading.paths import bridges
from solver.reading.paths import explore as exploring
from solver.reading.paths.decisions import Area
from solver.reading.paths.explore import explore

ONE = [(n,) for n in range(1, 201)]
TWO = [
    *product([1, 2, 5, 16, 31, 64, 65], [1, 3, 20, 64, 96]),
    *((n, n) for n in range(1, 150, 7)),
    *((random.Random(i).randint(1, 200), random.Random(-i).randint(1, 200)) for i in range(150)),
]


@pytest.mark.parametrize(("letters", "points"), [("n", ONE), ("hw", TWO)])
@pytest.mark.parametrize("block", range(4))
def test_random_programs(monkeypatch, letters, points, block):
    """Exactly one path covers each size, and says what happens there.

    Three runs a path, and as many for each decision that is found to part nothing.
    """
    joined = []
    crossed = bridges._crossed

    def counted(*given):
        made = crossed(*given)
        joined.append(made is not None)
        return made

    monkeypatch.setattr(bridges, "_crossed", counted)
    for seed in range(8 * block, 8 * block + 8):
        text, forward = program(seed, list(letters))
        runs = Runs(forward, list(letters))
        joined.clear()
        paths = explore(runs, list(letters))
        assert runs.count <= 4 * (len(paths.found) + len(joined)), text
        for point in points:
            values = dict(zip(letters, point, strict=True))
            there = [path for path in paths.found if path.region.holds(values)]
            nothing = any(region.holds(values) for region in paths.unknown)
            assert len(there) + nothing == 1, (text, point)
            if there and not there[0].run.lost:
                assert told(there[0].run, values) == outcome(forward, point), (text, point)


def followed(forward, letters="n"):
    runs = Runs(forward, list(letters))
    return explore(runs, list(letters)), runs


def test_state_kept_between_runs_is_found():
    kept = []

    def forward(put, n):
        kept.append(n)
        put(len(kept))
        put(n)

    (path,) = followed(forward)[0].found
    assert path.run.lost.startswith("put: it is other at other sizes")
    assert len(path.run.nodes) == 1  # the input; nothing behind it is known


def test_chance_is_found():
    r = random.Random(1)

    def forward(put, n):
        put(n)
        put(r.randint(1, 10**9))

    (path,) = followed(forward)[0].found
    assert path.run.lost
    assert len(path.run.nodes) == 2


def test_a_loop_over_a_size_is_found():
    def forward(put, n):
        for _ in range(n):
            put(n // 2)

    (path,) = followed(forward)[0].found
    assert path.run.lost


def test_a_loop_that_compares_has_as_many_paths_as_turns(monkeypatch):
    """Each path is for the sizes of its turns; behind the last path nothing is claimed."""
    most = 40
    monkeypatch.setattr(exploring, "MOST_PATHS", most)

    def forward(put, n):
        i = 0
        while i * 8 < n:
            put(n - i * 8)
            i += 1

    paths, runs = followed(forward)
    assert len(paths.found) == most
    assert runs.count <= 4 * most
    covered = 0
    for n in range(1, 9 * most, 2):  # a turn takes 8 sizes
        there = [path for path in paths.found if path.region.holds({"n": n})]
        covered += len(there)
        if there:
            assert told(there[0].run, {"n": n}) == outcome(forward, [n])
        else:
            assert any(region.holds({"n": n}) for region in paths.unknown)
    assert covered >= 4 * most


def test_what_is_longer_than_the_limit_is_not_claimed(monkeypatch):
    """The steps of all runs are bounded, not only the paths."""
    most = 20_000
    monkeypatch.setattr(exploring, "MOST_STEPS", most)

    def forward(put, n):
        for _ in range(most // 20):
            put(n)
        for modulus in (2, 3, 5, 7, 11):
            put(n + (n % modulus == 0))

    paths, runs = followed(forward)
    assert paths.found
    assert paths.unknown
    assert runs.count < 30
    for n in range(1, 300):
        there = [path for path in paths.found if path.region.holds({"n": n})]
        assert len(there) + any(region.holds({"n": n}) for region in paths.unknown) == 1


def test_regions():
    """What is left of all sizes is what was decided, and its maps leave it as it is."""
    for seed in range(20):
        _, forward = program(seed, ["h", "w"])
        paths = explore(Runs(forward, ["h", "w"]), ["h", "w"])
        for region in [path.region for path in paths.found]:
            inside, point = region.inside, region.point({"h": 64, "w": 80})
            assert point is None or region.holds(point)
            for letter, size_map in inside.items():
                span = region.box[letter].sizes
                assert all(size_map(n) == n for n in range(1, 120) if n in span)
    assert Area.every("n").point({"n": 7}) == {"n": 7}
