"""Recipes in letters against brute force: all letters, all hyperparameters and all n of a box.

It shares nothing with `solver` but the answer: what is printed is read by Python's own parser. By
hand: `python tests/oracles/recipes.py 300 1` asks 300 questions made with seed 1.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from itertools import product
from math import ceil, floor
from typing import NamedTuple

from solver import LimitError, solve

LONG = {"k": "kernel_size", "s": "stride", "p": "padding", "d": "dilation", "a": "output_padding"}
LEAST = {"k": 1, "s": 1, "p": 0, "d": 1, "a": 0}
SIZES = range(1, 90)
ENOUGH = 60  # an n by which a layer of the box has taken something
KERNELS, STRIDES, PADDINGS = range(1, 9), range(1, 10), range(6)
FREE = 8  # values of a letter that only the recipe has

At = Callable[[Mapping[str, int]], "Fraction | bool | None"]


class Question(NamedTuple):
    """A question in words; given: hyperparameters by letter."""

    op: str
    input: str
    output: str
    given: Mapping[str, str] = {}
    where: str = ""

    def __str__(self) -> str:
        given = " ".join(f"-{x} {words!r}" for x, words in self.given.items())
        where = f" --where {self.where!r}" if self.where else ""
        return f"{self.op} {self.input!r} {self.output!r} {given}{where}"


class Layer(NamedTuple):
    k: int
    s: int
    p: int
    d: int
    a: int


@cache
def read(words: str) -> At:
    """The text of the grammar as a function of its letters; None where it divides by 0."""
    code = compile(re.sub(r"(?<![\w])(\d+)(?=[a-z(])", r"\1*", words), "size", "eval")
    known = {"floor": lambda x: Fraction(floor(x)), "ceil": lambda x: Fraction(ceil(x))}
    known |= {"max": max, "min": min}

    def at(letters: Mapping[str, int]) -> Fraction | bool | None:
        try:
            return eval(code, known, {name: Fraction(size) for name, size in letters.items()})
        except ZeroDivisionError:
            return None
        except NameError as fault:
            raise NameError(f"{fault}: {words}") from None

    return at


def legal(op: str, layer: Layer) -> bool:
    """PyTorch's rules."""
    k, s, p, d, a = layer
    if min(k, s, d) < 1 or min(p, a) < 0:
        return False
    if op == "deconv":
        return a < max(s, d)
    return a == 0 and (op == "conv" or 2 * p <= k)


def out(op: str, x: int, layer: Layer) -> int | None:
    """What comes out of a size; None where nothing does."""
    k, s, p, d, a = layer
    if op == "deconv":
        found = (x - 1) * s - 2 * p + d * (k - 1) + 1 + a
    elif x + 2 * p < d * (k - 1) + 1:
        return None
    else:
        found = (x + 2 * p - d * (k - 1) - 1) // s + 1
    return found if found >= 1 else None


def smallest(op: str, pairs: list[tuple[int, int, int]], layer: Layer) -> int | None:
    """The smallest n that a layer takes, where all it takes become what is asked; else None."""
    if not legal(op, layer):
        return None
    first = None
    for n, x, y in pairs:
        found = out(op, x, layer)
        if found is not None and found != y:
            return None
        if found is not None and first is None:
            first = n
    return first


def smallest_per_call(pairs: list[tuple[int, int, int]], layer: Layer) -> int | None:
    """The smallest n that a transposed layer brings back, with an output padding for each."""
    if not legal("deconv", layer):
        return None
    first = None
    for n, x, y in pairs:
        base = (x - 1) * layer.s - 2 * layer.p + layer.d * (layer.k - 1) + 1
        if y >= 1 and not 0 <= y - base < max(layer.s, layer.d):
            return None
        if y >= 1 and first is None:
            first = n
    return first


