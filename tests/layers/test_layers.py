"""Layers: what they accept, what they say, and what comes out of them.

Sizes are judged by PyTorch in `test_torch.py` and by sliding windows in `test_formulas.py`.
"""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, fields
from itertools import product

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import solver
from solver import AvgPool, Conv, ConvTranspose, MaxPool
from solver.errors import SizeError, SolverError
from solver.layers.own import LAYERS
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet
from solver.symbolic.algebra import n as symbol

NAMES = {layer.__name__: layer for layer in LAYERS.values()}


@st.composite
def layers(draw):
    """Draw a legal layer for one to three axes, its hyperparameters shared or per axis."""
    axes = draw(st.integers(1, 3))

    def per_axis(values):
        return draw(st.one_of(values, st.lists(values, min_size=axes, max_size=axes).map(tuple)))

    layer = draw(st.sampled_from(list(LAYERS.values())))
    arguments = {"kernel_size": per_axis(st.integers(1, 7)), "stride": per_axis(st.integers(1, 5))}
    if layer in (MaxPool, AvgPool):
        smallest = np.min(arguments["kernel_size"]) // 2
        most = st.integers(0, int(smallest))
        arguments["ceil_mode"] = draw(st.booleans())
        if draw(st.booleans()):
            del arguments["stride"]
    else:
        most = st.integers(0, 6)
        arguments["groups"] = draw(st.integers(1, 3))
        arguments["out_channels"] = draw(st.sampled_from([None, 6, 12]))
    if draw(st.booleans()):
        arguments["padding"] = per_axis(most)
    else:
        arguments["padding"] = draw(
            st.lists(st.tuples(most, most), min_size=axes, max_size=axes).map(tuple)
        )
    if layer is not AvgPool:
        arguments["dilation"] = per_axis(st.integers(1, 3))
    if layer is ConvTranspose:
        arguments["output_padding"] = draw(
            st.integers(0, int(np.min(np.maximum(arguments["stride"], arguments["dilation"]))) - 1)
        )
    if layer is Conv:
        arguments["padding_mode"] = draw(
            st.sampled_from(["zeros", "reflect", "replicate", "circular"])
        )
    return layer(**arguments)


# Values


@given(layers())
def test_a_layer_is_a_value(layer):
    again = eval(repr(layer), NAMES)
    assert again == layer
    assert hash(again) == hash(layer)
    assert repr(again) == repr(layer)
    assert pickle.loads(pickle.dumps(layer)) == layer
    with pytest.raises(FrozenInstanceError):
        layer.kernel_size = 3


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (Conv(3), "Conv(3)"),
        (Conv(7, 2, 3), "Conv(7, stride=2, padding=3)"),
        (Conv([3, 5], padding=[1, 2]), "Conv((3, 5), padding=(1, 2))"),
        (Conv(3, padding=((1, 2),)), "Conv(3, padding=((1, 2),))"),
        (Conv(3, padding=[[0, 1], 2]), "Conv(3, padding=((0, 1), 2))"),
        (Conv(3, padding="same"), "Conv(3, padding='same')"),
        (Conv(3, padding_mode="reflect"), "Conv(3, padding_mode='reflect')"),
        (
            Conv(3, groups=2, in_channels=4, out_channels=8),
            "Conv(3, groups=2, in_channels=4, out_channels=8)",
        ),
        (
            ConvTranspose(4, 2, 1, output_padding=1),
            "ConvTranspose(4, stride=2, padding=1, output_padding=1)",
        ),
        (MaxPool(2), "MaxPool(2)"),
        (MaxPool(2, 2), "MaxPool(2)"),
        (MaxPool(3, 2, ceil_mode=True), "MaxPool(3, stride=2, ceil_mode=True)"),
        (MaxPool((2, 3)), "MaxPool((2, 3))"),
        (AvgPool(3, 1, 1), "AvgPool(3, stride=1, padding=1)"),
        (Conv(np.int64(3), stride=np.int32(2)), "Conv(3, stride=2)"),
        (Conv(3, in_channels=np.int64(4), groups=np.int64(2)), "Conv(3, groups=2, in_channels=4)"),
    ],
)
def test_reprs_leave_out_defaults(layer, text):
    assert repr(layer) == text
    assert eval(text, NAMES) == layer


