"""Time the search over designs and its peers side by side, and print Markdown tables.

    python tests/benchmarks/search.py [--rounds N] [--only TASK] [--plot FILE]

Every layer is a convolution with k in 1, 3, 5, 7, s in 1, 2, p in 0..3 and d in 1, 2 (64 choices),
224 goes to 7. CP-SAT and we must agree on every optimum, a plain dynamic program and we on every
count; a difference stops the run. Turns are interleaved and shuffled as in `run.py`. Beside each
ratio stands what it should be.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise, product
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from run import _seconds, _table, _turn, _versions

from solver import Choice, Conv, ConvTranspose, LimitError, Space, optional, repeat

INPUT, OUTPUT = 224, 7
KERNELS, STRIDES, PADDINGS, DILATIONS = (1, 3, 5, 7), (1, 2), range(4), (1, 2)
CHOICES = list(product(KERNELS, STRIDES, PADDINGS, DILATIONS))
WIDTHS = (3, 16, 32, 64, 128, 256)  # channels of the Pareto question
LARGEST = 400  # sizes and products that CP-SAT has to think of


def layer(**more: Any) -> Choice:
    return Choice(Conv, KERNELS, STRIDES, PADDINGS, DILATIONS, **more)


def space(depth: int, least: int, **limits: Any) -> Space:
    limits |= {"receptive_field": (least, None)}
    return Space(repeat(layer(), depth), INPUT, OUTPUT, **limits)


def wide(depth: int, **limits: Any) -> Space:
    layers = [layer(out_channels=width) for width in WIDTHS[1 : depth + 1]]
    return Space(layers, INPUT, OUTPUT, channels=WIDTHS[0], **limits)


# For every n: the goal in words, and the two sizes that say the same


def strided(input: Any, output: Any) -> Space:
    layer = Choice(Conv, "2..16", {2, 4, 5, 8}, "0..8")
    limits = {"total_stride": 320, "receptive_field": "..400", "axes": 1}
    return Space(repeat(layer, "4..5"), input, output, **limits)


def in_words() -> Space:
    return strided("n", "floor(n/320)")


def in_numbers() -> Space:
    return strided([16000, 16319], [50, 50])


# Questions that tell too much apart, unless they are stopped


def narrow(**limits: Any) -> Space:
    return Space(repeat(Choice(Conv, ..., ..., ...), 3), 8, **limits)


def dilated(**limits: Any) -> Space:
    layer = Choice(ConvTranspose, "1..3", "2..4", "0..2", "1..2")
    return Space(repeat(layer, 4), 5, **limits)


def deep(**limits: Any) -> Space:
    return Space(repeat(optional(layer()), 1000), INPUT, OUTPUT, **limits)


HARD: dict[str, Callable[[], Space]] = {
    "3 layers from 8, multiply-accumulates up to 1,000": lambda: narrow(macs="..1000"),
    "5 layers, 3 to 256 channels, parameters up to 400,000": lambda: wide(5, parameters="..400000"),
    "12 layers, parameters up to 200": lambda: space(12, 0, parameters="..200"),
    "12 layers, multiply-accumulates up to 10^6": lambda: space(12, 0, macs="..1000000"),
    "4 dilated transposed layers, receptive field 2": lambda: dilated(receptive_field=2),
    "4 dilated transposed layers, receptive field ..2": lambda: dilated(receptive_field="..2"),
    "up to 1,000 layers": deep,
    "up to 1,000 layers, receptive field ..500": lambda: deep(receptive_field="..500"),
}


# Counting


def plain_count(depth: int, least: int) -> int:
    """Count with a dictionary from (size, jump, receptive field) to the number of ways there."""
    states = {(INPUT, 1, 1): 1}
    for _ in range(depth):
        after: dict[tuple[int, int, int], int] = {}
        for (n, jump, reads), count in states.items():
            for k, s, p, d in CHOICES:
                span = d * (k - 1)
                rest = n + 2 * p - span - 1
                if rest >= 0:
                    key = rest // s + 1, jump * s, reads + span * jump
                    after[key] = after.get(key, 0) + count
        states = after
    return sum(c for (n, _, reads), c in states.items() if n == OUTPUT and reads >= least)


# The cheapest design


def cheapest(depth: int, least: int) -> int | None:
    found = space(depth, least).best()
    return found[0].parameters if found else None


class Model:
    """Hold the question for CP-SAT: tables for what is a table, products where they must be."""

    def __init__(self, depth: int, widths: list[int]) -> None:
        from ortools.sat.python import cp_model

        self.solver, self.cp = cp_model, cp_model.CpModel()
        size: Any = self.cp.new_constant(INPUT)
        jump: Any = self.cp.new_constant(1)
        prices, gains = [], []
        rows = [(k, d, d * (k - 1), k * k) for k in KERNELS for d in DILATIONS]
        for i in range(depth):
            values = cp_model.Domain.from_values
            k = self.cp.new_int_var_from_domain(values(KERNELS), f"k{i}")
            s = self.cp.new_int_var_from_domain(values(STRIDES), f"s{i}")
            p = self.cp.new_int_var_from_domain(values(PADDINGS), f"p{i}")
            d = self.cp.new_int_var_from_domain(values(DILATIONS), f"d{i}")
            span = self.cp.new_int_var(0, 12, f"span{i}")
            price = self.cp.new_int_var(1, 49, f"price{i}")
            self.cp.add_allowed_assignments([k, d, span, price], rows)
            rest = self.cp.new_int_var(0, LARGEST, f"rest{i}")
            steps = self.cp.new_int_var(0, LARGEST, f"steps{i}")
            self.cp.add(rest == size + 2 * p - span - 1)
            self.cp.add_division_equality(steps, rest, s)
            size = self.cp.new_int_var(1, LARGEST + 1, f"size{i}")
            self.cp.add(size == steps + 1)
            gain = self.cp.new_int_var(0, 12 << i, f"gain{i}")
            self.cp.add_multiplication_equality(gain, [span, jump])
            after = self.cp.new_int_var(1, 2 << i, f"jump{i}")
            self.cp.add_multiplication_equality(after, [jump, s])
            jump = after
            gains.append(gain)
            prices.append(widths[i] * price)
        self.cp.add(size == OUTPUT)
        self.reads = 1 + sum(gains)
        self.price = sum(prices)

    def least(self, objective: Any) -> int | None:
        """Return the smallest value of an objective, proved, or None where there is no design."""
        self.cp.minimize(objective)
        solver = self.solver.CpSolver()
        solver.parameters.num_workers = 2
        status = solver.solve(self.cp)
        if status == self.solver.INFEASIBLE:
            return None
        assert status == self.solver.OPTIMAL
        return round(solver.objective_value)


def cp_sat_cheapest(depth: int, least: int) -> int | None:
    model = Model(depth, [1] * depth)
    model.cp.add(model.reads >= least)
    found = model.least(model.price)
    return None if found is None else found + depth  # a bias a layer


def sampled(draw: Callable[[], list[tuple[int, int, int, int]]], seconds: float) -> tuple[int, int]:
    """Return how many tries fit into a time, and how many of them were designs at all."""
    end = perf_counter() + seconds
    tries = hits = 0
    while perf_counter() < end:
        n, jump, reads = INPUT, 1, 1
        for k, s, p, d in draw():
            rest = n + 2 * p - d * (k - 1) - 1
            if rest < 0:
                break
            n, reads, jump = rest // s + 1, reads + d * (k - 1) * jump, jump * s
        else:
            hits += n == OUTPUT and reads >= 100
        tries += 1
    return tries, hits


def trials(depth: int, least: int, count: int) -> tuple[int, int | None]:
    """Return how many of so many Optuna trials were designs, and the cheapest found."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found: list[int] = []

    def objective(trial: Any) -> float:
        n, jump, reads, price = INPUT, 1, 1, 0
        for i in range(depth):
            k = trial.suggest_categorical(f"k{i}", KERNELS)
            s = trial.suggest_categorical(f"s{i}", STRIDES)
            p = trial.suggest_int(f"p{i}", 0, 3)
            d = trial.suggest_int(f"d{i}", 1, 2)
            rest = n + 2 * p - d * (k - 1) - 1
            if rest < 0:
                raise optuna.TrialPruned
            n, reads, jump = rest // s + 1, reads + d * (k - 1) * jump, jump * s
            price += k * k + 1
        if reads < least or n != OUTPUT:
            return 1e6 + abs(n - OUTPUT)
        found.append(price)
        return price

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1))
    study.optimize(objective, n_trials=count)
    return len(found), min(found, default=None)


