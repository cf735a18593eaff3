"""A model of PyTorch, run by its own Python on tensors whose sizes carry their formulas."""
