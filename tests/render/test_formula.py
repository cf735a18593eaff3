"""Formula pages: golden texts, exact values, and LaTeX that typesets."""

from __future__ import annotations

import json
import math
import operator
import shutil
import subprocess
import warnings
from fractions import Fraction
from itertools import product

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from solver.cli.formula import formula as command
from solver.errors import SolverError
from solver.render.formula import formula
from solver.render.latex import latex
from solver.sizes import formulas
from solver.sizes.expression import apply, call, evaluate, named, of
from solver.sizes.grammar import parse
from solver.sizes.isolate import ROWS, isolate
from solver.sizes.normal import normal, normal_condition, whole
from solver.sizes.operations import OPERATIONS
from solver.sizes.text import text

with warnings.catch_warnings():
    # it reads its fonts through an old function of the standard library
    warnings.simplefilter("ignore", DeprecationWarning)
    import ziamath

CONV_2D = r"""\begin{split}
\text{Input: } &(N, C_{\text{in}}, H_{\text{in}}, W_{\text{in}}) \text{ or } (C_{\text{in}}, H_{\text{in}}, W_{\text{in}}) \\
\text{Output: } &(N, C_{\text{out}}, H_{\text{out}}, W_{\text{out}}) \text{ or } (C_{\text{out}}, H_{\text{out}}, W_{\text{out}}) \\
H_{\text{out}} &= \left\lfloor \frac{H_{\text{in}} + 2 \times \text{padding}[0] - \text{dilation}[0] \times (\text{kernel}\_\text{size}[0] - 1) - 1}{\text{stride}[0]} \right\rfloor + 1 \\
W_{\text{out}} &= \left\lfloor \frac{W_{\text{in}} + 2 \times \text{padding}[1] - \text{dilation}[1] \times (\text{kernel}\_\text{size}[1] - 1) - 1}{\text{stride}[1]} \right\rfloor + 1 \\
\text{Defaults: } &\text{stride} = 1,\quad \text{padding} = 0,\quad \text{dilation} = 1
\end{split}"""  # noqa: E501

CONV_3D_AXES = r"""D_{\text{out}} &= \left\lfloor \frac{D_{\text{in}} + 2 \times \text{padding}[0] - \text{dilation}[0] \times (\text{kernel}\_\text{size}[0] - 1) - 1}{\text{stride}[0]} \right\rfloor + 1 \\
H_{\text{out}} &= \left\lfloor \frac{H_{\text{in}} + 2 \times \text{padding}[1] - \text{dilation}[1] \times (\text{kernel}\_\text{size}[1] - 1) - 1}{\text{stride}[1]} \right\rfloor + 1 \\
W_{\text{out}} &= \left\lfloor \frac{W_{\text{in}} + 2 \times \text{padding}[2] - \text{dilation}[2] \times (\text{kernel}\_\text{size}[2] - 1) - 1}{\text{stride}[2]} \right\rfloor + 1 \\"""  # noqa: E501

DECONV_2D_AXES = r"""H_{\text{out}} &= (H_{\text{in}} - 1) \times \text{stride}[0] - 2 \times \text{padding}[0] + \text{dilation}[0] \times (\text{kernel}\_\text{size}[0] - 1) + \text{output}\_\text{padding}[0] + 1 \\
W_{\text{out}} &= (W_{\text{in}} - 1) \times \text{stride}[1] - 2 \times \text{padding}[1] + \text{dilation}[1] \times (\text{kernel}\_\text{size}[1] - 1) + \text{output}\_\text{padding}[1] + 1 \\
\text{Defaults: } &\text{stride} = 1,\quad \text{padding} = 0,\quad \text{dilation} = 1,\quad \text{output}\_\text{padding} = 0"""  # noqa: E501


