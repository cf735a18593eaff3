"""What is known of a network, and its report."""
