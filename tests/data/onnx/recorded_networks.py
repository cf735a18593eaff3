"""The networks that are recorded: written in PyTorch, each small, of the kinds people use.

NETWORKS: name -> (module, channels of the input, axes, the size to export with).
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


class Residual(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.one = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(after)
        self.two = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.short = nn.Conv2d(before, after, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.two(F.relu(self.norm(self.one(x)))) + self.short(x))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 7, 2, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.blocks = nn.Sequential(
            *(Residual(4, 4, 1), Residual(4, 4, 1), Residual(4, 8, 2), Residual(8, 8, 1)),
            *(Residual(8, 8, 2), Residual(8, 8, 1), Residual(8, 8, 2), Residual(8, 8, 1)),
        )
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        x = self.blocks(self.stem(x))
        return x, self.head(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


def pair(before, after, padding):
    return nn.Sequential(
        *(nn.Conv2d(before, after, 3, padding=padding), nn.ReLU()),
        *(nn.Conv2d(after, after, 3, padding=padding), nn.ReLU()),
    )


class UNet(nn.Module):
    """how: what a skip connection does: concat as it is, crop, or resize what comes up."""

    def __init__(self, how, padding):
        super().__init__()
        self.how = how
        self.down = nn.ModuleList([pair(1, 2, padding), pair(2, 2, padding), pair(2, 2, padding)])
        self.bottom = pair(2, 2, padding)
        self.up = nn.ModuleList(nn.ConvTranspose2d(2, 2, 2, 2) for _ in range(3))
        self.after = nn.ModuleList(pair(4, 2, padding) for _ in range(3))

    def forward(self, x):
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for up, after, skip in zip(self.up, self.after, reversed(skips), strict=True):
            x = up(x)
            if self.how == "resize":
                x = F.interpolate(x, size=skip.shape[2:], mode="bilinear", align_corners=False)
            elif self.how == "crop":
                top = (skip.shape[2] - x.shape[2]) // 2
                left = (skip.shape[3] - x.shape[3]) // 2
                skip = skip[:, :, top : top + x.shape[2], left : left + x.shape[3]]
            x = after(torch.cat([skip, x], 1))
        return x


class Inverted(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.same = stride == 1 and before == after
        wide = before * 2
        self.body = nn.Sequential(
            *(nn.Conv2d(before, wide, 1), nn.ReLU6()),
            *(nn.Conv2d(wide, wide, 3, stride, 1, groups=wide), nn.ReLU6()),
            *(nn.Conv2d(wide, after, 1), nn.BatchNorm2d(after)),
        )

    def forward(self, x):
        return x + self.body(x) if self.same else self.body(x)


class MobileNet(nn.Sequential):
    def __init__(self):
        steps = [(1, 1), (2, 2), (2, 1), (2, 2), (2, 2), (2, 1), (2, 2)]
        super().__init__(
            nn.Conv2d(3, 2, 3, 2, 1),
            *(Inverted(2, 2, stride) for _, stride in steps),
            *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(), nn.Linear(2, 3)),
        )


class Detector(nn.Module):
    """A detector of the YOLO kind: focus, pyramid pooling, a pyramid up, heads at three levels."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(12, 4, 3, 1, 1)
        self.down = nn.ModuleList(nn.Conv2d(4, 4, 3, 2, 1) for _ in range(4))
        self.mix = nn.Conv2d(16, 4, 1)
        self.join = nn.ModuleList(nn.Conv2d(8, 4, 1) for _ in range(2))
        self.heads = nn.ModuleList(nn.Conv2d(4, 6, 1) for _ in range(3))

    def forward(self, x):
        quarters = [x[..., i::2, j::2] for j in range(2) for i in range(2)]
        x = self.stem(torch.cat(quarters, 1))
        levels = []
        for conv in self.down:
            x = F.silu(conv(x))
            levels.append(x)
        pools = [x]
        for _ in range(3):
            pools.append(F.max_pool2d(pools[-1], 5, 1, 2))
        found = [self.mix(torch.cat(pools, 1))]
        for level, join in zip((levels[2], levels[1]), self.join, strict=True):
            up = F.interpolate(found[-1], scale_factor=2.0, mode="nearest")
            found.append(join(torch.cat([up, level], 1)))
        out = [head(level) for head, level in zip(self.heads, found, strict=True)]
        return torch.cat([each.flatten(2) for each in out], 2).transpose(1, 2)


