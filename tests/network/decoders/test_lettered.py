"""Decoders in letters, at many values of the letters, against the decoders of numbers."""

from __future__ import annotations

import random
from itertools import product

import pytest
import sympy

from solver import Conv, ConvTranspose, Decoder, LimitError, MaxPool, SolverError, Stack, decoders
from solver.layers.own_layer import OwnLayer
from solver.network.decoders.lettered import LetteredDecoders
from solver.sizes.exact import exact
from solver.sizes.letters import least
from solver.sizes.sizemap import IDENTITY

CODEC = Conv("2s", stride="s", padding="ceil(s/2)")
LAYERS = [
    CODEC,
    Conv("2t", stride="t", padding="t//2"),
    Conv("k", stride="s", padding="p"),
    Conv("k", dilation="d", padding="p"),
    Conv("k", padding="(k - 1)/2"),
    MaxPool("s"),
    Conv(3, stride=2, padding=1),
    Conv(7, padding=3),
    MaxPool(2),
    ConvTranspose("k", stride="t", output_padding="a"),
    ConvTranspose(4, stride=2, padding=1),
]


def _values(letters: tuple[str, ...], most: int) -> list[dict[str, int]]:
    ranges = (range(least(x), least(x) + most) for x in letters)
    return [dict(zip(letters, row, strict=True)) for row in product(*ranges)]


def _degenerate(encoder: Stack, values: dict[str, int]) -> bool:
    """Whether a layer changes nothing at these letters, or one that goes up has stride 1."""
    layers = [
        layer.at(**{x: values[x] for x in layer.letters}) if layer.letters else layer
        for layer in encoder
    ]
    changes = [layer.size_map() != IDENTITY for layer in layers]
    before = [layer.size_map() != IDENTITY for layer in encoder if not layer.letters]
    small = any(layer.row.kind.transposed and layer.stride == 1 for layer in layers)
    return small or changes.count(False) > before.count(False)


def _told(decoder: Decoder) -> tuple[object, ...]:
    """What a decoder of numbers says, but for its channels."""
    layers = [layer.numbers() for layer in decoder.layers if isinstance(layer, OwnLayer)]
    return decoder.form, layers, decoder.inputs, decoder.per_call


def _check(found: LetteredDecoders, values: dict[str, int]) -> int:
    """Compare all that is said at values of the letters; how many decoders were compared."""
    try:
        numbers = found.at(**values)
    except SolverError:  # no layers at these letters, or no input that they accept
        return 0
    compared = 0
    for each in found:
        if each.legal is not None and not exact(each.legal, values):
            with pytest.raises(SolverError):
                each.at(**values)
            continue
        n_values = range(1, 80)
        held = {n for n in n_values if each.holds is None or exact(each.holds, {**values, "n": n})}
        decoder = each.at(**values)
        assert held == {n for n in n_values if n in decoder.inputs[0]}, (each, values)
        for rule, row in zip(each.rules, decoder.per_call, strict=True):
            tree = rule.tree
            for n in sorted(held)[:40]:
                assert exact(tree, {**values, "n": n}) == row[0](n)
        if decoder.inputs[0] and not _degenerate(found.encoder, values):
            assert _told(decoder) in map(_told, numbers), (each, values)
            compared += 1
    return compared


def test_a_codec_for_every_stride() -> None:
    found = decoders(CODEC)
    assert isinstance(found, LetteredDecoders)
    assert [str(rule) for rule in found[0].rules] == ["(n + s % 2) % s"]
    assert repr(found[0].layers[0]) == "ConvTranspose('2*s', stride='s', padding='ceil(s/2)')"
    usual = found[1]  # what a well-known codec has, and where it is right
    assert str(usual.layers[0].output_padding), str(usual.legal) == ("s % 2", "s >= 2")
    assert str(usual.holds) == "n % s == 0"
    assert sum(_check(found, {"s": s}) for s in range(1, 41)) >= 150


def test_the_usual_output_padding_is_wrong_for_odd_strides_with_less_padding() -> None:
    found = decoders(Conv("2s", stride="s", padding="floor(s/2)"))
    digits = [str(each.layers[0].output_padding) for each in found if not each.rules]
    assert digits == ["-(s % 2) % s", "0"]  # s - 1 where s is odd, not 1
    assert sum(_check(found, {"s": s}) for s in range(1, 20)) >= 50


@pytest.mark.parametrize("seed", range(6))
def test_random_encoders_agree_with_numbers(seed: int) -> None:
    rng = random.Random(seed)
    compared = 0
    while compared < 25:
        layers = [rng.choice(LAYERS) for _ in range(rng.randint(1, 3))]
        if not any(layer.letters for layer in layers):
            continue
        try:
            found = decoders(Stack(layers, axes=1))
        except LimitError:
            continue
        for values in rng.sample(every := _values(found.letters, 4), min(5, len(every))):
            compared += _check(found, values)


def test_answers_stand_in_the_symbols_that_were_given() -> None:
    s = sympy.Symbol("stride_1")
    best = decoders(Conv(2 * s, stride=s, padding=sympy.ceiling(s / 2)))[0]
    assert best.layers[0].stride == s
    n = sympy.Symbol("n", integer=True, positive=True)
    rule = sympy.lambdify([n, s], best.per_call[0])
    assert [rule(m, 3) for m in range(2, 8)] == [(m + 1) % 3 for m in range(2, 8)]
    assert best.inputs.subs(s, 4).subs(n, 4) == sympy.true


def test_the_report_says_rules_and_where_they_hold() -> None:
    found = decoders(CODEC)
    assert str(found).splitlines()[:2] == [
        "ConvTranspose('2*s', stride='s', padding='ceil(s/2)'): gives n back exactly where "
        "n >= 2*floor(s/2), output_padding set per call",
        "layer 1: output_padding (n + s % 2) % s",
    ]
    record = found.record()
    assert record["letters"] == ["s"]
    assert record["decoders"][1]["where"] == "s >= 2"
    assert record["mirror"] == {"gives_back": "n - (n + s % 2) % s"}


def test_layers_of_numbers_in_a_list_are_a_network() -> None:
    layers = [Conv(4, stride=2, padding=1), Conv(10, stride=5, padding=3)]
    assert decoders(layers)[0].layers == decoders(Stack(layers))[0].layers
    assert decoders(layers, n=1000)[0].size(100, 1000) == 1000


def test_what_is_not_followed_is_refused() -> None:
    with pytest.raises(LimitError, match="every n"):
        decoders(CODEC, n=7)
    with pytest.raises(LimitError, match="numbers"):
        decoders(CODEC)[0].code()
    with pytest.raises(LimitError, match="one axis"):
        decoders(Conv(("k", "s")))
    with pytest.raises(SolverError, match="no such decoder"):
        decoders(CODEC)[1].at(s=1)
    with pytest.raises(SolverError, match="each letter"):
        decoders(CODEC).at(k=1)
    with pytest.raises(LimitError):
        decoders([MaxPool("s"), ConvTranspose(3, stride=3), MaxPool("t")])
