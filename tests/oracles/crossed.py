"""Spaces whose layers differ between axes, every tree written out and run in PyTorch.

    PYTHONPATH=.:tests/oracles python tests/oracles/crossed.py tests/data/crossed.jsonl 120

writes what was found: for each random space how many trees keep the limits, and the least and most
of each cost among them. Sizes and parameters are those of the modules that run; what an output
reads is where the gradient of that output is not 0, in the middle of a large input.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

from solver import Choice, Space, either, optional, parallel, repeat, residual, skip
from solver.layers.branching import Block
from solver.layers.operators import Operator

SUMS = ("parameters", "macs", "activations", "depth", "receptive_field")

# A spec is ("layer", op, kernels, strides, paddings, dilations, extras, outs), ("op", words), a
# list, ("either", ...), ("optional", spec), ("repeat", spec, least, most), ("residual", spec),
# ("parallel", join, ...) or ("skip", spec). A row is a tuple of layers (op, kernels, strides,
# pads, dilations, extras, in, out), all with one value per axis, ("op", words), and
# ("block", join, row, ...).


def part(spec: Any) -> Any:
    """A spec as the library takes it."""
    if isinstance(spec, list):
        return [part(one) for one in spec]
    kind, *rest = spec
    if kind == "layer":
        op, kernels, strides, paddings, dilations, extras, outs = rest
        more = {"out_channels": outs} if outs else {}
        more |= {"dilation": dilations} if dilations != [1] else {}
        more |= {"output_padding": extras} if extras != [0] else {}
        if not isinstance(paddings, str):
            paddings = ",".join(map(word, paddings))
        return Choice(op, kernels, strides, paddings, **more)
    if kind == "op":
        return rest[0]
    if kind == "repeat":
        return repeat(part(rest[0]), f"{rest[1]}..{rest[2]}")
    if kind == "parallel":
        return parallel(*map(part, rest[1:]), join=rest[0])
    make = {"either": either, "optional": optional, "residual": residual, "skip": skip}[kind]
    return make(*map(part, rest))


def word(padding: Any) -> str:
    """A padding in words: 1, 0x1, or 1:2x0:1."""
    if not isinstance(padding, tuple):
        return str(padding)
    return "x".join(
        ":".join(map(str, end)) if isinstance(end, tuple) else str(end) for end in padding
    )


def spread(value: Any, axes: int) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,) * axes


def rows(spec: Any, channels: int, axes: int) -> Iterator[tuple[Any, ...]]:
    """Yield every row that a spec allows behind so many channels, some perhaps twice."""
    if isinstance(spec, list):
        found: list[tuple[Any, ...]] = [()]
        for one in spec:
            found = [(*x, *y) for x in found for y in rows(one, after(x, channels), axes)]
        yield from found
        return
    kind, *rest = spec
    if kind == "layer":
        op, kernels, strides, paddings, dilations, extras, outs = rest
        words = paddings if isinstance(paddings, str) else None
        choices = product(kernels, strides, [0] if words else paddings, dilations, extras)
        for fields in choices:
            k, s, p, d, a = (spread(field, axes) for field in fields)
            pads = tuple(end if isinstance(end, tuple) else (end, end) for end in p)
            if words:
                pads = tuple(padded(words, dd * (kk - 1)) for kk, dd in zip(k, d, strict=True))
            pooled = op in ("maxpool", "avgpool")
            if pooled and any(2 * max(b) > kk for b, kk in zip(pads, k, strict=True)):
                continue
            if any(x >= max(y, z) for x, y, z in zip(a, s, d, strict=True)) and any(a):
                continue
            for out in outs or (channels,):
                yield ((op, k, s, pads, d, a, channels, out),)
    elif kind == "op":
        yield (("op", rest[0]),)
    elif kind == "either":
        for one in rest:
            yield from rows(one, channels, axes)
    elif kind == "optional":
        yield ()
        yield from rows(rest[0], channels, axes)
    elif kind == "repeat":
        for times in range(rest[1], rest[2] + 1):
            yield from rows([rest[0]] * times, channels, axes)
    elif kind == "residual":
        for body in rows(rest[0], channels, axes):
            strides, wide = slope(body, axes), after(body, channels)
            if not body:
                yield ()
            elif set(strides) == {1} and wide == channels:
                yield (("block", "add", body, ()),)
            elif all(stride.denominator == 1 for stride in strides):
                one, none = (1,) * axes, ((0, 0),) * axes
                step = tuple(map(int, strides))
                short = ("conv", one, step, none, one, (0,) * axes, channels, wide)
                yield (("block", "add", body, (short,)),)
    else:
        join, branches = ("concat", ([], *rest)) if kind == "skip" else (rest[0], rest[1:])
        for found in product(*(list(rows(one, channels, axes)) for one in branches)):
            yield (("block", join, *found),) if any(found) else ()


def padded(words: str, reach: int) -> tuple[int, int]:
    if words == "causal":
        return reach, 0
    return (reach // 2, reach // 2) if words == "half" else (reach // 2, reach - reach // 2)


def slope(row: tuple[Any, ...], axes: int) -> tuple[Fraction, ...]:
    """The total stride of a row along each axis."""
    found = (Fraction(1),) * axes
    for kind, *rest in row:
        more: Any = (1,) * axes
        if kind == "block":
            more = slope(rest[1], axes)
        elif kind == "conv_transpose":
            more = tuple(Fraction(1, s) for s in rest[1])
        elif kind == "op":
            word, _, number = rest[0].partition(" ")
            more = (Fraction(1, int(number)),) * axes if word == "upsample" else more
        else:
            more = rest[1]
        found = tuple(x * y for x, y in zip(found, more, strict=True))
    return found


def risen(row: tuple[Any, ...], axes: int) -> tuple[int, ...]:
    """After how many outputs along each axis they read alike again, at most."""
    found = (1,) * axes
    for kind, *rest in row:
        each: list[Any] = []
        if kind == "block":
            each = [risen(branch, axes) for branch in rest[1:]]
        elif kind == "conv_transpose":
            each = [rest[1]]
        elif kind == "op" and rest[0].startswith("upsample"):
            each = [(2,) * axes]
        for more in each:
            found = tuple(x * y for x, y in zip(found, more, strict=True))
    return found


def after(row: tuple[Any, ...], channels: int) -> int:
    for kind, *rest in row:
        if kind == "block":
            wide = [after(branch, channels) for branch in rest[1:]]
            channels = sum(wide) if rest[0] == "concat" else wide[0]
        elif kind != "op":
            channels = rest[-1]
    return channels


class Run:
    """A row that runs in PyTorch: its layers, with positive weights so that nothing cancels."""

    def __init__(self, row: tuple[Any, ...], channels: int, axes: int) -> None:
        self.row, self.channels, self.axes = row, channels, axes
        self.means = False  # in the place of maxima

    def measured(self, sizes: tuple[int, ...]) -> dict[str, Any] | None:
        """The sizes behind each layer, and costs; None where it does not run."""
        import torch

        self.costs = dict.fromkeys(("parameters", "macs", "activations"), 0)
        self.held, self.between = 0, [sizes]
        try:
            x = torch.ones((1, self.channels, *sizes), dtype=torch.float64)
            depth = self._depth(self.row)
            out = self._through(self.row, x, top=True)
        except (RuntimeError, Unmet):
            return None
        return {**self.costs, "depth": depth, "size": tuple(out.shape[2:])}

    def _through(self, row: Any, x: Any, top: bool = False) -> Any:
        import torch

        for kind, *rest in row:
            before = x
            if kind == "block":
                join, *branches = rest
                found = [self._through(branch, x) for branch in branches]
                if len({slope(branch, self.axes) for branch in branches}) > 1:
                    raise Unmet  # one total stride
                shapes = {y.shape if join == "add" else y.shape[2:] for y in found}
                if len(shapes) > 1:
                    raise Unmet
                x = sum(found[1:], found[0]) if join == "add" else torch.cat(found, 1)
                self.costs["activations"] += x.numel()
            elif kind == "op":
                word, _, number = rest[0].partition(" ")
                if word == "upsample":
                    x = torch.nn.functional.interpolate(x, scale_factor=int(number))
                self.costs["activations"] += x.numel()
            else:
                x = self._layer(kind, *rest, x)
                self.costs["activations"] += x.numel()
            taken = found if kind == "block" else [before]
            self.held = max(self.held, sum(each.numel() for each in taken) + x.numel())
            if top:
                self.between.append(tuple(x.shape[2:]))
        return x

    def _layer(
        self, op: str, k: Any, s: Any, pads: Any, d: Any, a: Any, c: int, out: int, x: Any
    ) -> Any:
        import torch

        even = all(begin == end for begin, end in pads)
        ends = tuple(begin for begin, _ in pads)
        if op in ("maxpool", "avgpool"):
            name = {"maxpool": "MaxPool", "avgpool": "AvgPool"}[op]
            module = getattr(torch.nn, f"{name}{self.axes}d")(k, s, ends)
            result = module(x)
            if op == "maxpool":  # its gradient knows one element only: an average reads the same
                mean = getattr(torch.nn, f"AvgPool{self.axes}d")(k, s, ends)
                result = mean(x) if self.means else result
            return result
        if op == "conv_transpose":
            make = getattr(torch.nn, f"ConvTranspose{self.axes}d")
            module = make(c, out, k, s, ends, a, dilation=d)
        else:
            if not even:
                flat = [end for pair in reversed(pads) for end in pair]
                x, ends = torch.nn.functional.pad(x, flat), (0,) * self.axes
            module = getattr(torch.nn, f"Conv{self.axes}d")(c, out, k, s, ends, d)
        module = module.double()
        torch.nn.init.ones_(module.weight)
        result = module(x)
        self.costs["parameters"] += sum(one.numel() for one in module.parameters())
        places = x if op == "conv_transpose" else result
        self.costs["macs"] += module.weight.numel() * places[0, 0].numel()
        return result

    def _depth(self, row: Any) -> int:
        return sum(
            max(map(self._depth, rest[1:])) if kind == "block" else int(kind != "op")
            for kind, *rest in row
        )

    def reading(self) -> list[dict[str, Any]]:
        """What outputs in the middle read, along each axis, of an input at which branches meet."""
        starts = (61, 121, 301, 601) if self.axes == 2 else (41, 61, 91, 131)
        for size in (start + more for start in starts for more in range(9)):
            try:
                return self._reading(size)
            except (RuntimeError, Unmet):
                pass
        raise AssertionError(self.row)

    def _reading(self, size: int) -> list[dict[str, Any]]:
        import torch

        x = torch.ones((1, self.channels, *(size,) * self.axes), dtype=torch.float64)
        x.requires_grad_(True)
        self.means = True
        out = self._through(self.row, x)
        if min(out.shape[2:]) < 5:
            raise Unmet  # all outputs may read beyond the ends
        strides = slope(self.row, self.axes)
        summed = torch.autograd.grad(out.sum(), x, retain_graph=True)[0].sum((0, 1)) > 0
        middle = tuple(int(m) // 2 for m in out.shape[2:])
        phases = []
        for more in product(*(range(ups) for ups in risen(self.row, self.axes))):
            at = tuple(x + y for x, y in zip(middle, more, strict=True))
            grad = torch.autograd.grad(out[0].sum(0)[at], x, retain_graph=True)[0]
            phases.append((at, grad.sum((0, 1)) > 0))
        found = []
        for axis, stride in enumerate(strides):
            spans = []
            for at, read_at in phases:
                read = read_at.movedim(axis, 0).flatten(1).any(1).nonzero()
                if len(read) and not 9 < read[0] <= read[-1] < size - 9:
                    raise Unmet  # with the ends, so perhaps more than is here
                spans.append((at[axis], [int(i) for i in read.flatten()]))
            lengths = [read[-1] - read[0] + 1 if read else 0 for _, read in spans]
            late = [read[-1] - stride * y for y, read in spans if read]
            ahead = [read[-1] - (stride * (y + 1) - 1) for y, read in spans if read]
            apart = [
                read[0] + read[-1] - (2 * stride * y + stride - 1) for y, read in spans if read
            ]
            part = summed.movedim(axis, 0)[size // 3 : 2 * size // 3]
            found.append(
                {
                    "receptive_field": max(lengths),
                    "latency": max([0, *late]),
                    "look_ahead": max([0, *ahead]),
                    "centred": not any(apart),
                    "total_stride": stride,
                    "all": bool(part.flatten(1).any(1).all()),
                }
            )
        every = tuple(slice(size // 3, 2 * size // 3) for _ in strides)
        assert all(one["all"] for one in found) == bool(summed[every].all()) or self.blocky
        return found

    @property
    def blocky(self) -> bool:
        return any(kind == "block" for kind, *_ in self.row)


class Unmet(Exception):
    """Branches that do not meet."""


def plain(design: Any, axes: int) -> tuple[Any, ...]:
    """A design of the library as a row."""
    channels = design.channels
    return _plain(design.layers, channels, axes)


def _plain(layers: Any, channels: int, axes: int) -> tuple[Any, ...]:
    found: list[Any] = []
    for layer in layers:
        if isinstance(layer, Block):
            branches = [_plain(branch, channels, axes) for branch in layer.branches]
            found.append(("block", layer.join, *branches))
        elif isinstance(layer, Operator):
            found.append(("op", layer.text))
        else:
            numbers = [layer.numbers(axis if layer.axes else 0) for axis in range(axes)]
            k, s, begins, ends, d, a = zip(*numbers, strict=True)
            pads = tuple(zip(begins, ends, strict=True))
            out = layer.channels_after(channels, axes)
            found.append((layer.operation.name, k, s, pads, d, a, channels, out))
        channels = after(tuple(found[-1:]), channels)
    return tuple(found)


class CrossedCase:
    """A random space: its spec, what is asked, and as the library takes it."""

    def __init__(self, seed: int) -> None:
        self.draw = draw = random.Random(f"crossed {seed}")
        self.axes = 3 if draw.random() < 0.15 else 2
        self.channels = draw.choice((1, 2))
        self.ups = draw.random() < 0.3
        self.blocks = draw.random() < 0.5
        self.spec = self._spec()
        while not 4 <= len(self.trees) <= 100:
            self.spec = self._spec()
        self.sizes = tuple(draw.randint(5, 13) for _ in range(self.axes))
        if draw.random() < 0.4:
            self.sizes = self.sizes[:1] * self.axes

    @property
    def trees(self) -> list[tuple[Any, ...]]:
        return list(dict.fromkeys(rows(self.spec, self.channels, self.axes)))

    def _value(self, values: Any) -> Any:
        draw = self.draw
        if draw.random() < 0.5:
            return draw.choice(values)
        pick = tuple(draw.choice(values) for _ in range(self.axes))
        return pick if len(set(pick)) > 1 else pick[0]

    def _some(self, values: Any, most: int) -> list[Any]:
        found = [self._value(values) for _ in range(self.draw.randint(1, most))]
        return list(dict.fromkeys(found))

    def _layer(self, op: str | None = None, keep: bool = False) -> Any:
        draw = self.draw
        ops = ["conv"] * 4 + ["maxpool", "avgpool"] + (["conv_transpose"] * 2 if self.ups else [])
        op = op or draw.choice(ops)
        strides = [1] if keep else self._some((1, 1, 2, 2, 3), 2)
        dilations, extras, outs = [1], [0], None
        if op == "conv":
            kernels = self._some((1, 2, 3, 4, 5) if not keep else (1, 3, 5), 2)
            dilations = self._some((1, 2), 2) if draw.random() < 0.4 else [1]
            words = ["half", "causal", "same"] if strides == [1] else ["half"]
            if keep or draw.random() < 0.3:
                paddings: Any = "half" if keep else draw.choice(words)
            elif draw.random() < 0.3:
                ends = [tuple((draw.randint(0, 2), draw.randint(0, 2)) for _ in self.sizes_of)]
                paddings = ends if len(set(ends[0])) > 1 else [0]
            else:
                paddings = self._some((0, 1, 2), 2)
            outs = [draw.choice((1, 2))] if draw.random() < 0.4 and not keep else None
        elif op == "conv_transpose":
            kernels, paddings = self._some((2, 3, 4), 2), self._some((0, 1), 2)
            extras = self._some((0, 1), 2) if draw.random() < 0.3 else [0]
        else:
            kernels, paddings = self._some((2, 3), 2), self._some((0, 1), 2)
        return ("layer", op, kernels, strides, paddings, dilations, extras, outs)

    @property
    def sizes_of(self) -> range:
        return range(self.axes)

    def _block(self) -> Any:
        draw = self.draw
        kind = draw.choice(("residual", "parallel", "parallel", "skip"))
        if kind == "residual":
            body = [self._layer(draw.choice(("conv", None))), ("op", "relu")]
            return ("residual", body[: draw.randint(1, 2)])
        if kind == "skip":
            if draw.random() < 0.5:
                step = self._value((1, 2))
                down = ("layer", "conv", [step], [step], [0], [1], [0], None)
                up = ("layer", "conv_transpose", [step], [step], [0], [1], [0], None)
                return ("skip", [down, self._layer("conv", True), up])
            return ("skip", [self._layer("conv", True)])
        join = draw.choice(("add", "concat"))
        strides = self._some((1, 2), 1)
        branches = []
        for _ in range(2):
            _, op, kernels, _, _, dilations, extras, _ = self._layer("conv")
            branches.append(("layer", op, kernels, strides, "half", dilations, extras, None))
        if strides == [1] and draw.random() < 0.3:
            branches[0] = []
        return ("parallel", join, *branches)

    def _spec(self) -> Any:
        draw = self.draw
        found = []
        for _ in range(draw.randint(1, 3)):
            one = self._block() if self.blocks and draw.random() < 0.5 else self._layer()
            turn = draw.random()
            if turn < 0.15:
                one = ("optional", one)
            elif turn < 0.3:
                one = ("repeat", one, draw.randint(0, 1), 2)
            elif turn < 0.4:
                one = ("either", one, self._layer())
            found.append(one)
        if self.blocks and draw.random() < 0.2:
            found.append(("op", "upsample 2"))
        return found

    def space(self, **more: Any) -> Space:
        given = {"axes": self.axes, "channels": self.channels, **more}
        return Space(part(self.spec), self.sizes, given.pop("output", None), **given)


def _range(limit: Any) -> tuple[Any, Any]:
    low, high = limit
    return low, high if high is not None else 10**18


def keeps(one: dict[str, Any], limits: dict[str, Any]) -> bool:
    """Tell whether what was measured of a tree keeps limits, on each axis."""
    values = {name: [one[name]] for name in ("parameters", "macs", "activations", "depth", "held")}
    for name in ("receptive_field", "latency", "look_ahead", "total_stride"):
        values[name] = [axis[name] for axis in one["axes"]]
    values["jump"] = one["jumps"]
    values["memory"] = values.pop("held")
    values["sizes"] = one["between"]
    for name, limit in limits.items():
        if name == "gaps":
            if not all(axis["all"] for axis in one["axes"]):
                return False
        elif name == "causal":
            if any(axis["look_ahead"] for axis in one["axes"]):
                return False
        elif name == "centred":
            if not all(axis["centred"] for axis in one["axes"]):
                return False
        else:
            low, high = _range(limit)
            if not all(low <= value <= high for value in values[name]):
                return False
    return True


def measured(case: CrossedCase) -> dict[Any, dict[str, Any]]:
    """What each tree that runs gives."""
    found = {}
    for row in case.trees:
        run = Run(row, case.channels, case.axes)
        one = run.measured(case.sizes)
        if one is None:
            continue
        one["held"], one["between"] = run.held, [x for size in run.between[1:-1] for x in size]
        one["axes"] = run.reading()
        one["receptive_field"] = sum(axis["receptive_field"] for axis in one["axes"])
        jumps, jump = [], (Fraction(1),) * case.axes
        for layer in row:
            jump = tuple(x * y for x, y in zip(jump, slope((layer,), case.axes), strict=True))
            jumps += jump
        one["jumps"] = jumps
        found[row] = one
    return found


def random_limits(case: CrossedCase, found: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    """Limits about which the trees differ."""
    draw = case.draw
    names = ["parameters", "macs", "activations", "depth"]
    blocks = case.blocks or any(kind == "block" for row in found for kind, *_ in row)
    names += ["receptive_field"] * 3
    names += ["memory", "sizes"]
    if not _transposed(found):
        names += ["latency", "look_ahead", "causal", "centred", "total_stride", "jump"]
        names += [] if blocks else ["gaps"]
    limits: dict[str, Any] = {}
    for name in draw.sample(names, draw.randint(0, 2)):
        if name in ("causal", "centred"):
            limits[name] = True
        elif name == "gaps":
            limits[name] = False
        else:
            pool = []
            for one in found.values():
                if name in one["axes"][0]:
                    pool += [int(axis[name]) for axis in one["axes"]]
                elif name == "jump":
                    pool += map(int, one["jumps"])
                elif name == "sizes":
                    pool += one["between"]
                else:
                    pool.append(one["held" if name == "memory" else name])
            if not pool:
                continue
            low, high = sorted((draw.choice(pool), draw.choice(pool)))
            limits[name] = draw.choice([(low, None), (0, high), (low, high)])
            if name == "memory":
                limits[name] = (0, high)
    return limits


def _transposed(found: Any) -> bool:
    def any_up(row: Any) -> bool:
        return any(
            kind == "conv_transpose"
            or (kind == "op" and rest[0].startswith("upsample"))
            or (kind == "block" and any(map(any_up, rest[1:])))
            for kind, *rest in row
        )

    return any(map(any_up, found))


def recorded(seed: int) -> dict[str, Any]:
    """What is known of one random space: how many trees keep its limits, and the ends of costs."""
    case = CrossedCase(seed)
    found = measured(case)
    limits = random_limits(case, found) if found else {}
    outputs = [one["size"] for one in found.values()]
    output = case.draw.choice(outputs) if outputs and case.draw.random() < 0.5 else None
    good = [
        one
        for one in found.values()
        if keeps(one, limits) and (output is None or one["size"] == output)
    ]
    ends = {name: sorted(one[name] for one in good) for name in SUMS}
    return {
        "seed": seed,
        "limits": limits,
        "output": output,
        "count": len(good),
        **{name: [values[0], values[-1]] for name, values in ends.items() if values},
    }


if __name__ == "__main__":
    lines = [json.dumps(recorded(seed)) for seed in range(int(sys.argv[2]))]
    Path(sys.argv[1]).write_text("\n".join(lines) + "\n")
