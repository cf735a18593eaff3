"""The layers: frozen, validated values with PyTorch's names and rules, one class each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from solver.errors import SolverError
from solver.layers.layer import Layer, Padding, PerAxis
from solver.sizes.domain import whole_number
from solver.sizes.operations import Operation, operation

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


@dataclass(frozen=True, repr=False)
class Conv(Layer):
    """Describe a convolution in any number of axes.

    padding may also be "valid" (none) or "same" (stride 1 only). in_channels and out_channels
    matter only for shapes and costs, bias only for the parameters.

    >>> Conv(3, padding=1).size(224), Conv(3, stride=2, padding=((1, 2),)).size(7)
    (224, 4)
    """

    operation: ClassVar[Operation] = operation("conv")
    kernel_size: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    dilation: PerAxis = 1
    groups: int = 1
    in_channels: int | None = None
    out_channels: int | None = None
    padding_mode: str = "zeros"
    bias: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        _read_channels(self)
        if self.padding_mode not in _PADDING_MODES:
            raise SolverError(
                "unknown padding_mode", received=repr(self.padding_mode), right=str(_PADDING_MODES)
            )

    def _read_padding(self) -> Padding:
        if not isinstance(self.padding, str):
            return super()._read_padding()
        if self.padding not in ("same", "valid"):
            raise SolverError("padding in words is 'same' or 'valid'", received=repr(self.padding))
        return self.padding

    def _check_axis(self, index: int) -> None:
        window = self.window(index)
        if self.padding == "same" and window.stride > 1:
            raise SolverError(
                "padding='same' needs stride 1",
                received=f"stride {window.stride}",
                right=f"padding={window.begin}",
            )

    def minimum(self, axis: int = 0, axes: int = 1) -> int:
        least = super().minimum(axis, axes)
        widest = int(max(self.window(axis).pads))
        # Reflected padding repeats inner elements only, circular padding each element once.
        wanted = {"reflect": widest + 1, "circular": widest}.get(self.padding_mode, 1)
        return max(least, wanted)

    def channels_after(self, channels: int) -> int:
        return _convolved(channels, self.groups, self.in_channels, self.out_channels)


@dataclass(frozen=True, repr=False)
class ConvTranspose(Layer):
    """Describe a transposed convolution in any number of axes.

    >>> ConvTranspose(4, stride=2, padding=1).size(56)
    112
    >>> ConvTranspose(3, stride=2, output_padding=2)
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: output_padding must be smaller than the stride or the dilation
      received: output_padding 2, stride 2, dilation 1
      right:    at most 1
    """

    operation: ClassVar[Operation] = operation("conv_transpose")
    kernel_size: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    dilation: PerAxis = 1
    output_padding: PerAxis = 0
    groups: int = 1
    in_channels: int | None = None
    out_channels: int | None = None
    bias: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        _read_channels(self)

    def _check_axis(self, index: int) -> None:
        _, stride, _, _, dilation, extra = self.numbers(index)
        most = max(stride, dilation) - 1
        if extra > most:
            raise SolverError(
                "output_padding must be smaller than the stride or the dilation",
                received=f"output_padding {extra}, stride {stride}, dilation {dilation}",
                right=f"at most {most}",
            )

    def channels_after(self, channels: int) -> int:
        return _convolved(channels, self.groups, self.in_channels, self.out_channels)


class _Pool(Layer):
    """Share what pooling layers have in common: stride = kernel_size, padding <= kernel_size/2.

    A pair (begin, end) is a layer of padding before the pooling, as wide as one likes.
    """

    def __post_init__(self) -> None:
        if self.stride is None:
            object.__setattr__(self, "stride", self.kernel_size)
        if not isinstance(self.ceil_mode, bool):
            raise SolverError("ceil_mode is True or False", received=repr(self.ceil_mode))
        super().__post_init__()
        for index in range(self.axes or 1):
            kernel_size, _, begin, *_ = self.numbers(index)
            if not self._padded_before(index) and 2 * begin > kernel_size:
                raise SolverError(
                    "padding of a pooling must be at most half of kernel_size",
                    received=f"padding {begin}, kernel_size {kernel_size}",
                    right=f"at most {kernel_size // 2}, or a layer of padding before it, as "
                    f"{begin}:{begin}",
                )

    def _padded_before(self, index: int) -> bool:
        """Tell whether the two ends of an axis are given apart."""
        padding = self.padding if isinstance(self.padding, tuple) else (self.padding,)
        return isinstance(padding[index if len(padding) > 1 else 0], tuple)


@dataclass(frozen=True, repr=False)
class MaxPool(_Pool):
    """Describe max pooling in any number of axes; stride is kernel_size unless given.

    >>> MaxPool(3, stride=2).size(6), MaxPool(3, stride=2, ceil_mode=True).size(6)
    (2, 3)
    """

    operation: ClassVar[Operation] = operation("maxpool")
    kernel_size: PerAxis
    stride: PerAxis = None  # type: ignore[assignment]
    padding: Padding = 0
    dilation: PerAxis = 1
    ceil_mode: bool = False


@dataclass(frozen=True, repr=False)
class AvgPool(_Pool):
    """Describe average pooling in any number of axes; stride is kernel_size unless given.

    In three axes PyTorch wants the kernel inside the unpadded input.

    >>> AvgPool(2).size(7), AvgPool(3, 1, 1).minimum(axes=2), AvgPool(3, 1, 1).minimum(axes=3)
    (3, 1, 3)
    """

    operation: ClassVar[Operation] = operation("avgpool")
    kernel_size: PerAxis
    stride: PerAxis = None  # type: ignore[assignment]
    padding: Padding = 0
    ceil_mode: bool = False

    def minimum(self, axis: int = 0, axes: int = 1) -> int:
        least = super().minimum(axis, axes)
        inside = axes == 3 and not self._padded_before(axis)
        return max(least, self.window(axis).kernel_size) if inside else least


#: The layer class of each operation.
LAYERS: dict[str, type[Layer]] = {
    layer.operation.name: layer for layer in (Conv, ConvTranspose, MaxPool, AvgPool)
}


def own_padding(kernel_size: int, padding: int | tuple[int, int]) -> int | tuple[int, int]:
    """Return the padding of a pooling, apart at its ends where its own may not be as wide.

    >>> own_padding(3, 1), own_padding(3, 2)
    (1, (2, 2))
    """
    wide = isinstance(padding, int) and 2 * padding > kernel_size
    return (padding, padding) if wide else padding  # type: ignore[return-value]


def _read_channels(layer: Conv | ConvTranspose) -> None:
    """Check groups, channels and bias, and keep the numbers as ints."""
    if not isinstance(layer.bias, bool):
        raise SolverError("bias is True or False", received=repr(layer.bias))
    groups = whole_number(layer.groups, "groups", 1)
    object.__setattr__(layer, "groups", groups)
    for name in ("in_channels", "out_channels"):
        if getattr(layer, name) is not None:
            count = whole_number(getattr(layer, name), name, 1)
            _divides(groups, count)
            object.__setattr__(layer, name, count)


def _divides(groups: int, channels: int) -> None:
    if channels % groups:
        raise SolverError(
            "groups must divide the channels", received=f"{channels} channels, {groups} groups"
        )


def _convolved(channels: int, groups: int, wanted: int | None, out: int | None) -> int:
    _divides(groups, channels)
    if wanted not in (None, channels):
        raise SolverError(
            "the shape must have the layer's in_channels",
            received=f"{channels} channels",
            right=f"{wanted}",
        )
    return channels if out is None else out
