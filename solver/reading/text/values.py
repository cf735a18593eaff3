"""What names stand for while a program is read: modules, classes, functions, what is not known."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeGuard

from solver.errors import LimitError, SolverError
from solver.ground.record import Record
from solver.reading.functions.call import Wire
from solver.reading.functions.table import Prepared

Names = dict[str, Any]
MOST_LEAVES, MOST_NESTED = 50_000, 120


class Leaf:
    """A layer. made: None where it is not understood. line: where it is written.

    used: whether it was called.
    """

    def __init__(self, title: str, made: Prepared | None, line: int, path: str = "") -> None:
        self.title, self.made, self.line, self.path = title, made, line, path
        self.used = False

    def attribute(self, name: str) -> Any:
        """What it has under a name, as far as it is known: conv.kernel_size."""
        return None if self.made is None else self.made.attribute(name)


class ModuleChain:
    """Modules by their names; called, one after the other where it is sequential.

    keyed: whether a loop goes over the names, as over those of a ModuleDict.
    """

    def __init__(
        self, children: Sequence[tuple[str, Any]] = (), sequential: bool = True, keyed: bool = False
    ) -> None:
        self.children = [*children]
        self.sequential, self.keyed = sequential, keyed
        self.path = ""

    def append(self, module: Any, name: str | None = None) -> None:
        """Put a module behind the others."""
        if name is None:
            self.children.append((str(len(self.children)), module))
            return
        names = [known for known, _ in self.children]
        if name in names:  # in the place of the one that had the name
            self.children[names.index(name)] = (name, module)
        else:
            self.children.append((str(name), module))

    def insert(self, place: int, module: Any) -> None:
        """Put a module before the one at a place; they are numbered anew."""
        inner = self.modules
        inner.insert(place, module)
        self.children = [(str(i), each) for i, each in enumerate(inner)]

    @property
    def places(self) -> range:
        """The numbers its modules have, from the end too."""
        return range(-len(self.children), len(self.children))

    def put(self, place: int, module: Any) -> None:
        """Put a module into the place of another."""
        self.children[place] = (self.children[place][0], module)

    @property
    def modules(self) -> list[Any]:
        return [module for _, module in self.children]


class UserClass:
    """A class of the text. fields: the names it declares with a type, in order."""

    def __init__(self, name: str, bases: list[Any], names: Names, line: int) -> None:
        self.name, self.bases, self.names, self.line = name, bases, names, line
        self.fields: list[str] = []

    def find(self, name: str) -> tuple[Any, UserClass] | None:
        """What the class or a class before it has under a name, and which it is."""
        if name in self.names:
            return self.names[name], self
        for base in self.bases:
            if isinstance(base, UserClass) and (found := base.find(name)):
                return found
        return None

    @property
    def line_of_descent(self) -> list[UserClass]:
        """The class and those of the text it stands on."""
        bases = [base for base in self.bases if isinstance(base, UserClass)]
        return [self, *(each for base in bases for each in base.line_of_descent)]

    @property
    def origin(self) -> str:
        """The name of the framework's class it stands on."""
        for base in self.bases:
            found = base.origin if isinstance(base, UserClass) else getattr(base, "last", "")
            if found:
                return str(found)
        return ""


class Instance:
    """A module of a class of the text. chain: its parts where its class is Sequential."""

    def __init__(self, of: UserClass) -> None:
        self.of = of
        self.names: Names = {}
        self.chain: ModuleChain | None = None
        self.path = ""


class Function:
    """A function of the text, and the names it sees. owner: the class it is a method of."""

    def __init__(
        self, node: ast.FunctionDef | ast.Lambda, names: list[Names], kind: str = ""
    ) -> None:
        self.node, self.names, self.kind = node, names, kind
        self.owner: UserClass | None = None

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "lambda")


class Bound(Record):
    """A function together with its first argument."""

    function: Function
    first: Any


class Partial(Record):
    """A call of which some arguments are still missing."""

    function: Any
    args: tuple[Any, ...]
    keywords: Names


class Dotted(Record):
    """A name the text does not explain, such as nn.Conv2d."""

    path: str

    @property
    def last(self) -> str:
        return self.path.rpartition(".")[2]


class Method(Record):
    """A method of a tensor, a list, a word."""

    of: Any
    name: str


class Builtin(Record):
    """A function of our own."""

    call: Callable[..., Any]


