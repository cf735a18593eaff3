"""Operators of ONNX that run graphs, and functions and lists of tensors."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph.computed import Become
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Shape, Unknown
from solver.network.graph.shaping import Reduce
from solver.reading.functions.call import Weight, Wire
from solver.reading.onnx.elements import of
from solver.reading.onnx.program import Body, KnownTensor, OnnxNode
from solver.reading.onnx.run import OnnxRun, Scope, Tensor
from solver.reading.paths.decisions import RefusedSizes

#: How often a loop is gone through, and how deep graphs stand in each other.
_MOST, _DEEPEST = 64, 20
#: Why nothing is claimed behind an If.
_ONE_REFUSES = "values decide which branch runs, and one of them refuses these sizes"


class OnnxFlow(OnnxRun):
    """Run graphs in graphs."""

    _depth = 0

    def _inner(self, body: Body, scope: Scope, given: Sequence[Any] = ()) -> list[Any]:
        """What a graph makes that stands in a node; it reads what is outside of it too."""
        if self._depth >= _DEEPEST:
            raise LimitError(f"graphs stand in each other at most {_DEEPEST} deep")
        self._depth += 1
        try:
            return self.body(body, scope, given)
        finally:
            self._depth -= 1

    def function(
        self, body: Body, words: Mapping[str, Any], given: Sequence[Tensor | None]
    ) -> Sequence[Tensor]:
        before, self.told = self.told, {**body.defaults, **words}
        try:
            return self._inner(body, {}, given)
        finally:
            self.told = before

    # If

    def _on_if(self, node: OnnxNode, words: Any, given: Any, scope: Scope) -> Any:
        if not {"then_branch", "else_branch"} <= words.keys():
            return None
        found = _number(given[0])
        if found is None:
            return self._either(node, scope)
        branch = node.body("then_branch" if found else "else_branch")
        return self._inner(branch, ChainMap({}, scope))

    def _either(self, node: OnnxNode, scope: Scope) -> list[Tensor]:
        """What both branches give alike, where values decide which one runs.

        Sizes that one of them refuses are a path of their own, of which nothing is claimed.
        """
        bodies = [node.body("then_branch"), node.body("else_branch")]
        both = [self._aside(body, scope) for body in bodies]
        wires = sorted({x.at for body in bodies for x in _reads(body, scope)})
        if both == [None, None]:
            return self._inner(bodies[0], ChainMap({}, scope))
        if None in both:
            lost = Unknown("If", _ONE_REFUSES)
            return [Wire(self.to.add(node.label, lost, wires)) for _ in node.outputs]
        found = list[Tensor]()
        for (shape, one), (like, other) in zip(*both, strict=False):
            alike = shape is not None and shape == like
            if alike and one is not None and one.same(other):
                found.append(one)
                continue
            made = Become("if", shape, least=0) if alike else Unknown("If")
            found.append(Wire(self.to.add(node.label, made, wires)))
        self.assumed[f"{node.label}: values decide which branch runs"] = None
        return found

    def _aside(self, body: Body, scope: Scope) -> list[tuple[Shape | None, Any]] | None:
        """The shapes that a graph makes, and its constants; None where it refuses the sizes.

        What it makes is in no network, and what it demands decides on a path.
        """
        place, constants, before = len(self.to.nodes), {**self.constants}, self.guarded
        self.guarded = True
        try:
            made = self._inner(body, ChainMap({}, scope))
            return [(self.shape(x), x if isinstance(x, KnownTensor) else None) for x in made]
        except (SolverError, RefusedSizes):
            return None
        finally:
            self._back(place, constants)
            self.guarded = before

    def _back(self, place: int, constants: dict[Weight, int]) -> None:
        """Go back to where so many nodes, and these constants, were made."""
        self.to.resume()
        del self.to.nodes[place:], self.to.shapes[place:]
        self.constants = constants

    # Loop and Scan

    def _on_loop(self, node: OnnxNode, words: Any, given: Any, scope: Scope) -> Any:
        if "body" not in words:
            return None
        if given[1] is None:
            given = [given[0], KnownTensor.of(of(True)), *given[2:]]
        body, times = node.body("body"), None if given[0] is None else _number(given[0])
        end = inf if given[0] is None else times
        if type(end) is int or end == inf:
            place, constants = len(self.to.nodes), {**self.constants}
            found = self._unrolled(node, end, body, given, scope)
            if found is not None:
                return found
            self._back(place, constants)
        carried = [*map(_forgotten, given[2:])]
        index = _forgotten(KnownTensor.of(of(0)))
        going, *made = self._inner(body, ChainMap({}, scope), [index, given[1], *carried])
        states, scans = made[: len(carried)], made[len(carried) :]
        found = [
            new if self.shape(old) == self.shape(new) else self.unknown(node, [new])
            for old, new in zip(carried, states, strict=True)
        ]
        always = going is given[1] or bool(_number(going))
        count = given[0].weight.elements[0] if times is not None and always else None
        return [*found, *(self._stacked(node, each, count) for each in scans)]

    def _unrolled(
        self, node: OnnxNode, times: float, body: Body, given: Any, scope: Scope
    ) -> list[Any] | None:
        """What a loop makes that is gone through so many times, or until it says so itself.

        None where values say so, or where it takes too long.
        """
        going, carried = given[1], list(given[2:])
        rows = list[list[Any]]()
        while len(rows) < times:
            known = _number(going)
            if known is None or len(rows) == _MOST:
                return None
            if not known:
                break
            index = KnownTensor.of(of(len(rows)))
            going, *made = self._inner(body, ChainMap({}, scope), [index, going, *carried])
            carried = made[: len(carried)]
            rows.append(made[len(carried) :])
        count = Dim(len(rows))
        scans = [self._stacked(node, each, count) for each in (rows[-1] if rows else ())]
        return [*carried, *scans]

    def _stacked(self, node: OnnxNode, each: Tensor, count: Any, axis: int = 0) -> Tensor:
        """What is made in every step, along an axis of its own."""
        shape, wire = self.shape(each), self.wire(each)
        if shape is None or not isinstance(count, (int, Dim)):
            return self.unknown(node, [wire])
        axis %= len(shape) + 1
        to = (*shape[:axis], Dim(0) + count, *shape[axis:])
        return Wire(self.to.add(node.label, Become(node.op.lower(), to, least=0), [wire.at]))

    def _on_scan(self, node: OnnxNode, words: Mapping[str, Any], given: Any, scope: Scope) -> Any:
        count = words.get("num_scan_inputs")
        if "body" not in words or not isinstance(count, int) or None in given:
            return None  # an older one has batches too
        body, first = node.body("body"), len(given) - count
        axes = words.get("scan_input_axes") or (0,) * count
        steps = None if not axes else self.shape(given[first])
        if steps is None:
            return None
        parts = [
            Wire(self.to.add(node.label, Reduce("step", (axis,), keep=False), [self.wire(x).at]))
            for x, axis in zip(given[first:], axes, strict=True)
        ]
        states = [*map(_forgotten, given[:first])]
        made = self._inner(body, ChainMap({}, scope), [*states, *parts])
        found = [
            new if self.shape(old) == self.shape(new) else self.unknown(node, [new])
            for old, new in zip(states, made[:first], strict=True)
        ]
        to = words.get("scan_output_axes") or (0,) * len(made[first:])
        rows = zip(made[first:], to, strict=True)
        return [*found, *(self._stacked(node, each, steps[axes[0]], axis) for each, axis in rows)]

    # Lists of tensors

    def _on_sequenceempty(self, node: OnnxNode, words: Any, given: Any, scope: Scope) -> Any:
        return [[]]

    def _on_sequenceconstruct(self, node: OnnxNode, words: Any, given: Any, scope: Scope) -> Any:
        return [list(given)]

    def _on_sequenceinsert(self, node: OnnxNode, words: Any, given: Any, scope: Scope) -> Any:
        there, new, *at = given
        place = _number(at[0]) if at else len(there) if isinstance(there, list) else None
        if not isinstance(there, list) or type(place) is not int:
            return None
        return [[*there[:place], new, *there[place:]]]

    def _on_sequenceat(self, node: OnnxNode, words: Any, given: Any, scope: Scope) -> Any:
        there, place = given[0], _number(given[1])
        if not isinstance(there, list) or type(place) is not int:
            return None
        return [there[place]] if -len(there) <= place < len(there) else None

    def _on_sequencelength(self, node: OnnxNode, words: Any, given: Any, scope: Scope) -> Any:
        return [KnownTensor.of(of(len(given[0])))] if isinstance(given[0], list) else None

    def _on_concatfromsequence(
        self, node: OnnxNode, words: Mapping[str, Any], given: Any, scope: Scope
    ) -> Any:
        if not isinstance(given[0], list) or not given[0]:
            return None
        parts, axis = given[0], words["axis"]
        if words.get("new_axis"):
            there = KnownTensor.of(of([axis]))
            parts = [self._applied(node, "Unsqueeze", {}, [each, there])[0] for each in parts]
        return self._applied(node, "Concat", {"axis": axis}, parts)

    def _on_splittosequence(
        self, node: OnnxNode, words: Mapping[str, Any], given: Any, scope: Scope
    ) -> Any:
        shape, axis = self.shape(given[0]), words.get("axis", 0)
        told = given[1] if len(given) > 1 else None
        if shape is None or not -len(shape) <= axis < len(shape):
            return None
        whole = self.sizes(shape)[axis]
        if told is None or self.shape(told) == ():
            each = 1 if told is None else _number(told)
            if type(each) is not int or each < 1:
                return None
            count = -(-int(whole) // each)
            if count > _MOST or count != -(-whole // each):  # each number of parts is a path
                return None
            told = KnownTensor.of(of([each] * (count - 1) + [whole - each * (count - 1)]))
        if not isinstance(told, KnownTensor) or told.elements is None:
            return None
        count = told.elements.array.size
        parts = self._applied(node, "Split", {"axis": axis}, [given[0], told], count)
        if len(given) < 2 and not words.get("keepdims", 1):
            there = KnownTensor.of(of([axis]))
            parts = [self._applied(node, "Squeeze", {}, [each, there])[0] for each in parts]
        return [list(parts)]

    def _applied(
        self, node: OnnxNode, op: str, words: dict[str, Any], given: Sequence[Any], count: int = 1
    ) -> Sequence[Any]:
        """What another operator makes, in the place of a node."""
        return self._made(node.like(op, count), words, given, {})


def _number(value: Any) -> Any:
    """The one element of a constant, None where it is not known."""
    if (
        not isinstance(value, KnownTensor)
        or value.elements is None
        or value.elements.array.size != 1
    ):
        return None
    return value.elements.number


def _forgotten(value: Any) -> Any:
    """A tensor whose elements are others in the next step."""
    if not isinstance(value, KnownTensor):
        return value
    return KnownTensor(Weight(value.weight.shape, value.weight.parameters, value.weight.name))


def _reads(body: Body, scope: Scope) -> list[Wire]:
    """What a graph reads that is outside of it."""
    names = (name for node in body.nodes for name in node.inputs)
    return [x for name in names if isinstance(x := scope.get(name), Wire)]
