"""Networks from pasted text: PyTorch or Keras code, or what print(model) shows; never executed."""

from solver.pasted.read import read as read
