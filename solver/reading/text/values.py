"""What names stand for while a program is read: modules, classes, functions, what is not known."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeGuard

from solver.errors import SolverError
from solver.ground.record import Record
from solver.network.graph.dim import Dim
from solver.network.graph.values import Ratio
from solver.reading.functions.call import Wire
from solver.reading.functions.prepared import Prepared
from solver.reading.text.deque import Deque
from solver.reading.text.source import parts

Names = dict[str, Any]
#: What layers have that changes nothing once they are made.
_FIXED = ("in_channels", "out_channels", "in_features", "out_features", "num_features")


class Leaf:
    """A layer. made: None where it is not understood. line: where it is written.

    used: whether it was called. names: what the program gave it.
    """

    def __init__(self, title: str, made: Prepared | None, line: int, path: str = "") -> None:
        self.title, self.made, self.line, self.path = title, made, line, path
        self.used = False
        self.names: Names = {}

    def attribute(self, name: str) -> Any:
        """What it has under a name, as far as it is known: conv.kernel_size."""
        if name in self.names:
            return self.names[name]
        return None if self.made is None else self.made.attribute(name)

    def weight(self, name: str) -> Any:
        """Its weight or bias, as far as that is known; None where it has none."""
        if name == "bias" and self.made is not None and not self.made.biased:
            return None
        shape = None if self.made is None else self.made.weight(name)
        return Opaque(f"{self.title}.{name}", True, shape or ())

    def change(self, name: str, value: Any) -> None:
        """Set what it has under a name; it is not understood any more where that is not followed.

        What tells a layer its channels is asked when it is made, and not again.
        """
        self.names[name] = value
        if self.made is not None and name not in _FIXED:
            self.made = self.made.changed(name, value)

    def replace_weight(self, shape: tuple[int, ...] | None) -> None:
        """Put another weight in the place of its own; None for a shape that is not known."""
        self.made = None if self.made is None else self.made.weighted(shape)


class ModuleChain:
    """Modules by their names; called, one after the other where it is sequential.

    keyed: whether a loop goes over the names, as over those of a ModuleDict.
    """

    def __init__(
        self, children: Sequence[tuple[str, Any]] = (), sequential: bool = True, keyed: bool = False
    ) -> None:
        self.children = [*children]
        self.sequential, self.keyed = sequential, keyed
        self.names: Names = {}
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

    def renumber(self) -> None:
        """Give those that are called by numbers their numbers anew, as where one is taken out."""
        if all(name.isdigit() for name, _ in self.children):
            self.children = [(str(i), each) for i, each in enumerate(self.modules)]

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

    @property
    def walked(self) -> list[Any]:
        """What a loop goes over: its modules, or their names."""
        return [name for name, _ in self.children] if self.keyed else self.modules


class ClassNames(dict[str, Any]):
    """The names of a class, which its functions do not see. of: the class."""

    def __init__(self, of: UserClass) -> None:
        super().__init__()
        self.of = of


class UserClass:
    """A class of the text. fields: the names it declares with a type, in order."""

    def __init__(self, name: str, bases: list[Any], line: int) -> None:
        self.name, self.bases, self.line = name, bases, line
        self.names: Names = ClassNames(self)
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
    """A module of a class of the text. chain: its parts where its class is Sequential.

    held: what it holds where its class is a dictionary or a list.
    """

    def __init__(self, of: UserClass) -> None:
        self.of = of
        self.names: Names = {}
        self.chain: ModuleChain | None = None
        self.held: dict[Any, Any] | list[Any] | None = None
        self.path = ""
        self.built = False  # whether it was called, as Keras counts

    @property
    def inner(self) -> Any:
        """What stands in brackets behind it, and is gone through; itself where nothing is."""
        if self.of.origin == "NamedTuple":
            return tuple((self.entries or {}).values())
        held = self.held if self.chain is None else self.chain
        return self if held is None else held

    @property
    def entries(self) -> Any:
        """What it holds where its class is no module: a dataclass, a dictionary; else None."""
        if self.held is not None:
            return self.held
        if self.chain is not None or not self.of.fields or self.of.origin.endswith("Module"):
            return None
        return {name: self.names[name] for name in self.of.fields if name in self.names}


class Function:
    """A function of the text, and the names it sees. owner: the class it is a method of.

    defaults: of its arguments, as they are worked out where it is defined.
    """

    def __init__(
        self,
        node: ast.FunctionDef | ast.Lambda,
        names: list[Names],
        defaults: Names,
        kind: str = "",
    ) -> None:
        self.node, self.names, self.kind, self.defaults = node, names, kind, defaults
        self.owner: UserClass | None = None
        self.yields = isinstance(node, ast.FunctionDef) and any(map(_yields, node.body))

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "lambda")


def _yields(node: ast.AST) -> bool:
    """Tell whether a function that holds a statement is a generator for it."""
    if isinstance(node, (ast.Yield, ast.YieldFrom)):
        return True
    inner = (ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.GeneratorExp)
    return not isinstance(node, inner) and any(map(_yields, parts(node)))


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


class Elsewhere(Dotted):
    """A name of a package that is installed, by its whole path: what it is is read where used."""


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
    elements: of one with one axis or none, where they are plain.
    """

    text: str
    parameter: bool = False
    shape: tuple[int, ...] = ()
    elements: tuple[float, ...] = ()


