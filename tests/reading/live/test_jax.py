"""Models of JAX against JAX: what comes out at many sizes, and what is refused."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from solver import read
from solver.errors import LimitError, SolverError
from solver.reading.live.jax import program_of

jax = pytest.importorskip("jax")
np = pytest.importorskip("numpy")
pytest.importorskip("flax")

pytestmark = [pytest.mark.live, pytest.mark.filterwarnings("ignore")]

FOLDER = Path(__file__).parents[2] / "data" / "models"
#: Sizes of which each letter gets one.
USUAL = [*range(1, 20), 24, 28, 32, 47, 48, 56, 63, 64, 80, 112]


@pytest.fixture(scope="module")
def models() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        from flax_models import MODELS

        yield MODELS


def ours(network: Any, values: dict[str, int]) -> list[list[int]] | str | None:
    sizes = {x: n for x, n in values.items() if x in network.letters}
    try:
        there = network.path(sizes)
        walk = there.at(sizes)
    except LimitError:
        return "not known"
    except SolverError:
        return None
    return [[dim.number for dim in walk.shapes[at] or ()] for at in there.outputs]


def theirs(model: Any, shapes: list[tuple[Any, ...]], values: dict[str, int]) -> Any:
    """What JAX gives, None where it refuses."""
    kind = "int32" if type(model).__name__ == "Tokens" else "float32"
    given = [jax.ShapeDtypeStruct([values.get(n, n) for n in shape], kind) for shape in shapes]
    made = program_of(model)
    try:
        found, _ = jax.eval_shape(
            lambda learned, rest, args: made.call(learned, rest, args, {}),
            *(made.learned, made.rest, given),
        )
    except Exception:  # whatever JAX refuses with
        return None
    return [list(each.shape) for each in jax.tree_util.tree_leaves(found)]


NAMES = [
    *("transformer of patches", "patches by reshape", "unet", "unet, cropped", "unet, resized"),
    *("tokens", "recurrent", "branches", "blocks averaged", "wrapped", "padding in words", "nnx"),
    *("fourier", "two inputs", "scan", "of lax", "taken", "repeated"),
]


@pytest.mark.parametrize("name", NAMES)
def test_as_jax_gives_it(name, models):
    assert set(NAMES) == set(models)
    model, shape = models[name]
    shapes = shape if isinstance(shape, list) else [shape]
    network = read(model, shape=shape)
    letters = dict.fromkeys(n for each in shapes for n in each if isinstance(n, str))
    draw = random.Random(name)
    for turn in range(24):
        values = {letter: draw.choice(USUAL) for letter in letters}
        if turn % 4 == 0:
            values = dict.fromkeys(letters, draw.choice(USUAL))
        assert ours(network, values) == theirs(model, shapes, values), values


def test_what_is_learned_counts_once(models):
    network = read(models["nnx"][0], shape=(1, "h", "w", 3))
    assert network.costs().parameters == 2 * 3 + 4 * 4 * 3 * 6 + 6
    model, _ = models["unet, resized"]
    given = jax.ShapeDtypeStruct((1, 32, 32, 3), "float32")
    held = jax.eval_shape(model.init, jax.random.key(0), given)
    count = sum(each.size for each in jax.tree_util.tree_leaves(held))
    assert read(model, axes=2, channels=3).costs().parameters == count


def test_a_module_with_its_weights_has_their_sizes():
    from flax import linen

    class Net(linen.Module):
        @linen.compact
        def __call__(self, x):
            x = linen.max_pool(linen.Conv(4, (3, 3))(x), (2, 2), (2, 2))
            return {"logits": linen.Dense(5)(x.reshape(x.shape[0], -1)), "maps": [x]}

    shape = (1, "h", "w", 3)
    free = read(Net(), shape=shape)
    assert free.names == ("logits", "maps.0")
    assert ours(free, {"h": 9, "w": 4}) == [[1, 5], [1, 4, 2, 4]]
    given = jax.ShapeDtypeStruct((1, 8, 8, 3), "float32")
    variables = jax.tree_util.tree_map(
        lambda each: np.zeros(each.shape, each.dtype),  # drawing numbers is compiled for seconds
        jax.eval_shape(Net().init, jax.random.key(0), given),
    )
    bound = read(Net().bind(variables), shape=shape)
    assert ours(bound, {"h": 9, "w": 8}) == [[1, 5], [1, 4, 4, 4]]
    assert ours(bound, {"h": 10, "w": 8}) is None
    assert bound.path({"h": 8, "w": 8}).costs().parameters == 3 * 3 * 3 * 4 + 4 + 64 * 5 + 5


def test_what_is_not_followed_is_said():
    counts = jax.jit(lambda x: jax.numpy.zeros(int(x.shape[1] / 3)))
    network = read(counts, shape=(1, "n"))
    assert ours(network, {"n": 9}) == "not known" or ours(network, {"n": 9}) == [[]]
    with pytest.raises(SolverError, match="the input of a model of JAX must be told"):
        read(counts)


def test_a_size_is_looked_up_and_said():
    @jax.jit
    def program(x):
        wide = {7: 1, 14: 2}.get(x.shape[1], 4)
        if x.shape[1] > 100:
            raise ValueError(f"{x.shape[1]} is too long")
        name = f"p{x.shape[1] % 2}"
        return x[:, :wide] if name == "p1" else x

    network = read(program, shape=(1, "n"))
    found = [ours(network, {"n": n}) for n in (7, 14, 20, 21, 101)]
    assert found == [[[1, 1]], [[1, 14]], [[1, 20]], [[1, 4]], None]


def test_channels_that_are_last_are_no_size():
    from flax import linen

    network = read(linen.Conv(4, (3, 3), strides=2), shape=(1, "h", "w", 3))
    assert network.formula() == "ceil(n/2)"
    assert network.size((9, 4)) == (5, 2)
    assert str(network.inputs_for(5)) == "n in {9, 10}"
    text = network.report({"h": 9, "w": 4}).headline()
    assert text.startswith("9x4 -> 5x2")
