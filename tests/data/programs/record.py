"""Record what PyTorch makes of the programs beside this file: run it to write sizes.jsonl anew.

Each line: the name, the channels of the input, how many axes it has, all parameters of the module,
and runs of inputs, all axes alike, that give the same: [first, last, shapes or null].
"""

import importlib.util
import json
from importlib.machinery import SourceFileLoader
from itertools import groupby
from pathlib import Path

import torch

HERE = Path(__file__).parent
INPUTS = {"settings": (8, 1), "told": (2, 1), "trimmed": (2, 1), "frames": (1, 1)}
INPUTS |= {"causal": (1, 1), "cropped": (1, 2)}


def module(path):
    loader = SourceFileLoader(path.stem, str(path))
    made = importlib.util.module_from_spec(importlib.util.spec_from_loader(path.stem, loader))
    loader.exec_module(made)
    for word in ("model", "small", "Network"):
        if hasattr(made, word):
            found = getattr(made, word)
            return found if word == "model" else found()
    raise ValueError(path)


def shapes(net, channels, axes, n):
    try:
        found = net(torch.zeros(1, channels, *[n] * axes))
    except (RuntimeError, ValueError):
        return None
    return list(found.shape)


def main():
    torch.set_grad_enabled(False)
    with (HERE / "sizes.jsonl").open("w", encoding="utf-8") as file:
        for path in sorted(HERE.glob("*.txt")):
            net = module(path).eval()
            channels, axes = INPUTS.get(path.stem, (3, 2))
            found = [(n, shapes(net, channels, axes, n)) for n in range(1, 151)]
            runs = [list(run) for _, run in groupby(found, lambda row: row[1])]
            row = {
                "name": path.stem,
                "channels": channels,
                "axes": axes,
                "parameters": sum(p.numel() for p in net.parameters()),
                "runs": [[run[0][0], run[-1][0], run[0][1]] for run in runs],
            }
            file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
