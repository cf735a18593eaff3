"""Our own layers: frozen, checked values with PyTorch's names and rules, one class each.

Hyperparameters are ints for every axis alike, or tuples with one value per axis. Padding may differ
at the two ends: then an axis has a pair (begin, end). Each class is a row of the table of our own,
which says what its layers do; what they hold are the arguments.

In place of a number may stand a size in letters: words ("2s"), SymPy or a tree. Then a layer stands
for those of all values of its letters (`solver.layers.lettered`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solver.errors import SolverError
from solver.layers.channels import Channels
from solver.layers.fields import (
    Padding,
    PerAxis,
    Whole,
    is_lettered,
    pick,
    read_size,
)
from solver.layers.layer import Layer
from solver.layers.own_layer import OwnLayer, of_fields
from solver.layers.table import OWN
from solver.sizes.operations import operation

_CHANNELS = ("groups", "in_channels", "out_channels")
_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class _Convolution(OwnLayer):
    """What convolutions have in common: channels and a bias."""

    __slots__ = ()

    groups: Whole
    in_channels: Whole | None
    out_channels: Whole | None
    bias: bool

    @property
    def sized(self) -> tuple[str, ...]:
        return (*self.operation.hyperparameters, *_CHANNELS)

    @property
    def channels(self) -> Channels:
        found = Channels(self.in_channels, self.out_channels, self.groups, self.bias)
        if not self.letters:
            return found
        from solver.layers.lettered import as_tree

        return Channels(*map(as_tree, found))

    def __post_init__(self) -> None:
        plain = self.in_channels is None is self.out_channels and self.bias is True
        if not plain or type(self.groups) is not int or self.groups < 1:
            self._read_channels()
        OwnLayer.__post_init__(self)
        if not (plain or self.letters) and any(map(is_lettered, self.given)):
            self._check_letters()

    def _read_channels(self) -> None:
        """Check groups, channels and bias, and keep the numbers as ints."""
        if not isinstance(self.bias, bool):
            raise SolverError("bias is True or False", received=repr(self.bias))
        for name in _CHANNELS:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, read_size(getattr(self, name), name))
        groups = self.groups
        for count in (self.in_channels, self.out_channels):
            if type(count) is type(groups) is int and count % groups:
                received = f"{count} channels, {groups} groups"
                raise SolverError("groups must divide the channels", received)


@of_fields
class Conv(_Convolution):
    """Describe a convolution in any number of axes.

    padding may also be "valid" (none), "same" (stride 1 only), "half", which is floor(d*(k - 1)/2),
    "full", which is d*(k - 1), or "causal", which is that in front alone. in_channels and
    out_channels matter only for shapes and costs, bias only for the parameters.

    >>> Conv(3, padding=1).size(224), Conv(3, stride=2, padding=((1, 2),)).size(7)
    (224, 4)
    """

    row = OWN.rows[0]
    operation = operation(row.kind.own)
    kernel_size: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    dilation: PerAxis = 1
    groups: Whole = 1
    in_channels: Whole | None = None
    out_channels: Whole | None = None
    padding_mode: str = "zeros"
    bias: bool = True

    def __post_init__(self) -> None:
        _Convolution.__post_init__(self)
        if self.padding_mode not in _PADDING_MODES:
            raise SolverError(
                "unknown padding_mode", received=repr(self.padding_mode), right=str(_PADDING_MODES)
            )


@of_fields
class ConvTranspose(_Convolution):
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

    row = OWN.rows[1]
    operation = operation(row.kind.own)
    kernel_size: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    dilation: PerAxis = 1
    output_padding: PerAxis = 0
    groups: Whole = 1
    in_channels: Whole | None = None
    out_channels: Whole | None = None
    bias: bool = True

    def _check_axis(self, k: int, s: int, begin: int, d: int, a: int) -> None:
        OwnLayer._check_axis(self, k, s, begin, d, a)
        if self.padding == "causal":
            rule = "causal padding is in front of what a window reads, and nothing is read here"
            right = f"'full', or the pair (begin, end) that is cropped, ((0, {begin}),)"
            raise SolverError(rule, "padding='causal' of a transposed convolution", right)
        most = max(s, d) - 1
        if a > most:
            raise SolverError(
                "output_padding must be smaller than the stride or the dilation",
                received=f"output_padding {a}, stride {s}, dilation {d}",
                right=f"at most {most}",
            )


class _Pool(OwnLayer):
    """What pooling layers have in common: stride = kernel_size, padding <= kernel_size/2.

    A pair (begin, end) is a layer of padding before the pooling, as wide as one likes.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        if self.stride is None:
            object.__setattr__(self, "stride", self.kernel_size)
        if not isinstance(self.ceil_mode, bool):
            raise SolverError("ceil_mode is True or False", received=repr(self.ceil_mode))
        OwnLayer.__post_init__(self)
        if self.letters:
            return
        for index in range(self.axes or 1):
            padding: Any = pick(self.padding, index)
            kernel_size: Any = pick(self.kernel_size, index)
            if isinstance(padding, int) and 2 * padding > kernel_size:
                raise SolverError(
                    "padding of a pooling must be at most half of kernel_size",
                    received=f"padding {padding}, kernel_size {kernel_size}",
                    right=f"at most {kernel_size // 2}, or a layer of padding before it, as "
                    f"{padding}:{padding}",
                )


@of_fields
class MaxPool(_Pool):
    """Describe max pooling in any number of axes; stride is kernel_size unless given.

    >>> MaxPool(3, stride=2).size(6), MaxPool(3, stride=2, ceil_mode=True).size(6)
    (2, 3)
    """

    row = OWN.rows[2]
    operation = operation(row.kind.own)
    kernel_size: PerAxis
    stride: PerAxis = None
    padding: Padding = 0
    dilation: PerAxis = 1
    ceil_mode: bool = False


@of_fields
class AvgPool(_Pool):
    """Describe average pooling in any number of axes; stride is kernel_size unless given.

    In three axes PyTorch wants the kernel inside the unpadded input.

    >>> AvgPool(2).size(7), AvgPool(3, 1, 1).minimum(axes=2), AvgPool(3, 1, 1).minimum(axes=3)
    (3, 1, 3)
    """

    row = OWN.rows[3]
    operation = operation(row.kind.own)
    kernel_size: PerAxis
    stride: PerAxis = None
    padding: Padding = 0
    ceil_mode: bool = False


#: The layer class of each operation.
LAYERS: dict[str, Any] = {
    layer.operation.name: layer for layer in (Conv, ConvTranspose, MaxPool, AvgPool)
}


def of_ours(name: str, given: Mapping[str, Any]) -> Layer:
    """The layer of a class by its name: MaxPool, {"kernel_size": 2}."""
    made: Layer = LAYERS[operation(name).name](**given)
    return made


def own_padding(kernel_size: int, padding: int | tuple[int, int]) -> int | tuple[int, int]:
    """The padding of a pooling, apart at its ends where its own may not be as wide.

    >>> own_padding(3, 1), own_padding(3, 2)
    (1, (2, 2))
    """
    wide = isinstance(padding, int) and 2 * padding > kernel_size
    return (padding, padding) if wide else padding  # type: ignore[return-value]
