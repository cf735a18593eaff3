"""One run of a model of Keras by its own Python, on tensors that have shapes and no elements.

Their sizes carry formulas. What a layer or an operation gives is told by the rule of its function;
one that has none is gone into where it is the model's own, else it tells its shapes itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any

from solver.errors import LimitError, shorten
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Einsum
from solver.network.graph.operation import Input, Operation, Shape, Unknown
from solver.network.graph.shaping import Permute
from solver.reading.functions.call import (
    UNTOLD,
    Unclear,
    Weight,
    Wire,
    channels_first,
    channels_last,
    leaves,
    listed,
)
from solver.reading.functions.merging import meet
from solver.reading.functions.table import called, plain_name
from solver.reading.live.keras_layers import own, prepared, tells
from solver.reading.paths.decisions import Decisions, Lost, RefusedSizes
from solver.reading.paths.nodes import CallNodes
from solver.reading.paths.recorder import Recorder
from solver.reading.paths.size import Size, size
from solver.reading.paths.trials import Run

#: Arguments of layers that no size depends on.
#: How much larger the sizes are at which an operation is asked again.
_MORE = (37, 101)
_ASIDE = ("training", "mask", "attention_mask", "use_causal_mask", "return_attention_scores")


class KerasRun:
    """Hold one run of a model, at the sizes at which it decides.

    told: whether every shape is told by a rule, so that it holds at all sizes of the path.
    """

    def __init__(self, keras: Any, decisions: Decisions) -> None:
        self.keras, self.to = keras, Recorder(decisions, lambda: False)
        self.last = keras.config.image_data_format() == "channels_last"
        self.told = True
        self._names: dict[str, int] = {}

    def run(self, model: Any, shapes: Mapping[str, Shape], kinds: Sequence[str]) -> Run:
        """What a model makes of inputs of these shapes."""
        lost, refused, outputs, names = "", False, list[int](), list[str]()
        try:
            with self._stood_in():
                given = [
                    self._tensor(Wire(self.to.add(name, Input(shape))), kind)
                    for (name, shape), kind in zip(shapes.items(), kinds, strict=True)
                ]
                found = self.model(model, given)
            for name, each in _named(found, ""):
                outputs.append(self._wire(each).at)
                names.append(name)
        except RefusedSizes:
            refused = True
        except Lost:
            lost = "a decision depends on a size without a formula"
        except LimitError:
            raise
        except Exception as fault:  # whatever a foreign call raises
            lost = shorten(f"{type(fault).__name__}: {fault}".partition("\n")[0], 160)
        whole = None not in (self.to.shapes[:-1] if refused else self.to.shapes)
        return Run(tuple(self.to.nodes), tuple(outputs), tuple(names), refused, lost, whole)

    def model(
        self, model: Any, given: Sequence[Any], words: Mapping[str, Any] | None = None
    ) -> Any:
        """What a model makes, by its graph where it holds one."""
        if hasattr(model, "_run_through_graph"):
            return model._run_through_graph(list(leaves(given)), self._entered)
        if getattr(model, "_functional", None) is not None:
            return self.model(model._functional, given)
        if isinstance(model, self.keras.Sequential):
            (found,) = given
            for each in model.layers:
                found = self._entered(each)(found)
            return found
        return model.call(*given, **(words or {}))

    def _entered(self, op: Any) -> Callable[..., Any]:
        """What is called for a layer of a graph: models are gone into."""
        if not isinstance(op, self.keras.Model):
            return op  # type: ignore[no-any-return]
        return lambda *args, **words: self.model(op, args, words)

    @contextmanager
    def _stood_in(self) -> Iterator[None]:
        """Keras with our own ways to tell what an operation gives, that keep formulas."""
        source = self.keras.src
        kinds = source.layers.Layer, source.ops.operation.Operation
        build, shape = kinds[0]._maybe_build, source.backend.standardize_shape
        run = self

        def symbolic(op: Any, *args: Any, **words: Any) -> Any:
            return run._called(op, args, words)

        def built(op: Any, spec: Any) -> None:
            if op.built or prepared(run.keras, op, None, run.last) is None:
                build(op, spec)

        def kept(given: Any) -> Any:
            if any(isinstance(each, Size) for each in given or ()):
                return tuple(given)
            return shape(given)

        places: list[tuple[Any, str, Any]] = [(kind, "symbolic_call", symbolic) for kind in kinds]
        places += [
            (kinds[0], "_maybe_build", built),
            (source.backend, "standardize_shape", kept),
            (source.layers.layer, "Node", _nothing),
            # what is raised must stay what it is
            (source.utils.traceback_utils, "is_traceback_filtering_enabled", lambda: False),
        ]
        before = [(of, name, getattr(of, name)) for of, name, _ in places]
        try:
            for of, name, value in places:
                setattr(of, name, value)
            yield
        finally:
            for of, name, value in before:
                setattr(of, name, value)

    # Operations

    def _called(self, op: Any, args: Sequence[Any], words: dict[str, Any]) -> Any:
        """What a layer or an operation gives."""
        if isinstance(op, self.keras.Model):
            return self.model(op, args, words)
        wires = [each.wire for each in leaves([args, words]) if hasattr(each, "wire")]
        shape = self.to.shapes[wires[0].at] if wires else None
        made = prepared(self.keras, op, shape, self.last)
        special = getattr(self, f"_on_{type(op).__name__.lower()}", None)
        if special is not None and not own(op):
            return special(op, *args)
        named = isinstance(op, self.keras.Layer)  # others are made, and named, anew in each run
        label = self._label(str(op.name) if named else plain_name(type(op).__name__))
        nodes = CallNodes(self.to, label, label)
        held = sum(prod(map(int, each.shape)) for each in getattr(op, "trainable_weights", ()))
        start = len(self.to.nodes)
        if made is not None:
            meets = made.function.rule is meet and wires
            rank = len(self.to.shapes[wires[0].at] or ()) if meets else 0
            given = [self._known(each, rank) for each in args]
            more = {n: self._known(x) for n, x in words.items() if n not in _ASIDE}
            try:
                found = made.of(nodes, given, more, self.last, held).run()
            except Unclear:
                del self.to.nodes[start:], self.to.shapes[start:]
            else:
                return self._tensors(op, found, args, words)
        if own(op):
            try:
                return op.call(*args, **words)
            except Exception:  # whatever a foreign call raises without values
                if not tells(op):
                    raise
                del self.to.nodes[start:], self.to.shapes[start:]
        self.told = False
        return self._as_it_says(op, args, words, nodes, held)

    def _on_spectralnormalization(self, op: Any, x: Any) -> Any:
        return op.layer(x)

    def _on_einsumdense(self, op: Any, x: Any) -> Any:
        kernel = Weight(tuple(Dim(int(n)) for n in op.kernel.shape))
        held = sum(prod(map(int, each.shape)) for each in op.trainable_weights)
        return self._in_order(
            op,
            x,
            lambda nodes, wire: Wire(
                nodes.put(
                    Einsum(op.equation), [wire.at, nodes.constant(kernel._replace(parameters=held))]
                )
            ),
        )

    def _on_timedistributed(self, op: Any, x: Any) -> Any:
        """What a layer gives of each step."""
        each = op.layer(x[:, 0])
        sizes = [*x.shape[:2], *each.shape[1:]]
        to = tuple(map(_dim, channels_first(sizes, self.last)))
        label = self._label(str(op.name))
        made = Become("time_distributed", to, least=0)
        return self._tensors(op, Wire(self.to.add(label, made, [each.wire.at])), [x], {})

    def _on_getitem(self, op: Any, x: Any, key: Any) -> Any:
        def taken(nodes: CallNodes, wire: Wire) -> Wire:
            call = called(nodes, "getitem", [wire, self._known(key)], {})
            assert call is not None
            return call.found()  # type: ignore[no-any-return]

        return self._in_order(op, x, taken, [key])

    def _in_order(
        self,
        op: Any,
        x: Any,
        make: Callable[[CallNodes, Wire], Wire],
        more: Sequence[Any] = (),
    ) -> Any:
        """What is made of a tensor whose axes are in the order that Keras has them in."""
        label = self._label(str(op.name) if isinstance(op, self.keras.Layer) else "getitem")
        nodes = CallNodes(self.to, label, label)
        there = range(len(self.to.shapes[x.wire.at] or x.shape))
        found = make(nodes, Wire(nodes.put(Permute(channels_last(there, self.last)), [x.wire.at])))
        back = range(len(self.to.shapes[found.at] or ()))
        wire = Wire(nodes.put(Permute(channels_first(back, self.last)), [found.at]))
        return self._tensors(op, wire, [x, *more], {})

    def _as_it_says(
        self, op: Any, args: Sequence[Any], words: Any, nodes: CallNodes, held: int
    ) -> Any:
        """What an operation gives that tells its shapes itself."""
        spec = op.compute_output_spec(*args, **words)
        tensors = [each for each in leaves([args, words]) if hasattr(each, "wire")]
        name = plain_name(type(op).__name__)
        for number, each in enumerate(leaves(spec)):
            shape = self._said(op, args, words, number, each.shape)
            made: Operation = Unknown(name)
            if shape is not None:
                made = Become(name, channels_first(shape, self.last), held, least=0)
            each.wire = Wire(nodes.put(made, [x.wire.at for x in tensors]))
            held = 0
        return spec

    def _said(
        self, op: Any, args: Sequence[Any], words: Any, number: int, sizes: Sequence[int]
    ) -> Shape | None:
        """The shape of an output as an operation tells it, None where it has lost a formula.

        A size without one is a size of the input, or a number, where it is that at other sizes too.
        """
        known = [
            channels_last(shape, self.last)
            for each in leaves([args, words])
            if hasattr(each, "wire") and (shape := self.to.shapes[each.wire.at]) is not None
        ]
        dims = list(dict.fromkeys(dim for shape in known for dim in shape if dim.letters))
        rows = [{}, *({x: n + more for x, n in self.to.decisions.values.items()} for more in _MORE)]
        try:
            told = [self._at(op, args, words, values)[number] for values in rows if values]
        except Exception:  # whatever a foreign call raises at other sizes
            told = []
        found = list[Dim]()
        for axis, n in enumerate(sizes):
            if n is None:
                return None
            if isinstance(n, Size) and n.formula is not None:
                found.append(n.formula)
                continue
            there = [shape[axis] for shape in told if len(shape) == len(sizes)]
            fit = [dim for dim in (*dims, Dim(int(n))) if dim.at(self.to.decisions.values) == n]
            fit = [
                dim
                for dim in fit
                if len(there) == len(_MORE)
                and all(dim.at(values) == at for values, at in zip(rows[1:], there, strict=True))
            ]
            if not fit and dims:
                return None
            found.append(fit[0] if fit else Dim(int(n)))
        return tuple(found)

    def _at(self, op: Any, args: Any, words: Any, values: Mapping[str, int]) -> list[Any]:
        """The shapes that an operation tells at other sizes."""

        def put(value: Any) -> Any:
            if hasattr(value, "wire"):
                shape = self.to.shapes[value.wire.at] or ()
                sizes = [dim.at(values) for dim in channels_last(shape, self.last)]
                return self.keras.KerasTensor(tuple(sizes), dtype=value.dtype)
            if type(value) in (list, tuple):
                return type(value)(map(put, value))
            return value

        made = op.compute_output_spec(*put(tuple(args)), **{n: put(x) for n, x in words.items()})
        return [tuple(each.shape) for each in leaves(made)]

    def _label(self, name: str) -> str:
        count = self._names.get(name, 0)
        self._names[name] = count + 1
        return f"{name}_{count}" if count else name

    # Tensors

    def _known(self, value: Any, rank: int = 0) -> Any:
        """A value as the rules of functions know it; rank: of what a constant meets."""
        if hasattr(value, "wire"):
            return value.wire
        if isinstance(value, Size):
            return UNTOLD if value.formula is None else value.formula
        if isinstance(value, (tuple, list)):
            return tuple(map(self._known, value))
        if isinstance(value, slice):
            return slice(*map(self._known, (value.start, value.stop, value.step)))
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple):  # a constant, or a weight
            whole = (1,) * (rank - len(shape)) + tuple(map(int, shape))
            dims = tuple(map(Dim, channels_first(whole, self.last and rank > 0)))
            learned = isinstance(value, self.keras.Variable) and value.trainable
            return Weight(dims, prod(whole), str(value.path)) if learned else Weight(dims)
        return value

    def _wire(self, value: Any) -> Wire:
        if hasattr(value, "wire"):
            return value.wire  # type: ignore[no-any-return]
        shape = tuple(Dim(int(n)) for n in getattr(value, "shape", ()))
        return Wire(self.to.add("constant", Become("constant", shape, least=0)))

    def _tensors(self, op: Any, found: Any, args: Sequence[Any], words: Any) -> Any:
        """Tensors of Keras for what comes out; sizes for sizes."""
        if listed(found):
            return [self._tensors(op, each, args, words) for each in found]
        if not isinstance(found, Wire):
            return found
        if self.to.shapes[found.at] is None:
            spec = next(leaves(op.compute_output_spec(*args, **words)))
            spec.wire = found
            return spec
        kind = getattr(op, "compute_dtype", None)
        first = next((each for each in leaves([args, words]) if hasattr(each, "wire")), None)
        return self._tensor(found, kind or getattr(first, "dtype", None) or "float32")

    def _tensor(self, wire: Wire, kind: str) -> Any:
        shape = self.to.shapes[wire.at]
        assert shape is not None
        decisions = self.to.decisions
        sizes = [size(dim.at(decisions.values), dim, decisions) for dim in shape]
        made = self.keras.KerasTensor((1,), dtype=kind)
        made._shape, made.wire = channels_last(sizes, self.last), wire
        return made


def _nothing(**_: Any) -> None:
    """Record no call in a layer: models stay as they are."""


def _dim(number: int) -> Dim:
    return number.formula if isinstance(number, Size) and number.formula else Dim(int(number))


def _named(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield the tensors that come out, by their names."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _named(each, f"{name}.{key}".strip("."))
    elif isinstance(value, (tuple, list)):
        for number, each in enumerate(value):
            yield from _named(each, f"{name}.{number}".strip("."))
    else:
        yield name, value
