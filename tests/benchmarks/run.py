"""Time convsolver and its peers side by side, and print Markdown tables of medians.

    python tests/benchmarks/run.py [--rounds N] [--quick] [--only TASK] [--seed N]

The answers are compared first. Then, in every round, each peer has one turn, in shuffled order. A
turn lasts 20 ms: what is faster runs several times and its median counts, what is slower runs once.
What takes more than 2 s has three turns, what takes more than 20 s one. The garbage collector runs
as it does for users. `--quick` is 3 rounds without what takes more than 2 s. The
package measured is the checkout this file lies in.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from peers import (  # noqa: E402
    BEST,
    FIXED,
    HUGE,
    INPUT,
    LARGE,
    OUTPUT,
    TASKS,
    VAST,
    Peer,
    Task,
    normal,
    numpy_by_stride,
    ours_best,
    ours_every_n_first,
)

from solver import Conv, solve  # noqa: E402

_TURN = 0.02
_SLOW, _VERY_SLOW = 2.0, 20.0
_PACKAGES = ("numpy", "ortools", "islpy", "z3-solver", "sympy", "click")


def main() -> None:
    arguments = _arguments()
    rounds = 3 if arguments.quick else arguments.rounds
    shuffle = random.Random(arguments.seed)
    chosen = [arguments.only] if arguments.only else [*TASKS, *_OTHERS]
    print(_versions(), f"{rounds} rounds, seed {arguments.seed}.\n", sep="  \n", flush=True)
    for name in chosen:
        if name in TASKS:
            _compare(TASKS[name], rounds, shuffle, arguments.quick)
        else:
            _OTHERS[name](rounds, shuffle)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Time convsolver and its peers side by side.")
    parser.add_argument("--rounds", type=int, default=15, metavar="N")
    parser.add_argument("--quick", action="store_true", help="3 rounds, nothing slow")
    parser.add_argument("--only", choices=[*TASKS, *_OTHERS], metavar="TASK", help="%(choices)s")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="of the order of the turns"
    )
    return parser.parse_args()


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for package in _PACKAGES:
        installed = _installed(package)
        found.append(f"{package} {installed}" if installed else f"{package} not installed: skipped")
    return ", ".join(found) + "."


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


# One question, several ways to answer it


def _compare(task: Task, rounds: int, shuffle: random.Random, quick: bool) -> None:
    peers = [peer for peer in task.peers if not peer.package or _installed(peer.package)]
    expected = normal(task.peers[0].answer(task.box))
    turns: dict[Peer, int] = {}
    skipped = []
    for peer in peers:
        start = perf_counter()
        answer = normal(peer.answer(task.box))  # also warms up
        took = perf_counter() - start
        if answer != expected:
            sys.exit(f"{peer.name} and convsolver differ on: {task.title}, {task.box}")
        turns[peer] = rounds if took < _SLOW else min(rounds, 3 if took < _VERY_SLOW else 1)
        if quick and took >= _SLOW:
            skipped.append(peer.name)
            del turns[peer]
    times: dict[Peer, list[float]] = {peer: [] for peer in turns}
    for at in range(rounds):
        order = [peer for peer in turns if at < turns[peer]]
        shuffle.shuffle(order)
        for peer in order:
            times[peer].append(_turn(partial(peer.answer, task.box)))
    ours = median(times[peers[0]])
    rows = [
        (
            peer.name,
            _seconds(median(taken)),
            _seconds(min(taken)),
            "1" if peer is peers[0] else _ratio(median(taken) / ours),
            "" if turns[peer] == rounds else f"{turns[peer]} of the {rounds} rounds",
        )
        for peer, taken in times.items()
    ]
    answers = expected if isinstance(expected, int) else len(expected)
    print(f"**{task.title}**: {task.box} ({answers:,} answers)\n")
    _table(("", "median", "fastest", "times ours", ""), rows)
    medians = {peer.name: median(taken) for peer, taken in times.items()}
    aims = [
        (each.ours, each.peer, _ratio(medians[each.peer] / medians[each.ours]), f"{each.times:,}")
        for each in task.targets
        if each.peer in medians
    ]
    if aims:
        _table(("of ours", "beside", "times as fast", "target"), aims)
    if skipped:
        print(f"Too slow for --quick: {', '.join(skipped)}.\n")


def _turn(answer: Callable[[], Any]) -> float:
    """Return the median time of the runs that fit into a turn, at least one."""
    taken: list[float] = []
    gc.collect()
    while sum(taken) < _TURN:
        start = perf_counter()
        answer()
        taken.append(perf_counter() - start)
    return median(taken)


# Questions that nobody else can answer


def _vast(rounds: int, shuffle: random.Random) -> None:
    rows = []
    for asked, box in VAST.items():
        count, best = partial(_count, box), partial(_best, box)
        times = [_seconds(_turns(answer, rounds)) for answer in (count, best)]
        rows.append((asked, f"{count():,}", *times))
    print(f"**boxes no table can hold**: {INPUT} -> {OUTPUT}, the rest left to its default\n")
    _table(("box", "answers", "counted in", "best ten in"), rows)


def _count(box: dict[str, range]) -> int:
    return solve(Conv, INPUT, OUTPUT, **box).count()


def _best(box: dict[str, range]) -> list[Any]:
    return solve(Conv, INPUT, OUTPUT, **box).best(10)


def _turns(answer: Callable[[], Any], rounds: int) -> float:
    answer()
    return median(_turn(answer) for _ in range(rounds))


# Whole processes


def _start_up(rounds: int, shuffle: random.Random) -> None:
    """Time whole processes. Byte code is written before, as pip does when it installs."""
    entry = "from solver.cli import entry; entry()"
    wav2vec2 = ROOT / "examples/networks/wav2vec2.txt"
    commands: dict[str, Sequence[str]] = {
        "python -c pass": ("pass",),
        "import click": ("import click",),
        "convsolver solve conv 224 112": (entry, "solve", "conv", "224", "112"),
        "convsolver network wav2vec2.txt": (entry, "network", str(wav2vec2)),
        "import numpy": ("import numpy",),
        "import sympy": ("import sympy",),
    }
    rounds = max(rounds, 3) * 2
    with tempfile.TemporaryDirectory() as byte_code:
        environment = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
        environment |= {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": byte_code}

        def run(code: Iterable[str]) -> float:
            start = perf_counter()
            subprocess.run(
                [sys.executable, "-c", *code],
                env=environment,
                cwd=byte_code,
                stdout=subprocess.PIPE,
                check=True,
            )
            return perf_counter() - start

        for package in ("numpy", "sympy"):
            if not _installed(package):
                del commands[f"import {package}"]
        for code in commands.values():
            run(code)  # writes the byte code
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            order = list(commands)
            shuffle.shuffle(order)
            for name in order:
                times[name].append(run(commands[name]))
    click = median(times["import click"])
    rows = [
        (f"`{name}`", _seconds(median(taken)), _seconds(min(taken)), f"{median(taken) / click:.2f}")
        for name, taken in times.items()
    ]
    print(f"**start-up**: whole processes, output piped, {rounds} rounds\n")
    _table(("", "median", "fastest", "times `import click`"), rows)


def _best_few(rounds: int, shuffle: random.Random) -> None:
    """Time the ten best of a box, which nobody else ranks, beside NumPy's list of it."""
    rows = []
    for box in (LARGE, HUGE):
        asked = partial(ours_best, box), partial(numpy_by_stride, box)
        times: list[list[float]] = [[], []]
        for _ in range(rounds if box is LARGE else 3):
            for at in shuffle.sample((0, 1), 2):
                times[at].append(_turn(asked[at]))
        ours, other = map(median, times)
        times_ours = _ratio(other / ours), f"{BEST[box].times:,}"
        rows.append((str(box), _seconds(ours), _seconds(other), *times_ours))
    print(f"**the ten best layers**: {INPUT} -> {OUTPUT}\n")
    _table(("box", "ours", "NumPy lists, by stride", "times ours", "target"), rows)


def _first_answer(rounds: int, shuffle: random.Random) -> None:
    """Time a question for every n up to its first answer, in words that were not read before."""
    taken = _turns(partial(ours_every_n_first, LARGE), rounds)
    print(f"**the first answer for every n**, words read anew: {LARGE}\n")
    _table(("ours", "target"), [(_seconds(taken), _seconds(FIXED))])


_OTHERS: dict[str, Callable[[int, random.Random], None]] = {
    "best": _best_few,
    "first": _first_answer,
    "vast": _vast,
    "start-up": _start_up,
}


# Tables


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    print("\n".join("| " + " | ".join(line) + " |" for line in lines), "\n", flush=True)


def _seconds(value: float) -> str:
    for unit, name in ((1.0, "s"), (1e-3, "ms")):
        if value >= unit:
            return f"{value / unit:.3g} {name}"
    return f"{value * 1e6:.0f} µs"


def _ratio(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


if __name__ == "__main__":
    main()
