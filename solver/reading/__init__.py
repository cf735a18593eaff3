"""Networks from outside: pasted text, ONNX files and live models of PyTorch and Keras."""

from solver.reading.entry import read as read
from solver.reading.file import read_file as read_file
