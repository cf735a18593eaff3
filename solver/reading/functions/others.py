"""The functions of tensors that few programs call, loaded when a name is no other."""

from __future__ import annotations

from solver.reading.functions import (
    attention,
    creation,
    indexing,
    nodes,
    parts,
    patterns,
    recurrent,
    reducing,
    spectral,
)
from solver.reading.functions.row import TensorFunction

ROWS: tuple[TensorFunction, ...] = (
    *reducing.ROWS,
    *parts.ROWS,
    *patterns.ROWS,
    *indexing.ROWS,
    *creation.ROWS,
    *recurrent.ROWS,
    *attention.ROWS,
    *spectral.ROWS,
    *nodes.ROWS,
)
