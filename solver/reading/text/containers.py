"""Methods of lists, dictionaries, sets and words, which may change them in place."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any

from solver.reading.text.arithmetic import limited, undecided, unknown
from solver.reading.text.changes import forget
from solver.reading.text.comparing import compare
from solver.reading.text.inputs import InputCalls
from solver.reading.text.values import (
    Dotted,
    Names,
    Opaque,
    Unfollowed,
    is_list,
    unfollowed,
)
from solver.reading.text.words import formatted, joined

#: These put a value in as it is, and do not go through it.
_KEEPING = ("append", "appendleft", "insert", "setdefault", "get")
#: What these methods do, they do to lists of anything.
_LISTS = ("append", "insert", "pop", "clear", "reverse", "copy", "popleft", "appendleft", "rotate")
_DICTS = ("pop", "popitem", "clear", "setdefault", "copy", "items", "keys", "values", "get")
_SETS = (
    "add", "discard", "remove", "clear", "copy", "update", "union", "intersection", "difference",
    "issubset", "issuperset", "pop",
)  # fmt: skip
_WORDS = (
    "lower", "upper", "strip", "lstrip", "rstrip", "split", "rsplit", "startswith", "endswith",
    "replace", "join", "capitalize", "title", "isdigit", "count", "find", "removeprefix",
    "removesuffix", "zfill", "partition", "rpartition", "index", "splitlines", "isalpha",
    "isnumeric", "isupper", "islower", "rfind", "rindex", "isidentifier", "casefold",
)  # fmt: skip


class Containers(InputCalls):
    """Work out methods of what Python holds values in."""

    def of_held(self, of: Any, word: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        """What a method of a list, dictionary, set or word gives."""
        if isinstance(of, str):
            args = [self.settled(each, node) for each in args]
            return self._of_word(of, word, args, keywords, node)
        if unfollowed(of):
            return Unfollowed(self.text(node))
        if word not in _KEEPING:
            args = [self.settled(each, node) for each in args]
        kind = "list" if is_list(of) else "dict" if isinstance(of, dict) else "set"
        found = getattr(self, f"_{kind}_{word}", None)
        known = {"list": _LISTS, "dict": _DICTS, "set": _SETS}[kind]
        if found is not None:
            return found(of, args, keywords, node)
        if word not in known or not hasattr(of, word) or (keywords and kind != "dict"):
            forget(of, Unfollowed(self.text(node)))
            return Unfollowed(self.text(node))
        if kind != "list" and word != "update":
            args = [*(self.key(arg, of) for arg in args[:1]), *args[1:]]
        if kind != "list" and any(undecided(arg) or isinstance(arg, list) for arg in args[:1]):
            forget(of, Unfollowed(self.text(node)))  # a key that is not known
            return Unfollowed(self.text(node))
        return self._done(of, word, args, keywords, node)

    def _done(self, of: Any, word: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if word in ("pop", "insert", "rotate") and any(map(undecided, args[:1])):
            forget(of, Unfollowed(self.text(node)))
            return Unfollowed(self.text(node))
        limited(len(of))
        try:
            found = getattr(of, word)(*args, **keywords)
        except (LookupError, TypeError, ValueError) as fault:
            raise self.missing_entry(node, type(fault).__name__) from None
        return list(found) if word in ("items", "keys", "values") else found

    # Lists

    def _list_extend(self, of: Any, args: list[Any], keywords: Names, node: ast.AST) -> None:
        if args and unfollowed(args[0]):
            forget(of, Unfollowed(self.text(node)))
            return
        added = list(self.items(args[0], node)) if args else []
        limited(len(of) + len(added))
        of.extend(added)

    def _list_extendleft(self, of: Any, args: list[Any], keywords: Names, node: ast.AST) -> None:
        of[:0] = [*self.items(args[0], node)][::-1]

    def _list_remove(self, of: Any, args: list[Any], keywords: Names, node: ast.AST) -> None:
        del of[self._list_index(of, args, keywords, node)]

    def _list_index(self, of: Any, args: list[Any], keywords: Names, node: ast.AST) -> int:
        for at, each in enumerate(of):
            same = each is args[0] or compare(ast.Eq(), each, args[0], self.build.decide)
            if same is None:
                raise self.unfollowed(node, "nobody knows which entry this is", self.text(node))
            if same:
                return at
        raise self.missing_entry(node, "ValueError")

    def _list_count(self, of: Any, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        same = [compare(ast.Eq(), each, args[0], self.build.decide) for each in of]
        return Opaque(self.text(node)) if None in same else same.count(True)

    def _list_sort(self, of: Any, args: list[Any], keywords: Names, node: ast.AST) -> None:
        of[:] = self.in_order(of, keywords, node)

    def in_order(self, values: Sequence[Any], keywords: Names, node: ast.AST) -> list[Any]:
        """Values in order, as sorted() puts them: by what a function makes of them, if one does."""
        key, backwards = keywords.get("key"), keywords.get("reverse", False)
        made = [each if key is None else self.run(key, [each], {}, node) for each in values]

        def less(one: tuple[Any, Any], two: tuple[Any, Any]) -> int:
            for a, b, found in ((one, two, -1), (two, one, 1)):
                before = compare(ast.Lt(), a[0], b[0], self.build.decide)
                if before is None:
                    raise self.unfollowed(node, "nobody knows this order", self.text(node))
                if before:
                    return found
            return 0

        if not isinstance(backwards, int):
            raise self.unfollowed(node, "nobody knows this order", self.text(node))
        both = [*zip(made, values, strict=True)]
        pairs = sorted(both, key=cmp_to_key(less), reverse=bool(backwards))
        return [each for _, each in pairs]

    # Dictionaries and sets

    def _dict_move_to_end(
        self, of: Any, args: list[Any], keywords: Names, node: ast.AST
    ) -> Unfollowed | None:
        key = self.key(args[0], of) if args else keywords.get("key")
        last = args[1] if len(args) > 1 else keywords.get("last", True)
        if undecided(key) or undecided(last):
            forget(of, Unfollowed(self.text(node)))
            return Unfollowed(self.text(node))
        if key not in of:
            raise self.missing_entry(node, "KeyError")
        moved = {key: of.pop(key)}
        found = {**of, **moved} if last else {**moved, **of}
        of.clear()
        of.update(found)
        return None

    def _dict_update(self, of: Any, args: list[Any], keywords: Names, node: ast.AST) -> None:
        for given in args:
            if isinstance(given, dict) and not unfollowed(given):
                of.update(given)
                continue
            pairs = [*self.items(given, node)] if is_list(given) else []
            if (
                not pairs
                or not all(is_list(p) and len(p) == 2 for p in pairs)
                or unknown([key for key, _ in pairs])
            ):
                forget(of, Unfollowed(self.text(node)))
                return
            of.update(dict(pairs))
        of.update(keywords)

    # What argparse reads from a command line: what is not given there has its default

    def _dict_add_argument(self, of: Any, args: list[Any], keywords: Names, node: ast.AST) -> None:
        flags = [each for each in args if isinstance(each, str)]
        long = [each for each in flags if each.startswith("--")] or flags
        name = keywords.get("dest") or (long[0].lstrip("-").replace("-", "_") if long else "")
        stored = {"store_true": False, "store_false": True}.get(str(keywords.get("action")))
        default = keywords.get("default", Opaque(name) if stored is None else stored)
        kind = keywords.get("type")
        if isinstance(default, str) and isinstance(kind, Dotted) and kind.path in ("int", "float"):
            default = self.run(kind, [default], {}, node)
        of.setdefault(name, self.option(name, default))

    def option(self, name: str, default: Any) -> Any:
        """What an option of the command line is: its default, where nobody tells another."""
        return default

    def _dict_add_argument_group(
        self, of: Any, args: list[Any], keywords: Names, node: ast.AST
    ) -> Any:
        return of

    _dict_add_mutually_exclusive_group = _dict_add_argument_group

    def _dict_set_defaults(self, of: Any, args: list[Any], keywords: Names, node: ast.AST) -> None:
        of.update(keywords)

    def _dict_parse_args(self, of: Any, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        return dict(of)

    def _dict_parse_known_args(
        self, of: Any, args: list[Any], keywords: Names, node: ast.AST
    ) -> Any:
        return dict(of), []

    def _set_update(self, of: Any, args: list[Any], keywords: Names, node: ast.AST) -> None:
        for given in args:
            of.update(self.items(given, node))

    # Words

    def _of_word(self, of: str, word: str, args: list[Any], keywords: Names, node: ast.AST) -> Any:
        if word == "format":
            return formatted(of, args, keywords)
        if word == "join" and args and is_list(args[0]):
            between = [part for each in args[0] for part in (of, each)][1:]
            return joined(between)
        plain = all(isinstance(arg, (str, int, type(None))) for arg in args)
        if word not in _WORDS or not plain or keywords:
            return Opaque(self.text(node))
        return self.pointed(node, lambda: getattr(of, word)(*args))
