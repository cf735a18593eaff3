"""A fixture of pytest that reads networks: `pytest_plugins = "solver.testing.plugin"`.

No entry point loads it, since pytest would do so in every project of an environment, also in one
that has a `solver` of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from solver.network.network import Network


@pytest.fixture(scope="session")
def read_network(pytestconfig: pytest.Config) -> Callable[..., Network]:
    """A function that reads the network in a file below the root of the tests, as `solver.read`.

    Wherever the tests are started, read_network("models/unet.py") is the same file.
    """

    def read_network(name: str, **told: Any) -> Network:
        from solver.reading.entry import read  # tests that do not ask for it pay nothing

        return read(pytestconfig.rootpath / name, **told)

    return read_network
