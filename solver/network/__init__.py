"""Networks of layers: sizes for every n, valid inputs, what is read, costs, what is wrong."""