class Unfollowed(Opaque):
    """What is not known because something before was not followed.

    As the first entry of a list or dictionary it says that nobody knows what is in it. wire: what
    stands for all tensors that it may have become, if it read any.
    """

    wire: Wire | None = None


class Words(Opaque):
    """Words that are made of sizes. parts: what they are put together of."""

    parts: tuple[Any, ...] = ()


class Flow:
    """What a program goes through once: a generator, what map and zip give.

    What it is worked out of is asked for where it is gone through. Behind what is not followed
    nobody knows the rest.
    """

    def __init__(self, values: Iterable[Any]) -> None:
        self._values = iter(values)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return next(self._values)
        except SolverError:
            self.forget(Unfollowed("a generator"))
            raise

    def forget(self, unknown: Unfollowed) -> None:
        """Make unknown what is left."""
        self._values = iter([unknown])


class Defaults(dict[Any, Any]):
    """A dictionary of the program that makes what it has not. made: the function that does."""

    def __init__(self, made: Any) -> None:
        super().__init__()
        self.made = made


class Missing(Record):
    """An argument of the main class that is not given."""

    name: str
    owner: str


class Listing(Record):
    """What dir() gives: the names that something has. has: whether it has one, if that is known."""

    has: Callable[[str], bool | None]


class Model(Record):
    """The tensors a functional Keras model goes from and to."""

    inputs: list[Wire]
    outputs: list[Wire]


#: What letters of numbers begin with that the text does not tell.
UNTOLD = "?"


def lettered(value: Any) -> Any:
    """A number that the text does not tell, as a letter of its own; anything else as it is.

    >>> str(lettered(Dotted("args.width")) * 2)
    '2*?args.width'
    """
    if isinstance(value, Dotted):
        return Dim.letter(UNTOLD + value.path)
    if isinstance(value, Opaque) and not (value.parameter or value.shape):
        return Dim.letter(UNTOLD + value.text)
    return value


def untold(value: Any) -> bool:
    """Tell whether a number depends on what the text does not tell."""
    dim = value.top if isinstance(value, Ratio) else value
    return isinstance(dim, Dim) and any(letter.startswith(UNTOLD) for letter in dim.letters)


def is_list(value: Any) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Tell whether a value is a list of the program; a dimension is a tuple, but none of these.

    >>> is_list([1]), is_list(Dim(1))
    (True, False)
    """
    return type(value) in LISTS


#: Lists of a program, its modules, and what it may call beside these.
LISTS = (list, tuple, Deque)
MODULES = (Leaf, ModuleChain, Instance)
CALLED = (Function, Bound, Partial, UserClass, Builtin, Method)


def unfollowed(value: Any) -> bool:
    """Tell whether nobody knows what a value is, or what a list, dictionary or chain holds.

    >>> unfollowed([1]), unfollowed([Unfollowed("a loop")])
    (False, True)
    """
    inner = value.modules if isinstance(value, ModuleChain) else value
    if is_list(inner) or isinstance(inner, dict):
        return isinstance(next(iter(inner), None), Unfollowed)
    return isinstance(inner, Unfollowed)
