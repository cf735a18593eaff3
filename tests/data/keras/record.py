"""Record what Keras and Flax give for the programs here: KERAS_BACKEND=jax python record.py.

programs.txt and flax.txt hold programs, each headed by its name and the shape that goes in: of one
sample for Keras, with the batch for Flax. Writes truth.jsonl: for each program the shapes that come
out for this and other shapes, null where it is refused. tf.txt needs TensorFlow and is worked out
by hand.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HEAD = "import keras\nfrom keras import layers, ops\n"
COUNT = 4


def programs(name: str) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """The name, the shape that goes in, and the code of each program of a file."""
    for part in (HERE / name).read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, code = part.partition("\n")
        word, _, shape = head.partition(" ")
        yield word, tuple(map(int, re.findall(r"\d+", shape))), code


def others(shape: tuple[int, ...], axes: list[int], draw: random.Random) -> list[tuple[int, ...]]:
    found = [shape]
    for i in range(COUNT if axes else 0):
        each = list(shape)
        for axis in axes:
            each[axis] = draw.randint(max(shape[axis] // 2, 1), shape[axis] * 2)
            each[axis] -= each[axis] % 8 if i % 2 and each[axis] > 16 else 0
        found.append(tuple(each))
    return found


def keras_rows() -> Iterator[dict[str, Any]]:
    import keras

    for name, shape, code in programs("programs.txt"):
        runs = []
        axes = [*range(len(shape) - 1)]
        for each in others(shape, axes, random.Random(name)):
            keras.utils.clear_session()
            names: dict[str, Any] = {}
            text = code.replace(str(shape), str(each))
            try:
                exec(HEAD + text, names)
                outs = names["model"].output_shape
            except Exception as fault:
                outs = None
                why = str(fault).splitlines()[0][:80]
                print(name, each, type(fault).__name__, why)
            outs = outs if outs is None or isinstance(outs, list) else [outs]
            runs.append([each, outs and [[1, *out[1:]] for out in outs]])
        yield {"file": "programs.txt", "name": name, "runs": runs}


def flax_rows() -> Iterator[dict[str, Any]]:
    import jax
    import jax.numpy as jnp
    from flax import linen, nnx

    def drawn(made: Any, given: Any) -> Any:
        if isinstance(made, linen.Module):
            return jax.eval_shape(lambda x: made.init_with_output(jax.random.key(0), x)[0], given)
        return nnx.eval_shape(lambda m, x: m(x), made, given)

    for name, shape, code in programs("flax.txt"):
        names: dict[str, Any] = {}
        exec(code, names)
        made = names.get("model")
        if made is None:
            last = [v for v in names.values() if isinstance(v, type) and v.__module__ == "builtins"]
            kind = last[-1]
            made = kind(rngs=nnx.Rngs(0)) if issubclass(kind, nnx.Module) else kind()
        runs = []
        axes = [*range(1, len(shape) - 1)]
        for each in others(shape, axes, random.Random(name)):
            given = jax.ShapeDtypeStruct(each, jnp.float32)
            try:
                runs.append([each, [list(drawn(made, given).shape)]])
            except Exception as fault:
                print(name, each, type(fault).__name__, str(fault)[:90])
                runs.append([each, None])
        yield {"file": "flax.txt", "name": name, "runs": runs}


if __name__ == "__main__":
    with (HERE / "truth.jsonl").open("w", encoding="utf-8") as out:
        for row in chain(flax_rows(), keras_rows()):
            out.write(json.dumps(row) + "\n")
            out.flush()
