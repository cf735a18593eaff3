"""A layer in words, ours or by the rules of a framework, and what comes out of it along an axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from solver.frameworks import CHANNELS_LAST
from solver.ground.named import NamedTuple
from solver.layers.layer import Layer
from solver.layers.own_layer import OwnLayer
from solver.layers.row import USUAL_AXES
from solver.layers.window import Same
from solver.sizes.expression import Expression, substitute

if TYPE_CHECKING:
    from solver.frameworks.spec import LayerSpec
    from solver.frameworks.written import Written


class Described(NamedTuple):
    """Hold a layer in words, by the rules of a framework where one is named.

    word: the framework's own for the padding, which `layer` then leaves out. given: the
    hyperparameters as they were written.
    """

    layer: Layer
    framework: str = ""
    word: str = ""
    given: Mapping[str, Any] = {}

    @property
    def last(self) -> bool:
        """Whether the channels come last in a full shape."""
        return self.framework in CHANNELS_LAST

    def axes(self, sizes: int) -> int:
        """The number of axes of the input; one size alone stands for images."""
        usual = 1 if str(self.given.get("padding")).lower() == "causal" else USUAL_AXES
        return self.layer.axes or (sizes if sizes > 1 else usual)

    def written(self, axes: int, channels: int | None = None) -> Written | None:
        """The layers of the framework, or None. Raises SolverError where it refuses."""
        return self._does(axes, channels)[0] if self.framework else None

    def _does(self, axes: int, channels: int | None) -> tuple[Written, LayerSpec]:
        from solver.frameworks.code import write  # a layer of ours is written by no framework
        from solver.frameworks.own_words import in_words
        from solver.frameworks.spec import of_layer

        does = of_layer(self.layer, axes)
        if channels is not None:
            after = self.layer.channels_after(channels)
            does = does._replace(channels=does.channels._replace(before=channels, after=after))
        if not self.word:
            return write(self.framework, does), does
        extra, ceil_mode = self.given.get("output_padding"), bool(self.given.get("ceil_mode"))
        return in_words(self.framework, does, self.word, extra, ceil_mode), does

    def sizes(self, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """The sizes that come out, by the framework's own rules."""
        axes = self.axes(len(numbers))
        written = self.written(axes)
        if written is None or self.framework == "torch":  # its rules are the layer's own
            found: tuple[int, ...] = self.layer.size(numbers)
            return found
        sizes = numbers * axes if len(numbers) == 1 else numbers
        for each in written.layers:
            sizes = each.size(sizes)
        return sizes[: len(numbers)]

    def notes(self, numbers: tuple[int, ...]) -> list[str]:
        """What to beware of: values, and runtimes that differ at these sizes."""
        axes = self.axes(len(numbers))
        written = self.written(axes)
        if written is None:
            return []
        said, word = list(written.notes), self.given.get("padding")
        if isinstance(word, str) and not self.word and len(written.layers) > 1:
            title = written.layers[0].framework.title
            said.append(f"{title} has no padding {word!r} here: a layer of padding does it")
        if len(written.layers) == 1 and numbers:
            said += written.layers[0].notes(numbers * axes if len(numbers) == 1 else numbers)
        return said

    def pads(self, index: int, axes: int, size: int | Expression) -> tuple[Any, Any] | None:
        """The padding at both ends of an axis, of a transposed layer what is cropped there.

        None where what is done there is no window, as with padding that repeats the input.

        size: the input, a number or an expression in which the padding then is.
        """
        if isinstance(self.layer, OwnLayer) and not self.word:
            found: tuple[Any, Any] = self.layer.ends(index)
            return found
        (layer,) = self._does(axes, None)[0].layers
        if (window := layer.along(axes)[index].window) is None:
            return None
        if self.layer.operation.transposed:
            reach = window.span - 1
            return reach - window.begin, reach - window.end
        number = size if isinstance(size, int) else None
        return _at(window.begin, number, size), _at(window.end, number, size)

    def code(self, axes: int, channels: int | None) -> str:
        """Lines of code that make the layer."""
        if not self.word:
            return self.layer.code(self.framework or "torch", axes, channels)
        from solver.frameworks.code import of_written

        return of_written(*self._does(axes, channels))


def _at(end: Any, number: int | None, size: int | Expression) -> Any:
    """What is put at an end for an input."""
    if not isinstance(end, Same):
        return end
    return end(number) if number is not None else substitute(end.expression, {"n": size})


class Output(NamedTuple):
    """Hold one axis of an answer: the input and the output in words, and from which n it holds."""

    input: int | Expression
    output: int | Expression
    folded: Expression | None = None
    valid_from: int | None = None
