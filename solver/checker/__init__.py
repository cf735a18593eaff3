"""Check a certificate without trusting the solver: nothing here imports anything of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from solver.checker import claims, solutions
from solver.checker.lines import Refused, TooLong, need, typed

__all__ = ["MOST", "Refused", "TooLong", "check", "cost"]

T = TypeVar("T")
KINDS = {"claim": claims, "solutions": solutions}
MOST = 3_000_000  # steps: some seconds


def check(certificate: Any) -> str:
    """Return the statement that a certificate proves; raise Refused where it proves none.

    certificate: the JSON of a certificate, read.

    >>> check({"schema": 1, "certificate": "claim", "claim": "n + 1 > n", "where": "",
    ...        "start": 1, "period": 1, "verdict": "proved", "counterexample": None,
    ...        "gains": [[1, 1]], "table": [[1, 2, 1]]})
    'n + 1 > n holds wherever it is asked'
    """
    return _guarded(_check, certificate)


def cost(certificate: Any) -> int:
    """Bound the steps that a check takes, before it starts; MOST are taken."""
    return _guarded(_cost, certificate)


def _check(certificate: Any) -> str:
    if _cost(certificate) > MOST:
        raise TooLong(f"a certificate takes at most {MOST:,} steps to check")
    return str(KINDS[certificate["certificate"]].check(certificate))


def _cost(certificate: Any) -> int:
    need(type(certificate) is dict, "a certificate is a JSON object")
    need(repr(certificate.get("schema")) == "1", "schema is 1")
    kind = KINDS.get(str(certificate.get("certificate")))
    if kind is None:
        raise Refused("certificate is claim or solutions")
    typed("a certificate", certificate, kind.FIELDS)
    return int(kind.cost(certificate))


def _guarded(ask: Callable[[Any], T], certificate: Any) -> T:
    """Refuse what breaks Python, too."""
    try:
        return ask(certificate)
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError) as fault:
        raise Refused(f"not what a certificate holds: {fault}") from None
    except (SyntaxError, TypeError, ValueError) as fault:
        raise Refused(f"not what a certificate holds: {fault}") from None
