"""Encoder-decoders of L levels: closed forms against networks of numbers, and U-Net."""

from __future__ import annotations

import random
from itertools import product

import pytest
import sympy

from solver import (
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    SizeError,
    SolverError,
    encoder_decoder,
    n,
    repeat,
)
from solver.layers.levels import ways
from solver.sizes.exact import exact

SEED = 3
UNET = encoder_decoder([Conv("k")] * 2, MaxPool(2), ConvTranspose(2, 2), "L")
L, k = (sympy.Symbol(name, integer=True, positive=True) for name in "Lk")


def size(net, n):
    try:
        return net.size(n)
    except SizeError:
        return None


def test_unet():
    c = 2 * (k - 1)
    loss = c * (3 * 2 ** (L - 1) - 2)
    assert sympy.expand(UNET.size(n) - (n - loss)) == 0
    assert {name: str(form) for name, form in UNET.forms.items()} == {
        "size": "n - 2*(k - 1)*(3*2**(L - 1) - 2)",
        "valid": "(n + 2*(k - 1)) % 2**(L - 1) == 0 and n > 2*(k - 1)*(3*2**(L - 1) - 2)",
    }
    assert UNET.where is True
    at = {x: {"L": 5, "k": 3}[x.name] for x in UNET.size(n).free_symbols if x.name != "n"}
    assert UNET.size(572).subs(at) == UNET.at(L=5, k=3).size(572) == 388
    assert UNET.valid.subs({**at, n: 572}) == sympy.true
    assert UNET.valid.subs({**at, n: 573}) == sympy.false
    assert UNET.subs({"k": 3}).size(n) == n - 12 * 2 ** (L - 1) + 8


def test_what_an_output_reads():
    field = UNET.receptive_field
    assert field.subs({x: {"L": 5, "k": 3}[x.name] for x in field.free_symbols}) == 204
    same = Conv(3, padding=1)
    for up in (ConvTranspose(2, 2), ConvTranspose(4, 2, 1), ConvTranspose(3, 2, 1, 1, 1)):
        assert encoder_decoder([same], Conv(3, 2, 1), up, "L").receptive_field
    with pytest.raises(LimitError, match="reads something of every level"):
        encoder_decoder([same], MaxPool(2), ConvTranspose(1, 2), "L").receptive_field  # noqa: B018


def test_letters_for_everything():
    net = encoder_decoder([repeat(Conv("k"), "m")], MaxPool("s"), ConvTranspose("s", "s"), "L")
    assert net.letters == ("k", "s", "m", "L")
    assert str(net.forms["size"]) == "n - m*(k - 1)*(s**L + s**(L - 1) - 2)/(s - 1)"
    assert str(net.forms["valid"]).startswith("((s - 1)*n + m*(k - 1)) % s**(L - 1) == 0 and ")
    same = Conv("k", padding="(k - 1)/2")
    padded = encoder_decoder([same] * 2, MaxPool("s"), ConvTranspose("s", "s"), "L")
    assert padded.size(n) == n
    assert str(padded.forms["valid"]) == "n % s**(L - 1) == 0 and n >= 1"


DOWN = [MaxPool(2), MaxPool("s"), Conv(2, 2), Conv(3, 2, 1), MaxPool(3, 2), Conv("s + 1", "s")]
UP = [ConvTranspose(2, 2), ConvTranspose("s", "s"), ConvTranspose(4, 2, 1), ConvTranspose(5, 2, 1)]
LEVEL = [
    Conv("k"),
    Conv(3),
    Conv("k", padding="(k - 1)/2"),
    Conv(3, dilation="2**i"),
    Conv("i + 1"),
]


def some_networks(count):
    choose = random.Random(SEED)
    for _ in range(count):
        layers = [choose.choice(LEVEL) for _ in range(choose.randint(1, 3))]
        yield layers, choose.choice(DOWN), choose.choice(UP), choose.choice(["L", "L", "L + 1"])


@pytest.mark.parametrize("parts", [*some_networks(24)], ids=repr)
def test_closed_forms_hold_exactly_where_they_say(parts):
    net = encoder_decoder(*parts)
    try:
        forms = net.forms
    except LimitError:
        pytest.skip("no closed form")
    for values in product((1, 2, 3), (1, 2, 3), (2, 3)):
        letters = dict(zip("Lks", values, strict=True))
        if not all(exact(condition, letters) for condition in net.conditions):
            continue
        try:
            made = net._network({x: letters[x] for x in net.letters}, axes=1)
        except SolverError:
            continue
        for x in range(1, 50):
            at = {**letters, "n": x}
            assert exact(forms["valid"], at) == (exact(forms["size"], at) == size(made, x))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (([Conv("k")], Conv(3, 2, 1), ConvTranspose(4, 2, 1)), "is not larger than"),
        (([Conv(3, padding=2)], MaxPool(2), ConvTranspose(2, 2)), "adds elements"),
        (([Conv(3, 2)], MaxPool(2), ConvTranspose(2, 2)), "do not stride"),
        (([Conv(3)], MaxPool(2), ConvTranspose(3, 3)), "has the stride of"),
        (([Conv(3)], MaxPool(2, "i + 1"), ConvTranspose(2, "i + 1")), "the same for every i"),
    ],
)
def test_what_has_no_closed_form_is_a_limit(parts, words):
    with pytest.raises(LimitError, match=words):
        encoder_decoder(*parts, "L").size(n)


def test_bad_encoder_decoders():
    with pytest.raises(SolverError, match="what goes up is a transposed layer"):
        encoder_decoder(Conv(3), MaxPool(2), MaxPool(2), "L")
    with pytest.raises(SolverError, match="no such letter"):
        UNET.at(q=3)
    with pytest.raises(SolverError, match="1 to 60 levels"):
        UNET.at(L=61, k=3)


def test_code_makes_it_again():
    for net in (UNET, UNET.at(k=3), encoder_decoder(Conv(3), MaxPool(2), ConvTranspose(2, 2), 4)):
        made = eval(repr(net))
        assert made == net
        assert made.forms == net.forms
    assert UNET.at(k=3) != UNET


def test_a_wrong_closed_form_is_not_given_out(monkeypatch):
    def one_more(*given):
        found = ways(*given)
        return found._replace(net=found.net + 1)

    monkeypatch.setattr("solver.network.levels.ways", one_more)
    with pytest.raises(LimitError, match="must say what the network of numbers does"):
        UNET.at(k=3).size(n)


def test_torch_says_so_too():
    torch = pytest.importorskip("torch")

    def through(x, depth, kernel):
        def level(x):
            for _ in range(2):
                x = torch.nn.functional.conv1d(x, torch.zeros(1, x.shape[1], kernel))
            return x

        skips = []
        for _ in range(depth - 1):
            skips.append(level(x))
            x = torch.nn.functional.max_pool1d(skips[-1], 2)
        x = level(x)
        for skip in reversed(skips):
            x = torch.nn.functional.conv_transpose1d(x, torch.zeros(1, 1, 2), stride=2)
            left = (skip.shape[-1] - x.shape[-1]) // 2
            x = level(torch.cat([skip[..., left : left + x.shape[-1]], x], 1))
        return x.shape[-1]

    for depth, kernel in ((5, 3), (3, 5), (2, 2), (1, 3)):
        letters = {"L": depth, "k": kernel}
        sizes = [x for x in range(1, 600) if exact(UNET.forms["valid"], {**letters, "n": x})]
        for x in sizes[:2]:
            found = through(torch.zeros(1, 1, x), depth, kernel)
            assert found == exact(UNET.forms["size"], {**letters, "n": x})
