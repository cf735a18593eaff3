"""Unknown layers of Keras with padding="same": the ways are its layers, sizes as it says."""

from __future__ import annotations

import json
import shlex

import pytest
from cli_fixtures import run

from solver import SolverError, fill, layer, read

#: What comes out of each by the rule of Keras, whatever the kernel.
RULES = {
    "Conv2D(8, {k}, strides={s}, padding='same')": lambda n, s: -(-n // s),
    "MaxPooling2D({k}, {s}, padding='same')": lambda n, s: -(-n // s),
    "AveragePooling2D({k}, {s}, padding='same')": lambda n, s: -(-n // s),
    "Conv2DTranspose(8, {k}, strides={s}, padding='same')": lambda n, s: n * s,
}
SIZES = (1, 2, 7, 30, 31)


@pytest.mark.parametrize("code", RULES)
@pytest.mark.parametrize("wanted", [1, 4, 8, 15, 16, 60, 62])
def test_ways_are_all_the_layers_that_do_it(code, wanted):
    rule = RULES[code]
    network = read(code.format(k="range(1, 6)", s="range(1, 5)"))
    for n in SIZES:
        found = fill(network, wanted, at=n)
        strides = [s for s in range(1, 5) if rule(n, s) == wanted]
        assert found.count == 5 * len(strides)
        for way in found:
            assert way in found
            (one,) = way.values()
            assert {*one.size((n, n))} == {wanted}


def test_one_of_another_kind_is_no_way():
    found = fill(read("Conv2D(8, range(1, 6), strides=2, padding='same')"), "ceil(n/2)")
    (name,) = found[0]
    made = {"filters": 8, "strides": 2}
    assert {name: layer("keras", "Conv2D", kernel_size=5, padding="same", **made)} in found
    assert {name: layer("keras", "Conv2D", kernel_size=7, padding="same", **made)} not in found
    assert {name: layer("keras", "Conv2D", kernel_size=5, padding="valid", **made)} not in found
    assert (found.count, str(found.inputs(found[0]))) == (5, "n >= 1")


def test_beside_other_layers_and_on_the_command_line():
    code = "Conv2D(8, 3, strides=..., padding='same'); Conv2DTranspose(8, 4, ..., padding='same')"
    ended = run("fill", "-c", code, "n", "--where", "n % 4 == 0", "--json")
    ways = [way["layers"] for way in json.loads(ended.out)["ways"]]
    strides = [tuple(each["stride"] for each in way.values()) for way in ways]
    assert sorted(strides) == [(1, 1), (2, 2), (4, 4)]
    assert {each["padding"] for way in ways for each in way.values()} == {"same"}
    line = "fill -c \"Conv2D(8, ..., strides=2, padding='same')\" 112 --input 224"
    out = run(*shlex.split(line)).out.splitlines()
    assert out[0] == 'conv2d: keras.layers.Conv2D(kernel_size=3, strides=2, padding="same")'
    assert "padding same" in out[2]
    made = run(*shlex.split(line), "--format", "code").out
    assert 'keras.layers.Conv2D(8, kernel_size=3, strides=2, padding="same")' in made


def test_what_keras_has_another_rule_for_is_refused():
    with pytest.raises(SolverError, match="stands without output_padding"):
        read("Conv2DTranspose(8, ..., 2, 'same', output_padding=1)")
    with pytest.raises(SolverError, match="no strides together with dilation"):
        read("Conv2D(8, ..., strides=2, dilation_rate=2, padding='same')")
