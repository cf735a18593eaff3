"""Unknown layers of a network: every way to fill them in, counted, the best first."""
