"""A refusal names the rule and what would be right, and what it names is accepted."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from solver import SolverError
from solver.conversion.text import read_layer
from solver.frameworks import framework, layer
from solver.layers.layer import Layer

REFUSED = [
    ("torch", "Conv2d(3, 8, 0)", 9),
    ("torch", "Conv2d(3, 8, 3, stride=0)", 9),
    ("torch", "Conv2d(3, 8, 3, padding=-1)", 9),
    ("torch", "Conv2d(3, 8, 3, padding=((0, 1), (1, 1)))", 9),
    ("torch", "Conv2d(3, 8, 3, stride=2, padding='same')", 9),
    ("torch", "Conv2d(3, 8, 3, padding='full')", 9),
    ("torch", "Conv2d(3, 8, 3, padding_mode='symmetric')", 9),
    ("torch", "Conv2d(3, 8, 7)", 3),
    ("torch", "Conv2d(3, 8, 9, padding=4, padding_mode='reflect')", 3),
    ("torch", "ConvTranspose2d(3, 8, 3, stride=2, output_padding=2)", 9),
    ("torch", "ConvTranspose2d(3, 8, 3, stride=2, output_padding=-1)", 9),
    ("torch", "ConvTranspose2d(3, 8, 3, dilation=3, output_padding=3)", 9),
    ("torch", "ConvTranspose2d(3, 8, 3, padding_mode='reflect')", 9),
    ("torch", "ConvTranspose2d(3, 8, 3, padding=4)", 2),
    ("torch", "ConvTranspose1d(3, 8, 3, stride=2, output_size=30)", 3),
    ("torch", "MaxPool2d(3, padding=2)", 9),
    ("torch", "AvgPool2d(3, padding=2)", 9),
    ("torch", "MaxPool2d(5)", 2),
    ("torch", "AdaptiveAvgPool2d(-1)", 9),
    ("torch", "AdaptiveAvgPool1d(None)", 9),
    ("torch", "MaxUnpool1d(2, output_size=30)", 3),
    ("torch", "PixelUnshuffle(2)", 9),
    ("torch", "ReflectionPad2d(9)", 9),
    ("torch", "CircularPad2d(10)", 9),
    ("torch", "ZeroPad2d(-5)", 9),
    ("torch", "Upsample()", 9),
    ("torch", "Upsample(size=3, scale_factor=2)", 9),
    ("torch", "Upsample(size=0)", 9),
    ("torch", "Upsample(scale_factor=2, mode='linear')", 9),
    ("torch", "Upsample(size=3, recompute_scale_factor=True)", 9),
    ("torch", "Upsample(scale_factor=0.1)", 9),
    ("keras", "Conv2D(8, 3, strides=2, dilation_rate=2)", 9),
    ("keras", "Conv2D(8, 3, strides=(1, 2), dilation_rate=(3, 1))", 9),
    ("keras", "Conv2D(8, 3, padding='causal')", 9),
    ("keras", "Conv2D(8, 7)", 3),
    ("keras", "Conv2DTranspose(8, 3, strides=2, output_padding=2)", 9),
    ("keras", "Conv2DTranspose(8, 3, strides=2, dilation_rate=2)", 9),
    ("keras", "MaxPooling2D(0)", 9),
    ("keras", "UpSampling2D(0)", 9),
    ("keras", "ZeroPadding2D(-1)", 9),
    ("keras", "Cropping2D(-1)", 9),
    ("keras", "Cropping2D(5)", 9),
    ("tensorflow", "conv2d(kernel_shape=3, padding=-1)", 9),
    ("tensorflow", "conv2d_transpose(kernel_shape=3, output_shape=9, strides=2)", 9),
    ("tensorflow", "space_to_depth(block_size=2)", 9),
    ("jax", "conv_general_dilated(kernel_shape=3, padding='SAME', lhs_dilation=2)", 9),
    ("jax", "conv_general_dilated(kernel_shape=3, padding=-5)", 9),
    ("jax", "resize(shape=-1)", 9),
    ("flax", "Conv(3, 8, 3, padding='CAUSAL')", 9),
    ("flax", "Conv(3, 8, 3, padding='SAME', input_dilation=2)", 9),
    ("onnx", "Conv(kernel_shape=[3, 3], pads=[-1, 0, 0, 0])", 9),
    ("onnx", "Conv(kernel_shape=[7, 7])", 3),
    ("onnx", "ConvTranspose(kernel_shape=[3, 3], strides=[2, 2], output_padding=[2, 2])", 9),
    ("onnx", "Pad(pads=[9, 9, 9, 9], mode='reflect')", 9),
    ("onnx", "Resize()", 9),
    ("onnx", "SpaceToDepth(blocksize=2)", 9),
]


def proposed(made: Layer | None, name: str, text: str, fault: SolverError) -> Any:
    """Yield (layer, size) for every alternative that is said to be right; None stands for as is."""
    right = fault.right or ""
    if sizes := re.findall(r"an input of (?:at least )?(\d+)", right):
        yield from ((made, int(size)) for size in sizes)
        return
    if shape := re.fullmatch(r"(Cropping|ZeroPadding) by (\d+)", right):
        word = {"Cropping": "cropping", "ZeroPadding": "padding"}[shape[1]]
        yield layer(name, f"{shape[1]}2D", **{word: int(shape[2])}), None
        return
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    row, _ = framework(name).find(ast.unparse(call.func))
    given = dict(zip(row.arguments, map(ast.literal_eval, call.args), strict=False))
    given |= {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
    if unknown := re.fullmatch(r"unknown (\w+)", fault.rule):
        for value in ast.literal_eval(f"[{right}]"):
            yield layer(name, ast.unparse(call.func), **{**given, unknown[1]: value}), None
        return
    for alternative in right.split(", or "):
        changed = dict(given)
        for word, value in re.findall(r"(\w+)(?:=| at most | at least | )(.+)", alternative):
            for more in f"{word} {value}".split(" and "):
                parts = re.match(r"(\w+)(?:=| at most | at least | )(.+?)(?: with .*)?$", more)
                assert parts is not None
                if parts[1] in row.arguments:
                    value = ast.literal_eval(parts[2].removesuffix(","))
                    old = given.get(parts[1])
                    changed[parts[1]] = [value] * len(old) if isinstance(old, list) else value
        if "neither" not in (fault.received or "") and "only one of" in fault.rule:
            changed.pop("size")
        assert changed != given, right
        yield layer(name, ast.unparse(call.func), **changed), None


def refusal(name: str, text: str, n: int) -> tuple[Layer | None, SolverError]:
    """Return a layer, where it can be made, and how it is refused."""
    made = None
    try:
        made = read_layer(framework(name), text)
        made.size((n,) * (made.axes or 2))
    except SolverError as fault:
        return made, fault
    raise AssertionError(f"{text} is accepted")


@pytest.mark.parametrize(("name", "text", "n"), REFUSED)
def test_what_is_said_to_be_right_is_accepted(name: str, text: str, n: int) -> None:
    made, fault = refusal(name, text, n)
    assert fault.right, fault
    found = list(proposed(made, name, text, fault))
    assert found, fault
    for changed, size in found:
        if size is None:
            changed.size((n,) * (changed.axes or 2))
        else:
            changed.size((size,) * (changed.axes or 2))
