"""Every operation that the tables name, with typical arguments: what all readers must agree on."""

from __future__ import annotations

from typing import NamedTuple

#: The sizes that are asked, by the number of axes.
SIZES = {
    1: [(n,) for n in (1, 2, 5, 6, 8, 12)],
    2: [(1, 1), (2, 3), (5, 6), (6, 8), (8, 8), (12, 13)],
    3: [(2, 3, 4), (4, 4, 4), (5, 6, 7), (8, 8, 8)],
}


class Operation(NamedTuple):
    """Hold a layer of a framework: its arguments, how it is called on x, channels and axes."""

    framework: str
    name: str
    arguments: str = ""
    call: str = "self.op(x)"
    channels: int = 4
    axes: int = 2

    @property
    def title(self) -> str:
        return f"{self.framework} {self.name}({self.arguments})"

    @property
    def text(self) -> str:
        """Return a program with a network of this operation."""
        if self.framework == "keras":
            sizes = "None, " * self.axes
            call = self.call.replace("self.op", f"layers.{self.name}({self.arguments})")
            start = f"x = keras.Input(({sizes}{self.channels}))\n"
            return f"{start}y = {call}\nmodel = keras.Model(x, y)\n"
        return (
            "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
            f"        self.op = nn.{self.name}({self.arguments})\n\n"
            f"    def forward(self, x):\n        return {self.call}\n"
        )


def _pooled(n: int) -> str:
    return ", ".join(f"F.max_pool{n}d(x, 2, return_indices=True)[{i}]" for i in (0, 1))


