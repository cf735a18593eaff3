"""Functions that a program calls and does not explain: of Python, of frameworks, of tensors."""

from __future__ import annotations

import ast
import re
import sys
from typing import Any

from solver.reading.functions.table import find
from solver.reading.text import framework, python
from solver.reading.text.changes import FRAMEWORKS, forget
from solver.reading.text.framework import FrameworkCalls
from solver.reading.text.inside import wires_in
from solver.reading.text.methods import INITIAL
from solver.reading.text.values import MODULES, Dotted, Names, Opaque, Unfollowed, is_list

#: Functions that are known by their whole names, and by their last names.
_PATHS = python.PATHS | framework.PATHS
_WORDS = python.WORDS | framework.WORDS
#: Tensors that are filled with numbers.
_EXAMPLES = ("zeros", "ones", "rand", "randn", "empty")
_DRAWN = ("tf.random.", "keras.random.")
_FILLED = (*_EXAMPLES, "Tensor", "FloatTensor", "truncated_normal", "random_normal")
#: What functions are called that change no size of a module which they are given.
_HARMLESS = (
    "init|weight|print|summary|count|log|info|load|save|freeze|param|profile|flops|eval|train|seed"
    "|compile|ema|script|trace|watch|norm|len|repr|str|id"
)
#: Where functions come from that make tensors of numbers.
_MAKING = ("torch", "F", "th", "ops", "keras", "tf", "jnp")
#: What fills weights with numbers, by where it comes from; by its name it is INITIAL.
_INITIALISES = ("init.", "nn.init.", "torch.nn.init.")
#: Where that comes from which trains a network and feeds it, and is no part of it.
_AROUND = frozenset(
    ("optim", "optimizers", "losses", "metrics", "lr_scheduler", "utils", "transforms", "datasets")
)


class NamedCalls(FrameworkCalls):
    """Work out calls of functions by their names."""

    def named(self, function: Dotted, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function gives that the text does not explain."""
        path, last = function.path, function.last
        for rule in (_PATHS.get(path), _WORDS.get(last)):
            found = NotImplemented if rule is None else rule(self, path, args, keywords, node)
            if found is not NotImplemented:
                return found
        if path.startswith(_INITIALISES) or path.endswith(INITIAL):
            return args[0] if args else None  # filled as it is
        if "." in path and path.partition(".")[0] in sys.stdlib_module_names:
            return Opaque(path)
        if last.endswith("Loss") or not _AROUND.isdisjoint(path.split(".")[:-1]):
            return Opaque(path)
        if last.lstrip("_")[:1].isupper():
            return self.layer(path, args, keywords, node)
        if last in _EXAMPLES and len(self.scopes) == 1 and not self.constants:
            return self.example(args, node)
        drawn = last in _FILLED or path.startswith(_DRAWN)
        if drawn and path.startswith(("torch.", "np.", "th.", "tf.", "jnp.", "keras.")):
            shape = [keywords["shape"]] if "shape" in keywords else []
            return self.numbers(path, args or shape, node)
        return self._of_tensors(path, args, keywords, node)

    def _of_tensors(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function gives that only its name explains, and only of tensors."""
        args = [self.settled(each, node) for each in args]
        if path.startswith(("np.", "numpy.")) and find(path.rpartition(".")[2], ("function",)):
            args = [self.tried(each, node) for each in args]
        first: list[Any] = [self.wire(arg) or arg for arg in args[:1]]
        if first and is_list(first[0]):
            first = [[self.wire(part) or part for part in list(first[0])]]
        if not first and wires_in(keywords):
            first = [next(value for value in keywords.values() if wires_in(value))]
        if path.partition(".")[0] not in FRAMEWORKS:  # nobody knows what it does with lists
            changes = len(self.scopes) > 1 and not re.search(_HARMLESS, path.lower())
            for each in args:
                if isinstance(each, (list, dict, set)) or (changes and isinstance(each, MODULES)):
                    forget(each, Unfollowed(self.text(node)))
        if not wires_in([first, args, keywords]) and path.partition(".")[0] not in _MAKING:
            return Opaque(f"{path}(...)"[:80])
        return self.tensor(path, node, *first, *args[1:], **keywords)
