"""What a layer is in another framework at each of several inputs."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from solver.errors import SizeError
from solver.layers.layer import Layer
from solver.render.conversion import Converted, converted
from solver.render.progress import counted
from solver.render.several import InputAnswer, Several, why


def several(
    given: Layer,
    target: str,
    inputs: Collection[int | Sequence[int]],
    wanted: Sequence[str] | None = None,
) -> Several:
    """A row for each input: what comes out, and the layers that are exact there.

    wanted: what should come out; then the first edit that gives it too.

    >>> from solver import layer
    >>> down = layer("keras", "Conv1D", filters=8, kernel_size=3, strides=2, padding="same")
    >>> for each in several(down, "torch", [7, 8]).items():
    ...     print(each["input"], each["output"], each["layer"])
    7 4 nn.LazyConv1d(8, kernel_size=3, stride=2, padding=1)
    8 4 nn.ZeroPad1d((0, 1)) -> nn.LazyConv1d(8, kernel_size=3, stride=2)
    """
    answers = []
    for size in counted("inputs", inputs):
        asked = {"input": size if isinstance(size, int) else [*size]}
        try:
            found = converted(given, target, size)
        except SizeError as fault:
            answers.append(InputAnswer(asked, None, why(fault), more={"layer": None}))
            continue
        assert found.sizes is not None
        sizes = [*given.size(found.sizes)]
        output = sizes[0] if len({*sizes}) == 1 else sizes
        more = {"layer": Converted(found).headline() if found else None}
        if wanted is not None:
            from solver.network.converted import edits  # few want another size

            fixes = edits(found, wanted, found.sizes).best() if found else []
            more["edit"] = fixes[0].text if fixes else None
        answers.append(InputAnswer(asked, output, found.reason, more=more))
    return Several("convert", answers)
