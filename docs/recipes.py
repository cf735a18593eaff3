"""Write docs/recipes.md: what authors cite, derived and proved by the product as the page is made.

    python docs/recipes.py

The test of this page runs it and compares; every answer is counted out by hand there too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import solver
from solver import prove

PAGE = Path(__file__).with_suffix(".md")

_HEAD = """# Recipes

Layers for every input size and every value of the letters: formulas to cite, each derived by the
code that stands above it, and proved. [A script](recipes.py) wrote this page, and the tests run it
again.

The letters are whole numbers: n input size, k kernel size, s stride, d dilation, L levels, all at
least 1; p padding and a output padding, at least 0. A recipe holds for every n from `valid_from`
on, and for all values of its letters that its condition allows. Claims are in the words of
`convsolver prove` ([proofs](proof.md)); how the recipes follow is told [here](inverse.md).

```pycon
>>> from solver import Conv, ConvTranspose, MaxPool, Stack, decoders, n
>>> from solver import encoder_decoder, repeat, solve
```
"""


class Recipe(NamedTuple):
    """Hold a section: what it is about, code that answers, names of what is shown in LaTeX, claims.

    claims: (statement, condition) as `prove` takes them.
    """

    title: str
    words: str
    code: str
    formulas: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()


RECIPES = (
    Recipe(
        "The same size",
        """The padding is half of what the kernel reaches. Where that is odd no padding alike at
both ends keeps the size: an even kernel needs an even dilation, or different ends.""",
        """
same = solve(Conv, "n", "n", kernel_size="k", dilation="d")
print(same[0])
Conv("k", dilation="d", padding="same").size(n)
""",
        ("same",),
        (("conv(n, k, p=d*(k - 1)/2, d=d) == n", "d*(k - 1) % 2 == 0"),),
    ),
    Recipe(
        "Half of every even size, and a part of every multiple",
        """Several paddings do it, for more padding only shifts the windows: the least, and all.""",
        """
for recipe in solve(Conv, "n", "n/2", kernel_size="k"):
    print(recipe)
for recipe in solve(Conv, "n", "n/s", kernel_size="k"):
    print(recipe)
""",
        (),
        (
            ("conv(n, k, 2, ceil((k - 2)/2)) == n/2", "k >= 3"),
            ("conv(n, s + 1, s, 1) == n/s", "s >= 2"),
        ),
    ),
    Recipe(
        "Rounded up, as padding in words does",
        """ceil(n/s) for every n needs an odd kernel with half of it as padding: the layers that
people use at stride 2. An even kernel cannot, for the padding would have to be half of an odd
number.""",
        """
up = solve(Conv, "n", "ceil(n/s)")
for recipe in up.best(3):
    print(recipe)
solve(Conv, "n", "ceil(n/s)", kernel_size="2s").reason
""",
        ("up",),
        (("conv(n, k, s, (k - 1)/2) == ceil(n/s)", "k % 2 == 1"),),
    ),
    Recipe(
        "Exactly s times as large",
        """The kernels that are multiples of the stride, and the output padding that odd strides
need. Twice the stride is the kernel of the decoders of audio codecs: their output padding s % 2
goes with the padding ceil(s/2), and with no other.""",
        """
larger = solve(ConvTranspose, "n", "s*n")
for recipe in larger.best(3):
    print(recipe)
codec = solve(ConvTranspose, "n", "s*n", kernel_size="2s")
print(codec[0])
codec[0].at(s=5)
codec[0].size()
""",
        ("codec",),
        (
            ("deconv(n, 2*s, s, ceil(s/2), a=s % 2) == s*n", "s >= 2"),
            ("deconv(n, s, s) == s*n", ""),
            ("deconv(n, 3*s, s, s) == s*n", ""),
        ),
    ),
    Recipe(
        "The size back that a layer had",
        """A transposed layer with the same numbers gives back what the stride left over only if
it is told: by an output padding that depends on n, one for each call.""",
        """
down = Conv("2s", stride="s", padding="ceil(s/2)")
down.size(n)
undo = solve(ConvTranspose, down.size(n), n, kernel_size="2s", padding="ceil(s/2)")
print(undo[0])
print(decoders(Stack([down])))
""",
        (),
        (
            (
                "deconv(conv(n, 2s, s, ceil(s/2)), 2s, s, ceil(s/2), a=(n + s % 2) % s) == n",
                "s >= 2",
            ),
        ),
    ),
    Recipe(
        "Causal",
        """All padding in front: output y reads no input behind y.""",
        """
causal = Conv("k", dilation="d", padding=(("d*(k - 1)", 0),))
causal.size(n)
causal.receptive_field
""",
        (),
        (("conv(n, k, d=d, p=d*(k - 1):0) == n", ""),),
    ),
    Recipe(
        "How deep a temporal convolutional network must be",
        """Two causal layers in each of L blocks, the dilation doubled from block to block. The
depth that a receptive field wants is found exactly.""",
        """
block = [Conv("k", dilation="2**i", padding=(("2**i*(k - 1)", 0),))] * 2
tcn = repeat(block, "L")
tcn.receptive_field
tcn.size(n)
tcn.smallest(receptive_field=1000, k=3)
tcn.at(L=8, k=3).receptive_field
""",
        ("tcn",),
    ),
    Recipe(
        "How much a U-Net without padding takes away",
        """L levels, two convolutions on each side of each, pooling by 2. The size is exact where
nothing is dropped on the way. The network of the paper has k = 3 and L = 5.""",
        """
unet = encoder_decoder([Conv("k"), Conv("k")], MaxPool(2), ConvTranspose(2, stride=2), "L")
unet.size(n)
unet.at(k=3, L=5).size(572)
""",
        ("unet",),
    ),
    Recipe(
        "L strided layers",
        """Layers that round up compose to one: the codec's frames are ceil(n/s^L), whatever is
left over at each layer.""",
        """
encoder = repeat(Conv("2*s - 1", stride="s", padding="s - 1"), "L")
encoder.size(n)
encoder.jump
encoder.receptive_field
""",
        ("encoder",),
    ),
)


def page() -> str:
    """The page as text."""
    return _HEAD + "".join(map(_section, RECIPES))


def _section(recipe: Recipe) -> str:
    names: dict[str, Any] = {name: getattr(solver, name) for name in solver.__all__}
    lines = [f"\n## {recipe.title}\n", f"{recipe.words}\n", "```pycon", *_session(recipe, names)]
    lines.append("```\n")
    for name in recipe.formulas:
        lines += ["```math", _formula(names[name]), "```\n"]
    for statement, where in recipe.claims:
        assert prove(statement, where=where).proved
        narrowed = f' --where "{where}"' if where else ""
        lines.append(f'Claim: `convsolver prove "{statement}"{narrowed}`.\n')
    return "\n".join(lines)


def _session(recipe: Recipe, names: dict[str, Any]) -> Iterator[str]:
    """The code as it is typed, and what it prints."""
    import contextlib
    import io

    code = recipe.code.strip()
    lines = code.splitlines()
    for statement in ast.parse(code).body:
        source = lines[statement.lineno - 1 : statement.end_lineno]
        yield f">>> {source[0]}"
        yield from (f"... {line}" for line in source[1:])
        if len(source) > 1:
            yield "..."
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(ast.Interactive([statement]), recipe.title, "single"), names)
        yield from (line or "<BLANKLINE>" for line in out.getvalue().splitlines())


def _formula(answer: Any) -> str:
    return answer.report().formula()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
