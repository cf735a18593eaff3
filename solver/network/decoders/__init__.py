"""Decoders of a network: what brings its output back to the size of its input, exactly."""
