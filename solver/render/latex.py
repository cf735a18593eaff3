r"""Print a tree as LaTeX for TeX with amsmath, KaTeX, MathJax and ziamath alike.

Letters stand side by side, as in papers; words are upright text and multiplied with a cross, as in
manuals. An underscore stands outside \text, where some engines would print its backslash.
"""

from __future__ import annotations

import re

from solver.sizes.expression import COMPARISONS, Expression
from solver.sizes.text import BINDS, FACTOR, OR, PRODUCT, SUM, arguments, is_negated

SIGNS = {
    "==": "=",
    "!=": r"\ne",
    "<=": r"\le",
    ">=": r"\ge",
    "%": r"\bmod",
    "and": r"\text{ and }",
    "or": r"\text{ or }",
}

_ESCAPES = {character: rf"\{character}" for character in "_%&#${}"}
_ESCAPES |= {"<": "$<$", ">": "$>$", "*": r"$\cdot$", '"': "''", "--": "-{}-"}
_ESCAPES |= {"->": r"$\to$", "<=": r"$\le$", ">=": r"$\ge$", " - ": " $-$ "}
_ESCAPED = re.compile("|".join(map(re.escape, sorted(_ESCAPES, key=len, reverse=True))))

_BRACKETS = {"floor": ("lfloor", "rfloor"), "ceil": ("lceil", "rceil")}


def latex(node: Expression, place: int = OR) -> str:
    r"""A tree as LaTeX math, without delimiters.

    place: how tightly what stands around it binds, as in `solver.sizes.text`.

    >>> from solver.sizes.grammar import parse
    >>> print(latex(parse("floor((i - d*(k - 1))/s) + 2*p", ("i", "d", "k", "s", "p"))))
    \left\lfloor \frac{i - d(k - 1)}{s} \right\rfloor + 2p
    >>> print(latex(parse("2*padding % 2 == 0", ("padding",))))
    2 \times \text{padding} \bmod 2 = 0
    >>> print(latex(parse("3*2**(L - 1)*k**2", ("L", "k"))))
    3 \times 2^{L - 1}k^{2}
    >>> print(latex(parse("conv(n, k=3, s=2, p=1)", layers=True)))
    \text{conv}_{k=3, s=2, p=1}(n)
    >>> print(latex(parse("maxpool(n, k, p=1)", ("n", "k"), layers=True)))
    \text{maxpool}_{k, p=1}(n)
    """
    return _latex(node, place)


def escape(words: str) -> str:
    r"""Return running text that LaTeX prints as it is.

    >>> print(escape("50% of kernel_size, n >= 2"))
    50\% of kernel\_size, n $\ge$ 2
    """
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], words)


def latex_name(name: str) -> str:
    r"""A letter, a word, or either with a subscript or an index, as LaTeX.

    >>> print(latex_name("n"), latex_name("H_in"), latex_name("kernel_size[0]"))
    n H_{\text{in}} \text{kernel}\_\text{size}[0]
    """
    word, bracket, index = name.partition("[")
    head, *rest = word.split("_")
    if len(head) == 1:
        written = head + "".join(rf"_{{\text{{{part}}}}}" for part in rest)
    else:
        written = r"\_".join(rf"\text{{{part}}}" for part in (head, *rest))
    return written + bracket + index


def _latex(node: Expression, place: int) -> str:
    kind, parts = node.kind, node.parts
    if kind == "number":
        return str(parts[0])
    if kind == "name":
        return latex_name(parts[0])
    if kind == "layer":
        return _layer(node)
    if kind == "call":
        return _call(parts[0], parts[1:])
    if kind in ("/", "//"):
        fraction = rf"\frac{{{_latex(parts[0], SUM)}}}{{{_latex(parts[1], SUM)}}}"
        return fraction if kind == "/" else _fence("lfloor", fraction, "rfloor")
    binds = BINDS[kind]
    if kind == "not":
        written = r"\text{not }" + _latex(parts[0], binds)
    elif is_negated(node):
        written = "-" + _latex(parts[1], PRODUCT)
    elif kind in ("**", "^"):
        written = f"{_latex(parts[0], binds + 1)}^{{{_latex(parts[1], OR)}}}"
    elif kind == "*":
        written = _beside(_latex(parts[0], PRODUCT), _latex(parts[1], FACTOR))
    else:
        left = SUM if kind in COMPARISONS else binds
        right = SUM if kind in COMPARISONS else binds + 1
        sign = SIGNS.get(kind, kind)
        written = f"{_latex(parts[0], left)} {sign} {_latex(parts[1], right)}"
    return _parentheses(written) if binds < place else written


def _layer(node: Expression) -> str:
    """Write the operation, its hyperparameters as an index, and its input."""
    given = []
    for letter, sizes in arguments(node):
        written = ", ".join(_latex(size, SUM) for size in sizes)
        pair = f"{letter}=({written})" if len(sizes) > 1 else f"{letter}={written}"
        given.append(letter if written == letter else pair)
    name = r"\_".join(rf"\text{{{word}}}" for word in node.parts[0].split("_"))
    if node.parts[-1]:
        given.append(r"\text{ceil mode}")
    return rf"{name}_{{{', '.join(given)}}}" + _parentheses(_latex(node.nodes[0], SUM))


def _call(name: str, arguments: tuple[Expression, ...]) -> str:
    written = [_latex(argument, SUM) for argument in arguments]
    if name in _BRACKETS:
        opening, closing = _BRACKETS[name]
        return _fence(opening, written[0], closing)
    if name == "Mod":
        return _latex(Expression("%", arguments), FACTOR)
    return rf"\{name}" + _parentheses(", ".join(written))


def _fence(opening: str, inside: str, closing: str) -> str:
    return rf"\left\{opening} {inside} \right\{closing}"


def _parentheses(inside: str) -> str:
    """Let parentheses grow only around something tall."""
    tall = r"\frac" in inside or r"\left" in inside
    return rf"\left({inside}\right)" if tall else f"({inside})"


def _beside(left: str, right: str) -> str:
    if r"\text" in left + right or right[0].isdigit():
        return rf"{left} \times {right}"
    apart = left[-1].isalpha() and right[0].isalpha()
    return f"{left} {right}" if apart else left + right
