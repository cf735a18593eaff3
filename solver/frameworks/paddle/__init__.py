"""Paddle: its table of operations, their rules, and how its layers are written."""