def test_golden_latex():
    assert formula("conv") == CONV_2D
    assert CONV_3D_AXES in formula("conv", dim=3)
    assert "(N, C_{\\text{in}}, D_{\\text{in}}, H_{\\text{in}}, W_{\\text{in}})" in formula(
        "conv", 3
    )
    assert DECONV_2D_AXES in formula("deconv")


def every_latex():
    """Yield every kind of page, plain and with numbers filled in."""
    fills = ({}, {"kernel_size": 3, "padding": 1}, {"kernel_size": 4, "stride": 2, "padding": 1})
    for op, ceil_mode, fill in product(OPERATIONS, (False, True), fills):
        if ceil_mode and not op.pooling:
            continue
        options = {"ceil_mode": ceil_mode, **fill}
        for dim in (1, 2, 3):
            yield formula(op.name, dim, **options)
        yield formula(op.name, style="compact", **options)
        for word in ("input", "output", *op.hyperparameters):
            for style in ("compact", "textbook"):
                if word not in fill:
                    yield formula(op.name, letter=word, style=style, **options)


def kinds_of_latex():
    """Yield a page of each kind: ziamath draws every glyph, so all pages would take a minute."""
    for op, ceil_mode in (("conv", False), ("maxpool", True), ("conv_transpose", False)):
        yield formula(op, 2, ceil_mode=ceil_mode)
        for letter in ROWS["ceil_pool" if ceil_mode else op]:
            yield formula(op, letter=letter, ceil_mode=ceil_mode)
    yield formula("avgpool", 1)
    yield formula("conv", 3, kernel_size=3, padding=1)
    yield formula("conv", letter="padding", style="textbook")


@pytest.mark.parametrize("page", list(kinds_of_latex()))
def test_latex_typesets(page):
    assert ziamath.Latex(page).svg().startswith("<svg")


def test_the_typesetting_test_can_fail():
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the engine raises
        ziamath.Latex(formula("conv").replace(r"\end{split}", "").replace(r"\right", "")).svg()


@pytest.mark.tex
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex")
def test_all_latex_compiles(tmp_path):
    assert len(set(every_latex())) > 80
    pages = "\n".join(rf"\[ {page} \]" for page in sorted(set(every_latex())))
    source = tmp_path / "pages.tex"
    source.write_text(
        rf"\documentclass{{article}}\usepackage{{amsmath}}\begin{{document}}{pages}\end{{document}}"
    )
    run = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", source.name],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:]


BOX = {"k": (1, 2, 3), "s": (1, 2, 3), "p": (0, 1, 2), "d": (1, 2), "a": (0, 1)}
OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": Fraction,
    "//": operator.floordiv,
    "%": operator.mod,
    "floor": math.floor,
    "ceil": math.ceil,
    "min": min,
    "max": max,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "and": lambda x, y: x and y,
    "or": lambda x, y: x or y,
    "not": operator.not_,
}


@pytest.mark.parametrize("kind", ROWS)
def test_filling_in_numbers_keeps_the_value(kind):
    (case,) = isolate(kind, "o").cases
    for numbers in product(*(BOX[name] for name in "kspda")):
        values = dict(zip("kspda", numbers, strict=True))
        for hidden in ((), ("s",), ("p", "k"), ("k", "d")):
            filled = {x: v for x, v in values.items() if x not in hidden}
            printed = parse(text(normal(case.lower, filled)), tuple("ikspda"))
            for i in range(1, 8):
                known = {"i": i, **values}
                expected = evaluate(case.lower, known, OPERATORS)
                assert evaluate(printed, known, OPERATORS) == expected


@pytest.mark.parametrize(
    ("fill", "expected"),
    [
        ({"kernel_size": 3, "padding": 1}, "floor((H_in - 1)/stride[0]) + 1"),
        ({"kernel_size": 3, "padding": 1, "stride": 2}, "floor((H_in - 1)/2) + 1"),
        ({"kernel_size": 3, "padding": 1, "stride": 1}, "H_in"),
        ({"stride": 1, "dilation": 1}, "H_in + 2*padding[0] - kernel_size[0] + 1"),
        ({"kernel_size": (7, 3), "padding": (3, 1)}, "floor((H_in - 1)/stride[0]) + 1"),
    ],
)
def test_filled_pages_read_as_people_write(fill, expected):
    assert f"\nH_out = {expected}\n" in formula("conv", format="text", **fill)


