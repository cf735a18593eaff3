"""What every layer can say: its size formula, its size map, what fits, and itself as code.

Hyperparameters are ints for every axis alike, or tuples with one value per axis. Padding may differ
at the two ends: then an axis has a pair (begin, end).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, ClassVar, NamedTuple

from solver.errors import LimitError, SizeError, SolverError
from solver.ground.shown import Shown, shown
from solver.sizes import formulas
from solver.sizes.domain import whole_number
from solver.sizes.expression import Expression
from solver.sizes.operations import MINIMUM, Operation
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import SizeSet

PerAxis = int | tuple[int, ...]
Padding = int | str | tuple[int | tuple[int, int], ...]

#: Where neither the layers nor the caller say how many axes there are: images.
USUAL_AXES = 2
_LARGEST_IN_ARRAYS = 2**62  # so that no step of a formula overflows


class Axis(NamedTuple):
    """Hold what a layer does along one axis; all in elements."""

    kernel_size: int
    stride: int
    begin: int
    end: int
    dilation: int
    output_padding: int

    @property
    def net_padding(self) -> int:
        return int(formulas.net_padding(self.kernel_size, self.begin, self.end, self.dilation))

    @property
    def effective_kernel_size(self) -> int:
        return int(formulas.effective_kernel_size(self.kernel_size, self.dilation))


class Layer(Shown):
    """Give every layer its sizes; the subclasses say which hyperparameters there are."""

    operation: ClassVar[Operation]
    kernel_size: PerAxis
    stride: PerAxis
    padding: Padding
    dilation: PerAxis
    ceil_mode: bool = False

    def __post_init__(self) -> None:
        for name in self.operation.hyperparameters:
            if name == "padding":
                value: object = self._read_padding()
            else:
                value = _read(getattr(self, name), name, MINIMUM[name])
            object.__setattr__(self, name, value)
        for axis in range(self.axes or 1):  # checks that lengths agree
            self._check_axis(self.axis(axis))

    @property
    def axes(self) -> int | None:
        """Return the number of axes the layer is written for, or None: as many as it is given."""
        lengths = {
            name: len(value)
            for name in self.operation.hyperparameters
            if isinstance(value := getattr(self, name), tuple) and len(value) > 1
        }
        if not lengths:
            return None
        if len(set(lengths.values())) > 1:
            raise SolverError(
                "hyperparameters must agree on the number of axes",
                received=", ".join(f"{name} for {count}" for name, count in lengths.items()),
            )
        return next(iter(lengths.values()))

    def axis(self, index: int = 0) -> Axis:
        """Return the hyperparameters along one axis, as numbers.

        >>> from solver import Conv
        >>> Conv((3, 5), padding="same").axis(1).begin
        2
        """
        k: Any = self.kernel_size
        s: Any = self.stride
        p: Any = self.padding
        d: Any = getattr(self, "dilation", 1)
        a: Any = getattr(self, "output_padding", 0)
        if type(k) is type(s) is type(p) is type(d) is type(a) is int:  # most layers
            return Axis(k, s, p, p, d, a)
        k, s, d, a = (_pick(value, index) for value in (k, s, d, a))
        padding = self.padding if isinstance(self.padding, (int, str)) else None
        if isinstance(self.padding, tuple):
            padding = self.padding[index if len(self.padding) > 1 else 0]  # type: ignore[assignment]
        if padding == "same":
            # PyTorch puts the odd one at the end.
            total = d * (k - 1)
            begin, end = total // 2, total - total // 2
        elif padding == "valid":
            begin = end = 0
        elif isinstance(padding, tuple):
            begin, end = padding
        else:
            begin = end = padding
        return Axis(k, s, begin, end, d, a)

    def __call__(self, x: Any) -> Any:
        """Return the size that comes out, or, of a tensor of a network, the tensor that does.

        >>> from solver import Conv, MaxPool
        >>> MaxPool(2)(Conv(3)(32))
        15
        """
        through = getattr(x, "through", None)
        return self.size(x) if through is None else through(self)

    def size(self, n: Any) -> Any:
        """Return the output size for an input size.

        n: an int (one axis, or every axis alike); a tuple with one size per axis; a NumPy array of
        sizes; an expression, of SymPy or ours, which gives one with floor; or a size map. Elements.
        Raises SizeError where the kernel does not fit or nothing would come out.

        >>> from solver import Conv
        >>> Conv(7, stride=2, padding=3).size((224, 320))
        (112, 160)
        >>> Conv(7).size(6)
        Traceback (most recent call last):
            ...
        solver.errors.SizeError: the kernel must fit: input + padding >= effective kernel size
          received: 6 + 0 < 7
          right:    an input of at least 7
        """
        if isinstance(n, tuple):
            if not n:
                raise SolverError("an input needs at least one axis", received="()")
            self._check_axes(len(n))
            return tuple(self._size(size, i, len(n)) for i, size in enumerate(n))
        count = self.axes or 1
        if count == 1:
            return self._size(n, 0, 1)
        return tuple(self._size(n, i, count) for i in range(count))

    def size_map(self, axis: int = 0) -> SizeMap:
        """Return the size map along one axis.

        >>> from solver import Conv
        >>> print(Conv(7, stride=2, padding=3).size_map())
        ceil(n/2)
        """
        made: SizeMap = self._formula(IDENTITY, self.axis(axis))
        return made

    def minimum(self, axis: int = 0, axes: int = 1) -> int:
        """Return the smallest input size the layer accepts; it accepts every larger one too.

        axes: the number of axes of the input; three-dimensional average pooling is stricter.

        >>> from solver import Conv, ConvTranspose
        >>> Conv(7).minimum(), Conv(7, padding=3).minimum(), ConvTranspose(1, padding=2).minimum()
        (7, 1, 5)
        """
        transposed = self.operation.transposed
        return formulas.smallest_input(transposed, self.ceil_mode, *self.axis(axis))

    def accepts(self, axis: int = 0, axes: int = 1) -> SizeSet:
        """Return the input sizes that fit, as a size set.

        >>> from solver import Conv
        >>> print(Conv(7).accepts())
        n >= 7
        """
        return SizeSet(minimum=self.minimum(axis, axes))

    def shape(
        self,
        shape: Sequence[int],
        axes: int | None = None,
        size: Callable[[tuple[int, ...]], Sequence[int]] | None = None,
    ) -> tuple[int, ...]:
        """Return the full output shape, (N, C, *sizes) or unbatched (C, *sizes).

        axes: the number of sizes at the end; needed to tell an unbatched shape where no
        hyperparameter is a tuple. Else the shape is taken to be batched. size: what gives the
        sizes by the rules of another framework.

        >>> from solver import Conv, MaxPool
        >>> Conv(7, stride=2, padding=3, in_channels=3, out_channels=64).shape((1, 3, 224, 224))
        (1, 64, 112, 112)
        >>> MaxPool(2).shape((64, 112, 112), axes=2)  # unbatched
        (64, 56, 56)
        """
        shape = tuple(shape)
        count = axes or self.axes or len(shape) - 2
        if len(shape) not in (count + 1, count + 2) or count < 1:
            raise SolverError(
                "a shape is (N, C, sizes...) or, unbatched, (C, sizes...)",
                received=str(shape),
                right=f"{max(count, 1) + 1} or {max(count, 1) + 2} numbers",
            )
        sizes = (size or self.size)(shape[-count:])
        batch = tuple(whole_number(n, "the batch size", 0) for n in shape[: -count - 1])
        return (*batch, self.channels_after(whole_number(shape[-count - 1], "channels", 1)), *sizes)

    def code(
        self, framework: str = "torch", axes: int | None = None, channels: int | None = None
    ) -> str:
        """Return lines of code that make the layer in a framework, and run as they are.

        framework: torch, keras, flax (nnx) or onnx. axes: of the input; 2 where neither this nor
        the layer says. channels: of the input, 1 where neither this nor the layer says. Raises
        SolverError where the framework has nothing that does it.

        >>> from solver import Conv
        >>> print(Conv(3, padding=((0, 1),), in_channels=3, out_channels=8).code("torch", axes=1))
        from torch import nn
        <BLANKLINE>
        model = nn.Sequential(
            nn.ZeroPad1d((0, 1)),
            nn.Conv1d(3, 8, kernel_size=3),
        )
        """
        return shown(self, "code", framework, axes, channels)

    def channels_after(self, channels: int) -> int:
        """Return the channels that come out; pooling keeps them."""
        return channels

    def _formula(self, n: Any, axis: Axis) -> Any:
        k, s, begin, end, d, a = axis
        if self.operation.transposed:
            return formulas.conv_transpose(n, k, s, begin, end, d, a)
        formula = formulas.ceil_pool if self.ceil_mode else formulas.conv
        return formula(n, k, s, begin, end, d)

    def _size(self, n: Any, index: int, axes: int) -> Any:
        axis = self.axis(index)
        if isinstance(n, (SizeMap, Expression)) or getattr(n, "free_symbols", None):
            return self._formula(n, axis)
        if getattr(n, "shape", ()) != ():  # an array of sizes
            if n.dtype.kind not in "iu":
                raise SolverError("sizes must be whole numbers", received=f"an array of {n.dtype}")
            if not n.size:
                return n
            smallest, largest = int(n.min()), int(n.max())
            if max(largest, int(self._formula(largest, axis))) >= _LARGEST_IN_ARRAYS:
                raise LimitError("sizes in an array must fit 64 bits", received=str(largest))
            n = n.astype("int64")
        else:
            n = smallest = whole_number(n, "an input size", 0)
        if smallest < self.minimum(index, axes):
            raise self._misfit(smallest, axis, self.minimum(index, axes))
        return self._formula(n, axis)

    def _misfit(self, n: int, axis: Axis, minimum: int) -> SizeError:
        right = f"an input of at least {minimum}"
        span, padding = axis.effective_kernel_size, axis.begin + axis.end
        if n < 1:
            return SizeError("an input size must be at least 1", received=str(n), right=right)
        if not self.operation.transposed and n + padding < span:
            return SizeError(
                "the kernel must fit: input + padding >= effective kernel size",
                received=f"{n} + {padding} < {span}",
                right=right,
            )
        out = self._formula(n, axis)
        if out < 1:
            return SizeError(
                "an output size must be at least 1", received=f"{n} -> {out}", right=right
            )
        return SizeError("the input is too small for this layer", received=str(n), right=right)

    def _check_axis(self, axis: Axis) -> None:
        """Raise SolverError where the hyperparameters cannot go together."""

    def _check_axes(self, count: int) -> None:
        if self.axes not in (None, count):
            raise SolverError(
                "the input must have one size per axis of the layer",
                received=f"{count} sizes for {self.axes} axes",
            )

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

    def __repr__(self) -> str:
        """Return code that makes this layer: defaults are left out.

        >>> from solver import Conv, ConvTranspose, MaxPool
        >>> Conv(7, stride=2, padding=3), MaxPool(2), ConvTranspose(2, 2, output_padding=1)
        (Conv(7, stride=2, padding=3), MaxPool(2), ConvTranspose(2, stride=2, output_padding=1))
        """
        parts = [repr(self.kernel_size)]
        for field in fields(self)[1:]:  # type: ignore[arg-type]
            value = getattr(self, field.name)
            default = self.kernel_size if field.default is None else field.default
            if field.default is None and not self.operation.pooling:
                default = None
            if value != default:
                parts.append(f"{field.name}={value!r}")
        return f"{type(self).__name__}({', '.join(parts)})"


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


def _pick(value: Any, index: int) -> int:
    if isinstance(value, tuple):
        return int(value[index if len(value) > 1 else 0])
    return int(value)
