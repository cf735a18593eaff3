"""docs/pictures.md and its pictures: drawn again, and compared."""

import importlib.util
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