NAMES = ("x", "y", "z")
LEAVES = st.integers(0, 6).map(of) | st.sampled_from(NAMES).map(named)


def grow(inner):
    number = st.integers(1, 5)
    return (
        st.builds(apply, st.sampled_from("+-*"), inner, inner)
        | st.builds(apply, st.sampled_from(("/", "//", "%")), inner, number)
        | st.builds(call, st.sampled_from(("floor", "ceil")), inner)
        | st.builds(call, st.sampled_from(("min", "max")), inner, inner)
    )


SIZES = st.recursive(LEAVES, grow, max_leaves=12)
VALUES = st.fixed_dictionaries(dict.fromkeys(NAMES, st.integers(-7, 9)))


@given(SIZES, VALUES)
def test_text_parses_back_to_an_equal_value(size, values):
    again = parse(text(size), NAMES)
    assert evaluate(again, values, OPERATORS) == evaluate(size, values, OPERATORS)


@pytest.mark.parametrize(
    "negated", ["0 - x//y", "0 - x//y*z", "0 - x % y", "0 - x*y", "0 - (x - y)"]
)
def test_a_sign_does_not_move(negated):
    size = parse(negated, NAMES)
    values = {"x": 7, "y": 2, "z": 3}
    again = evaluate(parse(text(size), NAMES), values, OPERATORS)
    assert again == evaluate(size, values, OPERATORS)


@pytest.mark.parametrize(
    ("written", "human"),
    [
        ("-1 + n", "n - 1"),
        ("3 - 2*n", "3 - 2*n"),
        ("min(n + 1, n)", "n"),
        ("max(n, 3, n + 1)", "max(3, n + 1)"),
        ("min(ceil((n + 1)/2), ceil((n - 1)/2) + 1)", "ceil((n + 1)/2)"),
        ("floor((2*n + 6)/4)", "floor((n + 3)/2)"),
        ("floor(7/2) + ceil(7/2)", "7"),
        ("n*(n - 1) - n*(n - 1)", "0"),
    ],
)
def test_human_order(written, human):
    assert text(normal(parse(written))) == human


@given(SIZES, VALUES, st.sets(st.sampled_from(NAMES)))
def test_human_order_keeps_the_value(size, values, hidden):
    filled = {name: value for name, value in values.items() if name not in hidden}
    expected = evaluate(size, values, OPERATORS)
    assert evaluate(normal(size, filled), values, OPERATORS) == expected
    assert evaluate(parse(text(normal(size, filled)), NAMES), values, OPERATORS) == expected


@given(SIZES, SIZES, st.sampled_from(("==", "<", ">=")), VALUES, st.sets(st.sampled_from(NAMES)))
def test_conditions_keep_their_truth(left, right, sign, values, hidden):
    condition = apply("not", apply(sign, left, right))
    filled = {name: value for name, value in values.items() if name not in hidden}
    found = normal_condition(condition, filled)
    if not isinstance(found, bool):
        found = evaluate(found, values, OPERATORS)
    assert found == evaluate(condition, values, OPERATORS)


@given(SIZES)
def test_any_tree_has_latex(size):
    assert latex(size).count("{") == latex(size).count("}")


def run(source):
    space = {}
    exec(source, space)
    (function,) = (value for name, value in space.items() if name != "__builtins__")
    return function


