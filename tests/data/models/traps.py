"""Small modules of PyTorch, each with one thing that a reader of live models may trip over."""

from __future__ import annotations

import functools
import math
import random
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations, parametrize, weight_norm
from torch.utils.checkpoint import checkpoint


class Of(nn.Module):
    """Be a module of a function of itself and the input, with a convolution."""

    def __init__(self, forward, **held):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self._do = forward
        for name, each in held.items():
            setattr(self, name, each)

    def forward(self, x):
        return self._do(self, x)


@torch.jit.script
def scripted(x):
    return x[:, :, : x.shape[2] // 2] * 2


def ceil_of_part(self, x):
    h, w = x.shape[-2:]
    up, left = math.ceil(h / 8) * 8 - h, int(np.ceil(w / 8)) * 8 - w
    return self.conv(F.pad(x, (0, left, 0, up)))


def rounded(self, x):
    return F.interpolate(x, size=(round(x.shape[2] / 4), int(x.shape[3] * 0.5)))


def of_arrays(self, x):
    h, w = (np.array(x.shape[-2:]) // 2 + 1).tolist()
    return F.adaptive_avg_pool2d(x, (h, w))


def of_tensors(self, x):
    size = torch.tensor(x.shape[-2:]) / 3
    h, w = torch.ceil(size).long().tolist()
    return F.adaptive_max_pool2d(x, (h, w))


def of_elements(self, x):
    pad = (torch.tensor(x.shape[-1]) % 4).item()
    return F.pad(x, (0, pad))


def in_a_table(self, x):
    return x[:, :, : len(range(x.shape[2])) // 2]


def by_truth(self, x):
    h, w = x.shape[-2:]
    return F.interpolate(x, size=(h + (h % 2 != 0), w + (w % 4 == 0)))


def by_mask(self, x):
    h, w = x.shape[-2:]
    return x[:, :, : h & ~7 or 1, : w & 15 or 1]


def refuses(self, x):
    if x.shape[2] % 4 or x.shape[3] % 4:
        raise ValueError(f"{tuple(x.shape)} is no multiple of 4")
    return self.conv(x)


def asserts(self, x):
    torch._assert(x.shape[2] > 8, "too low")
    assert x.shape[3] % 2 == 0, "odd"
    return self.conv(x)


def tries(self, x):
    try:
        return x.view(1, 3, 4, -1)
    except RuntimeError:
        return self.conv(x)


def tries_large(self, x):
    try:
        return x + torch.zeros(1, 3, 90, 1)[:, :, : x.shape[2]]
    except RuntimeError:
        return self.conv(x[:, :, 1:])


def tries_in_vain(self, x):
    try:
        return self.conv(x[:, :, 3:])
    except KeyError:
        return x
    finally:
        self.done = True


def tries_shapes(self, x):
    try:
        if x.shape[2] < 10:
            raise ValueError("low")
        return F.avg_pool2d(x, 2)
    except ValueError:
        return self.conv(x)


def keeps_first(self, x):
    if self.first is None:
        self.first = x.shape[2] % 2
    return F.pad(x, (0, 0, 0, self.first))


def keeps_table(self, x):
    key = tuple(x.shape[2:])
    if key not in self.table:
        self.table[key] = torch.zeros(1, 1, *key)
    return self.conv(x + self.table[key])


@functools.lru_cache
def remembered(h, w):
    return h // 2 + 1, w // 3 + 1


def remembers(self, x):
    return F.adaptive_avg_pool2d(x, remembered(*x.shape[2:]))


def in_place(self, x):
    y = self.conv(x).relu_()
    y += 1
    y[:, :, ::2] = 0
    y.mul_(2).add_(y)
    return y[..., 1:]


def of_weights(self, x):
    return F.conv2d(x, self.conv.weight, self.conv.bias, stride=2)


def twice(self, x):
    return self.conv(x) + self.conv(x * 2)


def checkpointed(self, x):
    return checkpoint(self.conv, x, use_reentrant=False)


def called_functionally(self, x):
    named = {name: each * 2 for name, each in self.conv.named_parameters()}
    return torch.func.functional_call(self.conv, named, (x,))


def by_elements(self, x):
    return x if x.sum() > 0 else x[:, :, 1:]


def where_positive(self, x):
    return x[:, :, x[0, 0, :, 0] > 0]


def where_even(self, x):
    return x[..., torch.arange(x.shape[-1]) % 2 == 0]


def item_of_input(self, x):
    return x[:, :, : int(x.max().item())]


def nonzero(self, x):
    return torch.nonzero(x)


CHANCE = random.Random(1)


def by_chance(self, x):
    return x if CHANCE.random() < 0.5 else x[:, :, 1:]


def over_range(self, x):
    return torch.stack([x[:, :, i] for i in range(x.shape[2])], 2)


def loops(self, x):
    while x.shape[2] > 8 and x.shape[3] > 8:
        x = F.max_pool2d(x, 2)
    return self.conv(x)


def in_a_set(self, x):
    return self.conv(x) if x.shape[2] in (16, 32) else x


def in_a_held_set(self, x):
    return self.conv(x) if x.shape[2] // 2 in self.held else x


def by_a_table(self, x):
    return F.avg_pool2d(x, self.held.get(x.shape[3], 1))


def of_a_key(self, x):
    key = tuple(x.shape[2:])
    return self.held[key] + x if key in self.held else self.conv(x[:, :, 1:])


def by_a_map(self, x):
    return x[:, :, : next(map({16: 3, 32: 5}.get, x.shape[2:])) or 1]


def alike(self, x):
    return x if len(set(x.shape[2:])) == 1 else self.conv(x)[:, :, 1:]


def different(self, x):
    h, w = x.shape[2:]
    return x if len({h // 4, w // 4}) == 2 else x[:, :, 1:]


class Remembering(Of):
    @functools.lru_cache  # noqa: B019
    def half(self, h):
        return h // 2 + 1


def remembers_itself(self, x):
    return F.adaptive_avg_pool2d(x, (self.half(x.shape[2]), self.half(x.shape[3])))


def of_a_quotient(self, x):
    h = x.shape[2]
    return F.interpolate(x, scale_factor=(h / 14, 2.0))


def float_first(self, x):
    h, w = x.shape[-2:]
    return F.interpolate(x, size=(int(0.5 * h) + 1, int(max(2.0, w)) + 1))


def float_decides(self, x):
    return self.conv(x) if 0.5 * x.shape[2] > 200 else x


def scaled_by_self(self, x):
    return F.interpolate(x, size=(int(self.scale * x.shape[2]), x.shape[3]))


def cut(self, x):
    return F.pad(x, (0, 0, -3, 0))


def reflects(self, x):
    h = x.shape[2]
    return F.pad(x, (1, 1, (8 - h % 8) % 8, 0), mode="reflect")


def windows(self, x):
    b, c, h, w = x.shape
    x = F.pad(x, (0, -w % 4, 0, -h % 4))
    _, _, hp, wp = x.shape
    x = x.view(b, c, hp // 4, 4, wp // 4, 4).permute(0, 2, 4, 3, 5, 1).reshape(-1, 16, c)
    x = x.view(b, hp // 4, wp // 4, 4, 4, c).permute(0, 5, 1, 3, 2, 4).reshape(b, c, hp, wp)
    return x[:, :, :h, :w].contiguous()


def chunks(self, x):
    one, *others = x.chunk(3, 2)
    return one, torch.cat(others, 2) if others else one


def by_name(self, x):
    return {"small": F.max_pool2d(x, 2), "all": [x, self.conv(x)]}


def square(self, x):
    return self.conv(x) if x.shape[2] == x.shape[3] else x.transpose(2, 3)


def tokens(self, x):
    x = x.flatten(2).transpose(1, 2)
    n = int(math.sqrt(x.shape[1]))
    return x[:, : n * n]


def halves(self, x):
    for _ in range(4):
        if x.shape[-1] % 2:
            x = F.pad(x, (0, 1))
        x = F.avg_pool2d(x, 2)
    return x


def joins(self, x):
    return torch.cat([x, F.interpolate(F.max_pool2d(x, 2), scale_factor=2)], 1)


def of_a_grid(self, x):
    rows, columns = torch.meshgrid(
        torch.arange(x.shape[2]), torch.arange(x.shape[3]), indexing="ij"
    )
    return torch.stack([rows, columns], -1).float() + x.mean()


def to_a_square(self, x):
    side = max(x.shape[2:])
    return F.pad(x, (0, side - x.shape[3], 0, side - x.shape[2]))


def empties(self, x):
    return F.max_pool2d(x[:, :, 2:], 2)


def takes_most(self, x):
    return x.flatten(2).topk(min(5, x.shape[2] * x.shape[3]), -1)[0]


def wraps(self, x):
    return F.pad(x, (x.shape[3] // 2, 0, 1, 0), mode="circular")


def narrows(self, x):
    return torch.roll(x.narrow(2, 1, x.shape[2] - 2), (x.shape[2] // 2, 1), (2, 3))


def _normed(make):
    module = Of(twice)
    module.conv = make(module.conv)
    return module


def _hooked():
    module = Of(twice)
    module.conv.register_forward_hook(lambda _, given, out: out[:, :, 1:])
    module.conv.register_forward_pre_hook(lambda _, given: (F.pad(given[0], (2, 0)),))
    return module


class Doubled(nn.Module):
    def forward(self, weight):
        return weight * 2


def _parametrized():
    module = Of(twice)
    parametrize.register_parametrization(module.conv, "weight", Doubled())
    return module


def near_2_to_31(self, x):
    """What it decides has no formula, and changes nothing."""
    low = self.conv(x)[..., ::2, ::2]
    up = F.interpolate(low, size=x.shape[-2:])
    ratio = max(a / b for a, b in zip(x.shape[-2:], low.shape[-2:], strict=True))
    return up.contiguous() if up.numel() * ratio > 2**31 else up


def warns(self, x):
    if 2.0 in x[:, :, [-1, 0]]:
        warnings.warn("there is a 2", stacklevel=1)
    return self.conv(x)


def of_a_number_of_numpy(self, x):
    hop = np.prod([2, 4])
    return F.pad(self.conv(x), (0, math.ceil(x.shape[-1] / hop) * hop - x.shape[-1]))


def positions(self, x):
    """One token is repeated to meet all positions."""
    tokens = F.avg_pool2d(self.conv(x), 8).flatten(2).transpose(1, 2) + torch.zeros(1, 4, 4)
    return tokens.reshape(tokens.shape[0], tokens.shape[1], 2, 2)


def _of_a_script():
    return Of(lambda self, x: scripted(self.conv(x)))


def _encoder():
    layer = nn.TransformerEncoderLayer(32, 4, 16, batch_first=True)
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Flatten(0, 1), layer)


def _shared():
    one = nn.Conv2d(3, 3, 3, 2)
    return nn.Sequential(one, nn.ReLU(), one)


#: Modules that are read whole, and that have something no size can be told of behind.
WHOLE = {
    **{
        each.__name__: functools.partial(Of, each)
        for each in (
            ceil_of_part,
            rounded,
            of_arrays,
            of_tensors,
            of_elements,
            by_truth,
            by_mask,
            refuses,
            asserts,
            tries,
            tries_large,
            tries_in_vain,
            tries_shapes,
            keeps_table,
            remembers,
            in_place,
            of_weights,
            twice,
            checkpointed,
            called_functionally,
            loops,
            in_a_set,
            alike,
            different,
            cut,
            reflects,
            windows,
            chunks,
            by_name,
            square,
            halves,
            joins,
            of_a_grid,
            to_a_square,
            empties,
            takes_most,
            wraps,
            narrows,
            near_2_to_31,
            warns,
            of_a_number_of_numpy,
            positions,
            float_first,
            float_decides,
        )
    },
    "of_a_script": _of_a_script,
    "encoder": _encoder,
    "keeps_first": lambda: Of(keeps_first, first=None),
    "keeps_table": lambda: Of(keeps_table, table={}),
    "in_a_held_set": lambda: Of(in_a_held_set, held={8, 16, 49}),
    "by_a_table": lambda: Of(by_a_table, held={8: 2, 16: 3, 64: 4}),
    "of_a_key": lambda: Of(of_a_key, held={(16, 20): 1, (64, 80): 2}),
    "remembers_itself": lambda: Remembering(remembers_itself),
    "hooked": _hooked,
    "parametrized": _parametrized,
    "weight_norm": lambda: _normed(weight_norm),
    "new_weight_norm": lambda: _normed(parametrizations.weight_norm),
    "spectral_norm": lambda: _normed(parametrizations.spectral_norm),
    "parallel": lambda: nn.DataParallel(Of(twice)),
    "shared": _shared,
    "scaled_by_self": lambda: Of(scaled_by_self, scale=0.5),
}
BLIND = {
    **{
        each.__name__: functools.partial(Of, each)
        for each in (
            by_elements,
            by_a_map,
            where_positive,
            where_even,
            item_of_input,
            nonzero,
            over_range,
            in_a_table,
            tokens,
            of_a_quotient,
            by_chance,
        )
    },
}
