"""Programs of TensorFlow 1 in Keras's words: placeholders are inputs, tf.layers are its layers.

Nodes keep their places, so that what is said of a line is said of the line as it was written.
"""

from __future__ import annotations

import ast
import re

#: What only such programs call.
TENSORFLOW1 = (
    r"\btf\.(?:compat\.v1\.)?(?:placeholder|layers\.|get_variable|Variable\(|truncated_normal)"
)
#: The layers of tf.layers whose names are not those of Keras in lower case.
_LAYERS = {
    "separable_conv1d": "SeparableConv1D",
    "separable_conv2d": "SeparableConv2D",
    "conv2d_transpose": "Conv2DTranspose",
    "conv3d_transpose": "Conv3DTranspose",
    "batch_normalization": "BatchNormalization",
    **{f"{word}_pooling{d}d": f"{word.title()}Pooling{d}D" for word in ("max", "average")
       for d in "123"},
}  # fmt: skip
#: What a layer of Keras is told when it is called, or not at all.
_CALLED = {"training", "reuse", "inputs"}
#: What makes numbers of a shape: where it stands among the arguments.
_FILLED = {
    **dict.fromkeys(("truncated_normal", "random_normal", "random_uniform", "zeros", "ones"), 0),
    "get_variable": 1,
    "constant": 2,
}


class _TensorFlowWords(ast.NodeTransformer):
    """Rename what a program of TensorFlow 1 calls."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        node.module = _shorter(node.module or "")
        return node

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        for each in node.names:
            each.name = _shorter(each.name)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        path = re.sub(r"^tf\.compat\.v1\.", "tf.", ast.unparse(node.func))
        *owner, name = path.split(".")
        if owner == ["tf", "layers"]:
            return _layer(node, name)
        if owner != ["tf"]:
            return node
        if name == "placeholder":
            shape = _argument(node, "shape", 1)
            made = [ast.keyword("batch_shape", shape)] if shape is not None else []
            return _call("keras.Input", [], made, node) if made else _at(ast.Constant(0.5), node)
        if name == "Variable" and node.args:
            return _call("torch.nn.Parameter", node.args[:1], [], node)
        if name in _FILLED and (shape := _argument(node, "shape", _FILLED[name])) is not None:
            return _call("tf.random.normal", [shape], [], node)
        return node


def in_keras(tree: ast.Module) -> ast.Module:
    """A program of TensorFlow 1 as one of Keras.

    >>> lines = "x = tf.placeholder(tf.float32, [None, 28, 28, 1])"
    >>> lines += "\\nw = tf.Variable(tf.truncated_normal([5, 5, 1, 32]))"
    >>> lines += "\\ny = tf.layers.conv2d(x, 32, 3, activation=tf.nn.relu)"
    >>> print(ast.unparse(in_keras(ast.parse(lines))))
    x = keras.Input(batch_shape=[None, 28, 28, 1])
    w = torch.nn.Parameter(tf.random.normal([5, 5, 1, 32]))
    y = keras.layers.Conv2D(32, 3, activation=tf.nn.relu)(x)
    """
    made: ast.Module = _TensorFlowWords().visit(tree)
    return made


def _layer(node: ast.Call, name: str) -> ast.expr:
    """A function of tf.layers as the layer of Keras, called."""
    given = _argument(node, "inputs", 0)
    if given is None:
        return node
    title = _LAYERS.get(name) or f"{name[0].upper()}{name[1:]}"
    title = re.sub(r"(\d)d$", r"\1D", title)
    told = [each for each in node.keywords if each.arg not in _CALLED]
    return _at(
        ast.Call(_call(f"keras.layers.{title}", node.args[1:], told, node), [given], []), node
    )


def _argument(node: ast.Call, name: str, place: int) -> ast.expr | None:
    """An argument of a call, by its name or its place."""
    named = next((each.value for each in node.keywords if each.arg == name), None)
    return named if named is not None else next(iter(node.args[place : place + 1]), None)


def _call(path: str, args: list[ast.expr], keywords: list[ast.keyword], at: ast.expr) -> ast.expr:
    function: ast.expr = _at(ast.parse(path, mode="eval").body, at)
    for inner in ast.walk(function):
        ast.copy_location(inner, at)
    return _at(ast.Call(function, args, keywords), at)


def _at(made: ast.expr, node: ast.expr) -> ast.expr:
    return ast.copy_location(made, node)


def _shorter(module: str) -> str:
    return re.sub(r"^tensorflow\.compat\.v1\b", "tensorflow", module)
