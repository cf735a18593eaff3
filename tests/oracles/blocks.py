"""An oracle for designs with blocks: every tree written out, every number counted the slow way."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice, product
from math import prod
from typing import Any, NamedTuple

from solver import Choice, Space, either, optional, parallel, repeat, residual
from solver.layers.branching import Block
from solver.layers.operators import Operator

# A spec is ("layer", op, kernels, strides, paddings, outs), ("op", words), a list in order,
# ("either", ...), ("repeat", spec, least, most), ("residual", spec), ("parallel", join, ...).
# A row is a tuple of (op, k, s, p, in, out), ("op", words) and ("block", join, row, ...).


def part(spec: Any) -> Any:
    """Return a spec as the library takes it."""
    if isinstance(spec, list):
        return [part(one) for one in spec]
    kind, *rest = spec
    if kind == "layer":
        op, kernels, strides, paddings, outs = rest
        more = {"out_channels": outs} if outs else {}
        return Choice(op, kernels, strides, paddings, **more)
    if kind == "op":
        return rest[0]
    if kind == "either":
        return either(*map(part, rest))
    if kind == "repeat":
        one, least, most = rest
        return (
            optional(part(one))
            if (least, most) == (0, 1)
            else repeat(part(one), f"{least}..{most}")
        )
    if kind == "residual":
        return residual(part(rest[0]), project=rest[1:] != [False])
    return parallel(*map(part, rest[1:]), join=rest[0])


def rows(spec: Any, channels: int) -> Iterator[tuple[Any, ...]]:
    """Yield every row that a spec allows behind so many channels, some perhaps twice."""
    if isinstance(spec, list):
        found: list[tuple[Any, ...]] = [()]
        for one in spec:
            found = [(*row, *more) for row in found for more in rows(one, after(row, channels))]
        yield from found
        return
    kind, *rest = spec
    if kind == "layer":
        op, kernels, strides, paddings, outs = rest
        half = paddings == "half"
        for k, s, p in product(kernels, strides, (0,) if half else paddings):
            p = (k - 1) // 2 if half else p
            if "pool" in op and 2 * p > k:
                continue
            for out in outs or (channels,):
                yield ((op, k, s, p, channels, out),)
    elif kind == "op":
        yield (("op", rest[0]),)
    elif kind == "either":
        for one in rest:
            yield from rows(one, channels)
    elif kind == "repeat":
        one, least, most = rest
        for times in range(least, most + 1):
            yield from rows([one] * times, channels)
    elif kind == "residual":
        for body in rows(rest[0], channels):
            up, down = slope(body)
            wide = after(body, channels)
            if not body:
                yield ()
            elif (up, wide) == (down, channels):
                yield (("block", "add", body, ()),)
            elif rest[1:] == [False]:
                yield (("block", "add", body),)
            elif down % up == 0:
                short = ("conv", 1, down // up, 0, channels, wide)
                yield (("block", "add", body, (short,)),)
    else:
        for branches in product(*(list(rows(one, channels)) for one in rest[1:])):
            yield (("block", rest[0], *branches),) if any(branches) else ()


def slope(row: tuple[Any, ...]) -> tuple[int, int]:
    """How much longer and shorter a row makes an axis, in lowest terms."""
    up = down = 1
    for kind, *rest in row:
        if kind == "block":
            more = slope(rest[1])
        elif kind == "op":
            word, _, number = rest[0].partition(" ")
            more = (int(number), 1) if word in ("upsample", "pixelshuffle") else (1, 1)
        else:
            more = (rest[1], 1) if kind == "conv_transpose" else (1, rest[1])
        up, down = up * more[0], down * more[1]
        common = next(x for x in range(min(up, down), 0, -1) if up % x == down % x == 0)
        up, down = up // common, down // common
    return up, down


def after(row: tuple[Any, ...], channels: int) -> int:
    """The channels behind a row."""
    for kind, *rest in row:
        if kind == "block":
            wide = [after(branch, channels) for branch in rest[1:]]
            channels = sum(wide) if rest[0] == "concat" else wide[0]
        elif kind == "op":
            channels //= 4 if rest[0].startswith("pixelshuffle") else 1
        else:
            channels = rest[-1]
    return channels


Sums = dict[str, int]


def measured(
    row: tuple[Any, ...], n: int, channels: int, axes: int
) -> tuple[int, int, Sums] | None:
    """The size and channels that come out and what it costs, None where it does not run."""
    sums = {"parameters": 0, "macs": 0, "activations": 0, "depth": 0, "memory": 0}

    def pay(**more: int) -> None:
        for name, amount in more.items():
            sums[name] += amount

    for kind, *rest in row:
        if kind == "block":
            join, *branches = rest
            found = [measured(branch, n, channels, axes) for branch in branches]
            known = [each for each in found if each is not None]
            if len(known) < len(found) or len({size for size, _, _ in known}) > 1:
                return None
            if len({slope(branch) for branch in branches}) > 1:
                return None  # one total stride
            wide = [width for _, width, _ in known]
            if join == "add" and len(set(wide)) > 1:
                return None
            n, channels = known[0][0], sum(wide) if join == "concat" else wide[0]
            for name in ("parameters", "macs", "activations"):
                pay(**{name: sum(inner[name] for _, _, inner in known)})
            pay(depth=max(inner["depth"] for _, _, inner in known))
            pay(activations=channels * n**axes * (len(branches) > 1))
            held = [inner["memory"] for _, _, inner in known]
            if len(branches) > 1:
                held.append((sum(wide) + channels) * n**axes)
            sums["memory"] = max(sums["memory"], *held)
            continue
        if kind == "op":
            word, _, number = rest[0].partition(" ")
            taken = channels * n**axes
            n *= int(number) if word in ("upsample", "pixelshuffle") else 1
            if word == "pixelshuffle":
                if channels % 4:
                    return None
                channels //= 4
            pay(parameters=2 * channels * (word == "batchnorm"), activations=channels * n**axes)
            sums["memory"] = max(sums["memory"], taken + channels * n**axes)
            continue
        k, s, p, before, out = rest
        assert before == channels
        m = n * s - s - 2 * p + k if kind == "conv_transpose" else (n + 2 * p - k) // s + 1
        if m < 1 or (kind != "conv_transpose" and n + 2 * p < k):
            return None
        if "pool" not in kind:
            weights = k**axes * before * out
            windows = n if kind == "conv_transpose" else m
            pay(parameters=weights + out, macs=weights * windows**axes)
        sums["memory"] = max(sums["memory"], before * n**axes + out * m**axes)
        n, channels = m, out
        pay(activations=channels * n**axes, depth=1)
    return n, channels, sums


def reads(row: tuple[Any, ...], y: int) -> set[int]:
    """What output y of a row reads of its input, on an axis without ends."""
    found = {y}
    for kind, *rest in reversed(row):
        if kind == "block":
            found = set().union(*(reads(branch, z) for branch in rest[1:] for z in found))
        elif kind == "op":
            word, _, number = rest[0].partition(" ")
            grows = word in ("upsample", "pixelshuffle")
            found = {z // int(number) for z in found} if grows else found
        elif kind == "conv_transpose":
            k, s, p = rest[:3]
            found = {(z + p - t) // s for z in found for t in range(k) if (z + p - t) % s == 0}
        else:
            k, s, p = rest[:3]
            found = {s * z - p + t for z in found for t in range(k)}
    return found


Function = Callable[[int, int], int]


def paid(row: tuple[Any, ...], n: int, function: Function) -> tuple[int, int]:
    """The size behind a row, and a cost of the sizes before and behind each layer in it."""
    total = 0
    for kind, *rest in row:
        if kind == "block":
            found = [paid(branch, n, function) for branch in rest[1:]]
            total, after = total + sum(cost for _, cost in found), found[0][0]
        else:
            after = (measured(((kind, *rest),), n, 1, 1) or (0,))[0] if kind == "op" else 0
            if kind != "op":
                k, s, p = rest[:3]
                after = n * s - s - 2 * p + k if "transpose" in kind else (n + 2 * p - k) // s + 1
            elif rest[0].startswith("pixelshuffle"):
                after = 2 * n
            total += function(n, after)
        n = after
    return n, total


def field(row: tuple[Any, ...]) -> int:
    """The receptive field: the most of any output."""
    ups = prod(max(factor(each), 1) for each in row)
    found = (reads(row, y) for y in range(ups * 2))
    return max((max(read) - min(read) + 1 if read else 0) for read in found)


def share(row: tuple[Any, ...]) -> Fraction:
    """How much of an input all outputs together read, on an axis without ends."""
    up, down = slope(row)
    turn = prod(max(stretch(each), 1) for each in row)  # it repeats after so many at the latest
    read: set[int] = set()
    for y in range(-(60 * up) // down - 60, ((turn + 60) * up) // down + 60):
        read |= reads(row, y)
    return Fraction(sum(x in read for x in range(turn)), turn)


def stretch(each: tuple[Any, ...]) -> int:
    """A multiple of all strides inside."""
    kind, *rest = each
    if kind == "block":
        return prod(stretch(one) for branch in rest[1:] for one in branch)
    return 1 if kind == "op" or kind == "conv_transpose" else rest[1]


class Place(NamedTuple):
    """Hold what outputs wait for, and whether they stand in the middle, by what each reads."""

    latency: int
    look_ahead: int
    centred: bool

    @classmethod
    def of(cls, row: tuple[Any, ...], read: Any = reads) -> Place:
        """Of a row; read: what each output reads."""
        up, down = slope(row)
        most = up * prod(max(factor(each), 1) for each in row)
        each = [read(row, y) for y in range(2 * most)]
        ends = [(min(one), max(one)) if one else None for one in each]
        outputs = next(
            count
            for count in range(up, most + 1, up)
            if all(
                then == (now and (now[0] + count // up * down, now[1] + count // up * down))
                for now, then in zip(ends, ends[count:], strict=False)
            )
        )
        hop = outputs // up * down
        some = [(y, *end) for y, end in enumerate(ends[:outputs]) if end]
        latency = max((last - y * down // up for y, _, last in some), default=0)
        ahead = max((last - (hop - 1) for _, _, last in some), default=0)
        jump = Fraction(down, up)
        apart = [Fraction(a + b, 2) - jump * y - (jump - 1) / 2 for y, a, b in some]
        return cls(max(latency, 0), max(ahead, 0), not sum(apart, Fraction(0)))


def factor(each: tuple[Any, ...]) -> int:
    """How many outputs may read unlike each other, at most."""
    kind, *rest = each
    if kind == "block":
        return prod(factor(one) for branch in rest[1:] for one in branch)
    if kind == "op":
        number = rest[0].partition(" ")[2]
        return int(number) if rest[0].split()[0] in ("upsample", "pixelshuffle") else 1
    return rest[1] if kind == "conv_transpose" else 1


def row_of(layers: Any, channels: int, axes: int) -> tuple[Any, ...]:
    """A design as a row."""
    found: list[Any] = []
    for each in layers:
        if isinstance(each, Block):
            branches = [row_of(branch, channels, axes) for branch in each.branches]
            found.append(("block", each.join, *branches))
        elif isinstance(each, Operator):
            found.append(("op", each.text))
        else:
            out = each.channels_after(channels)
            numbers = each.kernel_size, each.stride, each.padding
            found.append((each.operation.name, *numbers, channels, out))
        channels = after(tuple(found[-1:]), channels)
    return tuple(found)


def module(row: tuple[Any, ...], channels: int, axes: int) -> Any:
    """A row as a module of PyTorch, which refuses branches of several sizes."""
    import torch
    from torch import nn

    class Meet(nn.Module):
        def __init__(self, join: str, branches: list[Any]) -> None:
            super().__init__()
            self.join, self.branches = join, nn.ModuleList(branches)

        def forward(self, x: Any) -> Any:
            found = [branch(x) for branch in self.branches]
            assert len({each.shape[2:] for each in found}) == 1
            assert self.join == "concat" or len({each.shape for each in found}) == 1
            return sum(found) if self.join == "add" else torch.cat(found, 1)

    made: list[Any] = []
    for each in row:
        kind, *rest = each
        if kind == "block":
            made.append(Meet(rest[0], [module(branch, channels, axes) for branch in rest[1:]]))
        elif kind == "op":
            word, _, number = rest[0].partition(" ")
            made.append(
                {
                    "relu": nn.ReLU,
                    "batchnorm": lambda c=channels: getattr(nn, f"BatchNorm{axes}d")(c),
                    "upsample": lambda f=number: nn.Upsample(scale_factor=int(f)),
                    "pixelshuffle": lambda f=number: nn.PixelShuffle(int(f)),
                }[word]()
            )
        else:
            k, s, p, before, out = rest
            if "pool" in kind:
                name = {"maxpool": "MaxPool", "avgpool": "AvgPool"}[kind]
                made.append(getattr(nn, f"{name}{axes}d")(k, s, p))
            else:
                name = {"conv": "Conv", "conv_transpose": "ConvTranspose"}[kind]
                made.append(getattr(nn, f"{name}{axes}d")(before, out, k, s, p))
        channels = after((each,), channels)
    return nn.Sequential(*made)


# Random specs


def random_layer(draw: random.Random, ops: str, keeps: bool, wide: bool) -> Any:
    op = {"c": "conv", "m": "maxpool", "t": "conv_transpose"}[draw.choice(ops)]
    kernels = tuple(sorted(draw.sample((1, 2, 3, 4, 5), draw.randint(1, 3))))
    if op == "conv_transpose":
        kernels = tuple(sorted(draw.sample((2, 3, 4), draw.randint(1, 2))))
    strides: tuple[int, ...] = (1,)
    if op == "conv_transpose":
        strides = (2,)
    elif not keeps or draw.random() < 0.2:
        strides = draw.choice(((2,), (1, 2), (1,)))
    paddings: Any = "half"
    if op == "maxpool" or draw.random() < 0.4:
        paddings = tuple(sorted(draw.sample((0, 1, 2), draw.randint(1, 2))))
    if op == "maxpool" and not any(2 * p <= k for k in kernels for p in paddings):
        paddings = (0,)
    outs = ()
    if wide and op != "maxpool" and draw.random() < 0.4:
        outs = tuple(sorted(draw.sample((1, 2, 3), draw.randint(1, 2))))
    return "layer", op, kernels, strides, paddings, outs


def random_spec(draw: random.Random, ops: str, wide: bool, depth: int = 2) -> Any:
    """A spec with blocks."""
    kinds = ["layer", "seq", "residual", "residual", "parallel", "parallel", "either", "repeat"]
    kind = draw.choice([*kinds, "hour", "hour"] if "t" in ops else kinds)
    if depth <= 0 or kind == "layer":
        if draw.random() < 0.15:
            words = ["relu", *(["batchnorm"] if wide else [])]
            return "op", draw.choice(words)
        return random_layer(draw, ops.replace("t", "c"), depth < 2, wide)
    inner = [random_spec(draw, ops, wide, depth - 1) for _ in range(2)]
    if kind == "seq":
        return inner
    if kind == "residual":
        return "residual", inner[0], *([False] if draw.random() < 0.3 else [])
    if kind == "parallel":
        if draw.random() < 0.4:
            inner[0] = []
        return "parallel", draw.choice(["add", "concat"]) if wide else "add", *inner
    if kind == "either":
        return "either", *inner
    if kind == "hour":
        down = (
            "layer",
            draw.choice(["conv", "maxpool"]),
            draw.choice([(2,), (3,), (2, 3)]),
            (2,),
            (0, 1),
            (),
        )
        up = ("layer", "conv_transpose", draw.choice([(2,), (2, 4), (3, 4)]), (2,), (0, 1), ())
        middle = [inner[0]] if draw.random() < 0.5 else []
        return [down, *middle, ("op", "upsample 2") if draw.random() < 0.3 else up]
    return "repeat", inner[0], draw.randint(0, 1), draw.randint(1, 2)


SUMS = ("receptive_field", "parameters", "macs", "activations", "depth")


class BlockCase:
    """Hold a random question with blocks, and every tree that answers it."""

    def __init__(self, seed: int, ops: str) -> None:
        self.draw = draw = random.Random(f"blocks {ops} {seed}")
        self.axes = draw.choice((1, 2))
        self.wide = draw.random() < 0.5
        self.channels = draw.randint(1, 3) if self.wide else 1
        self.n = draw.randint(6, 14)
        few = seed % 8 == 0
        while True:
            self.spec = [random_spec(draw, ops, self.wide) for _ in range(draw.randint(1, 2))]
            if not any(word in repr(self.spec) for word in ("'residual'", "'parallel'")):
                continue
            found = list(islice(rows(self.spec, self.channels), 2001))
            if len(found) > 2000:
                continue
            told = {
                row: told
                for row in dict.fromkeys(found)
                if (told := measured(row, self.n, self.channels, self.axes)) is not None
            }
            self.sizes = Counter(size for size, *_ in told.values())
            if few or max(self.sizes.values(), default=0) > 5:
                break
        self.known: dict[Any, dict[str, int]] = {}
        often = self.sizes.most_common(2 if few else 1)
        self.m = draw.choice(often)[0] if often else 3
        for row, (size, _, sums) in told.items():
            if size == self.m:
                self.known[row] = {**sums, "receptive_field": field(row)}
        self.limits: dict[str, Any] = {}
        for name in SUMS:
            if draw.random() < 0.12 and self.known:
                values = sorted(sums[name] for sums in self.known.values())
                low, high = sorted((draw.choice(values), draw.choice(values)))
                self.limits[name] = draw.choice([(low, None), (0, high), (low, high)])
        self.good = {
            row: sums
            for row, sums in self.known.items()
            if all(
                low <= sums[name] and (high is None or sums[name] <= high)
                for name, (low, high) in self.limits.items()
            )
        }
        more = {"channels": self.channels} if self.wide else {}
        self.space = Space(part(self.spec), self.n, self.m, axes=self.axes, **more, **self.limits)

    def row(self, design: Any) -> Any:
        return row_of(design, self.channels, self.axes)
