"""The inputs of the frameworks' own tests, as their authors spell them, and what they gave."""

from __future__ import annotations

from typing import Any

import pytest
from frameworks.recorded import rows

from solver.errors import SolverError
from solver.frameworks import layer


def ours(name: str, row: dict[str, Any]) -> list[int] | None:
    try:
        found = layer(name, row["op"], **row["p"]).size(row["in"])
    except SolverError:
        return None
    return list(found)


@pytest.mark.parametrize("name", ["torch", "keras", "onnx"])
def test_every_input_of_a_framework_s_own_tests_is_reproduced(name: str) -> None:
    found = list(rows(f"suites-{name}"))
    assert len(found) > 70
    assert not [row | {"ours": ours(name, row)} for row in found if ours(name, row) != row["out"]]
