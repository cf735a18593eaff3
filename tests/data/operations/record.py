"""Record what PyTorch and Keras make of every operation: python record.py writes operations.jsonl.

Each line has an operation, the shape that comes out at each of the sizes (null where it is refused,
channels first), its parameters, and what PyTorch prints of it. What PyTorch exports to ONNX is in
exported.jsonl, and what functions of PyTorch make of a tensor in functions.jsonl.
"""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "oracles"))
os.environ.setdefault("KERAS_BACKEND", "torch")


def main() -> None:
    from operations import FUNCTION_CALLS, OPERATIONS

    exported = (_exported(each) for each in OPERATIONS if each.framework == "torch")
    for name, lines in (
        ("operations", map(_recorded, OPERATIONS)),
        ("functions", map(_recorded, FUNCTION_CALLS)),
        ("exported", (each for each in exported if each is not None)),
    ):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (HERE / f"{name}.jsonl").write_text(text, encoding="utf-8")


def _recorded(operation: Any) -> dict[str, Any]:
    from operations import SIZES

    run = torch_module if operation.framework == "torch" else keras_model
    model, text, called = run(operation)
    outs = []
    for sizes in SIZES[operation.axes]:
        try:
            outs.append(called(sizes))
        except Exception:  # whatever a framework refuses with
            outs.append(None)
    if operation.framework == "torch":
        count = sum(p.numel() for p in model.parameters())
    else:
        count = sum(int(w.numpy().size) for w in map(_array, model.trainable_weights))
    return {"title": operation.title, "call": operation.call, "outs": outs, "parameters": count,
            "printed": text}  # fmt: skip


def _exported(operation: Any) -> dict[str, Any] | None:
    """Return the operation in ONNX with free sizes, None where PyTorch does not export it."""
    import onnx
    import torch
    from exports import packed

    model, _, _ = torch_module(operation)
    letters = {1: "n", 2: "hw", 3: "dhw"}[operation.axes]
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(
                model,
                (torch.zeros(1, operation.channels, *(8,) * operation.axes),),
                target,
                dynamo=False,
                opset_version=17,
                input_names=["x"],
                dynamic_axes={"x": dict(enumerate(letters, 2))},
            )
            found = packed(onnx.load_from_string(target.getvalue()))
        except Exception:  # of any kind: not every operation has a form in ONNX
            return None
    return {"title": operation.title, "call": operation.call, **found}


def _array(weight: Any) -> Any:
    import keras

    class Held:
        def numpy(self) -> Any:
            return keras.ops.convert_to_numpy(weight)

    return Held()


def torch_module(operation: Any) -> tuple[Any, str, Any]:
    import torch
    from torch import nn
    from torch.nn import functional

    names: dict[str, Any] = {"torch": torch, "nn": nn, "F": functional}
    exec(operation.text, names)
    model = names["Net"]().eval()
    text = str(model)
    if operation.name.startswith("Lazy"):
        sizes = (8,) * operation.axes
        model(torch.zeros(1, operation.channels, *sizes))

    def called(sizes: tuple[int, ...]) -> list[int]:
        with torch.no_grad():
            return list(model(torch.zeros(1, operation.channels, *sizes)).shape)

    return model, text, called


def keras_model(operation: Any) -> tuple[Any, str, Any]:
    import keras
    import numpy as np
    from keras import layers

    names: dict[str, Any] = {"keras": keras, "layers": layers}
    exec(operation.text, names)
    model = names["model"]

    def called(sizes: tuple[int, ...]) -> list[int]:
        found = list(model(np.zeros((1, *sizes, operation.channels), "float32")).shape)
        return found if len(found) < 3 else [found[0], found[-1], *found[1:-1]]

    return model, "", called


if __name__ == "__main__":
    main()