def test_equality_is_of_kind_and_hyperparameters():
    assert MaxPool(2) == MaxPool(2, stride=2) != MaxPool(2, stride=1)
    assert MaxPool(2) != AvgPool(2)
    assert Conv([3, 3]) == Conv((3, 3))
    assert len({Conv(3), Conv(3, 1), Conv(3, padding=1)}) == 2


def test_the_names_and_their_order_are_pytorchs():
    names = {layer.__name__: [f.name for f in fields(layer)] for layer in LAYERS.values()}
    assert names == {
        "Conv": [
            *("kernel_size", "stride", "padding", "dilation", "groups"),
            *("in_channels", "out_channels", "padding_mode", "bias"),
        ],
        "ConvTranspose": [
            *("kernel_size", "stride", "padding", "dilation", "output_padding", "groups"),
            *("in_channels", "out_channels", "bias"),
        ],
        "MaxPool": ["kernel_size", "stride", "padding", "dilation", "ceil_mode"],
        "AvgPool": ["kernel_size", "stride", "padding", "ceil_mode"],
    }
    assert all(getattr(solver, name) is layer for name, layer in NAMES.items())


# Sizes


@given(layers())
def test_minimum_just_fits_and_one_less_does_not(layer):
    axes = layer.axes or 1
    least = tuple(layer.minimum(axis, axes) for axis in range(axes))
    assert all(size >= 1 for size in layer.size(least))
    for axis in range(axes):
        assert layer.accepts(axis, axes) == SizeSet(minimum=least[axis])
        less = tuple(m - (i == axis) for i, m in enumerate(least))
        with pytest.raises(SizeError) as caught:
            layer.size(less)
        assert f"at least {least[axis]}" in str(caught.value)


def test_minimum_is_needed():
    # One less would come out below 1, be no size, or break a rule that the formula does not know.
    for k, s, p, d in product(range(1, 5), range(1, 4), range(5), range(1, 3)):
        layer = Conv(k, stride=s, padding=p, dilation=d)
        least = layer.minimum()
        assert least == 1 or layer.size_map()(least - 1) < 1
        layer = ConvTranspose(k, stride=s, padding=p, dilation=d)
        least = layer.minimum()
        assert least == 1 or layer.size_map()(least - 1) < 1


@given(layers(), st.integers(0, 30))
def test_every_kind_of_number_gives_the_same_size(layer, more):
    axes = layer.axes or 1
    start = max(layer.minimum(axis, axes) for axis in range(axes)) + more
    sizes = [layer.size((m,) * axes) for m in range(start, start + 5)]
    as_tuple = (lambda made: made) if axes > 1 else (lambda made: (made,))
    array = as_tuple(layer.size(np.arange(start, start + 5)))
    expression = as_tuple(layer.size(symbol))
    as_map = as_tuple(layer.size(SizeMap.line(1, 2)))
    for axis in range(axes):
        wanted = [size[axis] for size in sizes]
        assert array[axis].tolist() == wanted
        assert [expression[axis].xreplace({symbol: m}) for m in range(start, start + 5)] == wanted
        assert [layer.size_map(axis)(m) for m in range(start, start + 5)] == wanted
        assert [as_map[axis](m - 2) for m in range(start, start + 5)] == wanted


def test_symbols_print_as_in_a_paper():
    assert str(Conv(7, stride=2, padding=3).size(symbol)) == "floor(n/2 - 1/2) + 1"
    assert ConvTranspose(4, stride=2, padding=1).size(symbol) == 2 * symbol
    assert Conv((1, 3)).size(symbol) == (symbol, symbol - 2)
    assert isinstance(Conv(3, stride=2).size(2 * symbol), sympy.Expr)


