"""Networks whose layers have letters: sizes, conditions and costs for all values of them."""
