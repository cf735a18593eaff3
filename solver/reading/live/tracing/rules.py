"""What primitives of JAX are: operations that say what they read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from solver.frameworks import layer
from solver.network.graph.along import PadBy
from solver.network.graph.dim import Dim
from solver.network.graph.merging import Concat, Einsum, Elementwise, Expand
from solver.network.graph.operation import Apply
from solver.network.graph.shaping import Linear, Reduce, Reshape
from solver.network.graph.slicing import Slice
from solver.reading.live.tracing.nodes import (
    Constant,
    JaxNodes,
    Laid,
    TracedEquation,
    Value,
    end_of,
)
from solver.reading.live.tracing.sizes import JaxSize, dims
from solver.reading.paths.extreme import extreme
from solver.reading.paths.size import Size, size

#: Primitives that compute each element by itself.
_EACH = """
    abs acos acosh add and asin asinh atan atan2 atanh bessel_i0e bessel_i1e
    bitcast_convert_type cbrt ceil clamp complex conj convert_element_type copy copy_p cos cosh
    digamma div eq erf erf_inv erfc exp exp2 expm1 floor ge gt imag integer_pow is_finite le
    lgamma log log1p logistic lt max min mul ne neg nextafter not optimization_barrier or
    polygamma population_count pow real reduce_precision regularized_incomplete_beta rem round
    rsqrt select_n shift_left shift_right_arithmetic shift_right_logical sign sin sinh sqrt
    square stop_gradient sub tan tanh xor
