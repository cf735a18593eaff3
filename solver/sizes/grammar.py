"""The grammar of sizes and conditions: text in, a small tree out; nothing is run as code.

    condition   := conjunction ("or" conjunction)*
    conjunction := negation ("and" negation)*
    negation    := "not" negation | comparison
    comparison  := sum (("==" | "!=" | "<" | "<=" | ">" | ">=") sum)*     chains as in Python
    sum         := product (("+" | "-") product)*
    product     := factor (("*" | "/" | "//" | "%") factor | factor)*     2n is 2*n
    factor      := "-" factor | atom ["**" factor]                        -2**i is -(2**i)
    atom        := number | name | name "(" sum ("," sum)* ")" | "(" condition ")" | layer

where layers are allowed also

    layer       := operation "(" sum ("," argument)* ")"      conv(n, k=3, s=2, p=1)
    argument    := sum | letter "=" sum | "p" "=" ends | "ceil_mode" "=" ("True" | "False")
    ends        := sum ":" sum | "(" sum "," sum ")" | word    padding before and after the axis

This is for what people write: what we print is never read back.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.sizes.domain import read_number
from solver.sizes.expression import COMPARISONS, Expression, constant, is_condition, of
from solver.sizes.formulas import WORDS
from solver.sizes.operations import LETTERS, MINIMUM, operation

_LONGEST = 400  # characters; the depth of the tree is bounded with it
_DEEPEST = 50

#: Functions and the number of their arguments (0: two or more).
FUNCTIONS = {"floor": 1, "ceil": 1, "ceiling": 1, "Mod": 2, "min": 0, "max": 0, "Min": 0, "Max": 0}
_SAME_FUNCTION = {"ceiling": "ceil", "Min": "min", "Max": "max"}

_TOKEN = (
    r"(?P<number>[0-9.]+)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<other>>>|<<|\^)|(?P<symbol>//|\*\*|[=!<>]=|[-+*/%(),:<>=])|(?P<blank>\s+)|(?P<any>.)"
)
#: What other languages write: what it is, and how that is written here.
_WRITTEN = {
    ">>": ("a shift is a division by a power of 2", "n // 2 for n >> 1, n // 8 for n >> 3"),
    "<<": ("a shift is a product with a power of 2", "2*n for n << 1, 8*n for n << 3"),
    "^": ("a power is written **", "2**i for 2^i, n*n for n^2"),
}
_GRAMMAR = (
    "this character is not part of the grammar",
    "numbers, n, + - * / // % ** ( ), floor() and ceil()",
)


class Token(NamedTuple):
    """Hold one token: its kind, its text, and where it stands."""

    kind: str  # "number", "name", "symbol", "end"
    text: str
    at: int


def _tokens(text: str) -> list[Token]:
    """The tokens of a text, an end token last.

    >>> [token.text for token in _tokens("2n >= 3")]
    ['2', 'n', '>=', '3', '']
    """
    found = []
    for match in re.finditer(_TOKEN, text, re.DOTALL):
        if match.lastgroup in ("other", "any"):
            rule, right = _WRITTEN.get(match[0], _GRAMMAR)
            raise SolverError(rule, text=text, at=match.start(), right=right)
        if match.lastgroup != "blank":
            found.append(Token(str(match.lastgroup), match[0], match.start()))
    return [*found, Token("end", "", len(text))]


def parse(text: str, names: tuple[str, ...] = ("n",), layers: bool = False) -> Expression:
    """Read a size expression or a condition in the given names.

    layers: whether sizes may be outputs of layers. Such a node has the parts (operation, input,
    kernel_size, stride, begin, end, dilation, output_padding, ceil_mode), nothing left out.
    Raises SolverError with the offset of the fault.

    >>> parse("2n").kind, parse("floor((n - 1)/2) + 1").kind
    ('*', '+')
    >>> node = parse("conv(n, 3, p=1)", layers=True)
    >>> node.parts[0], [part.parts[0] for part in node.nodes]
    ('conv', ['n', 3, 1, 1, 1, 1, 0])
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
    parser = _Parser(text, names, layers)
    node = parser.condition()
    if parser.token.kind != "end":
        raise parser.error("the expression should end here")
    return node


