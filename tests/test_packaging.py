"""What a release is made of: a wheel is built, its metadata read and its links followed."""

from __future__ import annotations

import email
import importlib.util
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from pathlib import Path
from unittest import mock

import pytest
from cli_fixtures import ROOT

import solver

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINK = r"!?\[[^]]*\]\(([^)\s]+)\)"
ADDRESS = "https://example.org/us/convsolver"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel, and a source distribution, built from this checkout."""
    pytest.importorskip("hatchling", reason="needs the extra test")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist"]
    subprocess.run([*command, "-d", str(folder)], cwd=ROOT, check=True, capture_output=True)
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return email.message_from_string(archive.read(name).decode("utf-8"))


def described(text: str, repository: str) -> dict[str, object]:
    """What the hook tells of a README, for an address."""
    pytest.importorskip("hatchling", reason="needs the extra test")
    spec = importlib.util.spec_from_file_location("metadata", ROOT / "docs/metadata.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    told: dict[str, object] = {"version": "1.2"}
    with mock.patch.object(Path, "read_text", return_value=text):
        module.Metadata(str(ROOT), {"repository": repository}).update(told)
    return told


def page(told: dict[str, object]) -> str:
    readme = told["readme"]
    assert isinstance(readme, dict)
    return str(readme["text"])


def test_the_metadata_says_who_which_and_where(built: tuple[Path, Path]) -> None:
    told = metadata(built[0])
    assert told["Version"] == solver.__version__
    assert told["Author"] == "The convsolver authors"
    assert told["License-Expression"] == "MIT"
    assert told["Description-Content-Type"] == "text/markdown"
    versions = re.findall(r":: (3\.\d+)\n", "\n".join(told.get_all("Classifier", ())) + "\n")
    assert versions == ["3.11", "3.12", "3.13", "3.14"]
    assert told["Requires-Python"] == f">={versions[0]}"
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"(?m)^## {re.escape(solver.__version__)}\n\n\d{{4}}-\d\d-\d\d\b", changes)


def test_no_link_of_the_description_leads_nowhere(built: tuple[Path, Path]) -> None:
    wheel, source = built
    text = str(metadata(wheel).get_payload())
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    beside = [link for link in re.findall(LINK, readme) if "://" not in link]
    assert len(beside) > 40
    assert [link for link in re.findall(LINK, text) if not link.startswith("https://")] == []
    with tarfile.open(source) as archive:
        files = {name.partition("/")[2] for name in archive.getnames()}
    for link in beside:
        assert f"({link})" in text or link == "LICENSE"
        assert link.partition("#")[0] in files


def test_links_lead_to_the_files_of_this_version_where_there_is_an_address() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = described(readme, f"{ADDRESS}/")
    links = re.findall(LINK, page(told))
    assert len(links) == len(re.findall(LINK, readme))
    for link in links:
        way = re.fullmatch(rf"{ADDRESS}/(blob|raw)/v1\.2/([^#]+)(#.*)?", link)
        assert way or link.startswith("https://"), link
        if way:
            assert (ROOT / way[2]).exists(), link
            assert (way[1] == "raw") == link.endswith(".svg")
    assert isinstance(told["urls"], dict)
    assert told["urls"]["Changelog"] == f"{ADDRESS}/blob/v1.2/CHANGELOG.md"


def test_what_is_no_link_to_a_file_stays() -> None:
    text = "[a](b.md#c) ![d](e.svg) [f](https://g.org) [h](#i)\n\n```pycon\n>>> [x](y)\n```\n"
    assert page(described(text, "")) == (
        "a (b.md#c) d (e.svg) [f](https://g.org) [h](#i)\n\n```pycon\n>>> [x](y)\n```\n"
    )
    assert described(text, "")["urls"] == {}
    assert page(described(text, ADDRESS)).startswith(f"[a]({ADDRESS}/blob/v1.2/b.md#c) ![d](")


def test_the_wheel_holds_what_runs_and_no_more(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[0]) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    tracked = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "solver").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert names == tracked
    assert {Path(name).suffix for name in names} <= {
        *(".py", ".json", ".typed"),
        *(".html", ".css", ".js", ".mjs", ".svg", ".txt", ".webmanifest"),  # the page
    }


OWN = {
    "solver.py": "def mine(): return 1\n",
    "test_own.py": "from solver import mine\ndef test_own(): assert mine() == 1\n",
}


@pytest.fixture
def installed(built: tuple[Path, Path], tmp_path: Path) -> Path:
    """A folder in which a wheel is unpacked, as an installer does."""
    folder = tmp_path / "site"
    with zipfile.ZipFile(built[0]) as archive:
        archive.extractall(folder)
    return folder


@pytest.mark.parametrize("module", [True, False], ids=["python -m pytest", "pytest"])
def test_a_project_with_a_solver_of_its_own_keeps_its_tests(
    installed: Path, tmp_path: Path, module: bool
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for name, text in OWN.items():
        (project / name).write_text(text)
    (project / "pytest.ini").write_text("[pytest]\n")
    # As installed: what is beside the tests, or in the folder of `python -m`, comes first.
    start = f"import sys; sys.path[:0] = {[str(project)] if module else []}; "
    start += f"sys.path.append({str(installed)!r}); "
    start += "sys.path[:] = [p for p in sys.path if p and not p.startswith(sys.argv[1])]; "
    start += "import pytest; sys.exit(pytest.main(['-q']))"
    run = subprocess.run(
        [sys.executable, "-P", "-c", start, str(ROOT)],
        cwd=project,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 passed" in run.stdout, run.stdout + run.stderr


@pytest.mark.parametrize("words", [["uvx", "--from"], ["pipx", "run", "--spec"]])
@pytest.mark.live
def test_it_runs_without_being_installed(
    built: tuple[Path, Path], tmp_path: Path, words: list[str]
) -> None:
    if not shutil.which(words[0]):
        pytest.skip(f"{words[0]} is not installed")
    command = [*words, str(built[0]), "convsolver", "size", "conv", "224", "-k", "3"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    if run.returncode and re.search(r"(?i)connect|network|resolve", run.stderr):
        pytest.skip("what it depends on is not reached")
    assert run.stdout == "222\n", run.stderr
