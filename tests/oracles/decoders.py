"""Run the code of decoders behind the encoders they are of, and record what came back.

With the frameworks installed, `python tests/oracles/decoders.py` writes tests/data/decoders.jsonl:
for each framework an encoder, an input, its latent as PyTorch gives it, the code of the decoder as
we print it, and the size that came back. Rows of a framework that is not there stay as they are.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from frameworks import code as running

from solver import Conv, SolverError, Stack, decoders
from solver.frameworks.code import TARGETS

FILE = Path(__file__).parents[1] / "data" / "decoders.jsonl"
COUNT = 12  # encoders for each framework
PACKAGES = {"jax": "flax", "onnx": "onnxruntime"}


def encoders(count: int, seed: int = 0) -> Iterator[tuple[Stack, tuple[int, ...]]]:
    """Yield random encoders of one to three convolutions of two channels, and an input each."""
    draw = random.Random(seed)
    while count:
        axes = draw.randint(1, 2)
        layers = []
        for _ in range(draw.randint(1, 3)):
            s = draw.choice((1, 2, 2, 3, 4))
            k = draw.randint(1, 5)
            p = draw.choice((k // 2, 0, draw.randint(0, 2)))
            d = draw.choice((1, 1, 1, 1, 2))
            layers.append(Conv(k, s, p, d, in_channels=2, out_channels=2))
        stack = Stack(layers, axes, 2)
        sizes = tuple(draw.randint(8, 40) for _ in range(axes))
        try:
            stack.size(sizes)
        except SolverError:
            continue
        if stack.size_map().period > 1:
            count -= 1
            yield stack, sizes


def cases() -> Iterator[tuple[str, Stack, tuple[int, ...], str, str]]:
    """Yield (framework, encoder, input, form, code) for each decoder that it can express."""
    for name in TARGETS:
        for stack, sizes in encoders(COUNT):
            try:
                found = decoders(stack, sizes, framework=name)
            except SolverError:
                continue
            for each in found:
                form = f"{each.form} per call" if each.per_call else each.form
                yield name, stack, sizes, form, each.code(name)


def latent(stack: Stack, sizes: tuple[int, ...]) -> list[int]:
    """What the encoder gives, as PyTorch runs it."""
    return running.run("torch", stack.code("torch"), sizes)


def back(name: str, code: str, form: str, stack: Stack, sizes: tuple[int, ...]) -> list[int]:
    """What comes back of an input: its encoder is run by PyTorch, the code as it is printed."""
    if not form.endswith("per call"):
        return running.run(name, code, tuple(latent(stack, sizes)))
    made: dict[str, Any] = {}
    exec(code, made)
    given = [sizes]
    for at, layer in enumerate(stack.layers):
        out = tuple(latent(Stack([layer], stack.axes, 2), given[-1]))
        if str(layer.size_map()) != "n":  # only what changes sizes has a layer in the decoder
            given.append(out)
        else:
            assert out == given[-1], at
    decode, wanted = made["decode"], given[-2::-1]
    if name == "paddle":
        import paddle

        return list(decode(paddle.zeros([1, 2, *given[-1]]), wanted).shape[2:])
    import torch

    with torch.no_grad():
        return list(decode(torch.zeros(1, 2, *given[-1]), wanted).shape[2:])


def there(name: str) -> bool:
    """Whether a framework is installed."""
    return importlib.util.find_spec(PACKAGES.get(name, name)) is not None


def recorded() -> list[dict[str, Any]]:
    """What was recorded."""
    return [*map(json.loads, FILE.read_text(encoding="utf-8").splitlines())]


def main() -> None:
    """Run every case of what is installed; stop at the first input that does not come back."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    held = recorded() if FILE.exists() else []
    rows = [row for row in held if not there(row["framework"])]
    for name, stack, sizes, form, code in cases():
        if not there(name):
            continue
        out = back(name, code, form, stack, sizes)
        if out != list(sizes):
            raise SystemExit(f"{name}: {form} of {stack!r} at {sizes}: {out}\n{code}")
        row = {"framework": name, "encoder": repr(stack), "in": sizes, "form": form}
        rows.append(row | {"latent": latent(stack, sizes), "back": out, "code": code})
    rows.sort(key=lambda row: TARGETS.index(row["framework"]))
    lines = (json.dumps(row, separators=(",", ":")) for row in rows)
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
