"""Check a certificate without trusting the solver: nothing here imports anything of it."""

from __future__ import annotations

from typing import Any

from solver.checker import claims, solutions
from solver.checker.lines import Refused, need

__all__ = ["Refused", "check"]


def check(certificate: Any) -> str:
    """Return the statement that a certificate proves; raise Refused where it proves none.

    certificate: the JSON of a certificate, read.

    >>> check({"schema": 1, "certificate": "claim", "claim": "n + 1 > n", "where": "",
    ...        "start": 1, "period": 1, "verdict": "proved", "counterexample": None,
    ...        "gains": [[1, 1]], "table": [[1, 2, 1]]})
    'n + 1 > n holds wherever it is asked'
    """
    need(isinstance(certificate, dict), "a certificate is a JSON object")
    need(repr(certificate.get("schema")) == "1", "schema is 1")
    kinds = {"claim": claims, "solutions": solutions}
    kind = kinds.get(str(certificate.get("certificate")))
    if kind is None:
        raise Refused("certificate is claim or solutions")
    need(set(certificate) == kind.FIELDS, f"the fields are {', '.join(sorted(kind.FIELDS))}")
    try:
        return str(kind.check(certificate))
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError) as fault:
        raise Refused(f"not what a certificate holds: {fault}") from None
    except (SyntaxError, TypeError, ValueError) as fault:
        raise Refused(f"not what a certificate holds: {fault}") from None
