"""The process that answers questions of the page: `python -m solver.web.fenced`.

A question comes in each line of the standard input, and its answer goes out in one line, after
lines that tell how far it is. A fence
of Python's own audit events stands around each question, whatever its words are: files are read
where the question put them or Python is installed, and nothing is written, started or connected.
"""

from __future__ import annotations

import json
import os
import signal
import site
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

import solver
from solver.web import question

#: How a line begins that is no answer yet.
_PROGRESS = "."
#: Bytes of memory that the process may take.
MEMORY = 4 << 30
#: What nothing that is asked here needs.
_REFUSED = ("subprocess.", "os.", "socket.", "shutil.", "ftplib.", "urllib.", "webbrowser.")
_HARMLESS = {"os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.putenv", "os.unsetenv"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC


class Fence:
    """Refuse, while it is up, what a question has no need of. It cannot be taken away."""

    def __init__(self) -> None:
        self.folder = ""  # of the question, while there is one
        # Not all of sys.path: what is installed is for all, a project on it is its owner's.
        ours = (os.path.dirname(each.__file__ or "") for each in (solver, click))
        there = (sys.prefix, sys.base_prefix, *site.getsitepackages(), *ours)
        self.installed = {os.path.realpath(each) for each in there if each}
        sys.addaudithook(self._check)

    @contextmanager
    def around(self, folder: str) -> Iterator[None]:
        """Let it be up; folder: where the files of the question are."""
        self.folder = os.path.realpath(folder)
        try:
            yield
        finally:
            self.folder = ""

    def _check(self, event: str, given: tuple[Any, ...]) -> None:
        if not self.folder:
            return
        if event == "open":
            path, _, flags = given
            if isinstance(path, int):
                return
            real = os.path.realpath(os.fsdecode(path))
            if isinstance(flags, int) and flags & _WRITES:
                raise PermissionError(1, "nothing is written for a page", real)
            if not any(
                os.path.commonpath((real, each)) == each for each in (self.folder, *self.installed)
            ):
                raise PermissionError(1, "a page reads only files that it sends", real)
        elif event.startswith(_REFUSED) and event not in _HARMLESS:
            raise PermissionError(1, "this is not done for a page", event)


def main() -> None:
    """Answer every line of the standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends it
    with suppress(ImportError, ValueError, OSError):  # where there are no such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    fence = Fence()

    def tell(what: str, done: int, total: int | None) -> None:
        write(_PROGRESS + json.dumps({"what": what, "done": done, "total": total}))

    def write(line: str) -> None:
        answers.write(line.encode() + b"\n")
        answers.flush()

    for line in sys.stdin.buffer:
        write(question.answered(line.decode("utf-8", "replace"), fence.around, tell))


if __name__ == "__main__":
    main()
