"""Published networks as TensorFlow's slim library builds them, with what Distill's table says.

"Computing Receptive Fields of Convolutional Neural Networks" (Araujo, Norris and Sim, Distill 2019)
gives the receptive field, the effective stride and the effective padding of these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from solver import Conv, Network, concat, pad, trace
from solver.frameworks import layer

Part = Callable[[Any], Any]


def conv(k: int | tuple[int, int], s: int = 1, padding: str = "same", filters: int = 1) -> Any:
    """Return a convolution; channels are of no matter here, so there is one unless it is said."""
    return layer("keras", "Conv2D", filters=filters, kernel_size=k, strides=s, padding=padding)


def pool(k: int, s: int = 1, padding: str = "same") -> Any:
    return layer("keras", "MaxPooling2D", pool_size=k, strides=s, padding=padding)


def row(*parts: Part) -> Part:
    def run(x: Any) -> Any:
        for part in parts:
            x = part(x)
        return x

    return run


def side(*parts: Part) -> Part:
    """Run parts beside each other on one input."""
    return lambda x: concat(*(part(x) for part in parts))


def valid_conv(k: int, s: int = 1) -> Any:
    return conv(k, s, "valid")


def valid_pool(k: int, s: int = 1) -> Any:
    return pool(k, s, "valid")


def alexnet_v2() -> Part:
    return row(
        *(valid_conv(11, 4), valid_pool(3, 2), conv(5), valid_pool(3, 2)),
        *(conv(3), conv(3), conv(3), valid_pool(3, 2)),
    )


def vgg_16() -> Part:
    parts: list[Part] = []
    for count in (2, 2, 3, 3, 3):
        parts += [*(conv(3) for _ in range(count)), pool(2, 2)]
    return row(*parts)


def mobilenet_v1() -> Part:
    strides = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    deep = (
        part
        for s in strides
        for part in (
            layer("keras", "DepthwiseConv2D", kernel_size=3, strides=s, padding="same"),
            conv(1),
        )
    )
    return row(conv(3, 2), *deep)


def resnet_v1(units: Sequence[int]) -> Part:
    """Stride in the last unit of a block; a convolution with stride pads alike at every size."""

    def bottleneck(stride: int, project: bool) -> Part:
        three = conv(3) if stride == 1 else row(lambda x: pad(x, 1), valid_conv(3, stride))
        deep = row(conv(1), three, conv(1))

        def unit(x: Any) -> Any:
            short = conv(1, stride)(x) if project else x if stride == 1 else pool(1, stride)(x)
            return short + deep(x)

        return unit

    parts: list[Part] = [lambda x: pad(x, 3), valid_conv(7, 2), pool(3, 2)]
    for block, count in enumerate(units):
        for number in range(count):
            stride = 2 if block < 3 and number == count - 1 else 1
            parts.append(bottleneck(stride, number == 0))
    return row(*parts)


def inception_v2() -> Part:
    def block(pooled: Part) -> Part:
        return side(
            conv(1), row(conv(1), conv(3)), row(conv(1), conv(3), conv(3)), row(pooled, conv(1))
        )

    def reduction() -> Part:
        return side(row(conv(1), conv(3, 2)), row(conv(1), conv(3), conv(3, 2)), pool(3, 2))

    return row(
        *(conv(7, 2), pool(3, 2), conv(1), conv(3), pool(3, 2)),
        *(block(pool(3)) for _ in range(2)),
        reduction(),
        *(block(pool(3)) for _ in range(4)),
        reduction(),
        *(block(pool(3)) for _ in range(2)),
    )


def stem() -> tuple[Part, ...]:
    first = (valid_conv(3, 2), valid_conv(3), conv(3), valid_pool(3, 2))
    return (*first, valid_conv(1), valid_conv(3), valid_pool(3, 2))


def block_a(k: int = 3) -> Part:
    return side(
        conv(1), row(conv(1), conv(k)), row(conv(1), conv(3), conv(3)), row(pool(3), conv(1))
    )


def block_b() -> Part:
    return side(
        conv(1),
        row(conv(1), conv((1, 7)), conv((7, 1))),
        row(conv(1), conv((7, 1)), conv((1, 7)), conv((7, 1)), conv((1, 7))),
        row(pool(3), conv(1)),
    )


def reduction_a() -> Part:
    deep = row(conv(1), conv(3), valid_conv(3, 2))
    return side(valid_conv(3, 2), deep, valid_pool(3, 2))


def reduction_b() -> Part:
    return side(
        row(conv(1), valid_conv(3, 2)),
        row(conv(1), conv((1, 7)), conv((7, 1)), valid_conv(3, 2)),
        valid_pool(3, 2),
    )


def split() -> Part:
    return side(conv((1, 3)), conv((3, 1)))


def inception_v3() -> Part:
    def block_c() -> Part:
        deep = row(conv(1), conv(3), split())
        return side(conv(1), row(conv(1), split()), deep, row(pool(3), conv(1)))

    return row(
        *stem(),
        *(block_a(5) for _ in range(3)),
        reduction_a(),
        *(block_b() for _ in range(4)),
        reduction_b(),
        *(block_c() for _ in range(2)),
    )


def inception_v4() -> Part:
    def block_c() -> Part:
        deep = row(conv(1), conv((3, 1)), conv((1, 3)), split())
        return side(conv(1), row(conv(1), split()), deep, row(pool(3), conv(1)))

    deep = row(conv(1), conv((1, 7)), conv((7, 1)), valid_conv(3))
    return row(
        *(valid_conv(3, 2), valid_conv(3), conv(3)),
        side(valid_pool(3, 2), valid_conv(3, 2)),
        side(row(conv(1), valid_conv(3)), deep),
        side(valid_conv(3, 2), valid_pool(3, 2)),
        *(block_a() for _ in range(4)),
        reduction_a(),
        *(block_b() for _ in range(7)),
        reduction_b(),
        *(block_c() for _ in range(3)),
    )


def inception_resnet_v2() -> Part:
    def residual(channels: int, *parts: Part) -> Part:
        def block(x: Any) -> Any:
            return x + conv(1, filters=channels)(side(*parts)(x))

        return block

    last = side(
        row(conv(1), valid_conv(3, 2)),
        row(conv(1), valid_conv(3, 2)),
        row(conv(1), conv(3), valid_conv(3, 2)),
        valid_pool(3, 2),
    )
    three, two = row(conv(1), conv(3), conv(3)), row(conv(1), conv(3))
    seven, one = row(conv(1), conv((1, 7)), conv((7, 1))), row(conv(1), conv((1, 3)), conv((3, 1)))
    return row(
        *stem(),
        block_a(5),
        *(residual(4, conv(1), two, three) for _ in range(10)),
        reduction_a(),
        *(residual(6, conv(1), seven) for _ in range(20)),
        last,
        *(residual(9, conv(1), one) for _ in range(10)),
    )


#: The network, and its receptive field, effective stride and effective padding in the table.
TABLE: dict[str, tuple[Part, tuple[int, int, int]]] = {
    "alexnet_v2": (alexnet_v2(), (195, 32, 64)),
    "vgg_16": (vgg_16(), (212, 32, 90)),
    "mobilenet_v1": (mobilenet_v1(), (315, 32, 126)),
    "resnet_v1_50": (resnet_v1((3, 4, 6, 3)), (483, 32, 239)),
    "inception_v2": (inception_v2(), (699, 32, 318)),
    "resnet_v1_101": (resnet_v1((3, 4, 23, 3)), (1027, 32, 511)),
    "inception_v3": (inception_v3(), (1311, 32, 618)),
    "resnet_v1_152": (resnet_v1((3, 8, 36, 3)), (1507, 32, 751)),
    "resnet_v1_200": (resnet_v1((3, 24, 36, 3)), (1763, 32, 879)),
    "inception_v4": (inception_v4(), (2071, 32, 998)),
    "inception_resnet_v2": (inception_resnet_v2(), (3039, 32, 1482)),
}


def network(name: str) -> Network:
    return trace(TABLE[name][0])


def wavenet(causal: bool, depth: int = 10, stacks: int = 3) -> Network:
    """Stacks of gated dilated convolutions with residuals, dilated by 1, 2, 4, ..."""

    def run(x: Any) -> Any:
        skips = []
        for number in range(depth * stacks):
            d = 2 ** (number % depth)
            ends = (d, 0) if causal else (d // 2, d - d // 2)
            y = Conv(2, dilation=d, padding=(ends,))(x)
            skips.append(y)
            x = x + Conv(1)(y)
        whole = skips[0]
        for skip in skips[1:]:
            whole = whole + skip
        return whole

    return trace(run, axes=1)
