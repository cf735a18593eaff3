"""The modules of torch.nn as operations, by their class names and what they hold."""

from __future__ import annotations

from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework, layer
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Part
from solver.network.graph.operation import Apply, Operation, Pointwise
from solver.network.graph.shaping import Flatten, Linear, Reduce, Unfold

#: Modules that keep every size; a batch normalization and its kin has weights for each channel.
_NORM = ("BatchNorm", "InstanceNorm", "GroupNorm", "SyncBatchNorm", "LayerNorm", "RMSNorm")
_SAME = """
AlphaDropout CELU CrossMapLRN2d Dropout Dropout1d Dropout2d Dropout3d ELU FeatureAlphaDropout GELU
Hardshrink Hardsigmoid Hardswish Hardtanh Identity LeakyReLU LocalResponseNorm LogSigmoid
LogSoftmax Mish PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmax2d Softmin Softplus
Softshrink Softsign Tanh Tanhshrink Threshold ChannelShuffle
"""


def module_operation(module: Any) -> Operation | None:
    """Return what a module of torch.nn does, None for one that is not understood.

    Raises SolverError for arguments that PyTorch refuses.
    """
    name = type(module).__name__
    if name in _SAME.split():
        return Pointwise(name, parameters=held(module))
    if name.startswith("Lazy") and name.removeprefix("Lazy").startswith(_NORM):
        return Pointwise(name, 2 if module.affine else 0)
    if name.startswith(_NORM):
        return Pointwise(name, parameters=held(module))
    if name == "Linear":
        bias = module.bias is not None
        return Linear(int(module.out_features), int(module.in_features), bias)
    if name == "Flatten":
        return Flatten(int(module.start_dim), int(module.end_dim))
    if name == "GLU":
        return Part(2, 0, int(module.dim))
    if name == "CosineSimilarity":
        return Reduce(name, (int(module.dim),), keep=False)
    return _layer(name, module)


def _layer(name: str, module: Any) -> Operation | None:
    torch = framework("torch")
    try:
        row, _ = torch.find(name)
    except SolverError:
        return None
    if row.kind.indexed or row.kind.splits:  # whose size another tensor says
        return None
    given = {
        argument: plain(getattr(module, argument))
        for argument in row.arguments
        if hasattr(module, argument)
    }
    if "bias" in given:
        given["bias"] = module.bias is not None
    given = {argument: value for argument, value in given.items() if value is not _OTHER}
    found = layer("torch", name, **given)
    return Unfold(found) if row.kind.joins else Apply(found)


def held(module: Any) -> int:
    """Return how many parameters a module holds, those of its parts among them."""
    return sum(int(each.numel()) for each in module.parameters())


_OTHER = object()


def plain(value: Any) -> Any:
    """Return numbers, words and tuples of them as they are; a marker for anything else."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (tuple, list)):
        found = tuple(plain(each) for each in value)
        return _OTHER if _OTHER in found else found
    return _OTHER


def weight_dims(value: Any) -> tuple[Dim, ...]:
    """Return the shape of a parameter."""
    return tuple(Dim(int(size)) for size in value.shape)
