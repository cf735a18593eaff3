"""Record what PyTorch prints of each network written here, and the sizes it and Keras give.

Run with a Python that has both: KERAS_BACKEND=jax python record.py. Writes NAME.print.txt and
sizes.json; sizes are lists [sizes of the input, shape of the output without the batch, or null
where it is refused or where one sample would become several].
"""

from __future__ import annotations

import json
import random
import re
import runpy
import tempfile
from pathlib import Path
from typing import Any

import jax
import torch

HERE = Path(__file__).parent
#: The axes, and the range of sizes; where it is refused below, both are seen.
RANGES = {
    "wav2vec2_features": (1, 380, 2000),
    "c3d": (3, 8, 130),
    "dcgan_generator": (2, 1, 20),
    "dcgan_discriminator": (2, 40, 140),
    "unet": (2, 8, 200),
}
COUNT = 24


def shape(model: torch.nn.Module, sizes: list[int]) -> list[int] | None:
    """Return the shape that comes out, without the batch."""
    channels = next(p for n, p in model.named_parameters() if p.dim() > 2)
    first = next(module for module in model.modules() if hasattr(module, "kernel_size"))
    transposed = isinstance(first, torch.nn.ConvTranspose2d)
    count = channels.shape[0] if transposed else channels.shape[1]
    try:
        found = model(torch.empty(1, count, *sizes, device="meta")).shape
    except RuntimeError:
        return None
    return list(found[1:]) if found[0] == 1 else None


def keras_shape(model: Any, sizes: list[int]) -> list[int] | None:
    """Return the shape that comes out of a Keras model, channels first."""
    given = jax.ShapeDtypeStruct((1, *sizes, model.input_shape[-1]), "float32")
    try:
        found = jax.eval_shape(model, given).shape[1:]
    except (TypeError, ValueError):
        return None
    return [found[-1], *found[:-1]]


def keras_rows(path: Path) -> list[Any]:
    """Return sizes of a Keras model."""
    draw = random.Random(path.stem)
    # Keras keeps to the sizes that are written: the same text without them tells about others.
    text = re.sub(r"\(\d+, \d+, (\d+)\)", r"(None, None, \1)", path.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "free.py"
        copy.write_text(text, encoding="utf-8")
        model = runpy.run_path(str(copy))["model"]
    rows = []
    for _ in range(COUNT):
        sizes = [draw.randint(1, 130) for _ in range(2)]
        if path.stem == "keras_unet" and draw.random() < 0.6:
            sizes = [16 * (n // 16 + 1) for n in sizes]
        rows.append([sizes, keras_shape(model, sizes)])
    return rows


def main() -> None:
    """Write the printouts and the sizes."""
    found = {}
    for path in sorted(HERE.glob("*.txt")):
        if path.name.endswith(".print.txt"):
            continue
        if path.name.startswith("keras"):
            found[path.stem] = keras_rows(path)
            continue
        model = runpy.run_path(str(path))["model"].eval()
        path.with_suffix(".print.txt").write_text(f"{model}\n", encoding="utf-8")
        model = model.to("meta")
        axes, low, high = RANGES.get(path.stem, (2, 15, 300))
        draw = random.Random(path.stem)
        rows = []
        for _ in range(COUNT):
            top = high if draw.random() < 0.5 else low + (high - low) // 4
            sizes = [draw.randint(low, top) for _ in range(axes)]
            if path.stem == "c3d" and draw.random() < 0.7:
                sizes = [draw.randint(16, 31), draw.randint(96, 127), draw.randint(96, 127)]
            rows.append([sizes, shape(model, sizes)])
        found[path.stem] = rows
    lines = ",\n".join(f'"{name}": {json.dumps(rows)}' for name, rows in found.items())
    (HERE / "sizes.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
