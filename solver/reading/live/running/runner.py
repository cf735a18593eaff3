"""One run of a model of PyTorch: every function it calls becomes an operation of the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import LimitError, shorten
from solver.network.graph.operation import Input, Refuse, Shape
from solver.network.graph.walk import Node
from solver.reading.functions.call import Unclear, Wire
from solver.reading.functions.prepared import Prepared
from solver.reading.live.running.book import Book
from solver.reading.live.running.functions import Functions, NotFollowed
from solver.reading.live.running.guarded import guarded
from solver.reading.live.running.kinds import BY_RULE
from solver.reading.live.running.program import leaves_of, outputs, place
from solver.reading.live.running.tensors import Tensors
from solver.reading.paths.decisions import Decisions, Lost, RefusedSizes
from solver.reading.paths.nodes import CallNodes
from solver.reading.paths.recorder import Recorder
from solver.reading.paths.size import bare
from solver.reading.paths.trials import Run


class Runner:
    """Hold one run of a model, at the sizes at which it decides.

    trusting: whether layers give what their rules say, as a run before has shown.
    """

    def __init__(
        self, book: Book, carrier: Any, decisions: Decisions, trusting: bool = False
    ) -> None:
        self.book, self.torch, self.carrier = book, book.torch, carrier
        self.to = Recorder(decisions, guarded)
        self.tensors = Tensors(book, carrier, self.to)
        self.functions = Functions(self.tensors, trusting)
        self._silent = False

    def run(self, shapes: Mapping[str, Shape], by_name: bool) -> Run:
        """What the model makes of inputs of these shapes."""
        try:
            given = {name: self._input(name, shape) for name, shape in shapes.items()}
            with self.book.fresh(self._forward), self.torch.no_grad(), self._mode():
                if by_name:
                    result = self.book.model(**given)
                else:
                    result = self.book.model(*given.values())
        except RefusedSizes:
            return self._ended(refused=True)
        except Lost as fault:
            where, _ = place(fault.__traceback__)
            return self._ended(lost=f"a decision depends on a size without a formula ({where})")
        except NotFollowed as fault:
            return self._ended(lost=str(fault))
        except LimitError as fault:
            return self._ended(lost=fault.rule)
        except Exception as fault:  # whatever a foreign forward raises
            return self._raised(fault)
        self.to.resume()
        found = dict(outputs(result, "", self.carrier))
        if not found:
            return self._ended(lost="no tensor comes out")
        wires = [self.tensors.wire(each).at for each in found.values()]
        whole = None not in self.to.shapes
        return Run(
            tuple(self.to.nodes),
            tuple(wires),
            tuple(found),
            whole=whole,
            assumed=tuple(self.functions.assumed),
        )

    def _input(self, name: str, shape: Shape) -> Any:
        sizes = [dim.at(self.to.decisions.values) for dim in shape]
        wire = Wire(self.to.add(name, Input(shape)))
        return self.carrier.of(self.torch.empty(sizes, device="meta"), wire)

    def _ended(self, refused: bool = False, lost: str = "") -> Run:
        whole = refused and None not in self.to.shapes[:-1]
        return Run(
            tuple(self.to.nodes), (), (), refused, lost, whole, tuple(self.functions.assumed)
        )

    def _raised(self, fault: Exception) -> Run:
        """A refusal of the program's own, else where and why it is not followed."""
        where, raises = place(fault.__traceback__)
        message = shorten(f"{type(fault).__name__}: {fault}".partition("\n")[0], 160)
        if raises:
            self.to.nodes.append(Node(f"refused_{len(self.to.nodes)}", Refuse(message), (), where))
            self.to.shapes.append(None)
            return self._ended(refused=True)
        return self._ended(lost=f"{message} ({where})")

    def _mode(self) -> Any:
        runner = self

        class Mode(self.torch.overrides.TorchFunctionMode):  # type: ignore[name-defined,misc]
            """Hand every function of PyTorch to the run."""

            def __torch_function__(
                self, func: Any, types: Any, args: Any = (), kwargs: Any = None
            ) -> Any:
                words = kwargs or {}
                if runner._silent:
                    return runner.functions.real.inside(func, args, words)
                return runner.functions.function(func, args, words)

        return Mode()

    def _forward(self, module: Any) -> Any:
        own = type(module).forward

        def forward(*args: Any, **words: Any) -> Any:
            carriers = [x for x in leaves_of([args, words]) if isinstance(x, self.carrier)]
            made = None if self._silent or not carriers else self.book.layer(module)
            if made is None:
                return own(module, *args, **words)
            return self._layer(module, made, own, args, words)

        return forward

    def _layer(
        self, module: Any, made: Prepared, own: Any, args: Sequence[Any], words: dict[str, Any]
    ) -> Any:
        if made.name == "embedding":
            self.functions.look_up(args[0], module.num_embeddings)
        start, path = len(self.to.nodes), self.book.path(module) or made.name
        nodes = CallNodes(self.to, path, path)
        weights = list(module.parameters())
        held = sum(int(each.numel()) for each in weights)
        try:
            given, named = map(self.tensors.known, (args, words))
            found = made.of(nodes, given, named, held=held).run()
        except Unclear:
            return own(module, *args, **words)
        dtype = next((x.dtype for x in leaves_of(list(args)) if isinstance(x, self.carrier)), None)
        if made.name in BY_RULE or (self.functions.trusting and self.tensors.told(found)):
            real = self.tensors.by_rule(found, made.name, dtype)
        else:
            try:
                own = self._silenced(own, module)
                real = self.functions.really(own, made.name, args, words, found)
            except Exception as fault:  # whatever PyTorch raises where there are no values
                raise self.functions.lost(f"{path}: {shorten(str(fault), 120)}") from None
        self.functions.counted.count(start, weights)
        return self.tensors.paired(found, real)

    def _silenced(self, own: Any, module: Any) -> Any:
        def forward(*args: Any, **words: Any) -> Any:
            words.pop("device", None)
            self._silent = True
            try:
                return own(module, *_numbers(args), **_numbers(words))
            finally:
                self._silent = False

        return forward


def _numbers(value: Any) -> Any:
    """Arguments without formulas: what a layer decides by them is its rule's."""
    if isinstance(value, dict):
        return {name: _numbers(each) for name, each in value.items()}
    return type(value)(map(_numbers, value)) if isinstance(value, (tuple, list)) else bare(value)
