"""Networks from pasted text: PyTorch or Keras code, or what print(model) shows; never executed."""

from solver.pasted.recognise import read as read
