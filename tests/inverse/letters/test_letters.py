"""Questions in letters on the command line and in Python: forms, JSON, and what is refused."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product

import pytest
from cli_fixtures import run

from solver import Conv, ConvTranspose, LimitError, SolverError, n, solve
from solver.sizes.exact import exact


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
        (("conv", "n", "n/s", "--where", "k == 3"), 2, "on the letters of the question"),
        (("conv", "n", "n/s", "-k", "10**400"), 2, "kernel_size must be at most"),
        (("conv", "n", "n/s", "-k", "(1 - 1)*2"), 2, "kernel_size must be at least 1"),
        (("conv", "n", "n/s", "-k", "1/2"), 2, "kernel_size must be a whole number"),
        (("conv", "n", "n/s", "-k", "0/0"), 2, "a divisor must not be 0"),
        (("conv", "n", "n/s", "-k", "s/(s - s)"), 2, "a divisor must not be 0"),
        (("conv", "n", "n/0*s"), 2, "a divisor must not be 0"),
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


@pytest.mark.parametrize(
    ("words", "family"),
    [
        (("conv", "n", "n/s", {"kernel_size": "k", "padding": "(k - 1)/2"}), "stride == s"),
        (("conv", "n", "ceil(n/s)", {"kernel_size": 3}), "stride == s; padding == 1"),
        (
            ("deconv", "n/s", "n", {"kernel_size": "2s", "padding": "ceil(s/2)"}),
            "stride == s; output_padding == s % 2",
        ),
        (
            ("conv", "n", "s*t*n", {"padding": 0}),
            "s == 1; t == 1; stride == 1; kernel_size == 1",
        ),
    ],
)
def test_the_family_says_what_is_left_to_ask(words, family):
    *sizes, given = words
    assert "; ".join(map(str, solve(*sizes, **given).family)) == family


def test_several_sizes_in_letters_are_each_asked_and_a_fraction_is_refused():
    from sympy import Symbol

    s, k = Symbol("s"), Symbol("k")
    found = {str(each.kernel_size) for each in solve("conv", n, n / s, kernel_size=(k, s))}
    assert found == {"k", "s"}
    with pytest.raises(SolverError, match="a size is made of"):
        solve("conv", n, n / s, kernel_size=1.5 * s)


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


SMT = [
    ("deconv", "n", "s*n"),
    ("conv", "n", "n/s", "-d", "d"),
    ("conv", "n", "floor(n/s)"),
    ("deconv", "ceil(n/s)", "n", "-k", "k"),
    ("maxpool", "n", "ceil(n/s)"),
]


@pytest.mark.parametrize("words", SMT, ids=" ".join)
def test_a_solver_of_formulas_confirms_each_recipe(words):
    z3 = pytest.importorskip("z3")
    code, out, _ = run("solve", *words, "--smtlib")
    assert code == 0
    for script in out.split("(reset)\n"):
        judge = z3.Solver()
        judge.set("rlimit", 50_000_000)
        judge.from_string(script)
        assert judge.check() == z3.unsat, script.splitlines()[0]


def test_a_solver_of_formulas_refutes_what_is_no_recipe():
    z3 = pytest.importorskip("z3")
    judge = z3.Solver()
    script = solve("deconv", "n", "s*n", kernel_size="2s").smtlib().split("(reset)")[0]
    judge.from_string(script.replace("(>= s 2)", "(>= s 1)"))
    assert judge.check() == z3.unsat  # at s = 1 the layer is not legal, so nothing is asked
    judge = z3.Solver()
    judge.from_string(script.replace("(* 2 s)", "(* 3 s)"))
    assert judge.check() == z3.sat


def test_smtlib_is_for_letters():
    code, out, err = run("solve", "deconv", "n", "2n", "--smtlib")
    assert (code, out) == (2, "")
    assert "--smtlib is for questions in letters" in err


def test_each_recipe_is_derived_line_by_line():
    code, out, _ = run("solve", "deconv", "n", "s*n", "-k", "2s", "--explain")
    assert code == 0
    assert out.split("\n\n")[2].splitlines()[:17] == [
        "The transposed convolution takes n to",
        "  (n - 1)*stride + 1 - (2*padding - dilation*(kernel_size - 1) - output_padding)",
        "which with Z for all padding, less what the kernel takes,",
        "  Z = 2*padding - dilation*(kernel_size - 1) - output_padding",
        "is",
        "  (n - 1)*stride + 1 - Z",
        "In the long run both sides grow alike only with",
        "  stride = s",
        "With it the output is s*n exactly when",
        "  Z = 1 - s",
        "that is",
        "  2*padding = output_padding + s",
        "1. kernel_size = 2*s, stride = s, padding = ceil(s/2), dilation = 1, "
        "output_padding = s % 2",
        "  has Z = 2*ceil(s/2) - 1*(2*s - 1) - s % 2 = 1 - s",
        "and is a layer exactly where s >= 2.",
        "2. kernel_size = 2*s, stride = s, padding = p, dilation = 1, output_padding = 2*p - s",
        "  has Z = 2*p - 1*(2*s - 1) - (2*p - s) = 1 - s",
    ]


def test_latex_has_the_family_the_recipes_and_the_derivation():
    out = run("solve", "conv", "n", "n/s", "--explain", "--format", "latex").out
    assert r"& \text{stride} = s \\" in out
    assert r"$2s$ & $s$ & $\left\lceil \frac{s}{2} \right\rceil$ & $1$ & $s$ & $s \ge 2$" in out
    assert out.count(r"\begin{align*}") == out.count(r"\end{align*}") > 5
    page = run("solve", "conv", "n", "n/s", "--standalone").out
    assert page.startswith(r"\documentclass{article}")
    assert page.count("{") == page.count("}")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("conv", "n", "ceil(n/s)", "-k", "2s"), "be 2*s - 1, which is odd for all letters"),
        (("conv", "n", "s*n", "--where", "s >= 2"), "be 1/s, which is whole only where s == 1"),
        (("deconv", "n", "n/s", "--where", "s >= 2"), "be 1/s, which is whole only where s == 1"),
        (("conv", "n", "n/2", "-k", "k", "-s", "3"), "stride would have to be 2, and never is 3"),
        (
            ("deconv", "n", "s*n", "-k", "1", "-a", "0", "--where", "s >= 2"),
            "is negative where s >= 2",
        ),
        (("conv", "n", "ceil(n/s)", "-k", "s", "--where", "s % 2 == 0"), "be s - 1, which is odd"),
    ],
)
def test_none_has_the_reason_in_the_words_of_the_field(words, reason):
    code, out, _ = run("solve", *words)
    assert code == 1
    assert reason in out.splitlines()[0]


def test_it_says_for_which_letters_there_is_none():
    assert "no layer does it where k % 2 == 0" in run("solve", "conv", "n", "n", "-k", "k").out


def test_answers_stand_in_the_symbols_that_were_given():
    from sympy import Symbol, floor, lambdify, latex

    plain, own = Symbol("s"), Symbol("stride_1", integer=True, positive=True)
    for s in (plain, own):
        for recipe in solve(ConvTranspose, n, s * n, kernel_size=2 * s):
            sizes = [*recipe.hyperparameters.values(), recipe.where, recipe.valid_from]
            used = {symbol for size in sizes for symbol in getattr(size, "free_symbols", ())}
            assert s in used
            assert not any("Mod" in str(size) for size in sizes)
    (first, *_) = solve(ConvTranspose, n, plain * n, kernel_size=2 * plain)
    numbers = lambdify([plain], [first.kernel_size, first.padding, first.output_padding])
    for stride in range(2, 20):
        layer = first.at({plain: stride})
        assert numbers(stride) == [2 * stride, -(-stride // 2), stride % 2]
        assert first.size().subs({plain: stride, n: 7}) == layer.size(7) == 7 * stride
        assert first.where.subs(plain, stride)
        assert first.output_padding.subs(plain, stride) == stride % 2
    assert not first.where.subs(plain, 1)
    assert latex(first.output_padding) == r"s - 2 \left\lfloor{\frac{s}{2}}\right\rfloor"
    assert first.output_padding == plain - 2 * floor(plain / 2)


def test_two_symbols_of_one_name_are_refused():
    from sympy import Symbol

    with pytest.raises(SolverError, match="two symbols of one name"):
        solve(Conv, n, n / Symbol("s"), kernel_size=2 * Symbol("s", integer=True))
    with pytest.raises(SolverError, match="i counts repetitions"):
        solve(Conv, n, n / Symbol("i"))


def test_powers_are_letters_too():
    (first, *_) = solve("deconv", "n", "2**j*n")
    assert str(first) == "kernel_size=2**j, stride=2**j"
    assert first.at(j=3) == ConvTranspose(8, stride=8)


def test_a_layer_in_a_size_is_its_formula():
    for words, plain in (
        ("conv(n, k, s, p)", "floor((n + 2p - k)/s) + 1"),
        ("conv(n, 3, s, 1)", "ceil(n/s)"),
        ("maxpool(n, s)", "floor(n/s)"),
    ):
        found, wanted = (solve("deconv", size, "n").record() for size in (words, plain))
        assert found["recipes"] == wanted["recipes"] != []
    assert run("solve", "conv", "n", "conv(n, k, 0)").code == 2
    for words in ("conv(conv(n, k), k)", "maxpool(n, k, ceil_mode=True)"):
        assert run("solve", "conv", "n", words).code == 3


@pytest.mark.parametrize(
    ("layer", "arguments", "letters"),
    [
        (ConvTranspose, "2s, s, s/2", "s"),
        (Conv, "2s, s, (s - 1)/2", "s"),
        (Conv, "k, s, (k - 3)/2", "ks"),
        (ConvTranspose, "3, s, 1, 1, 2", "s"),
    ],
)
def test_layers_in_sizes_in_letters_are_layers(layer, arguments, letters):
    """What is asked of the letters is what numbers of them are asked by the class of the layer."""
    name = "deconv" if layer is ConvTranspose else "conv"
    question = solve("conv", f"{name}(n, {arguments})", f"{name}(n, {arguments})").question
    said = [x for x in (question.where, question.apart) if x is not None]
    for numbers in product(range(1, 8), repeat=len(letters)):
        values = dict(zip(letters, numbers, strict=True))
        given = [eval(word.replace("2s", "2*s"), dict(values)) for word in arguments.split(", ")]
        try:
            layer(*(int(x) if x == int(x) else Fraction(x) for x in given[:3]), 1, *given[4:])
            made = True
        except (SolverError, TypeError):
            made = False
        held = all(exact(x, {"n": 1} | values) for x in said)
        assert made == held, values


def test_a_layer_of_no_letters_is_refused():
    with pytest.raises(SolverError, match="no value of the letters makes this a layer"):
        solve("deconv", "conv(n, s, s, 0 - s)", "n")
