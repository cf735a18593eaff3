"""What operations do, apart from any framework: the facts that everything else asks of them.

A row of a table names one of these kinds; the word is for people, in pages and messages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from solver.ground.named import NamedTuple

#: From the elements of the kernel, the channels of a group, those behind and the multiplier of
#: each channel: the weights, without the bias.
Weights = Callable[[Any, Any, Any, Any], Any]


class Kind(NamedTuple):
    """What a kind of operation does.

    own: the name of our own operation that does it, where there is one. weights: how many it has,
    None where none. mixes: whether an output reads all channels. transposed: whether its window
    slides over the output. slides: whether it is one window, and can be written as one. pools: max
    and average pooling. pads: whether it only adds or cuts elements. samples: whether it resizes,
    reorders or pools parts alike. keeps: whether every element stays, so that channels lose what
    sizes gain. with_output_size: whether its call may say the size that comes out. indexed: whether
    it takes where each value was. reduces: whether one element comes out. joins: whether all sizes
    become one, and splits: whether one becomes all.
    """

    word: str
    own: str = ""
    weights: Weights | None = None
    mixes: bool = False
    transposed: bool = False
    slides: bool = False
    pools: bool = False
    pads: bool = False
    samples: bool = False
    keeps: bool = False
    with_output_size: bool = False
    indexed: bool = False
    reduces: bool = False
    joins: bool = False
    splits: bool = False

    @property
    def per_channel(self) -> bool:
        """Whether each channel has weights of its own, and nothing mixes them."""
        return self.weights is not None and not self.mixes

    def __str__(self) -> str:
        return self.word

    def __repr__(self) -> str:
        return f"Kind({self.word!r})"


def _full(kernel: Any, before: Any, after: Any, multiplier: Any) -> Any:
    return kernel * before * after


def _depthwise(kernel: Any, before: Any, after: Any, multiplier: Any) -> Any:
    return kernel * after


def _separable(kernel: Any, before: Any, after: Any, multiplier: Any) -> Any:
    deep = before * multiplier
    return kernel * deep + deep * after


CONV = Kind("convolution", "conv", _full, mixes=True, slides=True)
DEPTHWISE = Kind("depthwise convolution", weights=_depthwise, slides=True)
SEPARABLE = Kind("separable convolution", weights=_separable, mixes=True)
TRANSPOSED = Kind(
    "transposed convolution",
    "conv_transpose",
    _full,
    True,
    transposed=True,
    slides=True,
    with_output_size=True,
)
MAX = Kind("max pooling", "maxpool", slides=True, pools=True)
AVERAGE = Kind("average pooling", "avgpool", slides=True, pools=True)
NORM = Kind("LP pooling")
REDUCE = Kind("pooling")
RANDOM = Kind("fractional pooling")
PARTS = Kind("adaptive pooling", samples=True)
WHOLE = Kind("global pooling", samples=True, reduces=True)
UNPOOL = Kind("max unpooling", with_output_size=True, indexed=True)
UNFOLD = Kind("unfold", joins=True)
FOLD = Kind("fold", splits=True)
SHUFFLE = Kind("pixel shuffle", samples=True, keeps=True)
UNSHUFFLE = Kind("pixel unshuffle", samples=True, keeps=True)
RESIZE = Kind("resize", samples=True)
PAD = Kind("padding", slides=True, pads=True)
CENTRE = Kind("centred cropping")
POINTWISE = Kind("pointwise over channels", mixes=True)
CROP = Kind("cropping", slides=True, pads=True)
