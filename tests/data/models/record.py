"""Record what models do with sizes, by running them on the CPU.

    python tests/data/models/record.py            # all that have no line in truth.jsonl yet
    python tests/data/models/record.py swin vit   # those with such a word in their name, anew

A line of truth.jsonl holds a model: "parameters", the names of its "outputs", and "sizes", each
the sizes that go in and the shapes of all that comes out, in order, or why it is refused. Borders
between what is refused and what runs are looked for between the sizes that are listed. Nothing of
this project is imported: the recordings are a judge of it.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))

from apart import apart
from models import MODELS, SIZES, Model, Sizes, imported, leaves, roots

TRUTH = Path(__file__).with_name("truth.jsonl")
SECONDS = 150.0  # for the sizes of one model; what comes later is left out
MOST_BORDERS = 2
MOST_WORDS = 36  # characters of a refusal

Outcome = list[list[int]] | str


class Runs:
    """Run one model at sizes, each once."""

    def __init__(self, model: Model) -> None:
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(0)
        self.model, self.made, self.names = model, model.made(), list[str]()
        self._known, self._until = dict[Sizes, Outcome | None](), time.monotonic() + SECONDS

    def at(self, *sizes: int) -> Outcome | None:
        """What comes out, or why it is refused; None where there is no time or memory for it."""
        if len(sizes) == 1:
            sizes *= len(self.model.letters)
        if sizes not in self._known:
            self._known[sizes] = None
            if (left := self._until - time.monotonic()) > 0:
                # In a process of its own: what a model keeps of one run does not reach the next.
                ((_, found),) = apart(self._run, [sizes], left)
                if isinstance(found, dict):
                    self.names, found = list(found), list(found.values())
                self._known[sizes] = found if isinstance(found, (list, str)) else None
        return self._known[sizes]

    def _run(self, sizes: Sizes) -> dict[str, list[int]] | str | None:
        import torch

        places, named = self.model.fed(dict(zip(self.model.letters, sizes, strict=True)))
        try:
            with torch.no_grad():
                out = self.made(*places, **named)
        except Exception as fault:  # whatever a model raises
            if "allocate memory" in str(fault) or isinstance(fault, MemoryError):
                return None
            words = str(fault).strip().partition("\n")[0]
            return f"{type(fault).__name__}: {words}"[:MOST_WORDS]
        return {name: list(tensor.shape) for name, tensor in leaves(out)}

    def border(self, low: int, high: int) -> tuple[int, int] | None:
        """Two sizes next to each other, one of which runs; None where there is no time for it."""
        before = isinstance(self.at(low), list)
        while high - low > 1:
            middle = (low + high) // 2
            found = self.at(middle)
            if found is None:
                return None
            low, high = (middle, high) if isinstance(found, list) == before else (low, middle)
        return low, high


def record(model: Model) -> dict[str, Any]:
    """What a model does."""
    runs = Runs(model)
    tried = {sizes: runs.at(*sizes) for sizes in SIZES[model.sizes]}
    alike = sorted(sizes[0] for sizes, found in tried.items() if len(sizes) == 1 and found)
    changes = [pair for pair in pairwise(alike) if len({type(runs.at(n)) for n in pair}) == 2]
    for pair in changes[:MOST_BORDERS]:
        tried |= {(n,): runs.at(n) for n in runs.border(*pair) or ()}
    axes = len(model.letters)
    whole = {sizes * axes if len(sizes) == 1 else sizes: found for sizes, found in tried.items()}
    return {
        "model": model.name,
        "parameters": sum(each.numel() for each in runs.made.parameters()),
        "outputs": runs.names,
        "sizes": [[list(sizes), found] for sizes, found in sorted(whole.items()) if found],
    }


def main(words: list[str]) -> None:
    lines = TRUTH.read_text(encoding="utf-8").splitlines() if TRUTH.exists() else []
    known = {json.loads(line)["model"]: line for line in lines}
    for model in MODELS:
        if any(word in model.name for word in words) if words else model.name not in known:
            for root in roots(model.make):  # once for all models that need it
                imported(root, model.make)
            for _, found in apart(record, [model], SECONDS + 120):
                if isinstance(found, Exception):
                    print(f"{model.name}: {found}", flush=True)
                    continue
                runs = sum(isinstance(each, list) for _, each in found["sizes"])
                print(f"{model.name}: {runs} of {len(found['sizes'])} sizes run", flush=True)
                known[model.name] = json.dumps(found, separators=(",", ":"))
        rows = [known[each.name] for each in MODELS if each.name in known]
        TRUTH.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
