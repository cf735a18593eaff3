"""A property that is worked out once, and no dearer than that.

Before Python 3.12 `functools.cached_property` takes a lock for each value, which costs more than
many a value does. Type checkers see that one, and what it can do is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from functools import cached_property as once
else:

    class once:
        """Put what a method gives in its place when it is first asked.

        >>> class Size:
        ...     @once
        ...     def area(self):
        ...         print("worked out")
        ...         return 6
        >>> size = Size()
        >>> size.area, size.area
        worked out
        (6, 6)
        """

        def __init__(self, method):
            self.method, self.__doc__ = method, method.__doc__

        def __set_name__(self, owner, name):
            self.name = name

        def __get__(self, instance, owner=None):
            if instance is None:
                return self
            value = instance.__dict__[self.name] = self.method(instance)
            return value


__all__ = ["once"]
