"""Record what Keras and Flax give for the programs here: KERAS_BACKEND=jax python record.py NAMES.

programs.txt and flax.txt hold programs, each headed by its name and the shape that goes in: of one
sample for Keras, with the batch for Flax. Writes truth.jsonl: for each program the shapes that come
out for this and other shapes, null where it is refused or its layers would have other weights. What
is imported of TensorFlow is Keras. Without names what is new is recorded.
"""

from __future__ import annotations

import inspect
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy

HERE = Path(__file__).parent
HEAD = "import keras\nfrom keras import layers, ops\n"
COUNT = 9
Runs = Iterator[tuple[tuple[int, ...], Any]]
FREE = 64  # what goes in first where a program leaves a size free


def programs(name: str) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """The name, the shape that goes in, and the code of each program of a file."""
    for part in (HERE / name).read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, code = part.partition("\n")
        word, _, shape = head.partition(" ")
        yield word, tuple(FREE if n == "None" else int(n) for n in re.findall(r"\w+", shape)), code


def others(shape: tuple[int, ...], axes: list[int], draw: random.Random) -> list[tuple[int, ...]]:
    found = [shape]
    for i in range(COUNT if axes else 0):
        each = list(shape)
        for axis in axes:
            each[axis] = draw.randint(max(shape[axis] // 2, 1), shape[axis] * 2)
            each[axis] -= each[axis] % 8 if i % 2 and each[axis] > 16 else 0
        found.append(tuple(each))
    return found


def _zeros(self: Any, shape: Any, dtype: Any = None) -> Any:
    return numpy.zeros(shape, dtype)


def keras_runs(name: str, shape: tuple[int, ...], code: str) -> Runs:
    import keras

    for kind in ("VarianceScaling", "RandomUniform", "Orthogonal"):  # drawing takes long
        getattr(keras.initializers, kind).__call__ = _zeros
    named = {"tensorflow": SimpleNamespace(keras=keras), "tensorflow.keras": keras}
    named |= {f"tensorflow.keras.{part}": getattr(keras, part) for part in ("layers", "models")}
    theirs, held = named if "tensorflow" in code else {}, None
    for each in others(shape, [*range(max(len(shape) - 1, 1))], random.Random(name)):
        keras.utils.clear_session()
        text = HEAD + code.replace(str(shape), str(each)).replace("model.summary()", "")
        names: dict[str, Any] = {}
        try:
            with patch.dict(sys.modules, theirs):
                exec(text, names)
                model = names["model"]
                given = keras.KerasTensor((1, *each), dtype=model.inputs[0].dtype)
                found = model.compute_output_spec(given)
            outs = [[*out.shape] for out in (found if isinstance(found, list) else [found])]
            held = held or model.count_params()
            outs = outs if model.count_params() == held else None
        except Exception as fault:
            outs = None
            print(name, each, type(fault).__name__, str(fault).splitlines()[0][:80])
        yield each, None if any(0 in out for out in outs or ()) else outs


def flax_runs(name: str, shape: tuple[int, ...], code: str) -> Runs:
    import jax
    import jax.numpy as jnp
    from flax import linen, nnx

    names: dict[str, Any] = {}
    exec(code, names)
    made = names.get("model")
    if made is None:
        kind = [v for v in names.values() if isinstance(v, type) and v.__module__ == "builtins"][-1]
        made = kind(rngs=nnx.Rngs(0)) if issubclass(kind, nnx.Module) else kind()

    takes = inspect.signature(type(made).__call__).parameters

    def drawn(given: Any) -> Any:
        more = {"train": False} if "train" in takes else {}
        if isinstance(made, linen.Module):
            key = jax.random.key(0)
            return jax.eval_shape(lambda x: made.init_with_output(key, x, **more)[0], given)
        rngs = "rngs" in takes
        return nnx.eval_shape(lambda m, x: m(x, nnx.Rngs(0)) if rngs else m(x), made, given)

    for each in others(shape, [*range(1, len(shape) - 1)], random.Random(name)):
        try:
            yield each, [list(drawn(jax.ShapeDtypeStruct(each, jnp.float32)).shape)]
        except Exception as fault:
            print(name, each, type(fault).__name__, str(fault)[:90])
            yield each, None


def main(names: Sequence[str]) -> None:
    path = HERE / "truth.jsonl"
    kept = {row["name"]: row for row in map(json.loads, path.read_text("utf-8").splitlines())}
    rows = []
    for file, record in (("flax.txt", flax_runs), ("programs.txt", keras_runs)):
        for name, shape, code in programs(file):
            new = name in names or name not in kept
            runs = [*record(name, shape, code)] if new else kept[name]["runs"]
            rows.append({"file": file, "name": name, "runs": runs})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
