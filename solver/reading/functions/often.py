"""The functions of tensors that many programs call and some do not, loaded at the first of them."""

from __future__ import annotations

from solver.reading.functions import linear, moving, named_windows, norms
from solver.reading.functions.row import TensorFunction

ROWS: tuple[TensorFunction, ...] = (*moving.ROWS, *norms.ROWS, *linear.ROWS, *named_windows.ROWS)
