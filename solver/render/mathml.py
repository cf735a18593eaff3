"""Print a tree as MathML, which browsers typeset by themselves: no script, no fonts.

It reads as LaTeX does: letters stand side by side, words are multiplied with a cross.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from solver.layers.layer import Layer
from solver.render.forward_every import own_formula
from solver.sizes.expression import COMPARISONS, Expression, of, walk
from solver.sizes.fold import shown
from solver.sizes.sizemap import SizeMap
from solver.sizes.text import BINDS, FACTOR, OR, PRODUCT, SUM, arguments, is_negated

#: What stands for the operators of text.
SIGNS = {
    "==": "=",
    "!=": "≠",
    "<=": "≤",
    ">=": "≥",
    "-": "−",
    "%": "mod",
}
_FENCES = {"floor": "⌊⌋", "ceil": "⌈⌉"}
_BESIDE, _CROSS = "\u2062", "×"


def mathml(node: Expression, place: int = OR) -> str:
    """A tree as the content of a `<math>` element.

    place: how tightly what stands around it binds, as in `solver.sizes.text`.

    >>> from solver.sizes.grammar import parse
    >>> print(mathml(parse("ceil(n/2)")))
    <mrow><mo>⌈</mo><mfrac><mi>n</mi><mn>2</mn></mfrac><mo>⌉</mo></mrow>
    >>> print(mathml(parse("2*stride <= 3", ("stride",))))
    <mrow><mrow><mn>2</mn><mo>×</mo><mi>stride</mi></mrow><mo>≤</mo><mn>3</mn></mrow>
    """
    return _mathml(node, place)


def element(lines: Iterable[Expression | str], display: str = "block") -> str:
    """A `<math>` element of trees beside each other, and words between them.

    display: block, or inline within a line of text.

    >>> from solver.sizes.expression import named
    >>> print(element(["if ", named("n") < 3], "inline"))
    <math display="inline"><mtext>if </mtext><mrow><mi>n</mi><mo>&lt;</mo><mn>3</mn></mrow></math>
    """
    parts = (
        _tag("mtext", _kept(each)) if isinstance(each, str) else _mathml(each, OR) for each in lines
    )
    return f'<math display="{display}">{"".join(parts)}</math>'


def _tag(name: str, words: str) -> str:
    return f"<{name}>{escape(words, quote=False)}</{name}>"


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _kept(words: str) -> str:
    """Words whose spaces at the ends stay."""
    left = len(words) - len(words.lstrip())
    right = len(words) - len(words.rstrip())
    return "\u00a0" * left + words.strip() + "\u00a0" * right


def _name(name: str) -> str:
    """A word as it is; a letter with an index below it."""
    head, *rest = name.split("_")
    if len(head) > 1 or not rest:
        return _tag("mi", name)
    return f"<msub>{_tag('mi', head)}{_tag('mi', '_'.join(rest))}</msub>"


def _mathml(node: Expression, place: int) -> str:
    kind, parts = node.kind, node.parts
    if kind == "number":
        return _tag("mn", str(parts[0]))
    if kind == "name":
        return _name(parts[0])
    if kind == "layer":
        return _layer(node)
    if kind == "call":
        return _call(parts[0], parts[1:])
    if kind in ("/", "//"):
        fraction = f"<mfrac>{_mathml(parts[0], OR)}{_mathml(parts[1], OR)}</mfrac>"
        return fraction if kind == "/" else _fenced(_FENCES["floor"], fraction)
    written = _operator(node)
    # "a mod b c" is read in two ways
    binds = SUM if kind == "%" else BINDS[kind]
    return _fenced("()", written) if binds < place else written


def _operator(node: Expression) -> str:
    kind, parts = node.kind, node.parts
    binds = BINDS[kind]
    if kind == "not":
        return _row(_tag("mtext", _kept("not ")), _mathml(parts[0], binds))
    if is_negated(node):
        return _row(_tag("mo", SIGNS["-"]), _mathml(parts[1], PRODUCT))
    if kind in ("**", "^"):
        base = _mathml(parts[0], binds + 1)
        base = _fenced("()", base) if parts[0].kind == "/" else base
        return f"<msup>{base}{_mathml(parts[1], OR)}</msup>"
    if kind == "*":
        left, right = _mathml(parts[0], PRODUCT), _mathml(parts[1], FACTOR)
        return _row(left, _tag("mo", _CROSS if _apart(node) else _BESIDE), right)
    if kind in COMPARISONS:
        # Comparisons do not chain in the grammar; where they do here, they are printed as a chain.
        chained = parts[0].kind in COMPARISONS
        left, right = _mathml(parts[0], OR if chained else SUM), _mathml(parts[1], SUM)
    else:
        left, right = _mathml(parts[0], binds), _mathml(parts[1], binds + 1)
    word = kind in ("and", "or")
    sign = _tag("mtext", _kept(f" {kind} ")) if word else _tag("mo", SIGNS.get(kind, kind))
    return _row(left, sign, right)


def _apart(node: Expression) -> bool:
    """Whether factors would be read as one thing side by side: words, and numbers after others."""
    if any(part.kind == "name" and len(part.parts[0]) > 1 for part in walk(node)):
        return True
    first = node.parts[1]
    while first.kind in ("**", "^"):
        first = first.parts[0]
    return bool(first.kind == "number")


def _layer(node: Expression) -> str:
    """The operation, its hyperparameters as an index, and its input."""
    given: list[str] = []
    for letter, sizes in arguments(node):
        written = [_mathml(size, SUM) for size in sizes]
        equal = written[0] if len(written) == 1 else _fenced("()", *_listed(written))
        alone = equal == _name(letter)
        given.append(equal if alone else _row(_name(letter), _tag("mo", "="), equal))
    if node.parts[-1]:
        given.append(_tag("mtext", "ceil mode"))
    index = _row(*_listed(given))
    inside = _fenced("()", _mathml(node.nodes[0], SUM))
    return _row(f"<msub>{_tag('mi', node.parts[0])}{index}</msub>", inside)


def _call(name: str, given: tuple[Expression, ...]) -> str:
    if name == "Mod":
        return _mathml(Expression("%", given), FACTOR)
    written = [_mathml(argument, OR) for argument in given]
    if name in _FENCES:
        return _fenced(_FENCES[name], *written)
    return _row(_tag("mi", name), _fenced("()", *_listed(written)))


def _listed(parts: list[str]) -> list[str]:
    """Parts with commas between them."""
    return [part for each in parts for part in (_tag("mo", ","), each)][1:]


def _fenced(fences: str, *inside: str) -> str:
    return _row(_tag("mo", fences[0]), *inside, _tag("mo", fences[1]))


# What values show


def displayed(value: Expression) -> str:
    """A tree as an element of its own."""
    return element([value])


def size_map(value: SizeMap) -> str:
    """A size map by its shortest expression.

    >>> print(size_map(SizeMap.line(2)))
    <math display="block"><mrow><mn>2</mn><mo>⁢</mo><mi>n</mi></mrow></math>
    """
    return element([shown(value)])


def layer(value: Layer) -> str:
    """What a layer does to a size, an element for each axis.

    >>> from solver import Conv
    >>> print(layer(Conv(3)))
    <math display="block"><mrow><mi>n</mi><mo>−</mo><mn>2</mn></mrow></math>
    """
    formulas = (own_formula(value, axis) for axis in range(value.axes or 1))
    return "\n".join(element([of(formula)]) for formula in formulas)
