"""Record what an installed PyTorch does with sizes, which tests/frameworks/test_torch.py repeats.

    python tests/data/record_torch.py record 60 7 >> tests/data/torch_sizes.jsonl
    python tests/data/record_torch.py check < tests/data/torch_sizes.jsonl

The first appends 60 random layers of each operation, made from seed 7. The second runs every row
again, here and now, and names the rows that come out differently.

A row is [operation, hyperparameters, input sizes, output sizes]; the output is null where PyTorch
refuses. Nothing of this project is imported: the recordings are a judge of it.
"""

from __future__ import annotations

import json
import random
import sys
import warnings
from collections.abc import Iterator
from typing import Any

Row = list[Any]

OPERATIONS = [
    f"{name}{axes}d"
    for name in ("Conv", "ConvTranspose", "MaxPool", "AvgPool")
    for axes in (1, 2, 3)
]


def random_rows(count: int, seed: int) -> Iterator[Row]:
    """Yield `count` rows of each operation, in turn."""
    source = random.Random(seed)
    for _ in range(count):
        for op in OPERATIONS:
            hyperparameters, sizes = random_layer(op, source)
            yield [op, hyperparameters, sizes, run(op, hyperparameters, sizes)]


def random_layer(op: str, source: random.Random) -> tuple[dict[str, Any], list[int]]:
    """Draw hyperparameters and input sizes, some of them just across the border of the legal."""
    name, axes = op[:-2], int(op[-2])

    def draw(*values: int) -> list[int]:
        """Return one value for all axes, or one per axis."""
        if source.random() < 0.5:
            return [source.choice(values)] * axes
        return [source.choice(values) for _ in range(axes)]

    drawn: dict[str, Any] = {"kernel_size": draw(1, 2, 3, 3, 4, 5, 7)}
    drawn["stride"] = draw(1, 1, 2, 2, 3, 4, 5)
    if name.endswith("Pool"):
        # Half the kernel is the most that is allowed; now and then one more.
        halves = [k // 2 for k in drawn["kernel_size"]]
        drawn["padding"] = [
            max(0, source.choice((0, h, h, h - 1, h + (source.random() < 0.1)))) for h in halves
        ]
        drawn["ceil_mode"] = source.random() < 0.5
    else:
        drawn["padding"] = draw(0, 0, 1, 1, 2, 3, 4)
    if name != "AvgPool":
        drawn["dilation"] = draw(1, 1, 1, 2, 3)
    if name == "Conv":
        drawn["padding_mode"] = source.choice(
            ("zeros", "zeros", "reflect", "replicate", "circular")
        )
        words = source.random()
        if words < 0.25:
            drawn["padding"] = "same" if words < 0.15 else "valid"
            if source.random() < 0.8:
                drawn["stride"] = [1] * axes
    sizes = draw(0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
    if name == "ConvTranspose":
        drawn["output_padding"] = draw(0, 0, 0, 1, 2)
        drawn["output_size"] = None
        if source.random() < 0.3:
            parts = (drawn[p] for p in ("kernel_size", "stride", "padding", "dilation"))
            drawn["output_size"] = [
                (n - 1) * s - 2 * p + d * (k - 1) + 1 + source.choice((0, 0, s - 1, s - 1, s, -1))
                for n, k, s, p, d in zip(sizes, *parts, strict=True)
            ]
    return drawn, sizes


def run(op: str, hyperparameters: dict[str, Any], sizes: list[int]) -> list[int] | None:
    """Return the output sizes, or None where PyTorch refuses the layer or the input."""
    import torch

    arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in hyperparameters.items()}
    output_size = arguments.pop("output_size", None)
    channels = (1, 1) if op.startswith("Conv") else ()
    try:
        layer = getattr(torch.nn, op)(*channels, **arguments)
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of copies it has to make
            images = torch.zeros(1, 1, *sizes)
            made = layer(images) if output_size is None else layer(images, list(output_size))
    except (RuntimeError, ValueError):
        return None
    return list(made.shape[2:])


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["record"] and len(arguments) == 3:
        for row in random_rows(int(arguments[1]), int(arguments[2])):
            print(json.dumps(row, separators=(",", ":")))
        return 0
    if arguments == ["check"]:
        different = 0
        for number, line in enumerate(sys.stdin, start=1):
            *layer, recorded = json.loads(line)
            if (now := run(*layer)) != recorded:
                different += 1
                print(f"line {number}: {layer}: recorded {recorded}, now {now}")
        print(f"{different} rows differ")
        return int(different > 0)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