class ViT(nn.Module):
    def __init__(self, image):
        super().__init__()
        self.patch = nn.Conv2d(3, 8, 4, 4)
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.place = nn.Parameter(torch.zeros(1, (image // 4) ** 2 + 1, 8))
        self.qkv, self.out = nn.Linear(8, 24), nn.Linear(8, 8)
        self.norm = nn.LayerNorm(8)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.place
        b, n, c = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(b, n, 3, 2, c // 2).permute(2, 0, 3, 1, 4)
        a = (q @ k.transpose(-2, -1)).softmax(-1)
        x = x + self.out((a @ v).transpose(1, 2).reshape(b, n, c))
        return x, x[:, 0]


class Swin(nn.Module):
    """Padded to whole windows, attended to in windows, and put together again."""

    def __init__(self, window=7, padded=True):
        super().__init__()
        self.window, self.padded = window, padded
        self.patch = nn.Conv2d(3, 4, 4, 4)
        self.mix = nn.Linear(4, 4)
        self.merge = nn.Linear(16, 8)

    def forward(self, x):
        x = self.patch(x).permute(0, 2, 3, 1)
        b, h, w, c = x.shape
        s = self.window
        if self.padded:
            x = F.pad(x, (0, 0, 0, (s - w % s) % s, 0, (s - h % s) % s))
        b, hp, wp, c = x.shape
        x = x.view(b, hp // s, s, wp // s, s, c).permute(0, 1, 3, 2, 4, 5)
        x = self.mix(x.reshape(-1, s * s, c))
        x = x.view(b, hp // s, wp // s, s, s, c).permute(0, 1, 3, 2, 4, 5).reshape(b, hp, wp, c)
        if self.padded:
            x = x[:, :h, :w, :]
        return x


def wav2vec():
    kernels, strides = (10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2)
    layers, before = [], 1
    for k, s in zip(kernels, strides, strict=True):
        layers += [nn.Conv1d(before, 4, k, s, bias=False), nn.GroupNorm(4, 4), nn.GELU()]
        before = 4
    return nn.Sequential(*layers)


def dcgan():
    layers = [nn.ConvTranspose2d(8, 4, 4, 1, 0), nn.ReLU()]
    for _ in range(3):
        layers += [nn.ConvTranspose2d(4, 4, 4, 2, 1), nn.BatchNorm2d(4), nn.ReLU()]
    return nn.Sequential(*layers, nn.ConvTranspose2d(4, 3, 4, 2, 1), nn.Tanh())


class Pyramid(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(c, 4, 3, 2, 1) for c in (3, 4, 4, 4))
        self.side = nn.ModuleList(nn.Conv2d(4, 4, 1) for _ in range(3))

    def forward(self, x):
        levels = []
        for conv in self.down:
            x = F.relu(conv(x))
            levels.append(x)
        found = [x]
        for level, side in zip(reversed(levels[:-1]), self.side, strict=True):
            up = F.interpolate(found[-1], size=level.shape[-2:], mode="nearest")
            found.append(side(level) + up)
        return tuple(found)


class Shuffle(nn.Module):
    """A block of ShuffleNet: split, transform, concatenate, and shuffle the channels by a view."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2)
        self.body = nn.Sequential(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 3, 1, 1, groups=4))

    def forward(self, x):
        x = F.max_pool2d(self.stem(x), 3, 2, ceil_mode=True)
        one, two = x.chunk(2, 1)
        x = torch.cat([one, self.body(two)], 1)
        b, c, h, w = x.shape
        return x.view(b, 2, c // 2, h, w).transpose(1, 2).contiguous().view(b, c, h, w)


class Excite(nn.Module):
    """Squeeze and excitation, pixel shuffle, and a classifier for one size only."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 5, 2, 1)
        self.gate = nn.Sequential(nn.Linear(8, 2), nn.ReLU(), nn.Linear(2, 8), nn.Sigmoid())
        self.last = nn.Linear(8 * 7 * 7, 3)

    def forward(self, x):
        x = self.conv(x)
        x = x * self.gate(x.mean((2, 3))).unsqueeze(-1).unsqueeze(-1)
        big = F.pixel_shuffle(F.pad(x, (1, 2, 0, 1), mode="reflect"), 2)
        return big, self.last(torch.flatten(F.avg_pool2d(x, 2), 1))


class Speech(nn.Module):
    """Convolutions over a spectrogram of 16 bands, then a recurrent layer over time."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv1d(16, 8, 3, 2, 1), nn.GELU(), nn.Conv1d(8, 8, 3, 2, 1))
        self.over = nn.LSTM(8, 4, bidirectional=True, batch_first=True)
        self.last = nn.Linear(8, 5)

    def forward(self, x):
        x, _ = self.over(self.conv(x).transpose(1, 2))
        return self.last(x).log_softmax(-1)


def c3d():
    return nn.Sequential(
        *(nn.Conv3d(3, 2, 3, padding=1), nn.ReLU(), nn.MaxPool3d((1, 2, 2), (1, 2, 2))),
        *(nn.Conv3d(2, 2, 3, padding=1), nn.ReLU(), nn.MaxPool3d(2, 2)),
        *(nn.Conv3d(2, 2, 3, padding=1), nn.MaxPool3d(2, 2, padding=(0, 1, 1))),
    )


class Dense(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(2 + 2 * i, 2, 3, padding=1) for i in range(4))
        self.across = nn.Conv2d(10, 4, 1)
        self.stem = nn.Conv2d(3, 2, 7, 2, 3)

    def forward(self, x):
        x = self.stem(x)
        for conv in self.convs:
            x = torch.cat([x, F.relu(conv(x))], 1)
        x = F.avg_pool2d(self.across(x), 2)
        return F.interpolate(x, scale_factor=1.5, mode="bilinear", align_corners=False)


class WaveNet(nn.Module):
    """Dilated causal convolutions with gates, as in WaveNet."""

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv1d(2, 4, 2, dilation=2**i) for i in range(6))
        self.first = nn.Conv1d(1, 2, 1)

    def forward(self, x):
        x = self.first(x)
        total = 0
        for i, conv in enumerate(self.convs):
            y = conv(F.pad(x, (2**i, 0)) if i % 2 else x)
            one, two = torch.split(y, 2, dim=1)
            y = torch.tanh(one) * torch.sigmoid(two)
            x = x[..., -y.shape[-1] :] + y
            total = total + x.mean()
        return x + total


NETWORKS = {
    "resnet": (ResNet(), 3, 2, 64),
    "unet_concat": (UNet("concat", 1), 1, 2, 48),
    "unet_crop": (UNet("crop", 0), 1, 2, 116),
    "unet_resize": (UNet("resize", 1), 1, 2, 48),
    "mobilenet": (MobileNet(), 3, 2, 64),
    "detector": (Detector(), 3, 2, 64),
    "vit": (ViT(32), 3, 2, 32),
    "swin": (Swin(), 3, 2, 56),
    "swin_unpadded": (Swin(padded=False), 3, 2, 56),
    "wav2vec": (wav2vec(), 1, 1, 2000),
    "dcgan": (dcgan(), 8, 2, 1),
    "pyramid": (Pyramid(), 3, 2, 64),
    "shuffle": (Shuffle(), 3, 2, 64),
    "excite": (Excite(), 3, 2, 31),
    "speech": (Speech(), 16, 1, 100),
    "c3d": (c3d(), 3, 3, 16),
    "dense": (Dense(), 3, 2, 32),
    "wavenet": (WaveNet(), 1, 1, 200),
}

#: Those that are exported with numbers baked in too.
BAKED = {
    *("resnet", "unet_concat", "unet_crop", "unet_resize", "vit", "swin", "swin_unpadded"),
    *("pyramid", "shuffle", "excite", "speech", "wavenet"),
}

#: Those that are exported by torch.export too.
DYNAMO = {"unet_resize", "unet_crop", "swin"}
