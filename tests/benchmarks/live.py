"""Count the runs of live models that reading takes, time each beside a forward on the meta device.

    python tests/benchmarks/live.py [NAMES]

A run goes through a model at sizes that carry their formulas. Shown are the paths that the answer
has, those that were gone through, the runs, and the median of processor times of a run that came to
its end as a multiple of a forward at the same sizes on the meta device, the faster of two.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/data/models"), str(Path(__file__).parent)]

from apart import apart  # noqa: E402
from models import MODELS, Model, imported, roots  # noqa: E402
from run import _ratio, _table  # noqa: E402

import solver.reading.live.torch as live  # noqa: E402

#: Every eighth of the models that are recorded, and some that branch.
_EVERY = 9
_SECONDS = 600.0  # for one model


class Timed(NamedTuple):
    """Hold what reading a model took: paths of the answer and all, and a pair of each whole run."""

    paths: int
    explored: int
    runs: int
    times: list[float]


def main(names: list[str]) -> None:
    warnings.simplefilter("ignore")
    models = [
        model
        for at, model in enumerate(MODELS)
        if (any(name in model.name for name in names) if names else at % _EVERY == 0)
    ]
    for root in {root for model in models for root in roots(model.make)}:
        imported(root, "")
    rows = []
    for model, timed in apart(timed_of, models, _SECONDS):
        print(model.name, timed, file=sys.stderr)
        if isinstance(timed, Timed):
            rows.append((model.name, timed))
    rows.sort(key=lambda row: -row[1].runs / row[1].explored)
    head = ("Model", "Paths", "Explored", "Runs", "Runs a path", "A run in forwards")
    _table(head, (_cells(name, timed) for name, timed in rows))


def _cells(name: str, timed: Timed) -> list[str]:
    a_path = _ratio(timed.runs / timed.explored)
    forwards = _ratio(median(timed.times)) if timed.times else "?"
    return [name, *map(str, timed[:3]), a_path, forwards]


def timed_of(model: Model) -> Timed:
    """Read a model, and run it on the meta device at the sizes of some runs."""
    import torch

    torch.set_num_threads(1)
    made = model.made()
    with counted() as (runs, explored):
        network = live.read_module(made, shape=model.shape)
    made.to("meta")
    times = []
    for sizes, seconds in [run for run in runs[1:] if run[1]][:3] or runs[:1]:
        plain = _forward(model, made, sizes)
        times += [seconds / plain] if plain and seconds else []
    return Timed(1 + len(network.paths), sum(explored), len(runs), times)


@contextmanager
def counted() -> Iterator[tuple[list[tuple[Mapping[str, int], float]], list[int]]]:
    """The sizes and seconds of each run, 0 where it does not come to its end; and the paths."""
    runs, explored = [], []
    run, explore = live.Runner.run, live.explore

    def timed(self: Any, *given: Any) -> Any:
        start = time.process_time()
        found = run(self, *given)
        seconds = time.process_time() - start
        whole = not found.refused and not found.lost
        runs.append((self.to.decisions.values, seconds if whole else 0.0))
        return found

    def following(*given: Any) -> Any:
        found = explore(*given)
        explored.append(len(found.found))
        return found

    live.Runner.run, live.explore = timed, following  # type: ignore[assignment,method-assign]
    try:
        yield runs, explored
    finally:
        live.Runner.run, live.explore = run, explore  # type: ignore[method-assign]


def _forward(model: Model, made: Any, sizes: Mapping[str, int]) -> float:
    """Seconds of a forward on the meta device; 0 where it does not run there."""
    import torch

    places, named = model.fed(sizes, "meta")
    seconds = []
    try:
        for _ in range(2):
            start = time.process_time()
            with torch.no_grad(), torch.device("meta"):
                made(*places, **named)
            seconds.append(time.process_time() - start)
    except Exception:  # whatever a model raises where there are no values
        return 0.0
    return min(seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
