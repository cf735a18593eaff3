"""What every command prints in every format; `python tests/oracles/golden.py` records it again."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from cli_fixtures import ROOT, run

HOME = ROOT / "tests" / "data" / "golden"

FORMATS = {
    "size": "table plain json",
    "formula": "latex text markdown python json",
    "solve": "table plain json jsonl csv latex markdown code",
    "prove": "table plain json latex markdown",
    "search": "table plain json jsonl csv code",
    "network": "table plain markdown latex",
    "explain": "table plain json",
    "decoder": "table plain json code",
    "fill": "table plain json jsonl code",
    "convert": "table plain json code",
    "frameworks": "table plain json markdown",
    "check": "",
}

QUESTIONS = {
    "size": """
conv 224 -k 7 -s 2 -p 3
conv 224x320 -k 3,5 -s 2 -p same
conv 6 -k 7
deconv n -k 4 -s 2 -p 1
maxpool n -k 3 -s 2 -p 1 --ceil-mode
conv "floor(n/2) + 1" -k 3 -p 1:0
avgpool 7 -k 2 --framework keras
"8*(conv(conv(n, 3, 2), 3, 2) - 1) + 1" 17 33
""",
    "formula": """
conv
conv --dim 1 --style compact
deconv --dim 3
maxpool --ceil-mode --style compact
conv -k 3 -p 1 --style compact
conv --for padding
deconv --for stride
avgpool --dim 1
""",
    "solve": """
conv 224 112 -k 1..11 -s 1..4 -p 0..5 -d 1..2 --limit 5
conv n n/2 --limit 4
deconv n 2n --limit 4
conv n "ceil(n/2)" -d 1 --limit 3
conv n "floor(n/2)" --where "n % 2 == 1" --limit 3
conv "?" 112 -k 7 -s 2 -p 3
conv 224 112 225 113 7 4 --limit 3
conv 224x320 110..114x160 -k 3 --per-axis --limit 3
conv 10 10 -k 2 -s 1
conv n 2n
deconv n 2n -k 3 -a 0
maxpool n n/2 --where "n % 4 == 0" --limit 3
avgpool 112 56 --limit 3
conv 224 112 -k 7 -s 2 --framework keras --limit 3
deconv "ceil(n/2)" n --where "n % 2 == 1" --limit 3
conv n n-4 --limit 3
maxpool 113 57 -k 3 -s 2 --ceil-mode --limit 3
deconv n "s*n" -k 2s
conv n n/s -d d --limit 3
conv n "ceil(n/s)" -k 2s
deconv "conv(n, k, s, p)" n --limit 2
""",
    "prove": """
"conv(n, k=3, s=2, p=1) == ceil(n/2)"
"conv(n, k=3, s=2, p=1) == n/2"
"conv(deconv(n, k=4, s=2, p=1), k=3, s=2, p=1) == n"
"conv(n, k, s, p=(k-1)/2) == ceil(n/s)"
"deconv(conv(n,3,2,1), 3,2,1) == n" --where "n % 2 == 1"
"maxpool(n, 2) <= n/2"
"conv(n, 3) < n - 2"
"avgpool(n, k=3, s=2, p=1, ceil_mode=True) >= floor(n/2)"
""",
    "search": """
--input 224 --output 7 --depth 5 -k 3 -s 1,2 -p 0..2 --limit 3
--input n --output n/4 --depth 3 -k 2,3 -s 1,2 -p 0,1 --limit 3
examples/encoder.toml --limit 2
examples/encoder.toml --pareto parameters,macs --limit 3
examples/encoder.toml --sample 2 --seed 1
--input 32 --output 100 --depth 2 -k 3
--input 64 --output 16 --depth 2..3 -k 3,5 -s 1..2 -p 1 --by macs,-receptive_field --limit 3
--input 64 --output 64 --op deconv --depth 2 -k 2..4 -s 1 -p 0..1 --limit 2
--input 100 --depth 2 -k 3 -s 2 -p 1 --designs 0..1
""",
    "network": """
examples/networks/unet.py
examples/networks/unet.py --input 572
examples/networks/unet.py --input 500 --tiles --unread
examples/networks/unet.py --tiles --unread
examples/networks/codec.txt --stream 24000
examples/networks/wav2vec2.txt --output 49
examples/networks/wav2vec2.txt --layer 3
examples/networks/codec.txt --output 3 --unread
examples/networks/unet_of_depth.py --exactly "n % 8 == 0" --require-output n
examples/networks/unet.py --require "n % 16 == 12"
tests/data/printouts/resnet18.print.txt --input 224
tests/data/programs/causal.txt
tests/data/programs/trimmed.txt --input 100
tests/data/onnx/unet_concat.onnx
""",
    "explain": """
examples/networks/unet.py --input 150
examples/networks/codec.txt --input 300 --limit 2
examples/networks/wav2vec2.txt --input 300
examples/networks/wav2vec2.txt
tests/data/onnx/unet_concat.onnx --input 100
examples/networks/codec.txt --error "Calculated padded input size per channel: (7)."
examples/networks/unet.py --input 572
""",
    "decoder": """
examples/networks/codec.txt --limit 2
examples/networks/codec.txt --input 24000 --limit 2
examples/networks/codec.txt --where "n % 320 == 0" --limit 2
examples/networks/wav2vec2.txt --limit 1
-c "Conv2d(1, 8, 3, 2, 1); Conv2d(8, 16, 4, 2, 1)" --input 28x30,33 --limit 1
-c "Conv2d(1, 8, 3, 2, 1); Conv2d(8, 16, 4, 2, 1)" --input 28x30 --framework keras --limit 2
-c "Conv2d(1, 8, 3, 2, 1); Conv2d(8, 16, 4, 2, 1)" --input 28x30 --framework onnx --limit 2
""",
    "fill": """
