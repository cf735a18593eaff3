"""The complete answer as conditions: every layer that meets them solves it, and no other.

A region says low <= Z <= high for Z = P - d(k - 1) - a, each bound a line in the stride. Here it is
written out as trees, with the unknown isolated where one stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import pairwise

from solver.frameworks.limits import LIMITS, Widest
from solver.ground.named import NamedTuple
from solver.inverse.problem import FreeInputs
from solver.inverse.region import ANYTHING, Bound, Region
from solver.sizes.domain import LARGEST
from solver.sizes.expression import (
    Expression,
    Size,
    added,
    call,
    ceil,
    floor,
    letters,
    named,
    names,
    of,
    times,
)
from solver.sizes.operations import OperationSpec
from solver.sizes.step import tree
from solver.sizes.text import note, text

#: What a condition speaks of.
N, KERNEL, STRIDE, PADDING, DILATION, EXTRA, BEGIN, END = letters(
    "n kernel_size stride padding dilation output_padding padding_begin padding_end"
)


class Condition(NamedTuple):
    """Hold a chain such as `padding = floor(...)` or `a <= padding <= b`: its terms and relation.

    >>> print(condition(STRIDE, 2))
    stride = 2
    """

    terms: tuple[Expression, ...]
    relation: str = "=="

    def __str__(self) -> str:
        sign = "=" if self.relation == "==" else self.relation
        return note(f" {sign} ".join(map(text, self.terms)), self.tree)

    @property
    def tree(self) -> Expression:
        """The chain as one tree."""
        return reduce(lambda left, right: Expression(self.relation, (left, right)), self.terms)

    @property
    def links(self) -> tuple[Expression, ...]:
        """The relations one by one."""
        return tuple(Expression(self.relation, pair) for pair in pairwise(self.terms))


def together(ways: Sequence[Sequence[Condition]]) -> list[Expression]:
    """The conditions as trees; of several ways one, which says that one of them is met.

    >>> [condition] = together([[Condition((N, of(3)), "<")], [Condition((N, of(9)))]])
    >>> print(condition)
    n < 3 or n == 9
    """
    trees = [[condition.tree for condition in way] for way in ways]
    if len(trees) == 1:
        return trees[0]
    return [reduce(_either, (reduce(Expression.__and__, way) for way in trees))]


def _either(left: Expression, right: Expression) -> Expression:
    return Expression("or", (left, right))


class Affine:
    """Hold a sum of terms with integer coefficients and a constant.

    >>> print(Affine({KERNEL: -1, PADDING: 2}, 1))
    2*padding - kernel_size + 1
    """

    def __init__(self, terms: Mapping[Expression, int], constant: int = 0) -> None:
        self.terms = {term: factor for term, factor in terms.items() if factor}
        self.constant = constant

    def __add__(self, other: Affine) -> Affine:
        terms = {**self.terms, **other.terms}
        return Affine(
            {x: self.terms.get(x, 0) + other.terms.get(x, 0) for x in terms},
            self.constant + other.constant,
        )

    def __neg__(self) -> Affine:
        return Affine({term: -factor for term, factor in self.terms.items()}, -self.constant)

    def __sub__(self, other: Affine) -> Affine:
        return self + (-other)

    @property
    def tree(self) -> Expression:
        """It as people write it: a positive term first, and the constant last where it can be."""
        terms: list[tuple[Expression | None, int]] = [*self.terms.items()]
        terms += [(None, self.constant)] if self.constant else []
        last = max(self.terms.values(), default=0) > 0 or self.constant < 0
        terms.sort(key=lambda term: (last and term[0] is None, term[1] < 0))
        return added(
            (factor < 0, of(abs(factor)) if term is None else times(abs(factor), term))
            for term, factor in terms
        )

    def __str__(self) -> str:
        return text(self.tree)

    def over(self, divisor: int, rounding: str) -> Affine:
        """floor or ceil of self/divisor."""
        if all(factor % divisor == 0 for factor in self.terms.values()):
            # The terms come out whole, and only the constant is rounded.
            up = rounding == "ceil"
            constant = -(-self.constant // divisor) if up else self.constant // divisor
            return Affine({term: f // divisor for term, f in self.terms.items()}, constant)
        return Affine({call(rounding, self.tree / divisor): 1})


def condition(*terms: Size | Affine, relation: str = "==") -> Condition:
    """A chain of terms under one relation."""
    return Condition(tuple(map(tree, terms)), relation)


#: What no layer meets.
NEVER = condition(0, 1)
#: What a framework asks for that does not let a layer stride and dilate.
STRIDE_OR_DILATION = condition(call("min", STRIDE, DILATION), 1)
#: What a framework asks for whose poolings have no dilation.
UNDILATED = condition(DILATION, 1)

#: A bound, or None where there is none.
Side = Affine | None


def conditions(
    operation: OperationSpec,
    region: Region,
    known: Mapping[str, int],
    free: FreeInputs | None = None,
    symmetric: bool = True,
    ceil_mode: bool = False,
    inside: bool = False,
    widest: Widest | None = LIMITS["torch"].widest,
    moving: bool = False,
) -> list[Condition]:
    """The complete family of a region.

    known: hyperparameters whose value is given; they are put in as numbers.
    free: the inputs, where they are asked for. inside, widest: see `Problem`. moving: whether the
    padding goes with n, so that only the stride decides, as `same` of most frameworks.

    >>> from solver.inverse.region import for_sizes
    >>> from solver.sizes.operations import operation
    >>> w = for_sizes(False, 224, 112, 112)
    >>> print(*conditions(operation("conv"), w, {"stride": 2, "dilation": 1}))
    padding = floor((kernel_size - 1)/2)
    >>> print(*conditions(operation("conv"), w, {"stride": 2, "dilation": 1, "padding": 1}))
    3 <= kernel_size <= 4
    """
    found = []
    first, last = region.strides
    if first == last:
        known = {**known, "stride": first}
        found.append(condition(STRIDE, first))
    symbols = _symbols(operation, known, symmetric)
    if moving:  # the sizes are those of all that the kernel reaches
        symbols |= {"total": Affine({}), "reach": Affine({})}
    lows = _bounds(region.lows, known.get("stride"), max)
    highs = _bounds(region.highs, known.get("stride"), min)
    for low, high in _paired(lows, highs):
        if ceil_mode and not moving:
            found += _between(_least(symbols, known), low, high)
        else:
            found += _isolated(symbols, low, high, symmetric)
    if free is not None:
        found.append(_inputs(operation, symbols, free, known, ceil_mode))
    kernel = known.get("kernel_size", KERNEL)
    if inside and free is not None:
        found.append(condition(kernel, N, relation="<="))
    if region.kernels[0] > 1:
        found.append(condition(kernel, region.kernels[0], relation=">="))
    if region.kernels[1] < LARGEST:
        found.append(condition(kernel, region.kernels[1], relation="<="))
    return found + rules(operation, known, symmetric, widest)


def net_padding_terms(
    operation: OperationSpec,
    known: Mapping[str, int],
    symmetric: bool = True,
    ceil_mode: bool = False,
) -> Affine:
    """Return Z, which a region bounds, in the hyperparameters; the known ones as numbers.

    >>> from solver.sizes.operations import operation
    >>> print(net_padding_terms(operation("conv"), {"dilation": 1}))
    2*padding - kernel_size + 1
    """
    symbols = _symbols(operation, known, symmetric)
    if ceil_mode:
        return Affine({_least(symbols, known): 1})
    return symbols["total"] - symbols["reach"] - symbols["extra"]


def _symbols(
    operation: OperationSpec, known: Mapping[str, int], symmetric: bool
) -> dict[str, Affine]:
    """The total padding, the reach and the output padding, numbers put in."""
    k = known.get("kernel_size")
    d = known.get("dilation") if "dilation" in operation.hyperparameters else 1
    if d and k:
        reach = Affine({}, d * (k - 1))
    elif d == 1:
        reach = Affine({KERNEL: 1}, -1)
    elif d:
        reach = Affine({KERNEL - 1: d})
    elif k:
        reach = Affine({DILATION: k - 1})
    else:
        reach = Affine({DILATION * (KERNEL - 1): 1})
    p = known.get("padding")
    if p is not None:
        total = Affine({}, 2 * p)
    elif symmetric:
        total = Affine({PADDING: 2})
    else:
        total = Affine({BEGIN: 1, END: 1})
    a = known.get("output_padding") if operation.transposed else 0
    extra = Affine({EXTRA: 1}) if a is None else Affine({}, a)
    return {"total": total, "reach": reach, "extra": extra}


def _bounds(
    lines: tuple[Bound, ...], stride: int | None, outermost: Callable[[list[int]], int]
) -> list[Affine]:
    """The bounds that lines are; none where a side is open."""
    lines = tuple(line for line in lines if line not in ANYTHING.lows + ANYTHING.highs)
    if stride is None or not lines:
        return [Affine({STRIDE: a}, b) for a, b in lines]
    return [Affine({}, outermost([a * stride + b for a, b in lines]))]


def _paired(lows: list[Affine], highs: list[Affine]) -> Iterator[tuple[Side, Side]]:
    """Yield (low, high) until each is used, None for a side that is open."""
    for i in range(max(len(lows), len(highs))):
        yield (
            lows[min(i, len(lows) - 1)] if lows else None,
            highs[min(i, len(highs) - 1)] if highs else None,
        )


def _isolated(
    symbols: Mapping[str, Affine], low: Side, high: Side, symmetric: bool
) -> list[Condition]:
    """Write low <= total - reach - extra <= high for the unknown that stands alone."""
    total, reach, extra = symbols["total"], symbols["reach"], symbols["extra"]
    moving = reach + extra
    if total.terms:
        least, most = (None if side is None else moving + side for side in (low, high))
        return _between(PADDING, least, most, 2) if symmetric else _between(total.tree, least, most)
    # least <= reach + extra <= most; the constants go to the bounds
    fixed = total - Affine({}, moving.constant)
    least, most = (None if side is None else fixed - side for side in (high, low))
    if not moving.terms:
        return _on_stride(least, most)
    if len(moving.terms) == 1:
        ((term, factor),) = moving.terms.items()
        return _between(term, least, most, factor)
    return _between((moving - Affine({}, moving.constant)).tree, least, most)


def _on_stride(least: Side, most: Side) -> list[Condition]:
    """Everything but the stride is known: least <= 0 <= most are bounds on it."""
    found = []
    for bound, sign in ((least, -1), (most, 1)):
        if bound is None:
            continue
        factor, constant = bound.terms.get(STRIDE, 0) * sign, bound.constant * sign
        # factor*stride + constant >= 0
        if factor > 0:
            found.append(condition(STRIDE, -(constant // factor), relation=">="))
        elif factor < 0:
            found.append(condition(STRIDE, constant // -factor, relation="<="))
        elif constant < 0:
            found.append(NEVER)
    return found


def _between(term: Expression, least: Side, most: Side, factor: int = 1) -> list[Condition]:
    """Write least <= factor*term <= most; None is no bound."""
    if factor > 1 and term == KERNEL - 1:
        # floor((x + d)/d) = floor(x/d) + 1: the kernel itself stands alone
        term, one = KERNEL, Affine({}, factor)
        least, most = (None if side is None else side + one for side in (least, most))
    lower, upper = (
        None if side is None else side.over(factor, rounding).tree
        for side, rounding in ((least, "ceil"), (most, "floor"))
    )
    if lower is None or upper is None or least is None or most is None:
        one_side = upper if lower is None else lower
        assert one_side is not None
        return [condition(term, one_side, relation="<=" if lower is None else ">=")]
    if least.tree == most.tree:
        if all(v % factor == 0 for v in (*least.terms.values(), least.constant)):
            return [condition(term, lower)]
        return [condition(factor * term, least)]
    width = most - least
    if lower == upper or (not width.terms and width.constant == factor - 1):
        # As many numbers as the factor: exactly one multiple of it.
        return [condition(term, upper)]
    return [condition(lower, term, upper, relation="<=")]


def _inputs(
    operation: OperationSpec,
    symbols: Mapping[str, Affine],
    free: FreeInputs,
    known: Mapping[str, int],
    ceil_mode: bool,
) -> Condition:
    """Write which inputs n give smallest..largest."""
    net = symbols["total"] - symbols["reach"] - symbols["extra"]
    if operation.transposed:
        # smallest <= (n - 1)*stride + 1 - net <= largest
        least, most = ((net + Affine({}, m - 1)).tree for m in (free.smallest, free.largest))
        stride = known.get("stride", STRIDE)
        return condition(ceil(least / stride) + 1, N, floor(most / stride) + 1, relation="<=")
    # (smallest - 1)*stride + 1 <= n + net <= largest*stride
    if "stride" in known:
        low = Affine({}, (free.smallest - 1) * known["stride"] + 1)
        high = Affine({}, free.largest * known["stride"])
    else:
        low, high = Affine({STRIDE: free.smallest - 1}, 1), Affine({STRIDE: free.largest})
    if ceil_mode:
        inner = _least(symbols, known)
        return condition(low.tree - inner, N, high.tree - inner, relation="<=")
    least, most = (low - net).tree, (high - net).tree
    if least == most:
        return condition(N, least)
    return condition(least, N, most, relation="<=")


def _least(symbols: Mapping[str, Affine], known: Mapping[str, int]) -> Expression:
    """Write min(Y + s - 1, begin), which ceil mode has in place of Y."""
    stride = known.get("stride")
    slack = Affine({STRIDE: 1}, -1) if stride is None else Affine({}, stride - 1)
    begin = BEGIN if BEGIN in symbols["total"].terms else known.get("padding", PADDING)
    return call("min", (symbols["total"] - symbols["reach"] + slack).tree, begin)


def rules(
    operation: OperationSpec, known: Mapping[str, int], symmetric: bool, widest: Widest | None
) -> list[Condition]:
    """The framework's own rules that a solution also meets."""
    found = []
    if operation.transposed and known.get("output_padding") != 0:
        extra, stride, dilation = (
            known.get(word, named(word)) for word in ("output_padding", "stride", "dilation")
        )
        limit = stride if dilation == 1 else call("max", stride, dilation)
        found.append(condition(extra, limit, relation="<"))
    if operation.pooling and widest and known.get("padding") != 0:
        padding = PADDING if symmetric else call("max", BEGIN, END)
        wide = times(widest.factor, padding)
        if "padding" in known:
            wide = of(widest.factor * known["padding"])
        kernel = known.get("kernel_size", KERNEL)
        found.append(condition(wide, kernel, relation="<" if widest.less else "<="))
    return found


def holds(condition: Condition) -> bool | None:
    """Tell whether a condition holds, or None where it depends on what is unknown.

    >>> holds(condition(6, 5, relation="<=")), holds(condition(STRIDE, 2))
    (False, None)
    """
    if any(names(term) for term in condition.terms):
        return None
    from solver.sizes.normal import normal_condition  # figures alone are rare

    return all(normal_condition(link) is True for link in condition.links)
