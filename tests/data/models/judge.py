"""Read live models, and compare with what they do, as recorded in truth.jsonl.

    python tests/data/models/judge.py             # all
    python tests/data/models/judge.py swin nest   # those with such a word in their name

A model is whole where every node is understood and every recorded size is answered. What is wrong
is printed first, then what is not followed, then the sums by family, then the processor time of
each reading beside that of a forward on the meta device.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    sys.path[:1] = [str(Path(__file__).parent), str(Path(__file__).parents[3])]

from apart import apart
from models import MODELS, Model, imported, roots

TRUTH = Path(__file__).with_name("truth.jsonl")
SECONDS = 300.0  # for one model

#: What may be said of a model, the worst first.
WRONG_SIZE, REFUSAL, ACCEPTANCE = "WRONG SIZE", "FALSE REFUSAL", "FALSE ACCEPTANCE"
VALIDITY, PARAMETERS, CRASH = "WRONG VALIDITY", "WRONG PARAMETERS", "CRASH"
UNFOLLOWED, WHOLE = "NOT FOLLOWED", "whole"
WORST = [WRONG_SIZE, REFUSAL, ACCEPTANCE, VALIDITY, PARAMETERS, CRASH, UNFOLLOWED, WHOLE]


class Judged(NamedTuple):
    """Hold what came of one model: said of it, each with its reasons, and seconds."""

    said: dict[str, list[str]]
    reading: float = 0.0
    forward: float = 0.0

    @property
    def worst(self) -> str:
        return next((each for each in WORST if self.said.get(each)), WHOLE)


def judge(model: Model) -> Judged:
    """Compare a reading of a model with its truth."""
    warnings.simplefilter("ignore")
    import torch

    from solver import read
    from solver.errors import SolverError

    torch.set_num_threads(1)
    truth, made = TRUTHS[model.name], model.made()
    said: dict[str, list[str]] = {}

    def say(what: str, why: object) -> None:
        said.setdefault(what, []).append(" ".join(str(why).split())[:300])

    start, network = time.process_time(), None
    try:
        network = read(made, shape=model.shape)
    except SolverError as fault:
        say(UNFOLLOWED, f"read: {fault}")
    except Exception as fault:
        say(CRASH, place(fault))
    reading = time.process_time() - start
    if network is not None:
        compare(network, model, truth, say)
    return Judged(said, reading, forward(model, made, truth))


def compare(network: Any, model: Model, truth: dict[str, Any], say: Any) -> None:
    """Say where a network is not what was recorded."""
    from solver.errors import LimitError, SolverError
    from solver.network.graph.operation import Unknown

    nodes = [node for path in (network, *network.paths) for node in path.nodes]
    unknown = [node.label for node in nodes if isinstance(node.operation, Unknown)]
    for label in unknown[:3]:
        say(UNFOLLOWED, label)
    for sizes, expected in truth["sizes"]:
        runs, given = isinstance(expected, list), dict(zip(model.letters, sizes, strict=True))
        try:
            path = network.path(given)
            shapes = path.at(given).shapes
            found = [shapes[at] for at in path.outputs]
        except LimitError as fault:
            say(UNFOLLOWED, f"at {sizes}: {fault}")
            continue
        except SolverError as fault:
            if runs:
                say(REFUSAL, f"at {sizes}: {fault}")
            continue
        except Exception as fault:
            say(CRASH, f"at {sizes}: {place(fault)}")
            continue
        if None in found:
            say(UNFOLLOWED, f"at {sizes}: outputs {[at for at in found if at is None]}")
            continue
        numbers = [[dim.number for dim in shape] for shape in found]
        if not runs:
            say(ACCEPTANCE, f"at {sizes}: {numbers}; it is {expected}")
        elif numbers != expected:
            say(WRONG_SIZE, f"at {sizes}: {numbers}; it is {expected}")
    if unknown:
        return
    try:
        allowed = network.valid()
        inputs, untold = allowed.inputs, allowed.untold | network.unclaimed(network.letters)
    except LimitError as fault:
        say(UNFOLLOWED, f"valid: {fault}")
    except SolverError as fault:
        if any(isinstance(found, list) and len(set(sizes)) == 1 for sizes, found in truth["sizes"]):
            say(VALIDITY, f"none: {fault}")
    except Exception as fault:
        say(CRASH, f"valid: {place(fault)}")
    else:
        for sizes, expected in truth["sizes"]:
            n = sizes[0]
            wrong = (n in inputs) != isinstance(expected, list)
            if len(set(sizes)) == 1 and wrong and n not in untold:
                say(VALIDITY, f"at {sizes}: {inputs}; it is {str(expected)[:60]}")
    try:
        cost = network.costs()
    except SolverError as fault:
        say(PARAMETERS, fault)
    except Exception as fault:
        say(CRASH, f"costs: {place(fault)}")
    else:
        unused = sum(map(unused_of, network.notes))
        if cost is None or cost.parameters + unused != truth["parameters"]:
            say(PARAMETERS, f"{cost and cost.parameters:,}; they are {truth['parameters']:,}")


def unused_of(note: str) -> int:
    """How many parameters a note says are not used."""
    said = re.match(r"([\d,]+) of the model's [\d,]+ parameters are not used", note)
    return int(said[1].replace(",", "")) if said else 0


def place(fault: Exception) -> str:
    """An exception, and where it was raised."""
    at = fault.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    where = f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}" if at else ""
    return f"{type(fault).__name__}: {fault} ({where})"


def forward(model: Model, made: Any, truth: dict[str, Any]) -> float:
    """Seconds of a forward on the meta device, at the largest size; 0 where it does not run."""
    import torch

    sizes = max((s for s, found in truth["sizes"] if isinstance(found, list)), default=None)
    if sizes is None:
        return 0.0
    try:
        made.to("meta")
        places, named = model.fed(dict(zip(model.letters, sizes, strict=True)), "meta")
        seconds = []
        for _ in range(2):  # the first also fills tables of PyTorch
            start = time.process_time()
            with torch.no_grad(), torch.device("meta"):
                made(*places, **named)
            seconds.append(time.process_time() - start)
    except Exception:  # whatever a model raises where there are no values
        return 0.0
    return min(seconds)


TRUTHS: dict[str, dict[str, Any]] = {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("words", nargs="*", help="in the names of the models to read")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--reasons", type=int, default=3, help="that are printed for each")
    parser.add_argument("--markdown", action="store_true", help="the table of families alone")
    asked = parser.parse_args()
    rows = map(json.loads, TRUTH.read_text(encoding="utf-8").splitlines())
    TRUTHS.update({row["model"]: row for row in rows})
    models = [
        model
        for model in MODELS
        if model.name in TRUTHS
        and (not asked.words or any(word in model.name for word in asked.words))
    ]
    for root in {root for model in models for root in roots(model.make)}:
        imported(root, "")
    found: dict[str, Judged] = {}
    for model, judged in apart(judge, models, SECONDS, asked.jobs):
        if not isinstance(judged, Judged):
            judged = Judged({CRASH: [" ".join(str(judged).split())[-300:]]})
        found[model.name] = judged
        why = "; ".join(judged.said.get(judged.worst, [])[:1])
        print(f"{len(found)} of {len(models)}: {model.name}: {judged.worst} {why}", file=sys.stderr)
    if asked.markdown:
        show_families(models, found)
    else:
        show(models, found, asked.reasons)


def show_families(models: list[Model], found: dict[str, Judged]) -> None:
    """Print the table of docs/reliability.md."""
    columns = ("Family", "Models", "Whole", "Not whole", "Wrong", "Crashes")
    print(f"| {' | '.join(columns)} |\n| --- |{' ---: |' * (len(columns) - 1)}")
    for family in [*dict.fromkeys(model.family for model in models), "all"]:
        worst = Counter(
            judged.worst for name, judged in found.items() if family in ("all", name.split(":")[0])
        )
        wrong = sum(worst[each] for each in WORST[: WORST.index(CRASH)])
        cells = (worst.total(), worst[WHOLE], worst[UNFOLLOWED], wrong, worst[CRASH])
        print(f"| {family} | {' | '.join(map(str, cells))} |")


def show(models: list[Model], found: dict[str, Judged], reasons: int) -> None:
    """Print what is wrong, then what is not followed, then the sums."""
    for what in WORST[:-1]:
        for name, judged in found.items():
            for why in judged.said.get(what, [])[:reasons]:
                print(f"{what:16}  {name}: {why}")
    print(f"\n{'family':14}{'models':>7}" + "".join(f"{each.lower():>18}" for each in WORST))
    for family in [*dict.fromkeys(model.family for model in models), "all"]:
        those = [
            judged for name, judged in found.items() if family in ("all", name.partition(":")[0])
        ]
        counts = Counter(judged.worst for judged in those)
        print(f"{family:14}{len(those):7}" + "".join(f"{counts[each]:18}" for each in WORST))
    print(f"\n{'model':40}{'reading':>9}{'forward':>9}{'times':>7}")
    for name, judged in sorted(found.items(), key=lambda pair: -pair[1].reading):
        times = f"{judged.reading / judged.forward:7.1f}" if judged.forward else "      ?"
        print(f"{name:40}{judged.reading:9.2f}{judged.forward:9.2f}{times}")


if __name__ == "__main__":
    main()