@pytest.mark.parametrize(
    ("op", "ceil_mode", "kind"),
    [
        ("conv", False, "conv"),
        ("maxpool", True, "ceil_pool"),
        ("conv_transpose", False, "conv_transpose"),
    ],
)
def test_python_pages_compute_the_formulas(op, ceil_mode, kind):
    compact = run(formula(op, style="compact", format="python", ceil_mode=ceil_mode))
    two = run(formula(op, 2, "python", ceil_mode=ceil_mode))
    for i, k, s, p, d, a in product(range(1, 8), *(BOX[name] for name in "kspda")):
        last = (a,) if op == "conv_transpose" else ()
        expected = getattr(formulas, kind)(i, k, s, p, p, d, *last)
        assert compact(i, k, s, p, d, *last) == expected
        pairs = [(v, v) for v in (k, s, p, d, *last)]
        assert two(i, i, *pairs) == (expected, expected)


def test_python_defaults_are_the_operations():
    assert run(formula("conv", 2, "python"))(8, 9, (3, 3)) == (6, 7)
    assert run(formula("maxpool", 1, "python"))(8, 2) == 4  # stride is kernel_size
    assert run(formula("avgpool", 1, "python", kernel_size=2))(8) == 4


@pytest.mark.parametrize(("kind", "letter"), [(k, x) for k, rows in ROWS.items() for x in rows])
def test_python_pages_isolate(kind, letter):
    op = {"conv": "conv", "ceil_pool": "maxpool", "conv_transpose": "deconv"}[kind]
    function = run(formula(op, format="python", letter=letter, ceil_mode=kind == "ceil_pool"))
    isolation = isolate(kind, letter)
    box = {"i": (1, 2, 5), "o": (1, 2, 3, 4), **BOX}
    for numbers in product(*(box[name] for name in isolation.others)):
        values = dict(zip(isolation.others, numbers, strict=True))
        assert function(**values) == isolation.bounds(**values), values


def test_integer_division_is_exact():
    assert text(whole(parse("ceil(n/3) + (2*n)/2"))) == "(n + 2)//3 + 2*n//2"


def cli(*words):
    return CliRunner().invoke(command, words)


def test_command_prints_every_format():
    for name in ("latex", "text", "markdown", "python", "json"):
        result = cli("conv", "--format", name)
        assert result.exit_code == 0, result.output
        assert result.output.strip()
    assert cli("conv").output == formula("conv") + "\n"
    assert "<= p <=" in cli("conv", "--for", "padding", "--format", "text").output


def test_json_keys_are_fixed():
    data = json.loads(cli("deconv", "--json", "--for", "p").output)
    assert list(data) == [
        "schema", "command", "op", "dim", "style", "ceil_mode", "for", "given", "defaults",
        "formulas", "latex",
    ]  # fmt: skip
    assert data["schema"] == 1
    assert data["for"] == "p"
    assert list(data["formulas"][0]) == ["name", "equals", "minimum", "maximum", "if"]
    assert list(formula("conv", format="json"))[7:9] == ["input", "output"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["conv", "--dim", "4"], "a formula has 1, 2 or 3 axes\n  received: 4"),
        (
            ["conv", "--dim", "x"],
            "--dim must be a whole number\n  x\n  ^",
        ),
        (["conv", "--format", "pdf"], "unknown format\n  received: pdf\n  right:    latex, text"),
        (["conv", "--style", "long"], "unknown style\n  received: long\n  right:    textbook or"),
        (["conv", "--for", "a"], "such letter\n  received: a\n  right:    i (input), o (output)"),
        (["conv", "--for", "k", "-k", "3"], "kernel_size is asked for"),
        (["conv", "-k", "0"], "kernel_size must be at least 1\n  0\n  ^\n  right:    1 or more"),
        (["conv", "--ceil-mode"], "convolution has no ceil mode"),
        (["avgpool", "-d", "2"], "average pooling has no dilation"),
        (["conv", "-a", "1"], "convolution has no output_padding"),
    ],
)
def test_errors_say_what_would_be_right(words, message):
    result = cli(*words)
    assert isinstance(result.exception, SolverError)
    assert message in str(result.exception)
    assert result.output == ""
