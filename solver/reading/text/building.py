"""The network while it is being read: nodes with their shapes, names and lines, and notes.

How many channels the input has is often told only by the first layer that takes it. Until then it
is a letter of its own; the layer that decides it puts a number in its place, or where something has
been made of the letter makes the text be read once more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import LimitError
from solver.network.graph.computed import Become
from solver.network.graph.demand import EQUAL, Demand
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Apply, Input, Operation, Shape
from solver.network.graph.shaping import Linear
from solver.network.graph.values import bounded
from solver.network.graph.walk import Node
from solver.network.network import Network
from solver.network.unknowns.unknown import Behind, UnknownLayer, UnknownPad
from solver.reading.functions.call import Wire
from solver.reading.paths.decisions import Decisions
from solver.reading.text.deciding import Deciding
from solver.reading.text.keeping import is_weight, kept, opened
from solver.reading.text.source import Source
from solver.reading.text.untold import AS_STEPS, USUAL, Stands, fewest, keeps_channels, of_any
from solver.reading.text.values import UNTOLD
from solver.sizes.sizemap import IDENTITY, SizeMap
from solver.sizes.sizeset import SizeSet
from solver.sizes.width import Width, is_int

MOST_NODES = 5000
#: What the letters of sizes behind an unknown layer begin with.
_BEHIND = "size_"
#: What those of channels begin with that no layer has told yet.
_CHANNELS = "channels_"
#: What says that an input is a row of numbers, which have no channels, and what looks them up.
TOKENS = "tokens_"
_LOOKS_UP = ("embedding", "one_hot")
#: What says that what an input has at each place stands behind its sizes.
ROWS = "rows"


class Decided(Exception):
    """Say how many channels an input has, or how many axes: the text is read again with it."""

    def __init__(self, key: str, value: int, note: str = "") -> None:
        super().__init__(key, value)
        self.key, self.value, self.note = key, value, note


class Build:
    """Hold the nodes read so far.

    axes: of the inputs. channels: of inputs, by their letters, as far as they are decided.
    decisions: where the program is run. inside: maps that its sizes are put through.
    """

    def __init__(
        self,
        source: Source,
        axes: int,
        channels: dict[str, int],
        decisions: Decisions,
        inside: Mapping[str, SizeMap],
    ) -> None:
        self.source, self.axes, self.channels = source, axes, channels
        self.decisions, self._inside = decisions, inside
        self._walker = Deciding(decisions)
        self.nodes = self._walker.nodes
        self._seen = False  # whether anything was made of shapes
        self._supposed: tuple[str, Demand, bool] | None = None
        self.notes: dict[str, None] = {}
        self._names: dict[str, int] = {}
        self._free: list[bool] = []  # whether a node depends on the input
        self.inputs = self.models = 0
        self.tells, self.told = True, False  # whether sizes are told as numbers, and have been
        self.stands = Stands({})
        self.guesses = 0  # conditions of such numbers that were supposed
        self.numbers: dict[str, int] = {}  # that are taken for what is not told
        self.written: dict[str, int] = {}  # sizes that the text names for the input
        self.placeholders = set[int]()  # inputs that Keras declares

    @property
    def shapes(self) -> Sequence[Shape | None]:
        """The shape of every node, None where it is not understood or cannot be."""
        self._seen = True
        return self._walker.shapes

    @property
    def catching(self) -> bool:
        """Whether the program catches what is refused."""
        return self._walker.catching

    @catching.setter
    def catching(self, value: bool) -> None:
        self._walker.catching = value

    @property
    def whole(self) -> bool:
        """Tell whether the shape of everything is known."""
        return None not in self._walker.shapes

    def decide(self, demand: Demand) -> bool | None:
        """Whether a condition holds where the program is run; None where nobody tells.

        What is asked of channels that are not told yet is supposed: it is read again with them.
        """
        self._seen = True
        self._walker.settle()
        others = demand.letters - self.decisions.values.keys()
        if not others:
            return self.decisions.decide(demand)
        if all(letter.startswith(UNTOLD) for letter in others):
            return of_any(demand, self._guessed)
        if not all(letter.startswith(_CHANNELS) for letter in others):
            return None
        supposed = {letter: self.channels.get(letter, USUAL) for letter in others}
        held = demand.holds({**self.decisions.values, **supposed})
        same = demand.relation == EQUAL  # of others the last counts
        if len(demand.letters) == 1 and (self._supposed is None or not (same or self._supposed[2])):
            self._supposed = (min(others), demand if same or not held else demand.negated(), same)
        return held

    def _guessed(self, text: str) -> None:
        self.guesses += 1
        self.note(text)

    def size(self, value: Any) -> int | None:
        """A size as it is where the program is run, with its formula; None where nobody tells."""
        if is_int(value):
            return value
        if not isinstance(value, Dim) or not value.letters <= self.decisions.values.keys():
            return None
        from solver.reading.paths.size import size  # few programs ask for one

        self._walker.settle()
        return size(value.at(self.decisions.values), value, self.decisions)

    def refused(self) -> None:
        """Read the program again with the channels that it asks for, where it raises without."""
        asked = self._supposed is not None and not self._supposed[2]
        looks_up = not asked and any("Embedding(" in line for line in self.source.lines)
        if looks_up and not self.decisions.made:
            inputs = [x.operation for x in self.nodes if isinstance(x.operation, Input)]
            self._looked_up([dim for each in inputs for dim in each.of])
        if self._supposed is not None:
            letter, demand, _ = self._supposed
            raise Decided(letter, demand.inputs().first(1) or USUAL)

    def number(self, name: str, channels: bool = False) -> int:
        """What is taken for a number that is not told; it is noted.

        channels: whether it may be those of the input.
        """
        if name not in self.numbers:
            found = self.stands.taken(name, channels, len(self.numbers))
            self.numbers[name] = found
            taken = "any number does" if isinstance(found, Width) else f"{found} taken"
            self.note(f"{name} is not told: {taken}")
        return self.numbers[name]

    def note(self, text: str, line: int | None = None) -> None:
        """Keep what the reader of a network should know, once."""
        if len(self.notes) < 200:
            self.notes[f"{self.source.place(line)}: {text}" if line else text] = None

    def tokens(self, name: str, line: int, axes: int = 1) -> Wire:
        """Put in numbers with free sizes and no channels, which stand for what is looked up."""
        self.inputs += 1
        return self._append(Input((Dim(1), *self._sizes(axes))), (), name, line)

    def _sizes(self, axes: int) -> tuple[Dim, ...]:
        """A free size for each axis."""
        letters = LETTERS.get(axes, ())
        return tuple(Dim.of(each, self._inside.get(each, IDENTITY)) for each in letters)

    def input(
        self,
        name: str,
        line: int,
        channels: int | None = None,
        axes: int | None = None,
        batched: bool = True,
    ) -> Wire:
        """Put in a tensor with a free size for each axis."""
        if (plain := self.channels.get(f"{TOKENS}{self.inputs + 1}")) is not None:
            return self.tokens(name, line, plain)
        self.inputs += 1
        letter = f"{_CHANNELS}{self.inputs}"
        known = self.channels.get(letter, channels)
        first = Dim.letter(letter) if known is None else Dim(known)
        sizes = self._sizes(self.axes if axes is None else axes)
        batch = (Dim(1),) if batched else ()
        if axes is None and ROWS in self.channels:
            return self._append(Input((*batch, *sizes, first)), (), name, line)
        return self._append(Input((*batch, first, *sizes)), (), name, line)

    def shape(self, wire: Wire) -> Shape | None:
        """A tensor's shape, None where it is not understood or cannot be."""
        return self.shapes[wire.at]

    def add(
        self,
        operation: Operation,
        wires: Sequence[Wire],
        name: str,
        line: int,
        expects: int | None = None,
        of: str = "",
    ) -> Wire:
        """Add a node. expects: the channels its layer is made for, where it says so.

        of: what holds its weights.
        """
        if isinstance(operation, Linear) and operation.of is None and self.written and wires:
            shape = self._walker.shapes[wires[0].at]
            known = shape is not None and shape[-1].letters <= self.written.keys()
            if shape is not None and known and shape[-1].letters and self._runs():
                # made for the sizes that are written: it takes what these give it, and no other
                operation = operation.replaced(of=shape[-1].at(self.written))
        for wire in wires:
            self._decide(operation, self._channelled(wire.at), expects)
        if isinstance(operation, (UnknownLayer, UnknownPad)):
            # What is read behind it goes by sizes of its own, which are free.
            shape = self._walker.shapes[wires[0].at] or ()
            letters = tuple(f"{_BEHIND}{len(self.nodes)}_{axis}" for axis in range(len(shape) - 2))
            operation = Behind(operation, letters)
        return self._append(operation, tuple(wire.at for wire in wires), name, line, of)

    def _runs(self) -> bool:
        """Tell whether the network so far runs at the sizes that are written."""
        opened = any(isinstance(node.operation, Behind) for node in self.nodes)
        return opened or Network(self.nodes).runs(self.written)

    def _append(
        self, operation: Operation, inputs: tuple[int, ...], name: str, line: int, of: str = ""
    ) -> Wire:
        if len(self.nodes) >= MOST_NODES:
            raise LimitError(f"a network may have {MOST_NODES:,} operations")
        free = self._reads_input(operation, inputs)
        if free or not inputs:  # what is only tried takes no name away
            count = self._names[name] = self._names.get(name, 0) + 1
            name = name if count == 1 else f"{name}_{count}"
        fault = self._walker.take(Node(name, operation, inputs, self.source.place(line), of))
        self._free.append(free)  # of what the program catches there is no node
        made = self._walker.shapes[-1]
        if made is not None and not all(map(bounded, made)):
            raise LimitError("the sizes of this network grow too large", f"at {name}")
        if fault is not None and self._walker.faults == [fault]:
            text = self.source.lines[line - 1]
            start = len(text) - len(text.lstrip())
            shown = type(fault)(fault.rule, fault.received, fault.right, text, start)
            self._walker.faults[0] = shown
        return Wire(len(self.nodes) - 1)

    def back(self, count: int, inputs: int) -> None:
        """Go back to where there were so many nodes and inputs."""
        self._walker.back(count)
        del self._free[count:]
        self.inputs = inputs
        self.placeholders = {at for at in self.placeholders if at < count}

    def reads(self, wire: Wire) -> bool:
        """Tell whether a tensor depends on the input, or is it."""
        return self._free[wire.at]

    def works(self, wire: Wire) -> bool:
        """Tell whether something was done to the input to make a tensor."""
        return self.reads(wire) and bool(self.nodes[wire.at].inputs)

    @property
    def ran(self) -> bool:
        """Whether anything was done to the input."""
        return any(self.works(Wire(at)) for at in range(len(self.nodes)))

    def _reads_input(self, operation: Operation, inputs: Sequence[int]) -> bool:
        """Tell whether what an operation gives depends on the input; an input does."""
        return any(self._free[x] for x in inputs) if inputs else not isinstance(operation, Become)

    def _channelled(self, at: int) -> Shape | None:
        """The shape that tells the channels of a tensor.

        Where its sizes have no formula, that of what went into resizes and into what keeps them.
        """
        node = self.nodes[at]
        while self._walker.shapes[at] is None and keeps_channels(node.operation):
            (at,) = node.inputs
            node = self.nodes[at]
        return self._walker.shapes[at]

    def _decide(self, operation: Operation, shape: Shape | None, expects: int | None) -> None:
        """Find out the channels of an input from the first layer that says what it takes."""
        if shape is None or len(shape) < 2:
            return
        if isinstance(operation, Become) and operation.name in _LOOKS_UP:
            self._looked_up(shape)
        dim, wanted, asks = shape[1], expects, False
        if isinstance(operation, Apply):
            kind, channels = operation.layer.row.kind, operation.layer.channels
            if kind.weights:  # one of ours that tells none keeps as many as come in
                wanted, asks = channels.before, kind.per_channel or channels.after is not None
        elif isinstance(operation, UnknownLayer):
            asks = not operation.choice.operation.pooling
        elif isinstance(operation, Linear):
            dim, wanted, asks = shape[-1], operation.of, len(shape) == 2
        if dim.single is None or not dim.single[0].startswith(_CHANNELS):
            return
        letter, size_map = dim.single
        if wanted is not None:
            # as many as are multiplied and added to on the way: x, or x and its kin concatenated
            told = (wanted - int(size_map(0))) * size_map.period // max(size_map.rise, 1)
            self._put(letter, max(told, 1))
        elif asks:
            note = f"no layer tells the channels of the input: {USUAL} were taken"
            least = self._least(letter)
            raise self._taken(letter, least) if least > 1 else Decided(letter, USUAL, note)
        elif isinstance(operation, Apply) and not kind.keeps and dim == Dim.letter(letter):
            least = fewest(operation.layer, operation.over(shape))
            if least > 1:
                raise self._taken(letter, least)

    def _looked_up(self, shape: Sequence[Dim], note: str = "") -> None:
        """Read an input as a row of numbers where what it holds is looked up."""
        for letter in sorted(letter for dim in shape for letter in dim.letters):
            if letter.startswith(_CHANNELS):
                raise Decided(TOKENS + letter.removeprefix(_CHANNELS), 1, note)

    def _taken(self, letter: str, channels: int) -> Decided:
        note = f"no layer tells the channels of the input: {channels} taken"
        return Decided(letter, channels, note)

    def _least(self, letter: str) -> int:
        """The fewest channels that everything takes which asks for them, however many others do."""
        asked = (each for each in self._walker.demands if each.letters == {letter})
        try:
            return SizeSet.common([each.inputs() for each in asked if not each.wish]).first() or 1
        except LimitError:
            return 1

    def _put(self, letter: str, channels: int) -> None:
        """Put a number in the place of the channels of an input."""
        if self._seen or any(node.inputs for node in self.nodes):
            raise Decided(letter, channels)
        self.channels[letter] = channels
        for at, node in enumerate(self.nodes):
            given = node.operation.bind({letter: channels})
            self.nodes[at] = node._replace(operation=given)
            self._walker.shapes[at] = given.shape((), lambda *_: None)

    def network(self, outputs: Sequence[tuple[str, Wire]]) -> Network:
        """The network that gives these tensors, each with its name, or with none."""
        self._walker.settle()
        for each in self.stands.supposed:
            self.note(f"taken as where {each}")
        names, ends = [name for name, _ in outputs], [wire.at for _, wire in outputs]
        kept = self._kept(ends)
        if len(kept) < len(self.nodes):
            return self._without(kept, names, ends)
        for node in self.nodes:
            if isinstance(node.operation, Input):
                if len(node.operation.of) == 2:  # any number of features does: they are steps
                    self._looked_up(node.operation.of, AS_STEPS)
                for letter in {x for dim in node.operation.of for x in dim.letters}:
                    if letter.startswith(_CHANNELS):
                        raise self._taken(letter, self._least(letter))
        if any(isinstance(node.operation, Behind) for node in self.nodes):
            if not self._walker.pieces:
                self._walker.walk()  # raises where a layer cannot be
            return Network(opened(self.nodes), ends, self.notes, self.written, names=names)
        return Network.of(self._walker, ends, self.notes, self.written, names)

    def _kept(self, ends: Sequence[int]) -> list[int]:
        """The nodes that depend on the input, weights, and what goes into them or comes out.

        Of several models those of one alone. Inputs that Keras declares are left out unread.
        """
        free = zip(self._free, self.nodes, strict=True) if self.models < 2 else ()
        ends = [*ends, *(at for at, (x, node) in enumerate(free) if x or is_weight(node))]
        return kept(self.nodes, ends, self.placeholders)

    def _without(self, kept: Sequence[int], names: list[str], ends: list[int]) -> Network:
        """The network of some nodes: what modules were only tried on is no part of it."""
        to = {at: place for place, at in enumerate(kept)}
        build = Build(self.source, self.axes, self.channels, self.decisions, self._inside)
        build.notes, build.written = self.notes, self.written
        for at in kept:
            node = self.nodes[at]
            build.nodes_of(node._replace(inputs=tuple(to[i] for i in node.inputs)))
        return build.network([*zip(names, (Wire(to[at]) for at in ends), strict=True)])

    def nodes_of(self, node: Node) -> None:
        """Take a node as it is."""
        self._free.append(True)
        self._walker.take(node)
