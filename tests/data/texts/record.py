"""Record what PyTorch does with the programs in kinds.txt: python tests/data/texts/record.py."""

from __future__ import annotations

import json
import math
import warnings
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SIZES = {
    "n": [[n] for n in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 15, 16, 20, 21, 24, 31, 45, 64, 100)],
    "hw": [[1, 1], [2, 3], [4, 4], [5, 8], [7, 7], [8, 6], [9, 16], [12, 12], [16, 24], [20, 24],
           [23, 31], [32, 32], [40, 41], [41, 40], [64, 48], [97, 97]],
}  # fmt: skip


def programs() -> dict[str, tuple[str, int, bool, str]]:
    """The programs by name: the letters of their sizes, channels, whether unknown, the text.

    What looks up tokens has no channels.
    """
    found = {}
    for part in (FOLDER / "kinds.txt").read_text(encoding="utf-8").split("# --- ")[1:]:
        head, _, text = part.partition("\n")
        name, letters, channels, *rest = head.split()
        found[name] = (letters, int(channels), bool(rest), text)
    return found


def record() -> None:
    """Run every program at every size."""
    import torch

    warnings.simplefilter("ignore")
    lines = []
    for name, (letters, channels, _, text) in programs().items():
        names: dict[str, Any] = {"torch": torch, "nn": torch.nn, "math": math}
        names["F"] = torch.nn.functional
        exec(text, names)
        net = names["net"].eval()
        found = []
        for sizes in SIZES[letters]:
            try:
                given = torch.zeros(1, channels, *sizes)
                out = net(given if channels else given.new_zeros(1, *sizes, dtype=torch.long))
                outs = [out] if isinstance(out, torch.Tensor) else list(out)
                found.append([sizes, [list(each.shape) for each in outs]])
            except Exception:
                found.append([sizes, "err"])
        lines.append(json.dumps({"name": name, "sizes": found}))
    (FOLDER / "kinds.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
