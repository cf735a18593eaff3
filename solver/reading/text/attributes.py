"""What stands behind a dot: x.shape, conv.kernel_size, self.layers, cfg.width."""

from __future__ import annotations

import ast
import math
from itertools import accumulate
from typing import Any

from solver.layers.layer import Layer
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.reading.functions.call import Wire
from solver.reading.functions.table import find
from solver.reading.text.builtin import kind_of
from solver.reading.text.changes import FRAMEWORKS, forget
from solver.reading.text.expressions import Expressions
from solver.reading.text.values import (
    MODULES,
    Builtin,
    Dotted,
    Function,
    Instance,
    Leaf,
    Method,
    ModuleChain,
    Opaque,
    Partial,
    Unfollowed,
    UserClass,
    is_list,
    unfollowed,
)
from solver.sizes.width import is_int

#: What tensors have that is a tensor or sizes, and what no size depends on.
_OF_TENSORS = ("shape", "ndim", "data", "T", "mT", "H", "mH", "real", "imag")
_FLAGS = ("is_cuda", "requires_grad", "is_quantized")
_TOLD = ("size", "dim", "device", "dtype")
#: Numbers that have names.
NAMED = {
    f"{of}.{name}": getattr(math, name)
    for of in ("math", "np", "numpy", "torch")
    for name in ("pi", "e", "inf")
}
#: What every module has, what a Sequential or a list of them has too, and what layers may have.
_OF_MODULES = (
    "forward", "training", "children", "modules", "named_children", "named_modules", "parameters",
    "named_parameters", "buffers", "named_buffers", "apply", "eval", "train", "to", "cuda", "cpu",
    "half", "float", "double", "state_dict", "load_state_dict", "register_buffer",
    "register_parameter", "register_module", "add_module", "zero_grad", "requires_grad_",
    "register_forward_hook", "register_forward_pre_hook", "get_submodule", "extra_repr",
    "__class__", "__dict__", "__call__", "_modules",
)  # fmt: skip
_VIEWS = ("items", "keys", "values")  # of _modules, where it is only read
_OF_LISTS = ("append", "extend", "insert", "pop", "__len__", "__iter__", "__getitem__")
_OF_LAYERS = (
    "weight", "bias", "reset_parameters", "running_mean", "running_var", "num_batches_tracked",
    "transposed",
)  # fmt: skip