@pytest.mark.parametrize(
    ("layer", "n", "size"),
    [
        (Conv(7, stride=2, padding=3), 224, 112),
        (Conv(7, stride=2, padding=3), (224, 320), (112, 160)),
        (Conv((3, 5), stride=(1, 2)), 9, (7, 3)),
        (Conv((3, 5), stride=(1, 2)), (9, 7), (7, 2)),
        (Conv((3,), stride=(2,)), 9, 4),
        (Conv(3, padding=((1, 0),)), 5, 4),
        (Conv(3, padding=((1, 0), (2, 2))), (5, 5), (4, 7)),
        (Conv(3, padding=((0, 1), 2)), (5, 5), (4, 7)),
        (Conv((4, 5), padding="same", dilation=(1, 3)), (6, 9), (6, 9)),
        (Conv(3, padding="valid"), 5, 3),
        (ConvTranspose(3, stride=2, padding=1, output_padding=1), 7, 14),
        (ConvTranspose(3, stride=(2, 3), output_padding=(1, 0)), 4, (10, 12)),
        (ConvTranspose(3, dilation=3, output_padding=2), 4, 12),
        (ConvTranspose(2, padding=((0, 1),)), 4, 4),
        (MaxPool(3, stride=2, padding=1, dilation=2), 8, 3),
        (MaxPool(2), 7, 3),
        (MaxPool(2, ceil_mode=True), 7, 4),
        (AvgPool((2, 3)), (7, 7), (3, 2)),
    ],
    ids=repr,
)
def test_known_sizes(layer, n, size):
    assert layer.size(n) == size


def test_same_padding_puts_the_odd_one_at_the_end():
    assert Conv(4, padding="same").window().pads == (1, 2)
    assert Conv(3, padding=((1, 2),)).window().pads == (1, 2)


def test_arrays_of_any_shape_and_kind():
    layer = Conv(3, stride=2)
    assert layer.size(np.array([[3, 4], [5, 6]], dtype=np.uint8)).tolist() == [[1, 1], [2, 2]]
    assert layer.size(np.array([], dtype=int)).tolist() == []
    assert layer.size(np.array(9)) == 4
    assert layer.size(np.int16(9)) == 4
    # 200 + 200 does not fit into a byte
    assert Conv(1, padding=200).size(np.array([200], dtype=np.uint8)).tolist() == [600]


def test_sizes_beyond_floats_stay_exact():
    assert Conv(1, stride=2).size(10**17 + 1) == 5 * 10**16 + 1
    assert ConvTranspose(1, stride=10**17).size(10**17 + 1) == 10**34 + 1


def test_three_axes_of_average_pooling_hold_the_kernel():
    pool = AvgPool(3, stride=1, padding=1)
    assert pool.size((1, 1)) == (1, 1)
    with pytest.raises(SizeError):
        pool.size((3, 3, 2))
    assert pool.size((3, 3, 3)) == (3, 3, 3)


# Shapes


CONV = Conv(3, stride=2, in_channels=4, out_channels=8, groups=2)


@pytest.mark.parametrize(
    ("layer", "shape", "axes", "out"),
    [
        (CONV, (1, 4, 9, 7), None, (1, 8, 4, 3)),
        (CONV, (0, 4, 9), None, (0, 8, 4)),
        (CONV, (4, 9, 7), 2, (8, 4, 3)),
        (CONV, [5, 4, 9, 7, 3], None, (5, 8, 4, 3, 1)),
        (Conv((3, 3)), (2, 9, 9), None, (2, 7, 7)),
        (Conv((3, 3)), (2, 6, 9, 9), None, (2, 6, 7, 7)),
        (Conv(3, groups=3), (2, 6, 9), None, (2, 6, 7)),
        (MaxPool(2), (64, 112, 112), 2, (64, 56, 56)),
        (MaxPool(2), (1, 64, 112, 112), None, (1, 64, 56, 56)),
        (ConvTranspose(2, 2, out_channels=3), (1, 5, 4), None, (1, 3, 8)),
    ],
)
def test_shapes(layer, shape, axes, out):
    assert layer.shape(shape, axes) == out


