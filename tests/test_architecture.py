"""The laws of the house, read from the source by `ast`. Each is shown to fail on a bad source."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import NamedTuple

import pytest
from cli_fixtures import ROOT

import solver
from solver.ground.shown import FORMS, PRINTERS

House = dict[str, str]  # module -> source

HOUSE: House = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): (
        path.read_text(encoding="utf-8")
    )
    for path in sorted(ROOT.glob("solver/**/*.py"))
}

#: The floors of the house, low to high: a folder with all in it, or a file. Files import from their
#: own floor or a lower one.
FLOORS = (
    "solver.errors",
    "solver.checker",
    "solver.ground",
    "solver.sizes",
    "solver.symbolic",
    "solver.layers",
    "solver.frameworks",
    "solver.proof",
    "solver.inverse",
    "solver.spaces",
    "solver.conversion",
    "solver.network",
    "solver.reading",
    "solver.render",
    "solver",
    "solver.testing",
    "solver.assistant",
    "solver.cli",
    "solver.web",
    "solver.__main__",
)

#: What may import nothing of ours at all: the judge.
INDEPENDENT = "solver.checker"

#: Who may use what is not in the standard library. NumPy is there with ONNX; other arrays bring
#: their own.
GUESTS = {
    "sympy": ("solver.symbolic",),
    "rich": ("solver.render.progress",),
    "click": ("solver.cli", "solver.web.command", "solver.web.fenced"),
    "onnx": ("solver.reading.onnx.file", "solver.reading.onnx.elements"),
    "numpy": ("solver.reading.onnx.elements",),
    "mcp": ("solver.assistant",),
    "pydantic": ("solver.assistant",),
    "pytest": ("solver.testing.plugin",),
    "cairosvg": ("solver.render.pictures.files",),
    "resvg_py": ("solver.render.pictures.files",),
}

#: Who imports modules by names that are not written in an import statement.
DYNAMIC = {
    "solver",
    "solver.cli",
    "solver.frameworks",
    "solver.frameworks.code",
    "solver.ground.shown",
    "solver.reading.live.factory",
}

#: Who reads what people write: sizes and conditions, claims, the words of a question.
READERS = (
    "solver.sizes.target",
    "solver.symbolic.given",
    "solver.proof.claim",
    "solver.inverse.question",
    "solver.inverse.letters.words",
    "solver.layers.marking",
    "solver.spaces.ties",
    "solver.spaces.weighted",
)

#: What makes a value of text, and what makes text of a value.
READING = {"parse", "read_size", "read_where", "read_condition", "read_claim"}
PRINTING = {"str", "repr", "text", "fold", "latex", "join", "format"}

#: Text never becomes code, and SymPy's own text is never read back.
FORBIDDEN = {"eval", "exec", "compile", "__import__", "sympify", "parse_expr", "lambdify"}

MOST_LINES = 400


def floor(module: str) -> int:
    while module not in FLOORS or (module == "solver" and module not in HOUSE):
        module = module.rpartition(".")[0]
        assert module, "a module outside the house"
    return FLOORS.index(module)


def folder(module: str, house: House) -> str:
    """The folder a module stands in; what stands at the top of the house is a room by itself."""
    is_folder = any(name.startswith(f"{module}.") for name in house)
    return module if is_folder or module.count(".") < 2 else module.rpartition(".")[0]


class Facts(NamedTuple):
    """Hold what the laws ask of a source.

    imports: each as (module, name), the name empty of a whole module. calls: what is called.
    read_back: calls that read what was printed. classes: at its top. undocumented: public things
    at its top, empty for itself.
    """

    imports: tuple[tuple[str, str], ...]
    calls: frozenset[str]
    read_back: tuple[str, ...]
    classes: tuple[str, ...]
    undocumented: tuple[str, ...]


@cache
def facts(source: str) -> Facts:
    """The facts of a source, which is parsed and gone through once for all laws."""
    tree = ast.parse(source)
    nodes = [*ast.walk(tree)]
    imports = [
        (alias.name, "") for node in nodes if isinstance(node, ast.Import) for alias in node.names
    ]
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "write the whole name of what is imported"
            imports += [(str(node.module), alias.name) for alias in node.names]
    return Facts(
        tuple(imports),
        frozenset(name for node in nodes for name in called(node)),
        tuple(ast.unparse(node) for node in nodes if reads_back(node)),
        tuple(node.name for node in tree.body if isinstance(node, ast.ClassDef)),
        tuple(undocumented(tree)),
    )


def imports(module: str, house: House) -> Iterator[str]:
    """Yield what a module imports: when it is loaded, when a function runs, for type checkers."""
    for of, name in facts(house[module]).imports:
        whole = f"{of}.{name}"
        yield whole if whole in house else of


def circles(arrows: dict[str, set[str]]) -> set[str]:
    """What stands on a circle of arrows, or between two."""
    left = {name: to & set(arrows) - {name} for name, to in arrows.items()}
    for turned in (False, True):  # take away what nothing leads on from, then what nothing leads to
        if turned:
            left = {name: {a for a, to in left.items() if name in to} for name in left}
        while free := {name for name, to in left.items() if not to & set(left)}:
            for name in free:
                del left[name]
    return set(left)


def called(node: ast.AST) -> Iterator[str]:
    """Yield the name of what a call calls."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node.func, ast.Attribute):
            # re.compile makes no code
            yield f".{node.func.attr}" if node.func.attr == "compile" else node.func.attr


