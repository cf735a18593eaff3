"""Why a pooling that counts its windows up has one less than was counted."""

from __future__ import annotations

from collections.abc import Sequence

from solver.layers.layer import Layer


def dropped(layer: Layer, sizes: Sequence[int]) -> list[str]:
    """The rule, along each axis whose last window is dropped by it, alike ones once.

    >>> from solver import AvgPool, MaxPool
    >>> dropped(AvgPool(4, padding=2, ceil_mode=True), [9])
    ['of 4 windows the last would begin at 12, past input and padding 9 + 2: dropped']
    >>> dropped(MaxPool(3, 2, ceil_mode=True), [8]), dropped(AvgPool(4, padding=2), [9])
    ([], [])
    """
    if not layer.arguments.get("ceil_mode"):
        return []
    found = []
    for axis, (n, rule) in enumerate(zip(sizes, layer.along(len(sizes)), strict=False)):
        window = rule.window
        if window is None or window.moves or n not in rule.accepts:
            continue
        count = window.size(n + window.stride - 1)
        if count > rule.size(n):
            where = f"axis {axis}: " if len({*sizes}) > 1 else ""
            at = (count - 1) * window.stride
            found.append(
                f"{where}of {count} windows the last would begin at {at}, "
                f"past input and padding {n} + {window.begin}: dropped"
            )
    return [*dict.fromkeys(found)]
