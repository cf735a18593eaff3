"""Functions of Python that go through values and call functions of the program on them."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable
from typing import Any

from solver.reading.text.comparing import compare, truth
from solver.reading.text.containers import Containers
from solver.reading.text.deque import Deque
from solver.reading.text.inside import copied
from solver.reading.text.values import (
    Bound,
    Builtin,
    Defaults,
    Dotted,
    Flow,
    Instance,
    ModuleChain,
    Names,
    Opaque,
    Unfollowed,
    UserClass,
    is_list,
)
from solver.sizes.width import is_int

Rule = Callable[[Containers, str, list[Any], Names, ast.AST], Any]


def _map(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    function, *lists = args
    rows = zip(*(at.items(each, node) for each in lists), strict=False)
    return Flow(at.run(function, [*row], {}, node) for row in rows)


def _starmap(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    rows = at.items(args[1], node)
    return Flow(at.run(args[0], [*at.items(row, node)], {}, node) for row in rows)


def _filter(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    turned = path.endswith("filterfalse")
    values = at.items(args[1], node)
    return Flow(each for each in values if _kept(at, args[0], each, node) != turned)


def _takewhile(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    values = at.items(args[1], node)
    return Flow(itertools.takewhile(lambda x: _kept(at, args[0], x, node), values))


def _dropwhile(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    values = at.items(args[1], node)
    return Flow(itertools.dropwhile(lambda x: _kept(at, args[0], x, node), values))


def _kept(at: Containers, test: Any, value: Any, node: ast.AST) -> bool:
    held = truth(value if test is None else at.run(test, [value], {}, node), at.build.decide)
    if held is None:
        raise at.unfollowed(node, "nobody knows what is kept", at.text(node))
    return held


def _reduce(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    found, *rest = [*args[2:], *at.items(args[1], node)]
    for each in rest:
        found = at.run(args[0], [found, each], {}, node)
    return found


def _accumulate(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    initial = keywords.get("initial")
    values = [*([] if initial is None else [initial]), *at.items(args[0], node)]
    function = args[1] if len(args) > 1 else keywords.get("func")
    found: list[Any] = []
    for each in values:
        if not found:
            found.append(each)
        elif function is None:
            found.append(at.binary(node, ast.Add(), found[-1], each))
        else:
            found.append(at.run(function, [found[-1], each], {}, node))
    return found


def _sorted(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    return at.in_order([*at.items(args[0], node)], keywords, node)


def _all(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    stops = path == "any"
    held = [truth(each, at.build.decide) for each in at.items(args[0], node)]
    return stops if stops in held else Opaque(at.text(node)) if None in held else not stops


def first_of(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    """Read max and min of what has no formula: the first that no other beats."""
    values = [*at.items(args[0], node)] if len(args) == 1 else args
    if not values:
        return keywords.get("default", NotImplemented)
    key = keywords.get("key")
    pairs = [(each if key is None else at.run(key, [each], {}, node), each) for each in values]
    op = ast.Gt() if path == "max" else ast.Lt()
    best = pairs[0]
    for pair in pairs[1:]:
        beats = compare(op, pair[0], best[0], at.build.decide)
        if beats is None:
            return Opaque(at.text(node))
        best = pair if beats else best
    return best[1]


def _grouped(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    """Read groupby, where what it groups by are plain numbers and words."""
    first, key = [*args, keywords.get("key")][:2]
    values = [*at.items(first, node)]
    keys = values if key is None else [at.run(key, [each], {}, node) for each in values]
    if not all(type(each) in (int, float, str, bool) for each in keys):
        raise at.unfollowed(node, "nobody knows what is grouped", at.text(node))
    pairs = zip(keys, values, strict=True)
    groups = itertools.groupby(pairs, key=lambda pair: pair[0])
    return Flow((word, [each for _, each in group]) for word, group in groups)


def _of_lists(made: Callable[..., Any]) -> Rule:
    """The rule of a function of itertools that calls none."""

    def rule(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        lists = [at.items(each, node) if _goes(each) else each for each in args]
        return Flow(made(*lists, **keywords))

    return rule


def _goes(value: Any) -> bool:
    several = is_list(value) or isinstance(value, (dict, range, str, set, ModuleChain))
    return several or isinstance(value, (Instance, Unfollowed, Flow))


def _joined(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    return Flow(each for part in at.items(args[0], node) for each in at.items(part, node))


def _repeat(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    times = [*args[1:], *keywords.values()]
    if any(not is_int(each) for each in times):
        return Unfollowed(at.text(node))
    return Flow(itertools.repeat(args[0], *times))


def _count(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    numbers = [*args, *keywords.values()]
    if any(not is_int(each) for each in numbers):
        return Unfollowed(at.text(node))
    return Flow(itertools.count(*args, **keywords))


def _cycle(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    return Flow(itertools.cycle(at.items(args[0], node)))


def _next(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    if args and isinstance(args[0], Flow):
        for each in at.items(args[0], node):
            return each
    elif not args or args[0]:
        return Unfollowed(at.text(node))
    if len(args) > 1:
        return args[1]
    if is_list(args[0]):  # such as of parameters
        return NotImplemented
    raise at.missing_entry(node, "StopIteration")


def _iter(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    return args[0] if isinstance(args[0], Flow) else Flow(at.items(args[0], node))


def _deque(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    maxlen = args[1] if len(args) > 1 else keywords.get("maxlen")
    if maxlen is not None and not is_int(maxlen):
        return Unfollowed(at.text(node))
    return Deque([*at.items(args[0], node)] if args else [], maxlen)


def _counter(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    counts = Defaults(Builtin(lambda: 0))
    for each in at.items(args[0], node) if args else ():
        if not isinstance(each, (int, float, str)):
            return Unfollowed(at.text(node))
        counts[each] = counts.get(each, 0) + 1
    return counts


def _from_keys(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    keys, value = [*at.items(args[0], node)], (*args[1:], None)[0]
    known = all(isinstance(each, (int, float, str)) for each in keys)
    return dict.fromkeys(keys, value) if known else Unfollowed(at.text(node))


def _named_tuple(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    """Read namedtuple: a class of settings."""
    name, fields = args[:2]
    fields = fields.replace(",", " ").split() if isinstance(fields, str) else list(fields)
    made = UserClass(str(name), [Dotted("NamedTuple")], at.source.at(node)[0])
    made.fields = [each for each in fields if isinstance(each, str)]
    defaults = keywords.get("defaults") or ()
    behind = made.fields[len(made.fields) - len(defaults) :]
    made.names.update(zip(behind, defaults, strict=True))
    return made


def replaced(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    """Read replace: a copy of settings with others in the places of some."""
    if len(args) != 1 or not isinstance(args[0], Instance):
        return Unfollowed(at.text(node))
    made = copied(args[0], False, {})
    made.names.update(keywords)
    after = made.of.find("__post_init__")
    if after is not None:
        at.run(Bound(after[0], made), [], {}, node)
    return made


def _entries(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    """Read asdict and astuple: what settings hold, and settings in them."""
    known = len(args) == 1 and isinstance(args[0], Instance) and args[0].entries is not None
    if not known or keywords:
        return Unfollowed(at.text(node))

    def inner(value: Any) -> Any:
        held = value.entries if isinstance(value, Instance) else None
        if held is not None:
            found = {name: inner(each) for name, each in held.items()}
            return found if path.endswith("asdict") else tuple(found.values())
        if isinstance(value, dict):
            return {name: inner(each) for name, each in value.items()}
        return type(value)(map(inner, value)) if type(value) in (list, tuple) else value

    return inner(args[0])


def _copy(at: Containers, path: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
    return copied(args[0], path.endswith("deepcopy"), {}) if args else NotImplemented


RULES: dict[str, Rule] = {
    "map": _map, "starmap": _starmap, "filter": _filter, "filterfalse": _filter,
    "takewhile": _takewhile, "dropwhile": _dropwhile, "reduce": _reduce,
    "accumulate": _accumulate, "sorted": _sorted, "any": _all, "all": _all, "next": _next,
    "iter": _iter, "chain": _of_lists(itertools.chain), "from_iterable": _joined,
    "product": _of_lists(itertools.product), "permutations": _of_lists(itertools.permutations),
    "combinations": _of_lists(itertools.combinations), "pairwise": _of_lists(itertools.pairwise),
    "zip_longest": _of_lists(itertools.zip_longest), "islice": _of_lists(itertools.islice),
    "repeat": _repeat, "count": _count, "cycle": _cycle, "deque": _deque, "copy": _copy,
    "deepcopy": _copy, "Counter": _counter, "fromkeys": _from_keys, "groupby": _grouped,
    "namedtuple": _named_tuple, "replace": replaced,
    "asdict": _entries, "astuple": _entries,
}  # fmt: skip
