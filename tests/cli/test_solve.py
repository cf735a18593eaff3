"""`convsolver solve`: exit codes, the forms for people, and the sets, against brute force."""

from __future__ import annotations

import json
import os
import random
import re
import sys
from itertools import product

import oracle
import pytest
from cli_fixtures import ROOT, environment, line, run, spawn

from solver import solve
from solver.errors import SolverError
from solver.render.forward import read_layer

SEED = 20240613


def rows(record: dict) -> list[tuple]:
    """Return the solutions of one axis as the oracle writes them."""
    return sorted(
        (
            one["kernel_size"],
            one["stride"],
            tuple(one["padding"][0]) if isinstance(one["padding"], list) else one["padding"],
            one.get("dilation", 1),
            one.get("output_padding", 0),
            one.get("input"),
        )
        for one in record["solutions"]
    )


def random_box(rng: random.Random) -> tuple[list[str], oracle.Table]:
    """Return an operation with its options in words, and all its legal layers."""
    op = rng.choice(oracle.OPERATIONS)
    ceil_mode = op.endswith("pool") and rng.random() < 0.5
    ends = rng.random() < 0.3
    box = oracle.Box(
        range(1, rng.randint(2, 8)),
        range(1, rng.randint(2, 6)),
        range(rng.randint(1, 4)),
        range(1, rng.randint(2, 4)) if op != "avgpool" else (1,),
        range(rng.randint(1, 4)) if op == "conv_transpose" else (0,),
        range(rng.randint(1, 4)) if ends else None,
    )
    words = [op, "-k", f"1..{box.kernel_size[-1]}", "-s", f"1..{box.stride[-1]}"]
    words += ["-p", f"0..{box.padding[-1]}" + (f":0..{box.end[-1]}" if ends else "")]
    words += ["-d", f"1..{box.dilation[-1]}"] if op != "avgpool" else []
    words += ["-a", f"0..{box.output_padding[-1]}"] if op == "conv_transpose" else []
    words += ["--ceil-mode"] if ceil_mode else []
    return words, oracle.table(op, box, ceil_mode)


def check(words: list[str], wanted: list[tuple]) -> None:
    ended = run("solve", *words, "--json")
    record = json.loads(ended.out)
    assert rows(record) == wanted, words
    assert record["count"] == len(wanted), words
    assert ended.code == (0 if wanted else 1), words
    assert (record["reason"] is None) == bool(wanted), words


def test_sets_agree_with_brute_force():
    print("seed", SEED)
    rng = random.Random(SEED)
    for _ in range(150):
        words, made = random_box(rng)
        n, first = rng.randint(1, 25), rng.randint(1, 25)
        last = first + rng.choice((0, 0, 2))
        target = f"{first}..{last}" if last > first else str(first)
        check([*words, str(n), target], oracle.solve(made, [(n, first, last)]))


def test_several_pairs_agree_with_brute_force():
    print("seed", SEED)
    rng = random.Random(SEED)
    for _ in range(60):
        words, made = random_box(rng)
        column = rng.randrange(len(made.k))  # some layer of the box is an answer
        inputs = [n for n in rng.sample(range(1, 40), 3) if made.size(n)[column] >= 1]
        pairs = [(n, int(made.size(n)[column])) for n in inputs]
        if pairs:
            check(
                [*words, *(str(word) for pair in pairs for word in pair)],
                oracle.solve(made, [(n, m, m) for n, m in pairs]),
            )


def test_unknown_inputs_agree_with_brute_force():
    print("seed", SEED)
    rng = random.Random(SEED)
    for _ in range(40):
        words, made = random_box(rng)
        first = rng.randint(1, 12)
        last = first + rng.randrange(3)
        check([*words, "?", f"{first}..{last}"], oracle.inputs(made, first, last, range(1, 120)))