# The Pareto front of parameters and receptive field


def front(depth: int) -> list[tuple[int, int]]:
    found = wide(depth).pareto("parameters", "-receptive_field")
    return [(stack.parameters, stack.receptive_field) for stack in found]


def cp_sat_front(depth: int) -> list[tuple[int, int]]:
    """Ask for the cheapest, then for the largest receptive field at that price, and so on."""
    pairs = pairwise(WIDTHS[: depth + 1])
    weights = [x * y for x, y in pairs]
    biases = sum(WIDTHS[1 : depth + 1])
    found: list[tuple[int, int]] = []
    least = 1
    while True:
        model = Model(depth, weights)
        model.cp.add(model.reads >= least)
        price = model.least(model.price)
        if price is None:
            return found
        model = Model(depth, weights)
        model.cp.add(model.price == price)
        reads = -(model.least(-model.reads) or 0)
        found.append((price + biases, reads))
        least = reads + 1


# Tables


def compare(
    title: str, peers: dict[str, Callable[[], Any]], rounds: int, wanted: str = ""
) -> list[str]:
    """Return a row: the median of each peer and its ratio to the first, with the ratio wanted."""
    answers = {name: ask() for name, ask in peers.items()}
    expected = next(iter(answers.values()))
    for name, answer in answers.items():
        if answer != expected:
            sys.exit(f"{name} differs on {title}: {answer} and {expected}")
    times: dict[str, list[float]] = {name: [] for name in peers}
    order = list(peers)
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            times[name].append(_turn(peers[name]))
    ours, *others = (median(times[name]) for name in peers)
    shown = f"{expected:,}" if isinstance(expected, int) else "none"
    if isinstance(expected, list):
        shown = f"{len(expected)} points"
    ratios = [f"{t / ours:,.1f}" for t in others]
    return [title, shown, *map(_seconds, [ours, *others]), *ratios, *([wanted] if wanted else [])]


