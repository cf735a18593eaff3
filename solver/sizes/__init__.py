"""The algebra of one axis: formulas, expressions, size maps, size sets, counting under lines."""
