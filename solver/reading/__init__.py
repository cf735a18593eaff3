"""Networks from outside: ONNX files and live models of PyTorch and Keras."""
