"""Tuples whose places have names; to make a class of them compiles nothing.

`typing.NamedTuple` compiles every annotation and a constructor for each class, which takes a
command that loads forty of them longer than its answer. Here the constructors are written out, one
for each number of places up to fifteen, and a class gives them its names. Type checkers see the one
of `typing`, and what it can do is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter
    from types import FunctionType

    _new = tuple.__new__

    def _1(_cls, a):
        return _new(_cls, (a,))

    def _2(_cls, a, b):
        return _new(_cls, (a, b))

    def _3(_cls, a, b, c):
        return _new(_cls, (a, b, c))

    def _4(_cls, a, b, c, d):
        return _new(_cls, (a, b, c, d))

    def _5(_cls, a, b, c, d, e):
        return _new(_cls, (a, b, c, d, e))

    def _6(_cls, a, b, c, d, e, f):
        return _new(_cls, (a, b, c, d, e, f))

    def _7(_cls, a, b, c, d, e, f, g):
        return _new(_cls, (a, b, c, d, e, f, g))

    def _8(_cls, a, b, c, d, e, f, g, h):
        return _new(_cls, (a, b, c, d, e, f, g, h))

    def _9(_cls, a, b, c, d, e, f, g, h, i):
        return _new(_cls, (a, b, c, d, e, f, g, h, i))

    def _10(_cls, a, b, c, d, e, f, g, h, i, j):
        return _new(_cls, (a, b, c, d, e, f, g, h, i, j))

    def _11(_cls, a, b, c, d, e, f, g, h, i, j, k):
        return _new(_cls, (a, b, c, d, e, f, g, h, i, j, k))

    def _12(_cls, a, b, c, d, e, f, g, h, i, j, k, z):
        return _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, z))

    def _13(_cls, a, b, c, d, e, f, g, h, i, j, k, z, m):
        return _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, z, m))

    def _14(_cls, a, b, c, d, e, f, g, h, i, j, k, z, m, n):
        return _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, z, m, n))

    def _15(_cls, a, b, c, d, e, f, g, h, i, j, k, z, m, n, o):
        return _new(_cls, (a, b, c, d, e, f, g, h, i, j, k, z, m, n, o))

    #: The constructors by their numbers of places, which have no names yet.
    _CONSTRUCTORS = (None, _1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _13, _14, _15)

    class _Named(type):
        """Give a class the places that it annotates; what it sets for one is its default."""

        def __new__(mcs, name, bases, space):
            fields = tuple(space.get("__annotations__", ()))
            if fields:
                defaults = {key: space[key] for key in fields if key in space}
                made = _CONSTRUCTORS[len(fields)]
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
            return _new(cls, values)

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
