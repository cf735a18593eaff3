"""How Sphinx makes the site: `sphinx-build -W -c docs . build/site`, with the extra `docs`.

The pages are those that the README lists, in its order and under its headings. Nothing is fetched
from elsewhere: formulas are MathML, the search runs on the index that is built here.
"""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

import solver

project = "convsolver"
version = release = solver.__version__
root_doc = "README"
extensions = ["myst_nb"]
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "examples/README.md",
    "docs/**.md",
    "docs/**.ipynb",
]
nb_execution_mode = "off"  # the tests execute them
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
myst_fence_as_directive = ["math"]
html_theme = "furo"
html_math_renderer = "mathml"
html_title = f"convsolver {version}"

#: A heading of the README below which a list names pages, and a link to a page.
_SECTION = r"(?ms)^### (.+?)$(.*?)(?=^#|\Z)"
_PAGE = r"\]\(([\w/-]+)\.(?:md|ipynb)\)"


def _contents(app: Sphinx, name: str, source: list[str]) -> None:
    """Put the sections of the README's list into the side bar."""
    if name == root_doc:
        for title, listed in re.findall(_SECTION, source[0]):
            pages = "\n".join(re.findall(_PAGE, listed))
            source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{pages}\n```\n"


def _math(translator: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula as MathML, which browsers typeset."""
    text = node.astext().replace("{split}", "{aligned}")  # the same, by the name that is known
    translator.body.append(tex2mathml(text, as_block=isinstance(node, nodes.math_block)))
    raise nodes.SkipNode


def _start(app: Sphinx, fault: Exception | None) -> None:
    """Let a folder that is opened show the first page."""
    page = f'<!doctype html><meta http-equiv="refresh" content="0; url={root_doc}.html">'
    if fault is None:
        Path(app.outdir, "index.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", (_math, None), (_math, None))
    app.connect("source-read", _contents)
    app.connect("build-finished", _start)
