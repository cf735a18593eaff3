"""What all tests share: one Hypothesis profile, and a bound on memory."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import settings

# The same examples on every run, and no clock.
settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=100)
settings.load_profile("fixed")


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
