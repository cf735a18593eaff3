"""Our own layers: frozen, checked values with PyTorch's names and rules, one class each.

Hyperparameters are ints for every axis alike, or tuples with one value per axis. Padding may differ
at the two ends: then an axis has a pair (begin, end). Each class is a row of the table of our own,
which says what its layers do; what they hold are the arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

from solver.errors import SolverError
from solver.layers.layer import Layer
from solver.layers.table import OWN, ends
from solver.layers.window import Window
from solver.sizes.domain import LARGEST, whole_number
from solver.sizes.operations import MINIMUM, operation

PerAxis = int | tuple[int, ...]
Padding = int | str | tuple[int | tuple[int, int], ...]

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class OwnLayer(Layer):
    """What our own layers have in common: their arguments are fields, checked when one is made."""

    __slots__ = ()

    framework = OWN
    kernel_size: PerAxis
    stride: PerAxis
    padding: Padding
    dilation: PerAxis = 1
    output_padding: PerAxis = 0
    ceil_mode: bool = False

    def __post_init__(self) -> None:
        k, s, p, d = self.kernel_size, self.stride, self.padding, self.dilation
        if type(k) is type(s) is type(p) is type(d) is int and _in_range(k, s, p, d):
            a = self.output_padding
            if type(a) is int and 0 <= a <= LARGEST:
                _SET_AXES(self, None)
                self._check_axis(k, s, p, d, a)
                return
        for name in self.operation.hyperparameters:
            value: object = getattr(self, name)
            if name == "padding":
                value = self._read_padding()
            else:
                value = _read(value, name, MINIMUM[name])
            object.__setattr__(self, name, value)
        _SET_AXES(self, self._count())
        for axis in range(self.axes or 1):
            k, s, begin, _, d, a = self.numbers(axis)
            self._check_axis(k, s, begin, d, a)

    def _count(self) -> int | None:
        """The number of axes that the hyperparameters tell."""
        lengths = {
            name: len(value)
            for name in self.operation.hyperparameters
            if isinstance(value := getattr(self, name), tuple) and len(value) > 1
        }
        if len(set(lengths.values())) > 1:
            raise SolverError(
                "hyperparameters must agree on the number of axes",
                received=", ".join(f"{name} for {count}" for name, count in lengths.items()),
            )
        return next(iter(lengths.values()), None)

    def numbers(self, index: int = 0) -> tuple[int, int, int, int, int, int]:
        """The hyperparameters along one axis, as the formulas take them.

        Kernel size, stride, padding in front and behind, dilation and output padding.

        >>> from solver import Conv
        >>> Conv((3, 5), padding="same").numbers(1)
        (5, 1, 2, 2, 1, 0)
        """
        k: Any = self.kernel_size
        s: Any = self.stride
        p: Any = self.padding
        d: Any = self.dilation
        a: Any = self.output_padding
        if type(k) is type(s) is type(p) is type(d) is type(a) is int:  # most layers
            return k, s, p, p, d, a
        k, s, p, d, a = (_pick(value, index) for value in (k, s, p, d, a))
        begin, end = ends(p, d * (k - 1))
        return k, s, begin, end, d, a

    @property
    def arguments(self) -> Mapping[str, Any]:
        return {
            field.name: value
            for field in fields(self)  # type: ignore[arg-type]
            if (value := getattr(self, field.name)) is not None
        }

    @property
    def title(self) -> str:
        return repr(self)

    def changed(self, **arguments: Any) -> Self:
        made: Self = replace(self, **arguments)  # type: ignore[type-var]
        return made

    def window(self, axis: int = 0) -> Window:
        window = super().window(axis)
        return window.counted_up if self.ceil_mode else window

    def _check_axis(self, k: int, s: int, begin: int, d: int, a: int) -> None:
        """Raise SolverError where the hyperparameters cannot go together."""

    def _read_padding(self) -> Padding:
        padding = self.padding
        if isinstance(padding, str):
            raise SolverError(
                f"padding in words is for Conv only, not {self.operation.layer}",
                received=repr(padding),
                right="a whole number",
            )
        if isinstance(padding, (tuple, list)):
            return tuple(
                (_whole(p[0], "padding"), _whole(p[1], "padding"))
                if isinstance(p, (tuple, list)) and len(p) == 2
                else _whole(p, "padding")
                for p in _nonempty(padding, "padding")
            )
        return _whole(padding, "padding")

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]

    def __repr__(self) -> str:
        """Return code that makes this layer: defaults are left out.

        >>> from solver import Conv, ConvTranspose, MaxPool
        >>> Conv(7, stride=2, padding=3), MaxPool(2), ConvTranspose(2, 2, output_padding=1)
        (Conv(7, stride=2, padding=3), MaxPool(2), ConvTranspose(2, stride=2, output_padding=1))
        """
        parts = [repr(self.kernel_size)]
        for field in fields(self)[1:]:  # type: ignore[arg-type]
            value = getattr(self, field.name)
            usual = field.default
            if usual is None and field.name == "stride":
                usual = self.kernel_size
            if value != usual:
                parts.append(f"{field.name}={value!r}")
        return f"{type(self).__name__}({', '.join(parts)})"


_SET_AXES = Layer.__dict__["axes"].__set__


class _Convolution(OwnLayer):
    """What convolutions have in common: channels and a bias."""

    __slots__ = ()

    groups: int
    in_channels: int | None
    out_channels: int | None
    bias: bool

    def __post_init__(self) -> None:
        OwnLayer.__post_init__(self)
        plain = self.in_channels is None is self.out_channels and self.bias is True
        if not plain or type(self.groups) is not int or self.groups < 1:
            self._read_channels()

    def _read_channels(self) -> None:
        """Check groups, channels and bias, and keep the numbers as ints."""
        if not isinstance(self.bias, bool):
            raise SolverError("bias is True or False", received=repr(self.bias))
        groups = whole_number(self.groups, "groups", 1)
        object.__setattr__(self, "groups", groups)
        for name in ("in_channels", "out_channels"):
            if getattr(self, name) is not None:
                count = whole_number(getattr(self, name), name, 1)
                if count % groups:
                    received = f"{count} channels, {groups} groups"
                    raise SolverError("groups must divide the channels", received)
                object.__setattr__(self, name, count)


@dataclass(frozen=True, repr=False, slots=True)
class Conv(_Convolution):
    """Describe a convolution in any number of axes.

    padding may also be "valid" (none) or "same" (stride 1 only). in_channels and out_channels
    matter only for shapes and costs, bias only for the parameters.

    >>> Conv(3, padding=1).size(224), Conv(3, stride=2, padding=((1, 2),)).size(7)
    (224, 4)
    """

    row = OWN.rows[0]
    operation = operation(row.kind.own)
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
        _Convolution.__post_init__(self)
        if self.padding_mode not in _PADDING_MODES:
            raise SolverError(
                "unknown padding_mode", received=repr(self.padding_mode), right=str(_PADDING_MODES)
            )

    def _read_padding(self) -> Padding:
        if not isinstance(self.padding, str):
            return _Convolution._read_padding(self)
        if self.padding not in ("same", "valid"):
            raise SolverError("padding in words is 'same' or 'valid'", received=repr(self.padding))
        return self.padding

    def _check_axis(self, k: int, s: int, begin: int, d: int, a: int) -> None:
        if self.padding == "same" and s > 1:
            rule = "padding='same' needs stride 1"
            raise SolverError(rule, received=f"stride {s}", right=f"padding={begin}")


@dataclass(frozen=True, repr=False, slots=True)
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
    groups: int = 1
    in_channels: int | None = None
    out_channels: int | None = None
    bias: bool = True

    def _check_axis(self, k: int, s: int, begin: int, d: int, a: int) -> None:
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
        for index in range(self.axes or 1):
            padding: Any = _pick(self.padding, index)
            kernel_size: Any = _pick(self.kernel_size, index)
            if not isinstance(padding, tuple) and 2 * padding > kernel_size:
                raise SolverError(
                    "padding of a pooling must be at most half of kernel_size",
                    received=f"padding {padding}, kernel_size {kernel_size}",
                    right=f"at most {kernel_size // 2}, or a layer of padding before it, as "
                    f"{padding}:{padding}",
                )


@dataclass(frozen=True, repr=False, slots=True)
class MaxPool(_Pool):
    """Describe max pooling in any number of axes; stride is kernel_size unless given.

    >>> MaxPool(3, stride=2).size(6), MaxPool(3, stride=2, ceil_mode=True).size(6)
    (2, 3)
    """

    row = OWN.rows[2]
    operation = operation(row.kind.own)
    kernel_size: PerAxis
    stride: PerAxis = None  # type: ignore[assignment]
    padding: Padding = 0
    dilation: PerAxis = 1
    ceil_mode: bool = False


@dataclass(frozen=True, repr=False, slots=True)
class AvgPool(_Pool):
    """Describe average pooling in any number of axes; stride is kernel_size unless given.

    In three axes PyTorch wants the kernel inside the unpadded input.

    >>> AvgPool(2).size(7), AvgPool(3, 1, 1).minimum(axes=2), AvgPool(3, 1, 1).minimum(axes=3)
    (3, 1, 3)
    """

    row = OWN.rows[3]
    operation = operation(row.kind.own)
    kernel_size: PerAxis
    stride: PerAxis = None  # type: ignore[assignment]
    padding: Padding = 0
    ceil_mode: bool = False


#: The layer class of each operation.
LAYERS: dict[str, Any] = {
    layer.operation.name: layer for layer in (Conv, ConvTranspose, MaxPool, AvgPool)
}


def own_padding(kernel_size: int, padding: int | tuple[int, int]) -> int | tuple[int, int]:
    """The padding of a pooling, apart at its ends where its own may not be as wide.

    >>> own_padding(3, 1), own_padding(3, 2)
    (1, (2, 2))
    """
    wide = isinstance(padding, int) and 2 * padding > kernel_size
    return (padding, padding) if wide else padding  # type: ignore[return-value]


def _in_range(k: int, s: int, p: int, d: int) -> bool:
    return 0 < k <= LARGEST and 0 < s <= LARGEST and 0 <= p <= LARGEST and 0 < d <= LARGEST


def _read(value: object, name: str, minimum: int) -> PerAxis:
    if isinstance(value, (tuple, list)):
        return tuple(whole_number(v, name, minimum) for v in _nonempty(value, name))
    return whole_number(value, name, minimum)


def _whole(value: object, name: str) -> int:
    return whole_number(value, name, MINIMUM[name])


def _nonempty(values: Sequence[Any], name: str) -> Sequence[Any]:
    if not values:
        raise SolverError(f"{name} needs one value per axis", received=repr(values))
    return values


def _pick(value: Any, index: int) -> Any:
    """The value of one axis."""
    return value[index if len(value) > 1 else 0] if isinstance(value, tuple) else value