class _Parser:
    """Recursive descent over the tokens; one method per rule of the grammar."""

    def __init__(self, text: str, names: tuple[str, ...], layers: bool) -> None:
        self.text = text
        self.names = names
        self.layers = layers
        self.tokens = _tokens(text)
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def take(self, *texts: str) -> Token | None:
        token = self.token
        if token.kind in ("symbol", "name") and token.text in texts:
            self.position += 1
            return token
        return None

    def error(self, rule: str, right: str | None = None, at: int | None = None) -> SolverError:
        return SolverError(
            rule, text=self.text, at=self.token.at if at is None else at, right=right
        )

    def condition(self) -> Expression:
        return self._chain(self.conjunction, "or")

    def conjunction(self) -> Expression:
        return self._chain(self.negation, "and")

    def negation(self) -> Expression:
        if token := self.take("not"):
            self._deeper()
            inner = self.negation()
            self.depth -= 1
            if not is_condition(inner):
                raise self.error("'not' needs a condition", right="for example not n % 2 == 0")
            return Expression("not", (inner,), token.at)
        return self.comparison()

    def comparison(self) -> Expression:
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
            chained = Expression("and", (chained, link), link.at)
        return chained

    def sum(self) -> Expression:
        return self._chain(self.product, "+", "-")

    def product(self) -> Expression:
        node = self.factor()
        while True:
            if token := self.take("*", "/", "//", "%"):
                node = self._node(token.text, node, self.factor(), token.at)
            elif self._starts_factor():
                at = self.token.at
                node = self._node("*", node, self.factor(), at)
            else:
                return node

    def factor(self) -> Expression:
        token = self.token
        if self.take("-"):
            self._deeper()
            inner = self.factor()
            self.depth -= 1
            return self._node("-", Expression("number", (0,), token.at), inner, token.at)
        base = self.atom()
        power = self.take("**")
        if power is None:
            return base
        self._deeper()
        exponent = self.factor()
        self.depth -= 1
        if self._starts_factor():
            raise self.error("an exponent of several factors needs parentheses", "2**(2*i)")
        return self._node("**", base, exponent, power.at)

    def atom(self) -> Expression:
        token = self.token
        if token.kind == "number":
            self.position += 1
            if "." in token.text:
                raise self.error(
                    "sizes are whole numbers", right="write 1/2 for a half", at=token.at
                )
            number = read_number(token.text, "an expression", self.text, token.at, 0)
            return Expression("number", (number,), token.at)
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

    def _name(self, token: Token) -> Expression:
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
            name = _SAME_FUNCTION.get(token.text, token.text)
            return Expression("call", (name, *arguments), token.at)
        if self.layers and self.token.text == "(" and token.text not in self.names:
            return self._layer(token)
        if token.text == "same" and "n" in self.names:
            return Expression("name", ("n",), token.at)
        if token.text in self.names:
            return Expression("name", (token.text,), token.at)
        what = "function" if self.token.text == "(" else "letter"
        raise self.error(
            f"unknown {what} {token.text[:30]!r}",
            right=f"write {', '.join(self.names[:8])}; functions are floor() and ceil()",
            at=token.at,
        )

    def _layer(self, token: Token) -> Expression:
        """Read `conv(n, 3, s=2)` after its name: hyperparameters by place, then by name."""
        try:
            row = operation(token.text)
        except SolverError as fault:
            rule = f"unknown function {token.text[:30]!r}"
            raise self.error(rule, right=f"floor, ceil, {fault.right}", at=token.at) from None
        if token.text[0].isupper():  # its first argument is no size: MaxPool2d(3, 2, 1)
            rule = f"{token.text} is spelled as a layer, which is no function of n"
            raise self.error(rule, f"{row.name}(n, k=3, s=2, p=1)", token.at)
        self._deeper()
        self.take("(")
        size = self._size("the input of a layer")
        given: dict[str, tuple[Expression, ...]] = {}
        ceil_mode = False
        while self.take(","):
            at = self.token.at
            name = self._keyword() or next(iter(row.hyperparameters[len(given) :]), "one more")
            if name == "ceil_mode" and row.pooling:
                ceil_mode = self._truth()
                continue
            if name in given or name not in row.hyperparameters:
                what = "given twice" if name in given else f"not known to {row.title}"
                right = f"{token.text}(n, {', '.join(LETTERS[h] for h in row.hyperparameters)})"
                raise self.error(f"{name} is {what}", right, at)
            given[name] = self._hyperparameter(name)
        self.depth -= 1
        if not self.take(")"):
            raise self.error(f"'{token.text}(' needs its ')'", right="conv(n, k=3, s=2, p=1)")
        if "kernel_size" not in given:
            raise self.error(f"{row.title} needs a kernel size", "conv(n, k=3)", token.at)
        if row.pooling:
            given.setdefault("stride", given["kernel_size"])
        for name, least in MINIMUM.items():
            given.setdefault(name, (Expression("number", (least,), token.at),))
        kernel, stride, dilation, extra = (
            given[name][0] for name in ("kernel_size", "stride", "dilation", "output_padding")
        )
        begin, end = (given["padding"] * 2)[:2]
        if begin.kind == "name" and (word := begin.parts[0]) in WORDS:
            if word == "same" and stride != of(1):
                raise self.error("p=same needs stride 1", "p=half, or begin:end", begin.at)
            reach = kernel - 1 if dilation == of(1) else dilation * (kernel - 1)
            number = constant(reach)
            begin, end = map(of, WORDS[word](reach if number is None else number))
        parts = (row.name, size, kernel, stride, begin, end, dilation, extra, ceil_mode)
        return Expression("layer", parts, token.at)

    def _hyperparameter(self, name: str) -> tuple[Expression, ...]:
        found, least = self._ends() if name == "padding" else (self._size(name),), MINIMUM[name]
        for part in found:
            number = constant(part)
            if number is not None and number < least:
                rule = f"{name} must be at least {least}"
                raise self.error(rule, f"{least} or more", part.at)
        return found

    def _keyword(self) -> str | None:
        """Read `s=` or `stride=`, where it stands next, as the long name."""
        name, sign = self.tokens[self.position : self.position + 2]
        if name.kind != "name" or sign.text != "=":
            return None
        self.position += 2
        return {letter: long for long, letter in LETTERS.items()}.get(name.text, name.text)

    def _size(self, what: str) -> Expression:
        node = self.sum()
        if is_condition(node):
            raise self.error(f"{what} is a size, not a condition", at=node.at)
        return node

    def _ends(self) -> tuple[Expression, ...]:
        """Read a padding: one size, or begin:end, or (begin, end)."""
        if word := self.take(*WORDS):
            return (Expression("name", (word.text,), word.at),)
        before = self.position
        if self.take("("):
            begin = self._size("padding")
            if self.take(","):
                end = self._size("padding")
                if not self.take(")"):
                    raise self.error("a '(' needs its ')'", right="p=(1, 2)")
                return begin, end
            self.position = before
        begin = self._size("padding")
        return (begin, self._size("padding")) if self.take(":") else (begin,)

    def _truth(self) -> bool:
        token = self.take("True", "False", "true", "false")
        if token is None:
            raise self.error("ceil_mode is True or False")
        return token.text in ("True", "true")

    def _chain(self, rule: Callable[[], Expression], *operators: str) -> Expression:
        node = rule()
        while token := self.take(*operators):
            node = self._node(token.text, node, rule(), token.at)
        return node

    def _node(self, operator: str, left: Expression, right: Expression, at: int) -> Expression:
        conditions = operator in ("and", "or")
        if is_condition(left) != conditions or is_condition(right) != conditions:
            wanted = "conditions" if conditions else "sizes"
            raise self.error(f"both sides of '{operator}' must be {wanted}", at=at)
        return Expression(operator, (left, right), at)

    def _starts_factor(self) -> bool:
        token = self.token
        if token.kind == "name":
            return token.text not in ("and", "or", "not")
        return token.text == "("

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.error(f"parentheses nest at most {_DEEPEST} deep")
