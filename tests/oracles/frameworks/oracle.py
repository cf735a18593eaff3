"""Run one operation of a framework for real: the sizes that come out, or the refusal.

A row is {"fw", "op", "p", "in"}, ONNX adds "opset" and "kernel"; the answer is {"out": sizes}, or
{"out": None, "err": text} where the framework refuses. What else there is to say:

    "run"  what a real run gives, None where it refuses: Keras and TensorFlow announce sizes before
           they run; asked for with `real`, because a run takes far longer
    "si"   ONNX only: what shape inference says, None where it fails
    "ref"  ONNX only: what the reference evaluator gives, None where it fails

Frameworks are imported when they are used. Those that can take the interpreter down with them run
in a child process; what the row that killed it gave is "died".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from frameworks.child import DIED, Child

Row = dict[str, Any]
Answer = dict[str, Any]

#: The module that runs each framework, and whether it needs a process of its own.
ADAPTERS = {
    "torch": ("frameworks.run_torch", False),
    "jax": ("frameworks.run_jax", False),
    "flax": ("frameworks.run_flax", False),
    "keras-jax": ("frameworks.run_keras", True),
    "keras-tensorflow": ("frameworks.run_keras", True),
    "tf": ("frameworks.run_tf", True),
    "onnx": ("frameworks.run_onnx", True),
    "paddle": ("frameworks.run_paddle", True),
}
#: What must be importable to run each framework.
NEEDS = {
    "torch": ("torch",),
    "jax": ("jax",),
    "flax": ("flax", "jax"),
    "keras-jax": ("keras", "jax"),
    "keras-tensorflow": ("keras", "tensorflow"),
    "tf": ("tensorflow",),
    "onnx": ("onnx", "onnxruntime"),
    "paddle": ("paddle",),
}


def available(fw: str) -> bool:
    """Tell whether a framework can be run here."""
    return all(find_spec(package) for package in NEEDS[fw])


def answer(row: Row, real: bool = False) -> Answer:
    """Run one row, with a child process of its own where one is needed."""
    return next(answers([row], real))


def answers(rows: Iterable[Row], real: bool = False) -> Iterator[Answer]:
    """Run rows in order, with one child process per framework that needs one."""
    with ExitStack() as stack:
        children: dict[str, Child] = {}
        for row in rows:
            fw = row["fw"]
            if not ADAPTERS[fw][1]:
                yield run_here(row, real)
                continue
            if fw not in children:
                children[fw] = stack.enter_context(Child(fw))
            yield asked(children[fw], row, real)


def asked(child: Child, row: Row, real: bool) -> Answer:
    """Return what a child answers; where a real run kills it, what was announced still counts."""
    found = child.ask(row, real)
    if real and found["out"] == DIED:
        return child.ask(row, False) | {"run": DIED}
    return found


def run_here(row: Row, real: bool = False) -> Answer:
    """Run one row in this process."""
    found: Answer = import_module(ADAPTERS[row["fw"]][0]).run(row, real)
    return found
