"""Whole networks: sizes for every n, valid inputs, what is read, what it costs, what is wrong.

Public names are imported when first used.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.network.coverage import coverage as coverage
    from solver.network.decoded import Decoder as Decoder
    from solver.network.decoder import decoders as decoders
    from solver.network.explain import Explanation as Explanation
    from solver.network.explain import explain as explain
    from solver.network.field import fields as fields
    from solver.network.filled import Filled as Filled
    from solver.network.filled import fill as fill
    from solver.network.graph import Network as Network
    from solver.network.graph import Node as Node
    from solver.network.mend import mended as mended
    from solver.network.streaming import streaming as streaming
    from solver.network.tensor import Tensor as Tensor
    from solver.network.tensor import add as add
    from solver.network.tensor import concat as concat
    from solver.network.tensor import crop as crop
    from solver.network.tensor import flatten as flatten
    from solver.network.tensor import global_pool as global_pool
    from solver.network.tensor import linear as linear
    from solver.network.tensor import pad as pad
    from solver.network.tensor import pad_like as pad_like
    from solver.network.tensor import pointwise as pointwise
    from solver.network.tensor import reshape as reshape
    from solver.network.tensor import resize as resize
    from solver.network.tensor import split as split
    from solver.network.tensor import trace as trace
    from solver.network.tensor import upsample as upsample
    from solver.network.tiling import bioimage as bioimage
    from solver.network.tiling import tiling as tiling
    from solver.network.tiling import torch_export_dim as torch_export_dim
    from solver.network.unread import unread as unread
    from solver.network.valid import valid as valid

_HOME = {
    "Decoder": "solver.network.decoded",
    "Explanation": "solver.network.explain",
    "Filled": "solver.network.filled",
    "Network": "solver.network.graph",
    "Node": "solver.network.graph",
    "Tensor": "solver.network.tensor",
    "add": "solver.network.tensor",
    "bioimage": "solver.network.tiling",
    "concat": "solver.network.tensor",
    "coverage": "solver.network.coverage",
    "crop": "solver.network.tensor",
    "decoders": "solver.network.decoder",
    "explain": "solver.network.explain",
    "fields": "solver.network.field",
    "fill": "solver.network.filled",
    "flatten": "solver.network.tensor",
    "global_pool": "solver.network.tensor",
    "linear": "solver.network.tensor",
    "mended": "solver.network.mend",
    "pad": "solver.network.tensor",
    "pad_like": "solver.network.tensor",
    "pointwise": "solver.network.tensor",
    "reshape": "solver.network.tensor",
    "resize": "solver.network.tensor",
    "split": "solver.network.tensor",
    "streaming": "solver.network.streaming",
    "tiling": "solver.network.tiling",
    "torch_export_dim": "solver.network.tiling",
    "trace": "solver.network.tensor",
    "unread": "solver.network.unread",
    "upsample": "solver.network.tensor",
    "valid": "solver.network.valid",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'solver.network' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Public(ModuleType):
    """Let a public name stand for the function, not for the file of the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Public
