"""Whole networks: sizes for every n, valid inputs, what is read, what it costs, what is wrong.

Public names are imported when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.decoders.decoded import Decoder as Decoder
    from solver.decoders.decoder import decoders as decoders
    from solver.decoders.mend import mended as mended
    from solver.faults.explain import Explanation as Explanation
    from solver.faults.explain import explain as explain
    from solver.fields.coverage import coverage as coverage
    from solver.fields.field import fields as fields
    from solver.fields.streaming import streaming as streaming
    from solver.fields.tiling import bioimage as bioimage
    from solver.fields.tiling import tiling as tiling
    from solver.fields.tiling import torch_export_dim as torch_export_dim
    from solver.fields.unread import unread as unread
    from solver.network.graph import Network as Network
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
    from solver.network.validity import valid as valid
    from solver.network.walk import Node as Node
    from solver.unknowns.filled import Filled as Filled
    from solver.unknowns.filled import fill as fill

_HOME = {
    "Decoder": "solver.decoders.decoded",
    "Explanation": "solver.faults.explain",
    "Filled": "solver.unknowns.filled",
    "Network": "solver.network.graph",
    "Node": "solver.network.walk",
    "Tensor": "solver.network.tensor",
    "add": "solver.network.tensor",
    "bioimage": "solver.fields.tiling",
    "concat": "solver.network.tensor",
    "coverage": "solver.fields.coverage",
    "crop": "solver.network.tensor",
    "decoders": "solver.decoders.decoder",
    "explain": "solver.faults.explain",
    "fields": "solver.fields.field",
    "fill": "solver.unknowns.filled",
    "flatten": "solver.network.tensor",
    "global_pool": "solver.network.tensor",
    "linear": "solver.network.tensor",
    "mended": "solver.decoders.mend",
    "pad": "solver.network.tensor",
    "pad_like": "solver.network.tensor",
    "pointwise": "solver.network.tensor",
    "reshape": "solver.network.tensor",
    "resize": "solver.network.tensor",
    "split": "solver.network.tensor",
    "streaming": "solver.fields.streaming",
    "tiling": "solver.fields.tiling",
    "torch_export_dim": "solver.fields.tiling",
    "trace": "solver.network.tensor",
    "unread": "solver.fields.unread",
    "upsample": "solver.network.tensor",
    "valid": "solver.network.validity",
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
