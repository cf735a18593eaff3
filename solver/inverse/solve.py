"""Solve for the hyperparameters of one layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from solver.errors import LimitError
from solver.frameworks import written_as
from solver.inverse.solutions import Solutions
from solver.inverse.words import has_letters, operation_of, read_question

if TYPE_CHECKING:
    from solver.inverse.letters.recipes import Recipes
    from solver.layers.own_layer import OwnLayer
    from solver.sizes.given import DomainLike, SizesLike, WholeSizes

    #: The values of a hyperparameter, or a tuple with those of each axis.
    Values = DomainLike | tuple[DomainLike, ...] | None


@overload
def solve(
    layer: type[OwnLayer] | str,
    input: WholeSizes,
    output: WholeSizes,
    *,
    kernel_size: Values = None,
    stride: Values = None,
    padding: Values = None,
    dilation: Values = None,
    output_padding: Values = None,
    where: str = "",
    per_axis: bool = False,
    ceil_mode: bool = False,
    framework: str = "",
    sort: str = "",
    nothing_unread: bool = False,
    causal: bool = False,
) -> Solutions: ...
@overload
def solve(
    layer: type[OwnLayer] | str,
    input: SizesLike,
    output: SizesLike,
    *,
    kernel_size: Values = None,
    stride: Values = None,
    padding: Values = None,
    dilation: Values = None,
    output_padding: Values = None,
    where: str = "",
    per_axis: bool = False,
    ceil_mode: bool = False,
    framework: str = "",
    sort: str = "",
    nothing_unread: bool = False,
    causal: bool = False,
) -> Solutions | Recipes: ...
def solve(
    layer: type[OwnLayer] | str,
    input: SizesLike,
    output: SizesLike,
    *,
    kernel_size: Values = None,
    stride: Values = None,
    padding: Values = None,
    dilation: Values = None,
    output_padding: Values = None,
    where: str = "",
    per_axis: bool = False,
    ceil_mode: bool = False,
    framework: str = "",
    sort: str = "",
    nothing_unread: bool = False,
    causal: bool = False,
) -> Solutions | Recipes:
    """Every layer that takes the input to the output.

    layer: Conv, ConvTranspose, MaxPool, AvgPool, or a name such as "deconv".
    input, output: sizes in elements: an int; an expression in n, as text or SymPy, for an answer
    for every n; a tuple with one size per axis; a list for several pairs at once. The output may be
    a range such as "110..114" or range(110, 115); the input may be unknown: "?" or `...`.
    kernel_size, ...: what each may be: an int, "1..7", "1,3,5", a range or an iterable; with
    per_axis a tuple with one of these per axis; padding may be "begin:end". Left out: a default
    range, see `Solutions.searched`.
    where: a condition on n, such as "n % 4 == 1". sort: a hyperparameter, or "cost".
    framework: torch, keras, flax or onnx: only what it can express and accepts.
    nothing_unread: every element of the input is read by some output; for every n, from
    `valid_from` on. causal: no output waits for elements behind its own block of stride elements.
    Letters other than n in a size or a hyperparameter stand for all their values: then recipes come
    out. Raises SolverError, LimitError.

    >>> from solver import Conv, ConvTranspose
    >>> solve(ConvTranspose, "n", "2n").best(3)  # exact 2x upsampling for every n
    [ConvTranspose(2, stride=2), ConvTranspose(4, stride=2, padding=1), \
ConvTranspose(6, stride=2, padding=2)]
    >>> solve(Conv, [224, 225, 7], [112, 113, 4], kernel_size=3).best(1)
    [Conv(3, stride=2, padding=1)]
    >>> solve(Conv, ..., 112, kernel_size=7, stride=2, padding=3).count()  # 223 and 224
    2
    >>> solve(Conv, "n", "n/2", where="n % 2 == 1").reason
    'n/2 is not whole for odd n: ceil(n/2) or floor(n/2)?'
    >>> solve(Conv, 64, 32, kernel_size=3, dilation="2..3", framework="keras").reason
    'strides > 1 not supported in conjunction with dilation_rate > 1: in PyTorch \
Conv(3, stride=2, padding=2, dilation=2) would do it'
    >>> left = solve(Conv, "n", "n", kernel_size=3, padding="0..11:0..11", causal=True)
    >>> left.best(), left.family[-1]
    ([Conv(3, padding=((2, 0),))], 'padding_begin >= 2')
    """
    domains = {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "output_padding": output_padding,
    }
    if has_letters([input, output], [*domains.values()]):
        from solver.inverse.letters import solve_in_letters
        from solver.inverse.ranking import Ranking

        given = {"per_axis": per_axis, "ceil_mode": ceil_mode, "framework": framework, "sort": sort}
        row = operation_of(layer)
        if nothing_unread or causal:
            rule = "what is read is asked of numbers and n"
            raise LimitError(rule, "other letters", "numbers in their place")
        return solve_in_letters(row, input, output, domains, Ranking(row), where, given)
    rules = written_as(framework)
    asked = where, per_axis, ceil_mode, rules, nothing_unread, causal
    question = read_question(layer, input, output, domains, *asked)
    return Solutions(question, sort)
