"""A window: which elements an operation reads along one axis, and how many windows there are.

One law covers convolution, pooling and transposed convolution alike: put m - 1 zeros between
neighbouring inputs (m = 1: none), pad, and slide a window with a stride. A transposed convolution
of stride s is the window of stride 1 over inputs s apart.
"""

from __future__ import annotations

from typing import NamedTuple

from solver.errors import LimitError
from solver.sizes.domain import LONGEST_PERIOD
from solver.sizes.sizemap import SizeMap

#: Fixed padding (begin, end), or which end gets the odd element of a padding that keeps n/stride.
Pads = tuple[int, int] | str
UPPER, LOWER = "same_upper", "same_lower"


class Window(NamedTuple):
    """Hold which elements a window reads: output j reads stride*j - begin + dilation*t, t < kernel.

    Positions count in the input with input_dilation - 1 zeros between neighbours; all in elements.
    """

    kernel_size: int
    stride: int = 1
    pads: Pads = (0, 0)
    dilation: int = 1
    input_dilation: int = 1

    @property
    def span(self) -> int:
        """Return the effective kernel size."""
        return self.dilation * (self.kernel_size - 1) + 1

    @property
    def total(self) -> SizeMap:
        """Return the padding at both ends together, as a map of n.

        >>> str(Window(3, 2, UPPER).total)  # 1 for even n, 2 for odd n
        'n - 2*floor(n/2) + 1'
        """
        if not isinstance(self.pads, str):
            return SizeMap.line(0, sum(self.pads))
        if self.span <= 1:
            return SizeMap.line(0)
        if self.stride > LONGEST_PERIOD:  # before a table as long is made
            right = f"a stride of at most {LONGEST_PERIOD:,}"
            raise LimitError("padding that depends on n is a table", f"{self.stride:,}", right)
        residues = (r or self.stride for r in range(self.stride))
        return SizeMap(self.stride, 0, (max(self.span - r, 0) for r in residues))

    @property
    def begin(self) -> SizeMap:
        """Return the padding before the first element, as a map of n.

        >>> Window(3, 2, UPPER).begin.values  # before even n nothing, before odd n one element
        (0, 1)
        """
        if not isinstance(self.pads, str):
            return SizeMap.line(0, self.pads[0])
        total = self.total
        return total // 2 if self.pads == UPPER else total - total // 2

    @property
    def size_map(self) -> SizeMap:
        """Return the number of windows, as a map of n.

        >>> str(Window(3, 2, UPPER).size_map), str(Window(4, 1, (2, 2), 1, 2).size_map)
        ('ceil(n/2)', '2*n')
        """
        if isinstance(self.pads, str) and self.input_dilation == 1:
            return SizeMap.line(1, self.stride - 1, self.stride)
        spread = SizeMap.line(self.input_dilation, 1 - self.input_dilation)
        return (spread + self.total + (self.stride - self.span)) // self.stride

    @property
    def minimum(self) -> int:
        """Return the smallest n >= 1 at which the kernel fits."""
        if isinstance(self.pads, str):
            return 1
        return max(1, self.size_map.first(1))
