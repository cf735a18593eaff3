"""Say what the rule is, what was received, and what would be right.

Every error a user can cause is a `SolverError`: data in its attributes, the text in `__str__`.
"""

from __future__ import annotations

_WIDTH = 60  # characters of the offending text shown around the fault


class SolverError(ValueError):
    """Report a broken rule.

    rule: what must hold, one sentence. received: the offending value, as text.
    right: what would be right. text, at: the user's words and the offset of the fault in them.

    >>> print(SolverError("stride must be at least 1", received="0", right="1 or more"))
    stride must be at least 1
      received: 0
      right:    1 or more
    >>> print(SolverError("a number must follow '+'", text="2n+", at=3, right="2n + 1"))
    a number must follow '+'
      2n+
         ^
      right:    2n + 1
    """

    exit_code = 2

    def __init__(
        self,
        rule: str,
        received: str | None = None,
        right: str | None = None,
        text: str | None = None,
        at: int | None = None,
    ) -> None:
        super().__init__(rule, received, right, text, at)
        self.rule = rule
        self.received = received
        self.right = right
        self.text = text
        self.at = at

    def __str__(self) -> str:
        lines = [self.rule]
        if self.text is not None:
            shown, at = _window(self.text, self.at or 0)
            lines += ["  " + shown, "  " + " " * at + "^"]
        if self.received is not None:
            lines.append("  received: " + shorten(self.received))
        if self.right is not None:
            lines.append("  right:    " + self.right)
        return "\n".join(lines)


class SizeError(SolverError):
    """Report a layer that cannot take this input: its kernel does not fit, or nothing comes out."""


class LimitError(SolverError):
    """Report a question whose exact answer would take more time or memory than is allowed."""

    exit_code = 3


def shorten(text: str, width: int = _WIDTH) -> str:
    """Cut the middle out of a long text, and make what cannot be printed visible.

    >>> shorten("1" * 100, 9)
    '111...111 (100 characters)'
    """
    if len(text) <= width:
        return _visible(text)
    keep = (width - 3) // 2
    return f"{_visible(text[:keep])}...{_visible(text[-keep:])} ({len(text):,} characters)"


def _visible(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)


def _window(text: str, at: int) -> tuple[str, int]:
    """Cut `text` to a window around `at` and make control characters visible."""
    start = max(0, min(at - _WIDTH // 2, len(text) - _WIDTH))
    piece = text[start : start + _WIDTH]
    head = "..." if start else ""
    tail = "..." if start + _WIDTH < len(text) else ""
    return head + _visible(piece) + tail, at - start + len(head)
