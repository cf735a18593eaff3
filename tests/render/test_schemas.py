"""The schemas say what the commands print: every recorded output is as its schema says."""

from __future__ import annotations

import copy
import json
import re
import shlex
from functools import cache
from typing import Any

import pytest
from cli_fixtures import ROOT, line
from test_golden import RECORDED

from solver.render.schemas import schemas

jsonschema = pytest.importorskip("jsonschema")

#: What the recorded questions do not ask.
MORE = """
size conv 8000..8002 640x480 6 -k 7 -p 0..1
size conv 1,3,224,224 -k 7 -s 2 -p 3 --out-channels 64
solve conv n n/2 n "n/2" --limit 2
solve conv n n/2 -k 3 --explain
solve conv n n -p 0..2:0..2 --limit 3
solve conv 100 1 -k 3 -s 2 -p 1
solve conv 100x50 98x50 -k 3 -s 1 -p 0 --per-axis
solve conv 224 112 -k 3 -s 1 -p 1 -d 1
solve conv 224x320 112x160 -k 3 -s 1 -p 1 -d 1 --per-axis
network examples/networks/unet.py --input 100,572
network examples/networks/unet.py --output n-184 --input 500
network examples/networks/codec.txt --stream --unread --tiles
network examples/networks/codec.txt --stream 24000
network examples/networks/unet.py --phases
network -c "nn.ConvTranspose2d(8, 8, 3, 2, 1)" --phases --input 9x12
network -c "nn.AdaptiveAvgPool2d(1)" --phases
network examples/networks/unet.py --tile 572 --input 1212
network examples/networks/unet.py --tile 572x570 --input 1212x1196
network examples/networks/codec.txt --tile 960
network tests/data/programs/causal.txt
network examples/networks/wav2vec2.txt --where "n < 500" --at 16000
network examples/networks/wav2vec2.txt --range 390..500 --export
network examples/networks/unet.py --output 7x9
network examples/networks/unet.py --require "n % 16 == 12"
network examples/networks/unet_of_depth.py --exactly "n % 8 == 0" --require-output n
fill examples/networks/unknown_stem.txt n/8 --input 224,512
fill examples/networks/unknown_stem.txt 28x40 --input 224x320
fill examples/networks/unknown_stem.txt 28x40 --input 224x320 --input 225x320
fill -c "nn.Conv2d(3, 8, ..., padding='half'); nn.MaxPool2d(2)"
frameworks
size conv n -k 3 -d 2 -p causal --framework torch
size conv n -k 3 -s 2 -p same --framework keras
solve conv n n -p half --limit 2
solve conv h h/2 --limit 2
prove "conv(n,3,2,1) == n/2" --at 7,8
search --input 64 --output 16 --depth 2 -k 3 -p half
explain examples/networks/unet.py --input 150,572
explain examples/networks/unet_of_depth.py --set depth=3..4 --input 100,104 --output 50
network examples/networks/unet_of_depth.py --set depth=3..4 --input 100,104
network examples/networks/unet_of_depth.py --set depth=0..4
explain examples/networks/codec.txt --input 640 --output 4
explain examples/networks/unet.py --error "mat1 and mat2 shapes cannot be multiplied (1x9 and 8x2)"
explain examples/networks/codec.txt --input 330 --output 2
decoder examples/networks/codec.txt --input 24000,24001
convert "nn.Conv2d(3, 64, 7, 2, 3)" --to keras --input 7..9
convert "nn.Conv2d(3, 64, 7, 2, 3)" --to keras --alternatives --input 7x9
convert "nn.ConvTranspose1d(8, 4, 3, 2, 1)" --to torch --input 7 --output 14
convert "nn.ConvTranspose1d(8, 4, 3, 2, 1)" --to torch --input 7,8 --output 2n
convert "nn.ConvTranspose1d(8, 4, 3, 2, 1)" --to torch --output 2n
solve conv n n -k 3 -p 0..2:0..2 --causal --nothing-unread
fill -c "ZeroPad1d('0..4:0..4'); Conv1d(1, 1, 3); ZeroPad1d('0..9'); Conv1d(1, 1, 3)" n --causal
prove "3 == 4"
prove "conv(n, 3) == n - 2" --at 7
search --input 8 --input 16 --output 4 --output 8 --depth 1 -k 3
search --input 32 --output 8 --depth 2 -k 1,3 -s 2 -p 0,1
search --input 32 --depth 2 -k 2s -s 2 --no-gaps --causal --rate 8000 --latency ..9ms --limit-costs
formula conv -k 3 -s 2
"""


#: The lists of answers whose elements JSON lines are.
LISTS = {"solve": ("solutions", "recipes"), "search": ("designs",), "fill": ("ways",)}


def _recorded(form: str) -> dict[str, str]:
    """The recorded outputs of a form, by the command."""
    found = {}
    for command, shown in RECORDED.items():
        if re.search(form, command):
            code, _, text = shown.split("\n", 1)[1].partition("\n")
            if code in ("[0]", "[1]"):
                found[command] = text
    return found


RECORDS, LINES = _recorded(r"--json|--format json$"), _recorded("--format jsonl$")


@cache
def validator(command: str) -> Any:
    schema = schemas()[command]
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def validate(command: str, record: Any) -> None:
    validator(shlex.split(command)[1]).validate(record)


@pytest.mark.parametrize("command", RECORDS)
def test_what_is_recorded_is_as_the_schema_says(command):
    validate(command, json.loads(RECORDS[command]))


@pytest.mark.parametrize("command", LINES)
def test_json_lines_are_elements_of_a_list_in_the_schema(command):
    name = shlex.split(command)[1]
    schema = schemas()[name]
    kinds = [schema["properties"][key]["items"] for key in LISTS[name]]
    element = jsonschema.Draft202012Validator({"anyOf": kinds, "$defs": schema["$defs"]})
    for each in LINES[command].splitlines():
        if each and not each.startswith("! "):
            element.validate(json.loads(each))


@pytest.mark.parametrize("question", MORE.strip().split("\n"))
def test_other_answers_are_as_the_schema_says(question, monkeypatch):
    monkeypatch.chdir(ROOT)
    validate(f"convsolver {question}", json.loads(line(f"convsolver {question} --json").out))


def test_every_command_that_prints_json_has_a_schema():
    assert {shlex.split(command)[1] for command in RECORDS} == set(schemas())


@pytest.mark.parametrize("command", sorted(schemas()))
def test_another_answer_is_none_of_them(command):
    text = next(text for asked, text in RECORDS.items() if asked.split()[1] == command)
    record = json.loads(text)
    for key in record:
        for change in ({}, {key: {"unheard": 1.5}}, {"unheard": 1}):
            other = copy.deepcopy(record) | change
            if not change:
                del other[key]
            if key not in validator(command).schema.get("required", ()) and not change:
                continue
            assert not validator(command).is_valid(other), (key, change)


@pytest.mark.parametrize("command", sorted(schemas()))
def test_help_prints_the_schema(command):
    ended = line(f"convsolver help {command} --schema")
    assert ended.code == 0
    assert json.loads(ended.out) == schemas()[command]


def test_help_without_a_schema():
    ended = line("convsolver help check --schema")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: these commands print JSON\n  received: check\n")
