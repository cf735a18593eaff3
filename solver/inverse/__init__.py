"""One unknown layer: every layer that takes sizes to sizes."""
