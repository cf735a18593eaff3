"""The grammar: precedence against Python's own parser, error texts line by line, hostile words."""

from __future__ import annotations

import ast
import operator
import pickle
import random
import sys
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.errors import SolverError
from solver.sizes.expression import Expression, evaluate, is_condition
from solver.sizes.grammar import parse

SEED = 1
FUNCTIONS_OF_PYTHON = {"floor": floor, "ceil": ceil, "max": max, "min": min, "Mod": operator.mod}
OPERATORS = {
    **FUNCTIONS_OF_PYTHON,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "and": lambda x, y: x and y,
    "or": lambda x, y: x or y,
    "not": operator.not_,
}
SIGNS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.And: "and",
    ast.Or: "or",
}

# Words of the grammar that are words of Python too.


def larger_sizes(inner):
    binary = st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%", " - "]), inner)
    return st.one_of(
        binary.map("".join),
        inner.map("-{}".format),
        inner.map("({})".format),
        inner.map("floor({})".format),
        inner.map("ceil( {} )".format),
        st.tuples(inner, inner).map("max({0[0]}, {0[1]})".format),
    )


def larger_conditions(inner):
    return st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join),
        inner.map("not {}".format),
        inner.map("({})".format),
    )


SIZES = st.recursive(st.sampled_from(["n", "0", "1", "2", "7"]), larger_sizes, max_leaves=8)
CHAINS = st.lists(
    st.tuples(st.sampled_from([" == ", "!=", "<", "<=", " > ", ">="]), SIZES).map("".join),
    min_size=1,
    max_size=3,
).map("".join)
COMPARISONS = st.tuples(SIZES, CHAINS).map("".join)
CONDITIONS = st.recursive(COMPARISONS, larger_conditions, max_leaves=4)
WORDS = st.one_of(SIZES, CONDITIONS)
POWERS = st.recursive(
    st.sampled_from(["n", "0", "2"]),
    lambda inner: larger_sizes(inner) | st.tuples(inner, inner).map("**".join),
    max_leaves=8,
)


def pythons_tree(node):
    """Return the tree of Python's own parser in our words."""
    match node:
        case ast.Expression(body):
            return pythons_tree(body)
        case ast.Constant(value):
            return ("number", value)
        case ast.Name(name):
            return ("name", name)
        case ast.BinOp(left, sign, right):
            return (SIGNS[type(sign)], pythons_tree(left), pythons_tree(right))
        case ast.UnaryOp(ast.USub(), inner):
            return ("-", ("number", 0), pythons_tree(inner))
        case ast.UnaryOp(ast.Not(), inner):
            return ("not", pythons_tree(inner))
        case ast.Call(ast.Name(name), arguments):
            return ("call", name, *map(pythons_tree, arguments))
        case ast.BoolOp(sign, parts):
            return chain(SIGNS[type(sign)], map(pythons_tree, parts))
        case ast.Compare(first, signs, others):
            sides = [pythons_tree(side) for side in (first, *others)]
            links = zip(signs, sides, sides[1:], strict=False)
            return chain("and", [(SIGNS[type(sign)], x, y) for sign, x, y in links])
    raise AssertionError(ast.dump(node))


def chain(sign, parts):
    first, *others = parts
    for part in others:
        first = (sign, first, part)
    return first


def our_tree(node):
    return (node.kind, *(our_tree(p) if isinstance(p, Expression) else p for p in node.parts))


@given(st.one_of(WORDS, POWERS))
def test_precedence_is_pythons(text):
    assert our_tree(parse(text)) == pythons_tree(ast.parse(text, mode="eval"))


class Exact(ast.NodeTransformer):
    """Make every number a Fraction, so that Python's `/` is exact."""

    def visit_Constant(self, node):
        return ast.Call(ast.Name("Fraction", ast.Load()), [node], [])


