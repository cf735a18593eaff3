"""A choice: a layer whose hyperparameters are open, and the options it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from itertools import product
from math import prod
from types import EllipsisType
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.ground.value import Value
from solver.layers.own import LAYERS
from solver.layers.own_layer import OwnLayer
from solver.layers.table import ends
from solver.sizes.domain import Domain, read_number, whole_number
from solver.sizes.formulas import WORDS
from solver.sizes.operations import MINIMUM, OperationSpec, operation
from solver.spaces.price import Price, price
from solver.spaces.transition import KEEP, Transition, transition

#: What `...` stands for: the ranges that `solve` searches when nothing else is said.
UNKNOWN = {
    "kernel_size": "1..11",
    "stride": "1..4",
    "padding": "0..5",
    "dilation": "1",
    "output_padding": "0..3",
}
_AT_REST = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}

MOST_OPTIONS = 100_000

#: Options of choices made lately: scripts make the same choice again and again.
_RECENT: dict[tuple[Any, ...], list[Option]] = {}
_MOST_RECENT = 256

Values = int | str | Iterable[Any] | EllipsisType


class Option(NamedTuple):
    """Hold one layer a design may have at its place, or an encoder layer and its decoder layer."""

    layers: tuple[OwnLayer, ...]
    channels: int | None  # behind it; None where the space has no channel plan
    transition: Transition
    span: int  # effective kernel size less one
    price: Price


class Choice(Value):
    """Describe a layer whose hyperparameters are open.

    layer: a layer class or the name of an operation. Each hyperparameter is a number, a range, a
    set, words as on the command line ("1..7", "1,3"), or `...` for the range that `solve` takes;
    what is left out has PyTorch's default. padding may also be a word of `Conv`, such as "half" for
    floor(dilation*(kernel_size - 1)/2), begin:end, each a domain in words, or a pair (begin, end)
    among others.
    out_channels: a number, several, "same", or a multiple of the input's: "x2", or "x stride".
    groups: a number, or "depthwise". Raises SolverError; LimitError for too many combinations.

    >>> from solver import Conv
    >>> small = Choice(Conv, {1, 3}, stride="1,2", padding="half")
    >>> len(small.options()), small
    (4, Choice('conv', kernel_size='1,3', stride='1..2', padding='half'))
    >>> len(Choice("maxpool", 2, padding=range(3)).options())  # what is illegal is left out
    2
    """

    def __init__(
        self,
        layer: type[OwnLayer] | str,
        kernel_size: Values = ...,
        stride: Values | None = None,
        padding: Values = 0,
        dilation: Values = 1,
        output_padding: Values = 0,
        *,
        ceil_mode: bool = False,
        groups: int | str = 1,
        out_channels: Values | None = None,
        bias: bool = True,
    ) -> None:
        self.operation = _operation(layer)
        given = {
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "output_padding": output_padding,
        }
        self.domains: dict[str, Any] = {}
        for name, values in given.items():
            if name in self.operation.hyperparameters:
                self.domains[name] = _domain(name, values, self.operation)
            elif values not in (_AT_REST[name], str(_AT_REST[name]), None):
                raise SolverError(
                    f"{self.operation.title} has no {name}",
                    received=f"{name}={values}",
                    right=", ".join(self.operation.hyperparameters),
                )
        if self.operation.pooling and (groups != 1 or out_channels is not None or not bias):
            raise SolverError(f"{self.operation.title} has no channels of its own")
        if ceil_mode and not self.operation.pooling:
            raise SolverError(f"{self.operation.title} has no ceil mode", received="ceil_mode=True")
        for name, flag in (("bias", bias), ("ceil_mode", ceil_mode)):
            if not isinstance(flag, bool):
                raise SolverError(f"{name} is true or false", received=repr(flag)[:60])
        self.ceil_mode = ceil_mode
        self.groups = groups if groups == "depthwise" else whole_number(groups, "groups", 1)
        self.out_channels = _plan(out_channels)
        self.bias = bias
        self._options: dict[tuple[Any, ...], list[Option]] = {}

    def made_of(self) -> tuple[Any, ...]:
        return (
            *(self.operation.name, self.domains, self.ceil_mode),
            *(self.groups, self.out_channels, self.bias),
        )

    def __call__(self, x: Any) -> Any:
        """What the unknown layer makes of a tensor of a network."""
        return x.through(self)

    def options(
        self, channels: int | None = None, axes: int = 2, keep: bool = False
    ) -> list[Option]:
        """The layers in order: by kernel_size first, then stride, and so on.

        channels: that go in, None without a channel plan. keep: the size must stay.
        """
        key = repr(self), channels, axes, keep
        found = self._options.get(key) or _RECENT.get(key)
        if found is None:
            back = KEEP if keep else None
            found = [option(layer, channels, axes, back) for layer in self._layers(channels)]
            if len(found) <= _MOST_RECENT:
                if len(_RECENT) >= _MOST_RECENT:
                    _RECENT.clear()
                _RECENT[key] = found
        self._options[key] = found
        return found

    def __getstate__(self) -> dict[str, Any]:
        """Leave the options out: they can be worked out again."""
        return {**self.__dict__, "_options": {}}

    def _layers(self, channels: int | None) -> list[OwnLayer]:
        values = [self._values(name) for name in self.domains]
        plan = self._outs(channels)
        if (count := prod(map(len, values)) * len(plan)) > MOST_OPTIONS:
            raise LimitError(
                f"one layer of a design space has at most {MOST_OPTIONS:,} combinations",
                received=f"{count:,} in {self}",
                right="smaller ranges",
            )
        found: list[OwnLayer] = []
        fault: SolverError | None = None
        for row in product(*values):
            named: dict[str, Any] = dict(zip(self.domains, row, strict=True))
            if named.get("stride", 1) is None:
                named["stride"] = named["kernel_size"]
            if named["padding"] not in ("same", "causal"):  # layers know where these may stand
                reach = named.get("dilation", 1) * (named["kernel_size"] - 1)
                named["padding"] = ends(named["padding"], reach)
            try:
                found += [self.layer(named, channels, out) for out in plan]
            except SolverError as broken:
                fault = broken
        if not found and fault:
            rule, received = f"no layer is possible here: {fault.rule}", fault.received
            raise SolverError(rule, received or f"{self}", fault.right)
        return found

    def layer(
        self, named: dict[str, Any], channels: int | None = None, out: Any = None
    ) -> OwnLayer:
        """One layer. named: its hyperparameters. channels, out: what goes in and comes out.

        Raises SolverError where they do not go together.
        """
        make: Callable[..., OwnLayer] = LAYERS[self.operation.name]
        padding = named["padding"]
        if isinstance(padding, tuple):  # of both ends
            named = {**named, "padding": padding[0] if padding[0] == padding[1] else (padding,)}
        if self.operation.pooling:
            return make(**named, ceil_mode=self.ceil_mode)
        return make(**named, **self._wide(channels, out, named))

    def narrowed(self, layer: object) -> Choice | None:
        """The same choice with the numbers of one layer, None where they are not among its own."""
        if not isinstance(layer, OwnLayer) or layer.operation != self.operation:
            return None
        made = copy(self)
        made.domains = dict(self.domains)
        for name, domain in self.domains.items():
            if not isinstance(domain, list):
                value = getattr(layer, name) if isinstance(domain, Domain) else layer.ends(0)
                if value not in domain:
                    return None
                made.domains[name] = domain.only(value)
        return made

    def _values(self, name: str) -> list[Any]:
        domain = self.domains[name]
        if not isinstance(domain, list):
            _check_count(name, domain.size())
        return list(domain)

    def _outs(self, channels: int | None) -> list[Any]:
        if isinstance(self.out_channels, Domain):
            _check_count("out_channels", self.out_channels.size())
            return list(self.out_channels)
        return [self.out_channels]

    def _wide(self, channels: int | None, out: Any, named: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a layer that say its channels."""
        if channels is None:
            return {} if self.bias else {"bias": False}
        if out == "x stride":
            out = channels * named["stride"]
        elif isinstance(out, str):
            out = channels * int(out[1:])
        groups = channels if self.groups == "depthwise" else self.groups
        wide = {"in_channels": channels, "out_channels": out or channels, "groups": groups}
        return wide if self.bias else {**wide, "bias": False}

    def __repr__(self) -> str:
        parts = [repr(self.operation.name)]
        pools = {"stride": None} if self.operation.pooling else {}  # its kernel_size unless told
        for name, domain in self.domains.items():
            rest = (_AT_REST | pools).get(name)
            if domain == [None] or (rest is not None and domain == Domain.of(rest)):
                continue
            parts.append(f"{name}={_words(domain)!r}")
        if self.ceil_mode:
            parts.append("ceil_mode=True")
        if self.groups != 1:
            parts.append(f"groups={self.groups!r}")
        if self.out_channels is not None:
            parts.append(f"out_channels={str(self.out_channels)!r}")
        if not self.bias:
            parts.append("bias=False")
        return f"Choice({', '.join(parts)})"