def reads_back(node: ast.AST) -> bool:
    """Tell whether a call reads what was printed."""
    if not isinstance(node, ast.Call) or not READING & {*called(node)}:
        return False
    inside = [part for argument in node.args for part in ast.walk(argument)]
    printed = any(PRINTING & {*called(part)} for part in inside)
    return printed or any(isinstance(part, ast.JoinedStr) for part in inside)


def undocumented(tree: ast.Module) -> Iterator[str]:
    """Yield the public things at the top that have no docstring."""
    if tree.body and not ast.get_docstring(tree):
        yield ""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != "_":
            overloads = any(ast.unparse(each) == "overload" for each in node.decorator_list)
            if not overloads and not ast.get_docstring(node):
                yield node.name


# The laws: each returns its faults in words


def imports_go_down(house: House) -> Iterator[str]:
    for module in house:
        for name in imports(module, house):
            if name.partition(".")[0] == "solver" and floor(name) > floor(module):
                yield f"{module} imports {name} from a higher floor"


def the_judge_is_independent(house: House) -> Iterator[str]:
    for module in house:
        for name in imports(module, house):
            ours = name.partition(".")[0] == "solver" and not name.startswith(INDEPENDENT)
            if module.startswith(INDEPENDENT) and ours:
                yield f"{module} imports {name}"


def files_have_no_circle(house: House) -> Iterator[str]:
    """Imports when a function runs and for type checkers count as any other."""
    arrows = {module: set(imports(module, house)) & set(house) for module in house}
    if found := circles(arrows):
        yield f"these import each other: {', '.join(sorted(found))}"


def folders_have_no_circle(house: House) -> Iterator[str]:
    arrows: dict[str, set[str]] = {}
    for module in house:
        names = {folder(name, house) for name in imports(module, house) if name in house}
        arrows.setdefault(folder(module, house), set()).update(names)
    if found := circles(arrows):
        yield f"these import each other: {', '.join(sorted(found))}"


def guests_stay_in_their_rooms(house: House) -> Iterator[str]:
    from sys import stdlib_module_names

    for module in house:
        for name in imports(module, house):
            top = name.partition(".")[0]
            if top == "solver" or top in stdlib_module_names:
                continue
            if not any(f"{module}.".startswith(f"{room}.") for room in GUESTS.get(top, ())):
                yield f"{module} imports {name}"


def symbols_have_one_maker(house: House) -> Iterator[str]:
    for module, source in house.items():
        made = {"Symbol", "symbols", "Dummy", "Wild"} & facts(source).calls
        if module != "solver.symbolic.algebra" and made:
            yield f"{module} makes a symbol"


def text_is_never_code(house: House) -> Iterator[str]:
    for module, source in house.items():
        for name in FORBIDDEN & facts(source).calls:
            yield f"{module} calls {name}"
        if "import_module" in facts(source).calls and module not in DYNAMIC:
            yield f"{module} imports by a name in a string"


def what_is_printed_is_not_read(house: House) -> Iterator[str]:
    """Expressions are trees until the last printer: only words of people are parsed."""
    for module, source in house.items():
        if "solver.sizes.grammar" in imports(module, house) and module not in READERS:
            yield f"{module} parses expressions"
        for call in facts(source).read_back:
            yield f"{module} reads what it printed: {call}"


def files_are_short(house: House) -> Iterator[str]:
    for module, source in house.items():
        if (count := len(source.splitlines())) > MOST_LINES:
            yield f"{module} has {count} lines"


def classes(house: House) -> Iterator[str]:
    """Yield the name of every class at the top of a module."""
    for source in house.values():
        yield from facts(source).classes


def classes_have_names_of_their_own(house: House) -> Iterator[str]:
    for name, count in Counter(classes(house)).items():
        if count > 1:
            yield f"{count} classes are called {name}"


def public_things_say_what_they_are(house: House) -> Iterator[str]:
    for module, source in house.items():
        for name in facts(source).undocumented:
            yield f"{f'{module}.{name}'.rstrip('.')} has no docstring"


LAWS: tuple[Callable[[House], Iterator[str]], ...] = (
    imports_go_down,
    the_judge_is_independent,
    files_have_no_circle,
    folders_have_no_circle,
    guests_stay_in_their_rooms,
    symbols_have_one_maker,
    text_is_never_code,
    what_is_printed_is_not_read,
    files_are_short,
    classes_have_names_of_their_own,
    public_things_say_what_they_are,
)


