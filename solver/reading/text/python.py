"""Functions of Python that a program calls, by their names: what they make of its values."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import reduce
from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Unclear, Wire
from solver.reading.functions.sizes import calculated, rounded
from solver.reading.text.arithmetic import MOST_ITEMS, ROUND
from solver.reading.text.builtin import BUILTINS, FLOWING, GOING, NUMBERS, is_instance, kind_of
from solver.reading.text.calls import Calls
from solver.reading.text.changes import forget, reachable
from solver.reading.text.comparing import truth
from solver.reading.text.expressions import OPERATORS
from solver.reading.text.inside import wires_in
from solver.reading.text.iterating import RULES, first_of
from solver.reading.text.values import (
    CALLED,
    MODULES,
    Bound,
    Defaults,
    Dotted,
    Function,
    Instance,
    Listing,
    Names,
    Opaque,
    Partial,
    Unfollowed,
    UserClass,
    is_list,
    unfollowed,
)
from solver.reading.text.words import split_by, word

#: The operators that functions of Python stand for.
_OPERATORS = {f"operator.{word}": kind for kind, word in OPERATORS.items()}
#: Where functions of Python come from that go through values.
_PYTHON = ("itertools", "functools", "copy", "collections", "chain", "it", "dataclasses")


def _element(value: Any) -> Any:
    """A value; of a tensor of one number, where it is known, the number."""
    alone = isinstance(value, Opaque) and len(value.elements) == 1
    return value.elements[0] if alone else value


class PythonCalls(Calls):
    """Work out functions of Python.

    A rule gives NotImplemented where the arguments ask for another.
    """

    def _builtin(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if path not in FLOWING:
            args = [self.settled(each, node) for each in args]
        if path == "sum" and wires_in(args):
            return self._added(list(self.items(args[0], node)), args[1:], node)
        if path in ROUND and len(args) == 1 and isinstance(args[0], (Dim, Ratio)):
            return _or_open(lambda: rounded(path.rpartition(".")[2], args[0]))
        if path not in BUILTINS:
            return NotImplemented
        if args and isinstance(args[0], Instance):
            found = self.by_class(args[0], f"__{path}__", args[1:], node)
            if found is not NotImplemented:
                return found
        if path in GOING:
            args = [[*self.items(x, node)] if isinstance(x, Instance) else x for x in args]
        args = [each.inner if isinstance(each, Instance) else each for each in args]
        args = [_element(each) for each in self.plain(args, node)]
        if path == "divmod" and any(isinstance(each, (Dim, Ratio)) for each in args):
            return tuple(self.binary(node, op, *args) for op in (ast.FloorDiv(), ast.Mod()))
        if path in NUMBERS:
            args = [self.told(each) for each in args]
        for arg in args:
            self.tick(len(arg[:MOST_ITEMS]) // 4 if isinstance(arg, range) else 0)
        return self.weigh(self.pointed(node, lambda: BUILTINS[path](*args, **keywords)))

    def _added(self, parts: list[Any], start: list[Any], node: ast.AST) -> Any:
        """What sum() makes of tensors."""
        total, *rest = [*start, *parts]
        for part in rest:
            total = self.binary(node, ast.Add(), total, part)
        return total

    def _extreme(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        args = [self.settled(each, node) for each in args]
        parts = list(self.items(args[0], node)) if len(args) == 1 else args
        if any(isinstance(x, (Dim, Ratio)) for x in parts) and not wires_in(parts):
            try:
                return reduce(lambda x, y: calculated(path, [x, y]), parts)
            except Unclear:
                sizes = [self.build.size(each) for each in parts]
                if None not in sizes:
                    from solver.reading.paths.extreme import extreme  # few sizes are compared so

                    return extreme(path, sizes)
                return first_of(self, path, [parts], {}, node)
        if keywords:
            return first_of(self, path, args, keywords, node)
        return self._builtin(path, args, keywords, node)

    def _operated(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read a function that stands for an operator, such as operator.mul."""
        return self.binary(node, _OPERATORS[path](), *self.plain(args, node))

    def _set_of(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return self.as_set([*self.items(args[0], node)] if args else [], node)

    def _str(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return word(args[0]) if len(args) == 1 else NotImplemented

    def _truth(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        held = truth(args[0], self.build.decide) if args else False
        return Opaque(self.text(node)) if held is None else held

    def _variables(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if args and isinstance(args[0], MODULES):
            if isinstance(args[0], Instance):
                return args[0].names
            forget(args[0], Unfollowed(self.text(node)))  # it may be changed in there
        return args[0] if args and isinstance(args[0], dict) else NotImplemented

    def _globals(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return dict(self.scopes[0])

    def _locals(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return dict(self.scopes[-1])

    def _callable(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if len(args) != 1 or isinstance(args[0], (Opaque, Dotted, Instance)):
            module = args and isinstance(args[0], Instance) and args[0].of.origin
            return True if module else Opaque(self.text(node))
        return isinstance(args[0], (*MODULES, *CALLED))

    def _type(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if len(args) != 3:
            return kind_of(args[0]) if len(args) == 1 else NotImplemented
        name, bases, held = args
        if not (isinstance(name, str) and is_list(bases) and isinstance(held, dict)):
            return Unfollowed(self.text(node))
        made = UserClass(name, [*bases], self.source.at(node)[0])
        made.names.update(held)
        return made

    def _isinstance(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if len(args) != 2:
            return NotImplemented
        found = is_instance(self.plain(args[0], node), args[1])
        return Opaque(self.text(node)) if found is None else found

    def _dir(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        one = len(args) == 1
        return Listing(lambda name: self.has(args[0], name, node)) if one else NotImplemented

    def _split(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read re.split(pattern, words) of patterns that take no time."""
        if len(args) != 2 or keywords or not all(isinstance(each, str) for each in args):
            return NotImplemented
        return self.pointed(node, lambda: split_by(*args))

    def _bound(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        known = len(args) == 2 and isinstance(args[0], Function)
        return Bound(*args) if known else Unfollowed(self.text(node))

    def _set(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> None:
        """Read object.__setattr__ and its kin."""
        if len(args) == 3 and isinstance(args[1], str):
            self.give(*args)
        elif args:
            forget(args[0], Unfollowed(self.text(node)))

    def give(self, of: Any, name: str, value: Any) -> None:
        """Give a module, a layer, a class or settings something under a name."""
        raise NotImplementedError

    def _settings(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return dict(args[0]) if args and isinstance(args[0], dict) else dict(keywords)

    def _iterated(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        root = path.partition(".")[0]
        if (root != path and root not in _PYTHON) or (args and isinstance(args[0], Wire)):
            return args[0] if path.endswith("copy") and args else NotImplemented
        if any(isinstance(each, Opaque) and not unfollowed(each) for each in args):
            return Opaque(self.text(node))
        return self.pointed(
            node, lambda: RULES[path.rpartition(".")[2]](self, path, args, keywords, node)
        )

    def _ordered(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if args and isinstance(args[0], dict):
            return {**args[0], **keywords}
        pairs = [*self.items(args[0], node)] if args else []
        return self.pointed(node, lambda: {**dict(pairs), **keywords})

    def _partial(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if not args:
            return NotImplemented
        of, *more = args
        if isinstance(of, Partial):  # of a call that lacks others
            of, more, keywords = of.function, [*of.args, *more], {**of.keywords, **keywords}
        return Partial(of, tuple(more), keywords)

    def _field(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a dataclass has where it says no more."""
        if "default_factory" in keywords:
            return self.run(keywords["default_factory"], [], {}, node)
        return keywords.get("default", Opaque(self.text(node)))

    def _defaults(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return Defaults(args[0]) if len(args) == 1 and not keywords else Unfollowed(self.text(node))

    def _executed(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read exec and its like: whatever they may change is not known."""
        for each in reachable(self.scopes):
            forget(each, Unfollowed(self.text(node)))
        for name in self.scopes[-1]:
            self.scopes[-1][name] = Unfollowed(self.text(node))
        return Unfollowed(self.text(node))

    def _options(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return {}

    def _cast(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read cast(type, value), which only says what a value is."""
        return args[1] if len(args) == 2 and not wires_in(args[:1]) else NotImplemented

    def _tupled(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read _pair and to_2tuple, which packages have in common: a number for each axis."""
        (value,) = args
        if is_list(value):
            return tuple(value)
        unclear = isinstance(value, (Opaque, Instance, Wire))
        return NotImplemented if unclear else (value,) * _TUPLED[path.rpartition(".")[2]]

    def _none(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return None

    def _unknown(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return Opaque(path)

    def _no(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return False


def _or_open(work: Callable[[], Any]) -> Any:
    """What arithmetic of sizes gives, and a number that is not known where that is no formula."""
    try:
        return work()
    except Unclear:
        return Opaque("a number")


#: What makes a tuple of a number, and how many it puts in.
_TUPLED = {
    name: count
    for count, word in enumerate(("single", "pair", "triple", "quadruple"), 1)
    for name in (f"_{word}", f"to_{count}tuple")
}
Rule = Callable[[Any, str, list[Any], Names, ast.AST], Any]
#: By their whole names.
PATHS: dict[str, Rule] = {
    **dict.fromkeys(("sum", *ROUND, *BUILTINS), PythonCalls._builtin),
    **dict.fromkeys(("max", "min"), PythonCalls._extreme),
    **dict.fromkeys(_OPERATORS, PythonCalls._operated),
    "isinstance": PythonCalls._isinstance,
    "dir": PythonCalls._dir,
    "re.split": PythonCalls._split,
    **dict.fromkeys(("cast", "typing.cast"), PythonCalls._cast),
    "vars": PythonCalls._variables,
    "globals": PythonCalls._globals,
    "locals": PythonCalls._locals,
    "callable": PythonCalls._callable,
    "bool": PythonCalls._truth,
    "str": PythonCalls._str,
    **dict.fromkeys(("set", "frozenset"), PythonCalls._set_of),
    "type": PythonCalls._type,
    **dict.fromkeys(("exec", "eval"), PythonCalls._executed),
    **dict.fromkeys(("print", "super"), PythonCalls._none),
    **dict.fromkeys(("getattr", "hasattr"), PythonCalls._unknown),
}
#: By their last names.
WORDS: dict[str, Rule] = {
    # what holds settings by their names
    **dict.fromkeys(("AttrDict", "EasyDict", "edict", "Namespace"), PythonCalls._settings),
    **dict.fromkeys(("SimpleNamespace", "ConfigDict", "Munch"), PythonCalls._settings),
    "field": PythonCalls._field,
    **dict.fromkeys(_TUPLED, PythonCalls._tupled),
    "MethodType": PythonCalls._bound,
    "__setattr__": PythonCalls._set,
    **dict.fromkeys(("OrderedDict", "dict"), PythonCalls._ordered),
    **dict.fromkeys(RULES, PythonCalls._iterated),
    "ArgumentParser": PythonCalls._options,
    "defaultdict": PythonCalls._defaults,
    "partial": PythonCalls._partial,
}