def faults(question: Question, box: int = 4) -> list[str]:
    """What is wrong with the answer to a question, for letters in a box. Raises LimitError."""
    op, given = question.op, question.given
    options = {LONG[x]: words for x, words in given.items()}
    answer = solve(op, question.input, question.output, where=question.where, **options)
    recipes = [recipe.trees for recipe in answer]
    letters = answer.letters
    family = [read(str(each)) for each in answer.family]
    rounded = re.search("floor|ceil|//", question.input) is not None
    per_call = op == "deconv" and rounded and "a" not in given
    found = []
    for at in _box(letters, box):
        if question.where and not read(question.where)(at):
            continue
        pairs = list(_pairs(question, at))
        layers = {}
        for layer in _layers(question, at, per_call):
            first = smallest_per_call(pairs, layer) if per_call else smallest(op, pairs, layer)
            if first is not None and first < ENOUGH:
                layers[layer] = first
            if recipes and not per_call and len(pairs) >= ENOUGH // 9 and legal(op, layer):
                here = {**at, **{LONG[x]: size for x, size in layer._asdict().items()}}
                if all(each(here) for each in family) != (first is not None):
                    found.append(f"the family is wrong of {layer} at {dict(at)}")
        met = set()
        for recipe in recipes:
            for fault, layer in _checked(question, recipe, letters, at, pairs, per_call):
                found += [f"{recipe} at {dict(at)}: {fault}"] * bool(fault)
                met.add(layer)
        best: dict[tuple[int, int, int], Layer] = {}
        for layer in layers:
            key = layer.k, layer.s, layer.d
            best[key] = min(best.get(key, layer), layer, key=lambda x: (x.a, x.p))
        reach = FREE - 1
        found += [
            f"no recipe at {dict(at)} gives {layer}"
            for layer in best.values()
            if layer not in met
            and layer.k <= reach
            and (layer.s <= reach or "n" in question.input + question.output)
        ]
    return found


def _checked(
    question: Question,
    recipe: object,
    letters: tuple[str, ...],
    at: Mapping[str, int],
    pairs: list[tuple[int, int, int]],
    per_call: bool,
) -> Iterator[tuple[str, Layer]]:
    """The layers that a recipe gives at letters, with what is wrong with each."""
    sizes = [str(getattr(recipe, name)) for name in LONG.values()]
    where = "" if recipe.where is None else str(recipe.where)
    free = tuple(x for x in recipe.letters if x not in letters and x != "n")
    for values in _box(free, FREE if len(free) < 3 else 5):
        here = {**at, **values}
        if where and not read(where)(here):
            continue
        numbers = [read(size)({**here, "n": 7}) for size in sizes]
        if any(size is None or Fraction(size).denominator > 1 for size in numbers):
            yield f"not whole: {numbers}", Layer(0, 0, 0, 0, 0)
            continue
        layer = Layer(*map(int, numbers))
        first = read(str(recipe.valid_from))(here)
        if per_call:
            for n, x, y in pairs:
                extra = int(read(sizes[4])({**here, "n": n}))
                if n >= first and out("deconv", x, layer._replace(a=extra)) != y:
                    yield f"{layer} does not bring {n} back", layer
            layer = layer._replace(a=0)
            taken = smallest_per_call(pairs, layer)
        else:
            taken = smallest(question.op, pairs, layer)
        if not pairs or first > SIZES[-1]:
            yield "", layer
        elif taken is None:
            yield f"{layer} does not do it", layer
        elif taken != first and "n" in question.input + question.output:
            yield f"{layer} takes {taken} first, not {first}", layer
        for x, words in question.given.items():
            if getattr(layer, x) not in _values(x, words, at):
                yield f"{layer} is not given", layer
        yield "", layer


def _box(letters: tuple[str, ...], box: int) -> Iterator[dict[str, int]]:
    starts = [LEAST.get(x, 1) for x in letters]
    for values in product(*(range(start, start + box) for start in starts)):
        yield dict(zip(letters, values, strict=True))


def _pairs(question: Question, at: Mapping[str, int]) -> Iterator[tuple[int, int, int]]:
    """The n that are asked about, each with the sizes before and after the layer."""
    for n in SIZES if "n" in question.input + question.output else (1,):
        x, y = (read(words)({**at, "n": n}) for words in (question.input, question.output))
        if x is not None and y is not None and x >= 1 and {x.denominator, y.denominator} == {1}:
            yield n, int(x), int(y)


