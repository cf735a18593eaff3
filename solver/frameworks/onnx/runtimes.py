"""Where onnxruntime and ONNX shape inference differ from the operator's text.

Both were fitted on recorded answers of onnxruntime 1.32 and onnx 1.23. None stands for a refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from solver.frameworks.resize import rounded_product
from solver.ground.named import NamedTuple
from solver.layers.row import Values

_RUNTIME, _INFERENCE = "onnxruntime 1.32", "shape inference of onnx 1.23"
#: From this opset on shape inference drops a last window that starts in the padding.
_CLIPS_FROM = 22
_OLD = 18
_SAME = ("SAME_UPPER", "SAME_LOWER")


class _PoolAttributes(NamedTuple):
    kernel_shape: int
    strides: int
    pads: tuple[int, int]
    dilations: int
    auto_pad: str
    ceil_mode: bool = False

    @property
    def span(self) -> int:
        return self.dilations * (self.kernel_shape - 1) + 1

    def windows(self, n: int, begin: int, total: int, clips: bool) -> int:
        """Count windows with C's division, which cuts towards zero."""
        room = n + total - self.span
        if not self.ceil_mode:
            return _cut(room, self.strides) + 1
        out = -(-room // self.strides) + 1
        return out - 1 if clips and (out - 1) * self.strides >= n + begin else out


def _cut(number: int, divisor: int) -> int:
    return abs(number) // divisor * (1 if number >= 0 else -1)


def pool_inferred(n: int, opset: int, **attributes: Any) -> int:
    """What shape inference says of a convolution or pooling along one axis."""
    node = _PoolAttributes(**attributes)
    begin, end = node.pads if node.auto_pad == "NOTSET" else (0, 0)
    total = begin + end
    if node.auto_pad in _SAME:
        total = max((-(-n // node.strides) - 1) * node.strides + node.span - n, 0)
        begin = total // 2 if node.auto_pad == "SAME_UPPER" else total - total // 2
    if node.ceil_mode and opset >= _CLIPS_FROM and n + total < node.span:
        return _cut(n + total - node.span + node.strides - 1, node.strides) + 1
    return node.windows(n, begin, total, opset >= _CLIPS_FROM)


def conv_run(n: int, opset: int, **attributes: Any) -> int | None:
    """What onnxruntime gives for a Conv along one axis."""
    node = _PoolAttributes(**attributes)
    if node.auto_pad in _SAME:
        return None if node.dilations > 1 else -(-n // node.strides)
    total = sum(node.pads) if node.auto_pad == "NOTSET" else 0
    room = n + total - node.span
    return None if room < 0 else room // node.strides + 1


def pool_run(n: int, opset: int, negative_from: int = 0, **attributes: Any) -> int | None:
    """What onnxruntime gives for a pooling along one axis.

    negative_from: the opset from which on padding that comes out negative is accepted.
    """
    node = _PoolAttributes(**attributes)
    begin, end = node.pads if node.auto_pad == "NOTSET" else (0, 0)
    if max(begin, end) >= node.kernel_shape:
        return None
    if node.auto_pad in _SAME:
        # The undilated kernel decides, so dilation makes the output smaller.
        total = (-(-n // node.strides) - 1) * node.strides + node.kernel_shape - n
        if total < 0 and opset < negative_from:
            return None
        begin = _cut(total, 2) if node.auto_pad == "SAME_UPPER" else _cut(total + 1, 2)
        end = total - begin
    out = node.windows(n, begin, begin + end, clips=True)
    return out if out >= 0 else None


def conv_transpose_run(
    n: int,
    opset: int,
    kernel_shape: int,
    strides: int,
    pads: tuple[int, int],
    dilations: int,
    auto_pad: str,
    output_padding: int,
    output_shape: int | None,
) -> int | None:
    """What onnxruntime gives for a ConvTranspose along one axis."""
    span = dilations * (kernel_shape - 1) + 1
    base = (n - 1) * strides + output_padding + span
    if not 0 <= output_padding < strides:
        return None
    if output_shape is not None:
        reached = output_shape <= base or (output_shape - span) // strides + 1 == n
        return output_shape if reached and output_shape > 0 else None
    if auto_pad in _SAME:
        return min(n * strides, base)
    out = base - (sum(pads) if auto_pad == "NOTSET" else 0)
    return out if out >= 1 else None


def conv_transpose_inferred(
    n: int,
    opset: int,
    kernel_shape: int,
    strides: int,
    pads: tuple[int, int],
    dilations: int,
    auto_pad: str,
    output_padding: int,
    output_shape: int | None,
) -> int:
    """What shape inference says of a ConvTranspose along one axis."""
    if output_shape is not None:
        return output_shape
    span = dilations * (kernel_shape - 1) + 1
    total = sum(pads) if auto_pad == "NOTSET" else 0
    if auto_pad in _SAME:
        total = max(span - strides, 0)
    return (n - 1) * strides + output_padding + span - total


def resize_run(
    n: int, opset: int, scales: float | None, sizes: int | None, **policy: str
) -> int | None:
    """What onnxruntime gives for a Resize along one axis: single precision throughout."""
    return rounded_product(n, scales) if scales is not None else sizes


def _each(found: Values, sizes: tuple[int, ...], rule: Callable[..., Any]) -> Any:
    rows = zip(*found.values(), strict=True)
    outputs = tuple(
        rule(n, **dict(zip(found, row, strict=True))) for n, row in zip(sizes, rows, strict=True)
    )
    return None if None in outputs else outputs


#: For each operation: what onnxruntime gives, and what shape inference says.
Rules = tuple[Callable[..., Any], Callable[..., Any] | None]
_NEVER = 10**6
CONV: Rules = (conv_run, pool_inferred)
MAX_POOL: Rules = (partial(pool_run, negative_from=_NEVER), pool_inferred)
AVERAGE_POOL: Rules = (partial(pool_run, negative_from=19), pool_inferred)
LP_POOL: Rules = (pool_run, pool_inferred)
CONV_TRANSPOSE: Rules = (conv_transpose_run, conv_transpose_inferred)
RESIZE: Rules = (resize_run, None)


def run(rules: Rules, found: Values, sizes: tuple[int, ...], opset: int = 22) -> Any:
    """The sizes onnxruntime gives at an opset, or None where it refuses."""
    dilated = max(found.get("dilations", (1,))) > 1
    if 0 in sizes and rules is not RESIZE:
        return None
    if rules is CONV and found["auto_pad"][0] in _SAME and dilated:
        return None
    if rules is MAX_POOL and dilated:
        rules = LP_POOL  # the code that dilates does not check its padding
    return _each(found, sizes, partial(rules[0], opset=opset))


def inferred(rules: Rules, found: Values, sizes: tuple[int, ...], opset: int = 22) -> Any:
    """The sizes shape inference says at an opset; None where there is no model of it."""
    rule = rules[1]
    if rule is None:
        return None
    outputs = _each(found, sizes, partial(rule, opset=opset))
    if rules is CONV_TRANSPOSE and found["output_shape"][0] is not None:
        # It stops without a word at the first axis that would be smaller than the input.
        smaller = [wanted < n for wanted, n in zip(found["output_shape"], sizes, strict=True)]
        return outputs[: smaller.index(True)] if True in smaller else outputs
    return outputs


def notes(
    rules: Rules, rule: Callable[[Values, tuple[int, ...]], tuple[int, ...] | None]
) -> Callable[[Values, tuple[int, ...]], list[str]]:
    """What says where a runtime differs from the rule, which gives sizes or None."""

    def differences(found: Values, sizes: tuple[int, ...]) -> list[str]:
        wanted = rule(found, sizes)
        said = []
        for who, model in ((_RUNTIME, run), (_INFERENCE, inferred)):
            newer, older = (model(rules, found, sizes, opset) for opset in (_CLIPS_FROM, _OLD))
            if model is inferred and rules[1] is None:
                continue
            said.append((who, newer))
            if older != newer:
                said.append((f"{who} below opset {_CLIPS_FROM}", older))
        differing = [f"{who} {_words(out, len(sizes))}" for who, out in said if out != wanted]
        if rules in (CONV, AVERAGE_POOL, LP_POOL) and found["auto_pad"][0] in _SAME:
            rows = zip(sizes, found["strides"], found["kernel_shape"], strict=True)
            if any((-(-n // s) - 1) * s + k < n - 1 for n, s, k in rows):
                differing.append(f"{_RUNTIME} pads by less than nothing: it starts further in")
        return differing

    return differences


def _words(sizes: tuple[int, ...] | None, axes: int) -> str:
    """Say what was given; sizes left out at the end are those that are not told."""
    if sizes is None:
        return "refuses it"
    if not sizes:
        return "says no size"
    return f"says {'x'.join([*map(str, sizes), *['?'] * (axes - len(sizes))])}"
