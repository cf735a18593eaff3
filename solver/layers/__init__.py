"""One layer and layers in order: what they do to a size, what they read, what they cost."""
