"""An oracle for design spaces: every stack written out, every number counted the slow way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any, NamedTuple

from solver import Choice, either, mirror, optional, repeat
from solver.layers.own import LAYERS


class Place(NamedTuple):
    """Hold a layer with open hyperparameters, as plain lists."""

    op: str
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...] = (1,)
    extra: tuple[int, ...] = (0,)
    ceil: bool = False
    out: tuple[int, ...] = ()

    def layers(self) -> Iterator[tuple[Any, ...]]:
        """Yield what is legal, in the order of the space."""
        for k, s, p, d, a in product(
            self.kernel, self.stride, self.padding, self.dilation, self.extra
        ):
            if "pool" in self.op and 2 * p > k:
                continue
            if self.op == "conv_transpose" and a >= max(s, d):
                continue
            for out in self.out or (0,):
                yield self.op, k, s, p, d, a, self.ceil, out

    def part(self) -> Choice:
        """Return it as the library takes it."""
        more: dict[str, Any] = {"dilation": self.dilation} if self.op != "avgpool" else {}
        if self.op == "conv_transpose":
            more["output_padding"] = self.extra
        if self.ceil:
            more["ceil_mode"] = True
        if self.out:
            more["out_channels"] = self.out
        return Choice(self.op, self.kernel, self.stride, self.padding, **more)


# A tree of parts is a Place, a list, or ("either", ...), ("repeat", part, least, most)


def part(tree: Any) -> Any:
    """Return a tree as the library takes it."""
    if isinstance(tree, Place):
        return tree.part()
    if isinstance(tree, list):
        return [part(one) for one in tree]
    if tree[0] == "either":
        return either(*map(part, tree[1:]))
    if tree[0] == "mirror":
        return mirror(part(tree[1]), part(tree[2]))
    _, one, least, most = tree
    if (least, most) == (0, 1):
        return optional(part(one))
    return repeat(part(one), f"{least}..{most}")


def rows(tree: Any) -> Iterator[tuple[Any, ...]]:
    """Yield every sequence of layers a tree allows, some perhaps twice."""
    if isinstance(tree, Place):
        yield from ((layer,) for layer in tree.layers())
    elif isinstance(tree, list):
        for choice in product(*(list(rows(one)) for one in tree)):
            yield sum(choice, ())
    elif tree[0] == "either":
        for one in tree[1:]:
            yield from rows(one)
    else:
        _, one, least, most = tree
        found = list(rows(one))
        for times in range(least, most + 1):
            for choice in product(found, repeat=times):
                yield sum(choice, ())


def size(layer: tuple[Any, ...], n: int) -> int | None:
    """Return what comes out by counting windows, or None where the layer does not fit."""
    op, k, s, p, d, a, ceil, _ = layer
    span = d * (k - 1) + 1
    if op == "conv_transpose":
        m = (n - 1) * s - 2 * p + span + a
        return m if m >= 1 else None
    starts = range(-p, n + p, s)
    if ceil:
        # windows may hang over the end, if they start in the input or in the padding before it
        windows = [x for x in starts if x < n and x + span <= n + p + s - 1]
        return len(windows) or None
    return sum(x + span <= n + p for x in starts) or None


def sizes(row: tuple[Any, ...], n: int) -> list[int] | None:
    """Return the size before the first layer and after each, or None."""
    found = [n]
    for layer in row:
        m = size(layer, found[-1])
        if m is None:
            return None
        found.append(m)
    return found


def span(row: tuple[Any, ...]) -> int:
    """Return the receptive field: last - first + 1 of all that an output reads, the most of any."""

    def reads(y: int, layers: tuple[Any, ...]) -> set[int]:
        if not layers:
            return {y}
        op, k, s, p, d, *_ = layers[-1]
        if op == "conv_transpose":  # input x adds to the outputs s*x - p + d*t
            below = {(y + p - d * t) // s for t in range(k) if (y + p - d * t) % s == 0}
        else:
            below = {s * y - p + d * t for t in range(k)}
        return set().union(*(reads(x, layers[:-1]) for x in below))

    found = (reads(y, row) for y in range(prod(layer[2] for layer in row)))
    return max(max(read) - min(read) + 1 if read else 0 for read in found)


def simple_span(row: tuple[Any, ...]) -> int:
    """Return the receptive field where nothing is transposed."""
    reach, jump = 1, 1
    for _, k, s, _, d, *_ in row:
        reach += d * (k - 1) * jump
        jump *= s
    return reach


def costs(row: tuple[Any, ...], at: list[int], channels: int, axes: int) -> dict[str, int]:
    """Return the parameters, multiply-accumulates and activations."""
    parameters = macs = activations = 0
    for (op, k, _, _, _, _, _, out), before, after in zip(row, at, at[1:], strict=False):
        if "pool" not in op:
            wide = out or channels
            weights = k**axes * channels * wide
            parameters += weights + wide
            macs += weights * (before if op == "conv_transpose" else after) ** axes
            channels = wide
        activations += channels * after**axes
    return {
        "parameters": parameters,
        "macs": macs,
        "activations": activations,
        "depth": len(row),
    }


def key(stack: Any) -> tuple[Any, ...]:
    """Return a stack of the library as a row of the oracle."""
    found = []
    for layer in stack:
        k, s, p, _, d, a = layer.numbers()
        op = layer.operation.name
        out = getattr(layer, "out_channels", None) or 0
        found.append((op, k, s, p, d, a, layer.ceil_mode, out))
    return tuple(found)


def random_place(draw: random.Random, ops: str = "ccccmat", channels: bool = False) -> Place:
    """Draw a place."""

    def some(values: range | tuple[int, ...], most: int) -> tuple[int, ...]:
        return tuple(sorted(draw.sample(list(values), draw.randint(1, most))))

    op = {"c": "conv", "m": "maxpool", "a": "avgpool", "t": "conv_transpose"}[draw.choice(ops)]
    return Place(
        op,
        some(range(1, 6), 2),
        some((1, 2, 3), 2),
        some(range(4), 2),
        (1,) if op == "avgpool" else some((1, 2), 1 + (draw.random() < 0.3)),
        some((0, 1), 2) if op == "conv_transpose" else (0,),
        "pool" in op and draw.random() < 0.5,
        some((1, 2, 3), 2) if channels and "pool" not in op else (),
    )


def random_tree(draw: random.Random, ops: str = "ccccmat", channels: bool = False) -> Any:
    """Draw a few parts, among them optional, repeated and alternative ones."""
    found: list[Any] = []
    for _ in range(draw.randint(1, 3)):
        place: Any = random_place(draw, ops, channels)
        kind = draw.random()
        if kind < 0.2:
            place = ("repeat", place, 0, 1)
        elif kind < 0.35:
            least = draw.randint(0, 1)
            place = ("repeat", place, least, least + draw.randint(0, 1))
        elif kind < 0.5:
            place = ("either", place, random_place(draw, ops, channels))
        found.append(place)
    return found


def legal(tree: Any) -> bool:
    """Tell whether every place has a legal layer."""
    if isinstance(tree, Place):
        return any(True for _ in tree.layers())
    if isinstance(tree, list):
        return all(map(legal, tree))
    return all(legal(one) for one in tree[1:] if not isinstance(one, int))


assert set(LAYERS) == {"conv", "conv_transpose", "maxpool", "avgpool"}