class Opaque(Record):
    """A value that is not known.

    parameter: whether it is a weight of the network. shape: of a tensor of numbers, where known.
    """

    text: str
    parameter: bool = False
    shape: tuple[int, ...] = ()


class Missing(Record):
    """An argument of the main class that is not given."""

    name: str
    owner: str


class Model(Record):
    """The tensors a functional Keras model goes from and to."""

    inputs: list[Wire]
    outputs: list[Wire]


class Raised(Exception):
    """Say that the program raises an error, with its message.

    shown: the error for a program that does so at every size. where: the place, in words.
    """

    def __init__(self, kind: str, message: str, where: str, shown: SolverError) -> None:
        super().__init__(kind, message)
        self.kind, self.where, self.shown = kind, where, shown
        self.message = f"{kind}: {message}" if message else kind


def is_list(value: Any) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Tell whether a value is a list of the program; a dimension is a tuple, but none of these.

    >>> from solver.network.graph.dim import Dim
    >>> is_list([1]), is_list(Dim(1))
    (True, False)
    """
    return type(value) in (list, tuple)


MODULES = (Leaf, ModuleChain, Instance)


def wires_in(value: Any) -> list[Wire]:
    """The tensors in a value."""
    return [each for each in _all(value) if isinstance(each, Wire)]


def outputs_in(value: Any) -> list[tuple[str, Wire]]:
    """The tensors in a value, each with the keys and places that lead to it.

    >>> outputs_in({"low": Wire(3), "deep": [Wire(4), Wire(5)]})
    [('low', Wire(at=3)), ('deep.0', Wire(at=4)), ('deep.1', Wire(at=5))]
    """
    wires_in(value)  # raises where lists hold themselves
    stack, found = [("", value)], list[tuple[str, Wire]]()
    while stack:
        name, each = stack.pop()
        if isinstance(each, Wire):
            found.append((name, each))
        if isinstance(each, dict) or is_list(each):
            pairs = each.items() if isinstance(each, dict) else enumerate(each)
            stack.extend(reversed([(f"{name}.{key}".strip("."), part) for key, part in pairs]))
    return found


def leaves(value: Any) -> Iterator[Any]:
    """Yield what is in lists and dictionaries, however they are nested, in order.

    Lists that hold each other many times over, or themselves, raise LimitError.

    >>> list(leaves([1, (2, [3])]))
    [1, 2, 3]
    """
    return (each for each in _all(value) if not (is_list(each) or isinstance(each, dict)))


def _all(value: Any) -> list[Any]:
    """A value and all that is in it."""
    stack, found = [value], []
    while stack:
        each = stack.pop()
        found.append(each)
        if isinstance(each, dict):
            stack.extend(reversed(each.values()))
        elif type(each) in (list, tuple):
            stack.extend(reversed(each))
        if len(found) > MOST_LEAVES:
            raise LimitError(f"nested lists may have {MOST_LEAVES:,} entries")
    return found


def weight(value: Any) -> int:
    """How many parts lists and dictionaries have, however they are nested.

    Of a module its own parts, of a word the lines it would fill.

    >>> weight([1, (2, [3])]), weight("a" * 800)
    (5, 10)
    """
    if isinstance(value, ModuleChain):
        return len(value.children)
    if isinstance(value, str):
        return len(value) // 80
    return len(value) if isinstance(value, set) else len(_all(value)) - 1


def name_modules(root: Any, path: str = "") -> None:
    """Give every module the path by which it is reached first.

    Raises LimitError where they are nested too deeply.
    """
    stack = [(path, root, 0)]
    seen: set[int] = set()
    while stack:
        path, value, depth = stack.pop()
        if depth > MOST_NESTED:
            raise LimitError("modules are nested too deeply")
        if is_list(value):
            parts = [(str(i), each) for i, each in enumerate(value)]
        elif isinstance(value, dict):
            parts = [(str(name), each) for name, each in value.items()]
        elif isinstance(value, MODULES) and id(value) not in seen:
            value.path = value.path or path
            if isinstance(value, Leaf):
                continue
            chain = value if isinstance(value, ModuleChain) else value.chain
            parts = list(chain.children) if chain else []
            parts += list(value.names.items()) if isinstance(value, Instance) else []
        else:
            continue
        if id(value) in seen:
            continue
        seen.add(id(value))
        prefix = f"{path}." if path else ""
        parts.reverse()
        stack.extend((prefix + name if name else path, each, depth + 1) for name, each in parts)
