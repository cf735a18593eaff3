"""The U-Net of 2015 as PyTorch code: unpadded convolutions, skips cropped to what comes back up."""

import torch
from torch import nn


def crop(skip, like):
    rows = (skip.shape[2] - like.shape[2]) // 2
    columns = (skip.shape[3] - like.shape[3]) // 2
    return skip[:, :, rows : rows + like.shape[2], columns : columns + like.shape[3]]


class Twice(nn.Sequential):
    def __init__(self, before, after):
        super().__init__(
            nn.Conv2d(before, after, 3), nn.ReLU(), nn.Conv2d(after, after, 3), nn.ReLU()
        )


class UNet(nn.Module):
    def __init__(self, channels=1, classes=2, width=64, levels=4):
        super().__init__()
        widths = [width * 2**level for level in range(levels + 1)]
        self.down = nn.ModuleList()
        self.up = nn.ModuleList()
        self.join = nn.ModuleList()
        for before, after in zip([channels, *widths], widths, strict=False):
            self.down.append(Twice(before, after))
        for level in range(levels, 0, -1):
            self.up.append(nn.ConvTranspose2d(widths[level], widths[level - 1], 2, stride=2))
            self.join.append(Twice(widths[level], widths[level - 1]))
        self.pool = nn.MaxPool2d(2)
        self.last = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        skips = []
        for block in self.down[:-1]:
            x = block(x)
            skips.append(x)
            x = self.pool(x)
        x = self.down[-1](x)
        for up, join, skip in zip(self.up, self.join, reversed(skips), strict=True):
            x = up(x)
            x = join(torch.cat([crop(skip, x), x], dim=1))
        return self.last(x)
