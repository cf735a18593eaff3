from torch import cat, nn


class UNet(nn.Module):
    def __init__(self, depth=4, width=8):
        super().__init__()
        self.downs = nn.ModuleList()
        self.ups = nn.ModuleList()
        before = 1
        for i in range(depth):
            self.downs.append(nn.Conv2d(before, width * 2**i, 3, padding=1))
            before = width * 2**i
        for i in reversed(range(depth - 1)):
            self.ups.append(nn.ConvTranspose2d(width * 2 ** (i + 1), width * 2**i, 2, stride=2))
        self.joins = nn.ModuleList(
            nn.Conv2d(width * 2 ** (i + 1), width * 2**i, 3, padding=1)
            for i in reversed(range(depth - 1))
        )
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        kept = []
        for i, down in enumerate(self.downs):
            x = down(x)
            if i < len(self.downs) - 1:
                kept.append(x)
                x = self.pool(x)
        for up, join in zip(self.ups, self.joins, strict=True):
            x = join(cat([kept.pop(), up(x)], dim=1))
        return x
