"""Run an operation of PyTorch on one tiny tensor of zeros."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

Row = dict[str, Any]

torch.set_num_threads(1)
warnings.filterwarnings("ignore")  # torch warns about many a legal hyperparameter

#: What torch raises when it refuses a layer or an input.
REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError, AssertionError)


def run(row: Row, real: bool = False) -> Row:
    """Return the sizes that come out, or the refusal; torch always runs for real."""
    name, axes = split(row["op"])
    run_one = RUNS.get(name, layer)
    try:
        with torch.no_grad():
            return {"out": run_one(name, axes, dict(row["p"]), row["in"])}
    except REFUSALS as error:
        return {"out": None, "err": f"{type(error).__name__}: {error}"}


def split(op: str) -> tuple[str, str]:
    """Cut an operation into its name and its axes: "Conv2d" into "Conv" and "2d"."""
    return (op[:-2], op[-2:]) if op[-2].isdigit() else (op, "")


def image(sizes: list[int]) -> torch.Tensor:
    """Return zeros with one batch and one channel."""
    return torch.zeros(1, 1, *sizes)


def layer(name: str, axes: str, p: Row, sizes: list[int]) -> list[int]:
    """Run a layer that takes its hyperparameters as they are."""
    return spatial(getattr(nn, name + axes)(**tuples(p))(image(sizes)))


def conv(name: str, axes: str, p: Row, sizes: list[int]) -> list[int]:
    """Run a convolution from one channel to one."""
    return spatial(getattr(nn, name + axes)(1, 1, bias=False, **tuples(p))(image(sizes)))


def conv_transpose(name: str, axes: str, p: Row, sizes: list[int]) -> list[int]:
    """Run a transposed convolution; output_size belongs to the call."""
    output_size = p.pop("output_size", None)
    module = getattr(nn, name + axes)(1, 1, bias=False, **tuples(p))
    return spatial(module(image(sizes), output_size=output_size))


def lp_pool(name: str, axes: str, p: Row, sizes: list[int]) -> list[int]:
    """Run power-average pooling with the Euclidean norm."""
    if axes == "1d":  # multiplies by its kernel size, so it takes no tuple
        p = {key: value[0] if isinstance(value, list) else value for key, value in p.items()}
    return spatial(getattr(nn, name + axes)(2.0, **tuples(p))(image(sizes)))


def adaptive(name: str, axes: str, p: Row, sizes: list[int]) -> list[int]:
    """Run the adaptive pool that "cls" names."""
    return layer(p.pop("cls"), axes, p, sizes)


def max_unpool(name: str, axes: str, p: Row, sizes: list[int]) -> list[int]:
    """Run max unpooling; every maximum came from the first place."""
    output_size = p.pop("output_size", None)
    module = getattr(nn, name + axes)(**tuples(p))
    places = torch.zeros(1, 1, *sizes, dtype=torch.int64)
    return spatial(module(image(sizes), places, output_size=output_size))


def unfold(name: str, axes: str, p: Row, sizes: list[int]) -> list[int]:
    """Return how many patches there are."""
    return list(nn.Unfold(**tuples(p))(image(sizes)).shape[2:])


def fold(name: str, axes: str, p: Row, sizes: list[int]) -> list[int]:
    """Lay patches of one channel back; the input size is their number."""
    values = 1
    for k in p["kernel_size"]:
        values *= k
    return spatial(nn.Fold(**tuples(p))(torch.zeros(1, values, *sizes)))


def interpolate(name: str, axes: str, p: Row, sizes: list[int]) -> list[int]:
    """Resize by a factor or to a size."""
    return spatial(functional.interpolate(image(sizes), **p))


def pad(name: str, axes: str, p: Row, sizes: list[int]) -> list[int]:
    """Pad two channels; the last axis comes first, as torch has it.

    One channel alone is special: a circular pad that wraps what another end crops is refused there,
    because the copy overlaps itself, which torch only sees in contiguous memory.
    """
    return spatial(functional.pad(torch.zeros(1, 2, *sizes), p["pads"], mode=p["mode"]))


def pixels(name: str, axes: str, p: Row, sizes: list[int]) -> list[int]:
    """Move pixels into channels or back; these sizes are whole shapes."""
    return list(getattr(nn, name)(p["r"])(torch.zeros(*sizes)).shape)


def spatial(tensor: torch.Tensor) -> list[int]:
    """Return the sizes behind batch and channel."""
    return list(tensor.shape[2:])


def tuples(p: Row) -> Row:
    """Return hyperparameters with tuples for lists, as layers expect them."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in p.items()}


RUNS: dict[str, Callable[[str, str, Row, list[int]], list[int]]] = {
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "LPPool": lp_pool,
    "AdaptivePool": adaptive,
    "MaxUnpool": max_unpool,
    "Unfold": unfold,
    "Fold": fold,
    "interpolate": interpolate,
    "pad": pad,
    "PixelShuffle": pixels,
    "PixelUnshuffle": pixels,
}
