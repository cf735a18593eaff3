"""An oracle for marks: every stack written out, every size and field on the way worked out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from math import ceil
from typing import Any

import blocks

from solver import Space, either, mark, optional, repeat, through
from solver.layers.marking import Mark

# A route is a list of ("part", spec of blocks), ("mark", ask), ("through", ask), ("either", route,
# route), ("repeat", route, least, most). An ask is (size, limits), sizes as the library takes them.
# A row is a tuple of what rows of blocks hold, and ("mark", number of the mark).


def part(route: Any) -> Any:
    """Return a route as the library takes it."""
    made = []
    for kind, *rest in route:
        if kind == "part":
            made.append(blocks.part(rest[0]))
        elif kind in ("mark", "through"):
            size, limits = rest[0]
            made.append((mark if kind == "mark" else through)(size, **limits))
        elif kind == "either":
            made.append(either(*map(part, rest)))
        else:
            inner, least, most = rest
            few = (least, most) == (0, 1)
            made.append(optional(part(inner)) if few else repeat(part(inner), f"{least}..{most}"))
    return made


def rows(route: Any, channels: int) -> Iterator[tuple[Any, ...]]:
    """Yield every row of a route, with all its marks, some perhaps twice."""
    found: list[tuple[Any, ...]] = [()]
    for kind, *rest in route:
        longer = []
        for row in found:
            wide = blocks.after(bare(row), channels)
            if kind == "part":
                more: Any = blocks.rows(rest[0], wide)
            elif kind == "?":
                more = [((kind, *rest),)]
            elif kind in ("mark", "through"):
                size, limits = rest[0]
                more = [((kind, repr(size), tuple(limits.items()), size),)]
            elif kind == "either":
                more = [each for one in rest for each in rows(one, wide)]
            else:
                inner, least, most = rest
                more = [each for t in range(least, most + 1) for each in rows(inner * t, wide)]
            longer += [(*row, *each) for each in more]
        found = longer
    yield from found


def bare(row: Any) -> tuple[Any, ...]:
    """A row without its marks."""
    return tuple(each for each in row if each[0] not in ("?", "mark", "through"))


def value(size: Any, n: int) -> Any:
    """The sizes that are asked for at n: a set, or None for any; no set where it is not whole."""
    if size is None or isinstance(size, int):
        return size if size is None else {size}
    if ".." in size:
        low, high = map(int, size.split(".."))
        return set(range(low, high + 1))
    if "," in size:
        return set(map(int, size.split(",")))
    found = eval(size, {"n": n, "ceil": ceil})
    return {int(found)} if found == int(found) else ()


class MarkCase:
    """Hold a random question with marks, and every row that answers it.

    inputs: numbers that must all pass, or None where every n must.
    """

    def __init__(self, seed: int, ops: str, every: bool = False) -> None:
        self.draw = draw = random.Random(f"marks {ops} {every} {seed}")
        self.axes, self.every = 1, every
        self.wide = draw.random() < 0.3
        self.channels = 2 if self.wide else 1
        period = range(48, 48 + 72)
        self.inputs = (
            list(period) if every else sorted(draw.sample(range(9, 21), draw.choice([1, 1, 1, 2])))
        )
        while True:
            self.route = self._route(ops)
            written = list(rows(self.route, self.channels))
            if not 4 < len(written) < 1500:
                continue
            told = {row: told for row in dict.fromkeys(written) if (told := self._sizes(row))}
            if self._fill(told):
                break
        more = {"channels": self.channels} if self.wide else {}
        given: Any = "n" if every else self.inputs if len(self.inputs) > 1 else self.inputs[0]
        self.limits = draw.choice(
            [{}, {}, {"receptive_field": f"..{draw.randint(5, 30)}"}, {"depth": "2.."}]
        )
        self.space = Space(part(self.asked), given, self.output, axes=1, **more, **self.limits)
        self.good: dict[Any, None] = {}
        for row in rows(self.asked, self.channels):
            if self._passes(row):
                kept = tuple(
                    each[:3] if each[0] == "mark" else each for each in row if each[0] != "through"
                )
                self.good[kept] = None

    def _route(self, ops: str) -> Any:
        draw = self.draw

        def segment() -> Any:
            if draw.random() < 0.15:
                return "part", blocks.random_spec(draw, ops.replace("t", "c"), self.wide, 1)
            layer = blocks.random_layer(draw, ops, draw.random() < 0.4, self.wide)
            if draw.random() < 0.4:
                return "repeat", [("part", layer)], draw.randint(0, 1), draw.randint(1, 2)
            return "part", layer

        route = [segment() for _ in range(draw.randint(0, 1))]
        for _ in range(draw.randint(1, 2)):
            here = ("?", draw.choice(["mark", "through"]))
            form = draw.random()
            if form < 0.15:
                here = ("either", [segment(), here], [segment()])
            elif form < 0.3:
                here = ("repeat", [segment(), here], draw.randint(0, 1), draw.randint(1, 2))
            route += [here, *(segment() for _ in range(draw.randint(0, 2)))]
        return route

    def _sizes(self, row: Any) -> Any:
        """The sizes of each input behind each part of a row, None where one does not run."""
        known = []
        for n in self.inputs:
            chain, layers = [n], []
            for each in row:
                if each[0] in ("?", "mark", "through"):
                    chain.append(chain[-1])
                    continue
                layers.append(each)
                told = blocks.measured(tuple(layers), n, self.channels, 1)
                if told is None:
                    return None
                chain.append(told[0])
            known.append(chain)
        return known

    def _fill(self, told: Any) -> bool:
        """Give marks sizes that some rows have there."""
        if not told:
            return False
        draw = self.draw
        row = draw.choice(list(told))
        sizes = told[row]
        self.output: Any = None
        if self.every:
            self.output = draw.choice([None, self._formula([chain[-1] for chain in sizes])])
        elif draw.random() < 0.7:
            ends = [chain[-1] for chain in sizes]
            self.output = ends if len(ends) > 1 else ends[0]
        spots = [at for at, each in enumerate(row, 1) if each[0] == "?"]
        if not spots:
            return False

        def filled(route: Any) -> Any:
            made = []
            for kind, *rest in route:
                if kind == "?":
                    at = draw.choice(spots)
                    made.append((rest[0], self._ask([chain[at] for chain in sizes], rest[0])))
                elif kind in ("either", "repeat"):
                    made.append(
                        (kind, *(filled(one) if isinstance(one, list) else one for one in rest))
                    )
                else:
                    made.append((kind, *rest))
            return made

        self.asked = filled(self.route)
        return True

    def _formula(self, sizes: list[int]) -> str | None:
        """A formula in n that has these values, if a simple one has."""
        for d, c in product((1, 2, 3, 4, 6, 8, 9), range(-9, 12)):
            if all((n + c) // d == m for n, m in zip(self.inputs, sizes, strict=True)):
                return f"(n + {c})//{d}" if c >= 0 else f"(n - {-c})//{d}"
        for u, c in product((2, 3), range(-9, 12)):
            if all(u * n + c == m for n, m in zip(self.inputs, sizes, strict=True)):
                return f"{u}*n + {c}" if c >= 0 else f"{u}*n - {-c}"
        return None

    def _ask(self, sizes: list[int], kind: str) -> Any:
        draw = self.draw
        limits: dict[str, Any] = {}
        if draw.random() < 0.25:
            limits["receptive_field"] = draw.choice([(1, 5), (4, None), (3, 9)])
        if draw.random() < 0.2:
            limits["jump"] = draw.choice([(1, 2), (2, None)])
        if self.every:
            size = self._formula(sizes)
            if size is None and not limits:
                limits["jump"] = (1, 4)
            return size, limits
        if len(sizes) > 1:
            size = [draw.choice([m, f"{m - 1}..{m + 1}"]) if m > 1 else m for m in sizes]
            return draw.choice([size, size, self._formula(sizes) or size]), limits
        m = sizes[0]
        n = self.inputs[0]
        return draw.choice(
            [m, f"{m}..{m + 1}", f"{m},{m + 2}", f"ceil(n/{max(n // m, 1)})"]
        ), limits

    def _passes(self, row: Any) -> bool:
        known = self._sizes(row)
        if known is None:
            return False
        layers: list[Any] = []
        for at, each in enumerate(row, 1):
            if each[0] not in ("mark", "through"):
                layers.append(each)
                continue
            size, limits = each[3], dict(each[2])
            for i, (n, chain) in enumerate(zip(self.inputs, known, strict=True)):
                one = size[i] if isinstance(size, list) else size
                wanted = value(one, n)
                if wanted is not None and chain[at] not in wanted:
                    return False
            up, down = blocks.slope(tuple(layers))
            low, high = limits.get("jump", (0, None))
            if not (low * up <= down and (high is None or down <= high * up)):
                return False
            low, high = limits.get("receptive_field", (0, None))
            field = blocks.field(tuple(layers))
            if not (low <= field and (high is None or field <= high)):
                return False
        bare_row = bare(row)
        for i, (n, chain) in enumerate(zip(self.inputs, known, strict=True)):
            one = self.output[i] if isinstance(self.output, list) else self.output
            wanted = value(one, n)
            if wanted is not None and chain[-1] not in wanted:
                return False
        most = self.limits.get("receptive_field", "..999")[2:]
        if blocks.field(bare_row) > int(most):
            return False
        if "depth" in self.limits:
            told = blocks.measured(bare_row, self.inputs[0], self.channels, 1)
            if told is None or told[2]["depth"] < 2:
                return False
        return True

    def row(self, design: Any) -> Any:
        """A design as a row."""
        found: list[Any] = []
        channels = self.channels
        for each in design:
            if isinstance(each, Mark):
                limits = tuple((name, tuple(limit)) for name, limit in each.limits.items())
                found.append(("mark", repr(each.size), limits))
                continue
            more = blocks.row_of([each], channels, 1)
            channels = blocks.after(more, channels)
            found += more
        return tuple(found)
