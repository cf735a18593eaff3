"""Calls in a program: layers, modules, functions and classes of the text, of Python, of tensors."""

from __future__ import annotations

import ast
import builtins
import re
from itertools import zip_longest
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Unknown
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Wire
from solver.reading.functions.table import arguments_of, is_layer, prepared
from solver.reading.text.applying import Applying
from solver.reading.text.building import MOST_NODES
from solver.reading.text.changes import forget
from solver.reading.text.inside import copied, parts_of, wires_in
from solver.reading.text.leaving import Raised
from solver.reading.text.nodes import into
from solver.reading.text.told import here
from solver.reading.text.values import (
    MODULES,
    UNTOLD,
    Bound,
    Builtin,
    Dotted,
    Function,
    Instance,
    Leaf,
    Method,
    Missing,
    ModuleChain,
    Names,
    Opaque,
    Partial,
    Unfollowed,
    UserClass,
    lettered,
    untold,
)

SEQUENTIAL = ("Sequential", "ModuleList", "ModuleDict")
#: Arguments of layers that tell widths, which no size depends on.
_WIDTHS = frozenset(
    [
        "in_channels",
        "out_channels",
        "in_features",
        "out_features",
        "num_features",
        "num_channels",
        "filters",
        "units",
        "embed_dim",
        "num_heads",
        "embedding_dim",
        "num_embeddings",
        "input_dim",
        "output_dim",
        "hidden_size",
        "input_size",
        "d_model",
        "nhead",
        "dim_feedforward",
        "groups",
        "num_groups",
        "num_layers",
        "normalized_shape",
        "num_parameters",
        "n_embd",
        "key_dim",
        "depth_multiplier",
    ]
)
#: Arguments of layers that change values or weights alone.
_VALUES = frozenset((
    "p", "bias", "dropout", "eps", "epsilon", "momentum", "affine", "negative_slope", "alpha",
    "rate", "inplace", "track_running_stats", "elementwise_affine", "drop_prob", "use_bias",
))  # fmt: skip
#: Classes of Python that hold values by names.
_DICTS = ("dict", "OrderedDict", "UserDict")
_CHANNELS = (
    r"^(n_|num_)?(in|input|image|img)?_?(ch|chan|chans|channels?|nc|dims?)(_in)?$"
    r"|^(c_?in|in_?c|n_in)$"
)


