"""Print a tree as text in the grammar it was read from: parsing it again gives an equal value.

Parentheses are written only where the grammar needs them: a part is wrapped when it binds less
tightly than its place asks for.
"""

from __future__ import annotations

from solver.expression import COMPARISONS, Node

#: How tightly each kind binds: loosest first.
OR, AND, NOT, COMPARISON, SUM, PRODUCT, FACTOR = range(7)

BINDS = {
    "or": OR,
    "and": AND,
    "not": NOT,
    **dict.fromkeys(COMPARISONS, COMPARISON),
    **dict.fromkeys("+-", SUM),
    **dict.fromkeys(("*", "/", "//", "%"), PRODUCT),
}


def text(node: Node) -> str:
    """Return a tree as text, in the order it stands.

    >>> from solver.expression import parse
    >>> text(parse("floor((2n-1)/(3*4)) - (n - 2)"))
    'floor((2*n - 1)/(3*4)) - (n - 2)'
    >>> text(parse("0 - n"))  # a difference from zero is a sign
    '-n'
    """
    return _text(node, OR)


def is_negated(node: Node) -> bool:
    """Tell whether a tree is -x: the grammar writes it 0 - x.

    >>> from solver.expression import parse
    >>> is_negated(parse("-n")), is_negated(parse("1 - n"))
    (True, False)
    """
    return node.kind == "-" and node.parts[0].kind == "number" and node.parts[0].parts[0] == 0


def _text(node: Node, place: int) -> str:
    kind, parts = node.kind, node.parts
    if kind in ("number", "name"):
        return str(parts[0])
    if kind == "call":
        return f"{parts[0]}({', '.join(_text(part, SUM) for part in parts[1:])})"
    binds = BINDS[kind]
    if kind == "not":
        written = f"not {_text(parts[0], NOT)}"
    elif is_negated(node):
        # a sign takes the next factor only: -x//y is (-x)//y
        written = "-" + _text(parts[1], PRODUCT if _sign_passes(parts[1]) else FACTOR)
    else:
        sign = kind if kind in ("*", "/", "//") else f" {kind} "
        # sums and products group to the left, comparisons do not chain
        left = SUM if binds == COMPARISON else binds
        right = SUM if binds == COMPARISON else binds + 1
        written = _text(parts[0], left) + sign + _text(parts[1], right)
    return f"({written})" if binds < place else written


def _sign_passes(node: Node) -> bool:
    """Tell whether -(x) may lose its parentheses: a product whose first factor takes the sign."""
    if node.kind in ("*", "/"):
        return _sign_passes(node.parts[0])
    return BINDS.get(node.kind, FACTOR) == FACTOR
