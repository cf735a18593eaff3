"""The table of functions of tensors, and where every reader looks them up.

What PyTorch and Keras have a row for in their own tables, layers above all, is a function too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from solver.errors import SolverError
from solver.reading.functions import fitting, merging, pointwise, windows
from solver.reading.functions.call import Call, Nodes, Unclear
from solver.reading.functions.prepared import Named, Prepared, table_layer
from solver.reading.functions.row import TensorFunction
from solver.reading.functions.signature import Signature, bound, names, parse

#: What nearly all programs call, what many do, and what few do.
_USUAL, _OFTEN, _OTHERS = range(3)


def plain_name(name: str) -> str:
    """A name without dots, underscores at its ends, and case.

    >>> plain_name("F.leaky_relu_"), plain_name("nn.ReLU")
    ('leaky_relu', 'relu')
    """
    return name.rpartition(".")[2].strip("_").lower()


def _key(name: str) -> str:
    return plain_name(name).replace("_", "")


def functions(share: int) -> tuple[TensorFunction, ...]:
    """The functions that so many programs call, loaded where a name is none that more call."""
    if share == _USUAL:
        return (*pointwise.ROWS, *merging.ROWS, *windows.ROWS, *fitting.ROWS)
    if share == _OFTEN:
        from solver.reading.functions import often

        return often.ROWS
    from solver.reading.functions import others

    return others.ROWS


@cache
def _index(face: str, share: int) -> dict[str, tuple[TensorFunction, str]]:
    """The functions of a face by name, and how each is called, which is parsed when it is."""
    found: dict[str, tuple[TensorFunction, str]] = {}
    for function in functions(share):
        for text in function.texts(face):
            for name in names(text):
                found.setdefault(_key(name), (function, text))
    return found


@lru_cache(4096)
def find(name: str, faces: tuple[str, ...]) -> Named | None:
    """The function of a name, in the first of these faces that has it; None of none.

    >>> find("nn.Flatten", ("module",)).signature.arguments
    ('start_dim', 'end_dim')
    """
    key = _key(name)
    for face in faces:
        for share in (_USUAL, _OFTEN, _OTHERS):
            if found := _index(face, share).get(key):
                function, text = found
                return Named(function, parse(text), face)
            if share == _USUAL and _tabled(name, face):
                break
    return None


def _tabled(name: str, face: str) -> bool:
    """Whether a layer of a table has a name, or a function is named after one."""
    if face in ("function", "op"):
        return windows.function_of(plain_name(name)) is not None
    try:
        return face != "onnx" and windows.find(name) is not None
    except SolverError:  # it is written as in another framework
        return True


def arguments_of(name: str, last: bool = False) -> tuple[str, ...]:
    """The names of a layer's arguments, in order; none of a name that is not known.

    >>> arguments_of("nn.Conv2d")[:3], arguments_of("nn.Flatten")
    (('in_channels', 'out_channels', 'kernel_size'), ('start_dim', 'end_dim'))
    """
    named = find(name, ("layer",) if last else ("module",))
    if named is not None:
        return named.signature.arguments
    try:
        found = windows.find(name)
    except SolverError:
        return ()
    return () if found is None else tuple(found[1].arguments)


def prepared(
    name: str, args: Sequence[Any], words: Mapping[str, Any], last: bool = False
) -> Prepared | None:
    """A layer by its name and arguments; None of a name that is not known.

    last: whether the channels are the last axis, as in Keras. Raises SolverError for arguments that
    its framework has not.

    >>> prepared("nn.Flatten", [2], {}).given, prepared("nn.NoSuchLayer", [64], {})
    ({'start_dim': 2}, None)
    """
    faces = ("layer", "module") if last else ("module", "layer")
    named = find(name, faces[:1])
    if named is None:
        layer = windows.layer_of(name, args, dict(words))
        if layer is not None:
            return table_layer(plain_name(name), layer)
        named = find(name, faces[1:])
    if named is None:
        return None
    signature = named.signature
    given = bound(signature.arguments, signature.rest, args, words)
    return Prepared(plain_name(name), named, given)


@cache
def _layer_function(name: str) -> Named | None:
    """A function of PyTorch that is named after a layer of its table."""
    found = windows.function_of(name)
    if found is None:
        return None
    row, title = found
    signature = Signature(("input", *row.arguments), (), "", {})
    return Named(TensorFunction(windows.like(title)), signature, "function")


def is_layer(name: str) -> bool:
    """Tell whether PyTorch or Keras has a layer of this name.

    >>> is_layer("Conv1d"), is_layer("LayerNorm"), is_layer("Module")
    (True, True, False)
    """
    # Most programs ask it of Module, for which Keras need not be loaded.
    if plain_name(name) == "module":
        return False
    named = name[:1].isupper() and find(name, ("module", "layer")) is not None
    return named or windows.find(name) is not None


def _told_apart(name: str) -> str:
    """The name of a function whose library has it otherwise than others do."""
    root, _, word = name.partition(".")
    return f"{_LIBRARIES.get(root, root)}_{word.rpartition('.')[2]}"


#: Libraries by the names under which programs import them.
_LIBRARIES = {"tensorflow": "tf", "jnp": "jax", "lax": "jax"}
_LIBRARIES |= dict.fromkeys(("flax", "linen", "nnx"), "nn")


def called(
    nodes: Nodes, name: str, args: Sequence[Any], words: Mapping[str, Any], last: bool = False
) -> Call | None:
    """The call of a function or a method by its name; None of a name that is not known.

    A name that ends in one underscore changes its first tensor.
    """
    plain = plain_name(name)
    named = find(_told_apart(name), ("op",)) if last else None
    if named is None:
        named = find(name, ("op", "function") if last else ("function",))
    if named is not None and named.function is windows.UNFOLD and _of_layer(name, args, words):
        named = None
    if named is None:
        named = _layer_function(plain)
    if named is None:
        return None
    signature = named.signature
    given = bound(signature.arguments, signature.rest, args, words)
    given.pop("out", None)
    changes = name.endswith("_") and not name.endswith("__")
    rule = named.function.rule
    return Call(nodes, plain, rule, given, signature.defaults, last, changes=changes)


def _of_layer(name: str, args: Sequence[Any], words: Mapping[str, Any]) -> bool:
    """Tell whether the function that is named after a layer is meant, not the method."""
    if name.endswith(("F.unfold", "functional.unfold")):
        return True
    return len(args) + len(words) < 4 or not words.keys() <= {"dimension", "size", "step"}


def node(
    nodes: Nodes, name: str, inputs: Sequence[Any], attributes: Mapping[str, Any], ours: bool
) -> Call:
    """The call of an operator of ONNX; ours: whether one of this name may be known."""
    named = find(name, ("onnx",)) if ours else None
    if named is None:
        return Call(nodes, name, _unknown, {"input": tuple(inputs)}, {})
    signature = named.signature
    given = bound(signature.inputs, signature.rest, inputs, attributes)
    return Call(nodes, name, named.function.rule, given, signature.defaults)


def _unknown(call: Call) -> Any:
    raise Unclear
