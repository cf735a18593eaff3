"""The grammar of sizes and conditions: text in, a small tree out; nothing is run as code.

    condition   := conjunction ("or" conjunction)*
    conjunction := negation ("and" negation)*
    negation    := "not" negation | comparison
    comparison  := sum (("==" | "!=" | "<" | "<=" | ">" | ">=") sum)*     chains as in Python
    sum         := product (("+" | "-") product)*
    product     := factor (("*" | "/" | "//" | "%") factor | factor)*     2n is 2*n
    factor      := "-" factor | number | name | name "(" sum ("," sum)* ")" | "(" condition ")"

The tree is made of named tuples: hashable, picklable, comparable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from solver.domain import read_number
from solver.errors import SolverError

_LONGEST = 400  # characters; the depth of the tree is bounded with it
_DEEPEST = 50

_SYMBOLS = ("//", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",", "=")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
#: Functions and the number of their arguments (0: two or more).
FUNCTIONS = {"floor": 1, "ceil": 1, "ceiling": 1, "Mod": 2, "min": 0, "max": 0}


class Node(NamedTuple):
    """One node of a parsed expression: what it is, its parts, and where it stands in the text."""

    kind: str  # "number", "name", an operator, "call", "not", "and", "or"
    parts: tuple[Any, ...]
    at: int


class _Token(NamedTuple):
    kind: str  # "number", "name", "symbol", "end"
    text: str
    at: int


def parse(text: str, names: tuple[str, ...] = ("n",)) -> Node:
    """Read a size expression or a condition in the given names.

    Raises SolverError with the offset of the fault.

    >>> parse("2n").kind, parse("floor((n - 1)/2) + 1").kind
    ('*', '+')
    >>> parse("2n+")
    Traceback (most recent call last):
        ...
    solver.errors.SolverError: a number, n or '(' must come next
      2n+
         ^
      right:    for example 2n, n/2, ceil(n/2) or (n - 1)*2 + 3
    """
    if len(text) > _LONGEST:
        raise SolverError(
            f"an expression has at most {_LONGEST:,} characters", received=f"{len(text):,}"
        )
    parser = _Parser(text, names)
    node = parser.condition()
    if parser.token.kind != "end":
        raise parser.error("the expression should end here")
    return node


def is_condition(node: Node) -> bool:
    """Tell a condition (a comparison, and, or, not) from a size."""
    return node.kind in COMPARISONS or node.kind in ("and", "or", "not")


def evaluate(
    node: Node,
    names: Mapping[str, Any],
    operators: Mapping[str, Callable[..., Any]],
    number: Callable[[int], Any] = int,
) -> Any:
    """Fold the tree with the caller's arithmetic: one function per operator.

    number: turns a literal into that arithmetic. A SolverError raised by an operator is told the
    offset of that operator.

    >>> import operator
    >>> tree = parse("7*n - 1")
    >>> evaluate(tree, {"n": 3}, {"*": operator.mul, "-": operator.sub})
    20
    """
    if node.kind == "number":
        return number(node.parts[0])
    if node.kind == "name":
        return names[node.parts[0]]
    kind, parts = node.kind, node.parts
    if kind == "call":
        kind, parts = parts[0], parts[1:]
    values = []
    for part in parts:
        values.append(evaluate(part, names, operators, number))
    try:
        return operators[kind](*values)
    except SolverError as fault:
        if fault.at is None:
            fault.at = node.at
        raise


def _tokens(text: str) -> list[_Token]:
    found = []
    at = 0
    while at < len(text):
        character = text[at]
        end = at + 1
        if character.isspace():
            at = end
            continue
        if character.isascii() and (character.isdigit() or character == "."):
            while end < len(text) and (text[end].isdigit() or text[end] == "."):
                end += 1
            kind = "number"
        elif character.isascii() and (character.isalpha() or character == "_"):
            while (
                end < len(text)
                and text[end].isascii()
                and (text[end].isalnum() or text[end] == "_")
            ):
                end += 1
            kind = "name"
        else:
            symbol = next((s for s in _SYMBOLS if text.startswith(s, at)), None)
            if symbol is None:
                raise SolverError(
                    "this character is not part of the grammar",
                    text=text,
                    at=at,
                    right="numbers, n, + - * / // % ( ), floor() and ceil()",
                )
            end = at + len(symbol)
            kind = "symbol"
        found.append(_Token(kind, text[at:end], at))
        at = end
    found.append(_Token("end", "", len(text)))
    return found


class _Parser:
    """Recursive descent over the tokens; one method per rule of the grammar."""

    def __init__(self, text: str, names: tuple[str, ...]) -> None:
        self.text = text
        self.names = names
        self.tokens = _tokens(text)
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    def take(self, *texts: str) -> _Token | None:
        token = self.token
        if token.kind in ("symbol", "name") and token.text in texts:
            self.position += 1
            return token
        return None

    def error(self, rule: str, right: str | None = None, at: int | None = None) -> SolverError:
        return SolverError(
            rule, text=self.text, at=self.token.at if at is None else at, right=right
        )

    def condition(self) -> Node:
        return self._chain(self.conjunction, "or")

    def conjunction(self) -> Node:
        return self._chain(self.negation, "and")

    def negation(self) -> Node:
        if token := self.take("not"):
            self._deeper()
            inner = self.negation()
            self.depth -= 1
            if not is_condition(inner):
                raise self.error("'not' needs a condition", right="for example not n % 2 == 0")
            return Node("not", (inner,), token.at)
        return self.comparison()

    def comparison(self) -> Node:
        left = self.sum()
        links = []
        while token := self.take(*COMPARISONS, "="):
            if token.text == "=":
                raise self.error(
                    "equality is written ==", right="for example n % 4 == 1", at=token.at
                )
            right = self.sum()
            links.append(self._node(token.text, left, right, token.at))
            left = right
        if not links:
            return left
        chained = links[0]
        for link in links[1:]:
            chained = Node("and", (chained, link), link.at)
        return chained

    def sum(self) -> Node:
        return self._chain(self.product, "+", "-")

    def product(self) -> Node:
        node = self.factor()
        while True:
            if token := self.take("*", "/", "//", "%"):
                if self.token.text == "*" and token.text == "*":
                    raise self.error(
                        "powers are not sizes", right="products such as 2*n", at=token.at
                    )
                node = self._node(token.text, node, self.factor(), token.at)
            elif self._starts_factor():
                at = self.token.at
                node = self._node("*", node, self.factor(), at)
            else:
                return node

    def factor(self) -> Node:
        token = self.token
        if self.take("-"):
            self._deeper()
            inner = self.factor()
            self.depth -= 1
            return self._node("-", Node("number", (0,), token.at), inner, token.at)
        if token.kind == "number":
            self.position += 1
            if "." in token.text:
                raise self.error(
                    "sizes are whole numbers", right="write 1/2 for a half", at=token.at
                )
            number = read_number(token.text, "an expression", self.text, token.at, 0)
            return Node("number", (number,), token.at)
        if token.kind == "name" and token.text not in ("and", "or", "not"):
            self.position += 1
            return self._name(token)
        if self.take("("):
            self._deeper()
            node = self.condition()
            self.depth -= 1
            if not self.take(")"):
                raise self.error("a '(' needs its ')'")
            return node
        raise self.error(
            f"a number, {self.names[0]} or '(' must come next",
            right="for example 2n, n/2, ceil(n/2) or (n - 1)*2 + 3",
        )

    def _name(self, token: _Token) -> Node:
        if token.text in FUNCTIONS and self.take("("):
            self._deeper()
            arguments = [self.sum()]
            while self.take(","):
                arguments.append(self.sum())
            self.depth -= 1
            if any(map(is_condition, arguments)):
                raise self.error(f"{token.text}() takes sizes, not conditions", at=token.at)
            if not self.take(")"):
                raise self.error(f"'{token.text}(' needs its ')'")
            wanted = FUNCTIONS[token.text]
            if len(arguments) != wanted and (wanted or len(arguments) < 2):
                raise self.error(
                    f"{token.text}() takes {wanted or 'two or more'} argument(s)", at=token.at
                )
            name = "ceil" if token.text == "ceiling" else token.text
            return Node("call", (name, *arguments), token.at)
        if token.text == "same" and "n" in self.names:
            return Node("name", ("n",), token.at)
        if token.text in self.names:
            return Node("name", (token.text,), token.at)
        what = "function" if self.token.text == "(" else "letter"
        raise self.error(
            f"unknown {what} {token.text[:30]!r}",
            right=f"write {', '.join(self.names)}; functions are floor() and ceil()",
            at=token.at,
        )

    def _chain(self, rule: Callable[[], Node], *operators: str) -> Node:
        node = rule()
        while token := self.take(*operators):
            node = self._node(token.text, node, rule(), token.at)
        return node

    def _node(self, operator: str, left: Node, right: Node, at: int) -> Node:
        conditions = operator in ("and", "or")
        if is_condition(left) != conditions or is_condition(right) != conditions:
            wanted = "conditions" if conditions else "sizes"
            raise self.error(f"both sides of '{operator}' must be {wanted}", at=at)
        return Node(operator, (left, right), at)

    def _starts_factor(self) -> bool:
        token = self.token
        if token.kind == "name":
            return token.text not in ("and", "or", "not")
        return token.text == "("

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.error(f"parentheses nest at most {_DEEPEST} deep")
