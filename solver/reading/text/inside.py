"""What is in a value of a program: tensors, parts, modules by their paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from solver.errors import LimitError
from solver.reading.functions.call import Wire
from solver.reading.text.deque import Deque
from solver.reading.text.values import (
    LISTS,
    MODULES,
    Instance,
    Leaf,
    ModuleChain,
    Unfollowed,
    is_list,
)

MOST_LEAVES, MOST_NESTED = 50_000, 120


def wires_in(value: Any) -> list[Wire]:
    """The tensors in a value."""
    found = [each.wire if isinstance(each, Unfollowed) else each for each in parts_of(value)]
    return [each for each in found if isinstance(each, Wire)]


def outputs_in(value: Any) -> list[tuple[str, Wire]]:
    """The tensors in a value, each with the keys and places that lead to it.

    >>> outputs_in({"low": Wire(3), "deep": [Wire(4), Wire(5)]})
    [('low', Wire(at=3)), ('deep.0', Wire(at=4)), ('deep.1', Wire(at=5))]
    """
    wires_in(value)  # raises where lists hold themselves
    stack, found = [("", value)], list[tuple[str, Wire]]()
    while stack:
        name, each = stack.pop()
        if isinstance(each, Unfollowed) and each.wire is not None:
            each = each.wire
        if isinstance(each, Wire):
            found.append((name, each))
        if isinstance(each, Instance) and each.entries is not None:
            each = each.entries
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
    return (each for each in parts_of(value) if not (is_list(each) or isinstance(each, dict)))


def parts_of(value: Any) -> list[Any]:
    """A value and all that is in it, however lists and dictionaries are nested."""
    stack, found = [value], []
    while stack:
        each = stack.pop()
        found.append(each)
        if isinstance(each, Instance):
            each = each.entries
        if type(each) in LISTS:
            stack += each[::-1]
        elif isinstance(each, dict):
            stack.extend(reversed(each.values()))
        else:
            continue
        if len(found) + len(stack) > MOST_LEAVES:
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
    return len(value) if isinstance(value, set) else len(parts_of(value)) - 1


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
            parts += (
                [(str(x), y) for x, y in value.names.items()] if isinstance(value, Instance) else []
            )
        else:
            continue
        if id(value) in seen:
            continue
        seen.add(id(value))
        prefix = f"{path}." if path else ""
        parts.reverse()
        stack.extend((prefix + name if name else path, each, depth + 1) for name, each in parts)


def copied(value: Any, deep: bool, seen: dict[int, Any]) -> Any:
    """A copy of a module, list or dictionary; deep: and of all that is in it."""
    if id(value) in seen:
        return seen[id(value)]

    def inner(each: Any) -> Any:
        return copied(each, deep, seen) if deep else each

    made: Any = value
    if isinstance(value, Leaf):
        made = Leaf(value.title, value.made, value.line)
        made.names = {name: inner(each) for name, each in value.names.items()}
    elif isinstance(value, ModuleChain):
        made = seen[id(value)] = ModuleChain((), value.sequential, value.keyed)
        made.children = [(name, inner(each)) for name, each in value.children]
        made.names = {name: inner(each) for name, each in value.names.items()}
    elif isinstance(value, Instance):
        made = seen[id(value)] = Instance(value.of)
        made.names = {name: inner(each) for name, each in value.names.items()}
        made.chain = None if value.chain is None else copied(value.chain, deep, seen)
    elif isinstance(value, dict):
        made = {name: inner(each) for name, each in value.items()}
    elif isinstance(value, Deque):
        made = Deque([inner(each) for each in value], value.maxlen)
    elif is_list(value):
        made = type(value)([inner(each) for each in value])
    seen[id(value)] = made
    return made
