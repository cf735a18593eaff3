"""Networks of several paths: against programs that branch, run directly at every size."""

from __future__ import annotations

import pickle
import random

import pytest
from branches import UNFIT, drawn, network, run

from solver.errors import LimitError

SEEDS = range(40)


def _program(seed, axes):
    program = drawn(random.Random(f"paths {axes} {seed}"), axes)
    return program, network(program, axes)


def _claimed(net, sizes):
    values = net.values(sizes)
    return any(all(one.holds(values) for one in path.within) for path in net.ways)


@pytest.mark.parametrize(("axes", "most"), [(1, 200), (2, 16)])
def test_at_every_size_the_path_that_is_taken_there_answers(axes, most):
    for seed in SEEDS:
        program, net = _program(seed, axes)
        if net is None:
            continue
        for h in range(1, most + 1):
            for w in range(1, most + 1) if axes > 1 else [h]:
                sizes = (h, w)[:axes]
                wanted = run(program, sizes)
                lost = wanted == UNFIT and not _claimed(net, sizes)
                if wanted is None or lost:  # what does not fit may lie on a path not followed
                    with pytest.raises(
                        LimitError, match="nothing is claimed" if net.paths else None
                    ):
                        net.run(sizes)
                    continue
                walk, fault = net.run(sizes)
                assert net.runs(sizes) == (fault is None)
                if isinstance(wanted, str):
                    assert fault is not None, (seed, sizes)
                    assert wanted in fault.rule or wanted == UNFIT
                else:
                    assert fault is None, (seed, sizes)
                    out = walk.shapes[net.path(sizes).outputs[0]][2:]
                    assert tuple(dim.number for dim in out) == wanted, (seed, sizes)


def test_a_network_of_paths_is_a_value():
    for seed in SEEDS:
        net = _program(seed, 1)[1]
        if net is not None and net.paths:
            again = pickle.loads(pickle.dumps(net))
            assert again == net
            assert hash(again) == hash(net)
            assert again != net.ways[0]
