"""Values of named fields, whose constructor is written once.

A dataclass writes and compiles its methods when it is made, which takes a command that uses sixty
of them longer than its answer. A record has the same face and makes no code.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self, dataclass_transform

from solver.ground.value import Value


@dataclass_transform(frozen_default=True)
class Record(Value):
    """Hold the fields that a class and its bases annotate; what a class sets is their default.

    Records are immutable, and equal where all their fields are.

    >>> class Size(Record):
    ...     height: int
    ...     width: int = 1
    >>> Size(3), Size(3, 1) == Size(height=3), Size(3).replaced(width=2)
    (Size(height=3, width=1), True, Size(height=3, width=2))
    >>> Size()
    Traceback (most recent call last):
        ...
    TypeError: Size takes height, width=1
    """

    fields: ClassVar[tuple[str, ...]] = ()
    _known: ClassVar[frozenset[str]] = frozenset()
    _needed: ClassVar[frozenset[str]] = frozenset()
    _least: ClassVar[int] = 0  # values in order, with which none of the needed is missing

    def __init_subclass__(cls) -> None:
        own = (name for name, kind in cls.__annotations__.items() if "ClassVar" not in str(kind))
        cls.fields = tuple(dict.fromkeys((*cls.fields, *own)))
        cls._known = frozenset(cls.fields)
        needed = [at for at, name in enumerate(cls.fields, 1) if not hasattr(cls, name)]
        cls._needed = frozenset(cls.fields[at - 1] for at in needed)
        cls._least = max(needed, default=0)
        cls.__match_args__ = cls.fields  # type: ignore[attr-defined,misc]

    def __init__(self, *values: Any, **named: Any) -> None:
        given = self.__dict__
        given.update(zip(self.fields, values, strict=False))
        if named:
            given.update(named)
        elif self._least <= len(values) <= len(self.fields):
            return
        if (
            len(given) != len(values) + len(named)
            or not self._needed <= given.keys() <= self._known
        ):
            usual = (
                name if name in self._needed else f"{name}={getattr(type(self), name)!r}"
                for name in self.fields
            )
            raise TypeError(f"{type(self).__name__} takes {', '.join(usual)}")

    def made_of(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.fields)

    def replaced(self, **changes: Any) -> Self:
        """The same with other values for some of its fields."""
        return type(self)(**{name: getattr(self, name) for name in self.fields} | changes)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __repr__(self) -> str:
        parts = (f"{name}={getattr(self, name)!r}" for name in self.fields)
        return f"{type(self).__name__}({', '.join(parts)})"
