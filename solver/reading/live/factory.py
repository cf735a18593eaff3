"""A live model by the words MODULE:FACTORY[(ARGS)]: this imports the module, and runs its code."""

from __future__ import annotations

import ast
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NoReturn

from solver.errors import SolverError, shorten
from solver.network.network import Network
from solver.reading.live import is_model, live
from solver.reading.live.shapes import read_shapes

_RULE = "a live model is MODULE:FACTORY, and literals in parentheses where it takes arguments"
_RIGHT = "torchvision.models:resnet18(weights=None)"
_LITERALS = "numbers, text, True, None, or lists and dictionaries of these"
_NO_MODEL = "a factory gives a model of PyTorch, Keras or JAX"
_LONGEST = 300  # of what an exception says


def read_live(
    words: str,
    axes: int | None = None,
    channels: int | None = None,
    shapes: Sequence[str] = (),
) -> Network:
    """The network of the model that a factory makes, in eval mode.

    words: MODULE:FACTORY[(ARGS)]; the current folder is searched first. axes, channels: of the
    input; shapes: instead, as text, one of each input. What the code prints goes to standard error.
    Raises SolverError for what cannot be imported, fails or is no model.

    >>> read_live("json:loads('[1, 2]')")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a factory gives a model of PyTorch, Keras or JAX
      received: list
    """
    given: dict[str, Any] = {"axes": axes, "channels": channels}
    if shapes:
        given["shape"] = read_shapes(shapes)
    with _foreign():
        model = _Factory(words).model()
        if hasattr(model, "named_parameters"):  # of PyTorch
            model.train(False)
        return live(model, **{name: value for name, value in given.items() if value is not None})


@contextmanager
def _foreign() -> Iterator[None]:
    """Let foreign code run: functions of TorchScript stay Python, and no warning is printed."""
    os.environ["PYTORCH_JIT"] = "0"  # read when torch is imported
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    here, silent = os.getcwd(), logging.root.manager.disable
    sys.path.insert(0, here)
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stdout(sys.stderr):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(silent)
        if here in sys.path:
            sys.path.remove(here)


class _Factory:
    """Read the words of a factory, and do what they say."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._module, colon, call = words.partition(":")
        self._start = len(self._module) + 1
        self._call = call
        if not colon or not all(part.isidentifier() for part in self._module.split(".")):
            self._refuse(_RULE, 0, _RIGHT)
        try:
            self._tree = ast.parse(call, mode="eval").body
        except SyntaxError as fault:
            self._refuse(_RULE, self._start + max((fault.offset or 1) - 1, 0), _RIGHT)
        except (ValueError, MemoryError, RecursionError):
            self._refuse(_RULE, self._start, _RIGHT)
        self._check(self._tree)

    def model(self) -> Any:
        """The model that comes of it."""
        found = self._value(self._tree)
        if not is_model(found) and callable(found) and not isinstance(self._tree, ast.Call):
            found = self._made(found, self._tree)
        if not is_model(found):
            raise SolverError(_NO_MODEL, type(found).__name__)
        return found

    def _check(self, node: ast.expr) -> None:
        """Raise where it is more than names with dots and calls with literals."""
        if isinstance(node, ast.Attribute):
            self._check(node.value)
        elif isinstance(node, ast.Call):
            for word in node.keywords:
                if word.arg is None:
                    self._no_literal(word.value)
            for each in (*node.args, *(word.value for word in node.keywords)):
                self._literal(each)
            self._check(node.func)
        elif not isinstance(node, ast.Name):
            self._refuse(_RULE, self._at(node), _RIGHT)

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Call):
            return self._made(self._value(node.func), node)
        if isinstance(node, ast.Attribute):
            return self._attribute(self._value(node.value), node.attr, node)
        assert isinstance(node, ast.Name)
        return self._attribute(self._imported(), node.id, node)

    def _made(self, factory: Any, node: ast.expr) -> Any:
        args, words, func = [], [], node
        if isinstance(node, ast.Call):
            args, words, func = node.args, node.keywords, node.func
        if is_model(factory):
            rule = "this is a model already, and makes none"
            self._refuse(rule, self._end(func), f"{self._module}:{ast.unparse(func)}")
        try:
            return factory(
                *map(self._literal, args), **{str(w.arg): self._literal(w.value) for w in words}
            )
        except (Exception, SystemExit) as fault:  # whatever foreign code raises
            raise _raised(f"{self._module}:{ast.unparse(func)}", fault) from None

    def _imported(self) -> Any:
        name = self._module
        try:
            return import_module(name)
        except ModuleNotFoundError as fault:
            missing = fault.name or ""
            if f"{name}.".startswith(f"{missing}."):
                right = "a package that is installed, or a file of the current folder, without .py"
                self._refuse("there is no such module", missing.rfind(".") + 1, right)
            raise _raised(f"import {name}", fault) from None
        except (Exception, SystemExit) as fault:
            raise _raised(f"import {name}", fault) from None

    def _attribute(self, of: Any, name: str, node: ast.expr) -> Any:
        try:
            return getattr(of, name)
        except AttributeError:
            near = get_close_matches(name, dir(of), 3)
            at = self._end(node) - len(name)
            self._refuse("there is no such name in it", at, ", ".join(near) or None)
        except (Exception, SystemExit) as fault:
            raise _raised(f"{self._module}:{ast.unparse(node)}", fault) from None

    def _literal(self, node: ast.expr) -> Any:
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            self._no_literal(node)

    def _no_literal(self, node: ast.expr) -> NoReturn:
        self._refuse("the arguments of a factory are literals", self._at(node), _LITERALS)

    def _at(self, node: ast.expr) -> int:
        return self._start + _characters(self._call, node.col_offset)

    def _end(self, node: ast.expr) -> int:
        return self._start + _characters(self._call, node.end_col_offset or 0)

    def _refuse(self, rule: str, at: int, right: str | None) -> NoReturn:
        raise SolverError(rule, right=right, text=self._words, at=at) from None


def _characters(text: str, count: int) -> int:
    """How many characters so many bytes of a text are."""
    return len(text.encode()[:count].decode(errors="replace"))


def _raised(what: str, fault: BaseException) -> SolverError:
    """The error that foreign code fails, with what it says in one line."""
    said = " ".join(str(fault).split())
    return SolverError(f"{what} raises {type(fault).__name__}: {shorten(said, _LONGEST)}")
