"""Graphs of layers: operations, their shapes for every n, what they demand, what they cost."""
