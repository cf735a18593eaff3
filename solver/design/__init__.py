"""Search over designs: every stack that does what is asked, counted, and the best proved."""

from solver.design.choice import Choice
from solver.design.parts import either, mirror, optional, repeat
from solver.design.slices import Designs
from solver.design.space import Space

__all__ = ["Choice", "Designs", "Space", "either", "mirror", "optional", "repeat"]
