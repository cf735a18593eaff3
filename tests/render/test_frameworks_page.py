"""`convsolver frameworks` and docs/frameworks.md: printed from the tables, nothing left out."""

from __future__ import annotations

import importlib.util
import json
import re

import pytest
from cli_fixtures import ROOT, line, run

from solver.frameworks import NAMES, framework
from solver.render.frameworks import Chosen, entries, kinds, sections

SCRIPT = ROOT / "docs" / "frameworks.py"
SPEC = importlib.util.spec_from_file_location("docs_frameworks", SCRIPT)
generator = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(generator)

TABLES = tuple(map(framework, NAMES))
KINDS = kinds(TABLES)


def test_the_page_is_what_the_script_writes():
    assert generator.PAGE.read_text(encoding="utf-8") == generator.page()


def test_a_changed_table_changes_the_page(monkeypatch):
    keras = framework("keras")
    rows = tuple(row._replace(gotcha=f"not {row.gotcha}") for row in keras.rows)
    changed = keras._replace(rows=rows)
    monkeypatch.setattr(
        generator, "framework", lambda name: changed if name == "keras" else framework(name)
    )
    assert generator.PAGE.read_text(encoding="utf-8") != generator.page()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_page_and_the_command_leave_nothing_out(table):
    page = generator.page()
    shown = run("frameworks", table.name).out
    flat = " ".join(shown.split())
    for entry in entries(table):
        for name in entry.names:
            assert f"`{name}`" in page
            assert name in shown
        for words in filter(None, (entry.signature, entry.formula)):
            assert f"`{words}`" in page
            assert words in flat
        assert entry.gotcha.replace("*", r"\*") in page
        assert entry.gotcha in flat


def test_tables_of_the_page_have_as_many_cells_as_columns():
    for table in re.findall(r"(?:^\|.*\n)+", generator.page(), flags=re.MULTILINE):
        assert len({row.count(" |") for row in table.splitlines()}) == 1, table


def test_without_words_there_is_an_index_of_names():
    ended = run("frameworks")
    assert len(ended.out.splitlines()) < 100
    flat = " ".join(ended.out.split())
    for entry in (entry for table in TABLES for entry in entries(table)):
        assert all(name in flat for name in entry.names)


def test_all_has_names_rules_and_gotchas_of_every_kind():
    ended = run("frameworks", "all")
    assert (ended.code, ended.err) == (0, "")
    first, *lines = ended.out.splitlines()
    assert first == f"{len(KINDS)} kinds of operations in {len(TABLES)} frameworks"
    assert [text for text in lines if text in KINDS] == list(KINDS)
    assert max(map(len, lines)) <= 100
    flat = " ".join(ended.out.split())
    for entry in (entry for table in TABLES for entry in entries(table)):
        for words in (*entry.names, entry.formula, entry.gotcha):
            assert words in flat


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("conv", "convolution in 7 frameworks"),
        ("deconv", "transposed convolution in 7 frameworks"),
        ("Conv2DTranspose", "transposed convolution in 7 frameworks"),
        ("torch.nn.MaxPool2d", "max pooling in 8 frameworks"),
        ('"max pooling"', "max pooling in 8 frameworks"),
        ("MAX pooling", "max pooling in 8 frameworks"),
        ("lax.reduce_window", "2 kinds of operations in 8 frameworks"),
        ("pooling", "6 kinds of operations in 8 frameworks"),
        ("interpolate", "resize in 5 frameworks"),
        ("pytorch cropping keras", "cropping in Keras"),
        ("tf depthwise", "depthwise convolution in TensorFlow"),
        ("jax", "JAX: 5 operations"),
        ("jax flax", "JAX: 5 operations; Flax: 4 operations"),
        ("all", f"{len(KINDS)} kinds of operations in {len(TABLES)} frameworks"),
    ],
)
def test_the_first_line_is_the_answer(words, first):
    ended = line(f"convsolver frameworks {words}")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[0] == first


def test_details_are_name_arguments_size_and_gotcha():
    shown = run("frameworks", "keras", "UpSampling2D").out
    block = shown.split("\n\n")[1]
    assert block == (
        "Keras  UpSampling{1,2,3}D\n"
        "       arguments: size=2\n"
        "       size: n * size\n"
        "       gotcha: whole factors only"
    )


def test_lines_are_short_and_formulas_stay_whole():
    for table in TABLES:
        lines = run("frameworks", table.name).out.splitlines()
        assert max(map(len, lines)) <= 100
        assert all(text.count("(") == text.count(")") for text in lines)


def test_json_has_every_row():
    ended = run("frameworks", "--json")
    whole = json.loads(ended.out)
    assert (whole["schema"], whole["command"]) == (1, "frameworks")
    assert whole["frameworks"] == list(NAMES)
    assert whole["kinds"] == list(KINDS)
    assert len(whole["operations"]) == sum(len(table.rows) for table in TABLES)
    assert run("frameworks", "all", "--format", "json").out == ended.out


def test_json_of_one_operation():
    (found,) = json.loads(run("frameworks", "onnx", "deconv", "--json").out)["operations"]
    assert {key: found[key] for key in ("framework", "kind", "name", "axes")} == {
        "framework": "onnx",
        "kind": "transposed convolution",
        "name": "ConvTranspose",
        "axes": None,
    }
    arguments = {one["name"]: one for one in found["arguments"]}
    assert arguments["kernel_shape"] == {"name": "kernel_shape", "required": True, "default": None}
    assert arguments["auto_pad"]["default"] == "NOTSET"
    assert found["other_arguments"] == ["group", "W", "B"]
    assert "output_shape overrides pads" in found["gotcha"]


def test_markdown_is_that_of_the_page():
    page = generator.page()
    start = run("frameworks", "--format", "markdown").out
    assert start.strip().rpartition("\n\n")[2] in page, "the names"
    _, *found = re.split(r"(?m)^(?=### )", run("frameworks", "all", "--format", "markdown").out)
    assert all(section.partition("\n\n")[2].strip() in page for section in found)
    table = run("frameworks", "deconv", "--format", "markdown").out
    assert table.rpartition("\n\n")[2] in page


@pytest.mark.parametrize("words", [(), ("deconv",), ("keras", "onnx")])
@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_tables_fit_the_terminal(words, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    ended = run("frameworks", *words, "--format", "table")
    assert (ended.code, ended.err) == (0, "")
    assert max(map(len, ended.out.splitlines())) <= int(columns)
    if words == ("deconv",):
        (section,) = sections(Chosen(TABLES, ("transposed convolution",)))
        assert all(name in ended.out for _, entry in section.entries for name in entry.names)


@pytest.mark.parametrize(
    ("words", "rule", "right"),
    [
        ("kers", "unknown framework or operation", "keras"),
        ("convv", "unknown framework or operation", "conv"),
        ("Conv2DTransposed", "unknown framework or operation", "Conv{2,3}DTranspose"),
        ("DepthwiseConv3D", "unknown framework or operation", "DepthwiseConv{1,2}D"),
        ("zzz", "unknown framework or operation", "torch, keras"),
        ("flax cropping", "the tables have no such operation of Flax", "convolution"),
    ],
)
def test_unknown_words_get_the_nearest(words, rule, right):
    ended = line(f"convsolver frameworks {words}")
    assert (ended.code, ended.out) == (2, "")
    said, *rest = ended.err.splitlines()
    assert said == f"error: {rule}"
    assert right in rest[-1].partition("right:")[2]


def test_two_formats_at_once_are_refused():
    ended = run("frameworks", "--json", "--format", "plain")
    assert ended.code == 2
    assert "one of the two" in ended.err
