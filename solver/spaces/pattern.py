"""What the layers of a stage share: a convolution takes e - 1 from the size, then pads and strides.

So layers that differ in e only reach the same sizes, moved, and what lies behind a moved size is
worked out once for all of them.
"""

from __future__ import annotations

from solver.ground.named import NamedTuple
from solver.spaces.option import Price
from solver.spaces.states import Bundle
from solver.spaces.steps import Steps

#: Rows that lead on from a moved size: (stride, net padding less what moved it, target).
Pattern = tuple[tuple[int, int, int], ...]


class Alike(NamedTuple):
    """Hold layers that lead on in a pattern: one of them, and the first option of each row."""

    bundle: Bundle
    firsts: tuple[int, ...]


def patterns(steps: Steps, number: int) -> dict[Pattern, list[Alike]] | None:
    """The patterns of a stage, each with the layers that lead into it, by span and price.

    Rows are in the order of their first options. None where a node is more than a size, where sizes
    are limited, or where a layer is no plain convolution or pooling, or a mark asks behind it.
    """
    if not steps.simple or "sizes" in steps.limits:
        return None
    groups: dict[tuple[int, Price, int], list[tuple[int, tuple[int, int, int], Bundle]]] = {}
    for transition, target, bundles, _, asks in steps.rows(number):
        stride, apart, net, minimum, back = transition
        if asks or apart > 1 or back is not None or minimum != max(1, 1 - net):
            return None
        for bundle in bundles:
            row = bundle.options[0], (stride, net + bundle.span, target), bundle
            groups.setdefault((bundle.span, bundle.price, bundle.many), []).append(row)
    found: dict[Pattern, list[Alike]] = {}
    for rows in groups.values():
        rows.sort()
        firsts, pattern, alike = zip(*rows, strict=True)
        found.setdefault(pattern, []).append(Alike(alike[0], firsts))
    return found
