"""What the levels of the network are made of."""

from torch import cat, nn


class Double(nn.Sequential):
    def __init__(self, enter, leave):
        super().__init__(
            nn.Conv2d(enter, leave, 3, padding=1),
            nn.BatchNorm2d(leave),
            nn.ReLU(),
            nn.Conv2d(leave, leave, 3, padding=1),
            nn.BatchNorm2d(leave),
            nn.ReLU(),
        )


class Up(nn.Module):
    def __init__(self, enter, leave):
        super().__init__()
        self.up = nn.ConvTranspose2d(enter, leave, 2, stride=2)
        self.join = Double(2 * leave, leave)

    def forward(self, x, skip):
        return self.join(cat([self.up(x), skip], dim=1))