@given(WORDS, st.integers(1, 30))
def test_values_are_pythons(text, n):
    exact = ast.fix_missing_locations(Exact().visit(ast.parse(text, mode="eval")))
    names = {**FUNCTIONS_OF_PYTHON, "n": Fraction(n), "Fraction": Fraction}
    try:
        wanted = eval(compile(exact, "", "eval"), {"__builtins__": {}}, names)
        made = evaluate(parse(text), {"n": Fraction(n)}, OPERATORS, Fraction)
    except ZeroDivisionError:  # Python stops early where `and` and `or` are decided; we do not
        return
    assert made == wanted


@given(WORDS)
def test_a_condition_is_what_compares(text):
    compares = isinstance(ast.parse(text, mode="eval").body, (ast.Compare, ast.BoolOp)) or (
        text.lstrip("(").startswith("not ")
    )
    assert is_condition(parse(text)) == compares


# What Python does not have


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("2n", "2*n"),
        ("2n + 1", "2*n + 1"),
        ("3(n - 1)", "3*(n - 1)"),
        ("(n)(2)", "n*2"),
        ("2n/3", "(2*n)/3"),
        ("n//2n", "(n//2)*n"),
        ("2floor(n/2)", "2*floor(n/2)"),
        ("-2n", "(-2)*n"),
        ("same", "n"),
        ("same - 4", "n - 4"),
        ("ceiling(n/2)", "ceil(n/2)"),
        ("\tn\n+\u00a01 ", "n+1"),
        ("007", "7"),
    ],
)
def test_short_forms(short, long):
    assert our_tree(parse(short)) == our_tree(parse(long))


def test_nodes_know_their_place():
    assert parse("n + 2*n").at == 2
    assert parse("n + 2*n").parts[1].at == 5


@given(WORDS)
def test_trees_are_values(text):
    tree = parse(text)
    assert tree == parse(text)
    assert hash(tree) == hash(parse(text))
    assert pickle.loads(pickle.dumps(tree)) == tree


def test_other_names():
    assert parse("d*(k - 1)", ("k", "d")).kind == "*"
    with pytest.raises(SolverError, match="unknown letter 'n'"):
        parse("n", ("k", "d"))
    with pytest.raises(SolverError, match="unknown letter 'same'"):
        parse("same", ("k", "d"))


# Errors, line by line

