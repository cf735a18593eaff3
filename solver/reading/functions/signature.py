"""How a function is called: its names and its arguments, in order, as its framework writes them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from solver.ground.named import NamedTuple

#: Frameworks differ in the words for one argument; the rules know it by the second.
_WORDS = {
    **dict.fromkeys(("dim", "dims", "axes"), "axis"),
    **dict.fromkeys(("x", "inputs", "tensors", "data", "self", "x1", "query"), "input"),
    **dict.fromkeys(("y", "tensor2", "mat2", "x2", "divisor"), "other"),
    "keepdim": "keepdims",
    "units": "out_features",
    "perm": "axis",
    **dict.fromkeys(("paddings", "pad_width"), "pads"),
    **dict.fromkeys(("filters", "kernel", "filter"), "weight"),
    "stop": "end",
    "input_dim": "num_embeddings",
    "output_dim": "embedding_dim",
    **dict.fromkeys(("ksize", "pool_size", "window_shape"), "window"),
}


class Signature(NamedTuple):
    """Hold the names of arguments in order, of one bracket or two, and their defaults.

    A layer has two brackets: the first makes it, the second calls it on tensors. rest: the name
    that takes what is left of the arguments that are given by place. defaults: by the words of the
    rules.
    """

    arguments: tuple[str, ...]
    inputs: tuple[str, ...]
    rest: str
    defaults: Mapping[str, Any]


def names(text: str) -> list[str]:
    """The names that a text writes in front of its brackets.

    >>> names("Conv Pool(size, stride=None)(x)")
    ['Conv', 'Pool']
    """
    return text.partition("(")[0].split()


@lru_cache(1024)
def parse(text: str) -> Signature:
    """What a text writes in its brackets.

    >>> signature = parse("Conv Pool(size, stride=None)(x)")
    >>> signature.arguments, signature.inputs, signature.defaults
    (('size', 'stride'), ('x',), {'stride': None})
    """
    brackets = " ".join(text.split()).partition("(")[2]
    (line,) = ast.parse("f(" + brackets).body
    assert isinstance(line, ast.Expr)
    assert isinstance(line.value, ast.Call)
    first = line.value
    inputs: tuple[str, ...] = ()
    rest, defaults = "", dict[str, Any]()
    if isinstance(first.func, ast.Call):
        inputs, rest = _arguments(first, defaults)
        first = first.func
    arguments, own = _arguments(first, defaults)
    return Signature(arguments, inputs, own or rest, defaults)


def _arguments(call: ast.Call, defaults: dict[str, Any]) -> tuple[tuple[str, ...], str]:
    found, rest = [], ""
    for part in call.args:
        if isinstance(part, ast.Starred):
            rest = ast.unparse(part.value)
        else:
            found.append(ast.unparse(part))
    for word in call.keywords:
        found.append(str(word.arg))
        defaults[known(str(word.arg))] = ast.literal_eval(word.value)
    return tuple(found), rest


def bound(
    names: Sequence[str], rest: str, args: Sequence[Any], words: Mapping[str, Any]
) -> dict[str, Any]:
    """Return arguments by the words of the rules. What a function does not know is no size's.

    >>> bound(["dim", "keepdim"], "", [1], {"keepdim": True})
    {'axis': 1, 'keepdims': True}
    """
    found = dict(zip(map(known, names), args, strict=False))
    if rest and len(args) > len(names):
        found[known(rest)] = tuple(args[len(names) :])
    found.update({known(name): value for name, value in words.items()})
    return found


@lru_cache(4096)
def known(name: str) -> str:
    """The word by which the rules know an argument.

    >>> known("dim"), known("stride")
    ('axis', 'stride')
    """
    return _WORDS.get(name, name)
