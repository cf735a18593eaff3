"""Decoders of what is given: a network, or layers in order, of numbers or in letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, overload

from solver.errors import LimitError
from solver.frameworks.code import writable
from solver.layers.layer import Layer
from solver.layers.stack import Stack
from solver.network.decoders.decoder import Decoders, Where, graph_of, of_graph
from solver.network.graph.graph import Graph

if TYPE_CHECKING:
    from solver.network.decoders.lettered import LetteredDecoders


@overload
def decoders(
    encoder: Graph,
    n: int | Sequence[int] | None = None,
    where: Where = None,
    framework: str = "torch",
) -> Decoders: ...
@overload
def decoders(
    encoder: Stack | Layer | Iterable[Layer],
    n: int | Sequence[int] | None = None,
    where: Where = None,
    framework: str = "torch",
) -> Decoders | LetteredDecoders: ...
def decoders(
    encoder: Graph | Stack | Layer | Iterable[Layer],
    n: int | Sequence[int] | None = None,
    where: Where = None,
    framework: str = "torch",
) -> Decoders | LetteredDecoders:
    """Find decoders of an encoder, those that give back the most sizes first.

    encoder: a network with one input and one output; or layers in order, as a stack or a list, or
    one alone, which may be in letters: then the decoders are those of all their values. n: an input
    size that each must give back, or one for each axis. where: input sizes of which each must give
    back all that the encoder accepts, or a condition on them in words. Without them, for all sizes
    by rules per call, for the multiples of the total stride, and for what the plain mirror gives
    back. Of decoders that give back as many, those with the fewest changes from the mirror come
    first, then those with the fewest parameters.
    Raises SolverError where the output has no size of its own left, and LimitError for questions
    about layers in letters that are not followed.

    >>> from solver import Conv, trace
    >>> codec = trace(lambda x: Conv(10, 5, 3)(Conv(4, 2, 1)(x)), axes=1)
    >>> for each in decoders(codec)[:2]:
    ...     print(each.form, each.inputs[0], [str(rule) for (rule,) in each.per_call])
    mirrored n >= 8 ['(floor(n/2) + 1) % 5', 'n % 2']
    resize n >= 8 ['(floor(n/2) + 1) % 5', 'n % 2']
    >>> fixed = decoders(codec, n=1000)[2]
    >>> print(fixed.inputs[0], "|", fixed.layers[0].output_padding, fixed.layers[1].output_padding)
    n = 0 (mod 10) | 1 0
    >>> decoders(trace(Conv(3, padding=1), axes=1))[0].layers  # nothing is to be brought back
    ()
    >>> for each in decoders(Conv("2s", stride="s", padding="ceil(s/2)"))[:2]:
    ...     print(each.layers[0].output_padding, *each.rules, each.holds, each.legal, sep=" | ")
    0 | (n + s % 2) % s | n >= 2*floor(s/2) | None
    s % 2 | n % s == 0 | s >= 2
    """
    if isinstance(encoder, Graph):
        return of_graph(encoder, n, where, framework)
    if isinstance(encoder, Layer):
        encoder = Stack(encoder)
    layers = encoder if isinstance(encoder, Stack) else Stack(encoder)
    if not any(layer.letters for layer in layers):
        return of_graph(graph_of(layers), n, where, framework)
    if n is not None or where:
        rule = "decoders in letters are of every n"
        raise LimitError(rule, str(where or n), "neither n nor where; or .at(s=2) of them first")
    if writable(framework) != "torch":
        rule = "decoders in letters are in PyTorch's words"
        raise LimitError(rule, framework, "the encoder in numbers, or framework='torch'")
    from solver.network.decoders.lettered import LetteredDecoders

    return LetteredDecoders(layers)
