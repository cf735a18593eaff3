"""The training loop of this repository, which has the name of our package."""


class Solver:
    def __init__(self, model, epochs):
        self.model, self.epochs = model, epochs
