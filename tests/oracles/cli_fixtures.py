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

ROOT = Path(__file__).resolve().parents[2]


class Run(NamedTuple):
    """Hold how a command ended and what it printed."""

    code: int
    out: str
    err: str


class TooMuch(BaseException):
    """Stop work that does not end; no `except Exception` of ours may catch it."""


@contextmanager
def bounded(calls: int) -> Iterator[None]:
    """Raise TooMuch after so many calls of functions: the same on any machine, busy or not."""
    left = calls

    def count(frame: object, event: str, _: object) -> None:
        nonlocal left
        left -= event in ("call", "c_call")
        if left < 0:
            raise TooMuch(f"no answer after {calls:,} calls")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)


@contextmanager
def ending() -> Iterator[None]:
    """Make a search without end one failure, not the end of all tests.

    What counts is the time of this process on the processor, not the clock.
    """

    def stop(*_: object) -> None:
        raise TooMuch("no answer in five minutes of work")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 300)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def run(*words: str) -> Run:
    """Run `convsolver words...` in this process, its output not a terminal."""
    # Files of text over bytes, as the real ones are: completion writes bytes.
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        ending(),
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
    return subprocess.run(command, timeout=600, check=False, **options)


def console(text: str) -> list[tuple[str, str]]:
    """Split a listing into its commands, each a line "$ ...", and what stands below each."""
    pieces = re.split(r"^(\$ .*)\n", text.strip("\n") + "\n", flags=re.MULTILINE)
    assert not pieces[0].strip(), "a listing starts with a command"
    return [(a, b.rstrip("\n")) for a, b in zip(pieces[1::2], pieces[2::2], strict=True)]
