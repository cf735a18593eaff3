"""Numeric commands load neither SymPy nor NumPy nor Rich: they start as fast as Click does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_fixtures import environment

HEAVY = ("sympy", "mpmath", "numpy", "rich", "pygments", "dataclasses", "fractions", "decimal")
#: Ours that only questions for every n, or size, need.
OURS = (
    "solver.symbolic",
    "solver.layers.own",
    *(f"solver.sizes.{name}" for name in ("grammar", "sizemap", "sizeset", "target")),
)
WAV2VEC2 = Path(__file__).parents[2] / "examples/networks/wav2vec2.txt"
PRINTERS = (
    "solver.render.latex",
    *(f"solver.render.forms.{name}" for name in ("terminal", "latex", "json", "csv", "html")),
)


def loaded(statements: str, unwanted: tuple[str, ...]) -> list[str]:
    """Run statements in a fresh interpreter; return which of the unwanted modules they loaded."""
    check = f"{statements}\nimport sys\nprint(*[m for m in {unwanted!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", check],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return done.stdout.splitlines()[-1].split()


def command(*words: str) -> str:
    """Return statements that run the command line."""
    return (
        "import sys\n"
        f"sys.argv = ['convsolver', *{words!r}]\n"
        "from solver.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as stop:\n    assert not stop.code, stop.code"
    )


@pytest.mark.parametrize(
    ("statements", "unwanted"),
    [
        (command("solve", "conv", "224", "112"), (*HEAVY, *OURS, *PRINTERS, "json", "csv")),
        (
            command("size", "conv", "224", "-k", "3"),
            ("fractions", "json", "array", "struct", "solver.inverse", "solver.frameworks.spec"),
        ),
        *(
            (command(*words.split()), ("fractions", "decimal", "array", "locale", "difflib"))
            for words in (
                "solve conv 224 112",
                "network examples/networks/unet.py",
                "decoder examples/networks/codec.txt",
                "fill examples/networks/unknown_stem.txt 28 --input 224",
            )
        ),
        (command("solve", "maxpool", "224", "112", "--ceil-mode"), (*HEAVY, *OURS, *PRINTERS)),
        (command("solve", "conv", "224x320", "112x160", "--per-axis"), (*HEAVY, *OURS, *PRINTERS)),
        (command("solve", "deconv", "n", "2n"), (*HEAVY[:5], "solver.symbolic.algebra", *PRINTERS)),
        (
            command("solve", "deconv", "n", "s*n", "-k", "2s", "--explain"),
            (*HEAVY[:5], "solver.symbolic.algebra"),
        ),
        (command("solve", "conv", "224", "112", "--json"), (*HEAVY[:5], *OURS)),
        (command("solve", "conv", "224", "112", "--format", "table"), (*HEAVY[:5], *OURS[1:])),
        (
            command("size", "conv", "224", "-k", "3"),
            (*HEAVY[:5], "solver.symbolic.algebra", *PRINTERS),
        ),
        (command("size", "conv", "n", "-k", "3"), (*HEAVY[:5], "solver.symbolic.algebra")),
        (
            command("network", str(WAV2VEC2)),
            (
                *HEAVY[:5],
                "solver.symbolic.algebra",
                "solver.inverse",
                "solver.spaces",
                *(f"solver.network.{name}" for name in ("decoders", "diagnosis")),
            ),
        ),
        (
            "from solver import trace",
            (*HEAVY[:5], "solver.spaces", "solver.network.graph.validity"),
        ),
        (
            "import solver.network.graph.validity",
            (*HEAVY[:5], "solver.spaces", "solver.network.diagnosis.explain"),
        ),
        (command("formula", "conv", "--dim", "2"), (*HEAVY[:5], "solver.symbolic.algebra")),
        *(
            (command(*words.split()), HEAVY[:5])
            for words in (
                "network examples/networks/unet.py",
                "network examples/networks/codec.txt --json --tiles --unread --stream 24000",
                "network examples/networks/codec.txt --input 1000 --format markdown",
                "decoder examples/networks/codec.txt",
                "decoder examples/networks/codec.txt --input 1000 --json",
                "explain examples/networks/unet.py --input 300",
                "explain examples/networks/unet.py --input 300 --json",
            )
        ),
        *(
            (command(*words.split()), ("solver.layers.lettered", "solver.sizes.cases"))
            for words in (
                "size conv 224 -k 3",
                "solve conv n n/2",
                "network examples/networks/unet.py",
                "search --input 224 --output 7 --depth 5 -k 3 -s 1,2 -p 1",
            )
        ),
        (command("--help"), (*HEAVY, *OURS, "solver.inverse", "solver.render")),
        ("import solver", (*HEAVY, *OURS, "solver.inverse", "click")),
        ("from solver import Conv\nassert Conv(3).size(5) == 3", (*HEAVY[:5], "click")),
        (
            "from solver import Conv, solve\nassert solve(Conv, 'n', 'n/2').best()",
            (*HEAVY[:5], "solver.render", "click"),
        ),
    ],
)
def test_nothing_heavy_is_loaded(statements, unwanted):
    assert loaded(statements, unwanted) == []


@pytest.mark.parametrize(
    ("statements", "module"),
    [
        ("import dataclasses", "dataclasses"),
        ("from solver import n", "sympy"),
        ("from solver import Conv, solve\nsolve(Conv, 9, 9).conditions", "sympy"),
        (command("size", "conv", "224", "-k", "3"), "solver.layers.own"),
    ],
)
def test_this_test_can_fail(statements, module):
    assert module in loaded(statements, (*HEAVY, *OURS))


def test_a_command_that_fails_is_not_light():
    with pytest.raises(subprocess.CalledProcessError):
        loaded(command("solve", "conv", "224", "q"), HEAVY)


#: Counts what a command does: size maps that are folded for print, and our modules.
COUNTED = """
from solver.sizes import fold
folds, folded = 0, fold.expression
def counting(*arguments):
    global folds
    folds += 1
    return folded(*arguments)
