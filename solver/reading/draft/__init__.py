"""A network while it is being read, and from which sizes on what is read is all of it."""
