"""What a program takes from packages that are installed here: their source is read like it.

A name is read where it is used, from the file that tells it. Nothing is imported or executed.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from functools import cache
from importlib.machinery import PathFinder

from solver.errors import LimitError, SolverError
from solver.ground.files import read_bytes
from solver.reading.text.changes import FRAMEWORKS
from solver.reading.text.source import MOST_CHARACTERS, quietly, walk

#: Packages whose functions are known by their names, or are no part of a network.
_KNOWN = {
    *(*FRAMEWORKS, "tensorflow", "tf_keras", "flax", "numpy", "scipy", "matplotlib", "pandas"),
    *("PIL", "cv2", "sklearn", "tqdm", "paddle", "triton", "skimage", "h5py", "wandb"),
}
_NAMED = (ast.Name, ast.Attribute)
#: Models that a framework has are read, however it is called, as programs are.
_APPLICATIONS = re.compile(r"(tensorflow\.|tf\.)?keras\.(src\.)?applications\b")
#: What puts a function into the list of models of a package, by their names.
_REGISTERED = re.compile(r"^@register_model\s+def (\w+)\(", re.MULTILINE)


@cache
def is_package(name: str) -> bool:
    """Tell whether the source of what a module name begins with is read.

    >>> is_package("torch.nn"), is_package("os.path"), is_package("no_such_package_here")
    (False, False, False)
    """
    root = name.partition(".")[0]
    return bool(_root(root)) and (root not in _KNOWN or bool(_APPLICATIONS.match(name)))


@cache
def whole(name: str) -> str:
    """The whole name of what is meant by one: models of Keras have several.

    >>> whole("tf.keras.applications.ResNet50"), whole("timm.create_model")
    ('keras.applications.ResNet50', 'timm.create_model')
    """
    return _APPLICATIONS.sub(lambda found: f"keras.{found[2] or ''}applications", name, count=1)


@cache
def is_missing(name: str) -> bool:
    """Tell whether what a module name begins with is a package that is not installed.

    >>> is_missing("os.path"), is_missing("torch.nn"), is_missing("no_such_package_here.models")
    (False, False, True)
    """
    application, root = _APPLICATIONS.match(name), whole(name).partition(".")[0]
    known = root in sys.stdlib_module_names or (root in _KNOWN and not application)
    return not known and PathFinder.find_spec(root) is None


def registered(package: str, name: str) -> str | None:
    """The whole name of the function that makes a model of a package, None where there is none."""
    module = _registry(package).get(name)
    return module and f"{module}.{name}"


@cache
def _registry(package: str) -> dict[str, str]:
    """The functions of a package that make its models, with their modules."""
    folder, found = os.path.join(_root(package), "models"), dict[str, str]()
    files = sorted(os.listdir(folder)) if _root(package) and os.path.isdir(folder) else ()
    for file in files:
        if file.endswith(".py"):
            data = read_bytes(os.path.join(folder, file), MOST_CHARACTERS, "what is imported")
            names = _REGISTERED.findall(data.decode(errors="replace"))
            found |= dict.fromkeys(names, f"{package}.models.{file.removesuffix('.py')}")
    return found


def file_of(name: str) -> str | None:
    """The path of the file of a module by its whole name, None where there is none."""
    root, *rest = name.split(".")
    if not is_package(name):
        return None
    folder = _root(root)
    path = os.path.join(folder, *rest)
    paths = (os.path.join(path, "__init__.py"), f"{path}.py")
    return next((each for each in paths if os.path.isfile(each)), None)


def absolute(path: str, module: str, level: int) -> str:
    """The whole name of what a file of a package imports by dots."""
    inside = path.removesuffix(".py").removesuffix(os.sep + "__init__")
    folder = os.path.dirname(path)
    above = [os.path.basename(inside)] if not path.endswith("__init__.py") else []
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, name = os.path.split(folder)
        above.insert(0, name)
    upwards = level - path.endswith("__init__.py")
    kept = above[: len(above) - upwards] if level else []
    return ".".join([*kept, *([module] if module else [])])


@cache
def told_in(name: str, most: int = 12) -> tuple[str, str] | None:
    """The file that tells a name of a package, and the name there; None where none does.

    most: how many files may pass it on.
    """
    module, _, word = name.rpartition(".")
    path = file_of(module) if word and most else None
    if path is None:
        return None
    own, elsewhere, stars = _names(path)
    if word in own:
        return path, word
    ways = [elsewhere[word]] if word in elsewhere else [f"{star}.{word}" for star in stars]
    found = (told_in(way, most - 1) for way in ways)
    return next((each for each in found if each is not None), None)


def public(module: str, most: int = 12) -> list[str]:
    """The names that `from module import *` takes from a package.

    most: how many files may pass them on.
    """
    path = file_of(module) if most else None
    if path is None:
        return []
    own, elsewhere, stars = _names(path)
    passed = {word for word, name in elsewhere.items() if is_package(name)}
    found = own | passed | {word for star in stars for word in public(star, most - 1)}
    return sorted(word for word in found if not word.startswith("_"))


def used(tree: ast.Module) -> list[str]:
    """The files that tell what a program names of packages."""
    words, found = dict[str, str](), dict[str, None]()
    for node in walk(tree):
        if isinstance(node, ast.Import):
            names = ((x.asname or x.name.partition(".")[0], x) for x in node.names)
            words |= {word: x.name if x.asname else word for word, x in names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            words |= {x.asname or x.name: f"{node.module}.{x.name}" for x in node.names}
    words = {word: name for word, name in words.items() if is_package(name)}
    for node in walk(tree) if words else ():
        root, _, rest = ast.unparse(node).partition(".") if isinstance(node, _NAMED) else ("",) * 3
        if root in words and (told := told_in(f"{words[root]}.{rest}".strip("."))):
            found[told[0]] = None
    return [*found]


@cache
def _root(name: str) -> str:
    """The folder of a package, empty for one that is not read."""
    if not name or name in sys.stdlib_module_names:
        return ""
    found = PathFinder.find_spec(name)
    known = found is not None and found.origin and found.submodule_search_locations
    return next(iter(known or ()), "")


@cache
def _names(path: str) -> tuple[set[str], dict[str, str], list[str]]:
    """What a file tells itself, what it imports by which whole name, and from where all."""
    own, elsewhere, stars = set[str](), dict[str, str](), list[str]()
    try:
        data = read_bytes(path, MOST_CHARACTERS, "what is imported")
        body = quietly(data.decode(errors="replace")).body
    except (LimitError, SolverError, SyntaxError, ValueError):
        return own, elsewhere, stars
    for part in body:
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            own.add(part.name)
        elif isinstance(part, (ast.Assign, ast.AnnAssign)):
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            own |= {each.id for each in targets if isinstance(each, ast.Name)}
        elif isinstance(part, ast.ImportFrom):
            base = absolute(path, part.module or "", part.level)
            for each in part.names:
                if each.name == "*":
                    stars.append(base)
                else:
                    elsewhere[each.asname or each.name] = f"{base}.{each.name}"
    return own, elsewhere, stars
