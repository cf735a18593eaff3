"""Bad input: exit code 2, nothing on stdout, and a text that says what would be right.

The texts are held to the letter. Whatever is typed, 101 (a fault of ours) must not come.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys

import pytest
from cli_fixtures import Run, console, environment, line, run, spawn

from solver.cli import cli

SEED = 20240612

MESSAGES = r"""
$ convsolver solve conv n "__import__('os').system('x')"
error: this character is not part of the grammar
  __import__('os').system('x')
             ^
  right:    numbers, n, + - * / // % ** ( ), floor() and ceil()

$ convsolver solve conv n "eval(n)"
error: unknown function 'eval'
  eval(n)
  ^
  right:    floor, ceil, conv, deconv, maxpool or avgpool

$ convsolver solve conv n 2**n
error: powers of n are not sizes
  2**n
   ^
  right:    products such as 2*n; powers of numbers and other letters, 2**i

$ convsolver solve conv n 2n+
error: a number, n or '(' must come next
  2n+
     ^
  right:    for example 2n, n/2, ceil(n/2) or (n - 1)*2 + 3

$ convsolver solve conv n "(n + 1"
error: a '(' needs its ')'
  (n + 1
        ^

$ convsolver solve conv n 2q
error: the input, its output and the condition are in one letter
  received: n, q
  right:    n in all of them

$ convsolver solve conv n n*n
error: a product of two sizes is not a size
  n*n
   ^
  right:    a whole multiple of n

$ convsolver solve conv n "max(n - 2, 1)"
error: min() and max() have no single slope
  max(n - 2, 1)
  ^
  right:    floor() and ceil()

$ convsolver solve conv n n/0
error: division by zero
  n/0
   ^
  right:    a divisor of at least 1

$ convsolver solve conv n 0.5n
error: sizes are whole numbers
  0.5n
  ^
  right:    write 1/2 for a half

$ convsolver solve conv 224.0 112
error: sizes are whole numbers
  224.0
  ^
  right:    write 1/2 for a half

$ convsolver size conv 3 -k 7
error: the kernel must fit: input + padding >= effective kernel size
  received: 3 + 0 < 7
  right:    an input of at least 7

$ convsolver size conv 5x6 -k 3 -d 3
error: the kernel must fit: input + padding >= effective kernel size
  received: 5 + 0 < 7
  right:    an input of at least 7

$ convsolver size deconv 2 -k 1 -p 3
error: an output size must be at least 1
  received: 2 -> -4
  right:    an input of at least 7

$ convsolver size conv 224 -k 0
error: kernel_size must be at least 1
  0
  ^
  right:    1 or more

$ convsolver solve conv 224 112 -k 0..5
error: kernel_size must be at least 1
  0..5
  ^
  right:    1 or more

$ convsolver solve conv 224 112 -k 5..3
error: kernel_size: a range goes from small to large
  5..3
  ^
  right:    3..5

$ convsolver solve conv 224x 112
error: each axis needs a size, and x stands between two
  224x
      ^
  right:    224x320 for two axes, n for any size

$ convsolver solve conv 224x320 112
error: all sizes need the same number of axes
  received: 112
  right:    2 sizes as in 224x320

$ convsolver size conv 7x7x7 -k 3x5
error: the input must have one size per axis of the layer
  received: 7x7x7 for 2 axes

$ convsolver solve conv 224x320 112x160 -k 3x5x7 --per-axis
error: kernel_size: one domain, or with --per-axis one per axis
  received: 3 domains for 2 axes

$ convsolver solve conv 224
error: each INPUT needs its OUTPUT
  received: 224
  right:    convsolver solve conv 224 112

$ convsolver solve conv 224 n
error: the input is a number, so the output must be one too
  received: n
  right:    the input n for an answer for every n

$ convsolver solve conv 224 "?"
error: the output must be given
  received: ?
  right:    convsolver size computes it

$ convsolver solve conv n n --where "n = 3"
error: equality is written ==
  n = 3
    ^
  right:    for example n % 4 == 1

$ convsolver solve conv n n --where 2n
error: a condition is wanted here, not a size
  2n
   ^
  right:    for example n % 4 == 1

$ convsolver solve conv 224 112 --where "n > 3"
error: a condition on n needs an input that depends on n
  received: input 224, where n > 3
  right:    the input n

$ convsolver solve conv 224 112 --ceil-mode
error: only pooling has a ceil mode
  received: conv

$ convsolver solve conv 224 112 -a 1
error: convolution has no output_padding
  right:    kernel_size, stride, padding, dilation

$ convsolver size deconv 7 -k 3 -s 2 -a 2
error: output_padding must be smaller than the stride or the dilation
  received: output_padding 2, stride 2, dilation 1
  right:    at most 1

$ convsolver size maxpool 7 -k 3 -p 2
error: padding of a pooling must be at most half of kernel_size
  received: padding 2, kernel_size 3
  right:    at most 1, or a layer of padding before it, as 2:2

$ convsolver size conv 224
error: a layer needs its kernel_size
  right:    -k 3

$ convsolver size convv 224 -k 3
error: unknown operation
  received: convv
  right:    conv

$ convsolver sizze conv 224
error: unknown command
  received: sizze
  right:    size

$ convsolver solve conv 224 112 --sort colour
error: unknown sort key
  received: colour
  right:    kernel_size, stride, padding, dilation, cost

$ convsolver formula conv --format pdf
error: unknown format
  received: pdf
  right:    latex, text, markdown, mathml, python, json, svg

$ convsolver formula conv --dim 4
error: a formula has 1, 2 or 3 axes
  received: 4
  right:    1, 2 or 3
"""


@pytest.mark.parametrize(("command", "text"), console(MESSAGES))
def test_messages_to_the_letter(command, text):
    assert line(command) == Run(2, "", text + "\n")


# Texts that Click makes, or that depend on the words around them: what they must name.
@pytest.mark.parametrize(
    ("command", "fragments"),
    [
        ("size conv 224 -k 3 --strid 2", ["--strid", "--stride"]),
        ("size conv 224 -k 3 --format xml", ["xml", "plain", "json", "latex"]),
        ("solve conv 224 112 --format xml", ["xml", "table", "csv", "markdown"]),
        ("solve conv 224 112 --limit -1", ["--limit", "-1", "0"]),
        ("solve conv 224 112 --limit x", ["--limit", "x"]),
        ("solve conv 224 112 -k", ["-k", "argument"]),
        ("size conv", ["INPUT"]),
        ("size", ["OPERATION"]),
        ("solve conv", ["INPUT"]),
        ("formula", ["OP"]),
        ("solve conv 224 112 -s -1", ["stride must be at least 1", "-1", "^"]),
        ("fill examples/networks/unknown_stem.txt 28 --input 0", ["input size must be at least 1"]),
        ("size conv 224 -k 3.5", ["kernel_size must be", "whole number", "3.5", "^"]),
        ("size conv 224 -k 3 -p 1:", ["padding must be a whole number", "1:\n    ^"]),
    ],
)
def test_messages_name_the_fault(command, fragments):
    code, out, err = line(f"convsolver {command}")
    assert (code, out) == (2, "")
    assert all(fragment in err for fragment in fragments), err
    assert "Traceback" not in err


DIGITS = "9" * 10_000


@pytest.mark.parametrize(
    "words",
    [
        ("solve", "conv", DIGITS, "112"),
        ("solve", "conv", "224", DIGITS),
        ("solve", "conv", "n", DIGITS + "n"),
        ("solve", "conv", "n", "n", "--where", f"n % {DIGITS} == 1"),
        ("solve", "conv", "224", "112", "-k", DIGITS),
        ("solve", "conv", "224", "112", "-p", f"0:{DIGITS}"),
        ("solve", "conv", "224", "112", "--limit", DIGITS),
        ("solve", "conv", "224", "112", "--sort", DIGITS),
        ("solve", DIGITS, "224", "112"),
        ("size", "conv", DIGITS, "-k", "3"),
        ("size", "conv", f"1,3,{DIGITS}", "-k", "3"),
        ("size", "conv", "1,3,9,9", "-k", "3", "--groups", DIGITS),
        ("size", "conv", "224", "-k", DIGITS),
        ("formula", "conv", "-k", DIGITS),
        ("formula", "conv", "--dim", DIGITS),
        (DIGITS,),
    ],
)
def test_ten_thousand_digits_are_refused_at_once_and_not_printed_back(words):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert 0 < len(err) < 600


@pytest.mark.parametrize("text", ["(" * 300, "-" * 300 + "n", "n" + "+n" * 190, "floor(" * 60])
def test_deep_and_long_expressions_end(text):
    code, _, err = run("solve", "conv", "--", "n", text)
    assert code in (1, 2)
    assert "Traceback" not in err


# What comes from outside Python


@pytest.mark.parametrize(
    "words",
    [
        (b"\xff",),
        (b"solve", b"\xff", b"224", b"112"),
        (b"solve", b"conv", b"\xff\xfe", b"112"),
        (b"solve", b"conv", b"224", b"112", b"-k", b"\xff"),
        (b"solve", b"conv", b"224", b"112", b"--sort", b"\xff"),
        (b"size", b"conv", b"224", b"-k", b"3", b"--format", b"\xff"),
        (b"size", b"conv", b"224", b"-k", b"3", b"--\xff"),
    ],
)
def test_words_that_are_not_text(words):
    done = spawn(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away():
    """`convsolver solve ... | head -1`: nothing is said."""
    words = ("solve", "conv", "1000", "4..900", "-k", "1..99", "-s", "1..40", "-p", "0..40")
    child = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "solver", *words, "--json"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "{\n"
    child.stdout.close()
    err = child.stderr.read()
    child.stderr.close()
    assert (child.wait(), err) == (141, "")


COMMANDS = [
    ("size", "conv", "224", "-k", "3"),
    ("formula", "conv"),
    ("--help",),
    *(("solve", "conv", "224", "112", "--format", form) for form in ("table", "plain", "json")),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_device(words):
    with open("/dev/full", "w") as full:
        done = spawn(*words, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 3
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.skipif(os.name != "posix", reason="descriptors are closed as POSIX shells do")
def test_output_that_is_closed_from_the_start(words):
    done = spawn(*words, preexec_fn=lambda: os.close(1))
    assert done.returncode == 3
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="descriptors are closed as POSIX shells do")
def test_bad_input_stays_bad_input_where_nobody_reads_the_message():
    assert spawn("solve", "conv", "n +", "3", preexec_fn=lambda: os.close(2)).returncode == 2


# An internal error cannot be typed


def split(text: str) -> list[str]:
    return text.split()


SIZES = split(
    "n 2n n/2 ceil(n/2) floor(n/3) n-4 n+1 3n/2 same (n-1)*2 n%3 n-n+5 max(n,3) Mod(n,2) 2n-1 "
    "-(-n//2) ? 1 2 7 10 224 112 224x320 112x160 nxn nx7 2nxn ?x? 1..7 1,3,5 110..114 1,3,224,224 "
    "3,32,32 999999999999999999 100000007"
)
PAIRS = (
    *("224 112", "224x320 112x160", "7 4", "n 2n", "n n/2", "n ceil(n/2)", "n n-2", "2n n", "n n"),
    *("nx8 nx4", "? 7", "?x9 5x4", "10 12..14", "1..9 3", "n+1 n", "32 8", "1000000 1000"),
    *("n//2 n//4", "n 3n/2", "nx2n 2nx4n", "5 50", "9 11"),
)
DOMAINS = split("1 2 3 4 7 0..3 1..7 1,3,5 1,3..7 3x5 1x2 0:1 0..1:1..2 1:2x3 1..1000000000 same")
CONDITIONS = ("n%4==1", "n>3", "n<9 and n%2==0", "not n==5", "n==7 or n==9", "n != 2", "n%3==5")
WORDS = (
    *SIZES,
    *DOMAINS,
    *CONDITIONS,
    *split("convv x 7x 5..3 .. , : () floor( n** n*n n/0 0n 0 -1 -n -- 2.5 1e3 q 0x10 1_000 csv"),
    *split("valid cost k p i o é × ² ٣ ' \" \\ $n `id` %s {} None nan 9999999999999999999 --json"),
    *("", " ", "\n", "\t", "\x00", "\ud83d", "[bold]", "\x1b[31m"),
)
LETTERS = ("-k", "--stride", "-p", "-d", "-a")
OPERATIONS = ("conv", "deconv", "maxpool", "avgpool", "conv2d", "Conv-Transpose")


def random_words(rng: random.Random) -> list[str]:
    """Return a command line: of the right shape, with now and then a word from anywhere."""

    def word(*right: str) -> str:
        return rng.choice(right) if rng.random() < 0.96 else rng.choice(WORDS)

    command = word("solve", "solve", "size", "formula")
    words = [command, word(*OPERATIONS)]
    forms = {
        "solve": ("table", "plain", "json", "jsonl", "csv", "latex", "markdown"),
        "size": ("plain", "json", "latex"),
    }.get(command, ("latex", "text", "markdown", "python", "json"))
    if command != "formula":
        count = {"size": 1}.get(command, rng.choice((2, 2, 4)))
        sizes = [word(*SIZES) for _ in range(count)]
        if command == "solve" and rng.random() < 0.8:
            sizes = word(*PAIRS).split()
        words += sizes
        if command == "size":
            words += ["-k", word("1", "2", "3", "7")]
    for letter in LETTERS:
        if rng.random() < (0.05 if letter == "-a" else 0.2):
            words += [letter, word("1", "2", "3") if command != "solve" else word(*DOMAINS)]
    extras = [["--format", word(*forms)], ["--json"]]
    extras += [["--ceil-mode"]] if "pool" in words[1] else []
    extras += {
        "solve": [
            ["--where", word(*CONDITIONS)] if "n" in words else [],
            ["--sort", word("kernel_size", "stride", "cost", "output-padding")],
            ["--per-axis"],
        ],
        "size": [["--groups", word("1", "3")], ["--out-channels", word("6")]],
    }.get(command, [["--dim", word("1", "3")], ["--for", word(*"iokspda")], ["--style", "compact"]])
    if command == "solve":  # some boxes hold millions
        words += ["--limit", word("0", "3", "20")]
    for extra in extras:
        words += extra if rng.random() < 0.15 else []
    if rng.random() < 0.05:
        words.insert(rng.randrange(len(words) + 1), rng.choice(WORDS))
    return words


def test_no_words_make_an_internal_error():
    print("seed", SEED)
    rng = random.Random(SEED)
    codes = dict.fromkeys((0, 1, 2, 3), 0)
    for _ in range(1500):
        words = random_words(rng)
        code, out, err = run(*words)
        assert code in codes, (words, err)
        codes[code] += 1
        if code == 2:
            assert out == "", words
            assert err.startswith(("error: ", "Usage: ")), (words, err)
        elif code == 1:
            assert err == "", words
    assert min(codes[0], codes[1], codes[2]) > 100, f"the fuzzer sees too little: {codes}"


def test_an_internal_error_would_be_seen(monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(cli, "main", broken)
    code, out, err = run("size", "conv", "224", "-k", "3")
    assert (code, out) == (101, "")
    assert "a fault of convsolver and not of yours: KeyError: 'lost'" in err
