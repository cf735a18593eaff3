"""Pictures as TikZ: TeX compiles each figure, as large as it is."""

import re
import shutil
import subprocess

import pytest
from render.pictures.test_fit import CASES, figures

SHOWN = [*figures(), "long name", "many ways", "tiles of two axes", "blocks"]


@pytest.mark.tex
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no TeX engine")
@pytest.mark.parametrize("name", SHOWN)
def test_figures_compile(name, tmp_path):
    picture = CASES[name]() if name in CASES else figures()[name]
    picture.save(tmp_path / "a.tex")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error"]
    command += ["-jobname=a", r"\pdfobjcompresslevel=0\input{a.tex}"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=600)
    assert made.returncode == 0, made.stdout[-2000:]
    boxes = re.findall(rb"/MediaBox \[([^\]]*)\]", (tmp_path / "a.pdf").read_bytes())
    ends = [float(each) for each in boxes[0].split()]
    points = 72 / 72.27 * 0.75  # of TeX's points, three quarters of a pixel
    for found, asked in zip(ends[2:], (picture.width, picture.height), strict=True):
        assert found == pytest.approx(points * asked, abs=0.02)


@pytest.mark.parametrize("name", figures())
def test_each_rectangle_is_there(name):
    """Each of the SVG but what only a mouse shows, each label, and each piece of a line."""
    picture = figures()[name]
    hidden = re.sub(r'<g class="cv-shown">.*?</g>', "", picture.svg)
    tex = picture.tikz
    assert tex.count("rectangle ++") == hidden.count("<rect ")
    assert tex.count(r"\node[") == hidden.count("<text ")
    lines = re.findall(r'points="([^"]*)"', hidden)
    assert tex.count(") -- (") == sum(line.count(" ") for line in lines)
