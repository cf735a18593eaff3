"""Write docs/relationships.md: every line of it is proved or derived when this runs.

    python docs/relationships.py

A row states a relationship as a claim; `solver.prove` proves it, `solver.render.formula` isolates
its letters, `solver.solve` gives the families. The test of this page runs it and compares.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from solver import prove, solve
from solver.render.family import family
from solver.render.formula import formula
from solver.render.latex import latex
from solver.sizes.expression import Expression, letters, substitute, walk
from solver.sizes.grammar import parse
from solver.sizes.isolate import isolate
from solver.sizes.normal import normal
from solver.sizes.operations import operation
from solver.sizes.text import text

PAGE = Path(__file__).with_suffix(".md")


class Row(NamedTuple):
    """Hold one relationship.

    claims: the first is the relationship, the others say the same in another way. inverse: letters
    to isolate, as (operation, letter, hyperparameters filled in). asks: questions of `solve` whose
    family is the inverse.
    """

    title: str
    says: str
    claims: tuple[tuple[str, str], ...]
    inverse: tuple[tuple[str, str, dict[str, int]], ...] = ()
    asks: tuple[tuple[str, str, str, dict[str, str]], ...] = ()


UNIT = {"stride": 1, "dilation": 1}
PLAIN = {"stride": 1, "padding": 0, "dilation": 1}
VALID = {"padding": 0, "dilation": 1}
TRANSPOSED = {"dilation": 1, "output_padding": 0}

PAPER = (
    Row(
        "No zero padding, unit strides",
        "The kernel is put down once at every place it fits.",
        (("conv(n, k) == n - k + 1", ""),),
        (("conv", "k", PLAIN), ("conv", "i", PLAIN)),
    ),
    Row(
        "Zero padding, unit strides",
        "Padding by p on both sides lengthens the input by 2p.",
        (("conv(n, k, p=p) == n - k + 2*p + 1", ""),),
        (("conv", "p", UNIT), ("conv", "k", UNIT)),
    ),
    Row(
        "Half (same) padding",
        "An odd kernel with half of itself as padding keeps the size.",
        (
            ("conv(n, k=2*t + 1, p=t) == n", ""),
            ("conv(n, k, p=k//2) == n", "k % 2 == 1"),
        ),
        asks=(("conv", "n", "n", {}),),
    ),
    Row(
        "Full padding",
        "Every overlap of kernel and input counts, also by one element.",
        (("conv(n, k, p=k - 1) == n + k - 1", ""),),
        (("deconv", "k", PLAIN | {"output_padding": 0}),),
    ),
    Row(
        "No zero padding, strides",
        "Of the places of relationship 1, every s-th is used.",
        (("conv(n, k, s) == floor((n - k)/s) + 1", ""),),
        tuple(("conv", letter, VALID) for letter in "ksi"),
    ),
    Row(
        "Zero padding, strides",
        "The general case; several inputs may have one output.",
        (("conv(n, k, s, p) == floor((n + 2*p - k)/s) + 1", ""),),
        tuple(("conv", letter, {"dilation": 1}) for letter in "pksi"),
    ),
    Row(
        "Pooling",
        "Pooling slides its window as a convolution does, in the paper without padding.",
        (("maxpool(n, k, s) == floor((n - k)/s) + 1", ""),),
        tuple(("maxpool", letter, VALID) for letter in "ksi"),
    ),
    Row(
        "Transposed, no zero padding, unit strides",
        "It is a direct convolution of the same kernel with full padding k - 1.",
        (("deconv(n, k) == n + k - 1", ""), ("deconv(n, k) == conv(n, k, p=k - 1)", "")),
        (("deconv", "k", {"stride": 1, "padding": 0, **TRANSPOSED}),),
    ),
    Row(
        "Transposed, zero padding, unit strides",
        "Padding of the direct convolution is taken away: its twin pads k - p - 1.",
        (
            ("deconv(n, k, p=p) == n + k - 1 - 2*p", ""),
            ("deconv(n, k, p=p) == conv(n, k, p=k - p - 1)", ""),
        ),
        (("deconv", "p", {"stride": 1, **TRANSPOSED}),),
    ),
    Row(
        "Transposed, half (same) padding",
        "Half padding is its own counterpart.",
        (
            ("deconv(n, k=2*t + 1, p=t) == n", ""),
            ("deconv(n, k=2*t + 1, p=t) == conv(n, k=2*t + 1, p=t)", ""),
        ),
        asks=(("deconv", "n", "n", {}),),
    ),
    Row(
        "Transposed, full padding",
        "The counterpart of full padding has none.",
        (
            ("deconv(n, k, p=k - 1) == n - (k - 1)", ""),
            ("deconv(n, k, p=k - 1) == conv(n, k)", ""),
        ),
        (("conv", "k", PLAIN), ("conv", "i", PLAIN)),
    ),
    Row(
        "Transposed, no zero padding, strides",
        "The input is stretched: s - 1 zeros stand between its elements, (n - 1)s + 1 in all. "
        "Where s divides i - k, the size of the input comes back.",
        (
            ("deconv(n, k, s) == s*(n - 1) + k", ""),
            ("deconv(n, k, s) == conv((n - 1)*s + 1, k, p=k - 1)", ""),
            ("deconv(conv(n, k, s), k, s) == n", "(n - k) % s == 0"),
        ),
        tuple(("deconv", letter, VALID | TRANSPOSED) for letter in "ksi"),
    ),
    Row(
        "Transposed, zero padding, strides",
        "Stretched and padded by k - p - 1. Where s divides i + 2p - k, the input size comes back.",
        (
            ("deconv(n, k, s, p) == s*(n - 1) + k - 2*p", ""),
            ("deconv(n, k, s, p) == conv((n - 1)*s + 1, k, p=k - p - 1)", ""),
            ("deconv(conv(n, k, s, p), k, s, p) == n", "(n + 2*p - k) % s == 0"),
        ),
        tuple(("deconv", letter, TRANSPOSED) for letter in "pksi"),
    ),
    Row(
        "Transposed, zero padding, strides, any remainder",
        "Relationship 6 forgets a = (i + 2p - k) mod s elements; that many more at the end bring "
        "back the size of any input; 0 <= a < s.",
        (
            ("deconv(n, k, s, p, a=a) == s*(n - 1) + a + k - 2*p", ""),
            ("deconv(conv(n, k, s, p), k, s, p, a=(n + 2*p - k) % s) == n", ""),
            ("deconv(n, k, s, p, a=a) == conv((n - 1)*s + 1, k, p=(k - p - 1, k - p - 1 + a))", ""),
        ),
        (("deconv", "a", {"dilation": 1}),),
    ),
    Row(
        "Dilation",
        "A kernel with d - 1 holes between its elements spans d(k - 1) + 1.",
        (
            ("conv(n, k, s, p, d) == floor((n + 2*p - k - (k - 1)*(d - 1))/s) + 1", ""),
            ("conv(n, k, s, p, d) == conv(n, d*(k - 1) + 1, s, p)", ""),
        ),
        (("conv", "d", {}),),
    ),
)

BEYOND = (
    Row(
        "Dilated transposed convolution with output padding",
        "All hyperparameters at once.",
        (
            ("deconv(n, k, s, p, d, a) == (n - 1)*s - 2*p + d*(k - 1) + a + 1", ""),
            (
                "deconv(conv(n, k, s, p, d), k, s, p, d, a=(n + 2*p - d*(k - 1) - 1) % s) == n",
                "",
            ),
        ),
        tuple(("deconv", letter, {}) for letter in "apkdsi"),
    ),
    Row(
        "Down after up is the identity",
        "The other way round nothing is lost, whatever the output padding below s.",
        (
            ("conv(deconv(n, k, s, p, a=a), k, s, p) == n", "a < s"),
            ("conv(deconv(n, k, s, p, d), k, s, p, d) == n", ""),
        ),
        asks=(("conv", "2*n", "n", {}),),
    ),
    Row(
        "Exact upsampling",
        "A transposed convolution multiplies every size by s.",
        (
            ("deconv(n, k=s, s=s) == s*n", ""),
            ("deconv(n, k, s, p=(k - s)/2) == s*n", ""),
            ("deconv(n, k, s, p=(k - s + a)/2, a=a) == s*n", ""),
        ),
        asks=(("deconv", "n", "2*n", {}), ("deconv", "n", "3*n", {})),
    ),
    Row(
        "SAME: exact downsampling, rounded up",
        "An odd kernel with half padding gives the size that TensorFlow calls SAME; so does any "
        "kernel with the padding that TensorFlow computes from n.",
        (
            ("conv(n, k, s, p=(k - 1)/2) == ceil(n/s)", ""),
            ("conv(n, k, s, p=0:max((ceil(n/s) - 1)*s + k - n, 0)) == ceil(n/s)", ""),
        ),
        asks=(("conv", "n", "ceil(n/2)", {}), ("conv", "n", "ceil(n/3)", {})),
    ),
    Row(
        "Downsampling, rounded down or exact",
        "Windows side by side.",
        (
            ("conv(n, k=s, s=s) == floor(n/s)", ""),
            ("conv(n, k=s, s=s) == n/s", ""),
            ("maxpool(n, k) == floor(n/k)", ""),
        ),
        asks=(("conv", "n", "floor(n/2)", {}), ("conv", "n", "n/2", {})),
    ),
    Row(
        "Ceil mode",
        "Windows are counted up, but the last one must start inside the input or its left padding.",
        (
            (
                "maxpool(n, k, s, p, ceil_mode=True) == min(ceil((n + 2*p - k)/s) + 1, "
                "ceil((n + p)/s))",
                "",
            ),
            ("maxpool(n, k, ceil_mode=True) == ceil(n/k)", ""),
            ("maxpool(n, k, s, ceil_mode=True) >= maxpool(n, k, s)", ""),
            ("maxpool(n, k, s, p, ceil_mode=True) <= maxpool(n, k, s, p) + 1", ""),
            (
                "maxpool(n, k, s, p, d, ceil_mode=True) == min(ceil((n + 2*p - d*(k - 1) - 1)/s) "
                "+ 1, ceil((n + p)/s))",
                "",
            ),
        ),
        tuple(("ceil_pool", letter, {}) for letter in "pki"),
        (("maxpool", "n", "ceil(n/2)", {"ceil_mode": True}),),
    ),
    Row(
        "Asymmetric padding",
        "Only the sum of the two ends matters to the size.",
        (
            ("conv(n, k, s, p=(q, r)) == floor((n + q + r - k)/s) + 1", ""),
            ("conv(n, k, s, p=(q, r)) == conv(n, k, s, p=(r, q))", ""),
            (
                "deconv(n, k, s, p=(q, r), d=d, a=a) == (n - 1)*s - q - r + d*(k - 1) + a + 1",
                "",
            ),
        ),
        asks=(("conv", "n", "ceil(n/2)", {"padding": "0..9:0..9"}),),
    ),
    Row(
        "Composition",
        "Two layers have the size of one: strides multiply, and the second kernel and padding "
        "count in jumps of the first.",
        (
            ("conv(conv(n, k, s, p), l, t, q) == conv(n, k + s*(l - 1), s*t, p + s*q)", ""),
            ("deconv(deconv(n, k, s, p), l, t, q) == deconv(n, l + t*(k - 1), s*t, t*p + q)", ""),
            ("conv(conv(n, k), l) == conv(n, k + l - 1)", ""),
        ),
        asks=(("conv", "ceil(n/2)", "ceil(n/4)", {}),),
    ),
    Row(
        "Bounds and order",
        "Without padding nothing grows, and a longer kernel never gives a larger output.",
        (
            ("conv(n, k, s) <= n", ""),
            ("conv(n, k + 1, s) <= conv(n, k, s)", ""),
            ("conv(n + 1, k, s, p) >= conv(n, k, s, p)", ""),
            ("deconv(n, k, s) >= n", ""),
        ),
    ),
)

_HEAD = """# Relationships

