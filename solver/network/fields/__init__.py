"""What outputs of a network read of its input: receptive fields, what is never read, tiles."""
