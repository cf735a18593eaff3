"""Compare `solver.frameworks` with the installed frameworks, on combinations nobody recorded.

    python tests/oracles/frameworks/live.py --count 100000

runs that many fresh combinations, spread evenly over the operations of all frameworks that are
installed, and prints a table; mismatches follow it. `--only torch jax` restricts it, `--seed`
draws others.

ONNX has three judges that disagree with each other, so three claims are compared: the models of
onnxruntime and of shape inference with theirs, and the rule with all: it is a mismatch where none
of the three agrees with it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:1] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[3])]

from frameworks import combinations, oracle
from frameworks.oracle import Answer, Row

SHOWN = 20  # mismatches that are printed of each operation


@dataclass
class Tally:
    """Count how one claim about one operation fared."""

    rows: int = 0
    agreed: int = 0
    refusals: int = 0  # rows that the framework refuses
    mismatches: list[Row] = field(default_factory=list)

    def add(self, row: Row, ours: Any, theirs: list[Any]) -> None:
        """Count a row: it agrees where one of their answers is ours."""
        self.rows += 1
        self.refusals += theirs[0] is None
        if ours in theirs:
            self.agreed += 1
        else:
            self.mismatches.append(row | {"ours": ours, "theirs": theirs})


@dataclass
class Comparison:
    """Hold what came of comparing one framework, by operation."""

    fw: str
    tallies: dict[str, Tally] = field(default_factory=dict)

    @property
    def total(self) -> Tally:
        """Return the sum over all operations."""
        found = Tally()
        for tally in self.tallies.values():
            found.rows += tally.rows
            found.agreed += tally.agreed
            found.refusals += tally.refusals
            found.mismatches += tally.mismatches
        return found

    @property
    def mismatches(self) -> list[Row]:
        """Return every row that came out differently, with "ours", and all answers of "theirs"."""
        return self.total.mismatches


def compare(fw: str, count: int, seed: int) -> Comparison:
    """Run `count` fresh combinations of a framework and compare them with what we say."""
    found = Comparison(fw)
    drawn = list(combinations.rows(fw, count, seed))
    for row, answer in zip(drawn, oracle.answers(drawn), strict=True):
        for name, ours, theirs in claims(row, answer):
            found.tallies.setdefault(name, Tally()).add(row, ours, theirs)
    return found


def claims(row: Row, answer: Answer) -> Iterator[tuple[str, Any, list[Any]]]:
    """Yield what we claim about a row: its name, what we say, and the answers that would be it."""
    if row["fw"] != "onnx":
        yield row["op"], said(row), [answer["out"]]
        return
    if "si" not in answer:  # it killed its child, or never answered
        return
    answers = [answer["out"], answer["si"], answer["ref"]]
    yield f"{row['op']} (rule)", said(row), answers
    for judge, theirs in (("onnxruntime", "out"), ("shape inference", "si")):
        ours = modelled(row, judge)
        if ours is not NotImplemented:
            yield f"{row['op']} ({judge})", ours, [answer[theirs]]


def said(row: Row) -> list[int] | None:
    """Return the sizes that we say come out, None where we refuse."""
    from solver import SolverError

    try:
        return list(layer(row).size(row["in"]))
    except SolverError:
        return None


def layer(row: Row) -> Any:
    """Return the layer of a row; a kernel that ONNX takes from the weights is handed over."""
    from solver import frameworks

    p = dict(row["p"])
    if row.get("kernel") and "kernel_shape" not in p:
        p["kernel"] = row["kernel"]
    return frameworks.layer(row["fw"], row["op"], **p)


def modelled(row: Row, judge: str) -> Any:
    """Return what we say a judge of ONNX answers; NotImplemented where we have no model of it."""
    from solver import SolverError
    from solver.frameworks.onnx import runtimes as models

    rules = {
        "Conv": models.CONV,
        "ConvTranspose": models.CONV_TRANSPOSE,
        "MaxPool": models.MAX_POOL,
        "AveragePool": models.AVERAGE_POOL,
        "LpPool": models.LP_POOL,
        "Resize": models.RESIZE,
    }[row["op"]]
    model = models.run if judge == "onnxruntime" else models.inferred
    if judge == "shape inference" and rules[1] is None:
        return NotImplemented
    try:
        values = layer(row).values(len(row["in"]))
        sizes = model(rules, values, tuple(row["in"]), row["opset"])
    except SolverError:
        return None
    return None if sizes is None else list(sizes)


def table(comparisons: list[Comparison]) -> str:
    """Return a table in Markdown: every operation, and the sums."""
    lines = [
        "| Framework | Operation | Rows | Agreed | Refusals | Mismatches |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for found in comparisons:
        for name, tally in found.tallies.items():
            lines.append(line(found.fw, name, tally))
        lines.append(line(f"**{found.fw}**", "", found.total))
    return "\n".join(lines)


def line(fw: str, name: str, tally: Tally) -> str:
    """Return one line of the table."""
    numbers = (tally.rows, tally.agreed, tally.refusals, len(tally.mismatches))
    return f"| {fw} | {name} | {' | '.join(f'{number:,}' for number in numbers)} |"


def main() -> int:
    """Read the command line, compare and print; the exit code says whether all agreed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="combinations in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=list(combinations.OPERATIONS))
    asked = parser.parse_args()
    names = [fw for fw in asked.only if oracle.available(fw)]
    operations = sum(len(combinations.OPERATIONS[fw]) for fw in names)
    comparisons = []
    for fw in names:
        count = asked.count * len(combinations.OPERATIONS[fw]) // operations
        comparisons.append(compare(fw, count, asked.seed))
        print(f"{fw}: {count} combinations", file=sys.stderr, flush=True)
    print(table(comparisons))
    for found in comparisons:
        for name, tally in found.tallies.items():
            for row in tally.mismatches[:SHOWN]:
                print(f"{name}: {json.dumps(row)}")
    return int(any(found.mismatches for found in comparisons))


if __name__ == "__main__":
    sys.exit(main())
