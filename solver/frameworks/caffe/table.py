"""Caffe: the table of its pooling, under the names of its layer parameters."""

from __future__ import annotations

from typing import Any

from solver.frameworks.caffe import rules as rules
from solver.layers.arguments import Argument, numbers, spread, words
from solver.layers.kind import AVERAGE, MAX
from solver.layers.row import Framework, Row, passive


def _pads(name: str, value: Any, axes: int) -> tuple[tuple[int, bool], ...]:
    """Read the padding of each axis, and whether there is any on one of them."""
    found = spread(numbers)(name, value, axes)
    return tuple((width, any(found)) for width in found)


FRAMEWORK = Framework(
    "caffe",
    "Caffe",
    tuple(
        Row(
            name,
            kind,
            {
                "pool": Argument(word, words(word)),
                "kernel_size": Argument(read=spread(numbers)),
                "stride": Argument(1, spread(numbers)),
                "pad": Argument(0, _pads),
                "round_mode": Argument("CEIL", words("CEIL", "FLOOR")),
                **passive("name", "bottom", "top"),
            },
            lambda pool, **given: rules.pool(**given),
            (2,),
            "ceil((n + 2p - k)/s) + 1, floor with FLOOR; with any pad at most ceil((n + p)/s)",
            f"counts up unless told, and the stride is 1 unless given; without pad the last window "
            f"may start behind the input and read nothing; {other}",
        )
        for name, kind, word, other in (
            ("Pooling", MAX, "MAX", "pool: AVE is AvePooling here"),
            ("AvePooling", AVERAGE, "AVE", "the padding counts in averages"),
        )
    ),
)
