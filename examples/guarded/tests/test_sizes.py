from solver.testing import assert_accepts, assert_same_size, assert_sizes


def test_sizes(read_network):
    model = read_network("models/segment.py")
    assert_sizes(model, {64: 64, (128, 96): (128, 96)})
    assert_accepts(model, "n % 4 == 0", exactly=True)
    assert_same_size(model)
