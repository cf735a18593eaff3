"""What functions of tensors do: one row for each, with its names in PyTorch, Keras and ONNX."""
