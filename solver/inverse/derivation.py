"""The derivation of a complete answer, line by line, from the objects that give the answer.

Each step can be read backwards, so the last one, the family, leaves nothing out. Where nothing
works the last lines are the contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from solver.inverse.axis import Axis
from solver.inverse.clash import clash, nothing_in_the_box
from solver.inverse.family import NAMES, Affine, conditions, holds, net_padding_terms, rules
from solver.inverse.problem import Inputs
from solver.inverse.question import Ask, Every, Numbers
from solver.inverse.reason import why_none
from solver.inverse.step import Step, between, line, link
from solver.inverse.window import Window, bounds_at, for_none, for_sizes, period_of
from solver.sizes import formulas
from solver.sizes.expression import parse
from solver.sizes.normal import names, rename
from solver.sizes.operations import MINIMUM
from solver.sizes.text import text

_MOST_CLASSES = 6  # residues or sizes that are written out
_ONE = Affine({}, 1)
_MEANING = {
    "kernel_size": "the kernel size",
    "stride": "the stride",
    "padding": "the padding at each end",
    "dilation": "the dilation",
    "output_padding": "the output padding",
    "padding_begin": "the padding before",
    "padding_end": "the padding behind",
}


def derivation(axes: Sequence[Axis]) -> list[Step]:
    """Return the steps from the question to the family, or to the contradiction, axis by axis."""
    steps: list[Step] = []
    for index, axis in enumerate(axes):
        steps += [Step(f"Axis {index}:")] if len(axes) > 1 else []
        steps += _Derivation(axis).steps()
    return steps


class _Derivation:
    """Write one axis. On the way a target for every n may force the stride, or stop it all."""

    def __init__(self, axis: Axis) -> None:
        self.axis = axis
        self.operation = axis.operation
        self.transposed = axis.operation.transposed
        self.symmetric = axis.box.end is None
        self.stride = axis.known.get("stride")
        self.stopped = False

    @property
    def known(self) -> dict[str, int]:
        """Return what is given, and the stride that is forced."""
        return {**self.axis.known, **({"stride": self.stride} if self.stride else {})}

    def z(self, known: dict[str, int]) -> Affine:
        """Return Z, the number through which the hyperparameters act, as in `inverse.window`."""
        ceil_mode = self.axis.question.ceil_mode
        return net_padding_terms(self.operation, known, self.symmetric, ceil_mode)

    def steps(self) -> Iterator[Step]:
        yield from self.opening()
        for ask in self.axis.asks:
            if not self.stopped:
                yield from self.ask(ask)
        if not self.axis.windows:
            if not self.stopped:
                yield from clash(self.axis, self.z(self.known))
            yield Step(f"So no layer does this: {self.reason()}")
            return
        if not self.stopped:
            yield from self.family()
        if any(True for _ in self.axis.problem.rows()):
            yield Step(f"Every step can be read backwards, so {self.all_there_are()}.")
            return
        if not self.stopped:
            yield from nothing_in_the_box(self.axis.problem, self.z(self.known))
        yield Step(f"So no layer of the box does it: {self.reason()}")

    def reason(self) -> str:
        reason = why_none(self.axis)
        return reason if reason.endswith("?") else reason + "."

    def all_there_are(self) -> str:
        layers = f"these are all the layers{f' with {given}' if (given := self.given()) else ''}"
        if any(isinstance(ask, Every) for ask in self.axis.asks):
            return f"{layers}, at every asked `n` from the first at which the kernel fits"
        return f"{layers}, in the searched box and outside of it"

    def given(self) -> str:
        return " and ".join(f"`{name} == {value}`" for name, value in self.axis.known.items())

    def opening(self) -> Iterator[Step]:
        """State the letters, the size formula, and what is given."""
        letters = [*self.operation.hyperparameters]
        if not self.symmetric:
            place = letters.index("padding")
            letters[place : place + 1] = "padding_begin", "padding_end"
        *most, last = (f"`{name}` for {_MEANING[name]}" for name in letters)
        yield Step(
            f"Write `n` for the size of the input, `o` for that of the output, {', '.join(most)} "
            f"and {last}, all of them whole numbers. The output of the {self.operation.title} is"
        )
        yield line("", "o", "==", self.formula({}))
        if self.axis.question.ceil_mode:
            yield Step(
                "for in ceil mode the windows are counted up, less a last one that would start in "
                "the padding behind the input."
            )
        if given := self.given():
            yield Step(f"Given: {given}.")

    def formula(self, figures: dict[str, object]) -> str:
        """Return the size formula with figures put in, not worked out."""
        n, z = Affine({"n": 1}), self.z({})
        if self.transposed:
            plain = str(Affine({"(n - 1)*stride": 1}) + _ONE - z)
        else:
            plain = f"floor(({n + z - _ONE})/stride) + 1"
        tree = rename(
            parse(plain, NAMES, own=True), {name: f"({value})" for name, value in figures.items()}
        )
        return text(parse(text(tree), NAMES, own=True))

    def rounded(self, inner: Affine) -> str:
        """Return floor(inner/stride), not worked out."""
        stride = "stride" if self.stride is None else str(self.stride)
        return str(inner) if stride == "1" else f"floor(({inner})/{stride})"

    def times_stride(self, size: int) -> Affine:
        return Affine({"stride": size}) if self.stride is None else Affine({}, size * self.stride)

    def ask(self, ask: Ask) -> Iterator[Step]:
        if not isinstance(ask, Every):
            yield from self.numbers(ask)
        elif not ask.asked:
            self.stopped = True
        elif ask.asked.finite:
            yield from self.few(ask)
        else:
            yield from self.every(ask)

    # Targets that are numbers

    def numbers(self, ask: Numbers | Inputs, when: str = "") -> Iterator[Step]:
        """Put the figures of one pair of sizes in, and bound Z, or the input that is asked for."""
        known, z = self.known, self.z(self.known)
        size = Affine({}, ask.input) if isinstance(ask, Numbers) else Affine({"n": 1})
        figures = self.formula({**known, "n": size})
        yield Step(f"For {'the' if isinstance(ask, Numbers) else 'an'} input `{size}`{when}:")
        if isinstance(ask, Numbers) and not names(parse(figures, NAMES, own=True)):
            out = self.output(ask.input)
            yield line("", figures, "==", str(out))
            if not ask.smallest <= out <= ask.largest:
                more = "" if ask.smallest == ask.largest else f" to {ask.largest}"
                yield Step(f"where {ask.smallest}{more} is wanted.")
            return
        yield link("", str(ask.smallest), figures, str(ask.largest))
        if not self.transposed:
            low = self.times_stride(ask.smallest - 1)
            high = self.times_stride(ask.largest) - _ONE
            yield link("hence", str(low), str(size + z - _ONE), str(high))
        if isinstance(ask, Numbers) and z.terms:
            window = for_sizes(self.transposed, *ask)
            yield between("hence", window, z, self.stride)
            if self.stride is not None:
                yield from self.divided(window.at(self.stride), z)

    def divided(self, ends: tuple[int, int], z: Affine) -> Iterator[Step]:
        """Divide by the factor of an unknown that stands alone between numbers."""
        if len(z.terms) == 1:
            ((name, factor),) = z.terms.items()
            low, high = sorted((end - z.constant) * (1 if factor > 0 else -1) for end in ends)
            if (factor := abs(factor)) > 1:
                bounds = f"ceil({low}/{factor})", f"floor({high}/{factor})"
                yield line("hence", bounds[0], "<=", name, "<=", bounds[1])

    def output(self, size: int) -> int:
        """Return the output where every hyperparameter is given."""
        k, s, p, d, a = (self.known.get(name, least) for name, least in MINIMUM.items())
        if self.transposed:
            return int(formulas.conv_transpose(size, k, s, p, p, d, a))
        formula = formulas.ceil_pool if self.axis.question.ceil_mode else formulas.conv
        return int(formula(size, k, s, p, p, d))

    def few(self, ask: Every) -> Iterator[Step]:
        """Go through finitely many n: at each the kernel fits or it does not."""
        sizes = [*islice(ask.asked, _MOST_CLASSES + 1)]
        yield Step(
            f"Asked for {ask.asked}, as far as the kernel fits: from one of these sizes on it does."
        )
        for n in sizes[:_MOST_CLASSES]:
            size, target = ask.size.at(n), ask.target.at(n)
            if target >= 1:
                yield from self.numbers(Numbers(size, target, target), ", if the kernel fits it")
                continue
            yield Step(
                f"There is no output `{target}`: the kernel must not fit the input `{size}`:"
            )
            below, *above = for_none(self.transposed, size, self.axis.inside)
            yield between("", below, self.z(self.known), self.stride)
            for window in above:
                yield line("or", "kernel_size", ">=", str(window.kernels[0]))
        if len(sizes) > _MOST_CLASSES:
            yield Step("The other sizes give bounds of the same form.")

    # Targets for every n

    def every(self, ask: Every) -> Iterator[Step]:
        """Compare the growth of both sides, then go through one period of the asked sizes."""
        residues = sorted(period_of(ask.size, ask.target, ask.asked))
        period = ask.asked.modulus * len(residues) // len(ask.asked.residues)
        gain_in, gain_out = (
            part.at(residues[0] + period) - part.at(residues[0]) for part in (ask.size, ask.target)
        )
        yield from self.growth(ask, period, gain_in, gain_out)
        if self.stopped:
            return
        assert self.stride is not None
        if period > 1:
            yield Step(
                "With it both sides grow alike, so what holds at one `n` holds at every `n` of its "
                f"class modulo {period}."
            )
        needs = {
            r: bounds_at(self.transposed, self.stride, ask.size.at(r), ask.target.at(r))
            for r in residues
        }
        shown = residues
        if len(residues) > _MOST_CLASSES:
            ends = max(needs, key=lambda r: needs[r][0]), min(needs, key=lambda r: needs[r][1])
            shown = sorted({*ends})
        for place, r in enumerate(shown):
            yield from self.residue(ask, r, period, (gain_in, gain_out), not place, len(residues))
        low, high = (f(need[i] for need in needs.values()) for i, f in ((0, max), (1, min)))
        z, window = self.z(self.known), Window(((0, low),), ((0, high),))
        if len(shown) < len(residues):
            yield Step(
                f"The other {len(residues) - len(shown)} classes ask for less: of them all, the "
                "lower bound of the one and the upper bound of the other are the sharpest."
                if len(shown) > 1
                else f"The other {len(residues) - 1} classes ask for less."
            )
        if len(residues) > 1:
            yield between("Together", window, z, None)
        if low > high:
            yield Step("which no number meets.")
            self.stopped = True

    def growth(self, ask: Every, period: int, gain_in: int, gain_out: int) -> Iterator[Step]:
        """Find the stride at which input and target grow alike."""
        out, wanted = Affine({}, gain_in), Affine({"stride": gain_out})
        grown, size = Affine({"stride": period}), Affine({"stride": gain_in})
        if self.transposed:
            out, wanted = Affine({"stride": gain_in}), Affine({}, gain_out)
            grown, size = Affine({}, period), Affine({}, gain_in)
        yield Step(
            f"Let `n` grow by `{grown}`. The input `{ask.size}` grows by "
            f"`{size}`, the output therefore by exactly `{out}`, and the target `{ask.target}` by "
            f"`{wanted}`. So"
        )
        yield line("", *((str(out), "==", str(wanted))[:: 1 if self.transposed else -1]))
        above, below = (gain_out, gain_in) if self.transposed else (gain_in, gain_out)
        if above < 1 or below < 1 or above % below:
            yield Step("which no whole stride meets.")
            self.stopped = True
            return
        stride = above // below
        if {str(out), str(wanted)} != {"stride", str(stride)}:
            yield line("hence", "stride", "==", str(stride))
        if self.stride not in (None, stride):
            whence = "given" if "stride" in self.axis.known else "needed above"
            yield Step(f"but `stride == {self.stride}` is {whence}.")
            self.stopped = True
        self.stride = stride

    def residue(
        self, ask: Every, r: int, period: int, gains: tuple[int, int], first: bool, classes: int
    ) -> Iterator[Step]:
        """Derive the bounds on Z for n = period*t + r."""
        assert self.stride is not None
        letter = "n" if period == 1 else "t"
        size, target = (
            Affine({letter: gain}, part.at(r))
            for gain, part in zip(gains, (ask.size, ask.target), strict=True)
        )
        if period == 1:
            yield Step("For every `n`:")
        else:
            whole = " with a whole number `t`" if first else ""
            yield Step(f"For `n == {Affine({'t': period}, r)}`{whole}:")
        z = self.z(self.known)
        low, high = bounds_at(self.transposed, self.stride, ask.size.at(r), ask.target.at(r))
        if self.transposed:
            figures = self.formula({**self.known, "n": size})
            worked = size - _ONE
            worked = Affine({letter: gains[1]}, worked.constant * self.stride) + _ONE - z
            sides = tuple(dict.fromkeys((figures, str(worked), str(target))))
            yield Step("", sides, ("==",) * (len(sides) - 1))
        else:
            rest = Affine({}, size.constant) + z - _ONE
            apart = f"{Affine({letter: gains[1]})} + {self.rounded(rest)} + 1"
            whole_side = f"{self.rounded(size + z - _ONE)} + 1"
            yield Step("", (whole_side, apart, str(target)), ("==", "=="))
            yield line("hence", self.rounded(rest), "==", str(target.constant - 1))
        if z.terms:
            yield between("hence", Window(((0, low),), ((0, high),)), z, None)

    # The answer

    def family(self) -> Iterator[Step]:
        """State the family: one way, or several of which one must hold."""
        axis = self.axis
        special = self.axis.question.ceil_mode, axis.inside, axis.problem.widest
        own = rules(self.operation, self.known, self.symmetric, axis.problem.widest)
        ways = [
            conditions(self.operation, w, axis.known, axis.problem.free, self.symmetric, *special)
            for w in axis.windows
        ]
        # of several, those that figures rule out are not worth a line
        open_ways = [way for way in ways if not any(holds(part) is False for part in way)]
        ways = open_ways or ways
        several = len(ways) > 1
        for index, way in enumerate(ways):
            said = [condition for condition in way if holds(condition) is not True]
            words = "or when" if index else "So a layer does it exactly when"
            words += " either" if several and not index else ""
            yield Step(words if said else "So every such layer does it.")
            for place, condition in enumerate(said):
                lead = "and" if place else ""
                if condition in own:
                    lead += ", by a rule of the layer itself," if lead else "by its own rule"
                if holds(condition) is False:
                    yield Step(f"{lead} `{' and '.join(condition.links)}`, which is false.".strip())
                    self.stopped = not several
                    continue
                relations = (condition.relation,) * (len(condition.terms) - 1)
                yield Step(lead, condition.terms, relations)
