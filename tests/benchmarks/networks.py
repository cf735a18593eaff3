"""Time whole networks, and peers beside them, and print Markdown tables.

    python tests/benchmarks/networks.py [--rounds N] [--only TASK]

The question put to peers: at which n does a U-Net of four levels run, for every n (NumPy: up to
10^6)? The original has unpadded convolutions, and only even poolings and even crops count; the
padded one concatenates what must have equal sizes. Every answer is compared with ours before
anything is timed. Turns are interleaved and shuffled as in `run.py`.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from itertools import takewhile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

from run import ROOT, _installed, _ratio, _seconds, _table, _turn, _turns, _versions

from solver import (
    Conv,
    ConvTranspose,
    LimitError,
    MaxPool,
    Network,
    Tensor,
    add,
    concat,
    crop,
    decoders,
    explain,
    fields,
    pointwise,
    tiling,
    trace,
    valid,
)
from solver.network.graph.costs import costs
from solver.reading.file import read_file
from solver.sizes import formulas
from solver.sizes.sizeset import SizeSet

LEVELS = 4
LAST = 10**6  # how far NumPy looks


# The question


class Question(NamedTuple):
    """Ask for the sizes at which a U-Net runs. padding: of its convolutions of kernel size 3."""

    title: str
    padding: int

    @property
    def exact(self) -> bool:
        return not self.padding


QUESTIONS = (Question("original, even poolings and crops", 0), Question("padded", 1))


def unet(question: Question) -> Network:
    """Write a U-Net down, from making its layers to the finished network."""
    conv, pool = Conv(3, padding=question.padding), MaxPool(2)
    up = ConvTranspose(2, stride=2)

    def net(x: Tensor) -> Tensor:
        skips = []
        for _ in range(LEVELS):
            skips.append(conv(conv(x)))
            x = pool(skips[-1])
        x = conv(conv(x))
        for skip in reversed(skips):
            x = up(x)
            x = conv(conv(concat(skip if question.padding else crop(skip, like=x), x)))
        return x

    return trace(net)


def conditions(n: Any, question: Question) -> Iterator[tuple[Any, str, Any]]:
    """Yield what must hold, as (size, relation, size), level by level, in any arithmetic.

    The sizes are those of the formulas, in short: n - 2 + 2p, floor(n/2) and 2n.
    """
    less = 2 - 2 * question.padding
    skips = []
    for level in range(LEVELS + 1):
        for _ in range(2):
            yield n, ">=", less + 1
            n = n - less if less else n
        if level == LEVELS:
            break
        skips.append(n)
        yield n, ">=", 2
        if question.exact:
            yield n % 2, "=", 0
        n = n // 2
    for skip in reversed(skips):
        n = 2 * n
        if question.padding:
            yield skip, "=", n
        else:
            yield skip, ">=", n
            yield (skip - n) % 2, "=", 0
        for _ in range(2):
            yield n, ">=", less + 1
            n = n - less if less else n


def by_formulas(n: Any, question: Question) -> Iterator[tuple[Any, str, Any]]:
    """Yield the same with the formulas of every layer as they are written in the package."""
    p, skips = question.padding, []
    for level in range(LEVELS + 1):
        for _ in range(2):
            yield n, ">=", 3 - 2 * p
            n = formulas.conv(n, 3, 1, p, p)
        if level == LEVELS:
            break
        skips.append(n)
        yield n, ">=", 2
        if question.exact:
            yield n % 2, "=", 0
        n = formulas.conv(n, 2, 2)
    for skip in reversed(skips):
        n = formulas.conv_transpose(n, 2, 2)
        if question.padding:
            yield skip, "=", n
        else:
            yield skip, ">=", n
            yield (skip - n) % 2, "=", 0
        for _ in range(2):
            yield n, ">=", 3 - 2 * p
            n = formulas.conv(n, 3, 1, p, p)


def ours(question: Question, network: Network) -> SizeSet:
    return valid(network, exact=question.exact).inputs


def ours_from_layers(question: Question, _: Network) -> SizeSet:
    return valid(unet(question), exact=question.exact).inputs


def numpy(question: Question, _: Network) -> Any:
    import numpy as np

    n = np.arange(1, LAST + 1)
    good = np.ones(LAST, bool)
    for one, relation, other in conditions(n, question):
        good &= one >= other if relation == ">=" else one == other
    return n[good]


def numpy_tuned(question: Question, _: Network) -> Any:
    """Tuned by hand: 32 bits, shifts for halves, and bits for remainders."""
    import numpy as np

    n = np.arange(1, LAST + 1, dtype=np.int32)
    size, skips = n, []
    good = np.ones(LAST, bool)
    less = 4 - 4 * question.padding
    for _level in range(LEVELS):
        size = size - less if less else size
        good &= size >= 2
        if question.exact:
            good &= (size & 1) == 0
        skips.append(size)
        size = size >> 1
    size = size - less if less else size
    good &= size >= 1
    for skip in reversed(skips):
        size = size << 1
        if question.padding:
            good &= skip == size
        else:
            good &= skip >= size
            good &= ((skip - size) & 1) == 0
        size = size - less if less else size
        good &= size >= 1
    return n[good]


def islpy(question: Question, _: Network) -> Any:
    """Do the same with piecewise affine functions in place of arrays."""
    return _islpy(conditions, question)


def islpy_formulas(question: Question, _: Network) -> Any:
    """Run the formulas of the package on piecewise affine functions, unchanged."""
    return _islpy(by_formulas, question)


def _islpy(asked: Callable[..., Iterator[tuple[Any, str, Any]]], question: Question) -> Any:
    import islpy as isl

    found = isl.Set("{ [n] : n >= 1 }")
    for one, relation, other in asked(isl.PwAff("{ [n] -> [n] }"), question):
        if isinstance(other, int):
            other = isl.PwAff(f"{{ [n] -> [{other}] }}")
        found &= one.ge_set(other) if relation == ">=" else one.eq_set(other)
    return found


PEERS: dict[str, tuple[str, Callable[[Question, Network], Any]]] = {
    "convsolver, from a network": ("", ours),
    "convsolver, from layers": ("", ours_from_layers),
    "NumPy, n <= 10^6": ("numpy", numpy),
    "NumPy, n <= 10^6, tuned": ("numpy", numpy_tuned),
    "islpy, formulas unchanged": ("islpy", islpy_formulas),
    "islpy, formulas in short": ("islpy", islpy),
}


def same(expected: SizeSet, answer: Any) -> bool:
    """Tell whether a peer says what we say: NumPy up to its last n, islpy for every n."""
    if isinstance(answer, SizeSet):
        return answer == expected
    if hasattr(answer, "tolist"):
        return answer.tolist() == list(takewhile(lambda n: n <= LAST, expected))
    import islpy as isl

    classes = " or ".join(f"n mod {expected.modulus} = {r}" for r in expected.residues)
    assert not expected.exceptions
    text = f"{{ [n] : n >= {expected.minimum} and ({classes}) }}"
    return bool(answer.is_equal(isl.Set(text)))


def unets(rounds: int, shuffle: random.Random) -> None:
    for question in QUESTIONS:
        network = unet(question)
        expected = ours(question, network)
        peers = {}
        for name, (package, answer) in PEERS.items():
            if package and not _installed(package):
                continue
            peers[name] = partial(answer, question, network)
            if not same(expected, peers[name]()):
                sys.exit(f"{name} and convsolver differ on: {question.title}")
        times: dict[str, list[float]] = {name: [] for name in peers}
        for _ in range(rounds):
            order = list(peers)
            shuffle.shuffle(order)
            for name in order:
                times[name].append(_turn(peers[name]))
        first, second, *_ = map(median, times.values())
        rows = [
            (
                name,
                _seconds(median(taken)),
                _seconds(min(taken)),
                _ratio(median(taken) / first),
                _ratio(median(taken) / second),
            )
            for name, taken in times.items()
        ]
        print(f"**valid sizes of a U-Net of {LEVELS} levels, {question.title}**: {expected}\n")
        _table(("", "median", "fastest", "times ours", "times ours from layers"), rows)


# A model of 200 layers


def _resnet(file: Path, blocks: int = 66) -> int:
    """Write an ONNX model of 3*blocks + 2 layers with weights, and return its number of nodes."""
    import onnx
    from onnx import TensorProto, helper

    nodes: list[Any] = []
    weights: list[Any] = []

    def node(operation: str, inputs: list[str], **attributes: Any) -> str:
        out = f"{operation.lower()}_{len(nodes)}"
        nodes.append(helper.make_node(operation, inputs, [out], out, **attributes))
        return out

    def weight(*dims: int) -> str:
        count = 1
        for dim in dims:
            count *= dim
        name = f"w_{len(weights)}"
        raw = bytes(4 * count)
        weights.append(helper.make_tensor(name, TensorProto.FLOAT, dims, raw, raw=True))
        return name

    def conv(x: str, before: int, after: int, k: int, s: int = 1) -> str:
        made = [k // 2] * 4
        y = node(
            "Conv", [x, weight(after, before, k, k)], kernel_shape=[k, k], strides=[s, s], pads=made
        )
        return node("BatchNormalization", [y, *(weight(after) for _ in range(4))])

    x, width = node("Relu", [conv("x", 3, 16, 7, 2)]), 16
    for block in range(blocks):
        last = block in (10, 30, 50)
        after, s = (width * 2, 2) if last else (width, 1)
        y = node("Relu", [conv(x, width, width, 1)])
        y = node("Relu", [conv(y, width, width, 3, s)])
        y = conv(y, width, after, 1)
        skip = conv(x, width, after, 1, s) if last else x
        x, width = node("Relu", [node("Add", [y, skip])]), after
    x = node("Flatten", [node("GlobalAveragePool", [x])])
    x = node("Gemm", [x, weight(1000, width), weight(1000)], transB=1)
    infos = (("x", (1, 3, "h", "w")), (x, (1, 1000)))
    given, out = (helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in infos)
    graph = helper.make_graph(nodes, "resnet", [given], [out], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    file.write_bytes(model.SerializeToString())
    assert onnx.load(file).graph.node
    return len(nodes)


def analyse(network: Network) -> None:
    """Ask for everything there is to say for every n."""
    assert network.walk.shapes
    assert valid(network).inputs
    assert costs(network)
    read_fields(network)


def read_fields(network: Network) -> None:
    found = fields(network)
    for letter in network.letters:
        for at in range(len(network)):
            found.of(at, letter)


def onnx_model(rounds: int, _: random.Random) -> None:
    if not _installed("onnx"):
        print("onnx not installed: skipped.\n")
        return
    steps: dict[str, Callable[[Network], Any]] = {
        "sizes": lambda network: network.walk,
        "valid inputs": valid,
        "receptive fields": read_fields,
        "parameters and operations": costs,
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "resnet.onnx"
        count = _resnet(file)
        size = file.stat().st_size / 1e6
        start = perf_counter()
        network = read_file(str(file))
        analyse(network)
        first = perf_counter() - start
        rows = [("the first time, all together", _seconds(first))]
        read = median(_turn(partial(read_file, str(file))) for _ in range(rounds))
        rows.append(("reading", _seconds(read)))
        for name, step in steps.items():
            taken = []
            for _ in range(rounds):
                network = read_file(str(file))
                if name != "sizes":
                    assert network.walk
                begin = perf_counter()
                step(network)
                taken.append(perf_counter() - begin)
            rows.append((name, _seconds(median(taken))))
    print(f"**an ONNX model of 200 layers**: {count} nodes, {size:.0f} MB\n")
    _table(("for every n", "time"), rows)


# Long periods


def chain(strides: tuple[int, ...]) -> Network:
    """Go down by strides and up again, and meet what was passed on the way, cropped or not."""

    def net(x: Tensor) -> Tensor:
        skips = []
        for stride in strides:
            skips.append(x)
            x = MaxPool(stride)(x)
        for at, stride in enumerate(reversed(strides)):
            x, skip = ConvTranspose(stride, stride)(x), skips.pop()
            x = concat(crop(skip, like=x), x) if at % 2 else concat(skip, x)
        return x

    return trace(net, axes=1)


def uneven(down: int, up: int, twice: int) -> Network:
    """Mix ways down and up so that no one floor says it: tables of so many sizes."""

    def net(x: Tensor) -> Tensor:
        y = Conv(down, stride=down)(x)
        y = ConvTranspose(up + 2, stride=up)(y)
        y = pointwise(Conv(3, stride=twice)(y))
        y = ConvTranspose(twice, stride=twice)(y)
        return add(y, Conv(3, padding=1)(y))

    return trace(net, axes=1)


CHAINS: dict[str, Callable[[], Network]] = {
    "down and up by 8, 25, 50, 100": partial(chain, (8, 25, 50, 100)),
    "down and up by 100, 50, 25, 8": partial(chain, (100, 50, 25, 8)),
    "down and up by 1000, 1000, 1000": partial(chain, (1000, 1000, 1000)),
    "down by 97, up by 5, down by 101": partial(uneven, 97, 5, 101),
    "down by 1021, up by 1009, down by 1021": partial(uneven, 1021, 1009, 1021),
    "down by 1031, up by 7, down by 1033": partial(uneven, 1031, 7, 1033),
}


def chains(rounds: int, _: random.Random) -> None:
    rows = []
    for name, make in CHAINS.items():
        taken = peak = 0.0
        try:
            start = perf_counter()
            network = make()
            answer = str(valid(network, exact=True).inputs)
            taken = perf_counter() - start
            size = network.sizes(network.outputs[0])
            single = size and size[2].single
            period = f"{single[1].period:,}" if single else "1"
            tracemalloc.start()
            valid(make(), exact=True)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        except LimitError as fault:
            tracemalloc.stop()
            rows.append((name, fault.received or "", f"LimitError: {fault.rule}", "", ""))
            continue
        answer = answer if len(answer) < 60 else f"{answer[:57]}..."
        rows.append((name, period, answer, _seconds(taken), f"{peak / 1e6:.1f} MB"))
    print("**long periods**: from layers to valid inputs\n")
    _table(("strides", "period", "valid for", "time", "peak memory"), rows)


# Everything else


def others(rounds: int, _: random.Random) -> None:
    dense = str(ROOT / "tests/data/printouts/densenet121.print.txt")
    padded = unet(QUESTIONS[1])
    codec = [Conv(2 * s, stride=s, padding=s // 2) for s in (2, 4, 5, 8)]

    def encoder(x: Tensor) -> Tensor:
        for layer in codec:
            x = layer(x)
        return x

    asked: dict[str, Callable[[], Any]] = {
        "read DenseNet-121 as print(model) shows it": lambda: read_file(dense),
        "explain a padded U-Net at 100": lambda: explain(padded, 100),
        "decoders of an encoder with strides 2, 4, 5, 8": lambda: decoders(trace(encoder, axes=1)),
        "tile a padded U-Net": lambda: tiling(padded, "h"),
    }
    rows = [(name, _seconds(_turns(answer, rounds))) for name, answer in asked.items()]
    print("**other questions**\n")
    _table(("", "median"), rows)


TASKS = {"unets": unets, "onnx": onnx_model, "chains": chains, "others": others}


def main() -> None:
    parser = argparse.ArgumentParser(description="Time whole networks, and peers beside them.")
    parser.add_argument("--rounds", type=int, default=15, metavar="N")
    parser.add_argument("--only", choices=TASKS, metavar="TASK", help="%(choices)s")
    arguments = parser.parse_args()
    shuffle = random.Random(1)
    print(_versions(), f"{arguments.rounds} rounds.\n", sep="  \n", flush=True)
    for name, task in TASKS.items():
        if arguments.only in (None, name):
            task(arguments.rounds, shuffle)


if __name__ == "__main__":
    main()
