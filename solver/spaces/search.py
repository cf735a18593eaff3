"""Search for designs: a space from a file, from the words of one, or from layers."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from solver.spaces.space import Space
from solver.spaces.words import described, load

if TYPE_CHECKING:
    from solver.sizes.given import SizesLike


def search(
    layers: object, input: SizesLike = None, output: SizesLike = None, **asked: Any
) -> Space:
    """The space of all stacks that do what is asked: counted, indexed, and the best proved.

    layers: the parts of a `Space` (Choice, repeat, optional, either, mirror, or a list of them)
    between input and output; or the name of a .toml or .json file that says all this, or a mapping
    with the words of one (docs/spaces.md). asked: limits and everything else that `Space` takes; of
    a file, limits that narrow it. Raises SolverError.

    >>> from solver import Choice, Conv, repeat
    >>> found = search(repeat(Choice(Conv, "1,3", "1,2", "half"), 3), 32, 8)
    >>> found.count, found.best(1)[0]
    (24, Stack([Conv(1), Conv(1, stride=2), Conv(1, stride=2)]))
    >>> search("examples/encoder.toml", depth=4).reason is None
    True
    """
    if isinstance(layers, (str, PathLike)):
        return Space(**load(fspath(layers))).relaxed(**asked)
    if isinstance(layers, Mapping):
        return Space(**described(layers)).relaxed(**asked)
    return Space(layers, input, output, **asked)
