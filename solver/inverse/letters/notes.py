"""What is good about a recipe and what to beware of, for all values of its letters.

The rules are those of `solver.inverse.ranking`, each with its fact as a claim on the letters. One
is tried at small values first, then proved; what is not proved is not said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from solver.errors import LimitError
from solver.ground.named import NamedTuple
from solver.inverse.letters.conditions import even, fixed, holds, proved
from solver.inverse.letters.order import samples
from solver.inverse.letters.recipe import RecipeTrees
from solver.sizes.expression import Expression, apply, of

_ONE, _ZERO = of(1), of(0)


class Remark(NamedTuple):
    """Hold the facts under which something is said of a recipe, and what."""

    facts: Callable[[RecipeTrees], Iterator[Expression | bool]]
    note: Callable[[RecipeTrees], str]


def notes(recipe: RecipeTrees, known: Mapping[tuple[object, ...], str]) -> list[str]:
    """What holds for all values of the letters of a recipe. known: the well-known layers.

    >>> from solver import solve
    >>> up = solve("deconv", "n", "s*n")
    >>> for each in up.best(3):
    ...     print(up.notes(each))
    ['each input fills its own block: no overlap', 'at s = 2 the up-convolution of U-Net']
    ['at s = 1 the mirror of the standard 3x3 layer']
    ['at s = 2 the upsampling layer of DCGAN and pix2pix']
    """
    found = [each.note(recipe) for each in REMARKS if all(map(_always(recipe), each.facts(recipe)))]
    return [*found, *_well_known(recipe, known)]


def _always(recipe: RecipeTrees) -> Callable[[Expression | bool], bool]:
    def always(fact: Expression | bool) -> bool:
        if isinstance(fact, bool):
            return fact
        if not all(holds(fact, at) for at, _ in samples(recipe)):
            return False
        try:
            return proved(fact, recipe.where)
        except LimitError:
            return False

    return always


def _well_known(recipe: RecipeTrees, known: Mapping[tuple[object, ...], str]) -> Iterator[str]:
    """The well-known layers among the values of one letter, the best of them."""
    found = [(known[row[:5]], at) for at, row in samples(recipe) if row[:5] in known]
    if not found or len(recipe.letters) > 1:
        return
    name, at = min(found, key=lambda each: [*known.values()].index(each[0]))
    given = () if recipe.where is None else fixed([recipe.where])
    letters = [f"{x} = {size}" for x, size in at.items() if x in recipe.letters and x not in given]
    yield f"at {letters[0]} {name}" if letters else name


def _gaps(recipe: RecipeTrees) -> Iterator[Expression | bool]:
    yield recipe.dilation == _ONE
    yield recipe.kernel_size < recipe.stride


def _uneven(recipe: RecipeTrees) -> Iterator[Expression | bool]:
    yield recipe.operation.transposed and recipe.dilation == _ONE
    yield recipe.kernel_size > recipe.stride
    yield apply("!=", recipe.kernel_size % recipe.stride, 0)


def _wide(recipe: RecipeTrees) -> Iterator[Expression | bool]:
    yield recipe.padding > recipe.dilation * (recipe.kernel_size - 1)


def _no_centre(recipe: RecipeTrees) -> Iterator[Expression | bool]:
    yield recipe.stride == _ONE
    reach = even(recipe.dilation * (recipe.kernel_size - 1) + 1)
    yield reach


def _extra(recipe: RecipeTrees) -> Iterator[Expression | bool]:
    yield recipe.output_padding != _ZERO
    if not recipe.per_call:
        yield recipe.output_padding >= 1


def _dilated(recipe: RecipeTrees) -> Iterator[Expression | bool]:
    yield recipe.dilation >= 2
    yield recipe.kernel_size >= 2


def _tiled(recipe: RecipeTrees) -> Iterator[Expression | bool]:
    yield recipe.kernel_size == recipe.stride != _ONE
    yield recipe.padding == _ZERO and recipe.dilation == _ONE


def _pointwise(recipe: RecipeTrees) -> Iterator[Expression | bool]:
    yield recipe.kernel_size == recipe.stride == _ONE
    yield recipe.padding == _ZERO


def _said_of_extra(recipe: RecipeTrees) -> str:
    if recipe.per_call:
        return "output_padding is another for each n: it is given with each call"
    return f"output_padding={recipe.output_padding} needed: the end of the output sees fewer inputs"


REMARKS = (
    Remark(
        _gaps,
        lambda recipe: (
            "gaps: some outputs get nothing, the kernel cannot cover the stride"
            if recipe.operation.transposed
            else "gaps: some inputs are never read, the kernel cannot cover the stride"
        ),
    ),
    Remark(
        _uneven,
        lambda recipe: (
            f"checkerboard risk: kernel_size {recipe.kernel_size} is not divisible by "
            f"stride {recipe.stride}"
        ),
    ),
    Remark(
        _wide,
        lambda recipe: (
            "padding wider than the kernel reaches: it cuts away whole inputs"
            if recipe.operation.transposed
            else "padding wider than the kernel reaches: some windows see padding only"
        ),
    ),
    Remark(
        _no_centre,
        lambda _: "even kernel at stride 1: it has no centre, the output sits between the inputs",
    ),
    Remark(_extra, _said_of_extra),
    Remark(_dilated, lambda recipe: f"dilated: the taps are {recipe.dilation} elements apart"),
    Remark(
        _tiled,
        lambda recipe: (
            "each input fills its own block: no overlap"
            if recipe.operation.transposed
            else "windows tile the input: no overlap"
        ),
    ),
    Remark(_pointwise, lambda _: "pointwise: the size never changes"),
)
