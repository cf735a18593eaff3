"""What a layer says of its channels: their names in every framework, and how groups divide them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.arguments import is_list, number
from solver.layers.kind import Kind
from solver.layers.rule import AxisRule
from solver.sizes.expression import Expression, of

#: The names of the channels that go in and come out, of the groups, and of the bias.
BEFORE = ("in_channels", "in_features")
AFTER = ("out_channels", "filters", "out_features", "features")
GROUPS = ("groups", "group", "feature_group_count")
_MULTIPLIER = ("depth_multiplier",)
_BIAS = ("bias", "use_bias", "bias_attr", "B")


class Channels(NamedTuple):
    """The channels of a layer; None where they are not given.

    multiplier: the channels that a depthwise convolution makes of each.
    """

    before: int | None = None
    after: int | None = None
    groups: int = 1
    bias: bool = True
    multiplier: int = 1

    @classmethod
    def of(cls, kind: Kind, given: Mapping[str, Any]) -> Channels:
        """The channels as they stand among the arguments of a layer.

        >>> from solver.layers.kind import CONV
        >>> Channels.of(CONV, {"filters": 8, "use_bias": False})
        Channels(before=None, after=8, groups=1, bias=False, multiplier=1)
        """
        rows = (BEFORE, AFTER, GROUPS, _MULTIPLIER)
        before, after, groups, multiplier = (_first(names, given) for names in rows)
        groups, multiplier = groups or 1, multiplier or 1
        if kind.per_channel and before is not None:
            after = before * multiplier
        bias = next((given[name] for name in _BIAS if name in given), True)
        if (weights := given.get("W")) is not None:  # ONNX: the shape of the input W
            one, other = weights[:2]
            ends = (one, other * groups) if kind.transposed else (other * groups, one)
            before, after = ends
        return cls(before, after, groups, bool(bias), multiplier)

    def past(self, kind: Kind, channels: int) -> int:
        """The channels that come out of so many. Raises SolverError where others are wanted."""
        if self.before is not None and not agree(self.before, channels):
            rule = "the input must have the layer's in_channels"
            raise SolverError(rule, f"{channels} channels", f"{self.before}")
        if kind.per_channel:
            return channels * self.multiplier
        if self.groups != 1 and not divides(self.groups, channels):
            rule = "groups must divide the channels"
            raise SolverError(rule, f"{channels} channels, {self.groups} groups")
        return channels if self.after is None else self.after


def agree(one: Any, other: Any) -> bool:
    """Whether channels are equal; in letters, for all."""
    if one == other or not (isinstance(one, Expression) or isinstance(other, Expression)):
        return bool(one == other)
    from solver.sizes.letters import decided

    return decided(of(one).equals(other)) is True


def divides(parts: Any, channels: Any) -> bool:
    """Whether channels can be divided so; in letters, whether they can for some."""
    if not isinstance(channels, Expression) and not isinstance(parts, Expression):
        return not channels % parts
    from solver.sizes.letters import decided

    return decided((of(channels) % parts).equals(0)) is not False


def check_channels(given: Mapping[str, Any]) -> None:
    """Refuse channels that groups do not divide. What is not given is not asked for.

    given: arguments under a framework's own names. Raises SolverError.

    >>> check_channels({"in_channels": 4, "groups": 2})
    >>> check_channels({"filters": 5, "groups": 2})
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: filters must be divisible by groups
      received: filters 5, groups 2
      right:    filters 4 or 6
    """
    weights = given.get("W")
    if weights is not None and not (is_list(weights) and len(weights) > 1):
        raise SolverError("W must be the shape of the weights", repr(weights), "W=[8,3,3,3]")
    for names, least in ((BEFORE, 0), (AFTER, 1), (GROUPS, 1), (_MULTIPLIER, 1)):
        for name in _given(names, given):
            if number(name, given[name]) < least:
                raise SolverError(
                    f"{name} must be at least {least}", str(given[name]), f"{name}={least or 1}"
                )
    for groups in _given(GROUPS, given):
        for name in _given((*BEFORE, *AFTER), given):
            count, parts = given[name], given[groups]
            if count % parts:
                below, above = count // parts * parts, -(-count // parts) * parts
                raise SolverError(
                    f"{name} must be divisible by {groups}",
                    received=f"{name} {count}, {groups} {parts}",
                    right=f"{name} " + " or ".join(str(n) for n in (below, above) if n),
                )


def _first(names: tuple[str, ...], given: Mapping[str, Any]) -> Any:
    for name in names:
        if (value := given.get(name)) is not None:
            return value
    return None


def _given(names: tuple[str, ...], given: Mapping[str, Any]) -> list[str]:
    return [name for name in names if given.get(name) is not None]


def packing(rules: Iterable[AxisRule]) -> tuple[int, int]:
    """How many channels come out of how many, where they lose what sizes gain.

    >>> from solver.frameworks import layer
    >>> packing(layer("torch", "PixelUnshuffle", downscale_factor=2).along(2))
    (4, 1)
    """
    wide = parts = 1
    for rule in rules:
        wide, parts = wide * rule.size_map.period, parts * rule.size_map.rise
    return wide, parts
