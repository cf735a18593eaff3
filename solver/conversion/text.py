"""Read a layer as it is written in a program: one call with plain arguments, never executed."""

from __future__ import annotations

import ast
import re
from itertools import takewhile
from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework as tables
from solver.frameworks import layer
from solver.layers.layer import Layer
from solver.layers.row import Framework, Row

_LONGEST = 2000


def read_layer(framework: Framework, text: str) -> Layer:
    """The layer that a call describes; tensors (x, w) and rngs are named and not used.

    Raises SolverError with the place of what is not understood.

    >>> from solver.frameworks import framework
    >>> read_layer(framework("keras"), 'layers.Conv2D(64, 3, strides=2, padding="same")').size(7)
    (4, 4)
    >>> read_layer(framework("torch"), "nn.Conv2d(3, 64, k)")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: kernel_size must be a number, a word or a tuple of them
      nn.Conv2d(3, 64, k)
                       ^
    """
    text = text.strip() if "#" in text else " ".join(text.split())
    call = _call(text)
    operation, arguments, keywords = _parts(call, text)
    _speaks(framework, operation, text)
    if (short := operation.rpartition(".")[2]) in _SIZELESS:
        rule = f"{short} has no spatial size: it does the same to every input"
        raise SolverError(rule, text=text, at=0, right="a convolution, a pooling, a padding")
    if framework.name == "tensorflow" and short[:1].isupper():  # a layer, and no operation
        framework = tables("keras")
    if framework.name == "caffe":
        arguments = [node for node in arguments if not _names_tensor(node)]
        operation, keywords = _in_caffe(operation, keywords)
    row, _ = framework.find(operation)
    names, behind, kernel = _places(framework, row, operation, arguments, keywords)
    if len(behind) > len(names):
        at = behind[len(names)].col_offset
        raise SolverError(f"{row.title} takes {len(names)} arguments", text=text, at=at)
    given: dict[str, Any] = {}
    places: dict[str, int] = {}
    for name, node in [*zip(names, behind, strict=False), *keywords]:
        if name in given:
            raise SolverError(f"{name} is given twice", text=text, at=node.col_offset)
        value = _value(row, name, node, text)
        if value is not _LEFT_OUT:
            given[name] = value
            places[row.argument(name)] = node.col_offset
    if kernel is not None and row.argument(kernel[0]) not in places:
        rule = "the kernel is a tensor here: its size is to be written too"
        raise SolverError(rule, text=text, at=kernel[1].col_offset, right=f"{kernel[0]}=(3, 3)")
    try:
        return layer(framework.name, operation, **given)
    except SolverError as fault:
        words = re.findall(r"\w+", fault.rule)
        fault_at = next((places[word] for word in words if word in places), None)
        if fault_at is None or fault.text is not None:
            raise
        raise type(fault)(fault.rule, fault.received, fault.right, text, fault_at) from None


_LEFT_OUT = object()
#: Layers of features and values, whose sizes nobody needs to solve for.
_SIZELESS = {
    *("Linear", "LazyLinear", "Bilinear", "Dense", "Embedding", "Dropout", "Gemm", "MatMul"),
    *("ReLU", "GELU", "SiLU", "Sigmoid", "Tanh", "Softmax", "LeakyReLU", "PReLU", "ELU"),
    *("BatchNorm", "BatchNormalization", "LayerNorm", "LayerNormalization", "GroupNorm"),
    *("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "InstanceNorm2d", "MultiheadAttention"),
}
#: What a part of a dotted name says about the framework; nn is PyTorch's and linen's.
_SPOKEN = {
    "torch": ("torch",),
    "nn": ("torch", "flax", "tensorflow", "paddle"),
    "paddle": ("paddle",),
    "F": ("torch", "paddle"),
    "L": ("caffe",),
    "keras": ("keras",),
    "layers": ("keras",),
    "tf": ("keras", "tensorflow"),
    "tensorflow": ("keras", "tensorflow"),
    "jax": ("jax",),
    "lax": ("jax",),
    "flax": ("flax",),
    "nnx": ("flax",),
    "linen": ("flax",),
}
#: What a function takes as a tensor, where a layer takes it as an argument or holds it.
_HELD = ("in_channels", "out_channels", "bias", "return_indices")
_KERNELS = ("kernel_shape", "kernel_size")


def _call(text: str) -> ast.Call:
    """The call in an expression, an assignment or a list entry; in f(...)(x) the first."""
    if len(text) > _LONGEST:
        raise SolverError(f"a layer is written in at most {_LONGEST:,} characters", text)
    right = 'Conv2D(64, 3, padding="same")'
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        at = getattr(fault, "offset", None) or 1
        raise SolverError("this is no call", text=text, at=at - 1, right=right) from None
    tree = getattr(body[0], "value", None) if len(body) == 1 else None
    if isinstance(tree, ast.Tuple) and len(tree.elts) == 1:
        tree = tree.elts[0]
    if not isinstance(tree, ast.Call):
        raise SolverError("a layer is written as a call", text=text, at=0, right=right)
    return tree.func if isinstance(tree.func, ast.Call) else tree


def _parts(call: ast.Call, text: str) -> tuple[str, list[ast.expr], list[tuple[str, ast.expr]]]:
    """The operation a call names, what it is given by place, and what by name."""
    operation, arguments, keywords = _dotted(call.func, text), call.args, _keywords(call, text)
    for node in arguments:
        if isinstance(node, ast.Starred):
            raise SolverError("arguments are written one by one", text=text, at=node.col_offset)
    if operation.rpartition(".")[2] != "make_node":
        return operation, arguments, keywords
    if not arguments or not isinstance(arguments[0], ast.Constant):
        raise SolverError(
            "a node is made of an operator", text=text, right='make_node("Conv", ...)'
        )
    names = ("op_type", "inputs", "outputs", "name", "doc_string", "domain")
    return str(arguments[0].value), [], [each for each in keywords if each[0] not in names]


def _dotted(node: ast.expr, text: str) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, text)}.{node.attr}"
    if isinstance(node, ast.Name):
        return node.id
    raise SolverError("an operation is called by its name", text=text, at=node.col_offset)


