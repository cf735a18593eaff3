"""What is known of a model before it runs, and how it is put back to how it was before each run.

Models keep state: tables made for a size, functions that remember. What a run leaves behind would
give the next one numbers of another size, so each begins as the first did.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from operator import is_
from typing import Any

from solver.errors import SolverError
from solver.frameworks import framework, layer
from solver.ground.named import NamedTuple
from solver.reading.functions.prepared import Prepared, table_layer
from solver.reading.functions.signature import known as word_of
from solver.reading.functions.table import find, plain_name
from solver.reading.live.running import numbers
from solver.reading.live.running.carrier import formulaic
from solver.reading.live.running.code import functions_of
from solver.reading.live.running.constants import constant, knowing


class Book:
    """Hold a model's modules and parameters by name, its layers, and its state."""

    def __init__(self, torch: Any, model: Any) -> None:
        self.torch, self.model = torch, model
        self.names: dict[int, str] = {id(module): name for name, module in model.named_modules()}
        self.parameters = {id(each): name for name, each in model.named_parameters()}
        self.counts = {id(each): int(each.numel()) for each in model.parameters()}
        expected = _Expected(torch)
        self._layers = {
            id(module): made
            for module in model.modules()
            if (made := _layer_of(torch, module, expected)) is not None
        }
        self._functions = functions_of(model.modules())
        spaces = [vars(module) for module in model.modules()]
        held = [each for space in spaces for each in space.values() if type(each) in _KINDS]
        self._state = [(each, copy(each)) for each in (*spaces, *held)]

    @contextmanager
    def fresh(self, forwards: Callable[[Any], Any]) -> Iterator[None]:
        """The model as it was, its layers' own forward replaced, for one run."""
        for module in self.model.modules():
            space = vars(module)
            space.update({n: constant(value) for n, value in space.items() if type(value) is float})
            if id(module) in self._layers:
                space["forward"] = forwards(module)
        try:
            yield
        finally:
            for held, before in self._state:
                _restore(held, before)

    @contextmanager
    def stood_in(self) -> Iterator[None]:
        """Names and constants of the model's code that keep formulas where Python's own do not."""
        stood = list[tuple[dict[str, Any], str, Any]]()
        array = sys.modules.get("numpy")
        spaces = [each.__globals__ for each in self._functions]
        for space in {id(space): space for space in spaces}.values():
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
            with knowing(self._functions):
                yield
        finally:
            for space, name, before in stood:
                if before is None:
                    del space[name]
                else:
                    space[name] = before

    def layer(self, module: Any) -> Prepared | None:
        """A module of torch.nn as it is now; None of one whose own forward has to tell."""
        return self._layers[id(module)].now(module)

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


class _Layer(NamedTuple):
    """Hold a layer, what its module held when it was read, and its parameters."""

    made: Prepared
    name: str
    held: dict[str, Any]
    parameters: tuple[int, ...]

    def now(self, module: Any) -> Prepared | None:
        """The layer, as a program may have changed it; None where sizes or weights are others."""
        if self.parameters != _parameters(module):
            return None
        held = _held(module, self.held)
        if formulaic(held):
            return None
        return self.made if held == self.held else prepared(self.name, held)


def _parameters(module: Any) -> tuple[int, ...]:
    return tuple(map(id, module._parameters.values()))


def _layer_of(torch: Any, module: Any, expected: _Expected) -> _Layer | None:
    """A layer of PyTorch, or a plain subclass of one, by its class and what it holds."""
    kind = next(
        (k for k in type(module).__mro__ if k.__module__.startswith(("torch.nn", "torch.ao.nn"))),
        None,
    )
    if kind is None or kind is torch.nn.Module or issubclass(kind, _containers(torch)):
        return None
    for method in ("forward", "_conv_forward", "__call__"):
        own = method in vars(module)
        if own or getattr(type(module), method, None) is not getattr(kind, method, None):
            return None
    held = _held(module, _arguments(kind.__name__))
    made = prepared(kind.__name__, held)
    if made is None or not expected.of(module, kind, held):
        return None
    return _Layer(made, kind.__name__, held, _parameters(module))


class _Expected:
    """Tell whether weights have the shapes that the arguments of their layer say."""

    def __init__(self, torch: Any) -> None:
        self._torch, self._known = torch, dict[Any, dict[str, Any]]()

    def of(self, module: Any, kind: Any, held: dict[str, Any]) -> bool:
        own = {n: each for n, each in module._parameters.items() if each is not None}
        held = {name: value for name, value in held.items() if name != "training"}
        key = kind, tuple(held.items())
        if own and key not in self._known:
            try:
                made = kind(**held, device="meta")
            except (TypeError, ValueError, RuntimeError):
                return True  # it is not made of what it holds alone
            self._known[key] = {n: each.shape for n, each in made.named_parameters()}
        return all(self._known[key].get(n, each.shape) == each.shape for n, each in own.items())


def _containers(torch: Any) -> tuple[Any, ...]:
    """The classes of PyTorch that only run what they hold: by their own Python."""
    nn = torch.nn
    lists = nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict
    return *lists, nn.TransformerEncoder


def prepared(name: str, held: dict[str, Any]) -> Prepared | None:
    """A module of torch.nn by its class name and what it holds; None of one that is not known."""
    given = {word_of(word): value for word, value in held.items()}
    named = find(name, ("module",))
    if named is not None:
        return Prepared(plain_name(name), named, given)
    try:
        return table_layer(name, layer("torch", name, **given))
    except SolverError:
        return None


def _arguments(name: str) -> Iterable[str]:
    """The names of the arguments that a module of torch.nn is made with, as far as they matter."""
    named = find(name, ("module",))
    if named is not None:
        return named.signature.arguments
    try:
        return framework("torch").find(name)[0].arguments
    except SolverError:
        return ()


def _held(module: Any, names: Iterable[str]) -> dict[str, Any]:
    """The arguments that a module was made with, as far as it keeps them."""
    inner = getattr(module, "self_attn", None)
    places = [(module, name, name) for name in names]
    places += [(inner, _INSIDE[name], name) for name in names if name in _INSIDE]
    found = {name: _plain(getattr(of, there)) for of, there, name in places if hasattr(of, there)}
    if "bias" in found and not isinstance(found["bias"], bool):
        found["bias"] = module.bias is not None
    return {name: value for name, value in found.items() if value is not _OTHER}


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