"""
EACH = frozenset(_EACH.split())
#: The letters of an einsum.
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _elementwise(graph: JaxNodes, e: TracedEquation) -> Value | None:
    depends = [each for each in e.given if isinstance(each, Laid)]
    if len(depends) == 1 and graph.shape(depends[0]) == e.shape:
        return graph.each(e.name, depends[0], e.given, e.label)
    order = depends[0].order
    if any(each.order != order for each in depends):
        order = tuple(range(len(e.shape)))
        wires = [graph.wire(each) for each in depends]
    else:
        wires = [each.at for each in depends]
    shapes = [shape for each in depends if (shape := graph.shape(each))]
    wide = all(any(s[i] == dim for s in shapes) for i, dim in enumerate(e.shape))
    if not wide:  # what does not depend on the input makes it larger
        order = tuple(range(len(e.shape)))
        wires = [graph.wire(each) for each in e.given if graph.shape(each)]
    return graph.put(Elementwise(e.name), wires, e.title, order, e.given)


def _reshape(graph: JaxNodes, e: TracedEquation) -> Value:
    return graph.put(Reshape(e.shape), [graph.wire(e.given[0])], e.title)


def _transpose(graph: JaxNodes, e: TracedEquation) -> Value:
    (x,) = e.given
    assert isinstance(x, Laid)
    return Laid(x.at, tuple(x.order[axis] for axis in e.params["permutation"]))


def _broadcast(graph: JaxNodes, e: TracedEquation) -> Value | None:
    x, shape = e.given[0], graph.shape(e.given[0])
    places = e.params["broadcast_dimensions"]
    if not isinstance(x, Laid) or shape is None:
        return None
    put = dict(zip(places, shape, strict=True))
    found = graph.put(
        Reshape(tuple(put.get(axis, Dim(1)) for axis in range(len(e.shape)))),
        [graph.wire(x)],
        e.title,
    )
    if graph.shape(found) == e.shape:
        return found
    return graph.put(Expand(e.shape), [found.at], e.title)


def _reduced(graph: JaxNodes, e: TracedEquation) -> Value:
    x = e.given[0]
    assert isinstance(x, Laid)
    gone = {x.order[axis] for axis in e.params["axes"]}
    kept = [axis for axis in x.order if axis not in gone]
    order = [sorted(kept).index(axis) for axis in kept]
    name = e.name.removeprefix("reduce_")
    return graph.put(Reduce(name, tuple(sorted(gone)), False), [x.at], e.title, order)


def _concatenated(graph: JaxNodes, e: TracedEquation) -> Value:
    axis, first = e.params["dimension"], next(x for x in e.given if isinstance(x, Laid))
    if all(isinstance(x, Laid) and x.order == first.order for x in e.given):
        wires = [x.at for x in e.given if isinstance(x, Laid)]
        return graph.put(Concat(first.order[axis]), wires, e.title, first.order)
    return graph.put(Concat(axis), [graph.wire(x) for x in e.given], e.title)


def _sliced(graph: JaxNodes, e: TracedEquation) -> Value | None:
    x, params, whole = e.given[0], e.params, graph.shape(e.given[0])
    assert isinstance(x, Laid)
    assert whole is not None
    starts, ends = dims(params["start_indices"]), dims(params["limit_indices"])
    steps = params["strides"] or (1,) * len(starts)
    for axis, (start, end, step) in enumerate(zip(starts, ends, steps, strict=True)):
        if isinstance(step, JaxSize):
            return None
        if start.number != 0 or end != whole[axis] or step != 1:
            stop = None if end == whole[axis] else end_of(end)
            cut = Slice(x.order[axis], end_of(start), stop, step)
            x = graph.put(cut, [x.at], e.title, x.order)
    return x


def _padded(graph: JaxNodes, e: TracedEquation) -> Value | None:
    x = e.given[0]
    assert isinstance(x, Laid)
    config = e.params["padding_config"]
    if any(interior != 0 for _, _, interior in config):
        return None
    ends = [dims(each[:2]) for each in config]
    placed = dict(zip(x.order, ends, strict=True))
    return graph.put(
        PadBy(tuple((placed[axis][0], placed[axis][1]) for axis in sorted(placed))),
        [x.at],
        e.title,
        x.order,
    )


def _product(graph: JaxNodes, e: TracedEquation) -> Value | None:
    """Read dot_general: batches, what the first has alone, what the second has alone."""
    one, other = e.given
    (sums, also), (batches, there) = e.params["dimension_numbers"]
    shapes = [graph.shape(one), graph.shape(other)]
    if shapes[0] is None or shapes[1] is None:
        return None
    ranks = [len(shape) for shape in shapes if shape is not None]
    if (
        isinstance(other, Constant)
        and ranks[1] == 2
        and (tuple(sums), *also) == ((ranks[0] - 1,), 0)
    ):
        rows, columns = (dim.number for dim in shapes[1])
        if rows is not None and columns is not None and not batches:
            return graph.put(Linear(columns, rows), [graph.wire(one)], e.title, (), [other])
    free = iter(_LETTERS)
    left, right = ["" for _ in range(ranks[0])], ["" for _ in range(ranks[1])]
    for a, b in (*zip(batches, there, strict=True), *zip(sums, also, strict=True)):
        left[a] = right[b] = next(free)
    left = [x or next(free) for x in left]
    right = [x or next(free) for x in right]
    own = [x for i, x in enumerate(left) if i not in (*batches, *sums)]
    rest = [x for i, x in enumerate(right) if i not in (*there, *also)]
    out = [left[i] for i in batches] + own + rest
    equation = f"{''.join(left)},{''.join(right)}->{''.join(out)}"
    return graph.put(Einsum(equation), [graph.wire(one), graph.wire(other)], e.title)


def _convolved(graph: JaxNodes, e: TracedEquation) -> Value | None:
    x, kernel = e.given
    shape = graph.shape(kernel)
    numbers = e.params["dimension_numbers"]
    if not isinstance(x, Laid) or shape is None or e.params["batch_group_count"] != 1:
        return None
    sizes = [shape[axis].number for axis in numbers.rhs_spec]
    if None in sizes or not isinstance(kernel, Constant):
        return None
    kernels, groups = tuple(sizes[2:]), e.params["feature_group_count"]
    strides, spread = tuple(e.params["window_strides"]), tuple(e.params["rhs_dilation"])
    at = graph.laid(x, numbers.lhs_spec, e.title)
    spans = [d * (k - 1) + 1 for d, k in zip(spread, kernels, strict=True)]
    at, padding = _ends(graph, e, at, e.params["padding"], spans, strides)
    made = layer(
        "flax",
        "Conv",
        in_features=sizes[1] * groups,
        out_features=sizes[0],
        kernel_size=kernels,
        strides=strides,
        padding=padding,
        input_dilation=tuple(e.params["lhs_dilation"]),
        kernel_dilation=spread,
        feature_group_count=groups,
        use_bias=False,
    )
    order = [numbers.out_spec.index(axis) for axis in range(len(sizes))]
    return graph.put(Apply(made), [at], e.title, order, [kernel])


def _pooled(graph: JaxNodes, e: TracedEquation) -> Value | None:
    """Read a pooling along all axes but the first two, in one of the usual orders."""
    x, window = e.given[0], e.params["window_dimensions"]
    rank = len(window)
    if not isinstance(x, Laid) or rank < 3 or window[0] != 1:
        return None
    if any(each != 1 for each in (*e.params["base_dilation"], *e.params["window_dilation"])):
        return None
    order = (0, rank - 1, *range(1, rank - 1)) if window[-1] == 1 else tuple(range(rank))
    sizes, strides, pads = (
        [e.params[name][axis] for axis in order]
        for name in ("window_dimensions", "window_strides", "padding")
    )
    if sizes[1] != 1 or strides[:2] != [1, 1] or any(map(any, pads[:2])):
        return None
    if not all(type(each) is int for each in (*sizes, *strides)):
        return None
    at = graph.laid(x, order, e.title)
    at, padding = _ends(graph, e, at, pads[2:], sizes[2:], strides[2:])
    words = {"window_shape": tuple(sizes[2:]), "strides": tuple(strides[2:]), "padding": padding}
    name = "max_pool" if e.name == "reduce_window_max" else "avg_pool"
    back = [order.index(axis) for axis in range(rank)]
    return graph.put(Apply(layer("flax", name, **words)), [at], e.title, back)


def _ends(
    graph: JaxNodes,
    e: TracedEquation,
    at: int,
    pads: Sequence[Any],
    spans: Sequence[int],
    strides: Sequence[int],
) -> tuple[int, Any]:
    """The padding in the words of a layer; by formulas it is an operation of its own."""
    if all(type(end) is int for pair in pads for end in pair):
        return at, tuple(map(tuple, pads))
    shape = graph.to.shapes[at]
    assert shape is not None
    decisions = graph.to.decisions
    sizes = [size(dim.at(decisions.values), dim, decisions) for dim in shape[-len(pads) :]]
    same = [_same(n, *rest) for n, *rest in zip(sizes, spans, strides, strict=True)]
    given = [dims(pair) for pair in pads]
    if given == [tuple(map(_dim, pair)) for pair in same]:
        return at, "SAME"
    if given == [tuple(map(_dim, reversed(pair))) for pair in same]:
        return at, "SAME_LOWER"
    return graph.to.add(e.title, PadBy(tuple(given)), [at]), "VALID"  # type: ignore[arg-type]


def _same(n: int, span: int, stride: int) -> tuple[int, int]:
    """The padding that leaves ceil(n/stride)."""
    total = extreme("max", [(-(-n // stride) - 1) * stride + span - n, 0])
    return total // 2, total - total // 2


def _dim(n: int) -> Dim:
    return dims([n])[0] if not isinstance(n, Size) else n.formula or Dim(int(n))


RULES: dict[str, Callable[[JaxNodes, TracedEquation], Value | None]] = {
    "reshape": _reshape,
    "squeeze": _reshape,
    "expand_dims": _reshape,
    "transpose": _transpose,
    "broadcast_in_dim": _broadcast,
    "concatenate": _concatenated,
    "slice": _sliced,
    "pad": _padded,
    "dot_general": _product,
    "conv_general_dilated": _convolved,
    "reduce_window_max": _pooled,
    "reduce_window_sum": _pooled,
    **{f"reduce_{name}": _reduced for name in ("sum", "max", "min", "prod", "and", "or", "xor")},
    "argmax": _reduced,
    "argmin": _reduced,
}


def rule_of(name: str) -> Callable[[JaxNodes, TracedEquation], Value | None] | None:
    """The rule of a primitive, None of one that has none."""
    return _elementwise if name in EACH else RULES.get(name)