def option(layer: OwnLayer, channels: int | None, axes: int, back: Transition | None) -> Option:
    """A layer as an option. back: what must bring its input size back."""
    one = channels or 1
    after = None if channels is None else layer.channels_after(one)
    reach = layer.window().span - 1
    made = transition(layer, axes, back)
    return Option((layer,), after, made, reach, price(layer, one, axes))


def _operation(layer: object) -> OperationSpec:
    if isinstance(layer, str):
        return operation(layer)
    if isinstance(layer, type) and issubclass(layer, OwnLayer) and hasattr(layer, "operation"):
        found: OperationSpec = layer.operation
        return found
    raise SolverError("a choice is of a layer class", received=repr(layer), right="Conv, or 'conv'")


def _domain(name: str, values: Any, row: OperationSpec) -> Any:
    """What a hyperparameter may take: a domain, or a list with words and pairs."""
    if values is ... or values == "...":
        values = UNKNOWN[name]
    if values is None and name == "stride":
        return [None] if row.pooling else Domain.of(1)
    if name == "padding":
        if isinstance(values, str) and values in WORDS:
            return [values]
        if isinstance(values, str) and ":" in values:
            from solver.sizes.ends import Ends  # few padding is told end by end

            return Ends.parse(values, name)
        if hasattr(values, "within"):  # ends already
            return values
        if isinstance(values, (list, tuple, set)) and any(
            isinstance(v, (tuple, list)) for v in values
        ):
            pairs = dict.fromkeys(map(_pair, values))
            return sorted(pairs, key=repr) if isinstance(values, set) else list(pairs)
    return Domain.of(values, name, MINIMUM[name])


def _pair(value: Any) -> Any:
    """Read a padding among others: a number, or (begin, end)."""
    if not isinstance(value, (tuple, list)):
        return whole_number(value, "padding", 0)
    if len(value) != 2:
        raise SolverError("padding is a number or (begin, end)", received=repr(value))
    return tuple(whole_number(end, "padding", 0) for end in value)


def _check_count(name: str, count: int) -> None:
    if count > MOST_OPTIONS:
        raise LimitError(
            f"one layer of a design space has at most {MOST_OPTIONS:,} combinations",
            received=f"{count:,} of {name} alone",
            right="smaller ranges",
        )


def _plan(values: Any) -> Any:
    if values in (None, "same"):
        return None
    if isinstance(values, str) and values.startswith("x"):
        factor = values[1:].strip()
        if factor == "stride":
            return "x stride"
        return f"x{read_number(factor, 'a factor of channels', values, 1, 1, 'x2, or x stride')}"
    return Domain.of(values, "out_channels", 1)


def _words(domain: Any) -> Any:
    if not isinstance(domain, list):
        return str(domain)
    return domain[0] if len(domain) == 1 and isinstance(domain[0], str) else domain
