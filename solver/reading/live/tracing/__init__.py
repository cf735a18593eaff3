"""What JAX has traced of a program: its sizes with their formulas, its equations as operations."""
