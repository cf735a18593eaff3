"""TensorFlow: the operations of tf.nn, kernels given by their spatial shape; Keras's size rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solver.errors import SolverError
from solver.frameworks.keras import rules as rules
from solver.layers.arguments import Argument, is_list, number, numbers, padding_or
from solver.layers.kind import AVERAGE, CONV, DEPTHWISE, MAX, SHUFFLE, TRANSPOSED, UNSHUFFLE
from solver.layers.row import Framework, Row, Values, passive
from solver.layers.rule import AxisRule


def _conv(kernel_shape: int, strides: int, padding: Any, dilations: int) -> AxisRule:
    words = padding.lower() if isinstance(padding, str) else padding
    if not isinstance(words, str) and min(words) < 0:
        raise SolverError("padding must not be negative", str(min(words)), "padding at least 0")
    return rules.conv(kernel_shape, strides, words, dilations)


def _pool(ksize: int, strides: int, padding: Any) -> AxisRule:
    return _conv(ksize, strides, padding, 1)


def _words_but_in(*axes: int) -> Callable[[Values], None]:
    """A check that refuses padding in pairs but in operations of these axes."""

    def check(found: Values) -> None:
        padding = found["padding"]
        if len(padding) not in axes and not isinstance(padding[0], str):
            raise SolverError("padding is a word here", repr(padding), "padding='SAME'")

    return check


def _conv_transpose(
    kernel_shape: int, strides: int, padding: str, dilations: int, output_shape: int
) -> AxisRule:
    from solver.sizes.sizemap import SizeMap
    from solver.sizes.sizeset import SizeSet

    forward = _conv(kernel_shape, strides, padding, dilations)
    rule = "the convolution of output_shape must give the input"
    fits = output_shape in forward.accepts
    inputs = SizeSet.of([forward.size(output_shape)] if fits else [])
    return AxisRule(SizeMap.line(0, output_shape), inputs, rule)


def _block(block_size: int) -> AxisRule:
    return rules.upsample(block_size)


def _sizes(name: str, value: Any, axes: int) -> tuple[int, ...]:
    """Read one number per axis; a full shape (N, sizes..., C) of ones outside is taken too."""
    if value is None:
        value = 1
    if is_list(value) and len(value) == axes + 2:
        return tuple(number(name, v) for v in value[1:-1])
    return numbers(name, value[0] if is_list(value) and len(value) == 1 else value, axes)


def _padding(name: str, value: Any, axes: int) -> tuple[Any, ...]:
    """Read padding; pairs for batch and channels outside must be nothing."""
    if is_list(value) and len(value) == axes + 2 and all(map(is_list, value)):
        if any(map(any, (value[0], value[-1]))):
            raise SolverError("batch and channels are not padded", repr(value))
        value = value[1:-1]
    return padding_or("SAME", "VALID")(name, value, axes)


def _kernel(name: str, value: Any, axes: int) -> tuple[int, ...]:
    """Read one number per axis, or the whole shape of the filters, channels last."""
    full = is_list(value) and len(value) == axes + 2
    return numbers(name, value[:-2] if full else value, axes)


_KERNEL = Argument(read=_kernel, aliases=("kernel", "kernel_size", "filters"))
_ONE = Argument(1, _sizes)
_PADDING = Argument("VALID", _padding)
_OTHER = passive("data_format", "name")
_RULE = (
    "VALID floor((n - d(k - 1) - 1)/s) + 1; SAME ceil(n/s); "
    "in 2d, pairs floor((n + lo + hi - d(k - 1) - 1)/s) + 1"
)
_DYNAMIC = "SAME pads the odd element at the end, and how much depends on n"

FRAMEWORK = Framework(
    "tensorflow",
    "TensorFlow",
    (
        *(
            Row(
                f"{name}{{}}d",
                kind,
                {
                    "kernel_shape": _KERNEL,
                    "strides": Argument(1, _sizes, ("stride",)),
                    "padding": _PADDING,
                    **_OTHER,
                    "dilations": _ONE,
                },
                _conv,
                axes,
                _RULE,
                f"{_DYNAMIC}; strides go with dilations here, not in Keras",
                aliases,
                _words_but_in(2),
            )
            for name, kind, axes, aliases in (
                ("conv", CONV, (1, 2, 3), ("convolution",)),
                ("depthwise_conv", DEPTHWISE, (2,), ("depthwiseconv",)),
            )
        ),
        Row(
            "conv{}d_transpose",
            TRANSPOSED,
            {
                "kernel_shape": _KERNEL,
                "output_shape": Argument(read=_sizes),
                "strides": Argument(1, _sizes),
                "padding": Argument("SAME", _padding),
                **_OTHER,
                "dilations": _ONE,
            },
            _conv_transpose,
            (1, 2, 3),
            "output_shape",
            "takes the size, which the convolution must bring back to n",
            check=_words_but_in(2),
        ),
        *(
            Row(
                f"{name}_pool{{}}d",
                kind,
                {
                    "ksize": Argument(read=_sizes, aliases=("kernel",)),
                    "strides": Argument(1, _sizes),
                    "padding": _PADDING,
                    **_OTHER,
                },
                _pool,
                (1, 2, 3),
                f"VALID floor((n - k)/s) + 1; SAME ceil(n/s){pairs}",
                gotcha,
                check=_words_but_in(*both),
            )
            for name, kind, pairs, gotcha, both in (
                (
                    "max",
                    MAX,
                    "; in 1d, 2d, pairs floor((n + lo + hi - k)/s) + 1",
                    _DYNAMIC,
                    (1, 2),
                ),
                ("avg", AVERAGE, "", "SAME leaves the padding out of averages", ()),
            )
        ),
        Row(
            "depth_to_space",
            SHUFFLE,
            {"block_size": Argument(read=numbers), **_OTHER},
            _block,
            (),
            "n * block_size",
            "the order of channels is not PyTorch's",
        ),
        Row(
            "space_to_depth",
            UNSHUFFLE,
            {"block_size": Argument(read=numbers), **_OTHER},
            rules.space_to_depth,
            (),
            "n/block_size",
            "the sizes must be divisible by block_size; the order of channels is not PyTorch's",
        ),
    ),
    ("tf",),
)
