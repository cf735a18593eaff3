"""How an input may be laid out that a program does not tell: images, sequences, numbers alone.

The likeliest comes first. Others are tried where a program refuses it for the axes that it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.demand import Demand
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Refuse
from solver.network.graph.shaping import Linear
from solver.network.network import Network
from solver.reading.text.building import ROWS, TOKENS
from solver.reading.text.untold import AS_STEPS

_AXES = (
    r"(Conv|Pool|Pooling|Pad|Padding|Norm|Upsample|UpSampling|Cropping|conv|pool|Shuffle)"
    r"(?:Transpose|_transpose)?([123])[dD]"
)
#: What a program in Flax has one of, and how.
_FLAX = ("flax", "linen", "nnx", "nn.compact")
_IS_FLAX = r"\b(?:flax|linen|nnx|nn\.compact)\b"
#: Layers of ours do not tell their axes.
_OURS = r"\bsolver\.(?:Conv|MaxPool|AvgPool)"
_LINEAR = r"\b(?:Linear|Dense)\("
#: A pattern of what comes in as a batch, channels and axes.
_PATTERN = r"[\"']b\w* c ((?:\([^()]*\) ?|\w+ )+)->"
#: A program that takes its input apart into a batch and two sizes.
_GRID = r"\b\w+, *\w+, *\w+ *= *\w+\.(?:shape|size\(\))"
#: What goes along a sequence, and what works on images alone where it has more than one axis.
_STEPS = r"\b(?:LSTM|GRU|RNN|SimpleRNN|TransformerEncoder|TransformerEncoderLayer)\("
_IMAGES = ("Conv", "Pool", "Pooling", "Pad", "Norm", "conv", "pool")
#: What a layer says whose channels are a size.
_CHANNELS = r"the layer's in_channels|must get its (?:channels|input_size)"
#: Sizes at which a network runs that takes sequences of many lengths.
_LENGTHS = (63, 100, 1000)


class Layout(NamedTuple):
    """Hold the axes of an input, and what else is known of its channels. note: what is said."""

    axes: int
    channels: Mapping[str, int] = {}
    note: str = ""


def layouts(text: str, axes: int | None) -> Iterator[Layout]:
    """Yield how an input of a program may be laid out; axes: where they are told."""
    tokens, grid = (
        Layout(plain, {f"{TOKENS}{at}": plain for at in range(1, 10)}, note)
        for plain, note in ((1, AS_STEPS), (2, "the input is taken as batch, rows, columns"))
    )
    rows = Layout(1, {ROWS: 1}, "the input is taken as batch, steps, features")
    if axes is not None:
        yield Layout(axes)
        yield from {1: (rows, tokens), 2: (grid,) if re.search(_GRID, text) else ()}.get(axes, ())
        return
    told = re.findall(_AXES, text)
    usual, images = _axes_of(text, told), any(x in _IMAGES and n != "1" for x, n in told)
    steps = not images and "onv1" not in text and re.search(_STEPS, text) is not None
    if steps:
        yield rows
    yield Layout(usual)
    if not steps and not images:
        if usual:
            yield _with(0)
        yield rows
    if not images:
        yield tokens
    for other in (1, 2, 3, 0):
        if other not in (usual, None if steps or images else 0):
            yield _with(other)
    yield grid


def _with(axes: int) -> Layout:
    return Layout(axes, {}, f"the input is taken with {axes} axes" if axes else "")


def is_flax(text: str) -> bool:
    """Tell whether a program is written in Flax."""
    return any(word in text for word in _FLAX) and re.search(_IS_FLAX, text) is not None


def runs_on(network: Network) -> bool:
    """Tell whether a network runs at several usual sizes, as far as that is known."""
    return _fault(network) is None and sum(_runs_at(network, size) for size in _LENGTHS) > 1


def _runs_at(network: Network, size: int) -> bool:
    try:
        return network.runs(dict.fromkeys(network.letters, size))
    except LimitError:
        return False


def is_open(network: Network) -> bool:
    """Tell whether it is not known that a network is refused, nor that its input is another."""
    return _fault(network) is None and not of_rank(network)


def of_rank(found: Network | SolverError) -> bool:
    """Tell whether a program is refused for the axes of its input, or takes a size for channels."""
    fault = found if isinstance(found, SolverError) else _fault(found)
    if isinstance(fault, LimitError):
        return False
    if fault is None:
        assert isinstance(found, Network)
        return any(_takes_size(found, each) for each in found.walk.demands)
    raised = isinstance(found, Network) and isinstance(found.nodes[-1].operation, Refuse)
    return raised or re.search(rf"\baxes\b|{_CHANNELS}", fault.rule) is not None


def refused(network: Network) -> bool:
    """Tell whether a program raises an error at every size of its input."""
    return _fault(network) is not None and isinstance(network.nodes[-1].operation, Refuse)


def _takes_size(network: Network, demand: Demand) -> bool:
    """Tell whether a layer takes a size of the input, as it comes in, for channels or features."""
    if not demand.letters:
        return False
    if isinstance(network.nodes[demand.at].operation, Linear):
        return any(demand.dim == Dim.letter(letter) for letter in demand.letters)
    return re.search(_CHANNELS, demand.rule) is not None


def _fault(network: Network) -> SolverError | None:
    try:
        network.walk  # noqa: B018
    except LimitError:
        return None
    except SolverError as fault:
        return fault
    return None


def _axes_of(text: str, told: Sequence[tuple[str, str]]) -> int:
    """How many axes the inputs of a program have beside batch and channels.

    told: the kinds and axes of its layers that are named after their axes.
    """
    if is_flax(text):
        from solver.reading.text.flax import axes_of  # few texts are

        if (axes := axes_of(text)) is not None:
            return axes
    if not told and (pattern := re.search(_PATTERN, text)):
        return len(re.findall(r"\(.*?\)|\w+", pattern[1]))
    if told:
        return int(told[0][1])
    return 0 if re.search(_LINEAR, text) and not re.search(_OURS, text) else 2
