"""Record what Paddle does with the programs in programs.txt: python tests/data/paddle/record.py."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SIZES = {
    1: [[n] for n in (4, 5, 7, 8, 16, 33, 100)],
    2: [[6, 8], [9, 9], [16, 16], [28, 28], [29, 30], [31, 27], [32, 64], [61, 40]],
}


def programs() -> dict[str, tuple[int, int, str]]:
    """The programs by name: the channels and axes of their inputs, and the text."""
    found = {}
    for part in (FOLDER / "programs.txt").read_text(encoding="utf-8").split("# --- ")[1:]:
        head, _, text = part.partition("\n")
        name, channels, axes = head.split()
        found[name] = (int(channels), int(axes), text)
    return found


def record() -> None:
    """Run every program at every size."""
    warnings.simplefilter("ignore")
    import paddle

    lines = []
    for name, (channels, axes, text) in programs().items():
        names: dict[str, Any] = {}
        exec(text, names)
        names["net"].eval()
        found: list[Any] = []
        for sizes in SIZES[axes]:
            try:
                out = names["net"](paddle.zeros([1, channels, *sizes]))
                outs = list(out) if isinstance(out, (list, tuple)) else [out]
                found.append([sizes, [list(each.shape) for each in outs]])
            except Exception:
                found.append([sizes, None])
        lines.append(json.dumps({"name": name, "paddle": paddle.__version__, "sizes": found}))
    (FOLDER / "programs.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
