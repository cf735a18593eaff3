"""Open the page cold in Chromium, ask six questions against the clock, and compare with Python.

    npm install playwright-core pyodide
    NODE_PATH=$PWD/node_modules PYTHONPATH=.:tests:tests/oracles:tests/web \\
        python tests/benchmarks/page.py [--rounds 3]

Python begins from its written memory, and, for comparison, from nothing; each round takes both.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from test_browser import Scenario, explored, hashed, package, page_script, static, told

#: Questions, where their answer stands, and what Python says.
NET = "model = nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3), nn.MaxPool2d(3, 2, 1))"
QUESTIONS: list[tuple[str, str, list[Any], Any]] = [
    (
        "solve conv 99 33 -k 3..5",
        hashed("solve conv 99 33 -k 3..5"),
        ["text", "#out .card:first-child .head code"],
        [told("solve conv 99 33 -k 3..5")["solutions"][0]["layer"]],
    ),
    (
        "size conv n -k 7 -s 2 -p 3",
        hashed("size conv n -k 7 -s 2 -p 3"),
        ["get", "#out .answer math", "alttext"],
        told("size conv n -k 7 -s 2 -p 3")["folded"],
    ),
    (
        "network of two layers",
        hashed("network net.py", net__py=NET),
        ["text", "#out .answer"],
        ["n -> ceil(n/4), for every n >= 1"],
    ),
    (
        "draw deconv 5x7 -k 4 -s 2 -p 1",
        hashed("draw deconv 5x7 -k 4 -s 2 -p 1"),
        ["get", "#out img", "alt"],
        None,
    ),
    (
        "convert nn.MaxPool2d(3,2,1) --to keras",
        hashed("convert 'nn.MaxPool2d(3,2,1)' --to keras"),
        ["text", "#out .code pre"],
        [told("convert 'nn.MaxPool2d(3,2,1)' --to keras")["code"].strip()],
    ),
    (
        "search 224 -> 7 in 5 layers",
        hashed("search --input 224 --output 7 --depth 5 -k 3 -s 1,2 -p 1"),
        ["text", "#out .answer"],
        None,
    ),
]


def main() -> None:
    """Print the table of medians."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    pyodide = package("pyodide")
    if pyodide is None:
        raise SystemExit("npm install playwright-core pyodide, and NODE_PATH")
    with tempfile.TemporaryDirectory() as folder:
        site, plain = Path(folder, "memory"), Path(folder, "nothing")
        page_script().gather(site, pyodide.parent)
        _weigh(site)
        shutil.copytree(site, plain)
        settings = json.loads((plain / "engine.json").read_text())
        del settings["snapshot"]
        (plain / "engine.json").write_text(json.dumps(settings))
        times: dict[str, list[list[float]]] = {site.name: [], plain.name: []}
        for _ in range(rounds):
            for each in (site, plain):
                with static(each) as address:
                    times[each.name].append(_asked(address))
    print(f"\nmilliseconds, median of {rounds}, from: {', '.join(times)}")
    for at, name in enumerate(("Python is there", *(words for words, *_ in QUESTIONS), "again")):
        row = [statistics.median(one[at] for one in every) for every in times.values()]
        print(f"{name:42}" + "".join(f"{value:10.0f}" for value in row))


def _weigh(site: Path) -> None:
    for name in ("python.memory", "packages.zip", "answers.json", "pyodide", ""):
        files = [site / name] if (site / name).is_file() else (site / name).rglob("*")
        data = [file.read_bytes() for file in files if file.is_file()]
        sizes = [sum(map(len, data)), sum(len(gzip.compress(each)) for each in data)]
        print(f"{name or 'all':16}{sizes[0]:12,} bytes, {sizes[1]:12,} compressed")


def _asked(address: str) -> list[float]:
    """Milliseconds until Python is there, of each question, and of the first once more."""
    steps: list[tuple[list[Any], Any]] = [(["begun"], None)]
    for _, link, look, answer in QUESTIONS:
        steps += [(["timed", link], None), (look, answer)]
    steps.append((["timed", hashed("solve conv 99 33 -k 3..6")], None))
    cold: dict[str, Scenario] = {"cold": ({"fresh": True}, steps)}
    found = explored(address, cold)["cold"]
    assert found["complaints"] == [], found
    for (step, answer), value in zip(steps, found["found"], strict=True):
        assert answer in (None, value), (step, value)
    return [
        value
        for (step, _), value in zip(steps, found["found"], strict=True)
        if step[0] in ("begun", "timed")
    ]


if __name__ == "__main__":
    main()
