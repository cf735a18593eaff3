"""A U-Net whose ways up are unknown: which transposed convolutions meet the skips?"""

from torch import cat, nn


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(1, 16, 3, padding=1)
        self.two = nn.Conv2d(16, 32, 3, padding=1)
        self.deep = nn.Conv2d(32, 64, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.up_two = nn.ConvTranspose2d(64, 32, kernel_size=..., stride=2, padding=...)
        self.up_one = nn.ConvTranspose2d(64, 16, kernel_size=..., stride=2, padding=...)
        self.head = nn.Conv2d(32, 1, 1)

    def forward(self, x):
        one = self.one(x)
        two = self.two(self.pool(one))
        x = self.deep(self.pool(two))
        x = cat([two, self.up_two(x)], dim=1)
        x = cat([one, self.up_one(x)], dim=1)
        return self.head(x)
