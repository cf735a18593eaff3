"""A U-Net of three levels: a package, whose parts are in a file beside it."""

from torch import nn

from .parts import Double, Up


class Segment(nn.Module):
    def __init__(self, channels=3, width=16, classes=4):
        super().__init__()
        self.enter = Double(channels, width)
        self.down = Double(width, 2 * width)
        self.bottom = Double(2 * width, 4 * width)
        self.pool = nn.MaxPool2d(2)
        self.up = Up(4 * width, 2 * width)
        self.out = Up(2 * width, width)
        self.leave = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        first = self.enter(x)
        second = self.down(self.pool(first))
        x = self.up(self.bottom(self.pool(second)), second)
        return self.leave(self.out(x, first))
