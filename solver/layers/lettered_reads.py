"""What an output reads through layers in letters, on an axis without ends.

Through convolutions and pools output y reads from S*y + a to S*y + b. A transposed convolution
that reads with both ends of its kernel counts in parts, so behind it that is

    S*floor((T*y + u)/m) + a    to    S*floor((T*y + v)/m) + b

and stays so through further layers: floor((floor((y + c)/M) + u)/m) = floor((y + c + u*M)/(M*m)).
The largest distance of the two floors over all y is ceil((v - u)/m) where T and m share no factor,
and floor(v/m) - floor(u/m) where m divides T. What else they may share is not known of letters.
"""

from __future__ import annotations

from math import gcd
from typing import Any

from solver.errors import LimitError
from solver.ground.record import Record
from solver.layers.window import Window
from solver.sizes.expression import Expression, ceil, floor, of
from solver.sizes.letters import decided, is_whole
from solver.sizes.simplest import simplest


class LetteredSpan(Record):
    """Hold the law above: scale S, first a, reach b - a, step T, begin u, extent v - u, parts m.

    gaps: whether some outputs may read nothing, because a kernel may be smaller than its stride.

    >>> from solver.sizes.expression import letters
    >>> k, s = letters("ks")
    >>> down = ITSELF.through(Window(k, s)).through(Window(3))
    >>> print(down.length, "|", down.jump, "|", ITSELF.through(Window(k, s).transposed).length)
    k + 2*s | s | ceil(k/s)
    """

    scale: Expression = of(1)
    first: Expression = of(0)
    reach: Expression = of(0)
    step: Expression = of(1)
    begin: Expression = of(0)
    extent: Expression = of(0)
    parts: Expression = of(1)
    gaps: bool = False

    def through(self, window: Window) -> LetteredSpan:
        """What is read by a window over elements that read so. Raises LimitError."""
        k, s, begin, _, d, m = map(of, window)
        if k == s == m == of(1) and begin == of(0):
            return self
        if self.gaps:
            raise _limit("outputs of a kernel smaller than its stride may read nothing")
        if m != of(1):
            return self._spread(k, s, begin, d, m)
        wide = d * (k - 1)
        if self.parts == of(1):
            return self._with(
                scale=self.scale * s,
                first=self.first - self.scale * begin,
                reach=self.reach + self.scale * wide,
            )
        return self._with(
            step=self.step * s,
            begin=self.begin - self.step * begin,
            extent=self.extent + self.step * wide,
        )

    def _spread(
        self, k: Expression, s: Expression, begin: Expression, d: Expression, m: Expression
    ) -> LetteredSpan:
        """What is read by a window over elements that are put apart."""
        if d != of(1) or s != of(1):
            raise _limit("a dilated transposed kernel skips elements by common factors with stride")
        full = decided(k >= m) is True
        if self.step != of(1) or not (full or self == ITSELF):
            raise _limit("what a transposed kernel reads here depends on common factors")
        return self._with(
            begin=m - 1 - begin + self.begin * m,
            extent=k - m + self.extent * m,
            parts=self.parts * m,
            gaps=not full,
        )

    def _with(self, **sizes: Any) -> LetteredSpan:
        return self.replaced(
            **{name: x if isinstance(x, bool) else simplest(x) for name, x in sizes.items()}
        )

    @property
    def length(self) -> Expression:
        """The elements from first to last, where they are most. Raises LimitError."""
        return simplest(self.scale * self._apart + self.reach + 1)

    @property
    def _apart(self) -> Expression:
        """The largest distance of the two floors."""
        most = ceil(self.extent / self.parts)
        step, parts = self.step, self.parts
        if of(1) in (step, parts):
            return most
        if step.kind == parts.kind == "number" and gcd(step.parts[0], parts.parts[0]) == 1:
            return most
        if is_whole(simplest(step / parts)):
            return floor((self.begin + self.extent) / parts) - floor(self.begin / parts)
        rule = f"the receptive field depends on what {step} and {parts} have in common"
        least = self.replaced(step=of(1)).length
        raise LimitError(rule, right=f"numbers for the letters; it is at most {least}")

    @property
    def jump(self) -> Expression:
        """The input elements between neighbouring outputs, on average."""
        return simplest(self.scale * self.step / self.parts)

    @property
    def offset(self) -> Expression:
        """How far outputs stand from the middles of their cells, on average, as `Span.offset`."""
        if of(1) not in (self.step, self.parts) or self.gaps:
            raise _limit("the offset depends on common factors of strides")
        inner = (2 * self.begin + self.extent - (self.parts - 1)) / (2 * self.parts)
        middle = self.scale * inner + self.first + self.reach / 2
        return simplest(middle - (self.jump - 1) / 2)


def _limit(rule: str) -> LimitError:
    return LimitError(rule, right="numbers for the letters")


#: What an element reads of its own layer: itself.
ITSELF = LetteredSpan()
