"""What is wrong with a network: the node at fault, why, and the fixes."""
