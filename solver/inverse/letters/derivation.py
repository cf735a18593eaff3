"""The derivation of recipes, line by line: from the size formula to each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from solver.inverse.letters.choices import Asked
from solver.inverse.letters.conditions import together
from solver.inverse.letters.recipe import RecipeTrees
from solver.inverse.letters.target import Target
from solver.sizes.expression import Expression, floor, named
from solver.sizes.operations import LETTERS
from solver.sizes.readable import readable
from solver.sizes.step import Step, line, link, say

K, S, P, D, A = (named(name) for name in LETTERS)
Z = named("Z")


def derivation(
    asked: Asked,
    target: Target,
    bounds: tuple[Expression, Expression, Expression],
    recipes: Sequence[RecipeTrees],
    reason: str | None,
) -> Iterator[Step]:
    """The steps from the size formula to the recipes, or to why there are none.

    bounds: twice the padding, between what it may be at least and at most.
    """
    yield say(f"The {asked.operation.title} takes {{}} to", asked.input)
    yield line("", _size(asked, target, _net(asked, target)))
    yield say("which with {} for all padding, less what the kernel takes,", Z)
    yield line("", Z, "==", _net(asked, target))
    yield say("is")
    yield line("", _size(asked, target, Z))
    yield from _stride(asked, target)
    if False not in target.where:
        yield from _padding(asked, target, bounds)
    if reason is not None:
        yield say(f"So no layer does this: {reason}.")
    for number, recipe in enumerate(recipes, 1):
        yield from _recipe(number, recipe, target)


def _stride(asked: Asked, target: Target) -> Iterator[Step]:
    """What the slope asks."""
    if target.whole is not None:
        yield say("It is asked for every n at which {} is whole:", _divided(asked))
        yield line("", *_sides(target.whole))
    if target.stride is None:
        yield say("The sizes are the same for every n, so every stride may do.")
        return
    yield say("In the long run both sides grow alike only with")
    yield line("", S, "==", target.stride)
    where = together(target.where)
    if where is not None:
        yield say("and that is a stride only where {}.", where)


def _padding(
    asked: Asked, target: Target, bounds: tuple[Expression, Expression, Expression]
) -> Iterator[Step]:
    """What the rest asks."""
    if target.extra is None:
        yield say("With it the output is {} exactly when", asked.output)
    else:
        yield say("With it the output is {} with the output padding", asked.output)
        yield line("", A, "==", readable(target.extra + Z - target.low))
        yield say("of each call, which is one at every n only when")
    yield link("", target.low, Z, target.high)
    yield say("that is")
    yield link("", bounds[0], bounds[1], bounds[2])


def _recipe(number: int, recipe: RecipeTrees, target: Target) -> Iterator[Step]:
    """How one recipe solves the equation, and where it is a layer."""
    given = [named(x).equals(size) for x, size in recipe.hyperparameters.items()]
    yield say(f"{number}. " + ", ".join(["{}"] * len(given)), *given)
    net = 2 * recipe.padding - recipe.dilation * (recipe.kernel_size - 1)
    if recipe.operation.transposed and target.extra is None:
        net = net - recipe.output_padding
    done = readable(net)
    yield line("has", Z, "==", net, *(("==", done) if done != net else ()))
    if recipe.where is None:
        yield say("and is a layer for all values of the letters.")
    else:
        yield say("and is a layer exactly where {}.", recipe.where)


def _net(asked: Asked, target: Target) -> Expression:
    net = 2 * P - D * (K - 1)
    return net - A if asked.operation.transposed and target.extra is None else net


def _size(asked: Asked, target: Target, net: Expression) -> Expression:
    if not asked.operation.transposed:
        return floor((asked.input - 1 + net) / S) + 1
    size = (asked.input - 1) * S + 1 - net
    return size if target.extra is None else size + A


def _divided(asked: Asked) -> Expression:
    return asked.output if asked.output.kind != "name" else asked.input


def _sides(condition: Expression) -> tuple[Expression | str, ...]:
    left, right = condition.nodes
    return left, condition.kind, right
