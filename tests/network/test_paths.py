"""Networks of several paths: against programs that branch, run directly at every size."""

from __future__ import annotations

import pickle
import random
from itertools import product

import pytest
from branches import UNFIT, drawn, network, reads, run

from solver import Conv, MaxPool, coverage, fields, trace, unread
from solver.errors import LimitError, SolverError
from solver.frameworks import layer as framework_layer
from solver.network.diagnosis.explain import explain
from solver.network.graph.demand import AT_MOST, Demand
from solver.network.graph.dim import Dim
from solver.network.graph.operation import Apply, Input, Refuse
from solver.network.graph.summary import outcomes
from solver.network.graph.target import SizeTarget, inputs_for
from solver.network.graph.validity import valid
from solver.network.graph.walk import Node
from solver.network.network import Network
from solver.sizes.sizeset import SizeSet

SEEDS = range(30)
MOST = 200


def _program(seed, axes):
    program = drawn(random.Random(f"paths {axes} {seed}"), axes)
    return program, network(program, axes)


def _networks(axes):
    """Yield programs, their networks, and those where some input may run."""
    for seed in SEEDS:
        program, net = _program(seed, axes)
        if net is not None:
            yield program, net


def _claimed(net, sizes):
    values = net.values(sizes)
    return any(all(one.holds(values) for one in path.within) for path in net.ways)


@pytest.mark.parametrize(("axes", "most"), [(1, 100), (2, 10)])
def test_at_every_size_the_path_that_is_taken_there_answers(axes, most):
    for program, net in _networks(axes):
        for sizes in product(range(1, most + 1), repeat=axes):
            wanted = run(program, sizes)
            lost = wanted == UNFIT and not _claimed(net, sizes)
            if wanted is None or lost:  # what does not fit may lie on a path not followed
                with pytest.raises(LimitError, match="nothing is claimed" if net.paths else None):
                    net.run(sizes)
                continue
            walk, fault = net.run(sizes)
            assert net.runs(sizes) == (fault is None)
            if isinstance(wanted, str):
                assert fault is not None, sizes
                assert wanted in fault.rule or wanted == UNFIT
            else:
                assert fault is None, sizes
                out = walk.shapes[net.path(sizes).outputs[0]][2:]
                assert tuple(dim.number for dim in out) == wanted, sizes


def test_a_network_of_paths_is_a_value():
    for _, net in _networks(1):
        if net.paths:
            again = pickle.loads(pickle.dumps(net))
            assert again == net
            assert hash(again) == hash(net)
            assert again != net.ways[0]


@pytest.mark.parametrize("axes", [1, 2])
def test_valid_inputs_and_what_comes_out_are_those_of_all_paths_together(axes):
    asked = 0
    for program, net in _networks(axes):
        sizes = range(1, MOST + 1)
        wanted = {n: run(program, (n,) * axes) for n in sizes}
        try:
            found = valid(net)
        except SolverError:  # nothing runs at any size, or nothing is claimed
            assert not any(isinstance(size, tuple) for size in wanted.values())
            continue
        asked += 1
        runs = [n for n in sizes if isinstance(wanted[n], tuple)]
        assert [n for n in sizes if n in found.inputs] == runs
        unclaimed = {n for n in sizes if n in found.unclaimed}
        assert {n for n in sizes if wanted[n] is None} <= unclaimed
        assert all(wanted[n] in (None, UNFIT) for n in unclaimed)
        told = outcomes(net, found, lambda path: path.outputs)
        for n in runs:
            (shapes,) = (
                each.shapes
                for each in told
                if n in each.span[2] and each.span[0] <= n <= (each.span[1] or n)
            )
            out = tuple(dim.at(dict.fromkeys("nhw", n)) for dim in shapes[0][2:])
            assert out == wanted[n], n
        messages = {one for one in wanted.values() if isinstance(one, str)} - {UNFIT}
        said = [reason.demand.rule for reason in found.reasons]
        assert messages == {rule for rule in said if "supported" in rule} or len(runs) == 0
        lines = [net.ways[r.path].nodes[r.demand.at].where for r in found.reasons]
        assert len({*zip(said, lines, strict=True)}) == len(said)
        for reason in found.reasons:
            assert all(n in reason.inputs for n in runs if n not in found.unclaimed) or (
                reason.demand.rule not in messages
            )
        for n in (1, 17, 60, 100):
            below, above = found.nearest(n)
            assert below == max((size for size in runs if size <= n), default=None)
            if above is None or above <= MOST:
                assert above == min((size for size in runs if size >= n), default=None)
    assert asked > len(SEEDS) / 2


@pytest.mark.parametrize("axes", [1, 2])
def test_inputs_that_give_a_size_are_found_in_every_path(axes):
    for program, net in _networks(axes):
        wanted = {n: run(program, (n,) * axes) for n in range(1, MOST + 1)}
        outs = [set(size) for size in wanted.values() if isinstance(size, tuple)]
        for size in {size for out in outs if len(out) == 1 for size in out if size < 20}:
            found = inputs_for(net, net.outputs[0], size)
            inputs = [n for n in wanted if wanted[n] == (size,) * axes]
            assert [n for n in wanted if n in found] == inputs


