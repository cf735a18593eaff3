"""TensorFlow: its table of operations."""