fold.expression = counting
"""


def test_a_network_of_23_layers_is_sized_in_few_steps():
    unet = str(WAV2VEC2.with_name("unet.py"))
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{COUNTED}{command('network', unet)}\n"
            "print(folds, sum(m.partition('.')[0] == 'solver' for m in sys.modules))",
        ],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    folds, modules = map(int, done.stdout.splitlines()[-1].split())
    assert 20 < folds < 200
    assert modules < 158


def test_operations_compile_nothing_when_they_are_imported():
    statements = "from solver.network.graph import computed, merging, shaping, sized, slicing"
    check = (
        "import dataclasses\n"
        "made = []\n"
        "real = dataclasses._process_class\n"
        "dataclasses._process_class = lambda cls, *a, **o: made.append(cls) or real(cls, *a, **o)\n"
        f"{statements}\n"
        "print(*[c for c in made if c.__module__.startswith('solver.network')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    assert done.stdout.split() == []


#: Of each command, the most modules of ours that it may load, and the floors they stand on.
FLOORS = {
    "size conv 224 -k 7 -s 2 -p 3": (46, "layers"),
    "size conv n -k 7 -s 2 -p 3": (52, "layers"),
    "solve conv 224 112": (41, "inverse"),
    "solve deconv n 2n": (50, "inverse"),
    "search --input 224 --output 7 --depth 5 -k 3 -s 1,2 -p 0,1": (84, "layers spaces"),
    "network examples/networks/unet.py": (150, "layers network reading"),
    "explain examples/networks/unet.py --input 150": (178, "layers network reading"),
    "decoder examples/networks/codec.txt": (154, "layers network reading"),
    "fill examples/networks/unknown_stem.txt 28 --input 224": (
        163,
        "inverse layers network reading spaces",
    ),
}
EVERY_COMMAND = {"cli", "errors", "frameworks", "ground", "render", "sizes"}


@pytest.mark.parametrize("words", FLOORS)
def test_a_command_stands_on_few_modules(words):
    most, floors = FLOORS[words]
    ours = "[m for m in sys.modules if m.partition('.')[0] == 'solver']"
    done = subprocess.run(
        [sys.executable, "-c", f"{command(*words.split())}\nprint(*{ours})"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
        cwd=WAV2VEC2.parents[2],
    )
    names = done.stdout.splitlines()[-1].split()
    assert len(names) <= most
    assert {n.split(".")[1] for n in names if "." in n} <= {*EVERY_COMMAND, *floors.split()}


def test_a_constructor_is_compiled_for_each_length_and_patterns_and_layers_when_they_are_used():
    check = (
        "import re, sys\n"
        "patterns, lines = [], []\n"
        "real = re._compiler.compile\n"
        "re._compiler.compile = lambda *a: patterns.append(a) or real(*a)\n"
        "sys.addaudithook(lambda *a: 'compile' in a and '<string>' in a[1] and lines.append(a))\n"
        "import solver.network.diagnosis.messages, solver.network.network\n"
        "from solver.ground.named import NamedTuple\n"
        "lengths = {len(each._fields) for each in NamedTuple.__subclasses__()}\n"
        "print(len(patterns), len(lines) == len(lengths) < len(NamedTuple.__subclasses__()))\n"
        "from solver.layers.own import Conv, MaxPool\n"
        "Conv(3)\n"
        "print(*('__init__' in vars(layer) for layer in (Conv, MaxPool)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", check],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    assert done.stdout.split() == ["0", "True", "True", "False"]
