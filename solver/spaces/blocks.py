"""Blocks as parts of a design space: what is added to its input, or stands beside it."""

from __future__ import annotations

from collections.abc import Sequence

from solver.errors import LimitError, SolverError, shorten
from solver.layers.branching import JOINS
from solver.layers.operators import Operator
from solver.spaces.parts import Fixed, Joined, Part
from solver.spaces.places import leaves
from solver.spaces.written_parts import one_of, part


def residual(*body: object, project: bool | str = True) -> Joined:
    """Add the input to what a body makes of it: a residual block.

    Where the body changes channels or has a stride, the input goes through a convolution of 1x1
    with that stride, so that the shapes meet; project="batchnorm": one without bias, and that
    behind it, as in ResNets; project=False: there the body stands alone, as in inverted residuals.
    A body that cuts the edges off meets nowhere.

    >>> from solver import Choice, Conv
    >>> residual(Choice(Conv, "3,5", padding="half"), "relu")
    residual(Choice('conv', kernel_size='3,5', padding='half'), 'relu')
    """
    if isinstance(project, str):
        check_keeps(project, "project")
    elif not isinstance(project, bool):
        rule = "project is true, false, or what stands behind the projection"
        raise SolverError(rule, shorten(repr(project)), "batchnorm")
    return _joined("add", [_some("residual", body)], True, project)


def parallel(*branches: object, join: str = "add") -> Joined:
    """Take branches of the same input, which meet: join is "add", or "concat" for the channels.

    A list is a branch of layers in order; an empty one passes the input on.

    >>> from solver import Conv
    >>> parallel(Conv(1), [Conv(1), Conv(3, padding=1)], join="concat")
    parallel(Conv(1), [Conv(1), Conv(3, padding=1)], join='concat')
    """
    if len(branches) < 2:
        raise SolverError("branches that meet are two or more", f"{len(branches)}")
    if join not in JOINS:
        raise SolverError("branches meet in one way", shorten(repr(join)), " or ".join(JOINS))
    return _joined(join, [part(branch) for branch in branches])


def skip(*body: object, join: str = "concat", fit: str = "exact") -> Joined:
    """Take the input past a body, to meet what comes out: a skip connection, as in a U-Net.

    The body brings its input size back; with fit="crop" it may lose some at the edges, and the
    input is cropped to what comes out, alike at both ends. Nested, it is an encoder and a decoder;
    with join "concat" and one convolution it is a dense layer.

    >>> from solver import Conv, ConvTranspose, MaxPool
    >>> skip(MaxPool(2), Conv(3, padding=1), ConvTranspose(2, 2))
    skip(MaxPool(2), Conv(3, padding=1), ConvTranspose(2, stride=2))
    """
    if fit not in ("exact", "crop"):
        raise SolverError("a skip fits exactly, or is cropped", shorten(repr(fit)), "exact or crop")
    found = parallel([], _some("skip", body), join=join)
    return Joined(join, found.branches, crop=fit == "crop")


def check_keeps(word: object, name: str) -> None:
    """Raise SolverError for what is no operation that keeps sizes and channels."""
    row = Operator(word).row if isinstance(word, str) else None
    if row is None or row.grows or row.whole or row.last:
        rule = f"{name} is an operation that keeps sizes and channels"
        raise SolverError(rule, shorten(repr(word)), "batchnorm, or relu")


def _joined(
    join: str, branches: Sequence[Part], shortcut: bool = False, project: bool | str = True
) -> Joined:
    """A block. Raises SolverError for a head in it."""
    for leaf in (leaf for each in branches for leaf in leaves(each)):
        if isinstance(leaf, Fixed) and leaf.says("last"):
            raise SolverError("a head stands behind all other layers", repr(leaf))
        if isinstance(leaf, Fixed) and leaf.says("marks"):
            rule = "a mark stands before or behind a block, not inside"
            raise LimitError(rule, repr(leaf))
    return Joined(join, branches, shortcut, project)


def _some(name: str, body: Sequence[object]) -> Part:
    if not body:
        raise SolverError(f"{name}() needs a layer", right=f"{name}(Conv(3, padding=1))")
    return one_of(body)