#: Layers of PyTorch, their arguments; # stands for 1, 2 and 3 axes.
_TORCH = {
    "Conv#d": "4, 6, 3, stride=2, padding=1",
    "LazyConv#d": "6, 3, dilation=2, groups=2",
    "ConvTranspose#d": "4, 6, 3, stride=2, padding=1, output_padding=1",
    "LazyConvTranspose#d": "6, 2, stride=2, bias=False",
    "MaxPool#d": "3, 2, padding=1, ceil_mode=True",
    "AvgPool#d": "3, 2, 1",
    "LPPool#d": "2, 3, stride=2",
    "AdaptiveAvgPool#d": "3",
    "AdaptiveMaxPool#d": "2",
    "ZeroPad#d": "1",
    "ConstantPad#d": "2, 0.5",
    "ReflectionPad#d": "1",
    "ReplicationPad#d": "2",
    "CircularPad#d": "1",
    "BatchNorm#d": "4",
    "InstanceNorm#d": "4, affine=True",
    "LazyBatchNorm#d": "",
    "LazyInstanceNorm#d": "",
    "Dropout#d": "",
}
_TORCH_ALONE = {
    "FractionalMaxPool2d": "2, output_ratio=0.5",
    "Unfold": "3, padding=1",
    "PixelShuffle": "2",
    "PixelUnshuffle": "2",
    "ChannelShuffle": "2",
    "CrossMapLRN2d": "3",
    "Upsample": "scale_factor=1.5",
    "UpsamplingNearest2d": "scale_factor=2",
    "UpsamplingBilinear2d": "size=(5, 7)",
    "SyncBatchNorm": "4",
    "GroupNorm": "2, 4",
    "LayerNorm": "8",
    "RMSNorm": "(8, 8)",
    "PReLU": "4",
    "GLU": "1",
    "Flatten": "",
    "Unflatten": "1, (2, 2)",
    "Linear": "8, 3",
    "LazyLinear": "3, bias=False",
    "Identity": "",
    "Threshold": "0.1, 20",
    "LocalResponseNorm": "2",
    "AlphaDropout": "",
    "Softmax": "1",
    "LogSoftmax": "1",
    "Softmin": "1",
    **dict.fromkeys(
        (
            "ReLU",
            "ReLU6",
            "LeakyReLU",
            "ELU",
            "CELU",
            "SELU",
            "GELU",
            "SiLU",
            "Mish",
            "Hardswish",
            "Hardsigmoid",
            "Hardtanh",
            "Hardshrink",
            "Softshrink",
            "Tanhshrink",
            "Sigmoid",
            "LogSigmoid",
            "Tanh",
            "Softplus",
            "Softsign",
            "Softmax2d",
            "RReLU",
            "FeatureAlphaDropout",
        ),
        "",
    ),
}
_TORCH_CALLED = (
    *(
        Operation(
            "torch",
            f"MaxUnpool{n}d",
            "2",
            f"self.op({_pooled(n)})",
            axes=n,
        )
        for n in (1, 2, 3)
    ),
    Operation("torch", "ConvTranspose2d", "4, 4, 3, stride=2", "self.op(x, output_size=[11, 12])"),
    Operation("torch", "Fold", "(4, 5), 2", axes=1),
    Operation("torch", "Fold", "(6, 4), 2, stride=2, padding=1, dilation=2", axes=1, channels=8),
    Operation("torch", "CosineSimilarity", "1", "self.op(x, x)"),
    Operation("torch", "PairwiseDistance", "", "self.op(x, x)"),
    Operation("torch", "Embedding", "10, 3", "self.op(x.long())", axes=1),
    Operation("torch", "LSTM", "8, 3, bidirectional=True", "self.op(x)[0]", axes=1),
    Operation("torch", "GRU", "8, 3, num_layers=2", "self.op(x)[0]", axes=1),
    Operation("torch", "RNN", "8, 3, bias=False", "self.op(x)[0]", axes=1),
    Operation("torch", "MultiheadAttention", "8, 2", "self.op(x, x, x)[0]", axes=1),
    Operation(
        "torch",
        "MultiheadAttention",
        "8, 2, batch_first=True, kdim=8",
        "self.op(x, x, x)[0]",
        axes=1,
    ),
    Operation("torch", "Bilinear", "8, 8, 3", "self.op(x, x)", axes=1),
    Operation("torch", "LSTMCell", "8, 3", "self.op(x[0])[0]", axes=1),
    Operation("torch", "GRUCell", "8, 3", "self.op(x[0])", axes=1),
    Operation("torch", "RNNCell", "4, 3, bias=False", "self.op(x[:, :, 0])", axes=1),
    Operation("torch", "InstanceNorm2d", "3"),
    Operation("torch", "LayerNorm", "(4, 8, 8)"),
    Operation("torch", "TransformerEncoderLayer", "8, 2, 16", axes=1),
    Operation("torch", "Identity", "", "F.unfold(x, 3, padding=1)"),
    Operation("torch", "Identity", "", "torch.where(x > 0, x, -x)"),
    Operation("torch", "Identity", "", "F.pixel_shuffle(x, 2)"),
    Operation("torch", "Identity", "", "F.channel_shuffle(x, 2)"),
    Operation("torch", "Identity", "", "F.avg_pool2d(x, 2)"),
    Operation("torch", "Identity", "", "F.adaptive_max_pool2d(x, 3)"),
    Operation("torch", "Identity", "", "F.pad(x, (1, 2, 0, 1))"),
    Operation("torch", "Identity", "", "F.interpolate(x, scale_factor=2)"),
    Operation("torch", "Identity", "", "torch.cat([x, self.op(x)], 1)"),
    Operation("torch", "Identity", "", "torch.stack([x, x], 1).flatten(1, 2)"),
    Operation("torch", "Identity", "", "x.mean((2, 3))"),
    Operation("torch", "Identity", "", "x.max(2)[0]"),
    Operation("torch", "Identity", "", "x.permute(0, 2, 3, 1).transpose(1, 2)"),
    Operation("torch", "Identity", "", "x.unflatten(1, (2, 2))"),
    Operation("torch", "Identity", "", "x.chunk(2, 1)[1] * x[:, :2]"),
    Operation("torch", "Identity", "", "torch.matmul(x, x.mT)"),
    Operation("torch", "Identity", "", "x.unsqueeze(1).squeeze(1).view(1, 4, -1)"),
    Operation("torch", "Identity", "", f"F.max_unpool2d({_pooled(2)}, 2)"),
    Operation("torch", "Identity", "", "F.cosine_similarity(x, x)"),
)

