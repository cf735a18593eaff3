"""Networks in letters, at many values of the letters, against the networks of numbers."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import sympy

from solver import (
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    Network,
    SolverError,
    Stack,
    Tensor,
    add,
    concat,
    crop,
    flatten,
    pad,
    pad_like,
    pointwise,
    resize,
    split,
    trace,
    upsample,
    valid,
)
from solver.network.lettered import LetteredNetwork
from solver.sizes.exact import exact
from solver.sizes.letters import least

LAYERS: list[Any] = [
    Conv("2s", stride="s", padding="ceil(s/2)"),
    Conv("k", padding="p"),
    Conv("k", stride="s"),
    Conv("2k + 1", padding="k"),
    Conv("k", dilation="d"),
    Conv(3, padding=1),
    Conv(3),
    MaxPool("s"),
    MaxPool(2),
    ConvTranspose("s", stride="s"),
    ConvTranspose("2s", stride="s", padding="ceil(s/2)", output_padding="s % 2"),
    ConvTranspose(2, stride=2),
    pointwise,
    lambda x: pad(x, 1),
    lambda x: upsample(x, 2),
]
MEETS: list[Callable[[Tensor, Tensor], Tensor]] = [
    add,
    concat,
    lambda x, y: concat(crop(x, like=y), y),
    lambda x, y: concat(pad_like(x, like=y), y),
    lambda x, y: add(x, resize(y, like=x)),
    lambda x, y: concat(x, y, axis=2),
]


def _random(rng: random.Random) -> Callable[[Tensor], Tensor]:
    plan = [(rng.choice(LAYERS), rng.random() < 0.4) for _ in range(rng.randint(2, 5))]
    meets, back = rng.choice(MEETS), rng.random() < 0.6

    def network(x: Tensor) -> Tensor:
        skips = [x]
        for layer, keep in plan:
            x = layer(x)
            if keep:
                skips.append(x)
        return meets(skips[-1] if len(skips) > 1 else skips[0], x) if back else x

    return network


def _check(net: LetteredNetwork, values: dict[str, int]) -> bool:
    """Whether numbers were compared."""
    found = net.valid()
    try:
        numbers = net.at(**values)
        assert isinstance(numbers, Network)
    except SolverError:
        assert found.legal is None or not exact(found.legal, values)
        return False
    legal = found.legal is None or exact(found.legal, values)
    trees = net._trees(net.outputs[0])
    for n in range(1, 40):
        at = {**values, "n": n}
        held = legal and (found.holds is None or exact(found.holds, at))
        if held:
            out = numbers.size(n)
            assert [exact(tree, at) for tree in trees] == [out] * len(trees), (net, at)
        elif not any(exact(each, at) for each in found.repeats):
            assert not numbers.runs(n), (str(net), at)
    return True


@pytest.mark.parametrize("seed", range(8))
def test_random_networks_agree_with_numbers(seed: int) -> None:
    rng = random.Random(seed)
    compared = 0
    while compared < 12:
        net = trace(_random(rng), axes=1)
        if not isinstance(net, LetteredNetwork):
            continue
        try:
            net.valid()
        except LimitError:
            continue
        for _ in range(5):
            values = {x: rng.randint(least(x), 5) for x in net.layer_letters}
            compared += _check(net, values)


def test_a_unet_in_letters() -> None:
    def unet(x: Tensor) -> Tensor:
        skip = Conv("k")(Conv("k")(x))
        low = Conv("k")(Conv("k")(MaxPool("s")(skip)))
        up = ConvTranspose("s", "s")(low)
        return Conv("k")(Conv("k")(concat(crop(skip, like=up), up)))

    net = trace(unet, axes=1)
    assert isinstance(net, LetteredNetwork)
    assert net.at(k=3, s=2).formula() == trace_of_numbers().formula()
    for k in (1, 2, 3):
        for s in (1, 2, 3):
            assert _check(net, {"k": k, "s": s})


def trace_of_numbers() -> Network:
    def unet(x: Tensor) -> Tensor:
        skip = Conv(3)(Conv(3)(x))
        up = ConvTranspose(2, 2)(Conv(3)(Conv(3)(MaxPool(2)(skip))))
        return Conv(3)(Conv(3)(concat(crop(skip, like=up), up)))

    return trace(unet, axes=1)


def test_branches_that_meet_are_conditions() -> None:
    net = trace(lambda x: add(x, ConvTranspose("s", "s")(MaxPool("s")(x))))
    assert (net.formula(), str(net.valid())) == ("n", "n % s == 0")
    same = trace(lambda x: add(x, Conv("k", padding="p")(x)))
    assert str(same.valid()) == "every n; for letters with k == 2*p + 1"
    never = trace(lambda x: add(x, Conv("k", padding="p")(x)), axes=1).at(k=2)
    with pytest.raises(SolverError):
        never.at(p=1).size(8)
    assert str(never.valid()) == "every n; for letters with 0 == 1"


def test_costs_and_reads_are_those_of_numbers() -> None:
    k, s = sympy.Symbol("k"), sympy.Symbol("s")
    net = trace(lambda x: Conv(k)(MaxPool(s)(Conv(k, stride=2)(x))), axes=1)
    for values in ({"k": 3, "s": 2}, {"k": 5, "s": 3}):
        stack = Stack([Conv(values["k"], 2), MaxPool(values["s"]), Conv(values["k"])], axes=1)
        at = {k: values["k"], s: values["s"]}
        n = sympy.Symbol("n", integer=True, positive=True)
        assert net.parameters.subs(at) == stack.parameters
        assert net.receptive_field.subs(at) == stack.receptive_field
        assert net.jump.subs(at) == stack.jump
        assert net.macs.subs({**at, n: 101}) == stack.macs(101)
        assert net.size().subs({**at, n: 101}) == stack.size(101)
        assert net.size(101).subs(at) == stack.size(101)


def test_what_is_not_followed_is_refused() -> None:
    net = trace(lambda x: Conv("k", stride="s")(x), axes=1)
    for ask in (net.costs, net.fields, net.decoders, lambda: net.inputs_for(3), net.tiling):
        with pytest.raises(LimitError, match="numbers"):
            ask()
    with pytest.raises(LimitError, match="numbers"):
        valid(net)
    for tail in (flatten, lambda x: split(x, 2, axis=2)[0]):
        with pytest.raises(LimitError, match="not followed"):
            trace(lambda x, tail=tail: tail(Conv("k")(x)), axes=1).formula()
    with pytest.raises(SolverError, match="no such letter"):
        net.at(d=2)


def test_the_report() -> None:
    net = trace(lambda x: add(x, ConvTranspose("s", "s")(MaxPool("s")(x))))
    assert str(net).splitlines()[0] == "n -> n, for n with n % s == 0"
    assert net.record()["inputs"] == "n % s == 0"
    assert net.record()["letters"] == ["s"]
