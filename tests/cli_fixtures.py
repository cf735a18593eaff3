"""Run the command line, in this process or as a person's shell does."""

from __future__ import annotations

import io
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from solver.cli import main

ROOT = Path(__file__).resolve().parents[1]


class Run(NamedTuple):
    """Hold how a command ended and what it printed."""

    code: int
    out: str
    err: str


class TooSlow(BaseException):
    """Stop a command that does not come back; no `except Exception` of ours may catch it."""


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Raise TooSlow after this time, so that a search without end is one failure, not all."""

    def stop(*_: object) -> None:
        raise TooSlow(f"no answer after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def run(*words: str) -> Run:
    """Run `convsolver words...` in this process, its output not a terminal."""
    # Files of text over bytes, as the real ones are: completion writes bytes.
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        bounded(30),
        mock.patch.object(sys, "argv", ["convsolver", *words]),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as stop:
            printed = (file.buffer.getvalue().decode() for file in (out, err))
            return Run(int(stop.code or 0), *printed)
    raise AssertionError("the command line must end with an exit code")


def line(command: str) -> Run:
    """Run one line as it would be typed: `$ convsolver size conv n -k 3`."""
    words = shlex.split(command.removeprefix("$ "))
    assert words[0] == "convsolver", f"not a command of ours: {command}"
    return run(*words[1:])


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of a child process: this checkout, and no word about colours."""
    kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


def spawn(*words: Any, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run `python -m solver words...` as a process of its own; words may be bytes."""
    options = {"env": environment(), "capture_output": True, "encoding": "utf-8", **options}
    command = [sys.executable, "-W", "error", "-m", "solver", *words]
    return subprocess.run(command, timeout=60, check=False, **options)


def console(text: str) -> list[tuple[str, str]]:
    """Split a listing into its commands, each a line "$ ...", and what stands below each."""
    pieces = re.split(r"^(\$ .*)\n", text.strip("\n") + "\n", flags=re.MULTILINE)
    assert not pieces[0].strip(), "a listing starts with a command"
    return [(a, b.rstrip("\n")) for a, b in zip(pieces[1::2], pieces[2::2], strict=True)]