LIMITS = {5: 100, 8: 200, 12: 300}


def counts(rounds: int) -> None:
    head = ["designs with a receptive field of at least", "count", "ours", "plain", "times ours"]
    rows = []
    for depth, least in LIMITS.items():
        asks = {
            "ours": lambda d=depth, r=least: space(d, r).count,
            "plain": partial(plain_count, depth, least),
        }
        rows.append(compare(f"{depth} layers, {least}", asks, 1 if depth > 8 else rounds))
    _table(head, rows)


def optima(rounds: int) -> None:
    head = ["receptive field of at least", "parameters", "ours", "CP-SAT", "times ours", "aim"]
    asked = [*LIMITS.items(), (12, 4000)]
    impossible = [(5, 372), (8, 1000), (8, 2000), (8, 3000), (12, 20000)]
    rows = []
    for depth, least in [*asked, *impossible]:
        asks = {
            "ours": partial(cheapest, depth, least),
            "CP-SAT": partial(cp_sat_cheapest, depth, least),
        }
        wanted = "1" if (depth, least) in impossible else "15" if least in LIMITS.values() else "-"
        rows.append(compare(f"{depth} layers, {least}", asks, rounds, wanted))
    _table(head, rows)
    draw = random.Random(1)
    for depth in LIMITS:
        tries, hits = sampled(lambda d=depth: [draw.choice(CHOICES) for _ in range(d)], 1.0)
        print(f"Random search, {depth} layers, 1 s: {tries:,} tries, {hits} with size 7 and 100+.")
    for depth, least in LIMITS.items():
        start = perf_counter()
        hits, best = trials(depth, least, 200)
        took = _seconds(perf_counter() - start)
        print(f"Optuna's TPE, {depth} layers, 200 trials in {took}: {hits} designs, best {best}.")
    print()