# Errors, line by line

MAKE = {
    "Conv(0)": """\
kernel_size must be at least 1
  received: 0
  right:    1 or more""",
    "Conv(3, stride=2.0)": """\
stride must be a whole number
  received: 2.0
  right:    2""",
    "Conv(3, stride='2')": """\
stride must be a whole number
  received: '2'""",
    "Conv(True)": """\
kernel_size must be a whole number
  received: True""",
    "Conv(3, padding=-1)": """\
padding must be at least 0
  received: -1
  right:    0 or more""",
    "Conv(3, padding=((1, -1),))": """\
padding must be at least 0
  received: -1
  right:    0 or more""",
    "Conv(3, dilation=0)": """\
dilation must be at least 1
  received: 0
  right:    1 or more""",
    "Conv(())": """\
kernel_size needs one value per axis
  received: ()""",
    "Conv((3, 3), stride=(1, 2, 1))": """\
hyperparameters must agree on the number of axes
  received: kernel_size for 2, stride for 3""",
    "Conv(3, padding='wide')": """\
unknown padding in words
  received: 'wide'
  right:    valid, same, half, full, causal""",
    "Conv(3, stride=2, padding='same')": """\
padding='same' needs stride 1
  received: stride 2
  right:    padding=1, or padding='half'""",
    "Conv(3, padding_mode='mirror')": """\
unknown padding_mode
  received: 'mirror'
  right:    ('zeros', 'reflect', 'replicate', 'circular')""",
    "Conv(3, groups=2, in_channels=3)": """\
groups must divide the channels
  received: 3 channels, 2 groups""",
    "Conv(3, groups=0)": """\
groups must be at least 1
  received: 0
  right:    1 or more""",
    "Conv(3, out_channels=0)": """\
out_channels must be at least 1
  received: 0
  right:    1 or more""",
    "ConvTranspose(3, stride=2, output_padding=2)": """\
output_padding must be smaller than the stride or the dilation
  received: output_padding 2, stride 2, dilation 1
  right:    at most 1""",
    "ConvTranspose(3, stride=(3, 1), output_padding=(2, 1))": """\
output_padding must be smaller than the stride or the dilation
  received: output_padding 1, stride 1, dilation 1
  right:    at most 0""",
    "ConvTranspose(3, padding='causal')": """\
causal padding is in front of what a window reads, and nothing is read here
  received: padding='causal' of a transposed convolution
  right:    'full', or the pair (begin, end) that is cropped, ((0, 2),)""",
    "MaxPool(3, padding=2)": """\
padding of a pooling must be at most half of kernel_size
  received: padding 2, kernel_size 3
  right:    at most 1, or a layer of padding before it, as 2:2""",
    "MaxPool((4, 3), padding=2, dilation=9)": """\
padding of a pooling must be at most half of kernel_size
  received: padding 2, kernel_size 3
  right:    at most 1, or a layer of padding before it, as 2:2""",
    "AvgPool(2, stride=0)": """\
stride must be at least 1
  received: 0
  right:    1 or more""",
}
USE = {
    "Conv(7).size(6)": """\
the kernel must fit: input + padding >= effective kernel size
  received: 6 + 0 < 7
  right:    an input of at least 7""",
    "Conv(4, padding=1, dilation=3).size((9, 7))": """\
the kernel must fit: input + padding >= effective kernel size
  received: 7 + 2 < 10
  right:    an input of at least 8""",
    "Conv(1, padding=5).size(0)": """\
an input size must be at least 1
  received: 0
  right:    an input of at least 1""",
    "Conv(3).size(-1)": """\
an input size must be at least 0
  received: -1
  right:    0 or more""",
    "Conv(3).size(7.0)": """\
an input size must be a whole number
  received: 7.0
  right:    7""",
    "Conv(3).size('n')": """\
an input size must be a whole number
  received: 'n'""",
    "Conv(3).size(np.array([7.0]))": """\
sizes must be whole numbers
  received: an array of float64""",
    "Conv(3).size(np.array([7, 2, 9]))": """\
the kernel must fit: input + padding >= effective kernel size
  received: 2 + 0 < 3
  right:    an input of at least 3""",
    "Conv((3, 3)).size((7, 7, 7))": """\
the input must have one size per axis of the layer
  received: 3 sizes for 2 axes""",
    "ConvTranspose(1, padding=2).size(4)": """\
an output size must be at least 1
  received: 4 -> 0
  right:    an input of at least 5""",
    "Conv(3, padding=3, padding_mode='reflect').size(3)": """\
the input is too small for this layer
  received: 3
  right:    an input of at least 4""",
    "Conv(3, padding=3, padding_mode='circular').size(2)": """\
the input is too small for this layer
  received: 2
  right:    an input of at least 3""",
    "AvgPool(3, 1, 1).size((3, 3, 2))": """\
the input is too small for this layer
  received: 2
  right:    an input of at least 3""",
    "Conv(3).shape((5, 5))": """\
a shape is (N, C, sizes...) or, unbatched, (C, sizes...)
  received: (5, 5)
  right:    2 or 3 numbers""",
    "Conv((3, 3)).shape((1, 2, 3, 4, 5))": """\
a shape is (N, C, sizes...) or, unbatched, (C, sizes...)
  received: (1, 2, 3, 4, 5)
  right:    3 or 4 numbers""",
    "Conv(3, in_channels=4).shape((1, 3, 9))": """\
the input must have the layer's in_channels
  received: 3 channels
  right:    4""",
    "Conv(3, groups=2).shape((1, 3, 9))": """\
groups must divide the channels
  received: 3 channels, 2 groups""",
}