TARGETS = (
    ("2*n", lambda n: 2 * n, 1),
    ("n/2", lambda n: n, 2),
    ("ceil(n/2)", lambda n: (n + 1) // 2, 1),
    ("n//3 + 1", lambda n: n // 3 + 1, 1),
    ("n - 2", lambda n: n - 2, 1),
    ("n", lambda n: n, 1),
)
CONDITIONS = (
    ("", lambda n: n > 0),
    ("n % 4 == 1", lambda n: n % 4 == 1),
    ("n >= 10", lambda n: n >= 10),
)


def test_sets_for_every_n_agree_with_brute_force():
    """Periods here divide 2*3*4*5*60, so 120 inputs beyond the largest kernel see every case."""
    print("seed", SEED)
    rng = random.Random(SEED)
    for _ in range(120):
        words, made = random_box(rng)
        (target, numerator, denominator), (where, asked) = (
            rng.choice(TARGETS),
            rng.choice(CONDITIONS),
        )
        valid: dict[int, int] = {}
        wrong: set[int] = set()
        for n in range(1, 160):
            if asked(n) and numerator(n) % denominator == 0:
                for column, size in enumerate(made.size(n).tolist()):
                    if size:
                        valid.setdefault(column, n)
                        if size * denominator != numerator(n):
                            wrong.add(column)
        each = made.each()
        wanted = {each[column]: first for column, first in valid.items() if column not in wrong}
        ended = run("solve", *words, "n", target, *(["--where", where] if where else []), "--json")
        record = json.loads(ended.out)
        assert rows(record) == sorted(wanted), (words, target, where)
        assert ended.code == (0 if wanted else 1)
        for one in record["solutions"]:
            (row,) = rows({"solutions": [one]})
            assert one["valid_from"] == wanted[row], (words, target, where, one)


def test_a_finite_class_asks_only_where_the_kernel_fits():
    ended = run("solve", "conv", "n", "n-2", "--where", "n < 8", "-k", "3", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["solutions"][0]["layer"] == "Conv(3)"


def test_axes_agree_with_brute_force():
    """A layer for both axes is one set met with the other; with --per-axis a product of sets."""
    words = ["-k", "1..6", "-s", "1..3", "-p", "0..2"]
    made = oracle.table("conv", oracle.Box(range(1, 7), range(1, 4), range(3)))
    both = oracle.solve(made, [(10, 5, 5), (13, 7, 7)])
    assert both
    check(["conv", *words, "10x13", "5x7"], both)
    each = [oracle.solve(made, [pair]) for pair in ((10, 5, 5), (13, 7, 7))]
    record = json.loads(run("solve", "conv", "10x13", "5x7", "--per-axis", "--json", *words).out)
    names = ("kernel_size", "stride", "padding", "dilation")
    found = sorted(tuple(tuple(one[name]) for name in names) for one in record["solutions"])
    assert found == sorted(tuple(zip(a[:4], b[:4], strict=True)) for a, b in product(*each))


# What people read


PLAIN = """\
ConvTranspose(2, stride=2)
4 solutions of conv_transpose n -> 2*n, for every n >= 1
exactly when: stride = 2; 2*padding = kernel_size + output_padding - 2; output_padding < 2
searched: kernel_size 1..4, stride 1..4, padding 0..5, dilation 1, output_padding 0..1

kernel_size  stride  padding  dilation  output_padding  valid_from  notes
          2       2        0         1               0           1  the up-convolution of U-Net; \
each input fills its own block: no overlap
          4       2        1         1               0           1  the upsampling layer of DCGAN \
and pix2pix
"""


def test_plain_text_to_the_letter():
    ended = run(*["solve", "deconv", "n", "2n", "-k", "1..4", "-a", "0..1", "--limit", "2"])
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(PLAIN)
    assert ended.out.removeprefix(PLAIN).startswith("... and 2 more: --limit")


FIRST_LINES = [
    ("conv 224 112", "Conv(3, stride=2, padding=1)", 0),
    ("deconv n 2n", "ConvTranspose(2, stride=2)", 0),
    ("maxpool n n/2", "MaxPool(2)", 0),
    ('conv "?" 112 -k 7 -s 2 -p 3', "n = 223..224", 0),
    ("conv n 2n", "none: no convolution multiplies its input for every n: use deconv", 1),
    ("conv 10 20 -p 0", "none: needs padding >= 5: the box ends at 0", 1),
]


@pytest.mark.parametrize(("words", "answer", "code"), FIRST_LINES)
@pytest.mark.parametrize("form", ["plain", "table", "markdown"])
def test_the_first_line_is_the_answer(words, answer, code, form):
    ended = line(f"convsolver solve {words} --format {form}")
    assert (ended.code, ended.err) == (code, "")
    assert re.sub(r"[*`]", "", ended.out.splitlines()[0]) == answer


def test_plain_is_the_form_without_a_terminal():
    words = ("solve", "conv", "224", "112")
    assert run(*words) == run(*words, "--format", "plain")
    assert spawn(*words).stdout == run(*words).out


def test_ten_solutions_are_shown_and_limit_shows_the_rest():
    words = ("solve", "conv", "224", "112", "-k", "1..30")
    listed = re.compile(r"^ +\d+  ", re.MULTILINE)
    shown = run(*words).out
    count = int(re.search(r"^(\d+) solutions", shown, re.MULTILINE)[1])
    assert len(listed.findall(shown)) == 10 < count
    limit = re.search(r"--limit (\d+)", shown)[1]
    assert len(listed.findall(run(*words, "--limit", limit).out)) == min(count, int(limit))
    assert listed.findall(run(*words, "--limit", "0").out) == []
    assert f"{count} solutions" in run(*words, "--limit", "0").out


@pytest.mark.parametrize("key", ["kernel-size", "stride", "padding", "dilation"])
def test_sorting_changes_the_order_only(key):
    words = ("solve", "conv", "30", "10", "-d", "1..2", "--json")
    best = json.loads(run(*words).out)["solutions"]
    found = json.loads(run(*words, "--sort", key).out)["solutions"]
    values = [one[key.replace("-", "_")] for one in found]
    assert values == sorted(values)
    assert sorted(map(str, found)) == sorted(map(str, best))


def test_markdown_has_one_row_for_each_solution():
    words = ("solve", "conv", "30", "15", "--format", "markdown")
    out = run(*words, "--limit", "100").out
    table = [row for row in out.splitlines() if row.startswith("|")]
    count = json.loads(run(*words[:4], "--json").out)["count"]
    assert len(table) == count + 2
    assert len({row.count("|") for row in table}) == 1


def test_latex_is_balanced_and_typesets():
    out = run("solve", "conv", "n", "ceil(n/2)", "--format", "latex").out
    assert out.count("{") == out.count("}")
    for name in ("aligned", "tabular"):
        assert out.count(rf"\begin{{{name}}}") == out.count(rf"\end{{{name}}}") == 1
    ziamath = pytest.importorskip("ziamath")
    math = re.search(r"\\\[(.*?)\\\]", out, re.DOTALL)[1]
    assert "<svg" in ziamath.Latex(math.strip()).svg()


# On a terminal

pty = pytest.importorskip("pty") if sys.platform != "win32" else None
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def terminal(*words: str, **environ: str) -> tuple[int, str]:
    """Run the command on a terminal of its own; return the exit code and what the screen got."""
    assert pty is not None
    child, screen = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execve(
            sys.executable,
            [sys.executable, "-W", "error", "-m", "solver", *words],
            environment(**environ),
        )
    shown = b""
    while True:
        try:
            piece = os.read(screen, 65536)
        except OSError:  # the child closed its side
            break
        if not piece:
            break
        shown += piece
    os.close(screen)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return code, shown.decode().replace("\r\n", "\n")


@pytest.mark.skipif(pty is None, reason="needs pseudo-terminals")
class TestTerminal:
    """A table for people, plain without colours where they ask for it."""

    words = ("solve", "conv", "224", "112")

    def test_a_table_with_the_answer_in_bold(self):
        code, shown = terminal(*self.words, TERM="xterm", COLUMNS="100")
        assert code == 0
        assert shown.startswith("\x1b[1mConv(3, stride=2, padding=1)\x1b[0m\n")
        assert "in every row: stride 2, dilation 1\n" in shown

    @pytest.mark.parametrize("environ", [{"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}])
    def test_no_colours_where_they_are_not_wanted(self, environ):
        code, shown = terminal(*self.words, COLUMNS="100", **environ)
        assert code == 0
        codes = {number for text in COLOUR.findall(shown) for number in text[2:-1].split(";")}
        # NO_COLOR is about colours, bold is none; a dumb terminal knows neither.
        assert codes <= (set() if environ["TERM"] == "dumb" else {"0", "1", "2"})

    def test_the_width_is_what_the_environment_says(self):
        for columns in (60, 90):
            _, shown = terminal(*self.words, TERM="dumb", COLUMNS=str(columns))
            assert columns - 10 < max(map(len, shown.splitlines())) <= columns

    def test_what_is_wrong_fits_too(self):
        asked = ("explain", "examples/networks/unet.py", "--error", "hello")
        code, shown = terminal(*asked, TERM="dumb", COLUMNS="60")
        assert code == 2
        assert max(map(len, shown.splitlines())) <= 60
        assert "".join(run(*asked).err.split()) == "".join(shown.split())

    def test_plain_and_json_can_be_asked_for(self):
        for form in ("plain", "json"):
            words = (*self.words, "--format", form)
            assert terminal(*words, TERM="xterm") == (0, run(*words).out)


def test_another_letter_stands_for_the_size():
    done = run("solve", "conv", "h", "h/2", "-k", "3", "--where", "h % 4 == 0")
    assert done.out.splitlines()[:2] == [
        "Conv(3, stride=2, padding=1)",
        "1 solution of conv n -> n/2, for every n = 0 (mod 4)",
    ]
    assert "n stands for h" in done.out
    assert run("solve", "conv", "k", "k/2", "-k", "k").code == 2
    assert run("solve", "conv", "h", "h/s").out.startswith("kernel_size=s, stride=s\n")


@pytest.mark.parametrize("framework", ["", "keras", "onnx"])
@pytest.mark.parametrize("word", ["valid", "same", "half", "full", "causal"])
def test_padding_in_words_is_what_a_layer_of_this_padding_does(word, framework):
    for op, target in product(("conv", "maxpool", "avgpool", "deconv"), (5, 8, 12)):
        box = {"kernel_size": "2..4", "stride": "1..3", "padding": word, "framework": framework}
        try:
            found = solve(op, 12, target, **box)
        except SolverError:  # the word does not stand there
            assert (word, op) in {("causal", "deconv"), ("same", "deconv")}
            continue
        wanted = 0
        for k, s in product(range(2, 5), range(1, 4)):
            numbers = {"kernel_size": str(k), "stride": str(s), "padding": word}
            for extra in range(s if op == "deconv" else 1):
                numbers["output_padding"] = str(extra) if op == "deconv" else None
                try:
                    layer = read_layer(op, numbers, framework=framework)
                    wanted += layer.sizes((12,)) == (target,)
                except SolverError:
                    continue
        assert found.count() == wanted == len(list(found.answers())), (op, target)
        assert all(layer in found for layer in found)
