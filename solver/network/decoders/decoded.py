"""What a decoder is: layers, the inputs they give back exactly, and rules that depend on n."""

from __future__ import annotations

from math import prod

from solver.errors import SolverError
from solver.frameworks import code as writing
from solver.ground.named import NamedTuple
from solver.ground.record import Record
from solver.layers import cost
from solver.layers.layer import Layer
from solver.layers.table import OWN
from solver.network.decoders import coded
from solver.sizes.fold import shown
from solver.sizes.sizemap import SizeMap
from solver.sizes.sizeset import SizeSet


class OutputPadding(NamedTuple):
    """Hold the output_padding of one layer along one axis as a function of n: F(n) mod stride.

    size: what torch's output_size is there, a map of n. It never reaches the stride, so it is
    always accepted.

    >>> rule = OutputPadding(SizeMap.line(1, -1), 2, SizeMap.line(1))
    >>> str(rule), [rule(n) for n in (7, 8)]
    ('(n - 1) % 2', [0, 1])
    """

    of: SizeMap
    stride: int
    size: SizeMap

    def __call__(self, n: int) -> int:
        return int(self.of(n)) % self.stride

    def __str__(self) -> str:
        if self.stride == 1:
            return "0"
        return str(shown(self.of) % self.stride)


class Padding(NamedTuple):
    """Hold how much an input is padded, in total, up to the next size that is given back exactly.

    What comes out is cropped by as much. Half of it goes to each end, an odd one to the end; any
    other split is as exact if the crop is split alike.

    >>> rule = Padding(SizeSet(320, [0]))
    >>> str(rule), rule.total(1000), rule.ends(1000)
    ('(-n) % 320', 280, (140, 140))
    >>> str(Padding(SizeSet(16, [12], 188)))
    '(12 - n) % 16; below 188, 188 - n'
    """

    inputs: SizeSet

    def total(self, n: int) -> int:
        """The elements added. Raises SolverError where no larger size is given back."""
        size = self.inputs.first(n)
        if size is None:
            raise SolverError("no larger input is given back exactly", received=str(n))
        return size - n

    def ends(self, n: int) -> tuple[int, int]:
        """The elements added before and behind."""
        total = self.total(n)
        return total // 2, total - total // 2

    @property
    def most(self) -> int | None:
        """The most that is added from the smallest exact size on, None where unknown.

        >>> Padding(SizeSet(4, [0, 1])).most
        2
        """
        runs, modulus = self.inputs.ranges, self.inputs.modulus
        if not runs:
            return None
        after = (*(run.start for run in runs[1:]), runs[0].start + modulus)
        return max(start - run.stop for run, start in zip(runs, after, strict=True))

    def __str__(self) -> str:
        return self.text("n")

    def text(self, letter: str) -> str:
        """Return it as an expression of a size that is called by this letter."""
        inputs = self.inputs
        first = inputs.first()
        if inputs.per_period != 1 or inputs.exception_ranges or first is None:
            return f"up to the next of {inputs.text(letter)}"
        residue, modulus = inputs.residues[0], inputs.modulus
        less = f"{residue} - {letter}" if residue else f"-{letter}"
        text = "0" if modulus == 1 else f"({less}) % {modulus}"
        return text if first <= modulus else f"{text}; below {first}, {first} - {letter}"


class Decoder(Record):
    """Hold layers that bring the output of an encoder back to the size of its input.

    form: mirrored, mirrored by padding, upsample, resize or single. layers: in order. letters: the
    sizes of the input. inputs: for each letter, the sizes that are given back exactly. per_call:
    for each layer the rule of its output_padding along each axis, where it is set per call; for
    upsampling and convolutions of stride 1 too, where `size` tells what to resize to. channels: of
    what comes in. changes: hyperparameters that differ from the plain mirror. returned: what the
    plain mirror gives back of these inputs, less n, for each letter.

    >>> from solver import Conv, decoders, trace
    >>> print(decoders(trace(Conv(4, stride=2, padding=1), axes=1), 8)[0].form)
    mirrored
    """

    form: str
    layers: tuple[Layer, ...]
    letters: tuple[str, ...]
    inputs: tuple[SizeSet, ...]
    channels: int
    changes: int
    per_call: tuple[tuple[OutputPadding, ...], ...] = ()
    returned: tuple[int | None, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def every(self) -> bool:
        """Tell whether it gives back every size from some point on."""
        return all(each.modulus == 1 and each.ranges for each in self.inputs)

    @property
    def padding(self) -> tuple[Padding, ...]:
        """Return, for each letter, how to pad an input so that it is given back exactly."""
        return tuple(Padding(each) for each in self.inputs)

    @property
    def density(self) -> float:
        """The share of all sizes that are given back."""
        return prod(each.per_period / each.modulus for each in self.inputs)

    @property
    def parameters(self) -> int:
        """The weights and biases of all layers."""
        width, total = self.channels, 0
        for layer in self.layers:
            total += cost.parameters(layer, width, len(self.letters))
            width = layer.channels_after(width, len(self.letters))
        return total

    def size(self, m: int, n: int | None = None, axis: int = 0) -> int:
        """The size that comes out of m; n: the size wanted, for rules per call.

        >>> from solver import Conv, decoders, trace
        >>> best = decoders(trace(Conv(4, 2, 1), axes=1))[0]
        >>> best.size(50, 101)
        101
        """
        if self.per_call and n is None:
            raise SolverError("output_padding per call needs the size that is wanted")
        for at, layer in enumerate(self.layers):
            if self.form == "resize" and at % 2 == 0:
                m = int(self.per_call[at // 2][axis].size(n))
                continue
            sizes = layer.size((m,) * len(self.letters))
            m = int(sizes[axis])
            if self.per_call and self.form != "resize":
                m += self.per_call[at][axis](n or 0)
        return m

    def words(self, framework: str = "torch") -> tuple[Layer, ...]:
        """The layers as a framework has them: the plainest of the same sizes.

        Raises SolverError where it has nothing that does it.

        >>> from solver import Conv, decoders, trace
        >>> best = decoders(trace(Conv(3, 2, 1), axes=1), 8, framework="keras")[0]
        >>> best.words("keras")
        (layer('keras', 'Conv1DTranspose', filters=1, kernel_size=3, strides=2, padding='same'),)
        """
        asked = self.form, self.layers, bool(self.per_call), len(self.letters), self.channels
        return coded.words(framework, *asked)

    def code(self, framework: str = "torch") -> str:
        """Lines of code that make the layers.

        Raises SolverError where the framework has nothing that does it, such as sizes per call.
        """
        asked = self.form, self.layers, bool(self.per_call), len(self.letters), self.channels
        return coded.code(framework, *asked)

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        """The layers, and what they give back."""
        sets = dict.fromkeys(
            each.text(letter if len({*map(str, self.inputs)}) > 1 else "n")
            for letter, each in zip(self.letters, self.inputs, strict=True)
        )
        return f"{', '.join(map(_title, self.layers))}: gives back {' and '.join(sets)}"


def _title(layer: Layer) -> str:
    return repr(layer) if layer.framework is OWN else writing.line(layer).removeprefix("nn.")
