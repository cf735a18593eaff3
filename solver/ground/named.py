"""Tuples whose places have names; to make a class of them compiles nothing.

`typing.NamedTuple` compiles every annotation and a constructor for each class, which takes a
command that loads forty of them longer than its answer. Here one constructor is compiled for each
number of places, and a class gives them its names. Type checkers see the one of `typing`, and what
it can do is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter, namedtuple
    from functools import cache
    from types import FunctionType

    @cache
    def _constructor(places):
        """The constructor of tuples of so many places, which have no names yet."""
        return namedtuple("_", [f"at_{at}" for at in range(places)]).__new__

    class _Named(type):
        """Give a class the places that it annotates; what it sets for one is its default."""

        def __new__(mcs, name, bases, space):
            fields = tuple(space.get("__annotations__", ()))
            if fields:
                defaults = {key: space[key] for key in fields if key in space}
                made = _constructor(len(fields))
                names = {"co_varnames": ("_cls", *fields), "co_qualname": f"{name}.__new__"}
                code = made.__code__.replace(**names)
                space |= {
                    "__new__": FunctionType(
                        code, made.__globals__, "__new__", tuple(defaults.values())
                    ),
                    "__match_args__": fields,
                    "_fields": fields,
                    "_field_defaults": defaults,
                    **{key: _tuplegetter(at, key) for at, key in enumerate(fields)},
                }
            space.setdefault("__slots__", ())
            return super().__new__(mcs, name, bases, space)

    class NamedTuple(tuple, metaclass=_Named):
        """Hold the fields that a class annotates, in order.

        >>> class Size(NamedTuple):
        ...     height: int
        ...     width: int = 1
        >>> Size(3), Size(width=2, height=3)[1], Size(3) == (3, 1), Size(3)._replace(width=2)
        (Size(height=3, width=1), 2, True, Size(height=3, width=2))
        >>> Size()
        Traceback (most recent call last):
            ...
        TypeError: Size.__new__() missing 1 required positional argument: 'height'
        """

        _fields = ()

        @classmethod
        def _make(cls, values):
            return tuple.__new__(cls, values)

        def _replace(self, **changes):
            changed = self._make(map(changes.pop, self._fields, self))
            if changes:
                raise ValueError(f"{type(self).__name__} has no {', '.join(changes)}")
            return changed

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self):
            return tuple(self)

        def __repr__(self):
            parts = map("{}={!r}".format, self._fields, self)
            return f"{type(self).__name__}({', '.join(parts)})"
