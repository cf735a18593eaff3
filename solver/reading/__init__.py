"""Read a network from pasted text: PyTorch or Keras code, or what print(model) shows."""

from solver.reading.read import read as read
