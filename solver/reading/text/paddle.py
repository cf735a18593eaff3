"""Programs of Paddle in PyTorch's words: its layers stay Paddle's, all else is renamed in the tree.

Nodes keep their places, so that what is said of a line is said of the line as it was written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from solver.errors import LimitError

#: What imports it.
PADDLE = r"(?m)^\s*(?:import|from) paddle\b"
#: What Paddle calls otherwise: classes, functions and methods, arguments.
_NAMES = {
    "Layer": "Module",
    "LayerList": "ModuleList",
    "LayerDict": "ModuleDict",
    "concat": "cat",
    "broadcast_to": "expand",
    "add_n": "sum",
    "create_parameter": "Parameter",
    "Swish": "SiLU",
    "swish": "silu",
    "sublayers": "modules",
    "add_sublayer": "add_module",
    "named_sublayers": "named_modules",
}
_WORDS = {"axis": "dim", "start_axis": "start_dim", "stop_axis": "end_dim", "perm": "dims"}
#: Layers with windows, which are Paddle's own; norms, dropouts and the like are PyTorch's.
_OWN = r"(?:Conv\dD(?:Transpose)?|(?:Max|Avg|LP)Pool\dD|Adaptive\w+Pool\dD|MaxUnPool\dD|\w*Pad\dD)$"
_POOLS = re.compile(r"(adaptive_)?(max|avg|lp)_pool(\d)d$")
_AXES = re.compile(r"(?<=\w)(\d)D$")


class _Words(ast.NodeTransformer):
    """Rename what a program of Paddle calls."""

    def __init__(self) -> None:
        self._imported = set[str]()

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        node.attr = _named(node.attr)
        if re.match(_OWN, node.attr):
            return ast.copy_location(_dotted(["paddle", node.attr], node), node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "paddle":
            node.id = "torch"
        elif node.id in self._imported:
            node.id = _named(node.id)
        if re.match(_OWN, node.id) and isinstance(node.ctx, ast.Load):
            return _dotted(["paddle", node.id], node)
        return node

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        for each in node.names:
            each.name = _of_torch(each.name)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        if node.module and node.module.partition(".")[0] == "paddle":
            node.module = _of_torch(node.module)
            self._imported.update(each.name for each in node.names if each.asname is None)
            for each in node.names:
                each.name = _named(each.name)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        for word in node.keywords:
            if word.arg == "data_format" and str(getattr(word.value, "value", "")).endswith("C"):
                said = ast.unparse(word.value)
                raise LimitError("channels are read as the second axis", said, "NCHW")
            word.arg = _WORDS.get(word.arg or "", word.arg)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if (found := _POOLS.match(name)) is not None and node.args:
            return _pool(node, found)
        if name == "transpose" and (_listed(node.args[-1:]) or node.keywords):
            node.func = ast.copy_location(ast.Attribute(_of(node), "permute", ast.Load()), node)
        if name == "reshape":
            _copied(node)
        return node


def in_torch(tree: ast.Module) -> ast.Module:
    """A program of Paddle as one of PyTorch.

    >>> lines = "import paddle.nn as nn\\nnn.Conv2D(3, 8, 3)\\nnn.BatchNorm2D(8)"
    >>> print(ast.unparse(in_torch(ast.parse(lines))))
    import torch.nn as nn
    paddle.Conv2D(3, 8, 3)
    nn.BatchNorm2d(8)
    """
    made: ast.Module = _Words().visit(tree)
    return made


def _named(name: str) -> str:
    """What PyTorch calls a class, a function or a method."""
    return name if re.match(_OWN, name) else _NAMES.get(name, _AXES.sub(r"\1d", name))


def _of_torch(module: str) -> str:
    return re.sub(r"^paddle\b", "torch", module)


def _dotted(parts: Iterable[str], at: ast.expr) -> ast.expr:
    first, *others = parts
    made: ast.expr = ast.Name(first, ast.Load())
    for part in others:
        made = ast.Attribute(ast.copy_location(made, at), part, ast.Load())
    return ast.copy_location(made, at)


def _pool(node: ast.Call, found: re.Match[str]) -> ast.Call:
    """A pooling as a function: the layer, called; windows are counted as Paddle counts them."""
    adaptive, kind, axes = found.groups()
    title = f"{'Adaptive' if adaptive else ''}{kind.upper() if kind == 'lp' else kind.title()}"
    layer = ast.Call(_dotted(["paddle", f"{title}Pool{axes}D"], node), node.args[1:], node.keywords)
    return ast.copy_location(ast.Call(ast.copy_location(layer, node), node.args[:1], []), node)


def _of(node: ast.Call) -> ast.expr:
    assert isinstance(node.func, ast.Attribute)
    return node.func.value


def _listed(nodes: list[ast.expr]) -> bool:
    return any(isinstance(each, (ast.List, ast.Tuple)) for each in nodes)


def _copied(node: ast.Call) -> None:
    """Put the size of the tensor where reshape has 0, which keeps it."""
    method = not (isinstance(_of(node), ast.Name) and ast.unparse(_of(node)) == "torch")
    tensor, shape = (_of(node), node.args[0]) if method and node.args else (None, None)
    if not method and len(node.args) > 1:
        tensor, shape = node.args[:2]
    if tensor is None or not isinstance(shape, (ast.List, ast.Tuple)):
        return
    for at, each in enumerate(shape.elts):
        if isinstance(each, ast.Constant) and each.value == 0 and each.value is not False:
            sizes = ast.copy_location(ast.Attribute(tensor, "shape", ast.Load()), each)
            place = ast.copy_location(ast.Constant(at), each)
            size = ast.Subscript(sizes, place, ast.Load())
            shape.elts[at] = ast.copy_location(size, each)
