"""The laws of the house, read from the source by `ast`. Each is shown to fail on a bad source."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from cli_fixtures import ROOT

import solver

House = dict[str, str]  # module -> source

HOUSE: House = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): (
        path.read_text(encoding="utf-8")
    )
    for path in sorted(ROOT.glob("solver/**/*.py"))
}

#: The floor of each module; a package stands for all its modules.
FLOORS = {
    "solver.checker": 0,
    "solver.errors": 0,
    "solver.lattice": 0,
    "solver.value": 0,
    "solver.formulas": 0,
    "solver.domain": 1,
    "solver.limits": 1,
    "solver.operations": 1,
    "solver.tokens": 1,
    "solver.expression": 1,
    "solver.polynomial": 1,
    "solver.text": 1,
    "solver.files": 1,
    "solver.normal": 1,
    "solver.isolate": 1,
    "solver.sizemap": 1,
    "solver.fold": 1,
    "solver.sizeset": 1,
    "solver.classes": 1,
    "solver.comparison": 1,
    "solver.slope": 1,
    "solver.congruence": 1,
    "solver.layer": 2,
    "solver.layers": 2,
    "solver.tables": 1,
    "solver.target": 2,
    "solver.piecewise": 2,
    "solver.cost": 2,
    "solver.receptive": 2,
    "solver.stack": 2,
    "solver.frameworks": 2,
    "solver.writing": 2,
    "solver.inverse": 3,
    "solver.proof": 3,
    "solver.network": 3,
    "solver.fields": 3,
    "solver.decoders": 3,
    "solver.faults": 3,
    "solver.unknowns": 3,
    "solver.pasted": 3,
    "solver.reading": 3,
    "solver.design": 3,
    "solver.floors": 4,
    "solver.floor_equations": 4,
    "solver.algebra": 4,
    "solver.render": 5,
    "solver.cli": 6,
    "solver.__main__": 6,
    "solver": 6,
}

#: Upward, and only when called: a value that is asked to show itself knocks on these doors.
DOORS = {
    ("solver.sizemap", "solver.render.notebook"),
    ("solver.sizeset", "solver.render.notebook"),
    ("solver.layer", "solver.render.notebook"),
    ("solver.stack", "solver.render.stack"),
    ("solver.network.graph", "solver.render.network"),
    ("solver.inverse.solutions", "solver.algebra"),
    ("solver.proof.verdict", "solver.render.verdict"),
    ("solver.inverse.solutions", "solver.render.derivation"),
    ("solver.inverse.solutions", "solver.render.family"),
    ("solver.inverse.solutions", "solver.render.html"),
    ("solver.inverse.solutions", "solver.render.plain"),
}

#: Who may use what is not in the standard library. NumPy nobody: arrays bring their own.
GUESTS = {
    "sympy": ("solver.algebra", "solver.floors", "solver.floor_equations"),
    "rich": ("solver.render.table", "solver.render.progress"),
    "click": ("solver.cli",),
    "onnx": ("solver.reading.onnx_file",),
}

#: Who imports modules by names that are not written in an import statement.
DYNAMIC = {
    "solver",
    "solver.cli",
    "solver.cli.solve",
    "solver.frameworks",
    "solver.network",
    "solver.writing",
}

#: Text never becomes code, and SymPy's own text is never read back.
FORBIDDEN = {"eval", "exec", "compile", "__import__", "sympify", "parse_expr", "lambdify"}

MOST_LINES = 400


class Import(NamedTuple):
    """One module that a module imports: when it is loaded, or (late) when a function runs."""

    name: str
    late: bool


def floor(module: str) -> int:
    while module not in FLOORS:
        module = module.rpartition(".")[0]
        assert module, "a module outside the house"
    return FLOORS[module]


def imports(module: str, house: House) -> Iterator[Import]:
    """Yield what a module imports, other than for type checkers."""

    def walk(node: ast.AST, late: bool) -> Iterator[Import]:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for part in node.orelse:
                yield from walk(part, late)
            return
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, late)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: write the whole name of what is imported"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield Import(whole if whole in house else str(node.module), late)
        late = late or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for part in ast.iter_child_nodes(node):
            yield from walk(part, late)

    yield from walk(ast.parse(house[module]), False)


def calls(source: str) -> Iterator[str]:
    """Yield the name of everything that is called, without what stands before its dot."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute):
                # re.compile makes no code
                yield f".{node.func.attr}" if node.func.attr == "compile" else node.func.attr


# The laws: each returns its faults in words


def imports_go_down(house: House) -> Iterator[str]:
    for module in house:
        for name, late in imports(module, house):
            if name.partition(".")[0] != "solver" or floor(name) <= floor(module):
                continue
            if not (late and (module, name) in DOORS):
                yield f"{module} on floor {floor(module)} imports {name} on floor {floor(name)}"


def doors_are_used(house: House) -> Iterator[str]:
    opened = {(module, name) for module in house for name, late in imports(module, house) if late}
    for module, name in DOORS - opened:
        yield f"nobody goes from {module} to {name}"


