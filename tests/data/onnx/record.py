"""Export the networks beside this file to ONNX, run them at many sizes, and take their weights out.

Each is exported with sizes that are free, and those in which that makes a difference once more
with numbers baked in, some by torch.export too, which needs the package onnxscript. A row holds the
sizes that go in, and the shapes that come out as onnxruntime gives them when every size of the
image may be anything, null where it refuses. One more null says that PyTorch refuses there: it
wants every tensor on the way to have elements.

    python tests/data/onnx/record.py [MODEL ...]  # without names all
"""

from __future__ import annotations

import io
import json
import random
import sys
import warnings
from pathlib import Path

import onnx
import onnxruntime
import torch
from recorded_networks import BAKED, DYNAMO, NETWORKS

HERE = Path(__file__).parent
warnings.simplefilter("ignore")


def exported(module, channels, axes, size, kind):
    given = (torch.zeros(1, channels, *(size,) * axes),)
    if kind == "_dynamo":
        free = dict.fromkeys(range(2, 2 + axes), torch.export.Dim.DYNAMIC)
        return torch.onnx.export(module, given, dynamo=True, dynamic_shapes=(free,)).model_proto
    names = ("n",) if axes == 1 else ("height", "width") if axes == 2 else ("d", "h", "w")
    dynamic = {"x": {0: "batch", **{i + 2: name for i, name in enumerate(names)}}}
    target = io.BytesIO()
    torch.onnx.export(
        module,
        given,
        target,
        dynamo=False,
        opset_version=17,
        input_names=["x"],
        dynamic_axes=None if kind else dynamic,
    )
    return onnx.load_from_string(target.getvalue())


def opened(model):
    """Return a copy in which every size of the image may be anything."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for at, dim in enumerate(copy.graph.input[0].type.tensor_type.shape.dim):
        if at > 1:
            dim.dim_param = f"s{at}"
    for each in copy.graph.output:
        each.type.tensor_type.ClearField("shape")
    del copy.graph.value_info[:]
    return copy


def without_weights(model):
    for tensor in model.graph.initializer:
        if tensor.data_type == 1 and len(tensor.raw_data) > 64:
            tensor.raw_data = b""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
        for attribute in node.attribute:
            if attribute.t.data_type == 1 and len(attribute.t.raw_data) > 64:
                attribute.t.raw_data = b""
    del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
    del model.functions[:]
    return model


def run(session, shape):
    try:
        found = session.run(None, {session.get_inputs()[0].name: torch.zeros(shape).numpy()})
    except Exception:
        return None
    return [list(each.shape) for each in found]


def run_torch(module, shape):
    try:
        with torch.no_grad():
            found = module(torch.zeros(shape))
    except Exception:
        return None
    return [list(each.shape) for each in (found if isinstance(found, tuple) else (found,))]


def sizes(axes, size):
    draw = random.Random(size)
    top = max(size + size // 2, 12)
    most = 16 if axes == 3 else top
    found = {(n,) * axes for n in range(1, most + 1, max(1, most // 40))}
    found |= {(n,) * axes for n in range(max(size - 8, 1), size + 9)}
    while len(found) < 110:
        found.add(tuple(draw.randint(1, most) for _ in range(axes)))
    for whole in (8, 28):  # what many demand, so that there is more than refusals
        for _ in range(16 if axes < 3 else 0):
            found.add(tuple(whole * draw.randint(1, 8) for _ in range(axes)))
    return sorted(found)


def main():
    onnxruntime.set_default_logger_severity(4)
    old = map(json.loads, (HERE / "sizes.jsonl").read_text(encoding="utf-8").splitlines())
    lines = {line["model"]: line for line in old if "model" in line}
    for name, (module, channels, axes, size) in NETWORKS.items():
        module.eval()
        for kind in ("", *["_fixed"] * (name in BAKED), *["_dynamo"] * (name in DYNAMO)):
            title = name + kind
            if title not in (sys.argv[1:] or (title,)):
                continue
            model = exported(module, channels, axes, size, kind)
            session = onnxruntime.InferenceSession(opened(model).SerializeToString())
            rows = []
            for given in sizes(axes, size):
                shape = (1, channels, *given)
                out, theirs = run(session, shape), run_torch(module, shape)
                assert kind == "_fixed" or theirs in (None, out), (title, given, theirs, out)
                rows.append([list(given), out, *([None] if out and not theirs else [])])
            data = without_weights(model).SerializeToString()
            (HERE / f"{title}.onnx").write_bytes(data)
            lines[title] = {"model": title, "rows": rows}
            print(title, len(data), len(rows), sum(row[1] is None for row in rows))
    versions = {each.__name__: each.__version__ for each in (torch, onnx, onnxruntime)}
    told = {"versions": versions}, *lines.values()
    text = [json.dumps(line, separators=(",", ":")) for line in told]
    (HERE / "sizes.jsonl").write_text("\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
