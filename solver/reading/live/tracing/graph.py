"""What JAX has traced as operations of a network: each equation by its primitive.

Every array of JAX has its shape already, in formulas; an operation says what it reads on the way
to it. One that has none here, or comes to another shape, becomes that shape, and nothing is known
of what it reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Shape
from solver.network.graph.slicing import Slice
from solver.reading.live.tracing.nodes import (
    Constant,
    JaxNodes,
    Laid,
    TracedEquation,
    Value,
    end_of,
)
from solver.reading.live.tracing.rules import EACH, rule_of
from solver.reading.live.tracing.sizes import dims
from solver.reading.paths.recorder import Recorder


class JaxGraph(JaxNodes):
    """Make the operations of a traced program.

    names: of variables that are arrays which are learned.
    """

    def __init__(self, to: Recorder, learned: Mapping[str, int], names: Mapping[Any, str]) -> None:
        super().__init__(to, learned)
        self.names, self._unknown = names, 0

    def walk(
        self, jaxpr: Any, constants: Sequence[Value], given: Sequence[Value], label: str = ""
    ) -> list[Value]:
        """What a traced program makes of arrays. label: of those that have no name of their own."""
        held: dict[Any, Value] = {}
        held.update(zip(jaxpr.constvars, constants, strict=True))
        held.update(zip(jaxpr.invars, given, strict=True))

        def value(var: Any) -> Value:
            return Constant(dims(var.aval.shape)) if hasattr(var, "val") else held[var]

        for equation in jaxpr.eqns:
            there = [value(var) for var in equation.invars]
            shapes = [dims(getattr(var.aval, "shape", ())) for var in equation.outvars]
            named = _label(equation) or label
            if any(isinstance(each, Laid) for each in there):
                made = self._made(equation, there, shapes, named)
            else:
                made = self._constants(equation, there, shapes)
            held.update(
                zip(equation.outvars, map(self._named, equation.outvars, made), strict=True)
            )
        return [value(var) for var in jaxpr.outvars]

    def _named(self, var: Any, value: Value) -> Value:
        """An array that is learned under a name of its own."""
        if var in self.names and isinstance(value, Constant):
            return value._replace(learned=frozenset([self.names[var]]))
        return value

    # Equations

    def _constants(
        self, equation: Any, given: Sequence[Value], shapes: Sequence[Shape]
    ) -> list[Value]:
        inner = _inner(equation)
        if inner is not None and len(inner.jaxpr.invars) == len(given):
            return self.walk(inner.jaxpr, [*map(_known, inner.consts)], given)
        learned = frozenset[str]().union(*(x.learned for x in given if isinstance(x, Constant)))
        return [Constant(shape, learned) for shape in shapes]

    def _made(
        self, equation: Any, given: list[Value], shapes: Sequence[Shape], label: str
    ) -> list[Value]:
        """What an equation makes, of which some input depends on that of the program."""
        inner = _inner(equation)
        if inner is not None and len(inner.jaxpr.invars) == len(given):
            return self._inside(equation, inner, given, shapes, label)
        name = str(equation.primitive.name)
        if name == "split":
            return self._parts(equation.params, given[0], shapes, label)
        made = None
        if len(shapes) == 1:
            made = self._one(name, equation, given, shapes[0], label)
        return [made] if made is not None else self._become(name, given, shapes, label)

    def _inside(
        self, equation: Any, inner: Any, given: list[Value], shapes: Sequence[Shape], label: str
    ) -> list[Value]:
        """What a call makes: one of JAX's own is one operation where it is not followed."""
        name = str(equation.params.get("name") or equation.primitive.name)
        depends = [each for each in given if isinstance(each, Laid)]
        if len(depends) == len(shapes) == 1 and _pointwise(inner.jaxpr):
            (one,) = depends
            if self.shape(one) == shapes[0]:
                return [self.each(_title(name, inner), one, given, label)]
        before, unknown = self.place(), self._unknown
        found = self.walk(inner.jaxpr, [*map(_known, inner.consts)], given, label)
        if name.startswith("_") and self._unknown > unknown:
            self.back(before)
            return self._become(name.strip("_"), given, shapes, label)
        return found

    def _one(
        self, name: str, equation: Any, given: list[Value], shape: Shape, label: str
    ) -> Value | None:
        """What an equation of one output makes by a rule, None where there is none for it."""
        before, rule = self.place(), rule_of(name)
        if rule is None:
            return None
        try:
            made = rule(self, TracedEquation(name, equation.params, given, shape, label))
        except (SolverError, ValueError, TypeError, KeyError):
            made = None
        if made is not None and self.shape(made) == shape:
            return made
        self.back(before)
        return None

    def _become(
        self, name: str, given: Sequence[Value], shapes: Sequence[Shape], label: str
    ) -> list[Value]:
        self._unknown += 1
        inputs = [each.at for each in given if isinstance(each, Laid)]
        made = (Become(name, shape, least=0) for shape in shapes)
        return [self.put(each, inputs, label or name, (), given) for each in made]

    def _parts(self, params: Any, x: Value, shapes: Sequence[Shape], label: str) -> list[Value]:
        axis, start = params["axis"], Dim(0)
        found = list[Value]()
        for shape in shapes:
            end = start + shape[axis]
            cut = Slice(axis, end_of(start), end_of(end), inside=True)
            found.append(self.put(cut, [self.wire(x)], label or "split"))
            start = end
        return found


def _label(equation: Any) -> str:
    """The path of the module that an equation stands in, without the model's own name."""
    return str(equation.source_info.name_stack).partition("/")[2]


def _inner(equation: Any) -> Any:
    """The program that an equation calls once, with its constants; None of any other."""
    if equation.primitive.name in ("scan", "while", "cond"):
        return None
    for name in ("jaxpr", "call_jaxpr", "fun_jaxpr"):
        found = equation.params.get(name)
        if hasattr(found, "jaxpr") and hasattr(found, "consts"):
            return found
        if hasattr(found, "eqns"):
            return _Closed(found)
    return None


class _Closed(NamedTuple):
    jaxpr: Any
    consts: tuple[Any, ...] = ()


def _known(value: Any) -> Constant:
    return Constant(dims(getattr(value, "shape", ())))


def _pointwise(jaxpr: Any) -> bool:
    """Tell whether a program computes each element by itself."""
    return all(
        _pointwise(inner.jaxpr)
        if (inner := _inner(equation)) is not None
        else equation.primitive.name in EACH
        for equation in jaxpr.eqns
    )


def _title(name: str, inner: Any) -> str:
    """What a call is called: that of a function with a derivative of its own, by what it calls."""
    if name.startswith("custom_") and inner.jaxpr.eqns:
        first = inner.jaxpr.eqns[0]
        return str(first.params.get("name") or first.primitive.name)
    return name