def fronts(rounds: int) -> None:
    head = ["parameters against receptive field", "front", "ours", "CP-SAT", "times ours", "aim"]
    asks = {"ours": partial(front, 5), "CP-SAT": partial(cp_sat_front, 5)}
    _table(head, [compare(f"5 layers, channels {WIDTHS}", asks, min(rounds, 3), "150")])


def every(rounds: int) -> None:
    head = ["4 or 5 layers for floor(n/320)", "", "in numbers", "in words", "times", "aim"]
    counted = {"numbers": lambda: in_numbers().count, "words": lambda: in_words().count}
    _table(head, [compare("counted", counted, rounds, "3")])
    costs = ["depth", "-receptive_field"]
    start = perf_counter()
    best = in_words().best(10, by=costs)[0]
    took = _seconds(perf_counter() - start)
    found = f"{len(best)} layers, receptive field {best.receptive_field}"
    print(f"The best ten by {', '.join(costs)}, in words: {found}, in {took}.\n")


def hard(rounds: int) -> None:
    start = process_time()
    total = 0
    for number in range(10**7):
        total += number
    print(f"10^7 additions: {_seconds(process_time() - start)}.\n")
    rows = []
    for name, make in HARD.items():
        found = make()
        start = process_time()
        try:
            answer, states = f"{found.count:,}", f"{found.states:,}"
            answer = answer if len(answer) < 30 else f"10^{len(str(found.count)) - 1}"
        except LimitError as limit:
            answer, states = "stopped", str(limit.received)
        rows.append([name, answer, states, _seconds(process_time() - start), "2 s"])
    found = space(64, 2000)
    start = process_time()
    power = f"10^{len(str(found.count)) - 1}"
    took = _seconds(process_time() - start)
    rows.append(["64 layers, receptive field 2000..", power, f"{found.states:,}", took, "4 s"])
    _table(["counted", "designs", "states, or what stopped it", "took", "aim"], rows)


GROWTH: list[tuple[int, int, float, float]] = []


def growth(rounds: int) -> None:
    head = ["layers", "designs", "states", "counted in", "cheapest in"]
    rows = []
    space(4, 60).best()  # layers are made once
    for depth in (4, 8, 12, 16, 24, 32, 48, 64):
        found = space(depth, 60)
        start = process_time()
        count = found.count
        counted = process_time() - start
        start = process_time()
        space(depth, 60).best()
        best = process_time() - start
        states = found.states
        GROWTH.append((depth, states, counted, best))
        power = f"10^{len(str(count)) - 1}"
        rows.append([str(depth), power, f"{states:,}", _seconds(counted), _seconds(best)])
    _table(head, rows)


def plot(file: str) -> None:
    """Draw how states and times grow."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib.figure import Figure

    matplotlib.rcParams["svg.hashsalt"] = "convsolver"
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    states, times = figure.subplots(1, 2)
    depths = [row[0] for row in GROWTH]
    states.plot(depths, [row[1] for row in GROWTH], "o-")
    states.set(xlabel="layers", ylabel="states", yscale="log")
    times.plot(depths, [row[2] for row in GROWTH], "o-", label="count")
    times.plot(depths, [row[3] for row in GROWTH], "s-", label="cheapest")
    times.set(xlabel="layers", ylabel="seconds of the processor", yscale="log")
    times.legend()
    figure.savefig(file, metadata={"Date": None})


TASKS = {
    "counts": counts,
    "optima": optima,
    "fronts": fronts,
    "every": every,
    "hard": hard,
    "growth": growth,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the search over designs and its peers.")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--only", choices=TASKS, metavar="TASK", help="%(choices)s")
    parser.add_argument("--plot", metavar="FILE", help="draw the growth into an SVG file")
    arguments = parser.parse_args()
    random.seed(1)
    print(_versions(), f"{arguments.rounds} rounds.\n", sep="  \n", flush=True)
    for name, task in TASKS.items():
        if arguments.only in (None, name):
            task(arguments.rounds)
    if arguments.plot and GROWTH:
        plot(arguments.plot)


if __name__ == "__main__":
    main()
