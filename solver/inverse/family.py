"""The complete answer as conditions: every layer that meets them solves it, and no other.

A window says low <= Z <= high for Z = P - d(k - 1) - a, each bound a line in the stride. Here it is
written out in the grammar of `solver.sizes.expression`, with the unknown isolated where one stands
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from re import findall
from typing import NamedTuple

from solver.frameworks.limits import LIMITS, Widest
from solver.inverse.problem import Inputs
from solver.inverse.window import ANYTHING, Bound, Window
from solver.sizes.domain import LARGEST
from solver.sizes.operations import MINIMUM, Operation


class Condition(NamedTuple):
    """Hold a chain such as `padding = floor(...)` or `a <= padding <= b`: its terms and relation.

    >>> print(Condition(("stride", "2")))
    stride = 2
    """

    terms: tuple[str, ...]
    relation: str = "=="

    def __str__(self) -> str:
        return f" {'=' if self.relation == '==' else self.relation} ".join(self.terms)

    @property
    def links(self) -> tuple[str, ...]:
        """Return the relations one by one, in the grammar of `solver.sizes.expression`."""
        return tuple(f"{left} {self.relation} {right}" for left, right in pairwise(self.terms))


#: What may stand in a condition.
NAMES = ("n", "t", *MINIMUM, "padding_begin", "padding_end")
#: What no layer meets.
NEVER = Condition(("0", "1"))
#: What a framework asks for that does not let a layer stride and dilate.
STRIDE_OR_DILATION = Condition(("min(stride, dilation)", "1"))
#: What a framework asks for whose poolings have no dilation.
UNDILATED = Condition(("dilation", "1"))


class Affine:
    """Hold a sum of named terms with integer coefficients and a constant."""

    def __init__(self, terms: Mapping[str, int], constant: int = 0) -> None:
        self.terms = {name: factor for name, factor in terms.items() if factor}
        self.constant = constant

    def __add__(self, other: Affine) -> Affine:
        names = {**self.terms, **other.terms}
        return Affine(
            {n: self.terms.get(n, 0) + other.terms.get(n, 0) for n in names},
            self.constant + other.constant,
        )

    def __neg__(self) -> Affine:
        return Affine({n: -f for n, f in self.terms.items()}, -self.constant)

    def __sub__(self, other: Affine) -> Affine:
        return self + (-other)

    def __str__(self) -> str:
        terms = [*self.terms.items(), *([("", self.constant)] if self.constant else [])]
        text = ""
        # A positive term first reads better than a leading minus, and the constant is last.
        if max(self.terms.values(), default=0) > 0 or self.constant < 0:
            terms.sort(key=lambda term: (not term[0], term[1] < 0))
        else:
            terms.sort(key=lambda term: term[1] < 0)
        for name, factor in terms:
            size = str(abs(factor)) if abs(factor) != 1 or not name else ""
            term = f"{size}*{name}" if size and name else size or name
            sign = "-" if factor < 0 else "+"
            text += f" {sign} {term}" if text else (f"-{term}" if factor < 0 else term)
        if len(terms) == 1 and text.startswith("(") and text.count("(") == 1:
            return text[1:-1]
        return text or "0"

    def over(self, divisor: int, rounding: str) -> Affine:
        """Return floor or ceil of self/divisor."""
        if all(factor % divisor == 0 for factor in self.terms.values()):
            # The terms come out whole, and only the constant is rounded.
            up = rounding == "ceil"
            constant = -(-self.constant // divisor) if up else self.constant // divisor
            return Affine({n: f // divisor for n, f in self.terms.items()}, constant)
        one = len(self.terms) + bool(self.constant) == 1
        return Affine({f"{rounding}({self if one else f'({self})'}/{divisor})": 1})


#: A bound, or None where there is none.
Side = Affine | None


def conditions(
    operation: Operation,
    window: Window,
    known: Mapping[str, int],
    free: Inputs | None = None,
    symmetric: bool = True,
    ceil_mode: bool = False,
    inside: bool = False,
    widest: Widest | None = LIMITS["torch"].widest,
) -> list[Condition]:
    """Return the complete family of a window.

    known: hyperparameters whose value is given; they are put in as numbers.
    free: the inputs, where they are asked for. inside, widest: see `Problem`.

    >>> from solver.inverse.window import for_sizes
    >>> from solver.sizes.operations import operation
    >>> w = for_sizes(False, 224, 112, 112)
    >>> print(*conditions(operation("conv"), w, {"stride": 2, "dilation": 1}))
    padding = floor((kernel_size - 1)/2)
    >>> print(*conditions(operation("conv"), w, {"stride": 2, "dilation": 1, "padding": 1}))
    3 <= kernel_size <= 4
    """
    found = []
    first, last = window.strides
    if first == last:
        known = {**known, "stride": first}
        found.append(Condition(("stride", str(first))))
    symbols = _symbols(operation, known, symmetric)
    lows = _bounds(window.lows, known.get("stride"), max)
    highs = _bounds(window.highs, known.get("stride"), min)
    for low, high in _paired(lows, highs):
        if ceil_mode:
            found += _between(_least(symbols, known), low, high)
        else:
            found += _isolated(symbols, low, high, symmetric)
    if free is not None:
        found.append(_inputs(operation, symbols, free, known, ceil_mode))
    kernel = str(known.get("kernel_size", "kernel_size"))
    if inside and free is not None:
        found.append(Condition((kernel, "n"), "<="))
    if window.kernels[0] > 1:
        found.append(Condition((kernel, str(window.kernels[0])), ">="))
    if window.kernels[1] < LARGEST:
        found.append(Condition((kernel, str(window.kernels[1])), "<="))
    return found + rules(operation, known, symmetric, widest)


def net_padding_terms(
    operation: Operation, known: Mapping[str, int], symmetric: bool = True, ceil_mode: bool = False
) -> Affine:
    """Return Z, which a window bounds, in the hyperparameters; the known ones as numbers.

    >>> from solver.sizes.operations import operation
    >>> print(net_padding_terms(operation("conv"), {"dilation": 1}))
    2*padding - kernel_size + 1
    """
    symbols = _symbols(operation, known, symmetric)
    if ceil_mode:
        return Affine({_least(symbols, known): 1})
    return symbols["total"] - symbols["reach"] - symbols["extra"]


def _symbols(operation: Operation, known: Mapping[str, int], symmetric: bool) -> dict[str, Affine]:
    """Return the total padding, the reach and the output padding, numbers put in."""
    k = known.get("kernel_size")
    d = known.get("dilation") if "dilation" in operation.hyperparameters else 1
    if d and k:
        reach = Affine({}, d * (k - 1))
    elif d == 1:
        reach = Affine({"kernel_size": 1}, -1)
    elif d:
        reach = Affine({"(kernel_size - 1)": d})
    elif k:
        reach = Affine({"dilation": k - 1})
    else:
        reach = Affine({"dilation*(kernel_size - 1)": 1})
    p = known.get("padding")
    if p is not None:
        total = Affine({}, 2 * p)
    elif symmetric:
        total = Affine({"padding": 2})
    else:
        total = Affine({"padding_begin": 1, "padding_end": 1})
    a = known.get("output_padding") if operation.transposed else 0
    extra = Affine({"output_padding": 1}) if a is None else Affine({}, a)
    return {"total": total, "reach": reach, "extra": extra}


def _bounds(
    lines: tuple[Bound, ...], stride: int | None, outermost: Callable[[list[int]], int]
) -> list[Affine]:
    """Return the bounds that lines are; none where a side is open."""
    lines = tuple(line for line in lines if line not in ANYTHING.lows + ANYTHING.highs)
    if stride is None or not lines:
        return [Affine({"stride": a}, b) for a, b in lines]
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
        return (
            _between("padding", least, most, 2) if symmetric else _between(str(total), least, most)
        )
    # least <= reach + extra <= most; the constants go to the bounds
    fixed = total - Affine({}, moving.constant)
    least, most = (None if side is None else fixed - side for side in (high, low))
    if not moving.terms:
        return _on_stride(least, most)
    if len(moving.terms) == 1:
        ((name, factor),) = moving.terms.items()
        return _between(name, least, most, factor)
    return _between(str(moving - Affine({}, moving.constant)), least, most)


def _on_stride(least: Side, most: Side) -> list[Condition]:
    """Everything but the stride is known: least <= 0 <= most are bounds on it."""
    found = []
    for bound, sign in ((least, -1), (most, 1)):
        if bound is None:
            continue
        factor, constant = bound.terms.get("stride", 0) * sign, bound.constant * sign
        # factor*stride + constant >= 0
        if factor > 0:
            found.append(Condition(("stride", str(-(constant // factor))), ">="))
        elif factor < 0:
            found.append(Condition(("stride", str(constant // -factor)), "<="))
        elif constant < 0:
            found.append(NEVER)
    return found


def _between(name: str, least: Side, most: Side, factor: int = 1) -> list[Condition]:
    """Write least <= factor*name <= most; None is no bound."""
    if factor > 1 and name.startswith("("):
        # floor((x + d)/d) = floor(x/d) + 1: the kernel itself stands alone
        name, one = "kernel_size", Affine({}, factor)
        least, most = (None if side is None else side + one for side in (least, most))
    lower = "" if least is None else str(least.over(factor, "ceil"))
    upper = "" if most is None else str(most.over(factor, "floor"))
    if least is None or most is None:
        return [Condition((name, lower or upper), ">=" if lower else "<=")]
    if str(least) == str(most):
        if all(v % factor == 0 for v in (*least.terms.values(), least.constant)):
            return [Condition((name, lower))]
        return [Condition((f"{factor}*{name}", str(least)))]
    width = most - least
    if lower == upper or (not width.terms and width.constant == factor - 1):
        # As many numbers as the factor: exactly one multiple of it.
        return [Condition((name, upper))]
    return [Condition((lower, name, upper), "<=")]


def _inputs(
    operation: Operation,
    symbols: Mapping[str, Affine],
    free: Inputs,
    known: Mapping[str, int],
    ceil_mode: bool,
) -> Condition:
    """Write which inputs n give smallest..largest."""
    net = symbols["total"] - symbols["reach"] - symbols["extra"]
    if operation.transposed:
        # smallest <= (n - 1)*stride + 1 - net <= largest
        least, most = (net + Affine({}, m - 1) for m in (free.smallest, free.largest))
        stride = known.get("stride", "stride")
        return Condition(
            (f"ceil(({least})/{stride}) + 1", "n", f"floor(({most})/{stride}) + 1"), "<="
        )
    # (smallest - 1)*stride + 1 <= n + net <= largest*stride
    if "stride" in known:
        least = Affine({}, (free.smallest - 1) * known["stride"] + 1)
        most = Affine({}, free.largest * known["stride"])
    else:
        least, most = Affine({"stride": free.smallest - 1}, 1), Affine({"stride": free.largest})
    if ceil_mode:
        inner = _least(symbols, known)
        return Condition((f"{least} - {inner}", "n", f"{most} - {inner}"), "<=")
    least, most = least - net, most - net
    if str(least) == str(most):
        return Condition(("n", str(least)))
    return Condition((str(least), "n", str(most)), "<=")


def _least(symbols: Mapping[str, Affine], known: Mapping[str, int]) -> str:
    """Write min(Y + s - 1, begin), which ceil mode has in place of Y."""
    stride = known.get("stride")
    slack = Affine({"stride": 1}, -1) if stride is None else Affine({}, stride - 1)
    begin = str(known.get("padding", "padding"))
    if "padding_begin" in symbols["total"].terms:
        begin = "padding_begin"
    return f"min({symbols['total'] - symbols['reach'] + slack}, {begin})"


def rules(
    operation: Operation, known: Mapping[str, int], symmetric: bool, widest: Widest | None
) -> list[Condition]:
    """Return the framework's own rules that a solution also meets."""
    found = []
    if operation.transposed and known.get("output_padding") != 0:
        extra, stride, dilation = (
            str(known.get(name, name)) for name in ("output_padding", "stride", "dilation")
        )
        limit = stride if dilation == "1" else f"max({stride}, {dilation})"
        found.append(Condition((extra, limit), "<"))
    if operation.pooling and widest and known.get("padding") != 0:
        kernel = str(known.get("kernel_size", "kernel_size"))
        padding = "padding" if symmetric else "max(padding_begin, padding_end)"
        wide = padding if widest.factor == 1 else f"{widest.factor}*{padding}"
        if "padding" in known:
            wide = str(widest.factor * known["padding"])
        found.append(Condition((wide, kernel), "<" if widest.less else "<="))
    return found


def holds(condition: Condition) -> bool | None:
    """Tell whether a condition holds, or None where it depends on what is unknown.

    >>> holds(Condition(("6", "5"), "<=")), holds(Condition(("stride", "2")))
    (False, None)
    """
    if any({*findall(r"\w+", link)} & {*NAMES} for link in condition.links):
        return None
    from solver.sizes.expression import parse  # figures alone are rare
    from solver.sizes.normal import normal_condition

    links = [normal_condition(parse(link, NAMES, own=True)) for link in condition.links]
    if False in links:
        return False
    return None if any(not isinstance(part, bool) for part in links) else True
