"""Tuples whose places have names; to make a class of them compiles nothing.

`typing.NamedTuple` compiles every annotation and a constructor for each class, which takes a
command that loads forty of them longer than its answer. Here the constructor of a class is compiled
when its first tuple is made. Type checkers see the one of `typing`, and what it can do is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import _tuplegetter, namedtuple

    class _Constructor:
        """The constructor of a class, compiled when it is first asked for."""

        def __get__(self, _, cls):
            home = next(base for base in cls.__mro__ if "_fields" in vars(base))
            defaults = home._field_defaults.values()
            home.__new__ = namedtuple(home.__name__, home._fields, defaults=defaults).__new__
            return home.__new__

    class _Named(type):
        """Give a class the places that it annotates; what it sets for one is its default."""

        def __new__(mcs, name, bases, space):
            fields = tuple(space.get("__annotations__", ()))
            if fields:
                space |= {
                    "__new__": _Constructor(),
                    "__match_args__": fields,
                    "_fields": fields,
                    "_field_defaults": {key: space[key] for key in fields if key in space},
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
