"""Exact sizes of convolutions, forward and inverse. Public names are imported when first used."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solver.algebra import equal_for_all as equal_for_all
    from solver.algebra import n as n
    from solver.algebra import solve_floor as solve_floor
    from solver.design import Choice as Choice
    from solver.design import Space as Space
    from solver.design import either as either
    from solver.design import mirror as mirror
    from solver.design import optional as optional
    from solver.design import repeat as repeat
    from solver.errors import LimitError as LimitError
    from solver.errors import SizeError as SizeError
    from solver.errors import SolverError as SolverError
    from solver.inverse import Solutions as Solutions
    from solver.inverse import solve as solve
    from solver.layers import AvgPool as AvgPool
    from solver.layers import Conv as Conv
    from solver.layers import ConvTranspose as ConvTranspose
    from solver.layers import MaxPool as MaxPool
    from solver.proof import Verdict as Verdict
    from solver.proof import prove as prove
    from solver.sizemap import SizeMap as SizeMap
    from solver.sizeset import SizeSet as SizeSet
    from solver.stack import Stack as Stack

__version__ = "0.1.0"

_HOME = {
    "AvgPool": "solver.layers",
    "Choice": "solver.design",
    "Conv": "solver.layers",
    "ConvTranspose": "solver.layers",
    "LimitError": "solver.errors",
    "MaxPool": "solver.layers",
    "SizeError": "solver.errors",
    "SizeMap": "solver.sizemap",
    "SizeSet": "solver.sizeset",
    "Solutions": "solver.inverse",
    "SolverError": "solver.errors",
    "Space": "solver.design",
    "Stack": "solver.stack",
    "Verdict": "solver.proof",
    "either": "solver.design",
    "equal_for_all": "solver.algebra",
    "mirror": "solver.design",
    "n": "solver.algebra",
    "optional": "solver.design",
    "prove": "solver.proof",
    "repeat": "solver.design",
    "solve": "solver.inverse",
    "solve_floor": "solver.algebra",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'solver' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