def _speaks(framework: Framework, operation: str, text: str) -> None:
    """Refuse a name of another framework, which would be read as something else."""
    *path, name = operation.split(".")
    spoken = [_SPOKEN[part] for part in path if part in _SPOKEN]
    if framework.name in ("torch", "keras") and (found := re.search(r"[A-Z].*\d([dD])", name)):
        spoken.append(("torch",) if found[1] == "d" else ("keras",))
    for names in spoken:
        if framework.name not in names:
            rule = f"{operation} is not of {framework.title}"
            raise SolverError(rule, text=text, at=0, right=f"--from {names[0]}")


def _places(
    framework: Framework,
    row: Row,
    operation: str,
    arguments: list[ast.expr],
    keywords: list[tuple[str, ast.expr]],
) -> tuple[list[str], list[ast.expr], tuple[str, ast.expr] | None]:
    """The names of places, what stands there, and the kernel where that is a tensor.

    A layer, whose name is in capitals, takes no tensors. A function takes what goes in, and a
    convolution its weights and a bias too.
    """
    names = list(row.arguments)
    path, _, name = operation.rpartition(".")
    kernel = next((each for each in _KERNELS if each in names), None)
    if framework.name == "flax" and name[0].isupper():
        linen = path in ("nn", "linen", "flax.linen") or any(
            isinstance(node, (ast.Tuple, ast.List)) for node in arguments[1:2]
        )
        if linen and all(word != "rngs" for word, _ in keywords):
            names.remove("in_features")
    if framework.name != "onnx" and name[0].isupper():
        return names, arguments, None
    weighed = kernel is not None and row.kind.weights is not None
    most = 3 if weighed and framework.name == "torch" else 1 + weighed
    tensors = list(
        takewhile(_names_tensor, arguments if framework.name == "onnx" else arguments[:most])
    )
    if framework.name == "torch":
        names = [each for each in names if each not in _HELD]
    if weighed and len(tensors) > 1 and framework.name != "onnx":
        names.remove(str(kernel))
        return names, arguments[len(tensors) :], (str(kernel), tensors[1])
    return names, arguments[len(tensors) :], None


def _in_caffe(
    operation: str, keywords: list[tuple[str, ast.expr]]
) -> tuple[str, list[tuple[str, ast.expr]]]:
    """The same as the table has it: words, not members of an enum; what averages is another row."""
    told = [
        (name, ast.copy_location(ast.Constant(node.attr), node))
        if isinstance(node, ast.Attribute)
        else (name, node)
        for name, node in keywords
    ]
    averages = any(name == "pool" and getattr(node, "value", None) == "AVE" for name, node in told)
    path, dot, name = operation.rpartition(".")
    return (f"{path}{dot}AvePooling" if averages and name == "Pooling" else operation), told


def _names_tensor(node: ast.expr) -> bool:
    """Tell whether an argument is a tensor, such as x, self.weight or a call, and not a number."""
    if isinstance(node, ast.Name):
        return not (len(node.id) == 1 and node.id in "kspd")
    return isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)) or (
        isinstance(node, ast.Constant) and node.value is None
    )


def _keywords(call: ast.Call, text: str) -> list[tuple[str, ast.expr]]:
    found = []
    for keyword in call.keywords:
        if keyword.arg is None:
            at = keyword.value.col_offset
            raise SolverError("arguments are written one by one", text=text, at=at)
        found.append((keyword.arg, keyword.value))
    return found


def _value(row: Row, name: str, node: ast.expr, text: str) -> Any:
    if name == "rngs":
        return _LEFT_OUT
    try:
        own = row.argument(name)
    except SolverError as fault:
        start = text.rfind(name, 0, node.col_offset)
        raise SolverError(
            fault.rule, text=text, at=start if start >= 0 else node.col_offset, right=fault.right
        ) from None
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        if row.arguments[own].read is None:
            return _LEFT_OUT  # an initializer, an activation: sizes do not depend on it
        raise SolverError(
            f"{own} must be a number, a word or a tuple of them", text=text, at=node.col_offset
        ) from None
