"""Print a tree as text in the grammar people write in.

Parentheses are written only where the grammar needs them: a part is wrapped when it binds less
tightly than its place asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from solver.sizes.expression import COMPARISONS, Expression, of
from solver.sizes.operations import LETTERS, MINIMUM, operation

#: How tightly each kind binds: loosest first.
OR, AND, NOT, COMPARISON, SUM, PRODUCT, FACTOR = range(7)

BINDS = {
    "or": OR,
    "and": AND,
    "not": NOT,
    **dict.fromkeys(COMPARISONS, COMPARISON),
    **dict.fromkeys("+-", SUM),
    **dict.fromkeys(("*", "/", "//", "%"), PRODUCT),
    "**": FACTOR,
    "^": FACTOR,  # a square of a size, in what a network costs
}


#: Texts and the trees they are of.
Noted = dict[str, Expression]
_notes: list[Noted] = []


@contextmanager
def noting() -> Iterator[Noted]:
    """Note of each text that is printed the tree it is of, for who shows it in another form.

    >>> from solver.sizes.grammar import parse
    >>> with noting() as trees:
    ...     words = f"the size is {parse('n/2')}"
    >>> trees
    {'n/2': Expression('/', (Expression('name', ('n',)), Expression('number', (2,))))}
    """
    trees: Noted = {}
    _notes.append(trees)
    try:
        yield trees
    finally:
        _notes.pop()


def note(words: str, node: Expression) -> str:
    """The words, noted as the text of a tree."""
    for trees in _notes:
        trees[words] = node
    return words


def text(node: Expression, place: int = OR) -> str:
    """A tree as text, in the order it stands.

    place: how tightly what stands around it binds.

    >>> from solver.sizes.grammar import parse
    >>> text(parse("floor((2n-1)/(3*4)) - (n - 2)"))
    'floor((2*n - 1)/(3*4)) - (n - 2)'
    >>> text(parse("maxpool(n, 3, 2, p=(1, 1))", layers=True))
    'maxpool(n, k=3, s=2, p=1)'
    >>> text(parse("0 - n")), text(parse("(-n)/2"))  # a difference from zero is a sign
    ('-n', '-n/2')
    >>> text(parse("(2**i)**2 - 2**(i + 1)", ("i",)))
    '(2**i)**2 - 2**(i + 1)'
    """
    written = _text(node, place)
    return note(written, node) if _notes else written


def is_negated(node: Expression) -> bool:
    """Tell whether a tree is -x: the grammar writes it 0 - x.

    >>> from solver.sizes.grammar import parse
    >>> is_negated(parse("-n")), is_negated(parse("1 - n"))
    (True, False)
    """
    return node.kind == "-" and node.parts[0].kind == "number" and node.parts[0].parts[0] == 0


def arguments(node: Expression) -> list[tuple[str, tuple[Expression, ...]]]:
    """The hyperparameters of a layer that are not left at their defaults, by letter.

    The padding has two sizes where the ends differ.

    >>> from solver.sizes.grammar import parse
    >>> [letter for letter, _ in arguments(parse("maxpool(n, 2, p=0:1)", layers=True))]
    ['k', 'p']
    """
    kernel, stride, begin, end, dilation, extra = node.nodes[1:]
    given = {
        "kernel_size": (kernel,),
        "stride": (stride,),
        "padding": (begin,) if begin == end else (begin, end),
        "dilation": (dilation,),
        "output_padding": (extra,),
    }
    default = {name: (of(least),) for name, least in MINIMUM.items()}
    if operation(node.parts[0]).pooling:
        default["stride"] = (kernel,)
    return [
        (letter, given[name])
        for name, letter in LETTERS.items()
        if name == "kernel_size" or given[name] != default[name]
    ]


def _layer(node: Expression) -> str:
    words = [_text(node.nodes[0], SUM)]
    for letter, sizes in arguments(node):
        written = ", ".join(_text(size, SUM) for size in sizes)
        words.append(f"{letter}=({written})" if len(sizes) > 1 else f"{letter}={written}")
    if node.parts[-1]:
        words.append("ceil_mode=True")
    return f"{node.parts[0]}({', '.join(words)})"


def _text(node: Expression, place: int) -> str:
    if node.kind in ("number", "name"):
        return str(node.parts[0])
    behind = list[str]()  # of a sum of many terms, which leans to the left
    while node.kind in ("+", "-") and place <= SUM and not is_negated(node):
        first, term = node.parts
        behind.append(f" {node.kind} {_text(term, PRODUCT)}")
        node = first
    if not behind:
        return _apart(node, place)
    return _text(node, SUM) + "".join(reversed(behind))


def _apart(node: Expression, place: int) -> str:
    kind, parts = node.kind, node.parts
    if kind == "call":
        return f"{parts[0]}({', '.join([_text(part, SUM) for part in parts[1:]])})"
    if kind == "layer":
        return _layer(node)
    binds = BINDS[kind]
    if kind == "not":
        written = f"not {_text(parts[0], NOT)}"
    elif is_negated(node):
        # a sign takes the next factor only: -x//y is (-x)//y
        written = "-" + _text(parts[1], PRODUCT if _sign_passes(parts[1]) else FACTOR)
    else:
        sign = kind if kind in ("*", "/", "//", "**", "^") else f" {kind} "
        # sums and products group to the left, comparisons do not chain; a sign in front of a
        # product is that of its first factor
        signed = binds == PRODUCT and place <= SUM and is_negated(parts[0])
        # and powers to the right
        left = SUM if binds == COMPARISON or signed else binds + (kind in ("**", "^"))
        right = SUM if binds == COMPARISON else binds + (kind != "**")
        written = _text(parts[0], left) + sign + _text(parts[1], right)
    return f"({written})" if binds < place else written


def _sign_passes(node: Expression) -> bool:
    """Tell whether -(x) may lose its parentheses: a product whose first factor takes the sign."""
    if node.kind in ("*", "/"):
        first = node.parts[0]
        return BINDS.get(first.kind) == SUM or _sign_passes(first)
    return BINDS.get(node.kind, FACTOR) == FACTOR
