"""Record the inputs of the frameworks' own tests: `tests/data/frameworks/suites-<fw>.jsonl`.

    KERAS_BACKEND=jax python tests/data/frameworks/record_suites.py torch keras onnx

runs the samples that PyTorch, Keras and ONNX install for the tests of their operations and keeps
arguments, input sizes and output sizes, null where the framework refuses. PyTorch's need the
package expecttest. Refusals that are no matter of sizes (types, ranks, divisors) are left out, as
is what cannot be written as JSON; of an operation a sample is kept.
"""

from __future__ import annotations

import inspect
import json
import os
import random
import re
import sys
import unittest
import warnings
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "oracles"))

from frameworks import recorded

Row = dict[str, Any]

KEPT = 40  # rows of an operation with the same arguments
NO_MATTER_OF_SIZES = re.compile(
    "type|dimension|divisor|indices|weight to be|batch|D input|D or|Dimension|inconsistent|shape"
)
_CONV = "stride padding dilation groups"
#: The arguments of functions that tell no signature, behind the input.
SIGNATURES = {
    r"conv_transpose": "weight bias stride padding output_padding groups dilation",
    r"conv\d": f"weight bias {_CONV}",
    r"max_pool\d": "kernel_size stride padding dilation ceil_mode return_indices",
    r"avg_pool\d": "kernel_size stride padding ceil_mode count_include_pad divisor_override",
    r"adaptive_": "output_size return_indices",
    r"max_unpool": "indices kernel_size stride padding output_size",
    r"interpolate": "size scale_factor mode align_corners recompute_scale_factor antialias",
    r"upsample": "size scale_factor mode align_corners",
    r"pad$": "pad mode value",
    r"unfold$": "kernel_size dilation padding stride",
    r"fold$": "output_size kernel_size dilation padding stride",
    r"pixel_shuffle": "upscale_factor",
    r"pixel_unshuffle": "downscale_factor",
}


def torch_rows() -> Iterator[Row]:
    """Yield the samples of PyTorch's functions and modules."""
    import torch
    from torch.testing._internal import common_modules, common_nn
    from torch.testing._internal.common_methods_invocations import op_db

    for op in op_db:
        name = op.name.rpartition(".")[2]
        key = next((key for key in SIGNATURES if re.match(key, name)), None)
        if not op.name.startswith("nn.functional.") or key is None:
            continue
        found = list(op.sample_inputs("cpu", torch.float32))
        if op.error_inputs_func:
            found += [error.sample_input for error in op.error_inputs("cpu")]
        for one in found:
            given = dict(zip(SIGNATURES[key].split(), one.args, strict=False)) | one.kwargs
            if "weight" in given:
                given["kernel_size"] = list(given["weight"].shape[2:])
            yield from _ran(
                name, given, one.input, lambda o=op, s=one: o.op(s.input, *s.args, **s.kwargs)
            )
    for info in common_modules.module_db:
        cls = info.module_cls
        if not re.search("Conv|Pool|Fold|Unfold|Pad|Pixel|Upsample", cls.__name__):
            continue
        options = {"device": "cpu", "dtype": torch.float32, "requires_grad": False}
        for one in info.module_inputs_func(info, training=False, **options):
            yield from _module(cls, one.constructor_input, one.forward_input)
    for test in [*common_nn.module_tests, *common_nn.get_new_module_tests()]:
        cls = getattr(torch.nn, test.get("module_name", ""), None)
        if cls and re.search("Conv|Pool|Fold|Unfold|Pad|Pixel|Upsample", cls.__name__):
            made = test["input_fn"]() if "input_fn" in test else torch.rand(test["input_size"])
            inner = common_modules.FunctionInput(
                *test.get("constructor_args", ()), **test.get("constructor_kwargs", {})
            )
            yield from _module(cls, inner, common_modules.FunctionInput(made))


def _module(cls: Any, made: Any, fed: Any) -> Iterator[Row]:
    names = list(inspect.signature(cls.__init__).parameters)[1:]
    given = dict(zip(names, made.args, strict=False)) | made.kwargs | fed.kwargs
    given = {name: value for name, value in given.items() if name not in ("device", "dtype")}
    run = lambda: cls(*made.args, **made.kwargs)(*fed.args, **fed.kwargs)  # noqa: E731
    if not isinstance(fed.args[0], tuple):
        yield from _ran(cls.__name__, given, fed.args[0], run)