def test_one_axis_is_valid_with_numbers_for_the_others_as_the_program_says():
    for program, net in _networks(2):
        for w in (1, 4, 9, 12):
            wanted = {h: run(program, (h, w)) for h in range(1, 61)}
            try:
                found = valid(net, "h", given={"w": w})
            except SolverError:
                assert not any(isinstance(size, tuple) for size in wanted.values())
                continue
            runs = [h for h in wanted if isinstance(wanted[h], tuple)]
            assert [h for h in wanted if h in found.inputs] == runs, w


@pytest.mark.parametrize("axes", [1, 2])
def test_a_refusal_is_explained_by_its_message_and_line_and_other_sizes(axes):
    seen = 0
    for program, net in _networks(axes):
        for n in range(1, 40):
            wanted = run(program, (n,) * axes)
            if not isinstance(wanted, str) or wanted == UNFIT:
                continue
            seen += 1
            found = explain(net, n)
            assert wanted in found.reason
            assert found.node.where in found.reason
            assert found.node.operation.message == wanted
            assert all(n in inputs for inputs in found.inputs.values())
            for edit in found.fixes:
                sizes = tuple(edit.sizes.values())
                if edit.kind == "input size":
                    assert isinstance(run(program, sizes), tuple)
            by_message = explain(net, error=f"ValueError: {wanted}")
            assert by_message.node.operation.message == wanted
            break
    assert seen > 5


def test_what_is_read_and_what_is_never_read_is_that_of_the_path_taken():
    asked = 0
    for program, net in _networks(1):
        runs = [n for n in range(1, 41) if isinstance(run(program, (n,)), tuple)]
        read = {n: set().union(*reads(program, [{x} for x in range(n)])) for n in runs}
        for n in runs:
            found = coverage(net, n)
            assert {x for run in found.read for x in run} == read[n]
            assert {x for run in found.unread for x in run} == {*range(n)} - read[n]
        try:
            patterns = unread(net).patterns
        except SolverError:
            continue
        for n in runs:
            told = [p for p in patterns if n % p.modulus == p.residue and n >= p.least]
            assert len(told) < 2
            asked += len(told)
            assert all(set(each.unread(n)) == {*range(n)} - read[n] for each in told)
    assert asked > 100


def test_fields_of_a_class_of_sizes_are_those_of_its_path():
    asked = 0
    for program, net in _networks(1):
        for n in range(60, 80):
            if not isinstance(run(program, (n,)), tuple):
                continue
            here, there = fields(net, n), fields(net.path(n), n)
            one, other = (each.of(each.network.outputs[0], "n") for each in (here, there))
            assert one == other
            assert net.costs(n) == net.path(n).costs(n)
            try:
                known = fields(net)
            except SolverError:
                continue
            if n in known.inputs("n"):
                assert known.of(net.outputs[0], "n") == one
                asked += 1
    assert asked > 20


def _small():
    n = Dim.letter("n")
    conv = [Node("conv", Apply(Conv(4, stride=2, padding=1, out_channels=8)), (0,), "line 9")]
    wide = Apply(framework_layer("torch", "pad", pad=(0, 1)))
    padded = [Node("pad", wide, (0,), "line 7"), conv[0]._replace(inputs=(1,))]
    refused = [Node("raise", Refuse("at least 8 samples"), (), "line 5")]
    even = Demand(0, "n % 2 == 0", n, SizeSet(2, [0]), limit=True)
    long = Demand(0, "n >= 8", n, SizeSet(minimum=8), limit=True)
    begin = Node("x", Input((Dim(1), Dim(1), n)))
    main, odd, short = (
        Network([begin, *nodes]).restricted(within)
        for nodes, within in (
            (conv, (long, even)),
            (padded, (long, even.negated())),
            (refused, (long.negated(),)),
        )
    )
    return Network(main.nodes, paths=[odd, short])


def test_a_report_tells_one_formula_once_and_a_refusal_as_a_demand():
    net = _small()
    lines = str(net).split("\n")
    assert lines[:4] == [
        "n -> ceil(n/2), for every n >= 8",
        "layers, costs and what is read are those for n >= 8 and even n",
        "because:",
        "  raise, raise (line 5): at least 8 samples: n >= 8",
    ]
    assert net.formula() == "ceil(n/2)"
    record = net.record()
    assert record["pieces"] == []
    assert record["valid"]["text"] == "n >= 8"
    assert record["unclaimed"]["text"] == "no n"
    assert record["outputs"][0]["shape"] == ["1", "8", "ceil(n/2)"]
    assert record["reasons"][0]["where"] == "line 5"
    assert net.report({"n": 3}).headline() == "infeasible: raise (line 5): at least 8 samples"
    assert net.report({"n": 9}).headline() == "9 -> 5"
    assert not net.report({"n": 3}).answered
    assert net.report({"n": 3}).record()["edit"] is None


