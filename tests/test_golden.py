"""Everything that commands print, in every format, is what was recorded, to the letter."""

from __future__ import annotations

import re

import pytest
from golden import HOME, commands, printed


def recorded() -> dict[str, str]:
    """What each command printed when it was recorded."""
    pages = (path.read_text(encoding="utf-8") for path in sorted(HOME.glob("*.txt")))
    pieces = (
        piece
        for page in pages
        for piece in re.split(r"^(?=\$ (?:COLUMNS=\d+ )?convsolver )", page, flags=re.M)
    )
    return {piece.partition("\n")[0].removeprefix("$ "): piece for piece in pieces if piece}


RECORDED = recorded()


@pytest.mark.parametrize("command", [command for _, command in commands()])
def test_what_is_printed_is_what_was_recorded(command):
    assert printed(command) == RECORDED[command]


def test_nothing_recorded_is_left_out():
    assert set(RECORDED) == {command for _, command in commands()}