def _ran(name: str, given: Row, x: Any, run: Any) -> Iterator[Row]:
    """Yield what a run gave, with the sizes that the operation is about."""
    try:
        y = run()
        out = list((y[0] if isinstance(y, tuple) else y).shape)
    except Exception as error:
        if NO_MATTER_OF_SIZES.search(str(error)):
            return
        out = None
    axes = re.search(r"(\d)d", name)
    keep = slice(-int(axes[1]) if axes else 2, None)
    before = after = keep
    if name.lower() == "pad":
        before = after = slice(-(len(given["pad"]) // 2) or x.dim(), None)
    elif name.lower() in ("fold", "unfold"):
        before, after = (slice(-1, None), slice(-2, None))[:: 1 if name.lower() == "fold" else -1]
    elif name.lower().startswith("pixel"):
        before = after = slice(None)
    skipped = ("weight", "bias", "indices", "value")
    p = {key: value for key, value in given.items() if key not in skipped}
    yield {"op": name, "p": p, "in": list(x.shape)[before], "out": out and out[after]}


def keras_rows() -> Iterator[Row]:
    """Yield the layers that the tests of Keras call, and those whose making is refused."""
    import keras
    from keras.src import layers

    found: list[Row] = []
    wanted = re.compile("(Conv|Pool|UpSampling|ZeroPadding|Cropping).*[123]D")
    called = layers.Layer.__call__

    def call(self: Any, *args: Any, **named: Any) -> Any:
        name, out = type(self).__name__, None
        given = dict(self._auto_config.config) if hasattr(self, "_auto_config") else {}
        first = given.get("data_format") == "channels_first"
        keep = slice(2, None) if first else slice(1, -1)
        x = getattr(args[0], "shape", None) if args else None
        row = {"op": name, "p": given, "in": None if x is None else list(x)[keep], "out": None}
        try:
            out = called(self, *args, **named)
            shape = list(getattr(out, "shape", ()))
            is_global = name.startswith("Global") and not given.get("keepdims")
            row["out"] = [1] * (len(x or ()) - 2) if is_global else shape[keep]
        finally:
            if wanted.search(name) and given and row["in"] and None not in row["in"]:
                found.append(row)
        return out

    def watched(cls: Any) -> None:
        made = cls.__init__

        def init(self: Any, *args: Any, **named: Any) -> None:
            try:
                made(self, *args, **named)
            except ValueError:
                names = list(inspect.signature(made).parameters)[1:]
                given = dict(zip(names, args, strict=False)) | named
                found.append({"op": cls.__name__, "p": given, "in": None, "out": None})
                raise

        init.__signature__ = inspect.signature(made)  # type: ignore[attr-defined]
        cls.__init__ = init

    layers.Layer.__call__ = call
    for name in filter(wanted.search, dir(layers)):
        watched(getattr(layers, name))
    suite = unittest.TestSuite()
    for folder in ("convolutional", "pooling", "reshaping"):
        paths = sorted((Path(layers.__file__).parent / folder).glob("*_test.py"))
        for path in (p for p in paths if re.search("conv|pool|padd|crop|up_", p.stem)):
            module = import_module(f"{keras.src.__name__}.layers.{folder}.{path.stem}")
            suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(module))
    with Path(os.devnull).open("w") as nowhere:
        unittest.TextTestRunner(stream=nowhere).run(suite)
    for row in found:
        axes = int(re.search(r"([123])D", row["op"])[1])  # type: ignore[index]
        plain = ("initializer", "regularizer", "constraint", "activation", "bias", "lora")
        row["p"] = {k: v for k, v in row["p"].items() if not any(word in k for word in plain)}
        yield row | {"in": row["in"] or [20] * axes}


def onnx_rows() -> Iterator[Row]:
    """Yield the node tests of ONNX whose operation is about sizes."""
    from onnx import helper
    from onnx.backend.test.case.node import collect_testcases

    wanted = re.compile("Conv(Transpose|Integer)?$|QLinearConv|DeformConv|Pool$|Unpool|Resize|Pad$|"
                        "Upsample|Col2Im|DepthToSpace|SpaceToDepth")  # fmt: skip
    for case in collect_testcases(None):
        nodes = [node for node in case.model.graph.node if wanted.match(node.op_type)]
        if len(case.model.graph.node) != 1 or not nodes or "RoiPool" in nodes[0].op_type:
            continue
        node = nodes[0]
        fed, gave = case.data_sets[0]
        held = dict(zip((i.name for i in case.model.graph.input), fed, strict=True))
        inputs = [held.get(name) for name in node.input] + [None] * 4
        p = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        p = {k: v.decode() if isinstance(v, bytes) else v for k, v in p.items()}
        op, spatial = node.op_type, 2
        weights = {"QLinearConv": 3}.get(op, 1)
        if "Conv" in op:
            p.setdefault("kernel_shape", list(inputs[weights].shape[2:]))
        extra = {
            "Resize": {"scales": 2, "sizes": 3},
            "Upsample": {"scales": 1},
            "Pad": {"pads": 1, "axes": 3},
            "MaxUnpool": {"output_shape": 2},
            "Col2Im": {"image_shape": 1, "block_shape": 2},
        }.get(op, {})
        for name, place in extra.items():
            if inputs[place] is not None and inputs[place].size:
                p[name] = inputs[place].tolist()
        if op in ("Resize", "Upsample", "Pad"):
            spatial = 0
        yield {"op": op, "p": p, "in": list(inputs[0].shape[spatial:]),
               "out": list(gave[0].shape[spatial:])}  # fmt: skip


SUITES = {"torch": torch_rows, "keras": keras_rows, "onnx": onnx_rows}


def kept(rows: Iterator[Row]) -> list[Row]:
    """Return a sample of the rows, each once, without those that are no JSON."""
    groups: dict[str, dict[str, Row]] = {}
    for row in rows:
        try:
            text = json.dumps(row)
        except TypeError:
            continue
        groups.setdefault(f"{row['op']} {list(row['p'])}", {})[text] = json.loads(text)
    draw = random.Random(1)
    return [
        row
        for _, members in sorted(groups.items())
        for row in draw.sample(list(members.values()), min(KEPT, len(members)))
    ]


def main() -> None:
    """Write the file of every suite that is asked for."""
    warnings.simplefilter("ignore")
    for name in sys.argv[1:]:
        found = kept(SUITES[name]())
        recorded.write(f"suites-{name}", found, {name: version(name)})
        print(f"{name}: {len(found)} rows")


if __name__ == "__main__":
    main()
