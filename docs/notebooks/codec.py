# %% [markdown]
# # An audio codec
#
# An encoder that takes 320 samples to one frame, what a frame hears, and the decoder that gives
# the same number of samples back.

# %%
from solver import read

encoder = read("""
nn.Sequential(
    nn.Conv1d(1, 32, 7, padding=3),
    nn.Conv1d(32, 64, 4, stride=2, padding=1),
    nn.Conv1d(64, 128, 8, stride=4, padding=2),
    nn.Conv1d(128, 256, 10, stride=5, padding=3),
    nn.Conv1d(256, 512, 16, stride=8, padding=4),
)
""")
encoder.formula()

# %%
encoder.draw(24000)

# %% [markdown]
# A frame reads several hundred samples around its own 320; those at the ends count less.

# %%
encoder.fields(24000).draw(37)

# %% [markdown]
# How long a live stream has to wait:

# %%
print(encoder.streaming())

# %% [markdown]
# The decoder, by hand, would lose samples. The best of all:

# %%
found = encoder.decoders(24000)
found

# %%
found.draw()

# %% [markdown]
# Whether it sounds even: how many ways lead to each sample behind one of its layers. A kernel
# twice as long as its stride reaches each sample as often as its neighbour, but for the ends.

# %%
read("nn.ConvTranspose1d(1, 1, 10, 5, 3)").fields(6).draw(every=True)

# %% [markdown]
# A kernel of 9 does not:

# %%
read("nn.ConvTranspose1d(1, 1, 9, 5, 2)").fields(6).draw(every=True)

# %% [markdown]
# Which elements of the latent each of 5 samples reads, one after the other:

# %%
read("nn.ConvTranspose1d(1, 1, 9, 5, 2)").taps().draw()
