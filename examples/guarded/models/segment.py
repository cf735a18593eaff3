"""A U-Net of three levels, as a repository has it."""

from torch import cat, nn


class Segment(nn.Module):
    def __init__(self, channels=3, width=16, classes=4):
        super().__init__()
        self.enter = nn.Conv2d(channels, width, 3, padding=1)
        self.down = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.bottom = nn.Conv2d(2 * width, 4 * width, 3, padding=1)
        self.up = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.join = nn.Conv2d(4 * width, 2 * width, 3, padding=1)
        self.out = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.leave = nn.Conv2d(2 * width, classes, 3, padding=1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        first = self.enter(x)
        second = self.down(self.pool(first))
        x = self.bottom(self.pool(second))
        x = self.join(cat([self.up(x), second], dim=1))
        return self.leave(cat([self.out(x), first], dim=1))
