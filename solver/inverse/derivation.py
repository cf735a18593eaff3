"""The derivation of a complete answer, line by line, from the objects that give the answer.

Each step can be read backwards, so the last one, the family, leaves nothing out. Where nothing
works the last lines are the contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from solver.errors import LimitError
from solver.inverse.axis import Axis
from solver.inverse.clash import clash, nothing_in_the_box
from solver.inverse.family import (
    KERNEL,
    STRIDE,
    Affine,
    N,
    conditions,
    holds,
    net_padding_terms,
    rules,
)
from solver.inverse.problem import FreeInputs
from solver.inverse.question import Ask, Numbers, SizeEquation
from solver.inverse.reason import why_none
from solver.inverse.region import Region, bounds_at, for_none, for_sizes, period_of
from solver.inverse.step import between
from solver.sizes import formulas
from solver.sizes.expression import Expression, ceil, floor, named, names, of, substitute
from solver.sizes.operations import MINIMUM
from solver.sizes.step import Formula, Step, line, link, say, tree

_MOST_CLASSES = 6  # residues or sizes that are written out
_ONE = Affine({}, 1)
_OUT, _TURNS = named("o"), named("t")
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
    """The steps from the question to the family, or to the contradiction, axis by axis."""
    if words := axes[0].question.demanded:
        raise LimitError("a derivation is of sizes alone", words, "the question without it")
    steps: list[Step] = []
    for index, axis in enumerate(axes):
        steps += [say(f"Axis {index}:")] if len(axes) > 1 else []
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
        """What is given, and the stride that is forced."""
        return {**self.axis.known, **({"stride": self.stride} if self.stride else {})}

    def z(self, known: dict[str, int]) -> Affine:
        """Return Z, the number through which the hyperparameters act, as in `inverse.region`."""
        ceil_mode = self.axis.question.ceil_mode
        return net_padding_terms(self.operation, known, self.symmetric, ceil_mode)

    def steps(self) -> Iterator[Step]:
        yield from self.opening()
        for ask in self.axis.asks:
            if not self.stopped:
                yield from self.ask(ask)
        if not self.axis.regions:
            if not self.stopped:
                yield from clash(self.axis, self.z(self.known))
            yield say(f"So no layer does this: {self.reason()}")
            return
        if not self.stopped:
            yield from self.family()
        if any(True for _ in self.axis.problem.rows()):
            yield self.all_there_are()
            return
        if not self.stopped:
            yield from nothing_in_the_box(self.axis.problem, self.z(self.known))
        yield say(f"So no layer of the box does it: {self.reason()}")

    def reason(self) -> str:
        reason = why_none(self.axis)
        return reason if reason.endswith("?") else reason + "."

    def all_there_are(self) -> Step:
        """Say that the answer is complete."""
        words, given = self.given("with ")
        layers = (
            f"Every step can be read backwards, so these are all the layers{words and ' '}{words}"
        )
        if any(isinstance(ask, SizeEquation) for ask in self.axis.asks):
            asked = ", at every asked {} from the first at which the kernel fits."
            return say(layers + asked, *given, N)
        return say(layers + ", in the searched box and outside of it.", *given)

    def given(self, lead: str) -> tuple[str, list[Expression]]:
        """What is given, as words with places for formulas, and these."""
        known = [named(word).equals(value) for word, value in self.axis.known.items()]
        return (lead if known else "") + " and ".join(["{}"] * len(known)), known

    def opening(self) -> Iterator[Step]:
        """State the letters, the size formula, and what is given."""
        letters = [*self.operation.hyperparameters]
        if not self.symmetric:
            place = letters.index("padding")
            letters[place : place + 1] = "padding_begin", "padding_end"
        *most, last = (f"{{}} for {_MEANING[word]}" for word in letters)
        yield say(
            f"Write {{}} for the size of the input, {{}} for that of the output, {', '.join(most)} "
            f"and {last}, all of them whole numbers. The output of the {self.operation.title} is",
            *(N, _OUT, *map(named, letters)),
        )
        yield line("", _OUT, "==", self.formula({}))
        if self.axis.question.ceil_mode:
            yield say(
                "for in ceil mode the windows are counted up, less a last one that would start in "
                "the padding behind the input."
            )
        words, given = self.given("Given: ")
        if given:
            yield say(f"{words}.", *given)

    def formula(self, figures: Mapping[str, Formula]) -> Expression:
        """The size formula with figures put in, not worked out."""
        z = self.z({})
        if self.transposed:
            plain = (Affine({(N - 1) * STRIDE: 1}) + _ONE - z).tree
        else:
            plain = floor((Affine({N: 1}) + z - _ONE).tree / STRIDE) + 1
        return substitute(plain, {word: tree(value) for word, value in figures.items()})

    def rounded(self, inner: Affine) -> Expression:
        """floor(inner/stride), not worked out."""
        if self.stride == 1:
            return inner.tree
        return floor(inner.tree / (STRIDE if self.stride is None else self.stride))

    def times_stride(self, size: int) -> Affine:
        return Affine({STRIDE: size}) if self.stride is None else Affine({}, size * self.stride)

    def ask(self, ask: Ask) -> Iterator[Step]:
        if not isinstance(ask, SizeEquation):
            yield from self.numbers(ask)
        elif not ask.asked:
            self.stopped = True
        elif ask.asked.finite:
            yield from self.few(ask)
        else:
            yield from self.every(ask)

    # Targets that are numbers

    def numbers(self, ask: Numbers | FreeInputs, when: str = "") -> Iterator[Step]:
        """Put the figures of one pair of sizes in, and bound Z, or the input that is asked for."""
        known, z = self.known, self.z(self.known)
        size = Affine({}, ask.input) if isinstance(ask, Numbers) else Affine({N: 1})
        figures = self.formula({**known, "n": size})
        yield say(f"For {'the' if isinstance(ask, Numbers) else 'an'} input {{}}{when}:", size)
        if isinstance(ask, Numbers) and not names(figures):
            out = self.output(ask.input)
            yield line("", figures, "==", out)
            if not ask.smallest <= out <= ask.largest:
                more = "" if ask.smallest == ask.largest else f" to {ask.largest}"
                yield say(f"where {ask.smallest}{more} is wanted.")
            return
        yield link("", ask.smallest, figures, ask.largest)
        if not self.transposed:
            low = self.times_stride(ask.smallest - 1)
            high = self.times_stride(ask.largest) - _ONE
            yield link("hence", low, size + z - _ONE, high)
        if isinstance(ask, Numbers) and z.terms:
            region = for_sizes(self.transposed, *ask)
            yield between("hence", region, z, self.stride)
            if self.stride is not None:
                yield from self.divided(region.at(self.stride), z)

    def divided(self, ends: tuple[int, int], z: Affine) -> Iterator[Step]:
        """Divide by the factor of an unknown that stands alone between numbers."""
        if len(z.terms) == 1:
            ((term, factor),) = z.terms.items()
            low, high = sorted((end - z.constant) * (1 if factor > 0 else -1) for end in ends)
            if (factor := abs(factor)) > 1:
                least, most = ceil(of(low) / factor), floor(of(high) / factor)
                yield line("hence", least, "<=", term, "<=", most)

    def output(self, size: int) -> int:
        """The output where every hyperparameter is given."""
        k, s, p, d, a = (self.known.get(name, least) for name, least in MINIMUM.items())
        if self.transposed:
            return int(formulas.conv_transpose(size, k, s, p, p, d, a))
        formula = formulas.ceil_pool if self.axis.question.ceil_mode else formulas.conv
        return int(formula(size, k, s, p, p, d))

    def few(self, ask: SizeEquation) -> Iterator[Step]:
        """Go through finitely many n: at each the kernel fits or it does not."""
        sizes = [*islice(ask.asked, _MOST_CLASSES + 1)]
        yield say(
            f"Asked for {ask.asked}, as far as the kernel fits: from one of these sizes on it does."
        )
        for n in sizes[:_MOST_CLASSES]:
            size, target = ask.size.at(n), ask.target.at(n)
            if target >= 1:
                yield from self.numbers(Numbers(size, target, target), ", if the kernel fits it")
                continue
            yield say("There is no output {}: the kernel must not fit the input {}:", target, size)
            below, *above = for_none(self.transposed, size, self.axis.inside)
            yield between("", below, self.z(self.known), self.stride)
            for region in above:
                yield line("or", KERNEL, ">=", region.kernels[0])
        if len(sizes) > _MOST_CLASSES:
            yield say("The other sizes give bounds of the same form.")

    # Targets for every n

    def every(self, ask: SizeEquation) -> Iterator[Step]:
        """Compare the growth of both sides, then go through one period of the asked sizes."""
        residues = sorted(period_of(ask.size, ask.target, ask.asked))
        period = ask.asked.modulus * len(residues) // ask.asked.per_period
        gain_in, gain_out = (
            part.at(residues[0] + period) - part.at(residues[0]) for part in (ask.size, ask.target)
        )
        yield from self.growth(ask, period, gain_in, gain_out)
        if self.stopped:
            return
        assert self.stride is not None
        if period > 1:
            yield say(
                "With it both sides grow alike, so what holds at one {} holds at every {} of its "
                f"class modulo {period}.",
                N,
                N,
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
            yield from self.residue(ask, r, period, (gain_in, gain_out), not place)
        low, high = (f(need[i] for need in needs.values()) for i, f in ((0, max), (1, min)))
        z, region = self.z(self.known), Region(((0, low),), ((0, high),))
        if len(shown) < len(residues):
            yield say(
                f"The other {len(residues) - len(shown)} classes ask for less: of them all, the "
                "lower bound of the one and the upper bound of the other are the sharpest."
                if len(shown) > 1
                else f"The other {len(residues) - 1} classes ask for less."
            )
        if len(residues) > 1:
            yield between("Together", region, z, None)
        if low > high:
            yield say("which no number meets.")
            self.stopped = True

    def growth(self, ask: SizeEquation, period: int, gain_in: int, gain_out: int) -> Iterator[Step]:
        """Find the stride at which input and target grow alike."""
        out, wanted = Affine({}, gain_in), Affine({STRIDE: gain_out})
        grown, size = Affine({STRIDE: period}), Affine({STRIDE: gain_in})
        if self.transposed:
            out, wanted = Affine({STRIDE: gain_in}), Affine({}, gain_out)
            grown, size = Affine({}, period), Affine({}, gain_in)
        yield say(
            "Let {} grow by {}. The input {} grows by {}, the output therefore by exactly {}, and "
            "the target {} by {}. So",
            *(N, grown, ask.size.expression, size, out, ask.target.expression, wanted),
        )
        yield line("", *((out, "==", wanted)[:: 1 if self.transposed else -1]))
        above, below = (gain_out, gain_in) if self.transposed else (gain_in, gain_out)
        if above < 1 or below < 1 or above % below:
            yield say("which no whole stride meets.")
            self.stopped = True
            return
        stride = above // below
        if {out.tree, wanted.tree} != {STRIDE, of(stride)}:
            yield line("hence", STRIDE, "==", stride)
        if self.stride not in (None, stride):
            whence = "given" if "stride" in self.axis.known else "needed above"
            yield say(f"but {{}} is {whence}.", STRIDE.equals(self.stride))
            self.stopped = True
        self.stride = stride

    def residue(
        self,
        ask: SizeEquation,
        r: int,
        period: int,
        gains: tuple[int, int],
        first: bool,
    ) -> Iterator[Step]:
        """Derive the bounds on Z for n = period*t + r."""
        assert self.stride is not None
        letter = N if period == 1 else _TURNS
        size, target = (
            Affine({letter: gain}, part.at(r))
            for gain, part in zip(gains, (ask.size, ask.target), strict=True)
        )
        if period == 1:
            yield say("For every {}:", N)
        else:
            where = N.equals(Affine({_TURNS: period}, r).tree)
            yield (
                say("For {} with a whole number {}:", where, _TURNS)
                if first
                else say("For {}:", where)
            )
        z = self.z(self.known)
        low, high = bounds_at(self.transposed, self.stride, ask.size.at(r), ask.target.at(r))
        if self.transposed:
            figures = self.formula({**self.known, "n": size})
            worked = size - _ONE
            worked = Affine({letter: gains[1]}, worked.constant * self.stride) + _ONE - z
            sides = tuple(dict.fromkeys((figures, worked.tree, target.tree)))
            yield Step((), sides, ("==",) * (len(sides) - 1))
        else:
            rest = Affine({}, size.constant) + z - _ONE
            apart = Affine({letter: gains[1]}).tree + self.rounded(rest) + 1
            whole_side = self.rounded(size + z - _ONE) + 1
            yield line("", whole_side, "==", apart, "==", target)
            yield line("hence", self.rounded(rest), "==", target.constant - 1)
        if z.terms:
            yield between("hence", Region(((0, low),), ((0, high),)), z, None)

    # The answer

    def family(self) -> Iterator[Step]:
        """State the family: one way, or several of which one must hold."""
        axis = self.axis
        special = self.axis.question.ceil_mode, axis.inside, axis.problem.widest
        own = rules(self.operation, self.known, self.symmetric, axis.problem.widest)
        ways = [
            conditions(self.operation, w, axis.known, axis.problem.free, self.symmetric, *special)
            for w in axis.regions
        ]
        # of several, those that figures rule out are not worth a line
        open_ways = [way for way in ways if not any(holds(part) is False for part in way)]
        ways = open_ways or ways
        several = len(ways) > 1
        for index, way in enumerate(ways):
            said = [condition for condition in way if holds(condition) is not True]
            words = "or when" if index else "So a layer does it exactly when"
            words += " either" if several and not index else ""
            yield say(words if said else "So every such layer does it.")
            for place, condition in enumerate(said):
                lead = "and" if place else ""
                if condition in own:
                    lead += ", by a rule of the layer itself," if lead else "by its own rule"
                if holds(condition) is False:
                    links = " and ".join(["{}"] * len(condition.links))
                    yield say(f"{lead} {links}, which is false.".strip(), *condition.links)
                    self.stopped = not several
                    continue
                signs = (condition.relation,) * (len(condition.terms) - 1)
                yield line(lead, *condition.terms)._replace(relations=signs)
