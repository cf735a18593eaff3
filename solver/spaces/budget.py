"""What a search may use, and who is told how far it is."""

from __future__ import annotations

from collections.abc import Callable

from solver.errors import LimitError
from solver.ground.named import NamedTuple

#: Told what is done, how much of it so far, and of how much in all, None where nobody knows.
Progress = Callable[[str, int, int | None], None]

#: States kept at most unless more are allowed, and about what one takes with its numbers.
MOST_STATES = 1_000_000
BYTES_PER_STATE = 1_000
#: Layers tried, in the time that the quickest take, for each state that may be kept.
STEPS_PER_STATE = 10


class Budget(NamedTuple):
    """Hold how many states a search may keep, and the progress to tell."""

    states: int = MOST_STATES
    progress: Progress | None = None

    def spend(self, what: str, count: int) -> None:
        """Tell how many states there are by now. Raises LimitError where they are too many.

        >>> Budget(10).spend("states", 11)
        Traceback (most recent call last):
            ...
        solver.errors.LimitError: the search keeps at most 10 states, about 1 MB
          received: at least 11 states
          right:    a larger --max-states or max_states=, smaller ranges, or fewer limits
        """
        self.tell(what, count)
        self.allow(what, count)

    def allow(self, what: str, count: int) -> None:
        """Raise LimitError where they are more than the states that may be kept."""
        if count > self.states:
            raise self._too_much(f"at least {count:,} {what}")

    def spend_steps(self, count: int) -> None:
        """Raise LimitError for more steps than so many states are worth."""
        if count > self.states * STEPS_PER_STATE:
            steps = f"more than {self.states * STEPS_PER_STATE:,} steps"
            raise self._too_much(steps, f", and takes {STEPS_PER_STATE} steps for each")

    def spend_memory(self, used: int) -> None:
        """Raise LimitError where the numbers of all states take more bytes than all may."""
        if used > max(self.states, 1000) * BYTES_PER_STATE:
            raise self._too_much(f"{used // 10**6:,} MB of numbers")

    def tell(self, what: str, count: int, total: int | None = None) -> None:
        """Tell how much is done; total: of how much, where that is known."""
        if self.progress is not None:
            self.progress(what, count, total)

    def _too_much(self, received: str, more: str = "") -> LimitError:
        megabytes = max(self.states * BYTES_PER_STATE // 10**6, 1)
        return LimitError(
            f"the search keeps at most {self.states:,} states, about {megabytes:,} MB{more}",
            received=received,
            right="a larger --max-states or max_states=, smaller ranges, or fewer limits",
        )
