"""Let Optuna search a design space: every trial is a stack that works.

The number of a design has 20 digits, so Optuna suggests its place in the space in four pieces.

Needs: optuna (pip install -e ".[distributed]")
Prints:
    71,355,441,756,543,714,632 designs, 100 trials, all of them designs
"""

import optuna

from solver import Choice, Conv, Space, Stack, repeat

layer = Choice(Conv, {1, 3, 5, 7}, stride={1, 2}, padding=range(4), dilation={1, 2})
space = Space(repeat(layer, 12), 224, 7, receptive_field="300..")


def suggest(trial: optuna.trial.BaseTrial) -> Stack:
    """Suggest a design by its place in the space, a fraction with 24 digits."""
    place = 0
    for i in range(4):
        place = place * 10**6 + trial.suggest_int(f"piece {i}", 0, 10**6 - 1)
    return space[place * space.count // 10**24]


def score(trial: optuna.trial.BaseTrial) -> float:
    """Stand in for training: a large receptive field at a low cost."""
    stack = suggest(trial)
    return stack.macs(224) / stack.receptive_field


optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1))
study.optimize(score, n_trials=100)
assert suggest(optuna.trial.FixedTrial(study.best_params)) in space
print(f"{space.count:,} designs, {len(study.trials)} trials, all of them designs")