def imports_have_no_cycle(house: House) -> Iterator[str]:
    """Between files of one floor too, when they are loaded."""
    below = {
        module: {name for name, late in imports(module, house) if not late and name in house}
        for module in house
    }
    while free := {module for module, names in below.items() if not names & set(below)}:
        for module in free:
            del below[module]
    if below:
        yield f"these import each other: {', '.join(sorted(below))}"


def guests_stay_in_their_rooms(house: House) -> Iterator[str]:
    from sys import stdlib_module_names

    for module in house:
        for name, _ in imports(module, house):
            top = name.partition(".")[0]
            if top == "solver" or top in stdlib_module_names:
                continue
            if not any(f"{module}.".startswith(f"{room}.") for room in GUESTS.get(top, ())):
                yield f"{module} imports {name}"


def symbols_have_one_maker(house: House) -> Iterator[str]:
    for module, source in house.items():
        if module != "solver.algebra" and {"Symbol", "symbols", "Dummy", "Wild"} & {*calls(source)}:
            yield f"{module} makes a symbol"


def text_is_never_code(house: House) -> Iterator[str]:
    for module, source in house.items():
        for name in FORBIDDEN & {*calls(source)}:
            yield f"{module} calls {name}"
        names = {"import_module"} & {*calls(source)}
        if names and module not in DYNAMIC:
            yield f"{module} imports by a name in a string"


def files_are_short(house: House) -> Iterator[str]:
    for module, source in house.items():
        if (count := len(source.splitlines())) > MOST_LINES:
            yield f"{module} has {count} lines"


def public_things_say_what_they_are(house: House) -> Iterator[str]:
    for module, source in house.items():
        tree = ast.parse(source)
        public: list[tuple[str, ast.AST]] = [(module, tree)] if tree.body else []
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != "_":
                public.append((f"{module}.{node.name}", node))
        for name, node in public:
            if not ast.get_docstring(node):
                yield f"{name} has no docstring"


LAWS: tuple[Callable[[House], Iterator[str]], ...] = (
    imports_go_down,
    doors_are_used,
    imports_have_no_cycle,
    guests_stay_in_their_rooms,
    symbols_have_one_maker,
    text_is_never_code,
    files_are_short,
    public_things_say_what_they_are,
)


@pytest.mark.parametrize("law", LAWS)
def test_the_house_obeys(law):
    assert list(law(HOUSE)) == []


BAD = [
    (imports_go_down, "solver.domain", "import solver.layers", "domain on floor 1 imports"),
    (
        imports_go_down,
        "solver.sizemap",
        "from solver.inverse import solve",
        "imports solver.inverse",
    ),
    (
        imports_go_down,
        "solver.sizemap",
        "from solver.render import notebook",
        "imports solver.render",
    ),
    (imports_go_down, "solver.layers", "def f():\n    from solver.render import plain", "plain"),
    (imports_go_down, "solver.target", "if 1:\n    from solver.algebra import n", "solver.algebra"),
    (doors_are_used, "solver.layer", "", "from solver.layer to solver.render.notebook"),
    (imports_have_no_cycle, "solver.domain", "import solver.expression", "solver.domain"),
    (guests_stay_in_their_rooms, "solver.target", "def f():\n    import sympy", "imports sympy"),
    (guests_stay_in_their_rooms, "solver.layers", "from numpy import array", "imports numpy"),
    (guests_stay_in_their_rooms, "solver.inverse.axis", "import rich.table", "imports rich.table"),
    (guests_stay_in_their_rooms, "solver.render.plain", "import click", "imports click"),
    (symbols_have_one_maker, "solver.render.latex", "x = sympy.Symbol('x')", "makes a symbol"),
    (text_is_never_code, "solver.expression", "eval('1')", "calls eval"),
    (
        text_is_never_code,
        "solver.target",
        "def f(t):\n    return sympy.sympify(t)",
        "calls sympify",
    ),
    (text_is_never_code, "solver.cli.size", "__import__('os')", "calls __import__"),
    (text_is_never_code, "solver.target", "import_module('sympy')", "by a name in a string"),
    (files_are_short, "solver.layers", "\n" * 401, "401 lines"),
    (public_things_say_what_they_are, "solver.layers", "x = 1", "solver.layers has no docstring"),
    (public_things_say_what_they_are, "solver.fold", '"""A."""\ndef f(): ...', "solver.fold.f"),
]


@pytest.mark.parametrize(("law", "module", "source", "fault"), BAD)
def test_a_bad_house_does_not(law, module, source, fault):
    assert module in HOUSE
    assert any(fault in text for text in law({**HOUSE, module: source}))


def test_what_the_laws_allow():
    """They forbid what they mean, and no more."""
    fine = "import re\nif TYPE_CHECKING:\n    import solver.layers\nx = re.compile('a')\n"
    for law in (imports_go_down, guests_stay_in_their_rooms, text_is_never_code):
        assert list(law({**HOUSE, "solver.domain": fine})) == []


def test_every_module_has_a_floor():
    assert {module.rpartition(".")[0] for module in HOUSE} <= {"", "solver", *FLOORS}
    assert all(module in HOUSE for module in FLOORS)
    assert {module for module in HOUSE if module.count(".") == 1} | {"solver"} == set(FLOORS)


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
