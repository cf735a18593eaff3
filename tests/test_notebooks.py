"""The notebooks in docs/notebooks: their cells are run again, and show what is kept."""

import importlib.util
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

SCRIPT = Path(__file__).parents[1] / "docs" / "notebooks.py"
SPEC = importlib.util.spec_from_file_location("notebooks", SCRIPT)
notebooks = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(notebooks)

SOURCES = notebooks.sources()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_cells_show_what_is_kept(source):
    if "import optuna" in source.read_text(encoding="utf-8"):
        pytest.importorskip("optuna")
    kept = source.with_suffix(".ipynb").read_text(encoding="utf-8")
    assert kept == notebooks.written(source)


def test_there_is_a_notebook_of_each_file():
    kept = {path.stem for path in notebooks.FOLDER.glob("*.ipynb")}
    assert kept == {source.stem for source in SOURCES}
    assert len(kept) == 5


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_it_is_a_notebook(source):
    """What the format 4.5 asks of cells, and pictures that are XML."""
    made = json.loads(source.with_suffix(".ipynb").read_text(encoding="utf-8"))
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in made["cells"]}) == len(made["cells"])
    pictures = 0
    for cell in made["cells"]:
        code = {"outputs", "execution_count"} if cell["cell_type"] == "code" else set()
        assert cell.keys() == {"cell_type", "id", "metadata", "source", *code}
        for output in cell.get("outputs", ()):
            if svg := output.get("data", {}).get("image/svg+xml"):
                ElementTree.fromstring("".join(svg))
                pictures += 1
    assert pictures >= 3


def test_cells_of_a_file():
    text = "# %% [markdown]\n# # Head\n#\n# words\n\n# %%\nx = 2\nprint(x)\nx + 1\n"
    first, second = notebooks.notebook(text)["cells"]
    assert first["source"] == ["# Head\n", "\n", "words"]
    printed, result = second["outputs"]
    assert printed["text"] == ["2\n"]
    assert result["data"] == {"text/plain": ["3"]}
