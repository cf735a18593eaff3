"""What may be given where sizes, or the values of a hyperparameter, are asked for: types only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import EllipsisType
from typing import SupportsIndex

from solver.sizes.domain import Domain
from solver.sizes.expression import Symbolic

#: A size along one axis: a whole number; an expression in n, as text or of SymPy; a range, as text
#: or of Python; `...`, "?" or None where it is unknown.
SizeLike = SupportsIndex | str | range | Symbolic | EllipsisType | None

#: A size, a tuple with one for each axis, or a list of either for several pairs at once.
SizesLike = SizeLike | tuple[SizeLike, ...] | Sequence[SizeLike | tuple[SizeLike, ...]]

#: Sizes that have no letters.
WholeSize = SupportsIndex | range | EllipsisType | None
WholeSizes = WholeSize | tuple[WholeSize, ...] | Sequence[WholeSize | tuple[WholeSize, ...]]

#: What a hyperparameter may be: a whole number, "1..7", "1,3,5", a range or whole numbers.
DomainLike = SupportsIndex | str | Domain | Iterable[SupportsIndex]
