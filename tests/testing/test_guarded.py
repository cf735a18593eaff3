"""The repository of examples/ that guards its sizes: each guard holds, and can fail."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_fixtures import ROOT

GUARDED = ROOT / "examples" / "guarded"
#: A change that nobody means to break anything: one pooling more is not undone.
BEFORE, AFTER = "self.pool = nn.MaxPool2d(2)", "self.pool = nn.MaxPool2d(3, stride=2)"


#: The plugin is named, whether this checkout is installed or not.
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def hook() -> list[str]:
    """The words that pre-commit runs for the model."""
    (entry,) = re.findall(r"entry: (.+)", (ROOT / ".pre-commit-hooks.yaml").read_text())
    config = (GUARDED / ".pre-commit-config.yaml").read_text()
    (args,) = re.findall(r"args: \[(.+)\]", config)
    (files,) = re.findall(r"files: (.+)", config)
    paths = (str(path.relative_to(GUARDED)) for path in GUARDED.rglob("*.py"))
    matching = [path for path in paths if re.search(files, path)]
    ids = [re.findall(r"- id: (\S+)", text) for text in (config, hooks())]
    assert ids[0] == ids[1]
    return [*shlex.split(entry), *(word.strip().strip('"') for word in args.split(",")), *matching]


def hooks() -> str:
    return (ROOT / ".pre-commit-hooks.yaml").read_text()


def step() -> list[str]:
    """The words of the last step of the workflow."""
    text = (GUARDED / ".github/workflows/sizes.yml").read_text()
    return shlex.split(re.findall(r"- run: (.+)", text)[-1])


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run convsolver, or pytest, in a folder."""
    python = [sys.executable, "-m"]
    command = ["pytest", "-q"] if words == ["pytest"] else ["solver"]
    return subprocess.run(
        [*python, *command, *words[1:]],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **ALONE},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("words", [hook(), step(), ["pytest"]], ids=["hook", "step", "tests"])
def test_a_guard_holds_until_the_model_changes(words: list[str], tmp_path: Path) -> None:
    assert words[0] in ("convsolver", "pytest")
    folder = tmp_path / "guarded"
    shutil.copytree(GUARDED, folder, ignore=shutil.ignore_patterns("__pycache__"))
    held = run(words, folder)
    assert held.returncode == 0, held.stdout + held.stderr
    model = folder / "models/segment.py"
    model.write_text(model.read_text().replace(BEFORE, AFTER))
    broken = run(words, folder)
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert "n = 4 does not" in broken.stdout or "an input of 64" in broken.stdout
