"""A question of the page, and its answer: both are JSON, and all that an engine needs to know.

A question is the words of a command line and the files that they name; the answer is what the
command line prints and its exit code. So every view of the page is a command, and the server and
the browser's own Python answer with the same function.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stderr, redirect_stdout
from typing import Any

from solver.cli import run
from solver.errors import LimitError, SolverError
from solver.ground.named import NamedTuple
from solver.render.progress import Listener, listening
from solver.sizes.text import Noted, noting

#: A question has no more than this many words and files.
MOST_WORDS, MOST_FILES = 200, 20
#: Characters of all words.
LONGEST_WORDS = 100_000
#: Bytes of an answer, and of a whole question in JSON.
LONGEST_ANSWER, LONGEST_QUESTION = 32 << 20, 64 << 20

Around = Callable[[str], AbstractContextManager[None]]

_FORM = '{"words": ["size", "conv", "224"], "files": {"net.py": "aW1wb3J0"}}'
#: Names without folders, which no option looks like.
_NAME = r"\w[\w .-]{0,99}"
#: A text in JSON.
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


class PageQuestion(NamedTuple):
    """Hold the words of a command line, and what is in the files that they name.

    math: whether each formula in the answer is wanted as MathML too.
    """

    words: Sequence[str]
    files: Mapping[str, bytes]
    math: bool = False


class PageAnswer(NamedTuple):
    """Hold the exit code of the command line and what it printed."""

    code: int
    out: str
    err: str


class _Bounded(io.BytesIO):
    """Hold what is printed; refuse more than an answer may have."""

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > LONGEST_ANSWER:
            limit = f"an answer on the page has at most {LONGEST_ANSWER:,} bytes"
            raise LimitError(limit, right="a smaller --limit")
        return super().write(data)


def _open(folder: str) -> AbstractContextManager[None]:
    """Nothing around it: where Python runs in a browser, that is the fence."""
    return nullcontext()


def answered(text: str, around: Around = _open, progress: Listener | None = None) -> str:
    """The answer to a question, both as JSON; bad questions are answered with exit code 2.

    around: what is up while it is worked out, given the folder of its files. progress: told what
    is done while it takes long, how much of it, and of how much.

    >>> answered('{"words": ["size", "conv", "224", "-k", "3"]}')
    '{"code": 0, "out": "222\\\\n", "err": ""}'
    >>> asked = {"words": "size conv n -k 3 --json".split(), "math": True}
    >>> json.loads(answered(json.dumps(asked)))["math"]["n - 2"]
    '<math display="inline"><mrow><mi>n</mi><mo>−</mo><mn>2</mn></mrow></math>'
    >>> print(json.loads(answered("{}"))["err"])
    error: a question has words, a list of text
      received: {}
      right:    {"words": ["size", "conv", "224"], "files": {"net.py": "aW1wb3J0"}}
    """
    try:
        asked = read_question(text)
        telling: AbstractContextManager[None] = listening(progress) if progress else nullcontext()
        notes: AbstractContextManager[Noted] = noting() if asked.math else nullcontext({})
        with telling, notes as trees:
            found = answer(asked, around)
        math = {"math": _math(found.out, trees)} if asked.math else {}
    except SolverError as fault:
        found, math = PageAnswer(fault.exit_code, "", f"error: {fault}"), {}
    return json.dumps({**found._asdict(), **math})


def read_question(text: str) -> PageQuestion:
    """The question that JSON holds; its files are in base64. Raises SolverError for any other.

    >>> read_question('{"words": ["network", "a.txt"], "files": {"a.txt": "Q29udigzKQ=="}}').files
    {'a.txt': b'Conv(3)'}
    >>> read_question('{"words": ["size"], "files": {"../a.txt": ""}}')
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a file of a question has a name without folders
      received: ../a.txt
      right:    net.py
    """
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        raise SolverError("a question is JSON", text[:80], _FORM) from None
    words = asked.get("words") if isinstance(asked, dict) else None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise SolverError("a question has words, a list of text", text[:80], _FORM)
    if len(words) > MOST_WORDS or sum(map(len, words)) > LONGEST_WORDS:
        limit = f"a question has at most {MOST_WORDS} words of {LONGEST_WORDS:,} characters"
        raise LimitError(limit, f"{len(words):,} words", "a file for what is long")
    files = asked.get("files", {})
    if not isinstance(files, dict):
        raise SolverError("the files of a question are named", text[:80], _FORM)
    if len(files) > MOST_FILES:
        raise LimitError(f"a question has at most {MOST_FILES} files", f"{len(files):,}")
    contents = {name: _content(name, data) for name, data in files.items()}
    return PageQuestion(words, contents, asked.get("math") is True)


def _content(name: str, data: Any) -> bytes:
    if not re.fullmatch(_NAME, name):
        raise SolverError("a file of a question has a name without folders", name, "net.py")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise SolverError("a file of a question is in base64", name, '"Q29udigzKQ=="') from None


def answer(question: PageQuestion, around: Around = _open) -> PageAnswer:
    """What the command line says to a question, run where its files are and nothing else.

    >>> answer(PageQuestion(["network", "a.txt", "--brief"], {"a.txt": b"nn.Conv2d(1, 1, 3)"})).out
    'n -> n - 2, for every n >= 3\\n'
    >>> answer(PageQuestion(["network", "--live", "os:abort"], {})).code
    2
    """
    out, err = (io.TextIOWrapper(_Bounded(), "utf-8", write_through=True) for _ in range(2))
    before, typed = os.getcwd(), sys.stdin
    with tempfile.TemporaryDirectory(prefix="convsolver-") as folder:
        for name, data in question.files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(data)
        os.chdir(folder)
        sys.stdin = io.TextIOWrapper(io.BytesIO())  # nobody types
        try:
            with around(folder), redirect_stdout(out), redirect_stderr(err):
                code = run(question.words, posted=True)
        finally:
            sys.stdin = typed
            os.chdir(before)
    printed = (file.buffer.getvalue().decode("utf-8", "replace") for file in (out, err))
    return PageAnswer(code, *printed)


def _math(printed: str, trees: Noted) -> dict[str, str]:
    """The formulas that stand as texts in what was printed, each as MathML.

    >>> from solver.sizes.expression import named
    >>> _math('{"output": "n"}', {"n": named("n"), "k": named("k")})
    {'n': '<math display="inline"><mi>n</mi></math>'}
    """
    from solver.render.mathml import element  # only where somebody sees it

    texts = {json.loads(found) for found in _TEXT.findall(printed)} if trees else set()
    return {text: element([trees[text]], "inline") for text in sorted(texts & trees.keys())}
