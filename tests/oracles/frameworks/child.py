"""Run rows in a child process that may die, and is started again when it does.

The child is this file, run as a script with the name of a framework. It reads one row a line as
JSON and writes one answer a line, on a copy of its standard output: whatever a library prints goes
nowhere.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

ORACLES = Path(__file__).parents[1]
DIED = "died"  # the answer to a row that kills its child, or that it never answers
PATIENCE = 120.0  # seconds for one row, the first of a child too, which imports the framework

#: What the child finds in its environment; the backend of Keras is chosen once per process.
QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "JAX_PLATFORMS": "cpu",
}
BACKENDS = {"keras-jax": "jax", "keras-tensorflow": "tensorflow"}


class Child:
    """Hold a child process for one framework."""

    def __init__(self, fw: str) -> None:
        self.fw = fw
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ask(self, row: dict[str, Any], real: bool) -> dict[str, Any]:
        """Return the answer to a row; DIED if there is none."""
        if self.process is None:
            self.process = self.start()
        line = self.exchange(self.process, json.dumps({"row": row, "real": real}) + "\n")
        if not line:
            self.stop()
            return {"out": DIED}
        found: dict[str, Any] = json.loads(line)
        return found

    @staticmethod
    def exchange(process: subprocess.Popen[bytes], line: str) -> bytes:
        """Send a line and return the one that comes back, empty if none does."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(line.encode())
            process.stdin.flush()
        except BrokenPipeError:
            return b""
        ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
        return process.stdout.readline() if ready else b""

    def start(self) -> subprocess.Popen[bytes]:
        """Start the child."""
        environment = os.environ | QUIET
        if self.fw in BACKENDS:
            environment["KERAS_BACKEND"] = BACKENDS[self.fw]
        return subprocess.Popen(
            [sys.executable, __file__, self.fw],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    def stop(self) -> None:
        """End the child, if there is one."""
        if self.process is None:
            return
        self.process.kill()
        self.process.communicate()
        self.process = None


def serve() -> None:
    """Answer rows until there are no more."""
    # Answers go to a copy of standard output; what libraries print goes where errors go.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path[0] = str(ORACLES)
    from frameworks.oracle import run_here

    for line in sys.stdin:
        asked = json.loads(line)
        replies.write(json.dumps(run_here(asked["row"], asked["real"])) + "\n")
        replies.flush()


if __name__ == "__main__":
    serve()
