"""The newest Python that is supported, in Pyodide: examples of the lower floors, warnings fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from cli_fixtures import ROOT

FLOORS = ["solver/ground", "solver/sizes", "solver/layers", "solver/checker", "solver/proof"]


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node: apt-get install nodejs")
def test_the_examples_hold_in_pyodide() -> None:
    folders = [Path(each) for each in os.environ.get("NODE_PATH", "").split(os.pathsep) if each]
    found = [each / "pyodide" for each in folders if (each / "pyodide/pyodide.mjs").is_file()]
    if not found:
        pytest.skip("needs the npm package pyodide on NODE_PATH")
    script = Path(__file__).with_name("pytest.mjs")
    words = [*map(str, (script, found[0], ROOT)), sysconfig.get_paths()["purelib"], *FLOORS]
    run = subprocess.run(["node", *words], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    version = re.search(r"Python 3\.(\d+)", run.stdout)
    assert version
    assert int(version[1]) >= 14
    assert re.search(r"\d{3} passed", run.stdout)
