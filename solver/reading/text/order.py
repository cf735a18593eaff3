"""Put the modules of a printout in order. A printout shows no data flow, so some is assumed.

Modules follow each other as they are printed; blocks that are known by their names branch, and
where the channels do not fit, they tell what was concatenated in front of a layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from solver.errors import LimitError, SolverError
from solver.layers.layer import Layer
from solver.network.graph.merging import Concat, CropLike, Elementwise
from solver.network.graph.operation import Apply, Operation, Shape, Unknown
from solver.network.graph.shaping import Flatten, GlobalPool, Permute, Unsqueeze
from solver.network.graph.validity import claimed
from solver.network.network import Network
from solver.reading.functions.call import Unclear, Wire
from solver.reading.functions.prepared import Prepared
from solver.reading.functions.table import prepared
from solver.reading.functions.windows import shown
from solver.reading.text import blocks
from solver.reading.text.building import Build
from solver.reading.text.nodes import TextNodes
from solver.reading.text.printout import Module, arguments

MOST_STEPS = 50_000
_LAZY = ("in_features", 0)


def arrange(root: Module, build: Build) -> Network:
    """The network of a printout. Raises SolverError where the channels do not fit.

    >>> from solver.reading.text import read
    >>> net = read('''Block(
    ...   (conv): Conv2d(8, 16, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
    ...   (downsample): Conv2d(8, 16, kernel_size=(1, 1), stride=(2, 2))
    ... )''')
    >>> [node.operation.title.partition("(")[0] for node in net.nodes]
    ['input', 'Conv2d', 'Conv2d', 'add']
    >>> net.notes[0]
    'a printout shows no data flow: modules are taken in the order in which they are printed'
    """
    build.note(
        "a printout shows no data flow: modules are taken in the order in which they are printed"
    )
    order = PrintoutOrder(build)
    last = order.run(root, build.input("input", root.line), "")
    made = build.network([("", wire) for wire in (*order.heads, last)])
    if not _certain(root):
        _possible(made)
    return made


def _certain(module: Module) -> bool:
    """Tell whether modules follow each other as they are printed."""
    return module.leaf or (module.kind == "Sequential" and all(map(_certain, module.children)))


def _possible(network: Network) -> None:
    """Raise LimitError where a network runs at no size: its order was only assumed."""
    try:
        along = (claimed(network, letter).main.held for letter in network.letters)
        runs, fault = all(along), None
    except LimitError:
        return
    except SolverError as found:
        runs, fault = False, found
    if not runs:
        rule = "in the order of the printout it runs at no size, and the order is assumed"
        received = f"{fault.rule}: {fault.received}" if fault else None
        raise LimitError(rule, received, "the code, with its forward")


#: Layers of PyTorch that may round up and do not print whether they do.
_CEILED = ("AvgPool1d", "AvgPool2d", "AvgPool3d")


class PrintoutOrder:
    """Run a tensor through modules."""

    def __init__(self, build: Build) -> None:
        self.build = build
        self._steps = MOST_STEPS
        #: Whether this is inside a block that pads what goes up to the sizes of its skip.
        self._pads = False
        #: What comes out beside the last tensor.
        self.heads: list[Wire] = []
        #: Tensors from which a layer goes down, and which a decoder may concatenate later.
        self._skips: list[Wire] = []

    def run(self, module: Module, wire: Wire, path: str) -> Wire:
        """What a module makes of a tensor. path: its own, from the root."""
        self._steps -= 1
        if self._steps < 0:
            raise LimitError(f"a printout may have {MOST_STEPS:,} modules")
        if module.kind.startswith("Parametrized"):
            return self._leaf(module, module.kind.removeprefix("Parametrized"), wire, path)
        if module.leaf:
            return self._leaf(module, module.kind, wire, path)
        kind = module.kind.lower()
        if "attention" in kind and not kind.startswith(("channel", "spatial")):
            return self.add(Unknown(module.kind[:80]), [wire], path, module)
        children: list[Module] = []
        for child in module.children:
            if not blocks.is_auxiliary(child):
                children.append(child)
                continue
            self.build.note(f"{child.name} is left out: it is used in training", child.line)
        if module.kind == "ModuleList" and self._beside_each_other(children, wire):
            self.build.note(f"{path}: these take one tensor, and are concatenated", module.line)
            ends = [self.run(child, wire, _joined(path, child.name)) for child in children]
            return self.add(Concat(), ends, f"{path}.concat", module)
        before, self._pads = self._pads, self._pads or module.kind == "Up"
        found = self._follow(blocks.plan(module, children), module, wire, path)
        self._pads = before
        return found

    def _beside_each_other(self, children: Sequence[Module], wire: Wire) -> bool:
        """Tell whether modules take one tensor each: its channels, which they do not give back."""
        shape = self.build.shape(wire)
        if shape is None or len(children) < 2:
            return False
        ends = [blocks.channels(child) for child in children]
        taken = {first for first, _ in ends}
        given = {last for _, last in ends}
        return len(taken) == 1 and taken == {shape[1].number} and not taken & given

    def _follow(self, plan: blocks.Plan, module: Module, wire: Wire, path: str) -> Wire:
        """Run a tensor through the parts of a block, and bring its branches together."""
        found = wire
        if plan.pools_first:
            found = self.add(GlobalPool(), [found], f"{path}.pool", module)
        found = self.series(plan.trunk, found, path)
        if plan.branches:
            if plan.meets == "concat":
                self.build.note(f"{module.kind}: branches are told by their names", module.line)
            ends = [self.series(branch, found, path) for branch in plan.branches]
            if plan.pool is not None:
                pooled = prepared("MaxPool2d", plan.pool, {})
                ends.append(self._called(pooled, found, f"{path}.pool", module))
            found = self.add(Concat(), ends, f"{path}.concat", module)
        if plan.besides is not None:
            self.build.note(f"{plan.besides.name} is a branch beside the others", plan.besides.line)
            other = self.run(plan.besides, wire, _joined(path, plan.besides.name))
            return self.add(Elementwise("add"), [found, other], f"{path}.add", module)
        if plan.meets == "append":
            return self.add(Concat(), [wire, found], f"{path}.concat", module)
        one, two = self.build.shape(wire), self.build.shape(found)
        if plan.meets == "multiply" and one is not None and two is not None:
            if len(two) == 2:
                found = self.add(Unsqueeze(tuple(range(2, len(one)))), [found], path, module)
            return self.add(Elementwise("multiply"), [wire, found], f"{path}.multiply", module)
        if plan.meets == "add" and one is not None and one == two:
            self.build.note(f"{module.kind}: what goes in is added to what comes out")
            return self.add(Elementwise("add"), [found, wire], f"{path}.add", module)
        return found

    def series(self, modules: Sequence[Module], wire: Wire, path: str) -> Wire:
        """What modules make of a tensor, one after the other, but for those side by side."""
        taken, before = wire, None
        for module in modules:
            wanted = blocks.width(module)
            if wanted is not None and wanted == before and not self._has(wire, wanted):
                rule = f"{module.name} is taken to stand beside what is printed before it"
                self.build.note(f"{rule}: it takes as much, and not what that gives", module.line)
                self.heads.append(wire)
                wire = taken
            taken, before = wire, wanted
            wire = self.run(module, wire, _joined(path, module.name))
        return wire

    def _has(self, wire: Wire, wanted: int) -> bool:
        """Whether a tensor may have so many channels or features."""
        shape = self.build.shape(wire)
        return shape is None or wanted in (shape[1].number, shape[-1].number)

    def add(self, operation: Operation, wires: list[Wire], path: str, module: Module) -> Wire:
        """Add a node, which is named by its path."""
        name = path.strip(".") or module.kind.lower()
        return self.build.add(operation, wires, name, module.line)

    # Single layers

    def _leaf(self, module: Module, kind: str, wire: Wire, path: str) -> Wire:
        shape = self.build.shape(wire)
        if kind in blocks.CONTAINERS and not module.text:
            return wire
        if kind == "Permute" and not module.text and shape is not None:
            last = shape[1].number is None
            return self.add(_moved(shape, not last), [wire], path, module)
        if module.arguments() is None:
            self.build.note(f"{kind}: its arguments are not understood", module.line)
            return self.add(Unknown(kind[:80]), [wire], path, module)
        if kind in _CEILED and "ceil_mode" not in module.text:
            self.build.note(f"{kind}: ceil_mode is not printed, and taken as False")
        try:
            made = _made(kind, module.text)
        except LimitError:
            raise
        except (SolverError, OverflowError, TypeError, ValueError, ArithmeticError) as fault:
            if not module.text:
                self.build.note(f"{kind}: its arguments are not printed", module.line)
                return self._called(None, wire, path, module)
            rule = getattr(fault, "rule", "these arguments are not understood")
            raise self._fault(module, rule, getattr(fault, "received", None)) from None
        if made is None:
            self.build.note(f"{kind} is not understood", module.line)
        if made is not None and shape is not None:
            wire = self._fitted(made, module, wire, shape, path)
        found = self._called(made, wire, path, module)
        self._remember(wire, found)
        return found

    def _called(self, made: Prepared | None, given: Wire, path: str, module: Module) -> Wire:
        """Add what a layer makes of a tensor."""
        name = path.strip(".") or module.kind.lower()
        if made is None:
            return self.build.add(Unknown(module.kind[:80]), [given], name, module.line)
        call = made.of(TextNodes(self.build, name, module.line, made.features), [given], {})
        try:
            found = call.run()
        except Unclear as fault:
            if fault.rule:
                rule = f"{module.kind}: {fault.rule}"
                raise self._fault(module, rule, shown(fault.received)) from None
            found = call.unknown()
        except SolverError as fault:
            if fault.text is not None:
                raise
            raise self._fault(module, fault.rule, fault.received) from None
        wire: Wire = found[0] if isinstance(found, tuple) else found
        return wire

    def _fitted(
        self,
        made: Prepared,
        module: Module,
        wire: Wire,
        shape: Shape,
        path: str,
    ) -> Wire:
        """What goes into a layer: a tensor brought to what the layer says it takes."""
        if made.linear:
            return self._flat(made.features, module, wire, shape, path)
        if module.kind == "LayerNorm" and len(shape) > 2:
            args, _ = module.arguments() or ((), {})
            wanted = args[0][-1] if args and isinstance(args[0], tuple) else None
            if wanted is not None and shape[-1].number != wanted == shape[1].number:
                self.build.note("the channels are moved to the end", module.line)
                return self.add(_moved(shape, True), [wire], f"{path}.permute", module)
        wanted = _wanted(made.layer)
        if wanted is None or shape[1].number in (None, wanted):
            return wire
        return self._channels(wanted, module, wire, shape, path)

    def _channels(self, wanted: int, module: Module, wire: Wire, shape: Shape, path: str) -> Wire:
        """A tensor of the wanted channels: moved to their place, or a skip beside it."""
        if len(shape) > 2 and shape[-1].number == wanted:
            self.build.note("the channels are moved to their place", module.line)
            return self.add(_moved(shape, False), [wire], f"{path}.permute", module)
        have = shape[1].number
        for skip in reversed(self._skips):
            other = self.build.shape(skip)
            if have is None or other is None or other[1].number != wanted - have:
                continue
            if len(other) == len(shape) and _rate(other) == _rate(shape):
                self._skips.remove(skip)
                name = self.build.nodes[skip.at].name
                self.build.note(f"{name} is concatenated: the channels tell", module.line)
                if self._pads and other[2:] != shape[2:]:
                    self.build.note("what goes up is padded to fit, as blocks Up do", module.line)
                    wire = self.add(CropLike(pads=True), [wire, skip], f"{path}.pad", module)
                return self.add(Concat(), [skip, wire], f"{path}.concat", module)
        rule = "in the order of the printout the channels do not fit"
        received = f"{have} channels for in_channels {wanted}"
        raise self._fault(module, rule, received, "the code, with its forward")

    def _flat(
        self, features: int | None, module: Module, wire: Wire, shape: Shape, path: str
    ) -> Wire:
        """What a linear layer takes: printouts do not show pooling and flattening before."""
        if len(shape) <= 2 or features in (None, shape[-1].number):
            return wire
        if shape[1].number == features and len(shape) == 3 and shape[2].number != 1:
            self.build.note("the channels are moved to the end", module.line)
            return self.add(_moved(shape, True), [wire], f"{path}.permute", module)
        if shape[1].number == features and any(dim.number != 1 for dim in shape[2:]):
            self.build.note("a global pooling is put in front of the linear layer", module.line)
            return self.add(GlobalPool(False), [wire], f"{path}.pool", module)
        self.build.note("a flatten is put in front of the linear layer", module.line)
        return self.add(Flatten(), [wire], f"{path}.flatten", module)

    def _remember(self, wire: Wire, found: Wire) -> None:
        """Keep the tensor in front of a layer that goes down."""
        before, after = self.build.shape(wire), self.build.shape(found)
        if before is None or after is None or len(self._skips) > 100:
            return
        if not isinstance(self.build.nodes[found.at].operation, Apply):
            return
        down = after[2:] != before[2:] and _rate(after) < _rate(before)
        if down and wire not in self._skips:
            self._skips.append(wire)

    def _fault(
        self, module: Module, rule: str, received: str | None, right: str | None = None
    ) -> SolverError:
        line = self.build.source.lines[module.line - 1]
        at = len(line) - len(line.lstrip())
        return self.build.source.fault(module.line, rule, at, received, right)


@lru_cache(4096)
def _made(kind: str, text: str) -> Prepared | None:
    """The layer of a kind with the arguments that are printed; printouts repeat most of them."""
    args, words = arguments(text) or ((), {})
    if kind.startswith("Lazy"):  # the channels that it does not know yet
        args = args[1:] if args[:1] == (0,) else args
        words = {name: value for name, value in words.items() if (name, value) != _LAZY}
    return prepared(kind, args, words)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _moved(shape: Shape, to_end: bool) -> Permute:
    """The operation that moves the channels to the end, or back."""
    rank = len(shape)
    return Permute((0, *range(2, rank), 1) if to_end else (0, rank - 1, *range(1, rank - 1)))


def _wanted(layer: object) -> int | None:
    """The channels that a convolution says it takes."""
    if not isinstance(layer, Layer) or layer.row.kind.weights is None:
        return None
    return layer.channels.before


def _rate(shape: Shape) -> list[Fraction]:
    """How fast each size grows with its letter."""
    return [
        Fraction(dim.single[1].rise, dim.single[1].period) if dim.single else Fraction(0)
        for dim in shape[2:]
    ]