class Calls(Applying):
    """Work out calls."""

    _layers = 0

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.instances: list[Instance] = []  # in the order in which they are begun

    def missing(self, value: Missing, node: ast.AST) -> int | Dim:
        if not re.match(_CHANNELS, value.name):
            return self.asked(value)
        return self.build.number(value.name, True)

    def call(self, node: ast.Call) -> Any:
        function = self.value(node.func)
        args, keywords = self.arguments(node)
        run = self.named if isinstance(function, Dotted) else self.run
        return run(function, args, keywords, node)

    _Call = call

    def arguments(self, node: ast.Call) -> tuple[list[Any], Names]:
        """The arguments of a call, by place and by name."""
        args: list[Any] = []
        for part in node.args:
            if isinstance(part, ast.Starred):
                args.extend(self.items(self.plain(self.value(part.value), part), part))
            else:
                args.append(self.weigh(self.value(part)))
        keywords: Names = {}
        for word in node.keywords:
            value = self.weigh(self.value(word.value))
            if word.arg is not None:
                keywords[word.arg] = value
            elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
                keywords.update(value)
            else:
                raise self.unfollowed(node, "nobody knows these arguments", self.text(word.value))
        return args, keywords

    def run(self, function: Any, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function, a class or a module makes of arguments."""
        self.tick()
        if isinstance(function, MODULES):
            given = [arg if (wire := self.wire(arg)) is None else wire for arg in args]
            if not wires_in([given, keywords]):
                given = [self.tried(arg, node) for arg in given]
            return self.apply(function, given, keywords, node)
        if isinstance(function, Dotted):
            return here(self.named(function, args, keywords, node))
        if isinstance(function, Method):
            return self.method(function, args, keywords, node)
        if isinstance(function, Bound):
            return self.invoke(function.function, [function.first, *args], keywords, node)
        if isinstance(function, Function):
            return self.invoke(function, args, keywords, node)
        if isinstance(function, UserClass):
            return self.instantiate(function, args, keywords, node)
        if isinstance(function, Partial):
            merged = {**function.keywords, **keywords}
            return self.run(function.function, [*function.args, *args], merged, node)
        if isinstance(function, Opaque) and (function.parameter or function.shape):
            return function  # what a method makes of a weight
        if isinstance(function, Opaque):
            return self.unknown(function.text, [function, args, keywords], node)
        if isinstance(function, Builtin):
            return self.pointed(node, lambda: function.call(*args, **keywords))
        return self._uncalled(function, args, keywords, node)

    def _uncalled(self, function: Any, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a call gives of what cannot be called, such as a part that was never told."""
        if function is None:
            message = f"{self.text(getattr(node, 'func', node))} is None, which is not called"
            raise self.raising("TypeError", message, node)
        return self.unknown("call", [function, args, keywords], node)

    def unknown(self, text: str, read: Any, node: ast.AST) -> Any:
        """What something gives that is not known: a tensor, where it reads tensors."""
        read = [self.settled(each, node) for each in parts_of(read)]
        wires, line = wires_in(read), self.source.at(node)[0]
        for each in parts_of(read):
            if isinstance(each, (list, dict)):
                forget(each, Unfollowed(self.text(node)))
        if not wires:
            return Unfollowed(self.text(node))
        return self.build.add(Unknown(text[:80]), wires, "call", line)

    def wire(self, value: Any) -> Wire | None:
        """The tensor a value is; a name that nothing explains is an input, at top level."""
        if isinstance(value, Wire):
            return value
        plain = isinstance(value, Dotted) and not hasattr(builtins, value.path)
        if plain and "." not in value.path and len(self.scopes) == 1:
            wire = self.build.input(value.path, 1)
            self.scopes[0][value.path] = wire
            return wire
        return None

    def tried(self, value: Any, node: ast.AST) -> Any:
        """A tensor of numbers that a module is tried on: what comes out tells its sizes."""
        plain = isinstance(value, Opaque) and value.shape and not value.parameter
        return self.constant(value, node) if plain else value

    def instantiate(self, of: UserClass, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """A module of a class of the text."""
        if of.origin in _DICTS and not any(map(_own_methods, of.line_of_descent)):
            return self.named(Dotted("SimpleNamespace"), args, keywords, node)
        made = Instance(of)
        made.held = {} if of.origin in _DICTS else [] if of.origin == "list" else None
        self.instances.append(made)
        if of.origin in SEQUENTIAL:
            made.chain = ModuleChain((), of.origin == "Sequential", of.origin == "ModuleDict")
        found = of.find("__init__")
        if found is not None and isinstance(found[0], Function):
            self.invoke(found[0], [made, *args], keywords, node)
        elif made.chain is not None:
            self.fill(made.chain, args, node)
        elif isinstance(made.held, dict):
            self.of_held(made.held, "update", args, keywords, node)
        elif made.held is not None:
            made.held.extend(self.items(args[0], node) if args else ())
        elif self.is_layer(of.origin):
            made.chain = ModuleChain([("", self.layer(of.origin, args, keywords, node))])
        else:
            self.settings(made, of, args, keywords, node)
        return made

    def is_layer(self, name: str) -> bool:
        """Tell whether a framework's layer is called so."""
        if self.flax:
            from solver.reading.text.flax import translated  # few programs are

            name, *_ = translated(name, (), {})
        return is_layer(name)

    def settings(
        self, made: Instance, of: UserClass, args: list[Any], keywords: Names, node: ast.AST
    ) -> None:
        """Give an instance what a class of settings declares: by place, by name, by default."""
        defaults = {name: of.find(name) for name in of.fields}
        held = {name: found[0] for name, found in defaults.items() if found is not None}
        made.names.update({x: copied(y, True, {}) for x, y in held.items()})
        made.names.update(zip(of.fields, args, strict=False))
        made.names.update(keywords)
        lacking = (name for name in of.fields if name not in made.names)
        made.names.update((name, Unfollowed(name)) for name in lacking)
        after = of.find("setup" if self.flax else "__post_init__")
        if after is not None:
            self.invoke(after[0], [made], {}, node)

    def layer(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """The layer that a framework's name and arguments stand for."""
        if self.flax:
            from solver.reading.text.flax import translated  # few programs are

            path, args, keywords = translated(path, args, keywords)
        args, keywords = self.plain(args, node), self.plain(keywords, node)
        self.tell(keywords, node)
        self._layers += 1
        if self._layers > MOST_NODES:
            raise LimitError(f"a text may have {MOST_NODES:,} layers")
        wires = wires_in([args, keywords])
        if wires and path.rpartition(".")[2] not in ("Concat",):
            return self.tensor(path.rpartition(".")[2], node, *(args or wires), **keywords)
        names = arguments_of(path, self.last)
        args = [self._width(name, each) for name, each in zip_longest(names[: len(args)], args)]
        keywords = {name: self._width(name, each) for name, each in keywords.items()}
        for each in parts_of([args, keywords]):
            self.ask_of(each, node)
        given, words = into(args), into(keywords)
        line, _ = self.source.at(node)
        try:
            made = self.pointed(node, lambda: prepared(path, given, words, self.last))
        except LimitError:
            raise
        except SolverError:
            parts = parts_of([args, keywords])
            numbers = self.told([args, keywords])
            if all(type(each) is not Opaque for each in parts) and parts_of(numbers) != parts:
                try:
                    return self.layer(
                        path, numbers[0], numbers[1], node
                    )  # there is no formula for every n
                except SolverError as fault:
                    raise self.raising("RuntimeError", fault.rule, node) from None
            if not any(isinstance(each, (Opaque, Dim, Ratio)) for each in parts):
                raise
            self.build.note(f"not followed: {self.text(node)}", line)
            return Leaf(self.text(node), None, line)
        name = keywords.get("name") if self.last else None  # by which Keras calls it
        called = name if isinstance(name, str) else ""
        for each in args if made is None else ():  # nobody knows what it does with lists
            forget(each, Unfollowed(self.text(node)))
        return Leaf(path.rpartition(".")[2], made, line, called)

    def raising(self, kind: str, message: str, node: ast.AST) -> Raised:
        """An error of the program's own."""
        raise NotImplementedError

    def _width(self, name: str | None, value: Any) -> Any:
        """A number for channels that the text does not tell: no size depends on them."""
        if (name is None or name in _VALUES) and untold(value):
            return True
        if name not in _WIDTHS or not (isinstance(value, (Opaque, Dotted)) or untold(value)):
            return value
        dim = lettered(value)
        if name == "in_features" and self.is_new(dim):
            told = str(dim).removeprefix(UNTOLD)
            self.build.note(f"{told} is not told: as many features as come in are taken")
            return None
        return self.taken(dim)

    def named(self, function: Dotted, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function gives that the text does not explain."""
        raise NotImplementedError


def _own_methods(of: UserClass) -> bool:
    """Tell whether a class does more than settings do, whose names are entries."""
    return any(
        isinstance(each, Function) and not name.startswith("__") for name, each in of.names.items()
    )
