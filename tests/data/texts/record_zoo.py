"""Record what models of packages give: their sizes at inputs, and their parameters.

KERAS_BACKEND=jax python tests/data/texts/record_zoo.py keras timm > tests/data/texts/zoo.jsonl
"""

from __future__ import annotations

import json
import sys
from math import prod
from typing import Any

SIZES = ((75, 75), (97, 131), (224, 224), (225, 300), (331, 320))
KERAS = (
    *("ResNet50", "VGG16", "MobileNetV2", "EfficientNetB0", "DenseNet121", "Xception"),
    *("InceptionV3", "ConvNeXtTiny", "NASNetMobile", "MobileNetV3Small"),
)
TIMM = (
    *("resnet50", "efficientnet_b0", "convnext_tiny", "mobilenetv3_large_100", "densenet121"),
    *("vgg11", "resnet18.a1_in1k"),
)


def text(package: str, name: str) -> str:
    """A text that makes the model."""
    if package == "timm":
        return f'import timm\nmodel = timm.create_model("{name}", pretrained=True)\n'
    arguments = 'weights="imagenet", include_top=False, input_shape=(None, None, 3)'
    return f"from tensorflow.keras.applications import {name}\nmodel = {name}({arguments})\n"


def keras_model(name: str) -> tuple[int, list[Any]]:
    """The parameters that are trained, and the sizes, of a model of Keras without its top."""
    import keras

    made = getattr(keras.applications, name)
    model = made(weights=None, include_top=False, input_shape=(None, None, 3))
    trained = sum(prod(weight.shape) for weight in model.trainable_weights)
    return trained, [[n, list(model.compute_output_shape((1, *n, 3)))] for n in SIZES]


def timm_model(name: str) -> tuple[int, list[Any]]:
    """The parameters and the sizes of a model of timm."""
    import timm
    import torch

    with torch.device("meta"):
        model = timm.create_model(name, pretrained=False).eval()
        sizes = [[n, list(model(torch.zeros(1, 3, *n)).shape)] for n in SIZES]
    return sum(each.numel() for each in model.parameters()), sizes


def main() -> None:
    """Print a line for each model."""
    for package in sys.argv[1:]:
        for name in KERAS if package == "keras" else TIMM:
            parameters, sizes = (keras_model if package == "keras" else timm_model)(name)
            row = {"package": package, "name": name, "parameters": parameters, "sizes": sizes}
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
