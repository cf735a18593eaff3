"""Functions that a program calls and does not explain: of Python, of frameworks, of tensors."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import reduce
from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Unclear, Wire
from solver.reading.functions.sizes import calculated, rounded
from solver.reading.paths.extreme import extreme
from solver.reading.text.arithmetic import MOST_ITEMS, ROUND, limited
from solver.reading.text.builtin import BUILTINS, NUMBERS, is_instance, kind_of
from solver.reading.text.calls import SEQUENTIAL, Calls
from solver.reading.text.changes import FRAMEWORKS, forget, reachable
from solver.reading.text.comparing import truth
from solver.reading.text.inside import copied, wires_in
from solver.reading.text.iterating import RULES, first_of
from solver.reading.text.leaving import Raised
from solver.reading.text.methods import INITIAL
from solver.reading.text.values import (
    CALLED,
    MODULES,
    Bound,
    Defaults,
    Dotted,
    Function,
    Instance,
    Model,
    ModuleChain,
    Names,
    Opaque,
    Partial,
    Unfollowed,
    is_list,
    unfollowed,
)
from solver.reading.text.words import word

#: Functions that give back the module they are given, as far as sizes go.
_AS_THEY_ARE = (
    "weight_norm", "spectral_norm", "remove_weight_norm", "script", "compile", "DataParallel",
    "DistributedDataParallel", "convert_sync_batchnorm",
)  # fmt: skip
#: Tensors that are filled with numbers.
_EXAMPLES = ("zeros", "ones", "rand", "randn", "empty")
_FILLED = (*_EXAMPLES, "Tensor", "FloatTensor", "truncated_normal", "random_normal")
#: What functions are called that change no size of a module which they are given.
_HARMLESS = (
    "init|weight|print|summary|count|log|info|load|save|freeze|param|profile|flops|eval|train|seed"
    "|compile|ema|script|trace|watch|norm|len|repr|str|id"
)
#: Where functions come from that make tensors of numbers.
_MAKING = ("torch", "F", "th")
#: Where functions of Python come from that go through values.
_PYTHON = ("itertools", "functools", "copy", "collections", "chain", "it", "dataclasses")
#: What fills weights with numbers, by where it comes from; by its name it is INITIAL.
_INITIALISES = ("init.", "nn.init.", "torch.nn.init.")
#: Where that comes from which trains a network and feeds it, and is no part of it.
_AROUND = frozenset(
    ("optim", "optimizers", "losses", "metrics", "lr_scheduler", "utils", "transforms", "datasets")
)


class NamedCalls(Calls):
    """Work out calls of functions by their names."""

    # Names of frameworks and of Python

    def named(self, function: Dotted, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function gives that the text does not explain."""
        path, last = function.path, function.last
        for rule in (_PATHS.get(path), _WORDS.get(last)):
            found = NotImplemented if rule is None else rule(self, path, args, keywords, node)
            if found is not NotImplemented:
                return found
        if path.startswith(_INITIALISES) or path.endswith(INITIAL):
            return None
        if last.endswith("Loss") or not _AROUND.isdisjoint(path.split(".")[:-1]):
            return Opaque(path)
        if last.lstrip("_")[:1].isupper():
            return self.layer(path, args, keywords, node)
        if last in _EXAMPLES and len(self.scopes) == 1:
            return self.example(args, node)
        drawn = last in _FILLED or path.startswith("tf.random.")
        if drawn and path.startswith(("torch.", "np.", "th.", "tf.", "jnp.")):
            return self.numbers(path, args, node)
        return self._of_tensors(path, args, keywords, node)

    def _of_tensors(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a function gives that only its name explains, and only of tensors."""
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

    # Rules of single names: they give NotImplemented where the arguments ask for another

    def _builtin(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if path == "sum" and wires_in(args):
            return self._added(list(self.items(args[0], node)), args[1:], node)
        if path in ROUND and len(args) == 1 and isinstance(args[0], (Dim, Ratio)):
            return _or_open(lambda: rounded(path.rpartition(".")[2], args[0]))
        if path in ("max", "min"):
            parts = list(self.items(args[0], node)) if len(args) == 1 else args
            if any(isinstance(x, (Dim, Ratio)) for x in parts) and not wires_in(parts):
                try:
                    return reduce(lambda x, y: calculated(path, [x, y]), parts)
                except Unclear:
                    sizes = [self.build.size(each) for each in parts]
                    if None not in sizes:
                        return extreme(path, sizes)
                    return first_of(self, path, [parts], {}, node)
            if keywords:
                return first_of(self, path, args, keywords, node)
        if path not in BUILTINS:
            return NotImplemented
        args = self.plain(args, node)
        if path == "divmod" and any(isinstance(each, (Dim, Ratio)) for each in args):
            return tuple(self.binary(node, op, *args) for op in (ast.FloorDiv(), ast.Mod()))
        if path in NUMBERS:
            args = [self.told(each) for each in args]
        for arg in args:
            self.tick(len(arg[:MOST_ITEMS]) // 4 if isinstance(arg, range) else 0)
        return self.weigh(self.pointed(node, lambda: BUILTINS[path](*args, **keywords)))

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

    def _callable(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if len(args) != 1 or isinstance(args[0], (Opaque, Dotted, Instance)):
            module = args and isinstance(args[0], Instance) and args[0].of.origin
            return True if module else Opaque(self.text(node))
        return isinstance(args[0], (*MODULES, *CALLED))

    def _size(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        known = len(args) == 1 and is_list(args[0]) and not unfollowed(args[0])
        return tuple(args[0]) if known else Unfollowed(self.text(node))

    def _checkpoint(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read what runs a function, or the parts of a chain, again when gradients are made."""
        if path.endswith("sequential") and len(args) == 3:
            for each in list(self.items(args[0], node)):
                args[2] = self.run(each, [args[2]], {}, node)
            return args[2]
        for name in ("use_reentrant", "preserve_rng_state", "context_fn", "determinism_check"):
            keywords.pop(name, None)
        return self.run(args[0], args[1:], keywords, node) if args else NotImplemented

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

    def _isinstance(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if len(args) != 2:
            return NotImplemented
        found = is_instance(self.plain(args[0], node), args[1])
        return Opaque(self.text(node)) if found is None else found

    def _is_tensor(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return self._isinstance(path, [*args[:1], Dotted("Tensor")], {}, node)

    def _assert(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        held = truth(args[0] if args else keywords.get("condition"), self.build.decide)
        told = args[1] if len(args) > 1 else keywords.get("message", "")
        if held is None:
            line = self.source.at(node)[0]
            self.build.note(f"taken as where this holds: {self.text(node)}", line)
        elif not held:
            raise self.raising("AssertionError", told if isinstance(told, str) else "", node)

    def raising(self, kind: str, message: str, node: ast.AST) -> Raised:
        """An error of the program's own."""
        raise NotImplementedError

    def _iterated(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        root = path.partition(".")[0]
        if (root != path and root not in _PYTHON) or (args and isinstance(args[0], Wire)):
            return args[0] if path.endswith("copy") and args else NotImplemented
        if any(isinstance(each, Opaque) and not unfollowed(each) for each in args):
            return Opaque(self.text(node))
        return self.pointed(
            node, lambda: RULES[path.rpartition(".")[2]](self, path, args, keywords, node)
        )

    def _pattern(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read a function or a layer of einops: what is given by name are sizes of its axes."""
        word = path.rpartition(".")[2]
        pattern = next((each for each in args if isinstance(each, str)), None)
        if pattern is None or "->" not in pattern:
            return self._iterated(path, args, keywords, node) if word in RULES else NotImplemented
        told = {name: keywords.pop(name) for name in ("reduction",) if name in keywords}
        told["sizes"] = self.plain(dict(keywords), node)
        if word[0].isupper():
            return self.layer(path, args, told, node)
        return self.tensor("einops_repeat" if word == "repeat" else word, node, *args, **told)

    def _type(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return kind_of(args[0]) if len(args) == 1 else NotImplemented

    def _container(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        kind = path.rpartition(".")[2]
        made = ModuleChain((), kind == "Sequential", kind == "ModuleDict")
        given = args or list(keywords.values())[:1]
        return self.fill(made, [each for each in given if each is not None], node)

    def _repeated(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read TransformerEncoder: so many copies of a layer, and a norm."""
        given = {
            **dict(zip(("encoder_layer", "num_layers", "norm"), args, strict=False)),
            **keywords,
        }
        layer, count, norm = map(given.get, ("encoder_layer", "num_layers", "norm"))
        if not isinstance(layer, MODULES) or type(count) is not int:
            return NotImplemented
        limited(count)
        made = ModuleChain()
        for at in range(count):
            made.append(copied(layer, True, {}), f"layers.{at}")
        if norm is not None:
            made.append(norm, "norm")
        return made

    def _spaced(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read linspace of plain numbers, whose elements are known."""
        first, last, count = (*args, *keywords.values(), None, None, None)[:3]
        ends = isinstance(first, (int, float)) and isinstance(last, (int, float))
        if not ends or type(count) is not int or not 0 < count <= MOST_ITEMS:
            return NotImplemented
        step = (last - first) / max(count - 1, 1)
        elements = tuple(first + step * at for at in range(count))
        return Opaque(path, shape=(count,), elements=elements)

    def _ordered(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if args and isinstance(args[0], dict):
            return {**args[0], **keywords}
        pairs = [*self.items(args[0], node)] if args else []
        return self.pointed(node, lambda: {**dict(pairs), **keywords})

    def _partial(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return Partial(args[0], tuple(args[1:]), keywords) if args else NotImplemented

    def _parameter(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return self.weight(args[0] if args else None, node)

    def _function(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read Lambda of Keras: the function that it stands on."""
        given = args[0] if args else keywords.get("function")
        return given if isinstance(given, (Function, Partial)) else NotImplemented

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


def _or_open(work: Callable[[], Any]) -> Any:
    """What arithmetic of sizes gives, and a number that is not known where that is no formula."""
    try:
        return work()
    except Unclear:
        return Opaque("a number")


Rule = Callable[[NamedCalls, str, list[Any], Names, ast.AST], Any]
#: Functions that are known by their whole names.
_PATHS: dict[str, Rule] = {
    **dict.fromkeys(("sum", *ROUND, *BUILTINS), NamedCalls._builtin),
    "isinstance": NamedCalls._isinstance,
    **dict.fromkeys(("is_tensor", "torch.is_tensor"), NamedCalls._is_tensor),
    **dict.fromkeys(("torch._assert", "_assert"), NamedCalls._assert),
    "vars": NamedCalls._variables,
    "globals": NamedCalls._globals,
    "callable": NamedCalls._callable,
    "bool": NamedCalls._truth,
    "str": NamedCalls._str,
    "type": NamedCalls._type,
    **dict.fromkeys(("exec", "eval"), NamedCalls._executed),
    **dict.fromkeys(("print", "register_buffer", "super"), NamedCalls._none),
    **dict.fromkeys(("getattr", "hasattr"), NamedCalls._unknown),
    # what trains a network and feeds it
    **dict.fromkeys(
        ("Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "Adadelta"), NamedCalls._unknown
    ),
    **dict.fromkeys(("Compose", "DataLoader", "Dataset"), NamedCalls._unknown),
}
#: Functions that are known by their last names.
_WORDS: dict[str, Rule] = {
    # what holds settings by their names
    **dict.fromkeys(("AttrDict", "EasyDict", "edict", "Namespace"), NamedCalls._settings),
    **dict.fromkeys(("SimpleNamespace", "ConfigDict", "Munch"), NamedCalls._settings),
    **dict.fromkeys(("is_scripting", "is_tracing", "is_available"), NamedCalls._no),
    **dict.fromkeys(SEQUENTIAL, NamedCalls._container),
    "field": NamedCalls._field,
    "TransformerEncoder": NamedCalls._repeated,
    "linspace": NamedCalls._spaced,
    "Size": NamedCalls._size,
    "MethodType": NamedCalls._bound,
    "__setattr__": NamedCalls._set,
    **dict.fromkeys(("checkpoint", "checkpoint_sequential"), NamedCalls._checkpoint),
    **dict.fromkeys(("OrderedDict", "dict"), NamedCalls._ordered),
    **dict.fromkeys(RULES, NamedCalls._iterated),
    **dict.fromkeys(("rearrange", "reduce", "repeat"), NamedCalls._pattern),
    **dict.fromkeys(("Rearrange", "Reduce", "Repeat"), NamedCalls._pattern),
    "ArgumentParser": NamedCalls._options,
    "Rngs": NamedCalls._unknown,
    "defaultdict": NamedCalls._defaults,
    "partial": NamedCalls._partial,
    "Lambda": NamedCalls._function,
    **dict.fromkeys(("Parameter", "Variable"), NamedCalls._parameter),
    **dict.fromkeys(_AS_THEY_ARE, NamedCalls._as_it_is),
    **dict.fromkeys(("Input", "InputLayer"), NamedCalls._keras_input),
    **dict.fromkeys(("Model", "Functional"), NamedCalls._model),
}
