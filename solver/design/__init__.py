"""Search over designs: every stack that does what is asked, counted, and the best proved."""

from solver.design.choice import Choice
from solver.design.parts import either, mirror, optional, repeat
from solver.design.space import Designs, Space

__all__ = ["Choice", "Designs", "Space", "either", "mirror", "optional", "repeat"]