#: Layers of Keras, by the same rules.
_KERAS = {
    "Conv#D": "6, 3, strides=2, padding='same'",
    "MaxPooling#D": "3, 2, padding='same'",
    "AveragePooling#D": "2",
    "GlobalMaxPooling#D": "",
    "GlobalAveragePooling#D": "keepdims=True",
    "AdaptiveMaxPooling#D": "2",
    "AdaptiveAveragePooling#D": "3",
    "UpSampling#D": "2",
    "ZeroPadding#D": "1",
    "Cropping#D": "1",
    "Conv#DTranspose": "6, 3, strides=2, padding='same'",
    "SpatialDropout#D": "0.1",
}
_KERAS_ALONE = {
    "SeparableConv1D": "6, 3",
    "SeparableConv2D": "6, 3, strides=2, padding='same'",
    "DepthwiseConv1D": "3",
    "DepthwiseConv2D": "3, depth_multiplier=2",
    "Resizing": "5, 6",
    "CenterCrop": "3, 4",
    "BatchNormalization": "scale=False",
    "LayerNormalization": "",
    "GroupNormalization": "2",
    "PReLU": "shared_axes=[1, 2]",
    "Flatten": "",
    "Reshape": "(-1, 2)",
    "Permute": "(2, 1, 3)",
    "Dense": "3",
    "Dropout": "0.1",
    "GaussianNoise": "0.1",
    "Rescaling": "0.5",
    "Activation": "'relu'",
    "ReLU": "",
    "LeakyReLU": "",
    "ELU": "",
    "Softmax": "",
}
_KERAS_CALLED = (
    *(
        Operation("keras", name, "", "self.op([x, x])")
        for name in ["Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract", "Concatenate"]
    ),
    Operation("keras", "LSTM", "3, return_sequences=True", "self.op(x)", axes=1),
    Operation("keras", "GRU", "3", "self.op(x)", axes=1),
    Operation("keras", "SimpleRNN", "3", "self.op(x)", axes=1),
    Operation("keras", "MultiHeadAttention", "2, 3", "self.op(x, x)", axes=1),
)


def _operations() -> list[Operation]:
    found = []
    for framework, many, alone in (
        ("torch", _TORCH, _TORCH_ALONE),
        ("keras", _KERAS, _KERAS_ALONE),
    ):
        for name, arguments in many.items():
            for n in (1, 2, 3):
                found.append(Operation(framework, name.replace("#", str(n)), arguments, axes=n))
        for name, arguments in alone.items():
            axes = 1 if "1D" in name else 2
            found.append(Operation(framework, name, arguments, axes=axes))
    return [*found, *_TORCH_CALLED, *_KERAS_CALLED]


OPERATIONS = _operations()

