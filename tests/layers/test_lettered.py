"""Layers and stacks in letters say what those of numbers say, wherever they are layers."""

from __future__ import annotations

import pickle
import random

import pytest
import sympy
from sympy import Symbol, floor, lambdify, latex
from sympy_numbers import at

from solver import (
    AvgPool,
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    SizeError,
    SolverError,
    Stack,
    prove,
)
from solver.sizes.exact import exact
from solver.sizes.expression import names
from solver.sizes.letters import least
from solver.sizes.simplest import first, simplest
from solver.symbolic.given import tree

KERNELS = ["k", "2s", "k + 1", 3, 2, 1, "s", "s + 2", "2*k - 1"]
STRIDES = ["s", 1, 2, "t", "s + 1", "2s"]
PADDINGS = [0, 0, "p", 1, "(k - 1)/2", "floor(k/2)", "ceil(s/2)", "k - 1", "s // 2"]
DILATIONS = [1, 1, 1, "d", 2]
OUTPUT_PADDINGS = [0, 0, "s % 2", 1, "a", "s - 1"]


def some_layer(rng):
    kind = rng.choice([Conv, Conv, ConvTranspose, MaxPool, AvgPool])
    given = {
        "kernel_size": rng.choice(KERNELS),
        "stride": rng.choice(STRIDES),
        "padding": rng.choice(PADDINGS),
    }
    if kind is not AvgPool:
        given["dilation"] = rng.choice(DILATIONS)
    if kind is ConvTranspose:
        given["output_padding"] = rng.choice(OUTPUT_PADDINGS)
    if kind in (MaxPool, AvgPool):
        given["ceil_mode"] = rng.random() < 0.4
    if kind is Conv and rng.random() < 0.15:
        given |= {"padding": "same", "stride": 1}
    if kind is Conv and rng.random() < 0.15:
        given["padding"] = ((rng.choice(PADDINGS), rng.choice(PADDINGS)),)
    return kind(**given)


def said(ask):
    """What is said, or None where it is refused as beyond letters."""
    try:
        return ask()
    except LimitError:
        return None


def compare(lettered, rng, cases):
    """Require that a layer or stack in letters says at numbers what that of numbers says."""
    where, size = lettered.where, lettered.size("n")
    names = ["receptive_field"]
    names += ["jump", "offset", "parameters"] if isinstance(lettered, Stack) else []
    told = {name: said(lambda name=name: getattr(lettered, name)) for name in names}
    smallest, accepts = said(lettered.minimum), said(lettered.accepts)
    costs = ("macs", "activations") if isinstance(lettered, Stack) else ()
    told_costs = {name: getattr(lettered, name)("n") for name in costs}
    for _ in range(cases):
        numbers = {x: rng.randint(least(x), 5) for x in lettered.letters}
        asked = (lettered, numbers)
        try:
            plain = lettered.at(**numbers)
        except SolverError:
            assert not at(where, numbers), asked
            continue
        assert at(where, numbers), asked
        assert not plain.letters
        for name, value in told.items():
            if value is not None and getattr(plain, name) is not None:
                assert at(value, numbers) == getattr(plain, name), (*asked, name, value)
        assert smallest is None or at(smallest, numbers) == plain.minimum(), asked
        for n in (1, 2, 3, 5, 8, 13, 30):
            there = {**numbers, "n": n}
            try:
                wanted = plain.size(n)
            except SizeError:
                assert accepts is None or not at(accepts, there), (*asked, n)
                continue
            assert accepts is None or at(accepts, there), (*asked, n)
            assert at(size, there) == wanted, (*asked, n, size)
            for name, value in told_costs.items():
                assert at(value, there) == getattr(plain, name)(n), (*asked, n, name)


@pytest.mark.parametrize("seed", range(12))
def test_layers_in_letters_are_those_of_numbers(seed):
    rng = random.Random(seed)
    for _ in range(3):
        try:
            layer = some_layer(rng)
        except SolverError:
            continue
        if layer.letters:
            compare(layer, rng, 6)


@pytest.mark.parametrize("seed", range(6))
def test_stacks_in_letters_are_those_of_numbers(seed):
    rng = random.Random(seed)
    try:
        stack = Stack([some_layer(rng), some_layer(rng)], axes=1)
    except SolverError:
        return
    if stack.letters:
        compare(stack, rng, 5)


