"""Search over designs: every stack that does what is asked, counted, and the best proved."""

from solver.spaces.choice import Choice
from solver.spaces.parts import either, mirror, optional, repeat
from solver.spaces.search import search as search
from solver.spaces.slices import Designs
from solver.spaces.space import Space

__all__ = ["Choice", "Designs", "Space", "either", "mirror", "optional", "repeat"]
