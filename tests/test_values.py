"""Values are values: equal and hashed by what they say, pickled, with words that never change."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from functools import cached_property
from pathlib import Path

import pytest
from cli_fixtures import environment
from values import ASKED, MADE, VALUES

from solver import Choice, Conv, MaxPool, SizeError, SolverError, Space, repeat, trace
from solver.reading import read

NAMES = [*MADE, *VALUES]
#: What else holds nothing that is a value: tables of functions, and what is worked out from them.
NO_VALUES = ("Row", "Argument", "Ranking", "Automaton", "AutomatonState", "Component")
ADDRESS = re.compile(r" at 0x|<function|<lambda|<bound|object at")


def make(name):
    return (MADE | VALUES)[name]()


def same(one, other, asked):
    """Require that two values are one in every way."""
    assert one == other, asked
    assert repr(one) == repr(other), asked
    for words in (repr(one), str(one)):
        assert not ADDRESS.search(words), (asked, words[:300])
    if not isinstance(one, (list, dict)):
        assert hash(one) == hash(other), asked


@pytest.mark.parametrize("name", NAMES)
def test_what_is_made_again_is_equal(name):
    one = make(name)
    if isinstance(one, SolverError):  # a message, not a value; Python compares it as itself
        assert str(pickle.loads(pickle.dumps(one))) == str(one)
        return
    same(one, make(name), name)
    same(one, pickle.loads(pickle.dumps(one)), name)


@pytest.mark.parametrize("name", MADE)
def test_what_is_found_of_a_network_is_a_value(name):
    for word, ask in ASKED.items():
        try:
            one, other = ask(make(name)), ask(make(name))
        except SolverError:
            continue
        same(one, other, (name, word))
        same(one, pickle.loads(pickle.dumps(one)), (name, word))


def test_values_differ_where_what_they_say_does():
    differ = [make(name) for name in NAMES if name not in ("fault", "shards")]
    differ = [value for value in differ if not isinstance(value, list)]
    for i, one in enumerate(differ):
        for other in differ[:i]:
            assert one != other
    assert len({*differ}) == len(differ)


def test_words_for_the_same_are_the_same_value():
    assert Choice(Conv, {1, 3}, "1,2") == Choice("conv", [3, 1], range(1, 3))
    assert Choice(Conv, 3, padding={(0, 1), (1, 0)}) == Choice(Conv, 3, padding={(1, 0), (0, 1)})
    assert Choice(Conv, {1, 3}) != Choice(Conv, {1, 3}, bias=False)
    assert repeat(MaxPool(2), "0..1") == repeat(MaxPool(2), range(2))
    layers = [Choice(Conv, {1, 3}), MaxPool(2)]
    assert Space(layers, 20, "4..6") == Space(tuple(layers), 20, "4..6", max_states=10**5)
    assert Space(layers, 20, "4..6") != Space(layers, 20, "4..6", depth=2)
    assert {Space(layers, 20, "4..6"): 1}[Space(layers, 20, "4..6")] == 1
    assert trace(Conv(3)) == trace(lambda x: Conv(3)(x)) != trace(Conv(3), axes=1)
    once = read("nn.Upsample(scale_factor=2)")
    before = hash(once)
    once.formula()  # what is worked out on the way changes nothing
    assert (hash(once), once) == (before, read("nn.Upsample(scale_factor=2)"))


CHILD = """
import pickle, sys
from values import ASKED, MADE, VALUES
from test_values import same
for name, text, data in pickle.load(sys.stdin.buffer):
    other = (MADE | VALUES)[name]()
    one = pickle.loads(data)
    assert repr(one) == text, name
    same(one, other, name)
"""


def test_another_process_has_the_same_values():
    """Words hash differently there, and nothing is imported before what is pickled asks for it."""
    sent = []
    for name in NAMES:
        value = make(name)
        if not isinstance(value, SolverError):
            sent.append((name, repr(value), pickle.dumps(value)))
    tests = Path(__file__).parent
    path = f"{tests.parent}:{tests}:{tests / 'oracles'}"
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=pickle.dumps(sent),
        env=environment(PYTHONPATH=path, PYTHONHASHSEED="7"),
        capture_output=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]


def parts(value):
    """Yield what a value shows of itself."""
    kind = type(value)
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, (list, tuple, set, frozenset)) and not hasattr(value, "_fields"):
        yield from value
    elif kind.__module__.startswith("solver"):
        names = {*getattr(value, "_fields", ()), *getattr(value, "__dict__", ())}
        for each in kind.__mro__:
            shown = (property, cached_property)
            names |= {name for name, held in vars(each).items() if isinstance(held, shown)}
        for name in sorted(name for name in names if not name.startswith("_")):
            try:
                yield getattr(value, name)
            except (SolverError, AttributeError):
                continue


def test_what_values_hold_are_values_all_the_way_down():
    """Of each kind some forty, wherever they turn up: hashed, pickled, equal, no address shown."""
    seen: dict[type, int] = {}

    def walk(value, name, depth):
        kind = type(value)
        if kind.__module__.startswith("solver"):
            seen[kind] = seen.get(kind, 0) + 1
            if seen[kind] > 40 or isinstance(value, SolverError):
                return
            assert not ADDRESS.search(repr(value)), (name, kind)
            if kind.__name__ in NO_VALUES:
                return
            same(value, pickle.loads(pickle.dumps(value)), (name, kind))
        if depth:
            for part in parts(value):
                walk(part, name, depth - 1)

    for name in NAMES:
        if name != "n":  # SymPy's
            walk(make(name), name, 4)
        if name in MADE:
            for word, ask in ASKED.items():
                try:
                    walk(ask(make(name)), (name, word), 4)
                except SizeError:
                    continue
                except SolverError:
                    continue
    assert len(seen) > 60


@pytest.mark.live
def test_networks_of_live_modules_are_values():
    nn = pytest.importorskip("torch").nn
    from solver.reading.live import live

    def module():
        return nn.Sequential(
            nn.Conv2d(3, 8, 3), nn.Upsample(scale_factor=2), nn.ZeroPad2d(1), nn.MaxPool2d(2)
        )

    one = live(module(), channels=3, axes=2)
    same(one, live(module(), channels=3, axes=2), "live")
    same(one, pickle.loads(pickle.dumps(one)), "live")
