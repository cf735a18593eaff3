"""One question asked of several inputs: a row each, with why one is refused and what is nearest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from solver.errors import SolverError
from solver.ground.named import NamedTuple
from solver.render.report import Column, Report, Table

#: What leaves a narrow table, the last first.
_LEAVES = {"parameters": 1, "macs": 2}
#: Characters of a first line that names every input.
_LINE = 78


class InputAnswer(NamedTuple):
    """Hold what comes out for one input: sizes are numbers, several of one a list.

    asked: the input, and what else varies, by name. output: by its name where there are several,
    None where the input is refused. nearest: the sizes next to a refused one that are not. more:
    what else is said of it, by name.
    """

    asked: Mapping[str, Any]
    output: Any
    reason: str | None = None
    nearest: Sequence[Any] = ()
    more: Mapping[str, Any] = {}


class Several(Report):
    """The answers of a command to each of several inputs."""

    def __init__(
        self, command: str, answers: Sequence[InputAnswer], notes: Sequence[str] = ()
    ) -> None:
        self.command, self.answers, self.notes = command, answers, notes

    @property
    def answered(self) -> bool:
        return all(each.reason is None for each in self.answers)

    def headline(self) -> str:
        """Every input with what comes out, where a line holds them; else the first and the last."""
        said = [*map(_told, self.answers)]
        if len(line := "; ".join(said)) <= _LINE:
            return line
        refused = sum(each.reason is not None for each in self.answers)
        more = f", {refused:,} refused" if refused else ""
        return f"{len(said):,} answers{more}: {said[0]}; ...; {said[-1]}"

    def facts(self) -> Iterator[str]:
        return (f"note: {note}" for note in self.notes)

    def tables(self) -> Iterator[Table]:
        columns = [Column(name, True) for name in self.answers[0].asked]
        columns += [Column(name, True) for name in self._outputs() or ("output",)]
        if not self.answered:
            columns += [Column("nearest", True), Column("reason", prose=True, notes=True)]
        more = self._more()
        columns += [Column(each, prose=True, leaves=_LEAVES.get(each, 0)) for each in more]
        yield Table(columns, map(self._row, self.answers))

    def _outputs(self) -> list[str]:
        """The names of several outputs."""
        told = (each.output for each in self.answers if isinstance(each.output, Mapping))
        return [*dict.fromkeys(name for output in told for name in output)]

    def _more(self) -> list[str]:
        """The names of what else is said of some; notes where there are any."""
        told = (pair for each in self.answers for pair in each.more.items())
        return [*dict.fromkeys(name for name, value in told if value != [])]

    def _row(self, answer: InputAnswer) -> list[str]:
        cells = [*map(words, answer.asked.values())]
        names, output = self._outputs(), answer.output
        found = [(output or {}).get(name) for name in names] if names else [output]
        cells += ["" if size is None else words(size) for size in found]
        if not self.answered:
            cells += [", ".join(map(words, answer.nearest)), answer.reason or ""]
        said = (answer.more.get(name) for name in self._more())
        return cells + ["" if each is None else words(each) for each in said]

    def formula(self) -> str:
        raise SolverError("LaTeX is of one input, no list or range", right="json, jsonl or csv")

    def codes(self) -> Sequence[str]:
        raise SolverError("code is of one input, no list or range", right="json, jsonl or csv")

    def record(self) -> dict[str, Any]:
        return {"schema": 1, "command": self.command, "results": self.items()}

    def items(self) -> Iterator[dict[str, Any]]:
        for each in self.answers:
            found = {**each.asked, "output": each.output, "reason": each.reason}
            near = {} if each.reason is None else {"nearest": [*each.nearest]}
            yield {**found, **near, **each.more}


def why(fault: SolverError) -> str:
    """The rule and what was received, in one line."""
    return fault.rule if fault.received is None else f"{fault.rule}: {fault.received}"


def words(size: Any) -> str:
    """A size in words, a hyperparameter, an edit, or notes.

    >>> words(224), words([224, 320]), words((1, 3, 224)), words([[1, 2], 0])
    ('224', '224x320', '1,3,224', '1:2x0')
    >>> words([]), words(["one", "another"])
    ('', 'one; another')
    """
    if isinstance(size, tuple):
        return ",".join(map(str, size))
    if isinstance(size, list) and any(isinstance(each, str) for each in size):
        return "; ".join(size)
    if not isinstance(size, list):
        return str(size["text"] if isinstance(size, Mapping) else size)
    return "x".join(":".join(map(str, x)) if isinstance(x, list) else str(x) for x in size)


def _told(answer: InputAnswer) -> str:
    """An answer in words: 224, padding 1 -> 112; of every size: depth 3: n -> n, for even n."""
    named = {name: f"{name} {words(value)}" for name, value in answer.asked.items()}
    every = "input" not in answer.asked
    named |= {} if every else {"input": words(answer.asked["input"])}
    asked, output = ", ".join(named.values()), answer.output
    if every and answer.reason is None:
        return f"{asked}: n -> {words(output)}, for {words(answer.more['valid'])}"
    if isinstance(output, Mapping):
        told = ", ".join(f"{name}: {words(each)}" for name, each in output.items())
    else:
        told = words(output) if answer.reason is None else "refused"
    return f"{asked} -> {told}"
