"""ONNX models, read as networks."""
