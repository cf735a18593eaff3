"""Networks from outside: pasted text."""

from solver.reading.pasted import read as read
