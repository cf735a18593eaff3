"""What pytest finds by itself where convsolver is installed: a fixture that reads networks.

It stands beside the package and imports it only for a test that asks, since pytest loads it in
every project, also in one that has a `solver` of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from solver import Network


@pytest.fixture(scope="session")
def read_network(pytestconfig: pytest.Config) -> Callable[..., Network]:
    """A function that reads the network in a file below the root of the tests, as `solver.read`.

    Wherever the tests are started, read_network("models/unet.py") is the same file. Fails where
    `solver` is a module of the project.
    """
    try:
        from solver.reading.entry import read
    except ImportError:
        import solver

        pytest.fail(
            "the module `solver` must be that of convsolver\n"
            f"  received: {solver.__file__ or list(solver.__path__)}\n"
            "  right:    a test that runs `convsolver network FILE --require CONDITION`",
            pytrace=False,
        )

    def read_network(name: str, **told: Any) -> Network:
        return read(pytestconfig.rootpath / name, **told)

    return read_network
