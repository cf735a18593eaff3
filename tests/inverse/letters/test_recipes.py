"""Recipes in letters, against brute force: each is a layer that solves, and every layer has one."""

from __future__ import annotations

import random
import re

import pytest
from recipes import LONG, Question, faults, made, read

from solver import LimitError, SolverError, solve
from solver.inverse.letters.answer import Recipe

QUESTIONS = [
    Question("deconv", "n", "s*n"),
    Question("deconv", "n", "s*n", {"k": "2*s"}),
    Question("deconv", "n", "s*n", {"k": "2*s", "p": "ceil(s/2)", "a": "s % 2"}),
    Question("deconv", "n", "s*n", {"k": "2*s - s % 2"}),
    Question("deconv", "n", "s*n", {"k": "k", "a": "0"}),
    Question("deconv", "n", "s*n", {"k": "1..3", "p": "1"}),
    Question("deconv", "n", "s*n", {"d": "d"}),
    Question("deconv", "n", "s*n", {"s": "t"}),
    Question("deconv", "n", "(n - 1)*s + k"),
    Question("deconv", "n", "s*n - c"),
    Question("deconv", "n", "n/s"),
    Question("deconv", "n", "floor(n/s)"),
    Question("deconv", "n/s", "n"),
    Question("deconv", "floor(n/s)", "n"),
    Question("deconv", "ceil(n/s)", "n", {"d": "d"}),
    Question("deconv", "ceil(n/s)", "n", {"a": "0"}),
    Question("deconv", "s*n", "t*n"),
    Question("conv", "s*n", "n"),
    Question("conv", "s*n + c", "n"),
    Question("conv", "n", "s*n"),
    Question("conv", "n", "s*n + c"),
    Question("conv", "n", "s*t*n", {"p": "0"}),
    Question("conv", "n", "n/s", {"k": "2*s", "s": "2"}),
    Question("conv", "(s + 1)*n", "t*n", {"p": "1"}),
    Question("conv", "n", "n/s", {"d": "d"}),
    Question("conv", "n", "n/s", {"p": "1"}),
    Question("conv", "n", "n/(s - 1)"),
    Question("conv", "n", "n/(s*t)", {"k": "3"}),
    Question("conv", "n", "n//s"),
    Question("conv", "n", "ceil(n/s)", {"d": "1,2"}),
    Question("conv", "n", "ceil(n/3) + c", {"k": "k"}),
    Question("conv", "n", "floor(2*n/s)"),
    Question("conv", "n", "n", {"k": "k", "d": "d"}),
    Question("conv", "n", "n - k + 1"),
    Question("conv", "n", "floor((n + 2*p - k)/s) + 1", {"k": "k"}),
    Question("conv", "n", "(n + 2*p - k)/s + 1", {"k": "k"}),
    Question("conv", "n", "n/2", {"k": "k", "p": "floor(k/2)"}),
    Question("conv", "n", "ceil(n/s)", {"k": "k"}, "s % 2 == 0"),
    Question("conv", "224", "112", {"k": "k"}),
    Question("maxpool", "n", "ceil(n/s)"),
    Question("avgpool", "n", "n/s"),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_recipes_are_the_layers_of_brute_force(question):
    assert faults(question, 3) == []


@pytest.mark.parametrize("seed", range(12))
def test_recipes_of_a_question_that_nobody_planned(seed):
    dice = random.Random(seed)
    question = made(dice)
    while not re.search(r"[b-z]", question.output.replace("n", "").replace("floor", "")):
        question = made(dice)
    try:
        wrong = faults(question, 2)
    except LimitError:
        return
    assert wrong == [], question


def test_the_oracle_sees_what_is_wrong(monkeypatch):
    question = Question("deconv", "n", "s*n", {"k": "2*s"})
    answer = solve("deconv", "n", "s*n", kernel_size="2*s")
    always = Recipe(answer[0].trees._replace(where=None), {})
    wrong = [always, *answer[1:]]
    monkeypatch.setattr("recipes.solve", lambda *_, **__: Changed(answer, wrong))
    assert "does not do it" in faults(question, 3)[0]
    monkeypatch.setattr("recipes.solve", lambda *_, **__: Changed(answer, []))
    assert "no recipe at {'s': 2} gives" in faults(question, 3)[0]


class Changed(list):
    def __init__(self, answer, recipes):
        super().__init__(recipes)
        self.letters, self.family = answer.letters, answer.family


@pytest.mark.parametrize(
    ("op", "output", "given"),
    [
        ("deconv", "s*n", {}),
        ("deconv", "s*n", {"k": "2*s"}),
        ("deconv", "s*n + 1", {"k": "2*s"}),
        ("conv", "ceil(n/s)", {}),
        ("conv", "n/s", {"k": "2*s"}),
        ("maxpool", "floor(n/s)", {}),
    ],
)
def test_numbers_find_each_recipe_again(op, output, given):
    recipes = solve(op, "n", output, **{LONG[x]: size for x, size in given.items()})
    closed = [recipe.trees for recipe in recipes if set(recipe.letters) <= {"s"}]
    for stride in range(1, 65):
        for recipe in closed:
            if recipe.where is None or read(str(recipe.where))({"s": stride}):
                layer = recipe.at({"s": stride})
                box = {name: read(str(size))({"s": stride}) for name, size in parts(recipe)}
                found = solve(op, "n", re.sub(r"\bs\b", str(stride), output), **to_int(box))
                assert list(found) == [layer], (recipe, stride)
            else:
                with pytest.raises(SolverError, match="no layer here"):
                    recipe.at({"s": stride})


def parts(recipe):
    return recipe.hyperparameters.items()


def to_int(box):
    return {name: int(size) for name, size in box.items()}
