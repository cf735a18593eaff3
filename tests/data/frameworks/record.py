"""Record what the installed frameworks do with sizes: `tests/data/frameworks/<fw>.jsonl`.

    python tests/data/frameworks/record.py

runs every recorded row again, here and now, in all frameworks that are installed, and writes the
files anew: a changed framework shows as a changed line. `--check` names the rows that come out
differently and writes nothing; names of frameworks behind it restrict it to them.

    python tests/data/frameworks/record.py --from rows.jsonl --versions torch=2.13.0

takes the rows from a file instead, one JSON object a line: {"fw", "op", "p", "in"} and "out", or
"err" where the framework refused; "run" is what a real run gave. ONNX adds "opset", "kernel", "si"
and "ref". The texts of errors are not kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "oracles"))

from frameworks import oracle, recorded
from frameworks.recorded import FRAMEWORKS, Row

#: What a framework answered.
ANSWERS = ("out", "run", "si", "ref")


def installed() -> dict[str, str]:
    """Return the versions of the packages that are installed."""
    found = {}
    for name in sorted({name for packages in oracle.NEEDS.values() for name in packages}):
        for package in (f"{name}-cpu", name):
            with suppress(PackageNotFoundError):
                found[name] = version(package)
    return found


def versions_of(fw: str, known: dict[str, str]) -> dict[str, str]:
    """Return the versions of the packages of a framework, as far as they are known."""
    return {package: known[package] for package in oracle.NEEDS[fw] if package in known}


def convert(path: Path, known: dict[str, str]) -> None:
    """Write the files from the rows of a file."""
    found: dict[str, list[Row]] = {fw: [] for fw in FRAMEWORKS}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for name in ("run", "ref", "si"):
            if isinstance(row.get(name), str):  # the text of an error
                row[name] = None
        found[row["fw"]].append(row)
    for fw, members in found.items():
        if members:
            recorded.write(fw, members, versions_of(fw, known))


def again(fw: str) -> Iterator[tuple[Row, Row]]:
    """Yield every recorded row of a framework, and the same row as it comes out now."""
    before = list(recorded.rows(fw))
    for row, answer in zip(before, oracle.answers(before, real=True), strict=True):
        question = {key: value for key, value in row.items() if key not in ANSWERS}
        yield row, question | answer


def differs(before: Row, now: Row) -> bool:
    """Tell whether a row came out differently; a run counts where both were run."""
    return any(before.get(name) != now.get(name) for name in ANSWERS if name in before)


def rerun(names: Iterable[str], known: dict[str, str], check: bool) -> None:
    """Run the recorded rows again, name those that differ, and write all but for a check."""
    for fw in names:
        versions = versions_of(fw, known)
        if len(versions) < len(oracle.NEEDS[fw]):
            print(f"{fw}: not installed")
            continue
        pairs = list(again(fw))
        changed = [(before, now) for before, now in pairs if differs(before, now)]
        print(f"{fw} {versions}: {len(pairs)} rows, {len(changed)} come out differently")
        for before, now in changed:
            print(f"  {json.dumps(before)}\n  now {[now.get(name) for name in ANSWERS]}")
        if not check:
            recorded.write(fw, [now for _, now in pairs], versions)


def main() -> None:
    """Read the command line and do what it asks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("frameworks", nargs="*", help="only these")
    parser.add_argument("--from", dest="file", type=Path, help="take the rows from a file")
    parser.add_argument("--versions", nargs="*", default=[], help="package=version, for --from")
    parser.add_argument("--check", action="store_true", help="write nothing")
    asked = parser.parse_args()
    if asked.file:
        convert(asked.file, dict(pair.split("=", 1) for pair in asked.versions))
    else:
        rerun(asked.frameworks or FRAMEWORKS, installed(), asked.check)


if __name__ == "__main__":
    main()
