"""Networks from outside: pasted text, ONNX files and live models of PyTorch and Keras."""

from solver.reading.pasted import read as read