@pytest.mark.parametrize(
    ("layers", "field"),
    [
        ([Conv("k"), Conv("k", dilation=2), Conv("k", dilation=4)], "7*k - 6"),
        ([Conv("k", "s"), MaxPool(2), Conv(3)], "k + 5*s"),
        ([Conv("2s", "s"), ConvTranspose("2s", "s")], "3*s"),
        ([ConvTranspose("k", "s")], "ceiling(k/s)"),
        ([MaxPool("s"), Conv(3), ConvTranspose("s", "s"), Conv(3)], "s*ceiling(2/s) + 3*s"),
        ([ConvTranspose("2s", "s"), Conv(3), ConvTranspose("3t", "t")], None),
    ],
)
def test_receptive_fields(layers, field):
    stack = Stack(layers, axes=1)
    assert field is None or str(stack.receptive_field) == field
    compare(stack, random.Random(1), 12)


def test_a_stack_of_convolutions_and_pools_has_one_floor():
    stack = Stack([Conv("k", "s", "p"), MaxPool(2), Conv(3, "t"), AvgPool("t")])
    assert len(stack.size("n").atoms(floor)) == 1
    assert stack.formula.count("floor") == 1


#: Layers and what comes out of n, in the words of the textbooks.
SIZES = [
    (ConvTranspose("2s", "s", "ceil(s/2)", output_padding="s % 2"), "n*s"),
    (
        Conv("k", "s", "p", "d"),
        "floor((n + 2*p - d*(k - 1) - 1)/s) + 1",
    ),
    (Conv("k", "s", "p"), "floor((n + 2*p - k)/s) + 1"),
    (Conv("k", "s", "(k - 1)/2"), "ceil(n/s)"),
    (ConvTranspose("k", "s", "p"), "(n - 1)*s + k - 2*p"),
    (MaxPool("k"), "floor(n/k)"),
    (MaxPool("k", ceil_mode=True), "ceil(n/k)"),
    (Conv("k", padding="same"), "n"),
    (Conv("k", padding=(("p", 0),)), "n + p - k + 1"),
]


@pytest.mark.parametrize(("layer", "size"), SIZES)
def test_sizes_are_those_of_textbooks(layer, size):
    assert str(layer.size(tree("n"))) == size
    assert layer.size("n") == layer.size(Symbol("n", integer=True, positive=True))


@pytest.mark.parametrize(
    ("layer", "where"),
    [
        (ConvTranspose("2s", "s", "ceil(s/2)", output_padding="s % 2"), "s >= 2"),
        (Conv("k", padding="(k - 1)/2"), "Eq(k - 2*floor(k/2), 1)"),
        (Conv("k", "s", "p"), "True"),
        (Conv("k/2"), "Eq(k - 2*floor(k/2), 0)"),
        (Conv("k - 3"), "k >= 4"),
        (MaxPool("k", padding="p"), "2*p <= k"),
        (MaxPool(3, padding="p"), "p <= 1"),
        (Conv("k", padding="same", stride="s"), "Eq(s, 1)"),
    ],
)
def test_conditions_are_short(layer, where):
    assert str(layer.where) == where


