"""Functions of frameworks that a program calls, by their names: those that are no operation."""

from __future__ import annotations

import ast
import operator
from functools import reduce
from typing import Any

from solver.network.graph.dim import Dim
from solver.network.graph.operation import Input
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Wire, size_of
from solver.reading.text.arithmetic import MOST_ITEMS, limited, unknown
from solver.reading.text.calls import SEQUENTIAL
from solver.reading.text.comparing import truth
from solver.reading.text.inside import copied, wires_in
from solver.reading.text.iterating import RULES
from solver.reading.text.python import PythonCalls, Rule
from solver.reading.text.values import (
    MODULES,
    Dotted,
    Function,
    Model,
    ModuleChain,
    Names,
    Opaque,
    Partial,
    Unfollowed,
    is_list,
    unfollowed,
)
from solver.sizes.width import is_int

#: Functions that give back the module they are given, as far as sizes go.
_AS_THEY_ARE = (
    "weight_norm", "spectral_norm", "remove_weight_norm", "script", "compile", "DataParallel",
    "DistributedDataParallel", "convert_sync_batchnorm",
)  # fmt: skip


#: What tensors are made of, how many of that are followed, and who makes them so.
_MADE_OF = ("tensor", "as_tensor", "array", "asarray", "from_numpy", "Tensor", "FloatTensor")
_ELEMENTS, _MOST_ELEMENTS, _OWN = (int, float, Dim, Ratio), 64, ("torch", "np", "numpy")


