"""One unknown layer among layers in letters: each recipe against the sizes of numbers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from solver import Choice, Conv, ConvTranspose, LimitError, MaxPool, SolverError, Stack, add, fill
from solver import trace as traced
from solver.network.unknowns.lettered import LetteredFilled
from solver.sizes.exact import exact
from solver.sizes.grammar import parse
from solver.sizes.letters import NAMES, least

UP = Choice(ConvTranspose, ..., ..., ..., 1, ...)
DOWN = Choice(Conv, ..., ..., ...)
CHAINS: list[tuple[list[Any], str]] = [
    ([Conv("k"), DOWN, Conv(3)], "floor(n/s)"),
    ([Choice(Conv, 3, 1, ...), Conv("k", stride="s")], "ceil(n/s)"),
    ([Conv("2s", stride="s", padding="ceil(s/2)"), DOWN], "floor((n + s % 2)/(s*t))"),
    ([DOWN, MaxPool("s")], "floor(n/(2s))"),
    ([UP, Conv(3, padding=1), Conv("k")], "s*n"),
    ([MaxPool("s"), Choice(Conv, ..., 1, ...), MaxPool(2)], "floor(n/(2s))"),
]


def _chain(layers: list[Any]) -> Callable[[Any], Any]:
    def network(x: Any) -> Any:
        for layer in layers:
            x = layer(x)
        return x

    return network


@pytest.mark.parametrize(("layers", "size"), CHAINS)
def test_each_recipe_gives_what_is_asked(layers: list[Any], size: str) -> None:
    found = fill(traced(_chain(layers), axes=1), size)
    assert isinstance(found, LetteredFilled)
    assert found.count, found.reason
    target, compared = parse(size, NAMES), 0
    at = next(i for i, layer in enumerate(layers) if isinstance(layer, Choice))
    for answer in list(found)[:6]:
        (recipe,) = answer.values()
        letters = {x for layer in layers if not isinstance(layer, Choice) for x in layer.letters}
        letters |= set(recipe.letters) | ({"s"} if "s" in size else set())
        letters |= {"t"} if "t)" in size else set()
        for row in product(*(range(least(x), 4) for x in sorted(letters))):
            values = dict(zip(sorted(letters), row, strict=True))
            try:
                layer = recipe.at(**{x: values[x] for x in recipe.letters})
                stack = Stack(
                    [
                        layer
                        if i == at
                        else x.at(**{y: values[y] for y in x.letters})
                        if x.letters
                        else x
                        for i, x in enumerate(layers)
                    ],
                    axes=1,
                )
            except SolverError:
                continue
            for n in range(stack.minimum(), stack.minimum() + 25):
                assert stack.size(n) == exact(target, {**values, "n": n}), (stack, n)
            compared += 1
    assert compared


def test_a_size_is_brought_back_by_output_padding_per_call() -> None:
    layers = [Conv("k", stride="s", padding="p"), UP, Conv(3, padding=1)]
    found = fill(traced(_chain(layers), axes=1), "n")
    assert "(n - k + 2*p) % s" in str(found[0]["conv_transpose_2"])
    assert "output_padding" in str(found)


def test_what_is_no_such_question_is_refused() -> None:
    chain = traced(_chain([Conv("k"), DOWN]), axes=1)
    for asked in ({"at": 9}, {"where": "n % 2 == 0"}, {"node": "conv_1"}):
        with pytest.raises(LimitError, match="one unknown layer"):
            fill(chain, "n", **asked)  # type: ignore[arg-type]
    skip = traced(lambda x: add(x, DOWN(Conv("k")(x))), axes=1)
    two = traced(_chain([Conv("k"), DOWN, DOWN]), axes=1)
    for network in (skip, two):
        with pytest.raises(LimitError):
            fill(network, "n")
    with pytest.raises(LimitError):
        fill(chain, "n/s")