#: What no values of letters make a layer, with a part of what is said.
WRONG = {
    "Conv('k', stride='q q >')": "must come next",
    "Conv('n')": "n is the size of the input",
    "Conv(Symbol('n'))": "n is the size of the input",
    "Conv('1/2')": "kernel_size must be a whole number",
    "Conv('3')": "kernel_size must be a whole number",
    "Conv('0*k')": "kernel_size must be at least 1",
    "Conv('k - k')": "kernel_size must be at least 1",
    "Conv('(2k + 1)/2')": "kernel_size must be a whole number",
    "Conv('k/(s - s)')": "a divisor must not be 0",
    "Conv('k >= 2')": "a size is wanted here, not a condition",
    "Conv('kk')": "unknown letter 'kk'",
    "Conv('k', padding='sane')": "unknown padding in words",
    "MaxPool('k', stride=2, padding='same')": "no values of the letters make this a layer",
    "Conv(Symbol('k') + sympy.Float(0.5))": "a size is made of",
    "Conv(Symbol('k', integer=False))": "a letter is a whole number",
    "Conv(-Symbol('k', positive=True))": "kernel_size must be at least 1",
    "Conv(Symbol('k', negative=True))": "a letter is a whole number",
    "Conv(sympy.sin(Symbol('k')))": "a size is made of",
    "Conv(sympy.Piecewise((Symbol('k'), Symbol('k') > 2), (1, True)))": "a size is made of",
    "Conv(Symbol('k'), stride=Symbol('k', integer=True))": "two symbols of one name",
    "Conv('k', stride='s', padding='-1*p - 1')": "padding must be at least 0",
    "ConvTranspose('k', stride='s', output_padding='s')": "no values of the letters",
    "MaxPool('k', padding='k')": "no values of the letters",
    "Conv('k', in_channels='2g', out_channels='2g + 1', groups=2)": "% 2 == 0 must hold",
    "Conv('k', in_channels='0*c')": "in_channels must be at least 1",
    "Conv('k' * 10_000)": "",
    "Conv('k' + ' + k' * 100_000)": "",
    "Conv(f'k + {10**400}')": "",
    "Conv('k').size('k <= 1')": "a size is wanted here",
    "Conv('k + 9').size(5)": "too small",
    "Conv('k').size(-1)": "an input size must be at least 1",
    "Conv('k').at(z=1)": "the layer has no such letter",
    "Conv('k').at(k=0)": "k must be at least 1",
    "Conv('k', padding='(k - 1)/2').at(k=4)": "padding must be a whole number",
    "Stack([Conv('k')]).at(z=1)": "the stack has no such letter",
    "Stack([Conv('k'), MaxPool(2, padding='p')]).at(p=2)": "layer 2 of 2",
    "Stack([Conv('k', in_channels='c'), Conv(3, in_channels=7)])": "the input must have",
}


@pytest.mark.parametrize("code", WRONG)
def test_what_is_wrong_is_said(code):
    there = {"Symbol": Symbol, "sympy": sympy, "Stack": Stack}
    there |= {layer.__name__: layer for layer in (Conv, ConvTranspose, MaxPool)}
    with pytest.raises(SolverError) as caught:
        eval(code, there)
    assert WRONG[code] in str(caught.value)


LETTERED = [layer for layer, _ in SIZES]


@pytest.mark.parametrize("layer", LETTERED)
def test_layers_in_letters_are_values(layer):
    copy = pickle.loads(pickle.dumps(layer))
    assert (copy, copy.letters, hash(copy)) == (layer, layer.letters, hash(layer))
    assert eval(repr(layer)) == layer
    assert layer._repr_latex_().startswith("$")
    stack = Stack([layer])
    assert pickle.loads(pickle.dumps(stack)) == eval(repr(stack)) == stack
    assert str(stack)
    assert stack.record()["formula"] == stack.formula


@pytest.mark.parametrize("layer", LETTERED)
@pytest.mark.parametrize(
    "ask", ["code()", "size_map()", "window().read(0)", "window().behind()", "rule().accepts"]
)
def test_what_wants_numbers_says_so(layer, ask):
    with pytest.raises(LimitError, match=r"wants numbers for the letters\n.*at\("):
        eval(f"layer.{ask}", {"layer": layer})


def test_symbols_come_back():
    kernel, stride = Symbol("kernel"), Symbol("k_1", integer=True)
    layer = Conv(kernel, stride=stride)
    assert layer.size(Symbol("w")).free_symbols == {kernel, stride, Symbol("w")}
    assert layer.minimum() == kernel
    assert layer.accepts().free_symbols > {kernel}
    assert Stack([layer, MaxPool(2)]).receptive_field == kernel + stride
    assert layer.subs({kernel: 3, stride: 2}) == Conv(3, stride=2)
    assert layer.subs(kernel, 2 * stride) == Conv(2 * stride, stride=stride)
    size = layer.size(Symbol("w"))
    compute = lambdify([Symbol("w"), kernel, stride], size, "math")
    for w, k, s in ((224, 7, 2), (9, 3, 3), (100, 1, 7)):
        assert compute(w, k, s) == Conv(k, stride=s).size(w)
        assert size.subs({Symbol("w"): w, kernel: k, stride: s}) == Conv(k, stride=s).size(w)
    assert latex(size) == r"\left\lfloor{\frac{- kernel + w}{k_{1}}}\right\rfloor + 1"


