"""Modules that hold others, in the words of a framework."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from solver.ground.named import NamedTuple
from solver.layers.operators import Operator


class Nested(NamedTuple):
    """Hold how a framework writes modules in one another.

    words: the modules of each operation, one a line, where {n} stands for its number, {c} for the
    channels, {less} for those of a gate, {d} for the axes and {sizes} for their places; where a
    number of axes is written otherwise it stands behind the word, as in "upsample1". classes:
    the lines of the classes that blocks and operations need, by name. imports: what is imported for
    which words; always: the last of them. first: a line for which words. several: a model with
    several outputs.
    """

    words: Mapping[str, str]
    classes: Mapping[str, str]
    imports: Mapping[str, str]
    always: str
    sequential: str = "nn.Sequential"
    identity: str = "nn.Identity()"
    first: tuple[str, str] = ("", "")
    several: str = ""

    def said(self, each: Operator, channels: int, axes: int) -> Iterator[str]:
        """Yield the modules of an operation.

        >>> from solver.frameworks.torch.branching import NESTED
        >>> list(NESTED.said(Operator("batchnorm"), 64, 2))
        ['nn.BatchNorm2d(64)']
        """
        words = self.words.get(f"{each.word}{axes}", self.words[each.word])
        return filled(words, each, channels, axes)

    def has(self, word: str, axes: int) -> bool:
        """Tell whether an operation is written for so many axes."""
        return bool(self.words.get(f"{word}{axes}", self.words.get(word)))

    def needs(self, word: str) -> list[str]:
        """The classes that an operation needs."""
        return [name for name in self.classes if f"{name}(" in self.words[word]]

    def program(self, used: Sequence[str], lines: Sequence[str]) -> str:
        """Imports, the classes that are used, and the model of these lines."""
        body = "\n".join([f"model = {self.sequential}(", *lines, ")"])
        word, line = self.first
        body = f"{line}\n{body}" if word and word in body else body
        return self._whole(used, "\n" * bool(used) + body)

    def returning(self, used: Sequence[str], parts: Sequence[str], steps: Sequence[str]) -> str:
        """The same of a model that has parts, and steps that return several outputs."""
        body = self.several.format(parts="\n".join(parts), steps="\n".join(steps))
        return self._whole(used, f"\n{body}")

    def _whole(self, used: Sequence[str], body: str) -> str:
        whole = "".join(f"\n\n{self.classes[name]}" for name in used) + f"\n{body}"
        imports = [line for word, line in self.imports.items() if word in whole]
        return "\n".join([*imports, self.always]) + "\n" + whole


def joins(lines: str, crop: str, concat: str) -> dict[str, str]:
    """The classes in which branches meet: added or one behind the other, cropped first or not.

    lines: those of a class with {name}, {crop} and {joined}; crop: those that crop; concat: what
    puts the values in found one behind the other.
    """
    return {
        f"{before}{join}": lines.format(
            name=f"{before}{join}", crop=crop if before else "", joined=joined
        )
        for join, joined in (("Add", "sum(found)"), ("Concat", concat))
        for before in ("", "Crop")
    }


def filled(words: str, each: Operator, channels: int, axes: int, **names: str) -> Iterator[str]:
    """Yield the lines of an operation with its numbers, the names of values, and places of sizes.

    The sizes stand where channels come last.
    """
    places = ", ".join(map(str, range(1, axes + 1)))
    ones = ", ".join(["1"] * axes)
    numbers = {"n": each.number, "c": channels, "d": axes, "less": each.less(channels)}
    for line in words.split("\n"):
        yield line.format(
            **numbers, **names, sizes=f"({places}{',' * (axes == 1)})", ones=f"({ones},)"
        )
