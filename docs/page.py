"""Gather the page into a folder that any web server can send: it needs no Python there.

    npm install pyodide
    python docs/page.py FOLDER [NODE_MODULES]

The same page as `convsolver web` shows, with Pyodide as its engine: `solver` and `click` are in one
archive, and nothing is loaded from anywhere else.
"""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from pathlib import Path

import click

import solver
from solver.errors import SolverError
from solver.web.server import PAGE

#: What the page loads of the npm package.
PYODIDE = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)


def gather(folder: Path, node_modules: Path) -> None:
    """Write the page and its engine to a folder; raises SolverError without the npm package."""
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
    told = {
        "engine": "pyodide",
        "version": solver.__version__,
        "index": "pyodide/",
        "packages": "packages.zip",
    }
    (folder / "engine.json").write_text(json.dumps(told))


if __name__ == "__main__":
    try:
        gather(Path(sys.argv[1]), Path(*sys.argv[2:3] or ["node_modules"]))
    except SolverError as fault:
        sys.exit(f"error: {fault}")
