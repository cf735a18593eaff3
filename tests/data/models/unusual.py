"""Small modules that make words of sizes, or whose layers are not what they were made as."""

from __future__ import annotations

import functools
import logging

import torch
from torch import nn
from torch.nn import functional as F
from traps import Of


def attribute(self, x):
    return x[:, :, getattr(self, f"p{x.shape[2] % 2}") :]


def compared_words(self, x):
    return self.conv(x) if f"{x.shape[3]}" == "8" else x[:, :, 1:]


def found_words(self, x):
    return self.conv(x) if str(x.shape[3]) in ("8", "16") else x[:, :, 1:]


def filled_words(self, x):
    h, w = x.shape[2:]
    return self.conv(x) if "%dx%d" % (h, w) == "64x80" else x[:, :, 1:]  # noqa: UP031


def joined_words(self, x):
    return self.conv(x) if "x".join(map(str, x.shape[2:])) == "64x80" else x[:, :, 1:]


def key_of_words(self, x):
    h, w = x.shape[2:]
    return self.conv(x) if self.held.get(f"{h}x{w}") else x[:, :, 1:]


def long_words(self, x):
    return x[:, :, len(str(x.shape[2])) :]


def logs(self, x):
    message = f"{x.shape[2]} rows"
    logging.getLogger("traps").debug(message)
    logging.getLogger("traps").debug("%d columns", x.shape[3])
    return self.conv(x)


def raises_words(self, x):
    message = f"{x.shape[2]} is odd"
    if x.shape[2] % 2: raise ValueError(message)  # fmt: skip  # noqa: E701
    return self.conv(x)


def pads_by_truths(self, x):
    h, w = x.shape[2:]
    return F.pad(x, (0, h == 3, 0, not w % 2))


def half(self, x):
    return F.interpolate(x, size=(int(0.5 * x.shape[2]) + 1, 7))


def float_less(self, x):
    return self.conv(x) if 20.5 < x.shape[2] else x[:, :, 1:]  # noqa: SIM300


def thousandth(self, x):
    return F.pad(x, (0, 0, 0, int(0.001 * x.shape[2])))


def changes_stride(self, x):
    if x.shape[2] > 8:
        self.conv.stride = (2, 2)
    return self.conv(x)


def repeats_one(self, x):
    """Where one row is left, it is repeated; else nothing runs."""
    x = x + 0
    x += F.max_pool2d(x, 2)
    x.add_(torch.ones(1, 3, 3, 3))
    return x


def into_a_constant(self, x):
    zeros = torch.zeros(1, 3, 4, 4)
    zeros += x
    return zeros


def by_both(self, x):
    if max(x.shape[2:]) > 20:
        x = F.avg_pool2d(x, 2)
    return x if min(x.shape[2:]) <= 3 else self.conv(x)


def of_the_least(self, x):
    return F.interpolate(x, size=(min(x.shape[2:]), max(x.shape[2:])))


def _set(**attributes):
    module = Of(lambda self, x: self.conv(x))
    for name, value in attributes.items():
        setattr(module.conv, name, value)
    return module


def _forward():
    module = Of(lambda self, x: self.conv(x))
    conv = module.conv
    conv.forward = lambda x: nn.Conv2d.forward(conv, x)[:, :, 1:]
    return module


class Called(nn.Conv2d):
    def __call__(self, x):
        return super().__call__(x)[:, :, 1:]


def _normalized():
    norm = nn.BatchNorm2d(5)
    norm.weight = norm.bias = nn.Parameter(torch.zeros(3))
    norm.running_mean, norm.running_var = torch.zeros(3), torch.ones(3)
    return norm


def _linear():
    linear = nn.Linear(8, 4)
    linear.weight, linear.bias = nn.Parameter(torch.zeros(6, 7)), None
    return linear


def _pool():
    pool = nn.MaxPool2d(2)
    pool.kernel_size, pool.ceil_mode = 3, True
    return pool


#: Modules that are read whole, and those of which something is not told.
WHOLE = {
    **{
        each.__name__: functools.partial(Of, each)
        for each in (
            logs,
            raises_words,
            pads_by_truths,
            half,
            float_less,
            changes_stride,
            by_both,
            of_the_least,
        )
    },
    "attribute": lambda: Of(attribute, p0=1, p1=2),
    "forward": _forward,
    "called": lambda: nn.Sequential(Called(3, 4, 3)),
    "strides": lambda: _set(stride=(2, 2), padding=(0, 0)),
    "weights": lambda: _set(weight=nn.Parameter(torch.zeros(6, 3, 5, 5)), bias=None),
    "normalized": _normalized,
    "linear": _linear,
    "pool": _pool,
}
PARTLY = {
    **{
        each.__name__: functools.partial(Of, each)
        for each in (
            compared_words,
            found_words,
            filled_words,
            joined_words,
            long_words,
            thousandth,
            repeats_one,
            into_a_constant,
        )
    },
    "key_of_words": lambda: Of(key_of_words, held={"64x80": 1}),
}