def _square(within, *others):
    letters = [Dim.letter(letter) for letter in "hw"]
    begin = Node("x", Input((Dim(1), Dim(1), *letters)))
    conv = Node("conv", Apply(Conv(3, padding=1)), (0,), "line 9")
    paths = [
        Network([begin, Node("raise", Refuse(message), (), where)]).restricted(limits)
        for limits, message, where in others
    ]
    return Network(Network([begin, conv]).restricted(within).nodes, paths=paths)


def _multiple(letter, limit=True):
    return Demand(0, "divisible", Dim.letter(letter), SizeSet(32, [0]), limit=limit)


def test_a_refusal_along_one_axis_is_told_beside_those_of_all_alike():
    h, w = _multiple("h"), _multiple("w")
    net = _square(
        (h, w),
        ((h.negated(),), "height must be divisible", "line 3"),
        ((h, w.negated()), "width must be divisible", "line 5"),
    )
    lines = str(net).split("\n")
    assert lines[:4] == [
        "n -> n, for every n = 0 (mod 32)",
        "because:",
        "  raise, raise (line 3): height must be divisible: n = 0 (mod 32)",
        "  raise, raise (line 5): width must be divisible: w = 0 (mod 32)",
    ]
    assert [each["inputs"]["text"] for each in net.record()["reasons"]] == [
        "n = 0 (mod 32)",
        "w = 0 (mod 32)",
    ]
    same = _square(
        (h, w),
        ((h.negated(),), "must be divisible", "line 3"),
        ((h, w.negated()), "must be divisible", "line 3"),
    )
    assert str(same).count("must be divisible") == 1
    found = net.explain((64, 33))
    assert found.reason == "raise (line 5): width must be divisible"
    assert [str(edit.sizes) for edit in found.fixes] == [
        "{'h': 64, 'w': 32}",
        "{'h': 64, 'w': 64}",
        "{'h': 64, 'w': 33}",
    ][: len(found.fixes)]
    assert "the source refuses inputs with h = 0 (mod 32) and w != 0 (mod 32)" in str(found)


def test_what_ties_axes_is_told_where_it_is_refused_and_where_nothing_is_claimed():
    tie = Demand(0, "square", Dim.letter("h"), Dim.letter("w"), limit=True)
    refused = _square((tie,), ((tie.negated(),), "not square", "line 3"))
    assert "none comes out where h != w: raise (line 3): not square" in str(refused)
    alone = _square((tie,))
    assert "nothing is claimed where h != w" in str(alone)
    assert alone.runs((4, 4))
    with pytest.raises(LimitError, match="square"):
        alone.run((4, 5))
    assert "the source refuses inputs with h != w" in str(refused.explain((4, 5)))
    below = tie._replace(relation=AT_MOST)
    wide = _square((below,), ((below.negated(),), "too high", "line 3"))
    for h in range(1, 6):
        assert [wide.runs((h, w)) for w in range(1, 6)] == [h <= w for w in range(1, 6)]


def test_what_the_source_demands_of_its_input_is_a_demand_like_others():
    net = _square((_multiple("h", limit=False),))
    assert str(net.valid().inputs) == "n = 0 (mod 32)"
    assert not net.valid().unclaimed
    assert not net.runs((33, 5))
    assert net.runs((64, 5))
    found = net.explain(33)
    assert found.reason == "x: input: divisible: 33; right: n = 0 (mod 32)"
    assert [edit.kind for edit in found.fixes] == ["input size", "input size", "input padding"]


def test_nothing_is_none_where_a_path_is_not_known():
    net = _square((_multiple("h"),))
    with pytest.raises(LimitError):
        net.inputs_for(33)
    with pytest.raises(LimitError):
        net.report({"h": 33, "w": 33})
    report = net.report(None, None, SizeTarget("33", (SizeSet.of([33]),)))
    with pytest.raises(LimitError):
        report.headline()
    assert net.inputs_for(64) == SizeSet.of([64])


def test_names_of_outputs_are_part_of_a_network():
    net = trace(lambda x: (Conv(3)(x), MaxPool(2)(x)), axes=1)
    named = type(net)(net.nodes, net.outputs, names=["deep", ""])
    assert named.names == ("deep", net.nodes[2].name)
    assert named != net
    assert named.find("deep") == 1
    again = pickle.loads(pickle.dumps(named))
    assert (again, again.names) == (named, named.names)
    assert str(named).startswith("n -> deep: n - 2, maxpool_2: floor(n/2), for every n >= 3\n")
    both = type(net)(named.nodes, named.outputs, names=named.names, paths=[named])
    assert [path.names for path in both.ways] == [named.names] * 2
    assert both.each(lambda path: path).names == named.names
    assert [each["name"] for each in named.record()["outputs"]] == [*named.names]
