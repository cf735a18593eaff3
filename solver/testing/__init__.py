"""Guards for the tests of users: which sizes come out of a model, and which inputs it takes.

Each takes a `Network`, or what `solver.read` takes: a file, text, or a live model of PyTorch, Keras
or JAX. `told` is what `read` is told of it, as shape="1,3,h,w". What is not so is an AssertionError
that says the smallest input at which it is not, where the model fails and why; what is not known
is a LimitError.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from solver.errors import LimitError, SolverError
from solver.network.graph.requirement import Requirement
from solver.network.network import Network
from solver.reading.entry import read

Size = int | tuple[int, ...]


def assert_sizes(model: Any, sizes: Mapping[Size, Size], **told: Any) -> None:
    """Assert that each input gives the output beside it, in elements along each axis.

    sizes: one size for all axes, or a tuple with one for each. Raises AssertionError for the first
    that is not so, and says how many others are not.

    >>> assert_sizes("nn.Conv2d(3, 8, 7, stride=2, padding=3)", {224: 112, (7, 9): (4, 5)})
    >>> assert_sizes("nn.MaxPool2d(2)", {8: 4, 9: 5, 1: 1})
    Traceback (most recent call last):
        ...
    AssertionError: an input of 9 must give 5
      received: 4
      right:    9: 4
    1 more of 3 is not as it must be
    >>> assert_sizes("nn.MaxPool2d(2)", {})
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: sizes are told by input
      received: {}
      right:    {224: 112}
    """
    if not sizes:
        raise SolverError("sizes are told by input", "{}", "{224: 112}")
    for size in chain.from_iterable(sizes.items()):
        if not all(isinstance(x, int) for x in (size if isinstance(size, tuple) else (size,))):
            rule = "a size is a whole number, or a tuple with one for each axis"
            raise SolverError(rule, repr(size), "{224: 112, (7, 9): (4, 5)}")
    network, faults = _network(model, told), list[SolverError]()
    for given, wanted in sizes.items():
        try:
            came = network.size(given)
        except LimitError:
            raise
        except SolverError as fault:
            rule = f"an input of {given} must give {wanted}: {fault.rule}"
            faults.append(SolverError(rule, fault.received, fault.right))
            continue
        if _alike(came) != _alike(wanted):
            rule = f"an input of {given} must give {wanted}"
            faults.append(SolverError(rule, str(came), f"{given}: {came}"))
    if faults:
        more = len(faults) - 1
        others = f"\n{more} more of {len(sizes)} {'is' if more == 1 else 'are'} not as it must be"
        raise AssertionError(f"{faults[0]}{others if more else ''}")


def assert_accepts(
    model: Any, condition: str, exactly: bool = False, output: str | None = None, **told: Any
) -> None:
    """Assert that a model runs at every input of a condition: for every n, which is proved.

    condition: of n, the size along all axes alike, with and, or, not: "n % 32 == 0 and n >= 64".
    exactly: that it runs at no other. output: what comes out of each, a number or an expression
    in n. Raises AssertionError with the smallest n that is not so.

    >>> pools = "nn.MaxPool2d(2); nn.MaxPool2d(2)".replace("; ", chr(10))
    >>> assert_accepts(pools, "n >= 4", exactly=True)
    >>> assert_accepts(pools, "n % 4 == 0", output="n/4")
    >>> assert_accepts(pools, "n % 4 == 0", exactly=True)
    Traceback (most recent call last):
        ...
    AssertionError: only n = 0 (mod 4) must run, and n = 5 does too
      right:    n >= 4, at which it runs
    """
    _check(Requirement(_network(model, told), condition, exactly, output))


def assert_same_size(model: Any, condition: str | None = None, **told: Any) -> None:
    """Assert that what comes out is as large as what goes in, at every input of a condition.

    condition: as for `assert_accepts`; without it every input that runs, at least one.

    >>> assert_same_size("nn.Conv2d(3, 8, 3, padding=1)")
    >>> assert_same_size("nn.Conv2d(3, 8, 4, padding=2)")
    Traceback (most recent call last):
        ...
    AssertionError: every n >= 1 must give n, and n = 1 does not
      received: it gives 2
    """
    _check(Requirement(_network(model, told), condition, output="n"))


def _network(model: Any, told: Mapping[str, Any]) -> Network:
    """The network in a model."""
    if not isinstance(model, Network):
        return read(model, **told)
    if told:
        raise SolverError("a network is told nothing more", ", ".join(told), "the source of it")
    return model


def _alike(size: Any) -> Any:
    """A size of all axes where they are alike, a tuple where not."""
    sizes = (size,) if isinstance(size, int) else tuple(size)
    return sizes[0] if len({*sizes}) == 1 else sizes


def _check(found: Requirement) -> None:
    if found.fault is not None:
        raise AssertionError(str(found.fault))
