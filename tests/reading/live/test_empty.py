"""Flax goes on with what has no elements: what is read of the text is what JAX gives."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from solver import valid
from solver.errors import SolverError
from solver.reading import read

jax = pytest.importorskip("jax")
pytest.importorskip("flax")

pytestmark = pytest.mark.live

EMPTYING = (
    "nn.Conv(4, (3,), padding='VALID')(x)",
    "nn.Conv(4, (5,), strides=2, padding='VALID')(x)",
    "nn.Conv(4, (3,), padding=((0, 1),), kernel_dilation=2)(x)",
    "nn.max_pool(x, (2,), (2,))",
    "nn.avg_pool(x, (4,), (3,), padding=((0, 1),))",
    "x[:, :-2]",
)
BEHIND = (
    *EMPTYING,
    "nn.Conv(4, (3,), padding='CIRCULAR')(x)",
    "nn.ConvTranspose(4, (3,), strides=(2,), padding=((0, 0),))(x)",
    "jnp.pad(x, ((0, 0), (1, 1), (0, 0)))",
    "x.mean(axis=1)",
    "x.max(axis=1)",
    "x.reshape((x.shape[0], -1))",
    "nn.Dense(3)(x)",
    "jnp.concatenate([x, x], axis=1)",
    "x + x",
    "nn.GroupNorm(num_groups=2)(x)",
    "jax.image.resize(x, (x.shape[0], x.shape[1] * 2, x.shape[2]), 'nearest')",
)

PROGRAM = """
import flax.linen as nn
import jax
import jax.numpy as jnp
class Net(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.Conv(4, (1,))(x)
        x = {}
        return {}
net = Net()
x = jnp.zeros((1, 64, 4))
"""


def theirs(net: Any, n: int) -> list[int] | None:
    given = jax.ShapeDtypeStruct((1, n, 4), "float32")
    key = jax.random.PRNGKey(0)
    try:
        found = jax.eval_shape(lambda key, x: net.init_with_output(key, x)[0], key, given)
    except Exception:  # whatever JAX refuses with
        return None
    return sorted(found.shape)


@pytest.mark.parametrize(("first", "behind"), list(product(EMPTYING, BEHIND))[::3])
def test_what_stands_behind_goes_on_as_in_jax(first: str, behind: str) -> None:
    text = PROGRAM.format(first, behind)
    scope: dict[str, Any] = {}
    exec(text, scope)
    network = read(text)
    accepted = valid(network)
    for n in range(1, 11):
        try:
            shape = network.at(n).shapes[network.outputs[0]]
            ours = sorted(dim.number for dim in shape)
        except SolverError:
            ours = None
        assert ours == theirs(scope["net"], n), n
        assert (n in accepted.inputs) == (ours is not None)
        assert (n in accepted.something) == (ours is not None and 0 not in ours)


def test_what_is_left_without_elements_is_said() -> None:
    network = read(PROGRAM.format(EMPTYING[0], "nn.max_pool(x, (2,), (2,))"))
    found = network.record()
    assert found["notes"][-1] == "for n in {1, 2, 3} it runs, but nothing comes out: 0 elements"
    assert found["pieces"][0]["outputs"][0]["shape"] == [1, 4, 0]
    assert network.report(2).record()["notes"][-1] == "it runs, but nothing comes out: 0 elements"
    assert str(valid(network, exact=True).something) == "even n >= 4"
