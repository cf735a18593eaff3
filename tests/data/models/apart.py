"""Run a function on many tasks, each in a process of its own that may hang, die or take too much.

Processes are forked, so that what is imported before is not imported again for each.
"""

from __future__ import annotations

import gc
import os
import pickle
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any

#: Bytes that one process may take for data.
MOST_BYTES = 7 << 30


def apart(
    task: Callable[[Any], Any], given: Iterable[Any], seconds: float, jobs: int = 1
) -> Iterator[tuple[Any, Any]]:
    """Yield each of what is given with what the task made of it, as they end.

    What a task raises, or that it was stopped after so many seconds, comes back as an Exception.
    """
    waiting = list(reversed(list(given)))
    running = dict[int, tuple[Any, int, float, list[bytes]]]()
    while waiting or running:
        while waiting and len(running) < jobs:
            pid, pipe = _forked(task, one := waiting.pop())
            running[pipe] = one, pid, time.monotonic() + seconds, []
        ready, _, _ = select.select(list(running), [], [], 1.0)
        for pipe in list(running):
            one, pid, until, parts = running[pipe]
            late = time.monotonic() > until
            if pipe in ready and (part := os.read(pipe, 1 << 16)):
                parts.append(part)
                continue
            if pipe in ready or late:
                os.kill(pid, signal.SIGKILL)
                os.close(pipe)
                _, status = os.waitpid(pid, 0)
                del running[pipe]
                yield one, _said(b"".join(parts), late, seconds, status)


def _said(data: bytes, late: bool, seconds: float, status: int) -> Any:
    if late:
        return TimeoutError(f"stopped after {seconds} s")
    if not data:
        return ChildProcessError(f"died with status {status}")
    return pickle.loads(data)


def _forked(task: Callable[[Any], Any], one: Any) -> tuple[int, int]:
    sys.stdout.flush()
    gc.freeze()
    there, here = os.pipe()
    pid = os.fork()
    if pid:
        os.close(here)
        return pid, there
    os.close(there)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        found = pickle.dumps(task(one))
    except BaseException as fault:  # whatever a model raises
        lines = traceback.format_exception(fault)[-4:]
        found = pickle.dumps(RuntimeError("".join(lines)))
    with os.fdopen(here, "wb") as pipe:
        pipe.write(found)
    os._exit(0)
