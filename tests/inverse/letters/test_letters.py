"""Questions in letters on the command line and in Python: forms, JSON, and what is refused."""

from __future__ import annotations

import json

import pytest
from cli_fixtures import run

from solver import Conv, ConvTranspose, LimitError, SolverError, n, solve


def test_a_question_in_letters_prints_its_recipes():
    code, out, err = run("solve", "deconv", "n", "s*n", "-k", "2s")
    assert (code, err) == (0, "")
    assert out == (
        "kernel_size=2*s, stride=s, padding=ceil(s/2), output_padding=s % 2 where s >= 2\n"
        "2 recipes of conv_transpose n -> s*n, for every n\n"
        "exactly when: stride == s; 2*padding == output_padding + s\n"
        "for every s >= 1\n"
        "no layer does it where s == 1\n"
        "\n"
        "kernel_size  stride  padding    dilation  output_padding  valid_from  "
        "where               notes\n"
        "2*s          s       ceil(s/2)  1         s % 2           1           s >= 2"
        "              at s = 2 the upsampling layer of DCGAN and pix2pix\n"
        "2*s          s       p          1         2*p - s         1           "
        "s <= 2*p and p < s\n"
    )


def test_json_has_every_recipe_in_the_grammar_that_is_read():
    code, out, _ = run("solve", "deconv", "n", "s*n", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["letters"] == ["s"]
    assert (found["count"], found["solutions"], found["reason"]) == (None, [], None)
    assert found["recipes"][2] == {
        "kernel_size": "2*s",
        "stride": "s",
        "padding": "ceil(s/2)",
        "dilation": "1",
        "output_padding": "s % 2",
        "where": "s >= 2",
        "valid_from": "1",
        "notes": ["at s = 2 the upsampling layer of DCGAN and pix2pix"],
    }
    assert found == solve("deconv", "n", "s*n").record()


@pytest.mark.parametrize("form", ["plain", "markdown", "latex", "csv", "jsonl", "table"])
def test_every_form_has_the_best_recipe(form):
    code, out, _ = run("solve", "conv", "n", "ceil(n/s)", "--format", form)
    assert code == 0
    assert "k = s" in out or "s" in out.split("\n")[0]


def test_none_is_proved_and_says_why():
    code, out, _ = run("solve", "conv", "n", "ceil(n/s)", "-k", "2s")
    assert code == 1
    assert out.startswith(
        "none: 2*padding would have to be 2*s - 1, which is odd for all letters\n"
    )


@pytest.mark.parametrize(
    ("words", "code", "rule"),
    [
        (("conv", "n", "i*n"), 2, "unknown letter 'i'"),
        (("conv", "n", "n/s", "--where", "s < 1"), 2, "no value of the letters meets"),
        (("conv", "n", "n/s", "--where", "s"), 2, "a condition is wanted here"),
        (("conv", "n", "s < n"), 2, "a size is wanted here"),
        (("conv", "n", "n/s+"), 2, "must come next"),
        (("conv", "n", "n*n*s"), 3, "a size in letters is"),
        (("conv", "224", "s"), 2, "unknown letter"),
        (("deconv", "n/s", "n/t"), 3, "n on one side"),
        (("conv", "n", "n/s", "-k", "n + s"), 2, "the same for every n"),
        (("conv", "224x224", "112x112", "-k", "k"), 3, "one size for all axes"),
        (("conv", "n", "n - n % s"), 3, "a size in letters is"),
        (("conv", "n", "max(n, s)"), 3, "a size in letters is"),
        (("conv", "n", "n/s", "--framework", "keras"), 3, "for questions in numbers"),
        (("conv", "n", "n/s", "--certificate"), 3, "for numbers"),
        (("conv", "n", "n/s", "n", "n/2"), 3, "one pair"),
    ],
)
def test_what_is_refused(words, code, rule):
    found, out, err = run("solve", *words)
    assert (found, out) == (code, "")
    assert rule in err


def test_what_brings_a_multiple_back_takes_every_input():
    (first, *_) = solve("conv", "s*n", "n")
    assert str(first.valid_from) == "1"


def test_an_even_number_is_never_an_odd_one():
    assert run("solve", "conv", "n", "ceil(n/s)", "-k", "2s", "-p", "p").code == 1


def test_a_huge_domain_is_refused_before_it_is_listed():
    code, out, err = run("solve", "conv", "n", "n/s", "-p", "0..99999999")
    assert (code, out) == (3, "")
    assert "at most 1,000 values" in err
    assert str(solve("deconv", "n", "s*n", kernel_size=7)[0].where) == "s <= 7"


def test_sympy_goes_in_and_layers_of_numbers_come_out():
    from sympy import Symbol, ceiling

    s = Symbol("s", positive=True, integer=True)
    recipe = solve(ConvTranspose, n, s * n, kernel_size=2 * s).best()[0]
    assert recipe.at(s=3) == ConvTranspose(6, stride=3, padding=2, output_padding=1)
    assert solve(Conv, n, ceiling(n / s), kernel_size=3).best()[0].at(s=5) == Conv(3, 5, 1)
    with pytest.raises(SolverError, match="no layer here"):
        recipe.at(s=1)
    with pytest.raises(SolverError, match="each letter needs a value"):
        recipe.at()


def test_the_output_padding_of_each_call_undoes_a_layer_for_every_stride():
    down = "floor((n + 2*ceil(s/2) - 2*s)/s) + 1"
    (recipe,) = solve("deconv", down, "n", kernel_size="2s", padding="ceil(s/2)")
    for stride in range(1, 9):
        for size in range(2 * stride, 60):
            made = Conv(2 * stride, stride, -(-stride // 2)).size(size)
            assert recipe.at(s=stride, n=size).size(made) == size


def test_a_recipe_for_every_stride_is_among_the_answers_in_numbers():
    recipes = solve("deconv", "n", "s*n")
    for stride in range(1, 17):
        box = {"kernel_size": f"1..{3 * stride}", "padding": f"0..{stride}"}
        numbers = solve("deconv", "n", f"{stride}n", stride=stride, **box)
        for recipe in recipes.best(3):
            try:
                layer = recipe.at(s=stride)
            except SolverError:
                continue
            assert layer in numbers


def test_a_limit_is_no_answer():
    with pytest.raises(LimitError):
        solve("conv", "n", "s*n*n").reason  # noqa: B018
