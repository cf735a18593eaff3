"""The sizes that an expression of layers gives at inputs, and its formula."""

from __future__ import annotations

from collections.abc import Sequence

from solver.render.several import InputAnswer, Several
from solver.sizes.domain import read_number
from solver.sizes.listed import listed
from solver.sizes.sizeset import SizeSet, where_nonnegative
from solver.sizes.target import is_layer, read_size


def sized(
    expression: str, inputs: Sequence[str], framework: str = "", dim: int | None = None
) -> Several:
    """What an expression in n, with layers in it, gives at inputs in words; n is told its formula.

    One layer as a program writes it is that layer; framework, dim: as `pasted` takes them.

    >>> found = sized("8*(conv(conv(n, 3, 2), 3, 2) - 1) + 1", ["17", "33", "5"])
    >>> print(found.headline(), *found.facts(), sep="\\n")
    17 -> 17; 33 -> 49; 5 -> refused
    note: 8*floor((n - 3)/4) - 7, for n >= 7
    """
    if is_layer(expression) or "(" not in expression:
        from solver.render.pasted import pasted  # tables of frameworks

        return pasted(expression, inputs, framework, dim)
    size = read_size(expression)
    taken = SizeSet.common([size.whole, where_nonnegative(size.numerator - size.denominator)])
    answers = []
    for text in listed((word for word in inputs if word != "n"), "an input size", 1):
        n = read_number(text, "an input size", text, 0, 1)
        if n in taken:
            answers.append(InputAnswer({"input": n}, size.at(n)))
            continue
        near = [each for each in taken.nearest(n) if each is not None]
        reason = "a layer does not take its input, or no whole size comes out"
        answers.append(InputAnswer({"input": n}, None, reason, near))
    formula = f"{size}, for {taken}"
    if not answers:
        return Several("size", [InputAnswer({"input": "n"}, str(size))], [formula])
    return Several("size", answers, [formula])
