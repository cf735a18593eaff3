"""One program with several values of its arguments: what each structure does, side by side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.network.network import Network
from solver.render.network.report import NetworkReport
from solver.render.network.several import several
from solver.render.several import InputAnswer, Several, why

#: So many structures are compared.
MOST = 64
_TOLD = ("parameters", "macs")


def side_by_side(
    structures: Iterable[tuple[Mapping[str, Any], Network | SolverError]],
    inputs: Collection[int | Sequence[int]] = (),
    rows: Callable[[Network, Collection[int | Sequence[int]]], Several] = several,
) -> Several:
    """A row for each structure, and each input where there are inputs.

    structures: the values of the arguments with the network that they make, or what refuses them.
    Where there is no input, the size is that of every n, beside the inputs that run, the
    receptive field and the costs. rows: of one network and the inputs. Raises SolverError where no
    values make a network.

    >>> from solver import Conv, trace
    >>> def net(depth):
    ...     return trace(lambda x: [x := Conv(3)(x) for _ in range(depth)][-1], axes=1)
    >>> for each in side_by_side([({"depth": d}, net(d)) for d in (1, 3)]).items():
    ...     print(each["depth"], each["output"], each["valid"]["text"], each["receptive_field"])
    1 n - 2 n >= 3 3
    3 n - 6 n >= 7 7
    """
    answers, found, command = list[InputAnswer](), [*structures], "network"
    faults = [made for _, made in found if isinstance(made, SolverError)]
    if len(faults) == len(found):
        raise faults[0]
    for given, made in found:
        if isinstance(made, SolverError):
            answers.append(InputAnswer(given, None, why(made)))
        elif inputs:
            of_inputs = rows(made, inputs)
            command = of_inputs.command
            for each in of_inputs.answers:
                answers.append(each._replace(asked={**each.asked, **given}))
        else:
            answers.append(_of_every_size(given, made))
    return Several(command, answers)


def _of_every_size(given: Mapping[str, Any], network: Network) -> InputAnswer:
    report = NetworkReport(network)
    found, known = report.record(), report.known
    more = {"valid": found["valid"], "receptive_field": found["outputs"][0]["receptive_field"]}
    more |= {name: found[name] for name in _TOLD}
    refused = known.impossible or known.fault
    if refused is not None or known.limited:
        at = "" if known.blind is None else known.blind.label
        reason = why(refused) if refused is not None else f"not followed: {at}"
        return InputAnswer(given, None, reason, (), more)
    return InputAnswer(given, known.words, None, (), more)
