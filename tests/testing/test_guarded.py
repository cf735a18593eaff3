"""The repositories of examples/ that guard their sizes: each guard holds, and can fail."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from cli_fixtures import ROOT


class Layout(NamedTuple):
    """A repository: a change that nobody means to break anything, and how a guard says it does."""

    file: str
    before: str
    after: str
    said: str


LAYOUTS = {
    "guarded": Layout(
        "models/parts.py", "leave, 2, stride=2", "leave, 3, stride=2", "n = 4 does not|input of 64"
    ),
    "guarded_audio": Layout(
        "src/codec.py",
        "1, width, window, stride=window // 2",
        "1, width, window, stride=window",
        "n = 24 does",
    ),
    "guarded_autoencoder": Layout(
        "vqvae.py",
        "4, stride=2, padding=1)\n            )",
        "4, 2)\n            )",
        "n = 4 does not",
    ),
}

#: No plugin of this environment is loaded: the conftest of a repository names its own.
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def hook(folder: Path) -> list[str]:
    """The words that pre-commit runs: it hands on no names of files, and asks for any change."""
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    config = (folder / ".pre-commit-config.yaml").read_text()
    (entry,) = re.findall(r"entry: (.+)", hooks)
    assert "pass_filenames: false" in hooks
    ids = [re.findall(r"- id: (\S+)", text) for text in (config, hooks)]
    assert ids[0] == ids[1]
    (files,) = re.findall(r"files: (.+)", config)
    assert re.search(files, LAYOUTS[folder.name].file)
    (args,) = re.findall(r"args: \[(.+)\]", config)
    return [*shlex.split(entry), *(word.strip().strip('"') for word in args.split(", "))]


def step(folder: Path) -> list[str]:
    """The words of the last step of the workflow."""
    text = (folder / ".github/workflows/sizes.yml").read_text()
    return shlex.split(re.findall(r"- run: (.+)", text)[-1])


def suite(folder: Path) -> list[str]:
    return ["pytest"]


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


GUARDS = [
    (name, guard)
    for name in LAYOUTS
    for guard, needs in ((hook, ".pre-commit-config.yaml"), (step, ".github"), (suite, "tests"))
    if (ROOT / "examples" / name / needs).exists()
]


def test_each_guard_and_each_layout_is_shown() -> None:
    assert {name for name, _ in GUARDS} == {path.name for path in ROOT.glob("examples/guarded*")}
    assert {guard for _, guard in GUARDS} == {hook, step, suite}
    assert {guard for name, guard in GUARDS if name == "guarded"} == {hook, step, suite}


@pytest.mark.parametrize(("name", "guard"), GUARDS, ids=lambda x: getattr(x, "__name__", x))
def test_a_guard_holds_until_the_model_changes(name: str, guard, tmp_path: Path) -> None:
    layout, folder = LAYOUTS[name], tmp_path / name
    words = guard(ROOT / "examples" / name)
    assert words[0] in ("convsolver", "pytest")
    shutil.copytree(ROOT / "examples" / name, folder, ignore=shutil.ignore_patterns("__pycache__"))
    held = run(words, folder)
    assert held.returncode == 0, held.stdout + held.stderr
    model = folder / layout.file
    text = model.read_text()
    assert text.count(layout.before) == 1
    model.write_text(text.replace(layout.before, layout.after))
    broken = run(words, folder)
    assert broken.returncode == 1, broken.stdout + broken.stderr
    assert re.search(layout.said, broken.stdout), broken.stdout


@pytest.mark.live
@pytest.mark.parametrize(
    ("name", "module", "call", "shape", "sizes"),
    [
        ("guarded", "models.segment", "Segment().eval()", (1, 3), {8: 8, 12: 12, 6: None, 9: None}),
        ("guarded_audio/src", "codec", "Codec(64, 16)", (1, 1), {16: 16, 24: 24, 25: 24, 15: None}),
        ("guarded_autoencoder", "vqvae", "VQVAE()", (1, 3), {4: 4, 8: 8, 66: 64, 3: None}),
    ],
)
def test_the_models_do_what_the_guards_say(name, module, call, shape, sizes) -> None:
    pytest.importorskip("torch")
    axes = 1 if "audio" in name else 2
    ask = (
        f"import torch, {module}\n"
        f"model = {module}.{call}\n"
        f"for n in {[*sizes]}:\n"
        f"    try: came = model(torch.zeros(*{shape}, *[n] * {axes}))\n"
        "    except RuntimeError: print(None); continue\n"
        "    print((came[0] if isinstance(came, tuple) else came).shape[-1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", ask],
        cwd=ROOT / "examples" / name,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(size) for size in sizes.values()]
