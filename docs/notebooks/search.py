# %% [markdown]
# # A search handed to Optuna
#
# All stacks of layers that do what is asked are a space: counted exactly, with a number for each.
# Optuna proposes numbers, so each of its trials is a stack that works.

# %%
from solver import Choice, Conv, Space, repeat

layer = Choice(Conv, {1, 3, 5, 7}, stride={1, 2}, padding="0..3")
space = Space(repeat(layer, "3..6"), 64, 8, receptive_field="30..")
f"{space.count:,} designs"

# %% [markdown]
# It is counted by merging all beginnings that have the same future:

# %%
space.draw(states=True)

# %% [markdown]
# The designs that no other beats, exactly:

# %%
space.draw("parameters", "-receptive_field")

# %% [markdown]
# What a score by training would decide is handed to Optuna (`pip install optuna`). Here a formula
# stands in for training.

# %%
import optuna


def suggest(trial):
    """A design by its number, which Optuna suggests as a place in the space."""
    place = trial.suggest_int("thousandths", 0, 999) * 1000 + trial.suggest_int(
        "millionths", 0, 999
    )
    return space[place * space.count // 10**6]


def score(trial):
    stack = suggest(trial)
    return stack.macs(64) / stack.receptive_field


optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
study.optimize(score, n_trials=50)
len(study.trials), all(suggest(optuna.trial.FixedTrial(t.params)) in space for t in study.trials)

# %%
best = suggest(optuna.trial.FixedTrial(study.best_params))
best

# %%
best.draw(64)
