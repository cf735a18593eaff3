import paddle
import paddle.nn.functional as F
from paddle import nn


class Block(nn.Layer):
    def __init__(self, before, after):
        super().__init__()
        self.conv = nn.Conv2D(before, after, 3, padding=1, bias_attr=False)
        self.norm = nn.BatchNorm2D(after)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))


class SmallUNet(nn.Layer):
    def __init__(self, classes=2):
        super().__init__()
        self.downs = nn.LayerList([Block(3, 16), Block(16, 32), Block(32, 64)])
        self.ups = nn.LayerList(
            [nn.Conv2DTranspose(64, 32, 2, stride=2), nn.Conv2DTranspose(32, 16, 2, stride=2)]
        )
        self.joins = nn.LayerList([Block(64, 32), Block(32, 16)])
        self.head = nn.Conv2D(16, classes, 1)

    def forward(self, x):
        first = self.downs[0](x)
        second = self.downs[1](F.max_pool2d(first, 2))
        x = self.downs[2](F.max_pool2d(second, 2))
        x = self.joins[0](paddle.concat([second, self.ups[0](x)], axis=1))
        return self.head(self.joins[1](paddle.concat([first, self.ups[1](x)], axis=1)))
