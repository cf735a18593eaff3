"""Layers of a text whose hyperparameters are unknown: `...`, {3, 5, 7}, range(1, 8), "1..7".

Such a layer becomes a choice among our four operations, a padding one among totals, or among what
stands at each end: "0..11:0", (range(0, 12), 0). Where a framework's layer has rules that these do
not have, the layer is refused rather than half meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.layers.row import Row
from solver.network.unknowns.unknown import UnknownLayer, UnknownPad
from solver.reading.functions.call import listed
from solver.sizes.domain import Domain, whole_number

if TYPE_CHECKING:
    from solver.sizes.ends import Ends

#: The totals that `...` stands for in a padding.
USUAL_TOTALS = "0..512"
#: What two ends are told of.
_PADDINGS = ("padding",)
_RANGES = r"\s*\d+(\.\.\d+)?(\s*,\s*\d+(\.\.\d+)?)*\s*"
_NAMES = {
    "pool_size": "kernel_size",
    "strides": "stride",
    "dilation_rate": "dilation",
}
_SIZES = ("kernel_size", "stride", "padding", "dilation", "output_padding")
_AT_REST = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0}


class Unknowns(NamedTuple):
    """Hold the values that an unknown hyperparameter may take; None for the usual ones."""

    values: Domain | Ends | None

    @classmethod
    def of(cls, value: Any, name: str) -> Unknowns | None:
        """What may be meant by a value, None for one that is known.

        >>> Unknowns.of("1..3", "stride"), Unknowns.of(..., "stride"), Unknowns.of(3, "stride")
        (Unknowns(values=Domain.parse('1..3')), Unknowns(values=None), None)
        """
        if value is ...:
            return cls(None)
        words = value if isinstance(value, str) else ""
        both = name in _PADDINGS and re.fullmatch(f"{_RANGES}:{_RANGES}", words)
        if isinstance(value, (set, range)) or both or re.fullmatch(_RANGES, words):
            try:
                if both:
                    from solver.sizes.ends import Ends  # few padding is told end by end

                    return cls(Ends.parse(words, name))
                return cls(Domain.of(value, name))
            except SolverError as fault:
                received = value if isinstance(value, str) else fault.received
                raise SolverError(fault.rule, received, fault.right) from None
        if listed(value) and any(cls.of(each, name) for each in value):
            rule = f"an unknown {name} is the same along every axis"
            one_sided = ', or "0..3:0" for the two ends' if name in _PADDINGS else ""
            raise SolverError(rule, right=f"{name}=... or {name}={{3, 5}}{one_sided}")
        return None


def unknown_layer(
    row: Row, short: str, given: Mapping[str, Any]
) -> UnknownLayer | UnknownPad | None:
    """The unknown layer that a call stands for, None where nothing in it is unknown.

    row: of the framework's table. short: the name it is called by. given: its arguments, by their
    own names, as they are written. Raises SolverError for what our operations do not say.
    """
    if row.kind.pads:
        return _padding(short, given)
    found = {
        name: unknowns
        for name, value in given.items()
        if row.arguments[name].read is not None and (unknowns := Unknowns.of(value, name))
    }
    if not found:
        return None
    if not row.kind.own:
        rule = f"the arguments of {short} must be known"
        raise SolverError(rule, right="an unknown convolution, pooling or padding")
    keras = "padding" in row.arguments and short.endswith(("D", "DTranspose"))
    sizes = {_NAMES.get(name, name): value for name, value in given.items()}
    kind = row.kind.own
    words: dict[str, Any] = {
        name: _plain(sizes.get(name), name) for name in _SIZES if name in sizes
    }
    same = False
    if keras:
        words = _keras(kind, words)
        same = words.get("padding") == "same" and not (kind == "conv" and _still(words))
        words |= {"padding": 0} if same else {}
    if sizes.get("padding_mode", "zeros") != "zeros":
        raise SolverError("an unknown layer pads with zeros", f"{sizes['padding_mode']!r}")
    if sizes.get("output_size") is not None:
        raise SolverError("output_size and unknown hyperparameters do not go together")
    if kind.endswith("pool"):
        words["ceil_mode"] = sizes.get("ceil_mode", False)
    else:
        after = sizes.get("out_channels", sizes.get("filters"))
        words["out_channels"] = None if after is None else whole_number(after, "out_channels", 1)
        words["groups"] = whole_number(sizes.get("groups", 1), "groups", 1)
        words["bias"] = sizes.get("bias", sizes.get("use_bias", True)) is not False
    from solver.spaces.choice import Choice  # only texts with unknown layers need the search

    before = sizes.get("in_channels")
    before = None if before is None else whole_number(before, "in_channels", 1)
    return UnknownLayer(Choice(kind, **words), before, "keras" if keras else "torch", same)


def _still(words: dict[str, Any]) -> bool:
    """Whether the stride is 1, with which PyTorch has `same` too."""
    return _domain(words, "stride") == Domain.of(1)


def _plain(value: Any, name: str) -> Any:
    """A hyperparameter as a choice takes it."""
    unknowns = Unknowns.of(value, name)
    if unknowns is not None:
        return ... if unknowns.values is None else unknowns.values
    if listed(value) and value and all(each == value[0] for each in value):
        return value[0]  # (3, 3), as a printout has it
    if listed(value):
        rule = f"beside an unknown hyperparameter, {name} is the same along every axis"
        raise SolverError(rule, received=str(value), right=str(value[0]) if value else None)
    return value


def _keras(kind: str, words: dict[str, Any]) -> dict[str, Any]:
    """The hyperparameters of a layer of Keras, whose padding is a word.

    Raises SolverError where Keras has a rule of its own.
    """
    found = {name: value for name, value in words.items() if value is not None}
    padding = found.pop("padding", "valid")
    stride = _domain(found, "stride")
    if padding == "same" and "output_padding" in found:
        rule = 'beside unknown hyperparameters, padding="same" stands without output_padding'
        raise SolverError(rule, right='padding="same" alone, whose size is n*strides')
    if padding not in ("valid", "same"):
        raise SolverError("Keras takes padding in words", f"{padding!r}", '"valid" or "same"')
    if stride.last > 1 and _domain(found, "dilation").last > 1:
        raise SolverError("Keras has no strides together with dilation", right="strides=1")
    if padding == "valid" and kind == "conv_transpose" and "output_padding" not in found:
        longest = stride.last
        if found.get("kernel_size", ...) is ... and stride.size() == 1:
            found["kernel_size"] = Domain([(longest, max(11, longest))])
        if _domain(found, "kernel_size").first < longest:
            rule = "Keras fills up kernels that are shorter than the stride"
            raise SolverError(rule, right=f"kernels of at least {longest}")
    return {**found, "padding": "same"} if padding == "same" else found


def _domain(words: dict[str, Any], name: str) -> Domain:
    from solver.spaces.hyperparameters import UNKNOWN

    value = words.get(name, _AT_REST.get(name, ...))
    return Domain.of(UNKNOWN[name] if value is ... else value, name)


def _padding(short: str, given: Mapping[str, Any]) -> UnknownPad | None:
    """An unknown padding with zeros: so much in all along each axis, or at each end of it."""
    value = given.get("pad", given.get("padding"))
    keras = short.startswith("ZeroPadding")
    unknowns = None if listed(value) else Unknowns.of(value, "padding")
    usual = Domain.parse(USUAL_TOTALS)
    amounts: Domain | Ends | None = None if unknowns is None else unknowns.values or usual
    if listed(value):
        amounts = _one_sided(short, value, keras)
    if amounts is None:
        return None
    mode = given.get("mode", "constant")
    if not (short == "pad" or short.startswith(("Zero", "Constant"))):
        mode = short
    if mode != "constant":
        raise SolverError("an unknown padding is one of zeros", received=str(mode))
    return UnknownPad(amounts, "keras" if keras else "torch")


def _one_sided(short: str, value: Sequence[Any], keras: bool) -> Ends | None:
    """What may stand at each end, where it is told end by end; None where all of it is known.

    PyTorch tells the ends of all axes in one row, Keras a pair for each axis, of one the pair.
    """
    flat = [end for each in value for end in (each if listed(each) else (each,))]
    if not any(Unknowns.of(end, _END) for end in flat):
        return None
    nested = keras and not short.endswith("1D")
    pairs = [*value] if nested else [value[i : i + 2] for i in range(0, len(value), 2)]
    axes = int(short[-2]) if short[-2:-1].isdigit() else len(pairs)
    if len(pairs) != axes or not all(listed(pair) and len(pair) == 2 for pair in pairs):
        rule = f"{short} takes a begin and an end for each axis"
        raise SolverError(rule, f"{len(flat)} values", '"0..3:0" for all axes')
    if any(pair != pairs[0] for pair in pairs):
        rule = "an unknown padding is the same along every axis"
        raise SolverError(rule, right='"0..3:0", or one pair for all axes')
    from solver.sizes.ends import Ends

    return Ends(*map(_end, pairs[0]))


#: What one end of a padding is called in messages.
_END = "an end of the padding"


def _end(value: Any) -> Domain:
    unknowns = Unknowns.of(value, _END)
    if unknowns is None:
        return Domain.of(whole_number(value, _END, 0))
    assert unknowns.values is None or isinstance(unknowns.values, Domain)
    return unknowns.values or Domain.parse(USUAL_TOTALS)
