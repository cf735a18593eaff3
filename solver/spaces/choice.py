"""A choice: a layer whose hyperparameters are open, and the options it stands for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from functools import cached_property
from itertools import product
from math import prod
from types import EllipsisType
from typing import Any

from solver.errors import LimitError, SolverError
from solver.ground.value import Value
from solver.layers.own import LAYERS
from solver.layers.own_layer import OwnLayer
from solver.layers.table import ends
from solver.sizes.domain import Domain, read_number, whole_number
from solver.sizes.operations import OperationSpec, operation
from solver.spaces.hyperparameters import tie, values_of
from solver.spaces.option import Option, option
from solver.spaces.per_axis import PerAxis, padded, plain, spread
from solver.spaces.transition import KEEP

_AT_REST = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}

MOST_OPTIONS = 100_000

#: Options of choices made lately: scripts make the same choice again and again.
_RECENT: dict[tuple[Any, ...], list[Option]] = {}
_MOST_RECENT = 256

_TIMES = re.compile(r"x($|[\s\d-])")  # out_channels = "x2", or "x stride"

Values = int | str | Iterable[Any] | EllipsisType


class Choice(Value):
    """Describe a layer whose hyperparameters are open.

    layer: a layer class or the name of an operation. Each hyperparameter is a number, a range, a
    set, words as on the command line ("1..7", "1,3"), or `...` for the range that `solve` takes;
    what is left out has PyTorch's default. One value per axis is "3x5", or (3, 5) among others.
    padding may also be a word of `Conv`, such as "half" for floor(dilation*(kernel_size - 1)/2),
    begin:end, each a domain in words, or among others a pair (begin, end), or one per axis.
    out_channels: a number, several, "same", or a multiple of the input's: "x2", or "x stride".
    groups: a number, or "depthwise". All may be tied to other numbers, see `solver.spaces.ties`:
    "2*stride", "(k - 1)/2", "2**i", "2*c". Raises SolverError; LimitError for too many
    combinations.

    >>> from solver import Conv
    >>> small = Choice(Conv, {1, 3}, stride="1,2", padding="half")
    >>> len(small.options()), small
    (4, Choice('conv', kernel_size='1,3', stride='1..2', padding='half'))
    >>> len(Choice("maxpool", 2, padding=range(3)).options())  # what is illegal is left out
    2
    >>> [each.layers[0] for each in Choice(Conv, "2*stride", "1,4", "s/2").options()]
    [Conv(8, stride=4, padding=2)]
    >>> Choice(Conv, {(3, 5), 3}, padding="half")
    Choice('conv', kernel_size='3,3x5', padding='half')
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
                self.domains[name] = tie(name, values) or values_of(name, values, self.operation)
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
        self.groups: Any = groups
        if groups != "depthwise":
            self.groups = tie("groups", groups) or whole_number(groups, "groups", 1)
        self.out_channels = _plan(out_channels)
        self.bias = bias
        self._options: dict[tuple[Any, ...], list[Option]] = {}

    def made_of(self) -> tuple[Any, ...]:
        return (
            *(self.operation.name, self.domains, self.ceil_mode),
            *(self.groups, self.out_channels, self.bias),
        )

    @cached_property
    def ties(self) -> dict[str, Any]:
        """The fields that are tied to other numbers."""
        fields = {**self.domains, "out_channels": self.out_channels, "groups": self.groups}
        return {name: field for name, field in fields.items() if hasattr(field, "names")}

    @cached_property
    def axes(self) -> int | None:
        """The number of axes for which it has values, None where each is one for all."""
        counts = sorted({field.axes for field in self._crossed})
        if len(counts) > 1:
            rule, received = "hyperparameters must agree on the number of axes", repr(self)
            raise SolverError(rule, received, f"values for {counts[-1]} axes")
        return counts[0] if counts else None

    @cached_property
    def _crossed(self) -> list[Any]:
        """The fields that have one value per axis."""
        return [field for field in self.domains.values() if getattr(field, "axes", 1) > 1]

    def along(self, axis: int) -> Any:
        """What tells one axis from others."""
        return [field.along(axis) for field in self._crossed]

    @property
    def letters(self) -> frozenset[str]:
        """The names that it is tied to."""
        return frozenset().union(*(field.names for field in self.ties.values()))

    def bound(self, values: Mapping[str, int]) -> Choice:
        """The choice with numbers in the place of letters that it is tied to.

        >>> Choice("conv", "k", dilation="2**i").bound({"k": 3, "i": 2})
        Choice('conv', kernel_size='3', dilation='2**2')
        """
        if self.letters.isdisjoint(values):
            return self
        made = copy(self)
        for name in ("ties", "axes", "_crossed"):
            made.__dict__.pop(name, None)
        bound = {name: field.bound(values) for name, field in self.ties.items()}
        made.domains = {name: bound.get(name, domain) for name, domain in self.domains.items()}
        made.out_channels = bound.get("out_channels", self.out_channels)
        made.groups = bound.get("groups", self.groups)
        made._options = {}
        return made

    def __call__(self, x: Any) -> Any:
        """What the unknown layer makes of a tensor of a network."""
        return x.through(self)

    def options(
        self,
        channels: int | None = None,
        axes: int = 2,
        keep: bool = False,
        lanes: Sequence[int] = (),
    ) -> list[Option]:
        """The layers in order: by kernel_size first, then stride, and so on.

        channels: that go in, None without a channel plan. keep: the size must stay. lanes: the
        first of axes that are alike, of each, where not all are. Raises LimitError for values per
        axis where all are said to be alike.
        """
        if self._crossed and not lanes:
            rule = "one value per axis is only searched in design spaces"
            raise LimitError(rule, repr(self), "one number for all axes")
        key = repr(self), channels, axes, keep, lanes
        found = self._options.get(key) or _RECENT.get(key)
        if found is None:
            back = KEEP if keep else None
            made = self._layers(channels)
            found = [option(layer, channels, axes, back, lanes) for layer in made]
            if len(found) <= _MOST_RECENT:
                if len(_RECENT) >= _MOST_RECENT:
                    _RECENT.clear()
                _RECENT[key] = found
        self._options[key] = found
        return found

    def __getstate__(self) -> dict[str, Any]:
        """Leave the options out: they can be worked out again."""
        return {**self.__dict__, "_options": {}}

    def _rows(self, channels: int | None) -> Iterable[dict[str, Any]]:
        """The numbers that layers have, by the names of their fields."""
        fields = {name: self._values(name, domain) for name, domain in self.domains.items()}
        fields["out_channels"] = self._values("out_channels", self.out_channels)
        if self.ties:
            from solver.spaces.ties import tied  # only where one number decides another

            fields["groups"] = self._values("groups", self.groups)
            return tied(fields, {"c": channels or 1}, MOST_OPTIONS, repr(self))
        if (count := prod(map(len, fields.values()))) > MOST_OPTIONS:
            raise LimitError(
                f"one layer of a design space has at most {MOST_OPTIONS:,} combinations",
                received=f"{count:,} in {self}",
                right="smaller ranges",
            )
        return (dict(zip(fields, row, strict=True)) for row in product(*fields.values()))

    def _layers(self, channels: int | None) -> list[OwnLayer]:
        found: list[OwnLayer] = []
        fault: SolverError | None = None
        crossed = bool(self._crossed)
        for named in self._rows(channels):
            out, groups = named.pop("out_channels"), named.pop("groups", self.groups)
            if named.get("stride", 1) is None:
                named["stride"] = named["kernel_size"]
            if named["padding"] not in ("same", "causal"):  # layers know where these may stand
                if crossed and (several := spread(named)):
                    named["padding"] = padded(named, several)
                else:
                    reach = named.get("dilation", 1) * (named["kernel_size"] - 1)
                    named["padding"] = ends(named["padding"], reach)
            try:
                found.append(self.layer(named, channels, out, groups))
            except LimitError:
                raise
            except SolverError as broken:
                fault = broken
        if not found:
            rule, received, right = "ties leave no number", None, None
            if fault:
                rule, received, right = fault.rule, fault.received, fault.right
            raise SolverError(f"no layer is possible here: {rule}", received or f"{self}", right)
        return found

    def layer(
        self,
        named: dict[str, Any],
        channels: int | None = None,
        out: Any = None,
        groups: Any = None,
    ) -> OwnLayer:
        """One layer. named: its hyperparameters. channels, out: what goes in and comes out.

        Raises SolverError where they do not go together.
        """
        make: Callable[..., OwnLayer] = LAYERS[self.operation.name]
        fields, padding = named, named["padding"]
        if self._crossed:
            fields = {name: plain(name, value) for name, value in named.items()}
        elif isinstance(padding, tuple):  # of both ends
            fields = {**named, "padding": plain("padding", padding)}
        if self.operation.pooling:
            return make(**fields, ceil_mode=self.ceil_mode)
        return make(**fields, **self._wide(channels, out, named, groups))

    def narrowed(self, layer: object) -> Choice | None:
        """The same choice with the numbers of one layer, None where they are not among its own."""
        if not isinstance(layer, OwnLayer) or layer.operation != self.operation:
            return None
        made = copy(self)
        made.domains = dict(self.domains)
        for name, domain in self.domains.items():
            if not isinstance(domain, list) and name not in self.ties:
                value = getattr(layer, name) if isinstance(domain, Domain) else layer.ends(0)
                if value not in domain:
                    return None
                made.domains[name] = domain.only(value)
        return made

    def _values(self, name: str, domain: Any) -> Any:
        """What a field may be, or its tie."""
        if name in self.ties or isinstance(domain, list):
            return domain
        if hasattr(domain, "size"):
            _check_count(name, domain.size())
            return list(domain)
        return [domain]

    def _wide(
        self, channels: int | None, out: Any, named: dict[str, Any], groups: Any
    ) -> dict[str, Any]:
        """The arguments of a layer that say its channels."""
        if channels is None:
            return {} if self.bias else {"bias": False}
        if out == "x stride":
            if isinstance(named["stride"], PerAxis):
                rule = "channels grow with a stride that is one for all axes"
                raise LimitError(rule, f"stride {named['stride']}", 'out_channels="x2"')
            out = channels * named["stride"]
        elif isinstance(out, str):
            out = channels * int(out[1:])
        groups = self.groups if groups is None else groups
        groups = channels if groups == "depthwise" else groups
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
            named = self.groups == "depthwise" or "groups" in self.ties
            parts.append(f"groups={str(self.groups)!r}" if named else f"groups={self.groups}")
        if self.out_channels is not None:
            parts.append(f"out_channels={str(self.out_channels)!r}")
        if not self.bias:
            parts.append("bias=False")
        return f"Choice({', '.join(parts)})"


def _operation(layer: object) -> OperationSpec:
    if isinstance(layer, str):
        return operation(layer)
    if isinstance(layer, type) and issubclass(layer, OwnLayer) and hasattr(layer, "operation"):
        found: OperationSpec = layer.operation
        return found
    raise SolverError("a choice is of a layer class", received=repr(layer), right="Conv, or 'conv'")


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
    if isinstance(values, str) and _TIMES.match(values):
        factor = values[1:].strip()
        if factor == "stride":
            return "x stride"
        return f"x{read_number(factor, 'a factor of channels', values, 1, 1, 'x2, or x stride')}"
    return tie("out_channels", values) or Domain.of(values, "out_channels", 1)


def _words(domain: Any) -> Any:
    if not isinstance(domain, list):
        return str(domain)
    return domain[0] if len(domain) == 1 and isinstance(domain[0], str) else domain
