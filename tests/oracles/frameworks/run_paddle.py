"""Run a layer of Paddle on one tiny tensor of zeros."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

warnings.filterwarnings("ignore")  # it warns of compilers that it does not find

import paddle  # noqa: E402
from paddle import nn  # noqa: E402

Row = dict[str, Any]


def run(row: Row, real: bool = False) -> Row:
    """Return the sizes that come out, or the refusal; Paddle always runs for real."""
    name, axes, given = row["op"], len(row["in"]), dict(row["p"])
    try:
        return {"out": RUNS.get(name.translate(_PLAIN), layer)(name, axes, given, row["in"])}
    except Exception as error:
        return {"out": None, "err": f"{type(error).__name__}: {error}"}


_PLAIN = str.maketrans({"1": "{}", "2": "{}", "3": "{}"})
_LAST = ("NCL", "NCHW", "NCDHW")


def image(sizes: list[int], channels: int = 1) -> Any:
    """Return zeros with one batch."""
    return paddle.zeros([1, channels, *sizes])


def layer(name: str, axes: int, p: Row, sizes: list[int]) -> list[int]:
    """Run a layer that takes its hyperparameters as they are."""
    return list(getattr(nn, name)(**p)(image(sizes)).shape[2:])


def conv(name: str, axes: int, p: Row, sizes: list[int]) -> list[int]:
    """Run a convolution from one channel to one; output_size belongs to the call."""
    called = {"output_size": p.pop("output_size")} if p.get("output_size") else {}
    p.pop("output_size", None)
    return list(getattr(nn, name)(1, 1, **p)(image(sizes), **called).shape[2:])


def lp_pool(name: str, axes: int, p: Row, sizes: list[int]) -> list[int]:
    """Run power-average pooling with the Euclidean norm."""
    return list(getattr(nn, name)(2.0, **p)(image(sizes)).shape[2:])


def upsample(name: str, axes: int, p: Row, sizes: list[int]) -> list[int]:
    """Resize by factors or to a size."""
    return list(nn.Upsample(**p, data_format=_LAST[axes - 1])(image(sizes)).shape[2:])


def unpool(name: str, axes: int, p: Row, sizes: list[int]) -> list[int]:
    """Run max unpooling; every maximum came from the first place."""
    places = paddle.zeros([1, 1, *sizes], dtype="int32")
    return list(getattr(nn, name)(**p)(image(sizes), places).shape[2:])


def pixels(name: str, axes: int, p: Row, sizes: list[int]) -> list[int]:
    """Move pixels into channels or back; these sizes are whole shapes."""
    return list(getattr(nn, name)(*p.values())(paddle.zeros(sizes)).shape)


RUNS: dict[str, Callable[[str, int, Row, list[int]], list[int]]] = {
    "Conv{}D": conv,
    "Conv{}DTranspose": conv,
    "LPPool{}D": lp_pool,
    "Upsample": upsample,
    "MaxUnPool{}D": unpool,
    "PixelShuffle": pixels,
    "PixelUnshuffle": pixels,
}