@pytest.mark.parametrize("code", [*MAKE, *USE])
def test_error_texts(code):
    with pytest.raises(SolverError) as caught:
        eval(code, {**NAMES, "np": np})
    assert str(caught.value) == {**MAKE, **USE}[code]
    assert isinstance(caught.value, ValueError)


def test_a_layer_on_the_border_is_legal():
    # One step across each of these borders is refused above.
    ConvTranspose(3, stride=2, output_padding=1)
    ConvTranspose(3, dilation=3, output_padding=2)
    MaxPool(4, padding=2, dilation=9)
    Conv(3, padding="same", dilation=2)
    Conv(3, padding=99)


@pytest.mark.parametrize(
    "code",
    [
        "Conv(10**30)",
        "Conv(3).size(10**30)",
        "Conv(3, padding=None)",
        "Conv(None)",
        "Conv(3, padding=((1, 2, 3),))",
        "Conv(3, padding=(('1', 2),))",
        "MaxPool(2, stride=None, padding=[None])",
        "Conv(3).size(None)",
        "Conv(3).size(())",
        "Conv(3).shape(())",
        "Conv(3).shape((1, 2.5, 9))",
        "Conv(3).size(np.array(['a']))",
        "Conv(3).size(sympy.Rational(7, 2))",
        "Conv(7).size(sympy.Integer(3))",
        "Conv(3).size(sympy.Float(7))",
        "ConvTranspose(1, stride=10**10).size(np.array([10**10]))",
        "Conv(1).size(np.array([2**63 + 5], dtype=np.uint64))",
        "MaxPool(2, ceil_mode='no')",
    ],
)
def test_nonsense_is_refused_with_our_errors(code):
    with pytest.raises(SolverError):
        eval(code, {**NAMES, "np": np, "sympy": sympy})
