"""The shapes of inputs as they are given: text, tuples, several, by name."""

from __future__ import annotations

import pytest

from solver.errors import SolverError
from solver.reading.live.shapes import read_shapes, shapes_of


def told(given):
    shapes, by_name = shapes_of(given)
    return {name: ",".join(map(str, shape)) for name, shape in shapes.items()}, by_name


@pytest.mark.parametrize(
    ("given", "names", "by_name"),
    [
        ("1,3,h,w", ["input"], False),
        (" 1 , 3,h, w", ["input"], False),
        ((1, 3, "h", "w"), ["input"], False),
        ((None, 3, None, None), ["input"], False),
        (["1,3,h,w"], ["input"], False),
        (["1,3,h,w", "1,3,h,w"], ["input_1", "input_2"], False),
        ([(1, 3, "h", "w"), "1,3,h,w"], ["input_1", "input_2"], False),
        ("x=1,3,h,w", ["x"], True),
        ({"x": "1,3,h,w", "y": (1, 3, "h", "w")}, ["x", "y"], True),
    ],
)
def test_one_shape_in_many_words(given, names, by_name):
    assert told(given) == (dict.fromkeys(names, "1,3,h,w"), by_name)


def test_words_of_the_command_line():
    assert read_shapes(["n,", "m"]) == [("n",), ("m",)]
    assert told(read_shapes(["n,", "m"])) == ({"input_1": "n", "input_2": "m"}, False)
    assert told(["b", "n"]) == ({"input": "b,n"}, False)  # letters are one shape
    assert read_shapes(["ids=1,n", "mask=1,n"]) == {"ids": (1, "n"), "mask": (1, "n")}


@pytest.mark.parametrize(
    ("text", "at"),
    [("1,3,,w", 4), ("1,3.5", 2), ("1,-3,n", 2), ("", 0), ("1,0,n", 2), ("x=1,?", 4), ("x=", 2)],
)
def test_a_fault_in_a_shape_has_a_caret(text, at):
    with pytest.raises(SolverError) as fault:
        read_shapes([text])
    assert (fault.value.text, fault.value.at) == (text, at)


@pytest.mark.parametrize("given", [(1, "a b"), (1, 2.5), (1, -1), (1, 0), {"x": (1, 1.5)}])
def test_a_fault_in_a_tuple_is_told(given):
    with pytest.raises(SolverError, match="a shape has numbers and letters"):
        shapes_of(given)


def test_names_are_of_all_or_of_none():
    with pytest.raises(SolverError, match="all inputs have names, or none"):
        read_shapes(["1,n", "mask=1,n"])
    with pytest.raises(SolverError, match="the name of an input stands before"):
        read_shapes(["a b=1,n"])
    with pytest.raises(SolverError, match="an input is told once"):
        read_shapes(["x=1,n", "x=1,m"])
