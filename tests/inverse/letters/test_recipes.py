"""Recipes in letters, against brute force: each is a layer that solves, and every layer has one."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import ceil, floor

import pytest

from solver.inverse.letters.recipes import Recipes
from solver.inverse.letters.words import read_asked
from solver.sizes import formulas
from solver.sizes.letters import least
from solver.sizes.operations import operation

OPS = ("conv", "deconv", "maxpool")


def python(text):
    """The text of our grammar as Python: a division is a fraction, floor and ceil are known."""
    names = {"floor": floor, "ceil": ceil, "max": max, "min": min, "Fraction": Fraction}
    code = compile(text, "text", "eval")

    def at(**letters):
        values = {name: Fraction(size) for name, size in letters.items()}
        return eval(code, names, values)

    return at


def out(op, n, k, s, p, d, a):
    """The size that comes out, None where it is no layer or does not fit."""
    row = operation(op)
    if row.pooling and 2 * p > k:
        return None
    if row.transposed:
        if a >= max(s, d):
            return None
        found = formulas.conv_transpose(n, k, s, p, p, d, a)
    else:
        if n + 2 * p < d * (k - 1) + 1:
            return None
        found = formulas.conv(n, k, s, p, p, d)
    return found if found >= 1 else None


def solves(op, target, letters, k, s, p, d, a):
    """Whether a layer of numbers meets a target at every n of a range at which that is asked."""
    if (operation(op).pooling and 2 * p > k) or (operation(op).transposed and a >= max(s, d)):
        return False
    seen = False
    for n in range(1, 50):
        wanted = target(n=n, **letters)
        if wanted.denominator > 1:
            continue
        found = out(op, n, k, s, p, d, a)
        if found is None:
            continue
        seen = True
        if found != wanted:
            return False
    return seen


def check(op, words, given, box=4):
    asked = read_asked(operation(op), "n", words, given)
    found = Recipes(asked)
    recipes = list(found)
    target = python(words.replace("2n", "2*n"))
    letters = list(found.letters)
    met = set()
    for recipe in recipes:
        where = python(str(recipe.where)) if recipe.where is not None else None
        parts = {
            name: python(str(size))
            for name, size in zip(
                "kspda",
                (
                    recipe.kernel_size,
                    recipe.stride,
                    recipe.padding,
                    recipe.dilation,
                    recipe.output_padding,
                ),
                strict=True,
            )
        }
        free = sorted({*recipe.letters, *letters})
        for sizes in product(range(box + 2), repeat=len(free)):
            values = dict(zip(free, sizes, strict=True))
            if any(size < least(x) for x, size in values.items()):
                continue
            if where is not None and not where(**values):
                continue
            numbers = {name: part(**values) for name, part in parts.items()}
            about = (words, str(recipe), values)
            assert all(Fraction(size).denominator == 1 for size in numbers.values()), about
            numbers = {name: int(size) for name, size in numbers.items()}
            assert all(size >= least(name) for name, size in numbers.items()), about
            asked_letters = {x: values[x] for x in letters}
            assert solves(op, target, asked_letters, **numbers), (
                words,
                str(recipe),
                values,
                numbers,
            )
            met.add((tuple(asked_letters.items()), *numbers.values()))
            layer = recipe.at(**values)
            assert layer is not None
            first = int(python(str(recipe.valid_from))(**values))
            fits = [n for n in range(1, 60) if out(op, n, **numbers) is not None]
            if fits and fits[0] < 55:
                assert fits[0] == first, (words, str(recipe), values, fits[0], first)
    return found, target, letters, met


def complete(op, words, given, box=3, most=4):
    """Every layer in a small box that solves is given by some recipe."""
    _, target, letters, met = check(op, words, given, box=most + 1)
    fixed = {name[0]: python(given[name]) for name in given}
    for sizes in product(range(1, box + 1), repeat=len(letters)):
        values = dict(zip(letters, sizes, strict=True))
        for k, s, p, a in product(range(1, most + 1), range(1, most + 1), range(3), range(3)):
            d = 1
            if a and op != "deconv":
                continue
            numbers = {"k": k, "s": s, "p": p, "d": d, "a": a}
            if any(fixed[x](**values) != numbers[{"o": "a"}.get(x, x)] for x in fixed):
                continue
            if solves(op, target, values, **numbers):
                assert (tuple(values.items()), *numbers.values()) in met, (
                    words,
                    given,
                    values,
                    numbers,
                )


@pytest.mark.parametrize(
    ("op", "words", "given"),
    [
        ("deconv", "s*n", {}),
        ("deconv", "s*n", {"kernel_size": "2*s"}),
        ("deconv", "s*n + c", {}),
        ("deconv", "(n - 1)*s + k", {}),
        ("conv", "ceil(n/s)", {}),
        ("conv", "floor(n/s)", {}),
        ("conv", "n", {}),
        ("conv", "floor((n - 1)/s)", {}),
        ("maxpool", "floor(n/s)", {}),
        ("maxpool", "ceil(n/s)", {}),
    ],
)
def test_every_layer_has_a_recipe(op, words, given):
    complete(op, words, given)


@pytest.mark.parametrize(
    ("op", "words", "given"),
    [
        ("conv", "n/s", {}),
        ("conv", "n/(s*t)", {}),
        ("conv", "n", {"dilation": "d"}),
        ("conv", "n/s", {"dilation": "d"}),
        ("deconv", "s*n", {"dilation": "d"}),
        ("deconv", "s*n", {"stride": "t"}),
        ("conv", "n", {"padding": "(k - 1)/2"}),
    ],
)
def test_recipes_are_layers_that_solve(op, words, given):
    check(op, words, given, box=3)