def test_channels_in_letters():
    stack = Stack([Conv("k", in_channels="c", out_channels="2c", groups="g"), MaxPool(2)], axes=2)
    assert str(stack.parameters) == "2*c**2*k**2/g + 2*c"
    assert str(stack.where) == "Eq(c - g*floor(c/g), 0)"
    assert stack.at(k=3, c=4, g=2).parameters == 152
    with pytest.raises(SolverError, match="groups must divide"):
        stack.at(k=3, c=3, g=2)
    assert Conv("k", out_channels="2c").shape((1, 3, 9, 9))[1] == 2 * sympy.Symbol(
        "c", integer=True, positive=True
    )
    assert Stack([Conv(3)], channels="c").widths[1].name == "c"


@pytest.mark.parametrize("seed", range(20))
def test_the_simplest_form_is_equal(seed):
    """Random sizes, at every number in a box."""
    rng = random.Random(seed)

    def size(depth):
        if depth == 0:
            return tree(rng.choice(["n", "s", "k", "p", "1", "2", "3"]))
        x, y = size(depth - 1), size(rng.randrange(depth))
        kind = rng.choice(["+", "-", "*", "floor", "ceil", "%", "max", "floor", "+"])
        below = tree(rng.choice(["s", "2", "3", "k + 1", "2*s"]))
        match kind:
            case "+":
                return x + y
            case "-":
                return x - y
            case "*":
                return x * tree(rng.choice(["2", "s", "k"]))
            case "%":
                return x % below
            case "max":
                return tree("max(k, s)").__class__("call", ("max", x, y))
        return tree("floor(n)").__class__("call", (kind, x / below))

    for _ in range(4):
        before = size(3)
        after = simplest(before)
        start = first(before)
        for _ in range(40):
            numbers = {x: rng.randint(least(x), 7) for x in names(before) | {"n"}}
            assert exact(before, numbers) == exact(after, numbers), (str(before), str(after))
            if start is not None:
                holds = exact(before, numbers) >= 0
                assert holds == (numbers["n"] >= exact(start, numbers)), (str(before), str(start))


def test_simplest_sizes_are_proved():
    for layer, size in SIZES[:2]:
        k, s, p, _, d, a = map(str, layer.numbers())
        name, more = ("deconv", f", a={a}") if isinstance(layer, ConvTranspose) else ("conv", "")
        assert prove(f"{name}(n, k={k}, s={s}, p={p}, d={d}{more}) == {size}")


def test_torch_says_the_same():
    torch = pytest.importorskip("torch")
    layer = ConvTranspose("2s", "s", "ceil(s/2)", output_padding="s % 2")
    for s in range(2, 6):
        plain = layer.at(s=s)
        made = torch.nn.ConvTranspose1d(
            1, 1, plain.kernel_size, s, plain.padding, plain.output_padding
        )
        assert made(torch.zeros(1, 1, 7)).shape[-1] == at(layer.size(7), {"s": s}) == 7 * s


def test_mixed_axes():
    layer = Conv(("k", 3), stride=(2, "s"), padding=((1, 0), ("p", "p")))
    rows = layer.size(("n", 9))
    assert [at(x, {"n": 8, "k": 3, "s": 2, "p": 1}) for x in rows] == [4, 5]
    assert layer.at(k=3, s=2, p=1).size((8, 9)) == (4, 5)
    assert isinstance(layer.size([8, 9]), list)


def test_floors_within_floors_become_one():
    codec = [Conv(f"2*{x}", x, f"ceil({x}/2)") for x in "st"]
    net = Stack([Conv(7), *codec])
    assert str(net.size("n")).count("floor((n") == str(net.size("n")).count("n -") == 1
    for s, t, size in [(s, t, 40 + 7 * s + t) for s in range(2, 8) for t in range(2, 8)]:
        put = {x: {"n": size, "s": s, "t": t}[x.name] for x in net.size("n").free_symbols}
        assert net.size("n").subs(put) == net.at(s=s, t=t).size(size)


def test_what_one_layer_costs_is_what_a_stack_of_it_does():
    layers = [
        Conv("k", in_channels="c", out_channels="2c"),
        Conv("k", in_channels="c", out_channels="c", groups="c", bias=False),
        ConvTranspose("2s", "s", in_channels="c", out_channels=8),
        MaxPool("s"),
    ]
    for layer in layers:
        numbers = layer.at(**dict.fromkeys(layer.letters, 4))
        for each in (layer, numbers):
            assert each.parameters == Stack([each]).parameters
            assert each.macs((9, 12)) == Stack([each]).macs((9, 12))
