"""What our own layers have in common: fields that are checked, numbers or sizes in letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError, dataclass, field, fields, make_dataclass, replace
from operator import attrgetter
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

from solver.errors import SolverError
from solver.layers.channels import Channels
from solver.layers.fields import (
    Padding,
    PerAxis,
    by_name,
    is_lettered,
    nonempty,
    pick,
    read_field,
    read_size,
    written,
)
from solver.layers.layer import Layer
from solver.layers.table import OWN, ends
from solver.layers.window import Window
from solver.sizes.domain import LARGEST
from solver.sizes.formulas import WORDS
from solver.sizes.operations import MINIMUM


class _LateConstructor:
    """The constructor of a class of layers, compiled when it is first asked for."""

    def __get__(self, layer: OwnLayer | None, cls: Any) -> Any:
        own = [(each.name, each.type, field(default=each.default)) for each in fields(cls)]
        checked = {"__post_init__": cls.__post_init__, "__doc__": cls.__doc__}
        made: Any = make_dataclass(
            cls.__name__, own, namespace=checked, frozen=True, repr=False, eq=False
        )
        cls.__init__ = made.__init__
        return cls.__init__ if layer is None else cls.__init__.__get__(layer)


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
    #: Takes the values of its fields.
    _read: ClassVar[Any]

    __init__: Any = _LateConstructor()

    def __post_init__(self) -> None:
        k, s, p, d = self.kernel_size, self.stride, self.padding, self.dilation
        if type(k) is type(s) is type(p) is type(d) is int and _in_range(k, s, p, d):
            a = self.output_padding
            if type(a) is int and 0 <= a <= LARGEST:
                _SET_AXES(self, None)
                _SET_LETTERS(self, ())
                self._check_axis(k, s, p, d, a)
                return
        for name in self.operation.hyperparameters:
            value: object = getattr(self, name)
            if name == "padding":
                value = self._read_padding()
            else:
                value = read_field(value, name)
            object.__setattr__(self, name, value)
        _SET_AXES(self, self._count())
        _SET_LETTERS(self, ())
        if any(map(is_lettered, self.given)):
            self._check_letters()
            return
        for axis in range(self.axes or 1):
            k, s, begin, _, d, a = self.numbers(axis)
            self._check_axis(k, s, begin, d, a)

    @classmethod
    def unchecked(cls, **fixed: Any) -> Callable[[int, int, int, int, int], OwnLayer]:
        """A maker of layers from numbers that are known to be legal, for every axis alike.

        It takes kernel_size, stride, padding, dilation and output_padding. fixed: other arguments.

        >>> from solver import MaxPool
        >>> MaxPool.unchecked(ceil_mode=True)(3, 2, 1, 1, 0)
        MaxPool(3, stride=2, padding=1, ceil_mode=True)
        """
        usual = {field.name: field.default for field in fields(cls)}  # type: ignore[arg-type]
        put = {name: getattr(cls, name).__set__ for name in usual}
        read = [put.pop(name, _leave) for name in MINIMUM]
        rest = [(each, fixed.get(name, usual[name])) for name, each in put.items()]
        rest += [(_SET_AXES, None), (_SET_LETTERS, ())]
        new, (kernel, stride, padding, dilation, extra) = object.__new__, read

        def make(k: int, s: int, p: int, d: int, a: int) -> OwnLayer:
            made = new(cls)
            kernel(made, k)
            stride(made, s)
            padding(made, p)
            dilation(made, d)
            extra(made, a)
            for put_fixed, value in rest:
                put_fixed(made, value)
            return made

        return make

    def _check_letters(self) -> None:
        """Keep the letters, and raise SolverError where no values of theirs make a layer."""
        from solver.layers import lettered

        _SET_LETTERS(self, lettered.letters_of(self.given))
        lettered.check(self)

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

    def numbers(self, index: int = 0) -> tuple[Any, Any, Any, Any, Any, Any]:
        """The hyperparameters along one axis, as the formulas take them: in letters, trees.

        Kernel size, stride, padding in front and behind, dilation and output padding.

        >>> from solver import Conv
        >>> Conv((3, 5), padding="same").numbers(1)
        (5, 1, 2, 2, 1, 0)
        >>> print(*Conv("k", stride="2s").numbers())
        k 2*s 0 0 1 0
        """
        k: Any = self.kernel_size
        s: Any = self.stride
        p: Any = self.padding
        d: Any = self.dilation
        a: Any = self.output_padding
        if type(k) is type(s) is type(p) is type(d) is type(a) is int:  # most layers
            return k, s, p, p, d, a
        k, s, p, d, a = (pick(value, index) for value in (k, s, p, d, a))
        if self.letters:
            from solver.layers.lettered import as_tree

            k, s, p, d, a = map(as_tree, (k, s, p, d, a))
        begin, end = ends(p, d * (k - 1))
        return k, s, begin, end, d, a

    def ends(self, index: int = 0) -> tuple[Any, Any]:
        """The padding in front and behind along one axis.

        >>> from solver import Conv
        >>> Conv(4, padding="same").ends(), Conv(4, dilation=2, padding="causal").ends()
        ((1, 2), (6, 0))
        """
        return self.numbers(index)[2:4]

    @property
    def sized(self) -> tuple[str, ...]:
        """The names of the arguments that may be sizes in letters."""
        return self.operation.hyperparameters

    @property
    def given(self) -> tuple[Any, ...]:
        """What is given for each of them."""
        return tuple(getattr(self, name) for name in self.sized)

    @property
    def where(self) -> Any:
        """Of a layer in letters, the condition on them under which it is one, as SymPy.

        True where it always is: letters are whole, at least 1, or 0 for p and a.

        >>> from solver import Conv, ConvTranspose
        >>> Conv("k", stride="s", padding="(k - 1)/2").where, Conv("k").where
        (Eq(k - 2*floor(k/2), 1), True)
        >>> ConvTranspose("2s", "s", "ceil(s/2)", output_padding="s % 2").where
        s >= 2
        """
        from solver.layers import lettered

        return lettered.where(self)

    def at(self, **letters: Any) -> Self:
        """The layer with sizes in the place of letters: whole numbers, or sizes in other letters.

        Raises SolverError for a letter that it does not have, and where that is no layer.

        >>> from solver import Conv
        >>> layer = Conv("k", stride="s", padding="(k - 1)/2")
        >>> layer.at(k=3, s=2), layer.at(k="2s + 1")
        (Conv(3, stride=2, padding=1), Conv('2*s + 1', stride='s', padding='s'))
        >>> layer.at(k=4)
        Traceback (most recent call last):
            ...
        solver.errors.SolverError: padding must be a whole number
          received: (k - 1)/2 = 3/2 at k = 4
        """
        from solver.layers import lettered

        return self.changed(**lettered.put(self, letters))

    def subs(self, *sizes: Any) -> Self:
        """The layer with sizes in the place of symbols, as SymPy's `subs`.

        >>> from solver import Conv
        >>> from sympy.abc import k, s
        >>> Conv(k, stride=s).subs({k: 2 * s}), Conv(k, stride=s).subs(k, 3)
        (Conv(2*s, stride=s), Conv(3, stride=s))
        """
        return self.at(**by_name(sizes))

    def _sizes(self, sizes: tuple[Any, ...]) -> tuple[Any, ...]:
        if not self.letters:
            return Layer._sizes(self, sizes)
        self._check_axes(sizes)
        from solver.layers import lettered

        return lettered.sizes(self, sizes)

    def accepts(self, axis: int = 0, axes: int | None = None) -> Any:
        if not self._lettered(axis, axes):
            return Layer.accepts(self, axis, axes)
        from solver.layers import lettered

        return lettered.shown(self, lettered.since(lettered.smallest(self.rule(axis, axes))))

    def minimum(self, axis: int = 0, axes: int | None = None) -> Any:
        if not self._lettered(axis, axes):
            return Layer.minimum(self, axis, axes)
        from solver.layers import lettered

        return lettered.shown(self, lettered.smallest(self.rule(axis, axes)))

    @property
    def receptive_field(self) -> Any:
        if not self._lettered(0):
            return Layer.receptive_field.fget(self)  # type: ignore[attr-defined]
        from solver.layers import lettered, lettered_reads

        window = Layer.window(self)
        return lettered.shown(self, lettered_reads.ITSELF.through(window).length)

    @property
    def channels(self) -> Channels:
        return Channels()

    def channels_after(self, channels: Any, axes: int | None = None) -> Any:
        if not self.letters and not is_lettered(channels):
            return Layer.channels_after(self, channels, axes)
        from solver.layers import lettered

        after = self.channels.past(self.row.kind, lettered.as_tree(channels))
        return lettered.shown(self, after, channels)

    def _lettered(self, axis: int, axes: int | None = None) -> bool:
        """Whether a letter decides what happens along an axis."""
        window = self.rule(axis, axes).window if self.letters else None
        return window is not None and window.in_letters

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
        if self.ceil_mode:
            window = window.counted_up
        if not window.in_letters:
            return window
        from solver.layers import lettered

        return lettered.LetteredWindow(*(lettered.shown(self, size) for size in window))

    def _check_axis(self, k: int, s: int, begin: int, d: int, a: int) -> None:
        """Raise SolverError where the hyperparameters cannot go together."""
        if self.padding == "same" and s > 1:
            rule = "padding='same' needs stride 1"
            raise SolverError(rule, f"stride {s}", f"padding={begin}, or padding='half'")

    def _read_padding(self) -> Padding:
        padding = self.padding
        if isinstance(padding, str) and padding in WORDS:
            return padding
        if isinstance(padding, str) and len(padding) > 1 and padding.isalpha():
            raise SolverError("unknown padding in words", repr(padding), ", ".join(WORDS))
        if isinstance(padding, (tuple, list)):
            given = nonempty(padding, "padding")
            found = tuple(map(self._read_ends, given, range(len(given))))
            alone = len(found) == 1 and isinstance(given[0], (tuple, list))
            return found[0] if alone and isinstance(found[0], int) else found
        return read_size(padding, "padding")

    def _read_ends(self, padding: Any, axis: int) -> Any:
        """The padding of an axis: one number where its ends are alike, else (begin, end)."""
        if not isinstance(padding, (tuple, list)) or len(padding) != 2:
            return read_size(padding, "padding")
        begin, end = (read_size(each, "padding") for each in padding)
        kernel_size = pick(self.kernel_size, axis)
        return self.operation.written_ends((begin, end), kernel_size, self.ceil_mode)

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OwnLayer) or type(self) is not type(other):
            return NotImplemented
        return bool(self._read(self) == self._read(other))

    def __hash__(self) -> int:
        return hash(self._read(self))

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return type(self), self._read(self)

    def __repr__(self) -> str:
        """Return code that makes this layer: defaults are left out.

        >>> from solver import Conv, ConvTranspose, MaxPool
        >>> Conv(7, stride=2, padding=3), MaxPool(2), ConvTranspose(2, 2, output_padding=1)
        (Conv(7, stride=2, padding=3), MaxPool(2), ConvTranspose(2, stride=2, output_padding=1))
        """
        parts = [written(self.kernel_size)]
        for each in fields(self)[1:]:  # type: ignore[arg-type]
            value = getattr(self, each.name)
            usual = each.default
            if usual is None and each.name == "stride":
                usual = self.kernel_size
            if value != usual:
                parts.append(f"{each.name}={written(value)}")
        return f"{type(self).__name__}({', '.join(parts)})"


L = TypeVar("L", bound=OwnLayer)


@dataclass_transform(frozen_default=True)
def of_fields(cls: type[L]) -> type[L]:
    """Make a frozen dataclass of slots: what it would compile for each class is written below."""
    made = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    made._read = attrgetter(*(each.name for each in fields(made)))  # type: ignore[arg-type]
    return made


_SET_AXES = Layer.__dict__["axes"].__set__
_SET_LETTERS = Layer.__dict__["letters"].__set__


def _leave(layer: object, value: object) -> None:
    """Leave out what a layer does not have."""


def _in_range(k: int, s: int, p: int, d: int) -> bool:
    return 0 < k <= LARGEST and 0 < s <= LARGEST and 0 <= p <= LARGEST and 0 < d <= LARGEST