#: Functions of PyTorch, called on x of 4 channels.
_FUNCTIONS = {
    1: (
        "torch.fft.rfft(x)",
        "torch.fft.irfft(x)",
        "torch.fft.fft(x, n=6)",
        "torch.stft(x[0], 4, 2, window=None, return_complex=True)",
        "torch.stft(x[0], 4, 2, window=None, center=False, return_complex=True)",
        "torch.istft(torch.fft.fft(x)[:, :3], 4, 2, window=None)",
        "x.unfold(2, 4, 3)",
        "torch.bmm(x, x.mT)",
    ),
    2: (
        "F.unfold(x, 3, 1, 1)",
        "x.unfold(2, 2, 1).unfold(3, 2, 2)",
        "torch.fft.rfft2(x)",
        "torch.fft.fftn(x, dim=(2, 3))",
        "torch.view_as_real(torch.complex(x, x))",
        "torch.roll(x, (1, 2), (2, 3)).flip(2)",
        "torch.rot90(x, 1, (2, 3))",
        "x.movedim(1, -1)",
        "x.repeat_interleave(3, dim=2)",
        "x.repeat(1, 2, 1, 3)",
        "torch.tile(x, (2, 2))",
        "x[:, [0, 2]]",
        "x[..., None].squeeze(-1)",
        "x.masked_fill(x > 0, 1.0).tril().cumsum(2)",
        "torch.stack((x, x), -1)",
        "torch.dstack((x, x))",
        "torch.column_stack((x, x))",
        "x.tensor_split(3, dim=1)[0]",
        "x.chunk(3, 1)[1]",
        "x.split([1, 3], 1)[1]",
        "x.view(1, 2, 2, *x.shape[2:])",
        "x.view(1, 4, x.shape[2] // 2, 2, x.shape[3] // 2, 2)",
        "x.reshape(1, 4, x.shape[2] // 2, -1)",
        'torch.einsum("...ij,...ik->...jk", x, x)',
        'torch.einsum("bc...->b...c", x)',
        "torch.tensordot(x, x, dims=([1, 2], [1, 2]))",
        "F.scaled_dot_product_attention(x, x, x)",
        "F.scaled_dot_product_attention(x, x[:, :2], x[:, :2], enable_gqa=True)",
        "F.layer_norm(x, x.shape[1:])",
        "F.layer_norm(x, (8,))",
        "F.group_norm(x, 2)",
        "F.group_norm(x, 4)",
        "F.instance_norm(x)",
        "F.batch_norm(x, None, None, training=True)",
        "F.interpolate(x, size=(x.shape[2] * 2, x.shape[3]))",
        "F.pad(x, (0, -x.shape[3] % 4, 0, -x.shape[2] % 4))",
        'F.pad(x, (x.shape[3] // 2, x.shape[3] // 2, 0, 0), mode="reflect")',
        'F.pad(x, (x.shape[3], x.shape[3] - 2, 0, 0), mode="reflect")',
        'F.pad(x, (x.shape[3], x.shape[3] + 1, 0, 0), mode="circular")',
        'F.pad(x, (x.shape[3] * 2, x.shape[2], 0, 0), mode="replicate")',
        'F.pad(x, (x.shape[3] - 6, 1), mode="constant")',
        'F.pad(x, (1, 1), mode="replicate")',
        "F.adaptive_avg_pool2d(x, x.shape[3])",
        "F.max_pool2d(x, kernel_size=x.shape[2:])",
        "F.avg_pool2d(x, (x.shape[2], 1))",
        "F.fold(F.unfold(x, 2, stride=2), x.shape[2:], 2, stride=2)",
        "x.var(1, False, True)",
        "torch.linalg.norm(x, dim=1, keepdim=True)",
        "torch.var_mean(x, 1, keepdim=True)[0]",
        "x.topk(2, 2)[0]",
        "x.sort(2)[0].clamp(min=0)",
        "torch.addcmul(x, x, x.mean((2, 3), keepdim=True))",
        "x.mean(1, keepdim=True).add_(x)",
        "torch.cdist(x, x)",
        "torch.baddbmm(x[0], x[0], x[0])",
        "x.select(2, -1)",
        "x.narrow(2, 1, 2)",
        "torch.diag_embed(x)",
        "torch.kron(x, x)",
        "x + F.pad(x, (0, 0, 0, 0, 0, 0))[:, :, : min(x.shape[2], (x.shape[2] + 1) // 2 * 2)]",
        "x.expand(3, -1, -1, -1)",
    ),
}
FUNCTION_CALLS = [
    Operation("torch", "Identity", "", call, axes=n)
    for n, calls in _FUNCTIONS.items()
    for call in calls
]
