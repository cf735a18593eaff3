"""Record which elements PyTorch's layers read, by their gradients: one row a line.

Run where torch is installed: python tests/data/record_torch_reads.py > tests/data/torch_reads.jsonl
A row is [layer, arguments, n, reads]; reads lists, for each output, the elements it has a gradient
for. Weights are drawn, so that none is zero; values are distinct, and double precision is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import torch
from torch import nn


def cases(n: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for mode in ("nearest", "nearest-exact", "linear", "area"):
        for aligned in (False, True) if mode == "linear" else (None,):
            more = {"mode": mode} if aligned is None else {"mode": mode, "align_corners": aligned}
            for size in (1, 2, 4, 6, 9):
                yield "Upsample", {"size": size, **more}
            for factor in (2, 3, 0.5, 1.5):
                yield "Upsample", {"scale_factor": factor, **more}
    for size in (2, 3, 4, 9):
        yield "AdaptiveAvgPool1d", {"output_size": size}
    for k, s, p, d in product((1, 2, 3), (1, 2, 3), (0, 1), (1, 2)):
        if p <= d * (k - 1):
            given = {"kernel_size": k, "stride": s, "padding": p, "dilation": d}
            yield "ConvTranspose1d", given
    for mode, k, s in product(("zeros", "reflect", "replicate", "circular"), (1, 2), (1, 2, 3)):
        given = {"kernel_size": k, "stride": s, "padding": 2, "padding_mode": mode}
        yield "Conv1d", given


def reads(run: Any, n: int) -> list[list[int]]:
    x = torch.rand(1, 1, n, dtype=torch.float64, requires_grad=True)
    y = run(x)[0, 0]
    found = []
    for value in y:
        if value.requires_grad:
            (slope,) = torch.autograd.grad(value, x, retain_graph=True)
            found.append(torch.nonzero(slope[0, 0].abs() > 1e-12).flatten().tolist())
    return found


def main() -> None:
    torch.manual_seed(0)
    for n in (3, 5, 8):
        for name, given in cases(n):
            channels = {"in_channels": 1, "out_channels": 1} if "Conv" in name else {}
            try:
                row = reads(getattr(nn, name)(**channels, **given).double(), n)
            except RuntimeError:
                continue  # refused: nothing is read
            print(json.dumps([name, given, n, row]))


if __name__ == "__main__":
    main()