def _layers(question: Question, at: Mapping[str, int], per_call: bool) -> Iterator[Layer]:
    def values(x: str, usual: range) -> list[int]:
        return _values(x, question.given[x], at) if x in question.given else list(usual)

    for k, d, s in product(values("k", KERNELS), values("d", range(1, 2)), values("s", STRIDES)):
        extra = values("a", range(max(s, d))) if question.op == "deconv" and not per_call else [0]
        for p, a in product(values("p", PADDINGS), extra):
            yield Layer(k, s, p, d, a)


def _values(letter: str, words: str, at: Mapping[str, int]) -> list[int]:
    """What a hyperparameter may be: numbers 1..3,5, or an expression in letters."""
    if not re.fullmatch(r"[0-9.,]+", words):
        size = read(words)(at)
        return [int(size)] if size is not None and Fraction(size).denominator == 1 else []
    found = []
    for part in words.split(","):
        low, _, high = part.partition("..")
        found += range(int(low), int(high or low) + 1)
    return found


def made(dice: random.Random) -> Question:
    """A question that nobody planned."""
    op = dice.choice(["conv", "conv", "deconv", "deconv", "maxpool", "avgpool"])
    s = dice.choice(["s", "s", "s", "2*s", "s*t", "(s + 1)", "k", "2", "3"])
    c = dice.choice(["0", "0", "1", "-1", "c", "-c", "k", "-k", "s", "2*p", "d*(k - 1)", "s % 2"])
    up = [f"{s}*n", f"{s}*n + {c}", f"(n - 1)*{s} + {c}", f"n + {c}", "n"]
    down = [f"floor((n + {c})/{s})", f"ceil((n + {c})/{s})", f"(n + {c})/{s}", f"n/{s}"]
    down += [f"ceil(n/{s}) + {c}", f"floor((n + 2*p - k)/{s}) + 1"]
    usual, other = (up, down) if op == "deconv" else (down + up[3:], up)
    size = dice.choice(usual if dice.random() < 0.85 else other)
    input, output = ("n", size)
    if dice.random() < 0.2:
        input, output = dice.choice(other if op != "deconv" else down), "n"
    ways = {
        "k": ["k", "2*s", "s + 1", "3", "2*k - 1", "2*s - s % 2", "1..4", "s", "k + s"],
        "p": ["p", "0", "1", "floor(k/2)", "(k - 1)/2", "ceil(s/2)", "s", "k - 1", "0..3"],
        "d": ["d", "2", "1,2", "3", "s"],
        "s": ["s", "t", "2", "1..3"],
        "a": ["0", "1", "a", "s - 1", "s % 2"],
    }
    names = "kpsd" if op == "conv" else "kpsda" if op == "deconv" else "kps"
    chance = {"k": 0.5, "p": 0.25, "d": 0.3, "s": 0.1, "a": 0.2}
    given = {x: dice.choice(ways[x]) for x in names if dice.random() < chance[x]}
    wheres = ["s >= 2", "s % 2 == 0", "s % 2 == 1", "k >= s"]
    asked = " ".join(map(str, (input, output, *given.values())))
    wheres = [words for words in wheres if all(x in asked for x in re.findall("[ks]", words))]
    where = dice.choice(wheres) if wheres and dice.random() < 0.15 else ""
    return Question(op, input, output, given, where)


def main(count: int, seed: int) -> None:
    """Ask questions, and print what is wrong and how many there were."""
    dice = random.Random(seed)
    asked = dict.fromkeys(("right", "wrong", "left open"), 0)
    while sum(asked.values()) < count:
        question = made(dice)
        words = [question.input, question.output, *question.given.values()]
        if not re.search(r"[a-z]", re.sub("floor|ceil|n", "", " ".join(words))):
            continue  # a question in numbers
        try:
            wrong = faults(question, 3)
        except LimitError as limit:
            print("left open:", question, "|", str(limit).splitlines()[0], flush=True)
            asked["left open"] += 1
            continue
        asked["wrong" if wrong else "right"] += 1
        for fault in wrong[:2]:
            print("WRONG:", question, "|", fault, flush=True)
    print(asked)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
