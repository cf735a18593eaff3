"""The engine of the server: a process that answers one question after the other.

It is a process of its own, so that a question can be stopped, its memory is bounded, and a fence
stands around what it may do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from threading import Lock, Timer

#: Why a question has no answer.
_LATE = "limit: there was no answer in {} s: narrow the question"
_STOPPED = "limit: stopped"
#: How a line of the process begins that tells how far it is.
_PROGRESS = b"."
_NONE = b"null"


class NativeEngine:
    """Answer questions, in JSON as `solver.web.question`, within so many seconds each."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._late = False
        #: How far the question is that is being answered, in JSON; null where nothing is told.
        self.progress = _NONE
        # A process that is stopped leaves the files of its question behind.
        self._folder = tempfile.TemporaryDirectory(prefix="convsolver-")

    def ask(self, question: bytes) -> bytes:
        """The answer to a question; one that takes too long or is stopped ends with code 3."""
        with self._lock:
            process = self._started()
            self._late = False
            timer = Timer(self.seconds, self._expire)
            timer.start()
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                # In one line, as JSON may be written over several.
                process.stdin.write(question.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n")
                process.stdin.flush()
                while (found := process.stdout.readline()).startswith(_PROGRESS):
                    self.progress = found[len(_PROGRESS) :]
            except OSError:
                found = b""
            finally:
                timer.cancel()
                self.progress = _NONE
            if found.endswith(b"\n"):
                return found.rstrip(b"\n")
            self._end()
            why = _LATE.format(self.seconds) if self._late else _STOPPED
            return json.dumps({"code": 3, "out": "", "err": why}).encode()

    def stop(self) -> None:
        """End the question that is being answered."""
        if self._process is not None and self._lock.locked():
            self._process.kill()

    def close(self) -> None:
        """End the process, and take away what it left."""
        self._end()
        self._folder.cleanup()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _expire(self) -> None:
        self._late = True
        self.stop()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            # Absolute, and without the folder it runs in: no file of a question is ever imported.
            folder = self._folder.name
            path = os.pathsep.join(os.path.abspath(each) for each in sys.path if each)
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-B", "-m", "solver.web.fenced"],
                env={**os.environ, "PYTHONPATH": path, "COLUMNS": "80", "TMPDIR": folder},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._process
