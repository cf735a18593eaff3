import pytest

from solver.testing import assert_accepts, assert_same_size, assert_sizes


@pytest.mark.parametrize("halvings", [1, 2, 3])
def test_sizes(read_network, halvings):
    model = read_network("vqvae.py", model="VQVAE", given={"halvings": halvings})
    assert_accepts(model, f"n % {2**halvings} == 0", output="n")


def test_the_usual_one(read_network):
    model = read_network("vqvae.py", model="VQVAE")
    assert_same_size(model, "n % 4 == 0")
    assert_sizes(model, {(64, 96): (64, 96), 66: 64})