ERRORS = {
    "": """\
a number, n or '(' must come next
  \n  ^
  right:    for example 2n, n/2, ceil(n/2) or (n - 1)*2 + 3""",
    "2n+": """\
a number, n or '(' must come next
  2n+
     ^
  right:    for example 2n, n/2, ceil(n/2) or (n - 1)*2 + 3""",
    "n +* 2": """\
a number, n or '(' must come next
  n +* 2
     ^
  right:    for example 2n, n/2, ceil(n/2) or (n - 1)*2 + 3""",
    "+n": """\
a number, n or '(' must come next
  +n
  ^
  right:    for example 2n, n/2, ceil(n/2) or (n - 1)*2 + 3""",
    "n 2": """\
the expression should end here
  n 2
    ^""",
    "n)": """\
the expression should end here
  n)
   ^""",
    "(n": """\
a '(' needs its ')'
  (n
    ^""",
    "floor(n": """\
'floor(' needs its ')'
  floor(n
         ^""",
    "floor(n, 2)": """\
floor() takes 1 argument(s)
  floor(n, 2)
  ^""",
    "max(n)": """\
max() takes two or more argument(s)
  max(n)
  ^""",
    "x + 1": """\
unknown letter 'x'
  x + 1
  ^
  right:    write n; functions are floor() and ceil()""",
    "sqrt(n)": """\
unknown function 'sqrt'
  sqrt(n)
  ^
  right:    write n; functions are floor() and ceil()""",
    "n.real": """\
the expression should end here
  n.real
   ^""",
    "0.5n": """\
sizes are whole numbers
  0.5n
  ^
  right:    write 1/2 for a half""",
    "2**2n": """\
an exponent of several factors needs parentheses
  2**2n
      ^
  right:    2**(2*i)""",
    "n = 3": """\
equality is written ==
  n = 3
    ^
  right:    for example n % 4 == 1""",
    "n == 1 and 2": """\
both sides of 'and' must be conditions
  n == 1 and 2
         ^""",
    "n + (n > 1)": """\
both sides of '+' must be sizes
  n + (n > 1)
    ^""",
    "not n": """\
'not' needs a condition
  not n
       ^
  right:    for example not n % 2 == 0""",
    "floor((n > 1))": """\
floor() takes sizes, not conditions
  floor((n > 1))
  ^""",
    "n\u00b2": """\
this character is not part of the grammar
  n\u00b2
   ^
  right:    numbers, n, + - * / // % ** ( ), floor() and ceil()""",
    "\uff4e + 1": """\
this character is not part of the grammar
  \uff4e + 1
  ^
  right:    numbers, n, + - * / // % ** ( ), floor() and ceil()""",
    "n + \ud800": """\
this character is not part of the grammar
  n + ?
      ^
  right:    numbers, n, + - * / // % ** ( ), floor() and ceil()""",
    "n\x1b[31m": """\
this character is not part of the grammar
  n?[31m
   ^
  right:    numbers, n, + - * / // % ** ( ), floor() and ceil()""",
    "__import__('os').system('x')": """\
this character is not part of the grammar
  __import__('os').system('x')
             ^
  right:    numbers, n, + - * / // % ** ( ), floor() and ceil()""",
    "__import__(n)": """\
unknown function '__import__'
  __import__(n)
  ^
  right:    write n; functions are floor() and ceil()""",
    "1" * 19: """\
an expression: numbers have at most 18 digits
  1111111111111111111
  ^
  received: 19 digits""",
    "1" * 10_000: """\
an expression has at most 400 characters
  received: 10,000""",
    "(" * 51 + "n" + ")" * 51: """\
parentheses nest at most 50 deep
  ...((((((((((((((((((((((((((((((n)))))))))))))))))))))))))))))...
                                   ^""",
    "-" * 51 + "n": """\
parentheses nest at most 50 deep
  ---------------------------------------------------n
                                                     ^""",
    "n" + " + n" * 90 + " + x" + " + n" * 5: """\
unknown letter 'x'
  ... + n + n + n + n + n + n + n + n + n + x + n + n + n + n + n
                                            ^
  right:    write n; functions are floor() and ceil()""",
}


@pytest.mark.parametrize("text", ERRORS, ids=lambda text: ascii(text[:30]))
def test_error_texts(text):
    with pytest.raises(SolverError) as caught:
        parse(text)
    assert str(caught.value) == ERRORS[text]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50 + "n" + ")" * 50,
        "-" * 50 + "n",
        "not " * 50 + "n > 1",
        "n" + "+n" * 199,
        "n" + "<n" * 199,
        "n" + "//7" * 133,
    ],
    ids=lambda text: text[:8],
)
def test_the_deepest_trees_leave_stack_to_the_caller(text):
    frame, used = sys._getframe(), 0
    while frame:
        frame, used = frame.f_back, used + 1
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(used + 600)  # of the 1,000 there are
    try:
        evaluate(parse(text), {"n": 3}, OPERATORS)
    finally:
        sys.setrecursionlimit(limit)


#: Words and pieces of words, for random texts; every second one goes together with its neighbours.
PIECES = [
    *("n", "2", "7n", "(", ")", "(n", "n)", "+", "-", "*", "/", "//", "%", "<", "==", ">= 3", " "),
    *("and ", " or ", "not ", "floor(", "ceil(n)", "same", "**", "=", ",", ".", "x", "9" * 30),
    *(
        "\u00e9",
        "\u00b2",
        "\u0663",
        "\ud800",
        "\0",
        "\n",
        "max(",
        "Mod(",
        "'",
        "__class__",
        "lambda:",
    ),
]


def random_texts(count, seed):
    source = random.Random(seed)
    for _ in range(count):
        yield "".join(source.choices(PIECES, k=source.randint(0, 9)))


def test_only_solver_errors_come_out_of_random_words():
    parsed = 0
    for text in random_texts(8000, SEED):
        try:
            parse(text)
        except SolverError as fault:
            str(fault).encode()
            inside = fault.at is None or 0 <= fault.at <= len(text)
        else:
            parsed += 1
            inside = True
        assert inside, (SEED, text)
    assert parsed > 100
