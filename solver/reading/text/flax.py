"""Layers of Flax, linen and nnx, in the words that the table of functions has for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

#: Arguments by their places: of linen, of nnx.
_WINDOW = ("kernel_size", "strides", "padding")
_DILATED = {"Conv": ("input_dilation", "kernel_dilation"), "ConvTranspose": ("kernel_dilation",)}
_LINEN: dict[str, tuple[str, ...]] = {
    name: ("features", *_WINDOW, *more) for name, more in _DILATED.items()
}
_LINEN |= {"Dense": ("features",), "Embed": ("num_embeddings", "features")}
_NNX: dict[str, tuple[str, ...]] = dict.fromkeys(
    _DILATED, ("in_features", "out_features", *_WINDOW)
)
_NNX |= {"Linear": ("in_features", "out_features"), "Embed": ("num_embeddings", "features")}
#: What they are called in the table, and their arguments there.
_NAMES = {"Conv": "flax.Conv", "ConvTranspose": "flax.ConvTranspose", "Embed": "Embedding"}
_NAMES |= {"Dense": "Dense", "Linear": "Dense"}
_WORDS = {
    "Embedding": {"features": "embedding_dim"},
    "Dense": {"features": "units", "out_features": "units"},
}
_NORMS = {"BatchNorm": "BatchNormalization", "LayerNorm": "LayerNormalization"}
_NORMS |= {"GroupNorm": "GroupNormalization", "RMSNorm": "RMSNormalization"}
_NORMS |= {"InstanceNorm": "GroupNormalization"}
_KERNEL = r"Conv(?:Transpose)?\([^()]*(?<!\w)\(([\w.\s,]+)\)"
_TUPLE = r"(?<![\w])\((\d+(?:, ?\d+){0,2},?)\)"

Called = tuple[str, list[Any], dict[str, Any]]


def translated(path: str, args: Sequence[Any], keywords: Mapping[str, Any]) -> Called:
    """A layer of Flax as the table has it; any other as it is.

    >>> translated("nn.Conv", [32, (3, 3)], {"strides": 2})
    ('flax.Conv', [], {'features': 32, 'kernel_size': (3, 3), 'strides': 2})
    >>> translated("nnx.Linear", [64, 10], {"rngs": None})
    ('Dense', [], {'in_features': 64, 'units': 10})
    """
    root, _, name = path.rpartition(".")
    given = {word: value for word, value in keywords.items() if word != "rngs"}
    if name == "GroupNorm":  # channels are divisible by either
        count = dict(zip(("num_groups",), args[1:] if "nnx" in root else args, strict=False))
        told = {**count, **given}
        size = told.get("group_size")
        return _NORMS[name], [], {"groups": told.get("num_groups", 32) if size is None else size}
    if name in _NORMS:
        return _NORMS[name], [], {"groups": -1} if name == "InstanceNorm" else {}
    if name.startswith("MultiHead"):
        return "MultiHeadDotProductAttention", list(args), given
    places = (_NNX if "nnx" in root else _LINEN).get(name)
    if places is None:
        return path, list(args), given
    given = {**dict(zip(places, args, strict=False)), **given}
    words = _WORDS.get(_NAMES[name], {})
    return _NAMES[name], [], {words.get(word, word): value for word, value in given.items()}


def axes_of(text: str) -> int | None:
    """The axes that the kernel of the first convolution has.

    >>> axes_of("nn.Conv(32, kernel_size=(3,))"), axes_of("nn.Conv(8, (3, 3), strides=2)")
    (1, 2)
    """
    found = re.search(_KERNEL, text) or re.search(_TUPLE, text)
    return len(re.findall(r"[\w.]+", found[1])) if found else 2 if "Conv" in text else None
