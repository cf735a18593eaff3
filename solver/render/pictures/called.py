"""What a picture calls a layer."""

from __future__ import annotations

from solver.frameworks import bare
from solver.frameworks.code import line
from solver.layers.layer import Layer
from solver.layers.own_layer import OwnLayer
from solver.render.stack import brief


def called(layer: Layer) -> str:
    """A layer in a few words: ours as searches print it, a framework's as its code."""
    return brief(layer) if isinstance(layer, OwnLayer) else line(bare(layer))
