"""What is known of a model before it runs, and how it is put back to how it was before each run.

Models keep state: tables made for a size, functions that remember. What a run leaves behind would
give the next one numbers of another size, so each begins as the first did.
"""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from operator import is_
from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework, layer
from solver.reading.functions.prepared import Prepared, table_layer
from solver.reading.functions.signature import known as word_of
from solver.reading.functions.table import find, plain_name
from solver.reading.live.running import numbers

#: Packages whose functions need no stand-ins, and keep no sizes.
_FOREIGN = {"torch", "numpy", "solver", "builtins", "math", "typing", "collections", "functools"}


class Book:
    """Hold a model's modules and parameters by name, its layers, and its state."""

    def __init__(self, torch: Any, model: Any) -> None:
        self.torch, self.model = torch, model
        self.names: dict[int, str] = {id(module): name for name, module in model.named_modules()}
        self.parameters = {id(each): name for name, each in model.named_parameters()}
        self.counts = {id(each): int(each.numel()) for each in model.parameters()}
        self.layers = {
            id(module): made
            for module in model.modules()
            if (made := _prepared(torch, module)) is not None
        }
        packages = {type(module).__module__.partition(".")[0] for module in model.modules()}
        self._packages = packages - _FOREIGN
        spaces = [vars(module) for module in model.modules()]
        held = [each for space in spaces for each in space.values() if type(each) in _KINDS]
        self._state = [(each, copy(each)) for each in (*spaces, *held)]

    @contextmanager
    def fresh(self, forwards: Callable[[Any, Prepared], Any]) -> Iterator[None]:
        """The model as it was, its layers' own forward replaced, for one run."""
        for module in self.model.modules():
            made = self.layers.get(id(module))
            if made is not None:
                vars(module)["forward"] = forwards(module, made)
        try:
            yield
        finally:
            for held, before in self._state:
                _restore(held, before)

    @contextmanager
    def stood_in(self) -> Iterator[None]:
        """Names in the model's packages that keep formulas where Python's own lose them."""
        stood = list[tuple[dict[str, Any], str, Any]]()
        array = sys.modules.get("numpy")
        for module in self._modules:
            space = vars(module)
            own = {name: value for name, value in numbers.STAND_INS.items() if name not in space}
            own |= {n: numbers.Arrays(array) for n, each in space.items() if each is array}
            own |= {  # what TorchScript compiled stands for a function of Python
                name: each._torchdynamo_inline
                for name, each in space.items()
                if isinstance(each, self.torch.jit.ScriptFunction)
            }
            stood += [(space, name, space.get(name)) for name in own]
            space.update(own)
        try:
            yield
        finally:
            for space, name, before in stood:
                if before is None:
                    del space[name]
                else:
                    space[name] = before

    @functools.cached_property
    def _modules(self) -> list[Any]:
        found = [
            module
            for name, module in list(sys.modules.items())
            if name.partition(".")[0] in self._packages and hasattr(module, "__dict__")
        ]
        return list({id(module): module for module in found}.values())

    def path(self, module: Any) -> str:
        """The name of a module, as its model has it."""
        return self.names.get(id(module), "")


#: What a module may keep sizes in; hooks stand in ordered ones.
_KINDS = (dict, OrderedDict, list, set)


def _restore(held: Any, before: Any) -> None:
    """Put back what something held, where that is not the same."""
    if not (held or before):
        return
    several = isinstance(held, dict)
    same = len(held) == len(before) and all(map(is_, held, before))
    if same and several:
        same = all(map(is_, held.values(), before.values()))
    if not same:
        held.clear()
        held.extend(before) if isinstance(held, list) else held.update(before)


def _prepared(torch: Any, module: Any) -> Prepared | None:
    """A layer of PyTorch, or a plain subclass of one, by its class and what it holds."""
    kind = next(
        (k for k in type(module).__mro__ if k.__module__.startswith(("torch.nn", "torch.ao.nn"))),
        None,
    )
    if kind is None or kind is torch.nn.Module or issubclass(kind, _containers(torch)):
        return None
    for method in ("forward", "_conv_forward", "__call__"):
        if getattr(type(module), method, None) is not getattr(kind, method, None):
            return None
    return prepared(module, kind.__name__)


def _containers(torch: Any) -> tuple[Any, ...]:
    """The classes of PyTorch that only run what they hold: by their own Python."""
    nn = torch.nn
    lists = nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict
    return *lists, nn.TransformerEncoder


def prepared(module: Any, name: str) -> Prepared | None:
    """A module of torch.nn by its class name and what it holds; None of one that is not known."""
    named = find(name, ("module",))
    if named is not None:
        return Prepared(plain_name(name), named, _held(module, named.signature.arguments))
    torch = framework("torch")
    try:
        row, _ = torch.find(name)
    except SolverError:
        return None
    try:
        return table_layer(name, layer("torch", name, **_held(module, row.arguments)))
    except SolverError:
        return None


def _held(module: Any, names: Any) -> dict[str, Any]:
    """The arguments that a module was made with, as far as it keeps them."""
    inner = getattr(module, "self_attn", None)
    places = [(module, name, name) for name in names]
    places += [(inner, _INSIDE[name], name) for name in names if name in _INSIDE]
    found = {name: _plain(getattr(of, there)) for of, there, name in places if hasattr(of, there)}
    if "bias" in found and not isinstance(found["bias"], bool):
        found["bias"] = module.bias is not None
    return {word_of(name): value for name, value in found.items() if value is not _OTHER}


#: What a layer of a transformer was made with, and its attention keeps.
_INSIDE = {"d_model": "embed_dim", "batch_first": "batch_first"}
_OTHER = object()


def _plain(value: Any) -> Any:
    """Return numbers, words and tuples of them as they are; a marker for anything else."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (tuple, list)):
        found = tuple(_plain(each) for each in value)
        return _OTHER if _OTHER in found else found
    return _OTHER
