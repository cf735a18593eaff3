"""Exact sizes of convolutions, forward and inverse. Public names are imported when first used."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.checker import check as check
    from solver.conversion.alternatives import alternatives as alternatives
    from solver.conversion.conversion import convert as convert
    from solver.errors import LimitError as LimitError
    from solver.errors import SizeError as SizeError
    from solver.errors import SolverError as SolverError
    from solver.frameworks import layer as layer
    from solver.inverse.certificate import certificate as certificate
    from solver.inverse.solutions import Solutions as Solutions
    from solver.inverse.solve import solve as solve
    from solver.layers.own import AvgPool as AvgPool
    from solver.layers.own import Conv as Conv
    from solver.layers.own import ConvTranspose as ConvTranspose
    from solver.layers.own import MaxPool as MaxPool
    from solver.layers.stack import Stack as Stack
    from solver.network.converted import edits as edits
    from solver.network.decoders.asked import decoders as decoders
    from solver.network.decoders.decoded import Decoder as Decoder
    from solver.network.decoders.repair import repair as repair
    from solver.network.diagnosis.explain import Explanation as Explanation
    from solver.network.diagnosis.explain import explain as explain
    from solver.network.fields.coverage import coverage as coverage
    from solver.network.fields.exported import bioimage as bioimage
    from solver.network.fields.exported import torch_export_dim as torch_export_dim
    from solver.network.fields.field import fields as fields
    from solver.network.fields.streaming import streaming as streaming
    from solver.network.fields.taps import taps as taps
    from solver.network.fields.tiling import tiling as tiling
    from solver.network.fields.unread import unread as unread
    from solver.network.graph.validity import valid as valid
    from solver.network.graph.walk import Node as Node
    from solver.network.levels import encoder_decoder as encoder_decoder
    from solver.network.network import Network as Network
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
    from solver.network.unknowns.filled import Filled as Filled
    from solver.network.unknowns.filled import fill as fill
    from solver.proof import Verdict as Verdict
    from solver.proof import prove as prove
    from solver.reading.entry import read as read
    from solver.render.formula import formula as formula
    from solver.sizes.sizemap import SizeMap as SizeMap
    from solver.sizes.sizeset import SizeSet as SizeSet
    from solver.spaces.blocks import parallel as parallel
    from solver.spaces.blocks import residual as residual
    from solver.spaces.blocks import skip as skip
    from solver.spaces.choice import Choice as Choice
    from solver.spaces.let import let as let
    from solver.spaces.marks import mark as mark
    from solver.spaces.marks import through as through
    from solver.spaces.named import basic_block as basic_block
    from solver.spaces.named import bottleneck as bottleneck
    from solver.spaces.named import dense as dense
    from solver.spaces.named import inverted_residual as inverted_residual
    from solver.spaces.named import squeeze_excite as squeeze_excite
    from solver.spaces.named import unet as unet
    from solver.spaces.search import search as search
    from solver.spaces.space import Space as Space
    from solver.spaces.written_parts import either as either
    from solver.spaces.written_parts import mirror as mirror
    from solver.spaces.written_parts import optional as optional
    from solver.spaces.written_parts import repeat as repeat
    from solver.symbolic.algebra import equal_for_all as equal_for_all
    from solver.symbolic.algebra import n as n
    from solver.symbolic.algebra import solve_floor as solve_floor

__version__ = "0.2.0"

_HOME = {
    "AvgPool": "solver.layers.own",
    "Choice": "solver.spaces.choice",
    "Conv": "solver.layers.own",
    "ConvTranspose": "solver.layers.own",
    "Decoder": "solver.network.decoders.decoded",
    "Explanation": "solver.network.diagnosis.explain",
    "Filled": "solver.network.unknowns.filled",
    "LimitError": "solver.errors",
    "MaxPool": "solver.layers.own",
    "Network": "solver.network.network",
    "Node": "solver.network.graph.walk",
    "SizeError": "solver.errors",
    "SizeMap": "solver.sizes.sizemap",
    "SizeSet": "solver.sizes.sizeset",
    "Solutions": "solver.inverse.solutions",
    "SolverError": "solver.errors",
    "Space": "solver.spaces.space",
    "Stack": "solver.layers.stack",
    "Tensor": "solver.network.tensor",
    "Verdict": "solver.proof",
    "add": "solver.network.tensor",
    "alternatives": "solver.conversion.alternatives",
    "basic_block": "solver.spaces.named",
    "bioimage": "solver.network.fields.exported",
    "bottleneck": "solver.spaces.named",
    "certificate": "solver.inverse.certificate",
    "check": "solver.checker",
    "concat": "solver.network.tensor",
    "convert": "solver.conversion.conversion",
    "coverage": "solver.network.fields.coverage",
    "crop": "solver.network.tensor",
    "decoders": "solver.network.decoders.asked",
    "dense": "solver.spaces.named",
    "edits": "solver.network.converted",
    "either": "solver.spaces.written_parts",
    "encoder_decoder": "solver.network.levels",
    "equal_for_all": "solver.symbolic.algebra",
    "explain": "solver.network.diagnosis.explain",
    "fields": "solver.network.fields.field",
    "fill": "solver.network.unknowns.filled",
    "flatten": "solver.network.tensor",
    "formula": "solver.render.formula",
    "global_pool": "solver.network.tensor",
    "inverted_residual": "solver.spaces.named",
    "layer": "solver.frameworks",
    "let": "solver.spaces.let",
    "linear": "solver.network.tensor",
    "repair": "solver.network.decoders.repair",
    "mark": "solver.spaces.marks",
    "mirror": "solver.spaces.written_parts",
    "n": "solver.symbolic.algebra",
    "optional": "solver.spaces.written_parts",
    "pad": "solver.network.tensor",
    "pad_like": "solver.network.tensor",
    "parallel": "solver.spaces.blocks",
    "pointwise": "solver.network.tensor",
    "prove": "solver.proof",
    "read": "solver.reading.entry",
    "repeat": "solver.spaces.written_parts",
    "reshape": "solver.network.tensor",
    "residual": "solver.spaces.blocks",
    "resize": "solver.network.tensor",
    "search": "solver.spaces.search",
    "skip": "solver.spaces.blocks",
    "solve": "solver.inverse.solve",
    "solve_floor": "solver.symbolic.algebra",
    "split": "solver.network.tensor",
    "squeeze_excite": "solver.spaces.named",
    "streaming": "solver.network.fields.streaming",
    "taps": "solver.network.fields.taps",
    "tiling": "solver.network.fields.tiling",
    "through": "solver.spaces.marks",
    "torch_export_dim": "solver.network.fields.exported",
    "trace": "solver.network.tensor",
    "unet": "solver.spaces.named",
    "unread": "solver.network.fields.unread",
    "upsample": "solver.network.tensor",
    "valid": "solver.network.graph.validity",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'solver' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def home(name: str) -> str:
    """The module that a public name comes from."""
    return _HOME[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
