"""One unknown layer whose sizes and hyperparameters have letters: recipes, for all their values."""
