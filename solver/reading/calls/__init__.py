"""What the layers and functions of PyTorch and Keras do to tensors, for every reader."""
