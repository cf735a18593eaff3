"""Calls in a program: layers, modules, functions and classes of the text, of Python, of tensors."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import reduce
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Unknown
from solver.network.graph.values import Ratio
from solver.network.unknowns.unknown import UnknownLayer, UnknownPad
from solver.reading.functions.call import Unclear, Wire
from solver.reading.functions.sizes import calculated, rounded
from solver.reading.functions.table import is_layer, prepared
from solver.reading.functions.windows import shown
from solver.reading.text.arithmetic import MOST_ITEMS, ROUND
from solver.reading.text.building import MOST_NODES
from solver.reading.text.builtin import BUILTINS, is_instance, kind_of
from solver.reading.text.methods import INITIAL, Methods
from solver.reading.text.nodes import TextNodes, into
from solver.reading.text.values import (
    MODULES,
    Bound,
    Builtin,
    Dotted,
    Function,
    Instance,
    Leaf,
    Method,
    Missing,
    Model,
    ModuleChain,
    Names,
    Opaque,
    Partial,
    UserClass,
    is_list,
    wires_in,
)

MOST_CALLS = 30
#: Functions that give back the module they are given, as far as sizes go.
_AS_THEY_ARE = (
    "weight_norm", "spectral_norm", "remove_weight_norm", "script", "compile", "DataParallel",
    "DistributedDataParallel", "convert_sync_batchnorm", "deepcopy",
)  # fmt: skip
#: Tensors that are filled with numbers.
_EXAMPLES = ("zeros", "ones", "rand", "randn", "empty")
_FILLED = (*_EXAMPLES, "Tensor", "FloatTensor")
_FORWARD = ("forward", "call", "__call__")
_SEQUENTIAL = ("Sequential", "ModuleList", "ModuleDict")
#: What fills weights with numbers, by where it comes from; by its name it is INITIAL.
_INITIALISES = ("init.", "nn.init.", "torch.nn.init.")
#: Where that comes from which trains a network and feeds it, and is no part of it.
_AROUND = frozenset(
    ("optim", "optimizers", "losses", "metrics", "lr_scheduler", "utils", "transforms", "datasets")
)
_CHANNELS = r"^(n_|num_)?(in|input|image|img)?_?(ch|chan|chans|channels?|nc|dims?)(_in)?$"
_COUNTS = r"class|out|label|num|dim|feature|embed|^n_|chan|^nz$|^ngf$|^ndf$|^ngpu$"


class Calls(Methods):
    """Work out calls."""

    _nested = _layers = 0

    def missing(self, value: Missing, node: ast.AST) -> int:
        if re.match(_CHANNELS, value.name):
            known = self.build.usual
            self.build.note(f"{value.name} of {value.owner} is not given: {known} taken")
            return known
        if re.search(_COUNTS, value.name):
            self.build.note(f"{value.name} of {value.owner} is not given: 1 taken")
            return 1
        rule = f"{value.name} of {value.owner} has no value"
        raise self.refuse(node, rule, right=f"a last line: model = {value.owner}(...)")

    def call(self, node: ast.Call) -> Any:
        args: list[Any] = []
        function = self.value(node.func)
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
        return self.run(function, args, keywords, node)

    _Call = call

    def run(self, function: Any, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function, a class or a module makes of arguments."""
        self.tick()
        if isinstance(function, MODULES):
            given = [arg if (wire := self.wire(arg)) is None else wire for arg in args]
            return self.apply(function, given, keywords, node)
        if isinstance(function, Dotted):
            return self.named(function, args, keywords, node)
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
        if isinstance(function, Builtin):
            return self.pointed(node, lambda: function.call(*args, **keywords))
        wires = wires_in([function, args, keywords])
        if isinstance(function, Wire):  # what is called is no layer of the name it was made by
            return self.build.add(Unknown("call"), wires, "call", self.source.at(node)[0])
        if wires:
            return self.tensor(self.text(node)[:40].split("(")[0], node, *args)
        return Opaque(self.text(node))

    def wire(self, value: Any) -> Wire | None:
        """The tensor a value is; a name that nothing explains is an input, at top level."""
        if isinstance(value, Wire):
            return value
        if isinstance(value, Dotted) and "." not in value.path and len(self.scopes) == 1:
            wire = self.build.input(value.path, 1)
            self.scopes[0][value.path] = wire
            return wire
        return None

    # Modules

    def apply(self, module: Any, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a module makes of tensors."""
        if isinstance(module, Leaf):
            made = module.made
            if (
                module.used
                and made is not None
                and isinstance(made.layer, (UnknownLayer, UnknownPad))
            ):
                rule = "an unknown layer is called once: two calls need not agree"
                raise self.refuse(node, rule, right="a layer of its own for each call")
            module.used = True
            return self.pointed(node, lambda: self._leaf(module, args, keywords))
        self._nested += 1
        before = self.path
        try:
            if self._nested > MOST_CALLS:
                raise LimitError("modules are nested too deeply")
            if isinstance(module, Instance):
                forward = next((f for name in _FORWARD if (f := module.of.find(name))), None)
                if forward is not None and isinstance(forward[0], Function):
                    self.path = module.path
                    return self.invoke(forward[0], [module, *args], keywords, node)
                if module.chain is None:
                    rule = f"{module.of.name} has no forward"
                    raise self.refuse(node, rule, right="paste the whole class")
                module = module.chain
            if not module.sequential:
                raise self.refuse(node, "a list of modules is not called", self.text(node))
            return self.chain(module, args, node)
        finally:
            self._nested -= 1
            self.path = before

    def chain(self, module: ModuleChain, args: list[Any], node: ast.AST) -> Any:
        """What modules make of a tensor, one after the other."""
        value = args[0] if args else Opaque("nothing")
        for each in module.modules:
            if isinstance(each, Wire):  # Keras: an input among the layers
                value = each
                continue
            value = self.run(each, [value], {}, node)
        return value

    def _leaf(self, leaf: Leaf, args: list[Any], keywords: Names) -> Any:
        wires = wires_in([args, keywords])
        if not wires:
            return Opaque(leaf.title)
        name = leaf.path or (f"{self.path}.{leaf.title}" if self.path else leaf.title).lower()
        made = leaf.made
        expects = None if made is None else made.features
        nodes = TextNodes(self.build, name, leaf.line, expects, leaf.path)
        if made is None:
            return Wire(nodes.put(Unknown(leaf.title[:80]), [wire.at for wire in wires]))
        call = made.of(nodes, into(args), into(keywords), self.last)
        try:
            return call.run()
        except Unclear as fault:
            if not fault.rule:
                return call.unknown()
            raise SolverError(f"{leaf.title}: {fault.rule}", shown(fault.received)) from None

    def instantiate(self, of: UserClass, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """A module of a class of the text."""
        if of.origin == "dict":
            return self.named(Dotted("SimpleNamespace"), args, keywords, node)
        made = Instance(of)
        if of.origin in _SEQUENTIAL:
            made.chain = ModuleChain(sequential=of.origin == "Sequential")
        found = of.find("__init__")
        if found is not None and isinstance(found[0], Function):
            self.invoke(found[0], [made, *args], keywords, node)
        elif made.chain is not None:
            self.fill(made.chain, args, node)
        elif is_layer(of.origin):
            made.chain = ModuleChain([("", self.layer(of.origin, args, keywords, node))])
        else:  # a class of settings
            made.names.update(zip(of.fields, args, strict=False))
            made.names.update(keywords)
        return made

    # Names of frameworks and of Python

    def named(self, function: Dotted, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function gives that the text does not explain."""
        path, word = function.path, function.last
        for rule in (_PATHS.get(path), _WORDS.get(word)):
            found = NotImplemented if rule is None else rule(self, path, args, keywords, node)
            if found is not NotImplemented:
                return found
        if path.startswith(_INITIALISES) or path.endswith(INITIAL):
            return None
        if word.endswith("Loss") or not _AROUND.isdisjoint(path.split(".")[:-1]):
            return Opaque(path)
        if word.lstrip("_")[:1].isupper():
            return self.layer(path, args, keywords, node)
        if word in _EXAMPLES and len(self.scopes) == 1:
            return self.example(args, node)
        if word in _FILLED and path.startswith(("torch.", "np.", "th.")):
            return self.numbers(path, args, node)
        return self._of_tensors(path, args, keywords, node)

    def _of_tensors(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function gives that only its name explains, and only of tensors."""
        first: list[Any] = [self.wire(arg) or arg for arg in args[:1]]
        if first and is_list(first[0]):
            first = [[self.wire(part) or part for part in list(first[0])]]
        if not first and wires_in(keywords):
            first = [next(value for value in keywords.values() if wires_in(value))]
        if not wires_in([first, args, keywords]):
            return Opaque(f"{path}(...)"[:80])
        return self.tensor(path, node, first[0], *args[1:], **keywords)

    # Rules of single names: they give NotImplemented where the arguments ask for another

    def _builtin(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if path == "sum" and wires_in(args):
            return self._added(list(self.items(args[0], node)), args[1:], node)
        if path in ROUND and len(args) == 1 and isinstance(args[0], (Dim, Ratio)):
            return _or_open(lambda: rounded(path.rpartition(".")[2], args[0]))
        if path in ("max", "min"):
            parts = list(self.items(args[0], node)) if len(args) == 1 else args
            if any(isinstance(x, (Dim, Ratio)) for x in parts) and not wires_in(parts):
                return _or_open(lambda: reduce(lambda x, y: calculated(path, [x, y]), parts))
        if path not in BUILTINS:
            return NotImplemented
        args = self.plain(args, node)
        for arg in args:
            self.tick(len(arg[:MOST_ITEMS]) // 4 if isinstance(arg, range) else 0)
        return self.weigh(self.pointed(node, lambda: BUILTINS[path](*args, **keywords)))

    def _settings(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return dict(args[0]) if args and isinstance(args[0], dict) else dict(keywords)

    def _isinstance(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if len(args) != 2:
            return NotImplemented
        return is_instance(self.plain(args[0], node), args[1])

    def _type(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return kind_of(args[0]) if len(args) == 1 else NotImplemented

    def _container(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        kind = path.rpartition(".")[2]
        made = ModuleChain((), kind == "Sequential", kind == "ModuleDict")
        return self.fill(made, args or list(keywords.values())[:1], node)

    def _ordered(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return self.pointed(node, lambda: dict(self.items(args[0], node))) if args else {}

    def _partial(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return Partial(args[0], tuple(args[1:]), keywords) if args else NotImplemented

    def _parameter(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return self.weight(args[0] if args else None, node)

    def _as_it_is(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return args[0] if args and isinstance(args[0], MODULES) else NotImplemented

    def _keras_input(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return self.keras_input(args, keywords, node)

    def _model(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if not wires_in([args, keywords]):
            return NotImplemented
        first, last = [*args, None, None][:2]
        return Model(
            wires_in(keywords.get("inputs", first)), wires_in(keywords.get("outputs", last))
        )

    def _no(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return False

    def _none(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return None

    def _unknown(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return Opaque(path)

    def _added(self, parts: list[Any], start: list[Any], node: ast.AST) -> Any:
        """What sum() makes of tensors."""
        total, *rest = [*start, *parts]
        for part in rest:
            total = self.binary(node, ast.Add(), total, part)
        return total

    def layer(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """The layer that a framework's name and arguments stand for."""
        args, keywords = self.plain(args, node), self.plain(keywords, node)
        self.tell(keywords, node)
        self._layers += 1
        if self._layers > MOST_NODES:
            raise LimitError(f"a text may have {MOST_NODES:,} layers")
        wires = wires_in([args, keywords])
        if wires and path.rpartition(".")[2] not in ("Concat",):
            return self.tensor(path.rpartition(".")[2], node, *(args or wires), **keywords)
        given, words = into(args), into(keywords)
        made = self.pointed(node, lambda: prepared(path, given, words, self.last))
        line, _ = self.source.at(node)
        name = keywords.get("name") if self.last else None  # by which Keras calls it
        called = name if isinstance(name, str) else ""
        return Leaf(path.rpartition(".")[2], made, line, called)

    def invoke(self, function: Function, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function of the text gives."""
        raise NotImplementedError


def _or_open(work: Callable[[], Any]) -> Any:
    """What arithmetic of sizes gives, and a number that is not known where that is no formula."""
    try:
        return work()
    except Unclear:
        return Opaque("a number")


Rule = Callable[[Calls, str, list[Any], Names, ast.AST], Any]
#: Functions that are known by their whole names.
_PATHS: dict[str, Rule] = {
    **dict.fromkeys(("sum", *ROUND, *BUILTINS), Calls._builtin),
    "isinstance": Calls._isinstance,
    "type": Calls._type,
    **dict.fromkeys(("print", "register_buffer", "super"), Calls._none),
    **dict.fromkeys(("getattr", "hasattr"), Calls._unknown),
    # what trains a network and feeds it
    **dict.fromkeys(("Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "Adadelta"), Calls._unknown),
    **dict.fromkeys(("Compose", "DataLoader", "Dataset", "ArgumentParser"), Calls._unknown),
}
#: Functions that are known by their last names.
_WORDS: dict[str, Rule] = {
    # what holds settings by their names
    **dict.fromkeys(("AttrDict", "EasyDict", "edict", "Namespace"), Calls._settings),
    **dict.fromkeys(("SimpleNamespace", "ConfigDict", "Munch"), Calls._settings),
    **dict.fromkeys(("is_scripting", "is_tracing", "is_available"), Calls._no),
    **dict.fromkeys(_SEQUENTIAL, Calls._container),
    "OrderedDict": Calls._ordered,
    "partial": Calls._partial,
    "Parameter": Calls._parameter,
    **dict.fromkeys(_AS_THEY_ARE, Calls._as_it_is),
    **dict.fromkeys(("Input", "InputLayer"), Calls._keras_input),
    **dict.fromkeys(("Model", "Functional"), Calls._model),
}
