"""What all tests share: one Hypothesis profile, a bound on memory, and when live tests skip."""

from __future__ import annotations

import tracemalloc
from importlib.util import find_spec

import pytest
from hypothesis import settings

# The same examples on every run, and no clock.
settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=100)
settings.load_profile("fixed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Skip a live test whose framework is not installed, wherever it imports it."""
    try:
        return (yield)
    except ModuleNotFoundError as fault:
        package = (fault.name or "solver").partition(".")[0]
        if item.get_closest_marker("live") is None or find_spec(package) is not None:
            raise
        pytest.skip(f"{package} is not installed")


@pytest.fixture
def little_memory():
    """Fail a test that ever holds more than a megabyte."""
    tracemalloc.start()
    try:
        yield
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 1_000_000
