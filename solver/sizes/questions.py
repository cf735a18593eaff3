"""Questions about letters: what would tell, where a normal form does not."""

from __future__ import annotations

from solver.sizes.polynomial import Polynomial


class CaseSplit(Exception):
    """Ask for a distinction of cases."""


class Residues(CaseSplit):
    """Ask for the cases of a letter modulo a number: only they tell what a floor is."""

    def __init__(self, letter: str, modulus: int) -> None:
        super().__init__(letter, modulus)
        self.letter = letter
        self.modulus = modulus


class Beginning(CaseSplit):
    """Ask for the smallest value of an exponent, and for all larger ones: they share a factor."""

    def __init__(self, letter: str) -> None:
        super().__init__(letter)
        self.letter = letter


class Multiples(CaseSplit):
    """Ask for the case that a quotient is whole: a letter is then a multiple of its divisor."""

    def __init__(self, letter: str, value: Polynomial, least: int | None) -> None:
        super().__init__(letter, str(value))
        self.letter = letter
        self.value = value
        self.least = least


class SignSplit(CaseSplit):
    """Ask for both signs of a difference."""

    def __init__(self, difference: Polynomial) -> None:
        super().__init__(str(difference))
        self.difference = difference