class Attributes(Expressions):
    """Work out attributes."""

    def _Attribute(self, node: ast.Attribute) -> Any:
        return self.behind(self.value(node.value), node)

    def behind(self, value: Any, node: ast.Attribute) -> Any:
        """What a value has under the name of an attribute."""
        name = node.attr
        if isinstance(value, Dotted):
            path = f"{value.path}.{name}"[:200]
            known = NAMED.get(path) or self.scopes[0].get(path, Dotted(path))
            return value.last if name == "__name__" else known
        if isinstance(value, Opaque):
            return self._of_unknown(value, node)
        if isinstance(value, Wire):
            if name in _OF_TENSORS:
                return self.tensor("getattr", node, value, name)
            return False if name in _FLAGS else Method(value, name)
        if isinstance(value, MODULES):
            return self._of_module(value, node)
        if isinstance(value, UserClass):
            return self.attribute(value, name)
        if isinstance(value, Method) and value.name == "_modules" and name in _VIEWS:
            return Method(value, name)
        if isinstance(value, Partial) and name in ("func", "args", "keywords"):
            return {"func": value.function, "args": value.args}.get(name, value.keywords)
        if isinstance(value, dict) and name in value:
            return value[name]  # such as a dictionary of settings
        if is_list(value) or isinstance(value, (dict, str, set, Function)):
            return Unfollowed(self.text(node)) if unfollowed(value) else Method(value, name)
        return Opaque(self.text(node))

    def has(self, value: Any, name: str, node: ast.AST) -> bool | None:
        """Whether a value has something under a name, None where nobody knows."""
        if isinstance(value, Dotted) and value.path.partition(".")[0] in FRAMEWORKS:
            line, _ = self.source.at(node)
            self.build.note(f"taken as where {value.path} has {name}", line)
            return True
        if isinstance(value, (Opaque, Dotted)) or unfollowed(value):
            return None
        if isinstance(value, Wire):
            return name in (*_OF_TENSORS, *_FLAGS, *_TOLD) or find(name, ("function",)) is not None
        if isinstance(value, dict):
            return name in value or hasattr(value, name)
        if isinstance(value, UserClass):
            return value.find(name) is not None or None
        if not isinstance(value, MODULES):
            plain = isinstance(value, (int, float, str, bool, list, tuple, set, type(None)))
            return hasattr(value, name) if plain else None
        if name in value.names or name in _OF_MODULES:
            return True
        if isinstance(value, Leaf):
            return _layer_has(value, name)
        if isinstance(value, ModuleChain):
            return name in dict(value.children) or name in _OF_LISTS
        found = value.of.find(name) or self.attribute(value, name)
        return None if unfollowed(found) else not isinstance(found, Opaque)

    def _of_module(self, value: Any, node: ast.Attribute) -> Any:
        name = node.attr
        if isinstance(value, ModuleChain) and name in (parts := dict(value.children)):
            return parts[name]
        if name == "__class__":
            return kind_of(value)
        if isinstance(value, Instance):
            return self.attribute(value, name)
        if name == "__dict__":  # it may be changed in there
            forget(value, Unfollowed(self.text(node)))
        if isinstance(value, Leaf):  # conv.out_channels
            if name in ("weight", "bias"):
                return value.weight(name)
            known = value.attribute(name)
            return Method(value, name) if known is None else known
        if name in value.names:
            return value.names[name]
        return Unfollowed(self.text(node)) if unfollowed(value) else Method(value, name)

    def _of_unknown(self, value: Opaque, node: ast.Attribute) -> Any:
        """What something has that is not known, or a tensor of numbers."""
        if value.elements and node.attr in ("item", "tolist"):
            found = list(value.elements) if node.attr == "tolist" else value.elements[0]
            return Builtin(lambda: found)
        if value.elements and node.attr == "split":
            return Builtin(lambda sizes: _parts(value, sizes))
        if not value.shape:
            return Opaque(self.text(node), value.parameter)
        if node.attr == "data" or node.attr.endswith("_"):
            return value
        if node.attr in _OF_TENSORS:
            return self.tensor("getattr", node, self.constant(value, node), node.attr)
        return False if node.attr in _FLAGS else Method(value, node.attr)

    def constant(self, value: Opaque, node: ast.AST) -> Wire:
        """A tensor of numbers as a node."""
        word = "parameter" if value.parameter else "numbers"
        held = math.prod(value.shape) if value.parameter else 0
        line, _ = self.source.at(node)
        return self.build.add(Become(word, tuple(map(Dim, value.shape)), held), [], word, line)


def _layer_has(leaf: Leaf, name: str) -> bool | None:
    """Whether a layer has something under a name, None where nobody knows."""
    if leaf.made is None:
        return None
    told = name in ("weight", "bias") and leaf.made.weight(name) is not None
    if told or leaf.attribute(name) is not None:
        return True
    layer = leaf.made.layer
    bare = isinstance(layer, Layer) and not layer.row.kind.weights
    return None if name in _OF_LAYERS and not bare else False


def _parts(value: Opaque, sizes: Any) -> Any:
    """What split(sizes) makes of a tensor of one axis whose elements are known."""
    count = len(value.elements)
    if is_int(sizes) and sizes > 0:
        sizes = [min(sizes, count - at) for at in range(0, count, sizes)]
    if not (is_list(sizes) and all(map(is_int, sizes)) and sum(sizes) == count):
        return Opaque(value.text)
    ends = [*accumulate(sizes)]
    parts = [value.elements[end - size : end] for size, end in zip(sizes, ends, strict=True)]
    return tuple(Opaque(value.text, shape=(len(each),), elements=each) for each in parts)
