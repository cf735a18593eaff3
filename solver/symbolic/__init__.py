"""The SymPy face: symbols, formulas and floor equations as SymPy expressions."""