class FrameworkCalls(PythonCalls):
    """Work out functions of frameworks, and classes that stand for several layers."""

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

    def _pattern(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read a function or a layer of einops: what is given by name are sizes of its axes."""
        word = path.rpartition(".")[2]
        pattern = next((each for each in args if isinstance(each, str)), None)
        if pattern is None or "->" not in pattern:
            return self._iterated(path, args, keywords, node) if word in RULES else NotImplemented
        args = [self.tensor("stack", node, x) if is_list(x) and wires_in(x) else x for x in args]
        told = {name: keywords.pop(name) for name in ("reduction",) if name in keywords}
        told["sizes"] = self.plain(dict(keywords), node)
        if word[0].isupper():
            return self.layer(path, args, told, node)
        return self.tensor("einops_repeat" if word == "repeat" else word, node, *args, **told)

    def _packed(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read pack of einops: tensors along one axis, and the axes that each had there."""
        if len(args) != 2 or not is_list(args[0]) or not isinstance(args[1], str):
            return NotImplemented
        at, behind = _packing(args[1])
        axes, flat = [], []
        for wire in args[0]:
            shape = self.build.shape(wire) if isinstance(wire, Wire) else None
            if shape is None or len(shape) < at + behind:
                return NotImplemented
            axes.append(inner := shape[at : len(shape) - behind])
            if len(inner) > 1:
                wire = self.tensor("flatten", node, wire, at, at + len(inner) - 1)
            flat.append(wire if inner else self.tensor("unsqueeze", node, wire, at))
        return self.tensor("cat", node, flat, at), axes

    def _unpacked(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read unpack of einops: the parts of an axis, each with the axes that it had."""
        if len(args) != 3 or not isinstance(args[0], Wire) or not is_list(args[1]):
            return NotImplemented
        wire, axes, (at, _) = args[0], args[1], _packing(args[2])
        sizes = [size_of(reduce(operator.mul, inner, Dim(1))) for inner in axes]
        parts = self.tensor("split", node, wire, sizes, at)
        if not is_list(parts):
            return NotImplemented
        found = []
        for part, inner in zip(parts, axes, strict=True):
            if len(inner) > 1:
                part = self.tensor("unflatten", node, part, at, [*map(size_of, inner)])
            found.append(part if inner else self.tensor("squeeze", node, part, at))
        return found

    def _container(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        kind = path.rpartition(".")[2]
        made = ModuleChain((), kind == "Sequential", kind == "ModuleDict")
        given = args or [keywords[word] for word in ("layers", "modules") if word in keywords]
        return self.fill(made, [each for each in given if each is not None], node)

    def _repeated(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read TransformerEncoder: so many copies of a layer, and a norm."""
        given = {
            **dict(zip(("encoder_layer", "num_layers", "norm"), args, strict=False)),
            **keywords,
        }
        layer, count, norm = map(given.get, ("encoder_layer", "num_layers", "norm"))
        if not isinstance(layer, MODULES) or not is_int(count):
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
        if not ends or not is_int(count) or not 0 < count <= MOST_ITEMS:
            return NotImplemented
        step = (last - first) / max(count - 1, 1)
        elements = tuple(first + step * at for at in range(count))
        return Opaque(path, shape=(count,), elements=elements)

    def _made_of(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read a tensor that is made of numbers or sizes one by one."""
        given = args[0] if args else ()
        if path.endswith("Tensor") and args and all(isinstance(x, (int, Dim)) for x in args):
            return self.numbers(path, args, node)  # of these sizes
        if (found := self._again(args)) is not NotImplemented:
            return found
        if path.partition(".")[0] in _OWN and (nested := _nested(given)) is not None:
            return Opaque(path, shape=nested)
        plain = is_list(given) and all(isinstance(each, _ELEMENTS) for each in given)
        if not plain or not 0 < len(given) <= _MOST_ELEMENTS or path.partition(".")[0] not in _OWN:
            return NotImplemented
        return Opaque(path, shape=(len(given),), elements=tuple(given))

    def _again(self, args: list[Any]) -> Any:
        """What is made of one tensor: it again."""
        alone = args[0] if len(args) == 1 else None
        known = isinstance(alone, Wire) or (isinstance(alone, Opaque) and alone.shape)
        return alone if known else NotImplemented

    def _in_one(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read the sum or the product of a tensor of numbers."""
        if len(args) != 1 or keywords or not isinstance(args[0], Opaque) or not args[0].elements:
            return NotImplemented
        op = ast.Mult() if path.endswith("prod") else ast.Add()
        found = reduce(lambda one, two: self.binary(node, op, one, two), args[0].elements)
        return Opaque(path) if unknown(found) else Opaque(path, elements=(found,))

    def _floating(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read what asks whether a tensor holds fractions: those that come in are taken to."""
        if len(args) != 1 or not isinstance(args[0], Wire):
            return NotImplemented
        self.build.note(f"taken as where this holds: {self.text(node)}", self.source.at(node)[0])
        return True

    def _kept(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read a list that only says that modules are in it."""
        return args[0] if len(args) == 1 and is_list(args[0]) else NotImplemented

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

    def _layout(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read image_data_format() of Keras."""
        return "channels_last" if self.last else "channels_first"

    def _is_symbolic(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read is_keras_tensor(x)."""
        return bool(args) and isinstance(args[0], Wire)

    def _sources(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """Read get_source_inputs(x): the inputs of what has been written so far."""
        nodes = enumerate(self.build.nodes)
        return [Wire(at) for at, each in nodes if isinstance(each.operation, Input)]

    def _model(self, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if not wires_in([args, keywords]):
            return NotImplemented
        first, last = [*args, None, None][:2]
        return Model(
            wires_in(keywords.get("inputs", first)), wires_in(keywords.get("outputs", last))
        )


def _nested(given: Any) -> tuple[int, ...] | None:
    """The sizes of lists of lists of numbers, None for a list of another kind."""
    sizes, level = [], [given]
    while level and all(is_list(each) and each for each in level):
        sizes.append(len(level[0]))
        if any(len(each) != sizes[-1] for each in level):
            return None
        level = [part for each in level for part in each]
    plain = all(isinstance(each, _ELEMENTS) for each in level)
    return tuple(sizes) if plain and (len(sizes) > 1 or len(level) > _MOST_ELEMENTS) else None


def _packing(pattern: str) -> tuple[int, int]:
    """How many axes stand before and behind the one of a pattern that is packed."""
    before, _, behind = pattern.partition("*")
    return len(before.split()), len(behind.split())


#: By their whole names.
PATHS: dict[str, Rule] = {
    **dict.fromkeys(("is_tensor", "torch.is_tensor"), FrameworkCalls._is_tensor),
    **dict.fromkeys(("torch._assert", "_assert"), FrameworkCalls._assert),
    **dict.fromkeys(("torch.sum", "torch.prod"), FrameworkCalls._in_one),
    "torch.is_floating_point": FrameworkCalls._floating,
    "nnx.List": FrameworkCalls._kept,
    "register_buffer": FrameworkCalls._none,
    # what trains a network and feeds it
    **dict.fromkeys(
        ("Adam", "AdamW", "SGD", "RMSprop", "Adagrad", "Adadelta"), FrameworkCalls._unknown
    ),
    **dict.fromkeys(("Compose", "DataLoader", "Dataset"), FrameworkCalls._unknown),
}
#: By their last names.
WORDS: dict[str, Rule] = {
    **dict.fromkeys(("is_scripting", "is_tracing", "is_available"), FrameworkCalls._no),
    **dict.fromkeys(SEQUENTIAL, FrameworkCalls._container),
    "TransformerEncoder": FrameworkCalls._repeated,
    "linspace": FrameworkCalls._spaced,
    **dict.fromkeys(_MADE_OF, FrameworkCalls._made_of),
    "Size": FrameworkCalls._size,
    **dict.fromkeys(("checkpoint", "checkpoint_sequential"), FrameworkCalls._checkpoint),
    **dict.fromkeys(("rearrange", "reduce", "repeat"), FrameworkCalls._pattern),
    **dict.fromkeys(("Rearrange", "Reduce", "Repeat"), FrameworkCalls._pattern),
    "pack": FrameworkCalls._packed,
    "unpack": FrameworkCalls._unpacked,
    "Rngs": FrameworkCalls._unknown,
    "Lambda": FrameworkCalls._function,
    **dict.fromkeys(("Parameter", "Variable"), FrameworkCalls._parameter),
    **dict.fromkeys(_AS_THEY_ARE, FrameworkCalls._as_it_is),
    **dict.fromkeys(("Input", "InputLayer"), FrameworkCalls._keras_input),
    **dict.fromkeys(("Model", "Functional"), FrameworkCalls._model),
    "image_data_format": FrameworkCalls._layout,
    "is_keras_tensor": FrameworkCalls._is_symbolic,
    "get_source_inputs": FrameworkCalls._sources,
}
