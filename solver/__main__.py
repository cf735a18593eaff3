"""Run the command line as `python -m solver`."""

from solver.cli import entry

if __name__ == "__main__":
    entry()
