"""Read a live model of JAX, if JAX is imported: a module of Flax, or a function that is jitted.

JAX traces it at sizes that carry formulas, without values; what it has traced is the network.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from inspect import signature
from math import prod
from typing import Any

from solver.errors import LimitError, SolverError, shorten
from solver.ground.named import NamedTuple
from solver.network.graph.dim import LETTERS, Dim
from solver.network.graph.operation import Input, Refuse, Shape
from solver.network.graph.walk import Node
from solver.network.network import Network
from solver.reading.live.shapes import Given, shapes_of
from solver.reading.live.tracing.graph import JaxGraph
from solver.reading.live.tracing.nodes import Constant, Laid, Value
from solver.reading.live.tracing.sizes import JaxRun, dims
from solver.reading.paths.decisions import Decisions, Enough, Lost, RefusedSizes
from solver.reading.paths.explore import explore
from solver.reading.paths.joined import joined
from solver.reading.paths.recorder import Recorder
from solver.reading.paths.trials import Run
from solver.sizes.sizemap import SizeMap

#: Arguments that say whether a module of Flax is trained, and what they are where it is not.
_MODES = {"train": False, "training": False, "is_training": False, "deterministic": True}
_NOT_TRAINED = {"deterministic": True, "use_running_average": True}
#: Kinds of elements that an input may have: those of images, and those of tokens.
_KINDS = ("float32", "int32")
#: Sizes at which it is found out which kind an input has.
_TRIED = (64, 224, 32, 8)


class JaxProgram(NamedTuple):
    """Hold a model as a function of what it has learned, what else it holds, and its inputs.

    It gives what comes out, and what is learned where it makes that itself.
    """

    call: Callable[..., tuple[Any, Any]]
    learned: Any
    rest: Any = ()


def read_function(
    model: Any,
    channels: int | None = None,
    axes: int | None = None,
    shape: Given | Sequence[Given] | Mapping[str, Given] | None = None,
) -> Network:
    """The network of a module of Flax, linen or nnx, or of a function under jax.jit.

    channels, axes: of an input with its channels last. shape: instead, as `read_module` takes it,
    in the order of the program. A module of linen that is bound has its weights; without them it
    makes its own, for each size. Raises SolverError where no shape is given.

    >>> read_function(None)
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: the input of a model of JAX must be told
      received: NoneType
      right:    shape=(1, "h", "w", 3), on the command line --shape 1,h,w,3
    """
    if shape is None and (channels is None or axes is None or axes not in LETTERS):
        right = 'shape=(1, "h", "w", 3), on the command line --shape 1,h,w,3'
        raise SolverError("the input of a model of JAX must be told", type(model).__name__, right)
    if shape is None:
        shapes, by_name = {"input": _channels_last(channels or 0, axes or 0)}, False
    else:
        shapes, by_name = shapes_of(shape)
    jax, program = sys.modules["jax"], program_of(model)
    letters = dict.fromkeys(x for each in shapes.values() for dim in each for x in dim.letters)
    trace = JaxTrace(jax, program, tuple(shapes) if by_name else ())
    trace.find_kind(shapes, list(letters))
    return joined(explore(partial(trace.run, shapes), list(letters), True))


def _channels_last(channels: int, axes: int) -> Shape:
    return (Dim(1), *map(Dim.letter, LETTERS[axes]), Dim(channels))


def program_of(model: Any) -> JaxProgram:
    """A model as a function of what it holds and of its inputs."""
    nnx = getattr(sys.modules.get("flax.nnx"), "Module", None)
    linen = getattr(sys.modules.get("flax.linen"), "Module", None)
    if nnx is not None and isinstance(model, nnx):
        return _nnx_program(model)
    if linen is not None and isinstance(model, linen):
        return _linen_program(model)

    def call(_: Any, __: Any, args: Any, words: Any) -> Any:
        return model(*args, **words), ()

    return JaxProgram(call, ())


def _nnx_program(model: Any) -> JaxProgram:
    nnx = sys.modules["flax.nnx"]
    graph, learned, rest = nnx.split(model, nnx.Param, ...)

    def call(learned: Any, rest: Any, args: Any, words: Any) -> Any:
        module = nnx.merge(graph, learned, rest)
        module.set_attributes(**_NOT_TRAINED, raise_if_not_found=False)
        return module(*args, **_mode(module.__call__), **words), ()

    return JaxProgram(call, learned, rest)


def _linen_program(model: Any) -> JaxProgram:
    jax, mode = sys.modules["jax"], _mode(model.__call__)
    if model.scope is not None:
        module, variables = model.unbind()
        rest = {name: each for name, each in variables.items() if name != "params"}

        def bound(learned: Any, rest: Any, args: Any, words: Any) -> Any:
            return module.apply({"params": learned, **rest}, *args, **mode, **words), ()

        return JaxProgram(bound, variables.get("params", {}), rest)

    def call(_: Any, __: Any, args: Any, words: Any) -> Any:
        keys = {name: jax.random.key(0) for name in ("params", "dropout")}
        found, variables = model.init_with_output(keys, *args, **mode, **words)
        return found, variables.get("params", {})

    return JaxProgram(call, ())


def _mode(call: Any) -> dict[str, bool]:
    """The arguments that say that a module is not trained, where they must be given."""
    takes = signature(call).parameters
    return {x: v for x, v in _MODES.items() if x in takes and takes[x].default is takes[x].empty}


class JaxTrace:
    """Trace a program at sizes. names: of inputs that are given by name."""

    def __init__(self, jax: Any, program: JaxProgram, names: Sequence[str]) -> None:
        self.jax, self.program, self.names, self.kind = jax, program, names, _KINDS[0]

    def find_kind(self, shapes: Mapping[str, Shape], letters: Sequence[str]) -> None:
        """Take the first kind of elements that the program accepts at some sizes."""
        for size in _TRIED:
            for kind in _KINDS:
                self.kind = kind
                if self._raised(shapes, dict.fromkeys(letters, size)) is None:
                    return
        self.kind = _KINDS[0]

    def _called(self, learned: Any, rest: Any, given: Sequence[Any]) -> Any:
        if self.names:
            return self.program.call(learned, rest, (), dict(zip(self.names, given, strict=True)))
        return self.program.call(learned, rest, given, {})

    def _given(self, shapes: Mapping[str, Sequence[Any]]) -> list[Any]:
        return [self.jax.ShapeDtypeStruct(tuple(each), self.kind) for each in shapes.values()]

    def _raised(self, shapes: Mapping[str, Shape], values: Mapping[str, int]) -> Exception | None:
        """What the program raises at sizes that are numbers."""
        given = {name: [dim.at(values) for dim in each] for name, each in shapes.items()}
        held = self.program.learned, self.program.rest
        try:
            self.jax.eval_shape(lambda *all: self._called(*all), *held, self._given(given))
        except Exception as fault:  # whatever a foreign program raises
            return fault
        return None

    def run(
        self, shapes: Mapping[str, Shape], decisions: Decisions, inside: Mapping[str, SizeMap]
    ) -> Run:
        """What the program makes of inputs of these shapes."""
        put = {name: tuple(dim.put(inside) for dim in each) for name, each in shapes.items()}
        to, sizes = Recorder(decisions, lambda: False), JaxRun(decisions)
        inputs = [to.add(name, Input(each)) for name, each in put.items()]
        try:
            traced, out = self._traced(put, sizes)
            return self._network(to, inputs, traced, out)
        except RefusedSizes:
            whole = None not in to.shapes[:-1]
            return Run(tuple(to.nodes), (), (), True, whole=whole)
        except Lost:
            lost = "a decision depends on a size without a formula"
        except Enough:
            raise
        except LimitError as fault:
            lost = fault.rule
        except Exception as fault:  # whatever a foreign program raises
            lost = shorten(f"{type(fault).__name__}: {fault}".partition("\n")[0], 160)
            plain = self._raised(put, decisions.values)
            if plain is not None and _place(plain) == _place(fault):
                to.nodes.append(Node(f"refused_{len(to.nodes)}", Refuse(lost), ()))
                return Run(tuple(to.nodes), (), (), True)
        finally:
            sizes.over = True
        return Run(tuple(to.nodes), (), (), False, lost, False)

    def _traced(self, shapes: Mapping[str, Shape], sizes: JaxRun) -> tuple[Any, Any]:
        def traced(array: Any, *held: Any) -> Any:
            sizes.array = array
            return self._called(*held)

        given = self._given(
            {name: [sizes.size(dim) for dim in each] for name, each in shapes.items()}
        )
        held = self.program.learned, self.program.rest
        return self.jax.make_jaxpr(traced, return_shape=True)(0, *held, given)  # type: ignore

    def _network(self, to: Recorder, inputs: Sequence[int], traced: Any, out: Any) -> Run:
        tree = self.jax.tree_util
        jaxpr, (result, made) = traced.jaxpr, out
        given = tree.tree_flatten_with_path(self.program.learned)[0]
        own = tree.tree_flatten_with_path(made)[0]
        count = len(jaxpr.outvars) - len(own)
        vars_of = {
            **dict(zip(jaxpr.outvars[count:], own, strict=True)),
            **dict(zip(jaxpr.invars[1 : 1 + len(given)], given, strict=True)),
        }
        names = {var: _path(path) for var, (path, _) in vars_of.items()}
        learned = {names[var]: prod(each.shape) for var, (_, each) in vars_of.items()}
        graph = JaxGraph(to, learned, names)
        values: list[Value] = [
            Constant(dims(var.aval.shape), frozenset([names[var]] if var in names else []))
            for var in jaxpr.invars[: len(jaxpr.invars) - len(inputs)]
        ]
        for at in inputs:
            shape = to.shapes[at]
            values.append(Laid(at, tuple(range(len(shape or ())))))
        constants = [Constant(dims(var.aval.shape)) for var in jaxpr.constvars]
        found = [graph.wire(x) for x in graph.walk(jaxpr, constants, values)[:count]]
        paths = [_path(path) for path, _ in tree.tree_flatten_with_path(result)[0]]
        outputs = tuple(found)
        return Run(tuple(to.nodes), outputs, tuple(paths))


def _path(keys: Sequence[Any]) -> str:
    """The place of an array in what holds it: keys, numbers and names."""
    names = ("key", "idx", "name")
    words = (getattr(key, name) for key in keys for name in names if hasattr(key, name))
    return ".".join(map(str, words))


def _place(fault: BaseException) -> tuple[Any, ...]:
    """What is raised, and where."""
    last = fault.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    assert last is not None
    return type(fault), last.tb_frame.f_code.co_filename, last.tb_lineno
