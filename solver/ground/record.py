"""Values of named fields, whose constructor is written once.

A dataclass writes and compiles its methods when it is made, which takes a command that uses sixty
of them longer than its answer. A record has the same face and makes no code.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar, dataclass_transform

from solver.ground.value import Value

R = TypeVar("R", bound="Record")


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

    def __init_subclass__(cls) -> None:
        own = (name for name, kind in cls.__annotations__.items() if "ClassVar" not in str(kind))
        cls.fields = tuple(dict.fromkeys((*cls.fields, *own)))
        cls.__match_args__ = cls.fields  # type: ignore[attr-defined,misc]

    def __init__(self, *values: Any, **named: Any) -> None:
        names = self.fields
        given = {**dict(zip(names, values, strict=False)), **named}
        wanted = [name for name in names if not hasattr(type(self), name)]
        if len(given) < len(values) + len(named) or not {*wanted} <= given.keys() <= {*names}:
            usual = (n if n in wanted else f"{n}={getattr(type(self), n)!r}" for n in names)
            raise TypeError(f"{type(self).__name__} takes {', '.join(usual)}")
        self.__dict__.update(given)

    def made_of(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.fields)

    def replaced(self: R, **changes: Any) -> R:
        """The same with other values for some of its fields."""
        return type(self)(**dict(zip(self.fields, self.made_of(), strict=True)) | changes)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __repr__(self) -> str:
        pairs = zip(self.fields, self.made_of(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"
