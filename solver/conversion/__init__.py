"""A layer of one framework in another: the same layer, where they agree, and what is nearest."""