@pytest.mark.parametrize("law", LAWS)
def test_the_house_obeys(law):
    assert list(law(HOUSE)) == []


UP = "def f():\n    from solver.render import report"
BAD = [
    (imports_go_down, "solver.sizes.domain", "import solver.layers.own", "from a higher floor"),
    (
        imports_go_down,
        "solver.sizes.sizemap",
        "from solver.inverse.solve import solve",
        "solver.inverse",
    ),
    (imports_go_down, "solver.layers.own", UP, "solver.render.report"),
    (
        imports_go_down,
        "solver.sizes.target",
        "if TYPE_CHECKING:\n    from solver.symbolic.algebra import n",
        "solver.symbolic.algebra",
    ),
    (imports_go_down, "solver.cli.size", "import solver.__main__", "solver.__main__"),
    (the_judge_is_independent, "solver.checker.sizes", "import solver.errors", "solver.errors"),
    (files_have_no_circle, "solver.sizes.domain", "import solver.sizes.grammar", "grammar"),
    (
        files_have_no_circle,
        "solver.sizes.domain",
        "def f():\n    import solver.sizes.grammar",
        "solver.sizes.domain",
    ),
    (
        folders_have_no_circle,
        "solver.network.graph.dim",
        "import solver.network.tensor",
        "solver.network.graph",
    ),
    (guests_stay_in_their_rooms, "solver.sizes.target", "def f():\n    import sympy", "sympy"),
    (guests_stay_in_their_rooms, "solver.layers.own", "from numpy import array", "numpy"),
    (guests_stay_in_their_rooms, "solver.inverse.axis", "import rich.table", "rich.table"),
    (guests_stay_in_their_rooms, "solver.render.report", "import click", "imports click"),
    (symbols_have_one_maker, "solver.render.latex", "x = sympy.Symbol('x')", "makes a symbol"),
    (text_is_never_code, "solver.sizes.expression", "eval('1')", "calls eval"),
    (text_is_never_code, "solver.sizes.target", "def f(t):\n    return sympify(t)", "sympify"),
    (text_is_never_code, "solver.cli.size", "__import__('os')", "calls __import__"),
    (text_is_never_code, "solver.sizes.target", "import_module('sympy')", "by a name in a string"),
    (files_are_short, "solver.layers.own", "\n" * 401, "401 lines"),
    (
        classes_have_names_of_their_own,
        "solver.proof.claim",
        "class Window: ...",
        "2 classes are called Window",
    ),
    (public_things_say_what_they_are, "solver.layers.own", "x = 1", "own has no docstring"),
    (
        what_is_printed_is_not_read,
        "solver.proof.letters",
        "def f():\n    from solver.sizes.grammar import parse",
        "solver.proof.letters parses",
    ),
    (what_is_printed_is_not_read, "solver.sizes.target", "parse(text(tree))", "parse(text(tree))"),
    (what_is_printed_is_not_read, "solver.spaces.goal", "read_size(f'({x})/2')", "read_size("),
    (what_is_printed_is_not_read, "solver.proof", "read_claim(' == '.join(x))", "read_claim("),
    (public_things_say_what_they_are, "solver.sizes.fold", '"""A."""\ndef f(): ...', "fold.f"),
]


@pytest.mark.parametrize(("law", "module", "source", "fault"), BAD)
def test_a_bad_house_does_not(law, module, source, fault):
    assert module in HOUSE
    assert any(fault in text for text in law({**HOUSE, module: source}))


def test_what_the_laws_allow():
    """They forbid what they mean, and no more."""
    fine = "import re\nimport solver.errors\nx = re.compile('a')\n"
    for law in (imports_go_down, guests_stay_in_their_rooms, text_is_never_code):
        assert list(law({**HOUSE, "solver.sizes.domain": fine})) == []
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"c"}}) == {"b", "c"}


def test_the_house_reads_as_the_floors():
    """What stands at the top of solver/ is a floor, and every floor stands there."""
    there = {module for module in HOUSE if module.count(".") < 2}
    assert there == set(FLOORS)


@pytest.mark.parametrize("place", FORMS.values())
def test_every_form_is_there(place):
    module, _, name = place.partition(":")
    assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize(("kind", "form"), PRINTERS)
def test_every_printer_is_there_and_prints_what_it_says(kind, form):
    module, _, name = PRINTERS[kind, form].partition(":")
    assert callable(getattr(import_module(module), name))
    assert kind in classes(HOUSE)


@pytest.mark.parametrize(
    "name",
    [name for name in solver.__all__ if name[0].islower()]
    + [name for name in solver.__all__ if name[0].isupper() and not name.endswith("Error")],
)
def test_public_names_have_a_doctest(name):
    value = getattr(solver, name)
    if callable(value):
        assert ">>> " in (value.__doc__ or ""), f"{name} shows no example"


def test_errors_are_one_family():
    for name in solver.__all__:
        if name.endswith("Error"):
            assert issubclass(getattr(solver, name), solver.SolverError)
    assert issubclass(solver.SolverError, ValueError)
