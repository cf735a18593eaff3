"""Layers that act unlike on the axes: a product of one-axis options, one for each lane.

A lane is a set of axes that every layer of a space treats alike; it is named by its first axis.
"""

from __future__ import annotations

from typing import Any

from solver.ground.named import NamedTuple
from solver.sizes.sizemap import SizeMap
from solver.spaces.transition import Transition, Within


class Crossed(NamedTuple):
    """Hold what a layer does to a size on each lane; a jump of it is a tuple with one of each.

    >>> Crossed((Transition(2), Transition(1))).after((1, 4))
    (2, 4)
    """

    lanes: tuple[Transition, ...]

    @property
    def stride(self) -> int:
        """One, since gains that are counted in jumps are of no single lane."""
        return 1

    @property
    def input_dilation(self) -> int:
        """How far apart inputs are put, on the lane where it is most."""
        return max(lane.input_dilation for lane in self.lanes)

    @property
    def back(self) -> Any:
        """What is asked on one of the lanes beyond the minimum, or None."""
        backs = [lane.back for lane in self.lanes if lane.back is not None]
        return next((back for back in backs if isinstance(back, Within)), next(iter(backs), None))

    @property
    def curve(self) -> SizeMap | None:
        """The size map of a block that does not act as a window on one of the lanes."""
        return next((lane.curve for lane in self.lanes if lane.curve is not None), None)

    def after(self, jumps: tuple[Any, ...]) -> tuple[Any, ...]:
        """The jumps behind it."""
        return tuple([lane.after(jump) for lane, jump in zip(self.lanes, jumps, strict=True)])

    def behind(self, others: Crossed) -> Crossed:
        """It, where others must bring back the sizes that come out."""
        pairs = zip(self.lanes, others.lanes, strict=True)
        return Crossed(tuple(lane._replace(back=other) for lane, other in pairs))
