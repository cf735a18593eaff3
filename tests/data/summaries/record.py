"""Record summaries of models, and the sizes that the models give at this and at other inputs.

Needs Keras (KERAS_BACKEND=jax) for `python record.py keras`, and torchinfo, torchsummary,
torchvision, timm for `python record.py torch`. Writes NAME.txt for each summary, and for each a
line of truth.jsonl: [input shape, output shape or null where it is refused] as often as it was run.
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COUNT = 8
#: A name, a summary, the shape it was made for, what gives the shape that comes out.
Case = tuple[str, str, Sequence[int], Callable[[Sequence[int]], Any]]


def others(shape: Sequence[int], axes: Sequence[int], draw: random.Random) -> list[list[int]]:
    """The shape itself, and others with all their sizes drawn alike or apart."""
    found = [[*shape]]
    for i in range(COUNT):
        each = [*shape]
        for axis in axes:
            each[axis] = draw.randint(max(shape[axis] // 2, 1), 2 * shape[axis])
        if i < 6 and axes:
            alike = draw.randint(max(shape[axes[0]] - 8, 1), shape[axes[0]] + 8)
            for axis in axes:
                each[axis] = alike
        found.append(each)
    return found


# Keras


def keras_cases() -> Iterator[Case]:
    import jax
    import keras
    from keras import applications, layers

    def built(make: Callable[[Any], Any]) -> Callable[[Sequence[int]], Any]:
        def run(shape: Sequence[int]) -> Any:
            try:
                model = make(tuple(shape[1:]))
                found = model.output_shape
            except Exception:
                return None
            first = found[0] if isinstance(found, list) else found
            return None if None in first[1:] or 0 in first[1:] else [1, *first[1:]]

        return run

    def printed(model: Any, **words: Any) -> str:
        found = io.StringIO()
        model.summary(print_fn=lambda text, **_: found.write(text + "\n"), **words)
        return found.getvalue()

    del jax
    makers: dict[str, tuple[Any, Sequence[int], dict[str, Any]]] = {}

    def case(name: str, shape: Sequence[int], **words: Any) -> Any:
        def keep(make: Any) -> Any:
            makers[name] = (make, shape, words)
            return make

        return keep

    @case("keras_mnist", (1, 28, 28, 1))
    def mnist(shape: Any) -> Any:
        return keras.Sequential(
            [
                keras.Input(shape),
                layers.Conv2D(32, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Conv2D(64, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Flatten(),
                layers.Dropout(0.5),
                layers.Dense(10, activation="softmax"),
            ]
        )

    @case("keras_cifar_bn", (1, 32, 32, 3))
    def cifar(shape: Any) -> Any:
        x = inputs = keras.Input(shape)
        for wide in (32, 64, 128):
            x = layers.Conv2D(wide, 3, padding="same")(x)
            x = layers.BatchNormalization()(x)
            x = layers.Activation("relu")(x)
            x = layers.Conv2D(wide, 3, padding="same", use_bias=False)(x)
            x = layers.MaxPooling2D()(x)
            x = layers.SpatialDropout2D(0.2)(x)
        x = layers.GlobalAveragePooling2D()(x)
        return keras.Model(inputs, layers.Dense(10)(x))

    @case("keras_resnet", (1, 64, 64, 3))
    def resnet(shape: Any) -> Any:
        inputs = keras.Input(shape, name="img")
        x = layers.Rescaling(1 / 255)(inputs)
        x = layers.Conv2D(16, 7, strides=2, padding="same")(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        for wide, step in ((16, 1), (32, 2), (64, 2)):
            side = x
            y = layers.Conv2D(wide, 3, strides=step, padding="same", use_bias=False)(x)
            y = layers.BatchNormalization()(y)
            y = layers.ReLU()(y)
            y = layers.Conv2D(wide, 3, padding="same", use_bias=False)(y)
            if step > 1:
                side = layers.Conv2D(wide, 1, strides=step, name=f"shortcut_of_width_{wide}")(side)
            x = layers.ReLU()(layers.Add()([y, side]))
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        return keras.Model(inputs, layers.Dense(10, name="predictions")(x), name="resnet")

    @case("keras_unet", (1, 128, 160, 1))
    def unet(shape: Any) -> Any:
        inputs = keras.Input(shape)
        x, skips = inputs, []
        for wide in (8, 16, 32):
            x = layers.Conv2D(wide, 3, padding="same", activation="relu")(x)
            x = layers.Conv2D(wide, 3, padding="same", activation="relu")(x)
            skips.append(x)
            x = layers.MaxPooling2D(2)(x)
        x = layers.Conv2D(64, 3, padding="same")(x)
        for wide in (32, 16, 8):
            x = layers.Conv2DTranspose(wide, 2, strides=2, padding="same")(x)
            x = layers.concatenate([x, skips.pop()])
            x = layers.Conv2D(wide, 3, padding="same")(x)
        return keras.Model(inputs, layers.Conv2D(1, 1, activation="sigmoid")(x))

    @case("keras_autoencoder", (1, 28, 28, 1))
    def autoencoder(shape: Any) -> Any:
        return keras.Sequential(
            [
                layers.InputLayer(shape=shape),
                layers.Conv2D(16, 3, padding="same"),
                layers.MaxPooling2D(padding="same"),
                layers.Conv2D(8, 3, padding="same"),
                layers.MaxPooling2D(padding="same"),
                layers.Conv2D(8, 3, padding="same"),
                layers.UpSampling2D(2),
                layers.Conv2D(16, 3, padding="same"),
                layers.UpSampling2D(2),
                layers.Conv2D(1, 3, padding="same"),
            ]
        )

    @case("keras_gan", (1, 100))
    def generator(shape: Any) -> Any:
        return keras.Sequential(
            [
                keras.Input(shape),
                layers.Dense(7 * 7 * 64, use_bias=False),
                layers.BatchNormalization(),
                layers.LeakyReLU(),
                layers.Reshape((7, 7, 64)),
                layers.Conv2DTranspose(32, 5, padding="same", use_bias=False),
                layers.Conv2DTranspose(16, 5, strides=2, padding="same", use_bias=False),
                layers.Conv2DTranspose(1, 5, strides=2, padding="same", activation="tanh"),
            ]
        )

    @case("keras_text", (1, 40))
    def text(shape: Any) -> Any:
        inputs = keras.Input(shape, dtype="int32")
        x = layers.Embedding(1000, 32)(inputs)
        x = layers.Conv1D(48, 5, activation="relu")(x)
        x = layers.MaxPooling1D(4)(x)
        x = layers.Bidirectional(layers.LSTM(16, return_sequences=True))(x)
        x = layers.GlobalMaxPooling1D()(x)
        return keras.Model(inputs, layers.Dense(1)(x))

    @case("keras_wavenet", (1, 200, 8))
    def wavenet(shape: Any) -> Any:
        x = inputs = keras.Input(shape)
        for rate in (1, 2, 4, 8):
            y = layers.Conv1D(8, 2, padding="causal", dilation_rate=rate)(x)
            x = layers.Add()([x, y])
        return keras.Model(inputs, layers.Conv1D(1, 1)(x))

    @case("keras_nested", (1, 48, 48, 3), expand_nested=True)
    def nested(shape: Any) -> Any:
        block = keras.Sequential([layers.Conv2D(8, 3), layers.MaxPooling2D()], name="block")
        return keras.Sequential(
            [keras.Input(shape), layers.Rescaling(0.1), block, layers.Flatten(), layers.Dense(3)]
        )

    @case("keras_nested_functional", (1, 64, 64, 3), expand_nested=True, line_length=110)
    def nested_functional(shape: Any) -> Any:
        a = keras.Input(shape)
        y = layers.Conv2D(8, 3, strides=2, padding="same")(a)
        y = layers.Add()([layers.Conv2D(8, 3, padding="same")(y), y])
        inner = keras.Model(a, y, name="backbone")
        b = keras.Input(shape)
        x = inner(layers.Rescaling(1 / 255)(b))
        return keras.Model(b, layers.Dense(5)(layers.GlobalAveragePooling2D()(x)))

    @case("keras_collapsed", (1, 64, 64, 3))
    def collapsed(shape: Any) -> Any:
        base = keras.Sequential([layers.Conv2D(8, 3, strides=2), layers.ReLU()], name="base")
        return keras.Sequential(
            [keras.Input(shape), layers.Rescaling(1 / 255), base, layers.Flatten()]
        )

    @case("keras_separable", (1, 71, 71, 3))
    def separable(shape: Any) -> Any:
        x = inputs = keras.Input(shape)
        x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
        x = layers.Conv2D(16, 3, strides=2, padding="valid", use_bias=False)(x)
        x = layers.SeparableConv2D(24, 3, padding="same", use_bias=False)(x)
        x = layers.DepthwiseConv2D(5, strides=2, padding="same")(x)
        x = layers.Cropping2D(1)(x)
        x = layers.Multiply()(
            [x, layers.Dense(24)(layers.GlobalAveragePooling2D(keepdims=True)(x))]
        )
        return keras.Model(inputs, x)

    @case("keras_video", (1, 16, 64, 64, 3))
    def video(shape: Any) -> Any:
        return keras.Sequential(
            [
                keras.Input(shape),
                layers.Conv3D(8, 3, padding="same"),
                layers.MaxPooling3D((1, 2, 2)),
                layers.Conv3D(16, 3, padding="same"),
                layers.MaxPooling3D(2),
                layers.GlobalAveragePooling3D(),
                layers.Dense(4),
            ]
        )

    def application(make: Any) -> Any:
        return lambda shape: make(weights=None, input_shape=shape, include_top=False)

    for make in (applications.MobileNetV2, applications.ResNet50V2):
        case(f"keras_{make.__name__.lower()}", (1, 224, 224, 3))(application(make))

    for name, (make, shape, words) in makers.items():
        keras.utils.clear_session()
        yield name, printed(make(tuple(shape[1:])), **words), shape, built(make)


# PyTorch


def torch_cases() -> Iterator[Case]:
    import timm
    import torch
    import torchinfo
    import torchsummary
    import torchvision
    from torch import nn
    from torch.nn import functional as F

    def forward(model: Any) -> Callable[[Sequence[int]], Any]:
        large = sum(each.numel() for each in model.parameters()) > 1_000_000
        device = "meta" if large else "cpu"

        def run(shape: Sequence[int]) -> Any:
            try:
                with torch.no_grad():
                    found = model.to(device)(torch.zeros(*shape, device=device))
            except (RuntimeError, AssertionError, ValueError):
                return None
            return list(found.shape)

        return run

    class Mnist(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
            self.dropout1, self.fc1 = nn.Dropout(0.25), nn.Linear(9216, 128)
            self.fc2 = nn.Linear(128, 10)

        def forward(self, x: Any) -> Any:
            x = F.relu(self.conv2(F.relu(self.conv1(x))))
            x = self.dropout1(F.max_pool2d(x, 2))
            return self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))

    class LeNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5)
            self.fc1, self.fc2 = nn.Linear(400, 120), nn.Linear(120, 10)

        def forward(self, x: Any) -> Any:
            x = F.max_pool2d(F.relu(self.conv1(x)), 2)
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            return self.fc2(F.relu(self.fc1(x.view(-1, 400))))

    def double(a: int, b: int) -> Any:
        return nn.Sequential(
            nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True)
        )

    class UNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = double(3, 8), double(8, 16), double(16, 32)
            self.pool = nn.MaxPool2d(2)
            self.up1, self.up2 = nn.ConvTranspose2d(32, 16, 2, 2), nn.ConvTranspose2d(16, 8, 2, 2)
            self.d, self.e, self.out = double(32, 16), double(16, 8), nn.Conv2d(8, 2, 1)

        def forward(self, x: Any) -> Any:
            a = self.a(x)
            b = self.b(self.pool(a))
            c = self.c(self.pool(b))
            d = self.d(torch.cat([b, self.up1(c)], 1))
            return self.out(self.e(torch.cat([a, self.up2(d)], 1)))

    class Linked(nn.Module):
        """Decoder that adds its skips, which no summary shows."""

        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 16, 3, 2, 1)
            self.up, self.out = nn.ConvTranspose2d(16, 8, 4, 2, 1), nn.Conv2d(8, 1, 1)

        def forward(self, x: Any) -> Any:
            a = self.a(x)
            return self.out(self.up(self.b(a)) + a)

    class Padded(nn.Module):
        """Pads to whole blocks, which no summary shows."""

        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 2, 2)

        def forward(self, x: Any) -> Any:
            x = self.a(x)
            return self.b(F.pad(x, (0, -x.shape[3] % 4, 0, -x.shape[2] % 4)))

    dcgan = nn.Sequential(
        nn.ConvTranspose2d(64, 32, 4, 1, 0, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(True),
        nn.ConvTranspose2d(32, 16, 4, 2, 1, bias=False),
        nn.ConvTranspose2d(16, 3, 4, 2, 1, bias=False),
        nn.Tanh(),
    )
    tcn = nn.Sequential(
        nn.Conv1d(4, 8, 3, padding=2, dilation=2),
        nn.ReLU(),
        nn.Conv1d(8, 8, 3, padding=4, dilation=4),
        nn.AvgPool1d(2),
        nn.Conv1d(8, 2, 5, stride=5),
    )
    named = {
        "col_names": ("input_size", "output_size", "num_params", "kernel_size", "mult_adds"),
        "row_settings": ("var_names", "depth"),
    }
    info, flat = ("torchinfo",), ("torchsummary",)
    both = (*info, *flat)
    models: list[tuple[str, Any, Sequence[int], Sequence[str]]] = [
        ("mnist", Mnist(), (1, 1, 28, 28), ("wide", *both)),
        ("lenet", LeNet(), (1, 3, 32, 32), ("wide", *both)),
        ("unet", UNet(), (1, 3, 96, 96), ("wide", *both)),
        ("linked", Linked(), (1, 3, 64, 64), ("wide", *both)),
        ("padded", Padded(), (1, 3, 64, 64), ("wide", *both)),
        ("dcgan", dcgan, (1, 64, 1, 1), ("wide", *info)),
        ("tcn", tcn, (1, 4, 100), ("wide",)),
    ]
    vision = torchvision.models
    for name, kinds in (
        ("resnet18", ("wide", *both)),
        ("vgg11", both),
        ("squeezenet1_1", both),
        ("mobilenet_v2", both),
        ("googlenet", info),
        ("shufflenet_v2_x0_5", info),
        ("densenet121", info),
        ("convnext_tiny", ("wide",)),
        ("vit_b_16", info),
        ("resnext50_32x4d", ("wide",)),
    ):
        words = {"init_weights": False} if name == "googlenet" else {}
        model = getattr(vision, name)(weights=None, **words)
        if hasattr(model, "aux_logits"):
            model.aux_logits, model.AuxLogits = False, None
            model.aux1 = model.aux2 = None
        models.append((name, model, (1, 3, 224, 224), kinds))
    for name in ("tf_efficientnet_lite0", "regnety_002"):
        models.append((name, timm.create_model(name), (1, 3, 224, 224), both))
    for name, model, shape, kinds in models:
        model.eval()
        for kind in kinds:
            model.to_empty(device="cpu") if next(model.parameters()).is_meta else model
            if kind == "torchsummary":
                found = io.StringIO()
                with contextlib.redirect_stdout(found):
                    torchsummary.summary(model, tuple(shape[1:]), device="cpu")
                text = found.getvalue()
            else:
                words = named if kind == "wide" else {}
                deep = {"depth": 8}
                text = str(
                    torchinfo.summary(model, shape, verbose=0, device="cpu", **deep, **words)
                )
            yield f"{kind}_{name}", text, shape, forward(model)


def main(kind: str) -> None:
    path = HERE / "truth.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [
        row
        for row in map(json.loads, lines)
        if row["name"].startswith("keras") != (kind == "keras")
    ]
    for name, text, shape, run in keras_cases() if kind == "keras" else torch_cases():
        (HERE / f"{name}.txt").write_text(text.rstrip() + "\n", encoding="utf-8")
        last = kind == "keras"
        axes = range(1, len(shape) - 1) if last else range(2, len(shape))
        axes = [1] if name == "keras_text" else [*axes]
        draw = random.Random(name)
        tried = others(shape, axes, draw)[: 3 if len(text) > 3_900 and kind == "keras" else None]
        rows.append({"name": name, "runs": [[each, run(each)] for each in tried]})
        print(name, len(text), rows[-1]["runs"][0], flush=True)
        rows.sort(key=lambda row: row["name"])
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