examples/networks/wav2vec2_padding.txt "floor(n/320)" --limit 2
examples/networks/unknown_stem.txt 28 --input 224 --limit 3
examples/networks/unknown_stem.txt n/8 --limit 3
examples/networks/unknown_unet.py n --where "n % 4 == 0" --limit 2
examples/networks/unknown_stem.txt n/4 --layer 2 --limit 2
examples/networks/unknown_stem.txt 3n
""",
    "convert": """
'Conv1D(8, 3, 2, "same")' --from keras --to torch
"nn.ConvTranspose2d(8, 4, 3, 2, 1, 1)" --to keras
"nn.Conv2d(3, 64, 7, 2, 3)" --to flax
"nn.MaxPool2d(3, 2, 1)" --to onnx
"nn.Conv2d(3, 64, 7, 2, 3)" --to jax --input 224x320
'Conv2D(64,3,2,"same")' --from keras --to onnx --input 7
"nn.AdaptiveAvgPool2d(7)" --to keras
"nn.PixelShuffle(2)" --to onnx
""",
    "frameworks": """

deconv
keras onnx "max pooling"
tf.nn.conv2d
jax
torch padding
""",
    "check": """
examples/certificates/rounded_half.json
examples/certificates/twice.json
examples/certificates/none.json
README.md
""",
}

#: Forms that are options of their own, and inputs that are refused.
OTHERS = """
convsolver --help
convsolver --version
convsolver size conv 22.5 -k 3
convsolver size conv n -k 3 -s 0
convsolver size conb 7 -k 3
convsolver size conv "n +" -k 3
convsolver size conv "2 ** n" -k 3
convsolver solve conv 224 112 -k 5..3
convsolver solve conv n m
convsolver solve conv 224
convsolver solve conv n n/2 --explain
convsolver solve conv 224 112 -k 1..9 --explain
convsolver solve deconv n 2n -k 3 -a 0 --explain
convsolver solve conv n 2n --explain --format latex
convsolver solve deconv n 2n --explain --format markdown
convsolver solve deconv n 2n --format latex --standalone
convsolver solve conv n n/2 -k 2..6 -d 1 --certificate
convsolver solve conv 10 10 -k 2 -s 1 --certificate
convsolver solve deconv n 2n --format code --framework keras
convsolver solve conv n n/2 --format code --framework flax --limit 2
convsolver solve conv n n/2 --format code --framework onnx --limit 1
convsolver prove "conv(n, k=3, s=2, p=1) == ceil(n/2)" --certificate
convsolver prove "conv(n, k, s, p=(k-1)/2) == ceil(n/s)" --smtlib
convsolver prove "conv(n, 3) = n - 2"
convsolver prove "conv(n, k=3, s=2, q=1) == n"
convsolver search --input 224 --depth 0
convsolver search --input 224 --output 7 --depth 5 --by beauty
convsolver search nowhere.toml
convsolver network nowhere.py
convsolver network LICENSE
convsolver network examples/networks/unet.py --input 100
convsolver network examples/networks/unet.py --layer nothing
convsolver network examples/networks/codec.txt --json
convsolver network examples/networks/codec.txt --tiles --stream 24000 --json
convsolver network tests/data/programs/trimmed.txt --input 100 --unread --json
convsolver network examples/networks/wav2vec2.txt --output 49 --json
convsolver explain examples/networks/unet.py --error "hello"
convsolver decoder examples/networks/unet.py
convsolver fill examples/networks/unet.py 28
convsolver convert "nn.Conv2d(3, 64)" --to keras
convsolver convert "nn.LSTM(3, 64)" --to keras
convsolver frameworks cafe
convsolver check nowhere.json
"""


#: Widths at which a part of the tables is recorded too; all are at 80.
WIDTHS = 100, 120


def commands() -> Iterator[tuple[str, str]]:
    """Yield every command line, and the file its output stands in."""
    for name, questions in QUESTIONS.items():
        for question in questions[1:-1].split("\n"):
            for form in FORMATS[name].split() or [""]:
                option = f" --format {form}" if form else ""
                yield name, f"convsolver {name} {question}{option}"
        if "table" in FORMATS[name]:
            for width in WIDTHS:
                for question in questions[1:-1].split("\n")[::2]:
                    asked = f"convsolver {name} {question} --format table"
                    yield f"columns{width}", f"COLUMNS={width} {asked}"
        yield "help", f"convsolver {name} --help"
    for command in OTHERS.strip().split("\n"):
        yield "others", command


def printed(command: str) -> str:
    """What a command prints: the line itself, its exit code, its output, its complaints."""
    window, _, words = command.partition("convsolver ")
    width = window.strip().removeprefix("COLUMNS=") or "80"
    with mock.patch.dict(os.environ, {"COLUMNS": width, "LINES": "24", "NO_COLOR": "1"}):
        done = run(*shlex.split(words))
    complaints = "".join(f"! {line}\n" for line in done.err.splitlines())
    return f"$ {command}\n[{done.code}]\n{done.out}{complaints}\n"


def record() -> None:
    """Write everything that is printed, a file for each command."""
    HOME.mkdir(exist_ok=True)
    pages: dict[Path, str] = {}
    for name, command in commands():
        path = HOME / f"{name}.txt"
        pages[path] = pages.get(path, "") + printed(command)
    for path, page in pages.items():
        path.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    os.chdir(ROOT)
    record()
