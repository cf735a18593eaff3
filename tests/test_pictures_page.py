"""docs/pictures.md and its pictures: drawn again, and compared."""

import importlib.util
import re
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "docs" / "pictures.py"
SPEC = importlib.util.spec_from_file_location("pictures", SCRIPT)
pictures = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(pictures)


def test_the_page_is_what_the_script_writes():
    assert pictures.PAGE.read_text(encoding="utf-8") == pictures.page()
    files = {path.name for path in pictures.FOLDER.iterdir()}
    assert files == {f"{figure.name}.svg" for figure in pictures.FIGURES}


def test_figures(tmp_path):
    for figure in pictures.FIGURES:
        figure.drawn().save(tmp_path / "a.svg")
        kept = (pictures.FOLDER / f"{figure.name}.svg").read_text(encoding="utf-8")
        assert (tmp_path / "a.svg").read_text(encoding="utf-8") == kept, figure.name


def test_the_readme_shows_figures():
    """Its pictures are files of this page, which are drawn again above, and its code draws them."""
    readme = (SCRIPT.parents[1] / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"\]\(docs/pictures/(\w+)\.svg\)", readme)
    figures = {figure.name: figure for figure in pictures.FIGURES}
    assert shown == ["conv", "explanation"]
    assert figures["conv"].code.strip().split("\n")[-1].strip() in readme
    assert repr(figures["conv"].drawn()) in readme
