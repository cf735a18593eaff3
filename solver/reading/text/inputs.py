"""Inputs that a program writes down: Input(...) of Keras, an example's tensor of PyTorch."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from solver.network.graph.dim import LETTERS
from solver.reading.functions.call import Wire
from solver.reading.text.building import Decided
from solver.reading.text.places import Places
from solver.reading.text.source import walk
from solver.reading.text.values import Names, Opaque, is_list
from solver.sizes.width import is_int

#: Functions that take weights behind the tensor.
_WEIGHTED = r"(^F|functional|tf\.nn|torch|lax)\.\w*(conv|linear|norm|embedding|prelu)"


class InputCalls(Places):
    """Work out inputs."""

    #: Whether torch.randn(1, 3, 224, 224) in the text stands for the input.
    examples = True
    #: Whether what is made is a weight, or another tensor that functions of the text use.
    constants = False
    program: ast.Module

    @cached_property
    def used(self) -> frozenset[str]:
        """The names of tensors that are no inputs: asked for where a line gives one a value."""
        return weights_in(self.program)

    def tell(self, keywords: Names, node: ast.AST) -> None:
        """Take the channels from a first layer of Keras that says what goes in."""
        shape = keywords.get("input_shape")
        if is_list(shape) and len(shape) > 1 and "channels_1" not in self.build.channels:
            channels = shape[-1] if self.last else shape[0]
            if is_int(channels) and channels > 0:
                raise Decided("channels_1", channels)
        if is_list(shape):
            self._free(shape[:-1] if self.last else shape[1:], self.source.at(node)[0])

    def summarised(self) -> None:
        """Keep the sizes that a text asks a summary of its model at, with or without a batch."""
        for part in self.program.body:
            call = getattr(part, "value", None)
            if not isinstance(call, ast.Call) or ast.unparse(call.func).split(".")[-1] != "summary":
                continue
            told = [*call.args[1:2], *(x.value for x in call.keywords if x.arg == "input_size")]
            items = getattr(told[0], "elts", []) if told else []
            sizes = [getattr(each, "value", None) for each in items]
            axes = self.build.axes
            if axes and len(sizes) in (axes + 1, axes + 2):
                self._free(sizes[-axes:], self.source.at(call)[0])

    def _free(self, sizes: Sequence[Any], line: int) -> None:
        """Say that sizes which are written for the input are kept free."""
        if all(is_int(n) and n > 0 for n in sizes):
            self.build.written = dict(zip(LETTERS.get(len(sizes), ()), sizes, strict=False))
        if any(isinstance(n, int) for n in sizes):
            words = "x".join(str(n) if isinstance(n, int) else "?" for n in sizes)
            self.build.note(f"the input is written as {words}; its sizes are kept free", line)

    def keras_input(self, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Put in an input of Keras. The sizes it names are kept free, and noted."""
        made = self._declared(args, keywords, node)
        self.build.placeholders.add(made.at)
        return made

    def _declared(self, args: list[Any], keywords: Names, node: ast.AST) -> Wire:
        shape = next(
            (keywords[k] for k in ("shape", "input_shape", "batch_shape") if k in keywords),
            args[0] if args else (),
        )
        if isinstance(shape, int):
            shape = (shape,)
        line, _ = self.source.at(node)
        if not is_list(shape) or not shape:
            return self.build.input("input", line)
        shape = shape[1:] if "batch_shape" in keywords else shape
        if len(shape) == 1 and shape[0] is None:  # of tokens, which have no channels
            return self.build.tokens(str(keywords.get("name", "input")), line)
        sizes, channels = (shape[:-1], shape[-1]) if self.last else (shape[1:], shape[0])
        self._free(sizes, line)
        name = keywords.get("name")
        known = channels if is_int(channels) and channels > 0 else None
        name = name if isinstance(name, str) else "input"
        return self.build.input(name, line, known, min(len(sizes), 3))

    def weight(self, value: Any, node: ast.AST) -> Any:
        """A parameter of the network: a tensor of its own, where its shape is known."""
        shape = getattr(value, "shape", ())
        if isinstance(value, Wire):
            known = self.build.shape(value) or ()
            shape = tuple(dim.number for dim in known if dim.number is not None)
            shape = shape if len(shape) == len(known) else ()
        if not shape:
            return Opaque(self.text(node), parameter=True)
        return self.constant(Opaque("", True, shape), node)

    def numbers(self, path: str, args: list[Any], node: ast.AST) -> Any:
        """A tensor of numbers: torch.zeros(1, 16)."""
        args = self.plain(args, node)
        sizes = list(args[0]) if args and is_list(args[0]) else args
        if all(is_int(n) and n > 0 for n in sizes):
            return Opaque(path, shape=tuple(sizes))
        return self.tensor(path, node, sizes)

    def example(self, args: list[Any], node: ast.AST) -> Any:
        """Take an example's tensor, as in torch.randn(1, 3, 224, 224), for the input."""
        if not self.examples:
            return Opaque(self.text(node))
        sizes = list(args[0]) if args and is_list(args[0]) else args
        line, _ = self.source.at(node)
        axes = self.build.axes
        plain = all(is_int(n) and n > 0 for n in sizes)
        if not plain or len(sizes) not in (axes + 1, axes + 2) or len(sizes) < 2:
            return Opaque(self.text(node))
        self._free(sizes[-axes:] if axes else [], line)
        return self.build.input("input", line, sizes[-axes - 1], batched=len(sizes) == axes + 2)


def weights_in(tree: ast.Module) -> frozenset[str]:
    """The names of a text that are no inputs: its functions see them, or take them as weights.

    >>> sorted(weights_in(ast.parse("y = F.conv2d(x, w, bias=b)\\ndef f(z): return z * s")))
    ['b', 's', 'w']
    >>> sorted(weights_in(ast.parse("w = nn.Parameter(torch.ones(3, 1, 1))")))
    ['w']
    """
    found = set[str]()
    for part in tree.body:
        made = part.value if isinstance(part, ast.Assign) else None
        if isinstance(made, ast.Call) and ast.unparse(made.func).endswith("Parameter"):
            found |= _names(part, ast.Store)
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            found |= _names(part, ast.Load) - _names(part, ast.Store)
            found -= {each.arg for each in walk(part) if isinstance(each, ast.arg)}
        for call in walk(part):
            if isinstance(call, ast.Call) and re.search(_WEIGHTED, ast.unparse(call.func)):
                given = [*call.args[1:], *(each.value for each in call.keywords)]
                found |= {each.id for each in given if isinstance(each, ast.Name)}
    return frozenset(found)


def mentions(tree: ast.Module) -> set[str]:
    """The names of classes and functions that the others in a text use."""
    found: set[str] = set()
    for part in tree.body:
        own = getattr(part, "name", None)
        for node in walk(part):
            name = node.value if isinstance(node, ast.Constant) else getattr(node, "id", None)
            if isinstance(name, str) and name != own:
                found.add(name)
    return found


def _names(node: ast.AST, kind: type) -> set[str]:
    names = (each for each in walk(node) if isinstance(each, ast.Name))
    return {each.id for each in names if isinstance(each.ctx, kind)}
