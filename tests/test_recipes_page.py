"""docs/recipes.md: regenerated, and every claim on it counted out by hand."""

from __future__ import annotations

import importlib.util
import re
from itertools import product
from pathlib import Path

import pytest
from claims import truth

from solver.proof.claim import read_claim
from solver.sizes.letters import least
from solver.sizes.text import text

SCRIPT = Path(__file__).parents[1] / "docs" / "recipes.py"
SPEC = importlib.util.spec_from_file_location("recipes", SCRIPT)
recipes = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(recipes)

CLAIMS = [claim for recipe in recipes.RECIPES for claim in recipe.claims]


def test_the_page_is_what_the_script_writes():
    assert recipes.PAGE.read_text(encoding="utf-8") == recipes.page()


@pytest.mark.parametrize(("statement", "where"), CLAIMS)
def test_every_claim_holds_in_a_box(statement, where):
    claim = read_claim(statement, where)
    letters, words = claim.letters, text(claim.statement)
    ranges = [range(least(letter), 20 if letter == "n" else 7) for letter in letters]
    values = (dict(zip(letters, sizes, strict=True)) for sizes in product(*ranges))
    found = [truth(words, where, each) for each in values]
    assert True in found
    assert False not in found


def test_every_formula_is_whole():
    formulas = re.findall(
        r"```math\n(.*?)\n```", recipes.PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert len(formulas) == sum(len(recipe.formulas) for recipe in recipes.RECIPES)
    for formula in formulas:
        assert formula.count("{") == formula.count("}")
        assert re.findall(r"\\begin{(\w+)}", formula) == re.findall(r"\\end{(\w+)}", formula)
        assert formula.count(r"\left") == formula.count(r"\right")