Vincent Dumoulin and Francesco Visin number fifteen relationships between the size i that goes into
a layer and the size o that comes out
([A guide to convolution arithmetic for deep learning](https://arxiv.org/abs/1603.07285), 2016).
Here each stands with its proof and its inverse, and after them those that the guide leaves out. A
derivation starts from the size formula with the hyperparameters put in, then works it out.

[A script](relationships.py) wrote this page, and the tests run it again. Every claim was proved by
`convsolver prove` as it stands, for all whole numbers its letters may be, wherever the kernels fit;
n is the size that goes in. The proof says what both sides come to: equal normal forms are equal
sizes, and sides that differ compare by known inequalities ([how](proof.md)). An inverse isolates a
letter and says the same as the relationship. The
letters are i input, o output, k kernel size, s stride, p padding on each side, d dilation, a output
padding; l, t, q are kernel size, stride and padding of a second layer, q and r also the paddings
before and behind. Where a proof falls into cases, k = 2*k' + 1 says which.
"""


def page() -> str:
    """Return the page."""
    parts = [_HEAD, "\n## The fifteen of the guide\n"]
    parts += [section(f"{number}. {row.title}", row) for number, row in enumerate(PAPER, 1)]
    parts.append("\n## Beyond them\n")
    parts += [section(row.title, row) for row in BEYOND]
    return "".join(parts)


def section(title: str, row: Row) -> str:
    """Return one relationship: what it says, its claims with their proofs, its inverse."""
    lines = [f"\n### {title}\n", row.says, ""]
    for claim, where in row.claims:
        lines += _claim(claim, where)
    lines += ["Inverse:", ""] if row.inverse else []
    for name, letter, filled in row.inverse:
        layer, ceil_mode = ("maxpool", True) if name == "ceil_pool" else (name, False)
        words = formula(layer, 1, "latex", None, letter, ceil_mode=ceil_mode, **filled)
        lines += ["```math", words, "```", ""]
    for ask in row.asks:
        lines += _family(*ask)
    return "\n".join(lines)


def _claim(claim: str, where: str) -> list[str]:
    verdict = prove(claim, where=where)
    assert verdict.proved, claim
    assert not verdict.empty, claim
    condition = rf" \quad \text{{where }} {latex(verdict.claim.where)}" if where else ""
    given = f' --where "{where}"' if where else ""
    return [
        "```math",
        f"{_statement(verdict.claim.statement)}{condition}",
        "```",
        "",
        f'Claim: `convsolver prove "{claim}"{given}`. Proof:',
        "",
        *(f"- `{line.strip()}`" for line in verdict.proof),
        "",
    ]


def _statement(node: Expression) -> str:
    """Write o as the size formula, worked out, and as claimed; else write the claim."""
    left, right = node.nodes
    sign = {"==": "=", "<=": r"\le", ">=": r"\ge"}[node.kind]
    if (
        left.kind != "layer"
        or left.nodes[0] != letters("n")[0]
        or "layer" in map(_kind, walk(right))
    ):
        return f"{latex(left)} {sign} {latex(right)}"
    if sign != "=":
        return f"o {sign} {latex(substitute(right, {'n': 'i'}))}"
    put = substitute(_formula(left), {"n": "i"})
    worked, claimed = normal(put), substitute(right, {"n": "i"})
    sides = [put, worked, *([] if _terms(worked) == _terms(normal(claimed)) else [claimed])]
    return " = ".join(["o", *dict.fromkeys(map(latex, sides))])


def _terms(node: Expression) -> set[str]:
    """Return the terms of a sum, in any order, with their signs."""
    words = text(node).replace(" - ", " + -")
    return {*words.split(" + ")} if "(" not in words else {words}


def _formula(layer: Expression) -> Expression:
    """Return the size formula with the hyperparameters of a layer put in, not worked out."""
    row, (n, k, s, p, end, d, a) = operation(layer.parts[0]), layer.nodes
    kind = "conv_transpose" if row.transposed else "ceil_pool" if layer.parts[-1] else "conv"
    (case,) = isolate(kind, "o").cases
    size = case.lower
    if p != end:
        before, behind = letters("pq")
        size = _replaced(size, 2 * before, before + behind)
    put = {"i": n, "k": k, "s": s, "p": p, "q": end, "d": d, "a": a}
    return substitute(size, put)


def _replaced(node: Expression, old: Expression, new: Expression) -> Expression:
    if node == old:
        return new
    parts = (_replaced(p, old, new) if isinstance(p, Expression) else p for p in node.parts)
    return Expression(node.kind, tuple(parts))


def _kind(node: Expression) -> str:
    return node.kind


def _family(name: str, size: str, target: str, options: dict[str, str]) -> list[str]:
    """Say exactly which layers take n to a target, for every n."""
    found = solve(name, size, target, **options)
    sizes = rf"{latex(parse(size))} \mapsto {latex(parse(target))}"
    layer = found.question.operation.title
    lines = [f"Inverse: a {layer} has ${sizes}$ for every asked n exactly when", ""]
    for words in family(found):
        lines += ["```math", words, "```", ""]
    return lines


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
