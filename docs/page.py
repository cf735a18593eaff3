"""Gather the page into a folder that any web server can send: it needs no Python there.

    npm install pyodide
    python docs/page.py FOLDER [NODE_MODULES]

The same page as `convsolver web` shows, with Pyodide as its engine, and nothing is loaded from
anywhere else. `solver` and `click` are in one archive, of which Python imports as it is: a wheel of
`solver` is such an archive too, but needs a build, leaves out `click`, and holds the page itself.
Python does not start in the browser: Node starts it here, lets it answer, and its memory is written
down (`docs/page.mjs`). What many ask is answered here too, so that it is there before Python is.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import click

import solver
from solver.errors import SolverError
from solver.web.question import answered
from solver.web.server import PAGE

#: What the page loads of the npm package.
PYODIDE = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
#: Targets for every n that many ask for, and kernels with them.
EVERY = {
    "conv": (("n", "n/2", "ceil(n/2)", "floor(n/2)", "n-2", "n/4", "n-4", "n+2"), "1357"),
    "deconv": (("2n", "n", "4n", "2n-1", "2n+1", "3n", "8n", "n+2"), "234"),
    "maxpool": (("n/2", "ceil(n/2)", "n", "n/3", "floor(n/2)", "n/4"), "23"),
    "avgpool": (("n/2", "n", "n/4"), "2"),
}
#: Sizes of images and of what is left of them, which are halved, doubled and kept.
HALVED, KEPT = (
    (224, 112, 56, 28, 14, 512, 256, 128, 64, 32, 16, 8),
    (224, 28, 32, 299, 227, 572, 256, 512, 7, 56),
)
OTHERS = (("deconv", 1, 4), ("conv", 227, 55))
_NET = b"model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2), nn.ConvTranspose2d(8, 8, 2, 2))"
#: What Python answers before its memory is written: each view once, so that all it needs is loaded.
FIRST = (
    "size conv n -k 7 -s 2 -p 3 --json",
    "size conv 224 -k 7 -s 2 -p 3 --format svg",
    "size conv 224 -k 3 --framework torch --format code",
    "solve deconv n 2n --limit 10 --json",
    "solve conv 224 112 --format svg",
    "solve deconv n s*n -k 2s --json",
    "network net.py --json",
    "network net.py --brief",
    "network net.py --input 3 --json",
    "network net.py --format svg",
    "explain net.py --input 3 --json",
    "draw conv 10 -k 3 -s 2 -p 1",
    "convert nn.ConvTranspose2d(8,4,3,2,1,1) --to keras --json",
    "search --input 224 --output 7 --depth 3 -k 3 -s 2 -p 1 --json",
    "search --input n --output n/4 --depth 2 -k 3 -s 2 -p 1 --format svg",
    "size conv 224 -k x",
)


def common() -> Iterator[list[str]]:
    """The 200 questions of `solve` that are answered here, in words of the command line."""
    for op, (targets, kernels) in EVERY.items():
        for target, kernel in product(targets, ("", *kernels)):
            yield ["solve", op, "n", target, *(["-k", kernel] if kernel else [])]
    pairs = [(op, n, n // 2) for op in ("conv", "maxpool") for n in HALVED]
    pairs += [("deconv", n // 2, n) for n in HALVED] + [("conv", n, n) for n in KEPT]
    for op, n, size in pairs:
        yield ["solve", op, str(n), str(size)]
        yield ["solve", op, str(n), str(size), "-k", EVERY[op][1][1]]
    yield from (["solve", "conv", str(n), str(n - 2)] for n in KEPT)
    yield from (["solve", op, str(n), str(size)] for op, n, size in OTHERS)


def question(words: list[str]) -> dict[str, Any]:
    """Words as a question with the one file that some of them name; data comes with formulas."""
    net = base64.b64encode(_NET).decode()
    return {"words": words, "files": {"net.py": net}, "math": "--json" in words}


def answers() -> dict[str, Any]:
    """The answers to the common questions, by their words in JSON as the page asks them."""
    asked = ([*words, "--limit", "10", "--json"] for words in common())
    return {
        json.dumps(words, separators=(",", ":")): json.loads(answered(json.dumps(question(words))))
        for words in asked
    }


def gather(folder: Path, node_modules: Path) -> None:
    """Write the page and its engine to a folder; raises SolverError without Node or its package."""
    found = node_modules / "pyodide"
    missing = [name for name in PYODIDE if not (found / name).is_file()]
    if missing:
        raise SolverError("the npm package pyodide has these files", str(found / missing[0]))
    shutil.copytree(PAGE, folder, dirs_exist_ok=True)
    (folder / "pyodide").mkdir(exist_ok=True)
    for name in PYODIDE:
        shutil.copy(found / name, folder / "pyodide" / name)
    with zipfile.ZipFile(folder / "packages.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for package in (solver, click):
            root = Path(package.__file__).parent
            for file in sorted(root.rglob("*")):
                if file.suffix in (".py", ".json"):
                    archive.write(file, file.relative_to(root.parent))
    _remember(folder)
    (folder / "answers.json").write_text(json.dumps(answers()), encoding="utf-8")
    told = {
        "engine": "pyodide",
        "version": solver.__version__,
        "index": "pyodide/",
        "packages": "packages.zip",
        "snapshot": "python.memory",
        "answers": "answers.json",
    }
    (folder / "engine.json").write_text(json.dumps(told))
    _keep(folder)


def _remember(folder: Path) -> None:
    """Write the memory of a Python that has answered."""
    script = Path(__file__).with_suffix(".mjs")
    asked = json.dumps([question(words.split()) for words in FIRST])
    try:
        subprocess.run(
            ["node", str(script), str(folder.resolve())], input=asked.encode(), check=True
        )
    except (OSError, subprocess.CalledProcessError) as fault:
        raise SolverError("Node starts Python here", str(fault), "node on the PATH") from None


def _keep(folder: Path) -> None:
    """Name the build and its files to what keeps them for when there is no network."""
    script = PAGE / "offline.js"
    names = [file.name for file in sorted(PAGE.iterdir()) if file != script]
    names += [f"pyodide/{name}" for name in PYODIDE]
    names += ["packages.zip", "python.memory", "answers.json", "engine.json"]
    files = {name: (folder / name).read_bytes() for name in names}
    build = hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()[:16]
    told = json.dumps({"build": f"{solver.__version__}-{build}", "files": ["./", *files]})
    (folder / script.name).write_text(f"self.BUILD = {told};\n{script.read_text()}")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    try:
        gather(Path(sys.argv[1]), Path(*sys.argv[2:3] or ["node_modules"]))
    except SolverError as fault:
        sys.exit(f"error: {fault}")
