"""Run the code of designs with branches, and record what came of it.

With the frameworks installed, `python tests/oracles/frameworks/branched.py [framework ...]` writes
tests/data/frameworks/branched.jsonl: for each framework and design what tells
the code from other code, and for some inputs what came out, and how many numbers it learns. Paddle
may be installed apart: what is recorded of other frameworks stays as it is.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any

from blocks import BlockCase

from solver import AvgPool, Conv, ConvTranspose, LimitError, MaxPool, SolverError
from solver.frameworks.code import TARGETS
from solver.layers.branching import Block, Branched
from solver.layers.operators import OPERATORS, Operator

FILE = Path(__file__).parents[2] / "data" / "frameworks" / "branched.jsonl"
_NUMBERS = {"groups": " 2", "probability": " 0.5", "factor": " 2", "reduction": " 2"}


def designs() -> Iterator[Branched]:
    """Yield designs: every operation, every way to meet, blocks in blocks, random ones."""
    conv = Conv(3, padding=1)
    for word, row in OPERATORS.items():
        operator = Operator(word + _NUMBERS.get(row.number, " 5" if row.number else ""))
        yield Branched([Conv(3, 2, 1, out_channels=8), operator], 2, 3)
        if not row.packs:
            for axes in (1, 3):
                yield Branched([conv, operator], axes, 4)
        if not (row.last or row.grows):
            yield Branched([Block("add", [[operator, Conv(1)], [Conv(1)]])], 2, 4)
    for axes in (1, 2, 3):
        up = ConvTranspose(2, 2, out_channels=6)
        yield Branched([Block("concat", [[], [Conv(2), Conv(2)]], True), conv], axes, 4)
        yield Branched([Block("add", [[], [AvgPool(2, 1), Conv(3)]], True)], axes, 4)
        inner = Block("concat", [[], [MaxPool(2), Operator("relu"), conv, up]])
        outer = Block("concat", [[], [MaxPool(2), conv, inner, ConvTranspose(2, 2)]])
        yield Branched([conv, outer, Conv(1, out_channels=2)], axes, 4)
        yield Branched([Block("add", [[Block("add", [[], [conv]]), conv], [], [conv]])], axes, 4)
        yield Branched([Block("concat", [[], []]), Block("add", [[conv, conv]])], axes, 2)
        yield Branched([Block("add", [[Conv(3, padding=((1, 0),))], [Conv(2)]], True)], axes, 3)
        groups = Conv(3, padding=2, dilation=2, groups=4, bias=False)
        yield Branched([Block("add", [[groups, Operator("silu")], []])], axes, 4)
    draw = random.Random(0)
    for seed in range(8):
        case = BlockCase(seed, "ccm" if seed % 2 else "cct")
        number = min(case.space.count, 10**9)
        for design in [case.space[draw.randrange(number)] for _ in range(min(number, 2))]:
            if isinstance(design, Branched):
                yield design


def inputs(design: Branched) -> list[int]:
    """Some sizes at which a design runs."""
    return [n for n in range(4, 41) if n in design.accepts()][:60:9][:3]


def ours(design: Branched, n: int) -> list[int]:
    """The sizes that come out, as we say; none behind a head."""
    head = isinstance(design.layers[-1], Operator) and design.layers[-1].row.last
    return [] if head else [int(design.size(n))] * design.axes


def cases() -> Iterator[tuple[str, Branched, str]]:
    """Yield (framework, design, code) for what each framework can express."""
    every = list(designs())
    for name in TARGETS:
        for design in every:
            try:
                yield name, design, design.code(name)
            except (SolverError, LimitError):
                continue


def run(name: str, code: str, design: Branched) -> tuple[list[list[int]], int]:
    """Run code; the sizes that come out for each input, and how many numbers it learns."""
    made: dict[str, Any] = {}
    counted = _COUNTED.get(name)
    if counted is None:
        exec(code, made)
        learned = _LEARNS[name](made["model"])
    else:
        learned = 0
        exec(code, made)
    out = []
    for n in inputs(design):
        sizes = [n] * design.axes
        if counted is not None:
            learned = counted(made, design.channels, sizes)
        out.append([int(size) for size in _RUN[name](made["model"], design.channels, sizes)])
    return out, learned


def _torch(model: Any, channels: int, sizes: list[int]) -> Any:
    import torch

    with torch.no_grad():
        return model.eval()(torch.zeros(1, channels, *sizes)).shape[2:]


def _keras(model: Any, channels: int, sizes: list[int]) -> Any:
    import numpy as np

    x = np.zeros((1, *sizes, channels), np.float32)
    told = model.compute_output_shape(x.shape)[1:-1]
    found = model(x).shape[1:-1]
    assert all(one in (None, two) for one, two in zip(told, found, strict=True))
    return found


def _jax(model: Any, channels: int, sizes: list[int]) -> Any:
    import jax

    if hasattr(model, "eval"):
        model.eval()
    return jax.eval_shape(model, jax.ShapeDtypeStruct((1, *sizes, channels), "float32")).shape[1:-1]


def _onnx(model: Any, channels: int, sizes: list[int]) -> Any:
    import numpy as np
    import onnx
    import onnxruntime

    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    held = model.SerializeToString()
    session = onnxruntime.InferenceSession(held, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x0": np.zeros((1, channels, *sizes), np.float32)})[0].shape[2:]


def _paddle(model: Any, channels: int, sizes: list[int]) -> Any:
    import paddle

    model.eval()
    return model(paddle.zeros([1, channels, *sizes])).shape[2:]


_RUN = {
    "torch": _torch,
    "keras": _keras,
    "jax": _jax,
    "flax": _jax,
    "onnx": _onnx,
    "paddle": _paddle,
}


def _flax_learns(model: Any) -> int:
    import jax
    from flax import nnx

    return sum(x.size for x in jax.tree.leaves(nnx.state(model, nnx.Param)))


def _onnx_learns(model: Any) -> int:
    """Weights of convolutions and of what normalizes or multiplies; statistics are none."""
    sizes = {held.name: prod(held.dims) for held in model.graph.initializer}
    learned = {"Conv": 2, "ConvTranspose": 2, "Gemm": 2, "BatchNormalization": 2}
    learned["GroupNormalization"] = 2
    return sum(
        sizes[name]
        for node in model.graph.node
        for name in node.input[1 : 1 + learned.get(node.op_type, 0)]
    )


def _jax_learns(made: dict[str, Any], channels: int, sizes: list[int]) -> int:
    """What the function takes of zeros, counted as it is traced."""
    import jax
    import jax.numpy as jnp

    class Counting:
        total = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(jnp, name)

        def zeros(self, shape: Any) -> Any:
            found = jnp.zeros(shape)
            Counting.total += found.size
            return found

    kept = made.get("jnp")
    made["jnp"] = Counting()
    jax.eval_shape(made["model"], jax.ShapeDtypeStruct((1, *sizes, channels), "float32"))
    made["jnp"] = kept
    return Counting.total


_LEARNS: dict[str, Any] = {
    "torch": lambda model: sum(p.numel() for p in model.parameters()),
    "keras": lambda model: sum(prod(w.shape) for w in model.trainable_weights),
    "flax": _flax_learns,
    "onnx": _onnx_learns,
    "paddle": lambda model: sum(int(p.size) for p in model.parameters() if not p.stop_gradient),
}
_COUNTED = {"jax": _jax_learns}


def digest(code: str) -> str:
    """What tells code from other code."""
    return sha256(code.encode()).hexdigest()[:12]


def recorded() -> list[dict[str, Any]]:
    """What was recorded."""
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def main(names: list[str]) -> None:
    """Run the cases of some frameworks; stop at the first that differs from what we say."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    rows = [row for row in recorded() if row["framework"] not in names] if FILE.exists() else []
    for name, design, code in cases():
        if name not in names:
            continue
        try:
            out, learned = run(name, code, design)
        except Exception as fault:
            raise SystemExit(f"{name}: {design!r}: {fault}\n{code}") from fault
        told = [ours(design, n) for n in inputs(design)]
        if (out, learned) != (told, design.parameters):
            told = f"{told}, {design.parameters}"
            raise SystemExit(f"{name}: {design!r}: {out}, {learned}, not {told}\n{code}")
        row = {"framework": name, "design": repr(design), "in": inputs(design), "out": out}
        rows.append({**row, "parameters": learned, "code": digest(code)})
    rows.sort(key=lambda row: list(TARGETS).index(row["framework"]))
    lines = [json.dumps(row, separators=(",", ":")) for row in rows]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(len(rows))


if __name__ == "__main__":
    main(sys.argv[1:] or list(TARGETS))
