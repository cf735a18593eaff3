"""Run generated code, and record what sizes came of it.

With the frameworks installed, `python tests/oracles/frameworks/code.py` writes
tests/data/frameworks/code.jsonl: for each framework, layers as we write them, the code, the input
and what came out.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from solver import AvgPool, Conv, ConvTranspose, MaxPool, SolverError, Stack
from solver.frameworks.code import TARGETS

FILE = Path(__file__).parents[2] / "data" / "frameworks" / "code.jsonl"
COUNT = 30  # stacks for each framework


def stacks(count: int, seed: int = 0) -> Iterator[tuple[Stack, tuple[int, ...]]]:
    """Yield random stacks of one to three layers, and an input each."""
    draw = random.Random(seed)
    while count:
        axes = draw.randint(1, 3)
        try:
            stack = Stack([_layer(draw, axes) for _ in range(draw.randint(1, 3))], axes, 2)
            sizes = tuple(draw.randint(4, 16) for _ in range(axes))
            stack.size(sizes)
        except SolverError:
            continue
        count -= 1
        yield stack, sizes


def _layer(draw: random.Random, axes: int) -> Any:
    k = tuple(draw.randint(1, 4) for _ in range(axes))
    s = tuple(draw.choice((1, 1, 2, 3)) for _ in range(axes))
    d = tuple(draw.choice((1, 1, 1, 2)) for _ in range(axes))
    uneven = tuple((draw.randint(0, 2), draw.randint(0, 2)) for _ in range(axes))
    p: Any = uneven if draw.random() < 0.4 else draw.randint(0, 1)
    kind = draw.choice((Conv, Conv, ConvTranspose, MaxPool, AvgPool))
    if kind is Conv:
        return Conv(k, s, p, d, in_channels=2, out_channels=2, groups=draw.choice((1, 2)))
    if kind is ConvTranspose:
        extra = tuple(draw.randint(0, max(pair) - 1) for pair in zip(s, d, strict=True))
        return ConvTranspose(k, s, p, d, extra, bias=draw.random() < 0.5)
    if kind is MaxPool:
        return MaxPool(k, s, p, ceil_mode=draw.random() < 0.3)
    return AvgPool(k, s, p)


def cases() -> Iterator[tuple[str, Stack, tuple[int, ...], str]]:
    """Yield (framework, stack, input, code) for every stack a framework can express."""
    for name in TARGETS:
        for stack, sizes in stacks(COUNT):
            try:
                yield name, stack, sizes, stack.code(name)
            except SolverError:
                continue


def run(name: str, code: str, sizes: tuple[int, ...]) -> list[int]:
    """Run code of ours, and return the sizes that come out of the model it makes."""
    made: dict[str, Any] = {}
    exec(code, made)
    return list(map(int, _RUN[name](made["model"], sizes)))


def _torch(model: Any, sizes: tuple[int, ...]) -> Any:
    import torch

    with torch.no_grad():
        return model(torch.zeros(1, 2, *sizes)).shape[2:]


def _keras(model: Any, sizes: tuple[int, ...]) -> Any:
    return model.compute_output_shape((1, *sizes, 2))[1:-1]


def _flax(model: Any, sizes: tuple[int, ...]) -> Any:
    import jax

    return jax.eval_shape(model, jax.ShapeDtypeStruct((1, *sizes, 2), "float32")).shape[1:-1]


def _onnx(model: Any, sizes: tuple[int, ...]) -> Any:
    import numpy as np
    import onnx
    import onnxruntime

    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    held = model.SerializeToString()
    session = onnxruntime.InferenceSession(held, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x0": np.zeros((1, 2, *sizes), np.float32)})[0].shape[2:]


def _paddle(model: Any, sizes: tuple[int, ...]) -> Any:
    import paddle

    return model(paddle.zeros([1, 2, *sizes])).shape[2:]


_RUN = {
    "paddle": _paddle,
    "torch": _torch,
    "keras": _keras,
    "jax": _flax,
    "flax": _flax,
    "onnx": _onnx,
}


def recorded() -> Iterator[dict[str, Any]]:
    """Yield what was recorded."""
    yield from map(json.loads, FILE.read_text(encoding="utf-8").splitlines())


def main() -> None:
    """Run every case and write what came out; stop at the first that differs from ours."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    lines = []
    for name, stack, sizes, code in cases():
        out = run(name, code, sizes)
        if out != list(stack.size(sizes)):
            raise SystemExit(f"{name}: {stack!r} at {sizes}: {out}\n{code}")
        row = {"framework": name, "stack": repr(stack), "in": sizes, "out": out, "code": code}
        lines.append(json.dumps(row, separators=(",", ":")))
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
