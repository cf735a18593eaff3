# %% [markdown]
# # One layer
#
# What comes out of a layer, what each output reads, and which layers do what you want.

# %%
from solver import Conv, ConvTranspose, MaxPool, SizeMap, solve

conv = Conv(3, stride=2, padding=1)
conv.size(10)

# %% [markdown]
# Output 1 of this layer reads elements 1 to 3; the last element of 10 is read by one window
# alone. In a notebook the taps of the other outputs light up under the mouse.

# %%
conv.draw(10, output=1)

# %% [markdown]
# For every size at once: a formula, and the staircase. Green are the sizes of which no element is
# left over.

# %%
conv

# %%
conv.draw()

# %% [markdown]
# Where the stride is longer than the kernel, elements are never read.

# %%
Conv(2, stride=3).draw(9)

# %% [markdown]
# With its ceil mode on, a pooling has one more window, which stands partly on nothing.

# %%
MaxPool(2, ceil_mode=True).draw(7)

# %% [markdown]
# A transposed convolution puts its inputs a stride apart. The numbers below say how many inputs
# reach each output: 1 2 1 2 is a checkerboard.

# %%
ConvTranspose(3, stride=2, padding=1).draw(5, output=3)

# %% [markdown]
# Which layers double the size of every input? All of them:

# %%
doubling = solve(ConvTranspose, "n", "2n", kernel_size="2..6", dilation=1)
doubling

# %%
doubling.draw()

# %% [markdown]
# And one that does not: where it differs from half the size is red.

# %%
Conv(5, stride=2, padding=1).draw(target=SizeMap.line(1, 0, 2))
