"""What stands behind a dot: x.shape, conv.kernel_size, self.layers, cfg.width."""

from __future__ import annotations

import ast
from math import prod
from typing import Any

from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.reading.functions.call import Wire
from solver.reading.text.builtin import kind_of
from solver.reading.text.changes import forget
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

#: What tensors have that is a tensor or sizes, and what no size depends on.
_OF_TENSORS = ("shape", "ndim", "data", "T", "mT", "H", "mH", "real", "imag")
_FLAGS = ("is_cuda", "requires_grad", "is_quantized")


class Attributes(Expressions):
    """Work out attributes."""

    def _Attribute(self, node: ast.Attribute) -> Any:
        value, name = self.value(node.value), node.attr
        if isinstance(value, Dotted):
            path = f"{value.path}.{name}"[:200]
            return value.last if name == "__name__" else self.scopes[0].get(path, Dotted(path))
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
        if isinstance(value, Partial) and name == "func":
            return value.function
        if isinstance(value, dict) and name in value:
            return value[name]  # such as a dictionary of settings
        if is_list(value) or isinstance(value, (dict, str, set, Function)):
            return Unfollowed(self.text(node)) if unfollowed(value) else Method(value, name)
        return Opaque(self.text(node))

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
        held = prod(value.shape) if value.parameter else 0
        line, _ = self.source.at(node)
        return self.build.add(Become(word, tuple(map(Dim, value.shape)), held), [], word, line)
