"""Flax: its table of operations, and how its layers are written."""
