"""Networks from pasted text: PyTorch or Keras code, or what print(model) shows; never executed."""

from solver.reading.text.recognise import read as read
