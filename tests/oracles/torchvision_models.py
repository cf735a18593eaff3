"""Record known models of torchvision: what they learn, and the shape behind every convolution.

Where torchvision is installed, `python tests/oracles/torchvision_models.py` writes
tests/data/torchvision.json: for each model how many numbers it learns, and for some inputs the
channels and size behind each convolution, sorted, and before its head.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "data" / "torchvision.json"
MODELS = ("resnet18", "resnet50", "mobilenet_v2", "densenet121")
SIZES = (224, 97, 65)


def main() -> None:
    """Run the models, with weights that nobody trained."""
    import torch
    import torchvision
    from torch import nn

    found: dict[str, Any] = {"torchvision": torchvision.__version__.split("+")[0]}
    for name in MODELS:
        model = getattr(torchvision.models, name)(weights=None).eval()
        row: dict[str, Any] = {"parameters": sum(p.numel() for p in model.parameters())}
        for n in SIZES:
            shapes: list[list[int]] = []
            hooks = [
                module.register_forward_hook(
                    lambda _, __, y, shapes=shapes: shapes.append([y.shape[1], *y.shape[2:]])
                )
                for module in model.modules()
                if isinstance(module, nn.Conv2d)
            ]
            with torch.no_grad():
                assert model(torch.zeros(1, 3, n, n)).shape == (1, 1000)
            for hook in hooks:
                hook.remove()
            row[str(n)] = {"last": shapes[-1], "every": sorted(shapes)}
        found[name] = row
    FILE.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
