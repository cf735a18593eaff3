# %% [markdown]
# # Figures and formulas of a paper
#
# The figures of [A guide to convolution arithmetic for deep
# learning](https://arxiv.org/abs/1603.07285) by Dumoulin and Visin, drawn from the layers, and
# its relationships, proved. Any picture goes into a paper: `picture.save("figure.tex")` is a
# document that TeX compiles, `picture.tikz` what stands in it.

# %%
from solver import Conv, ConvTranspose, prove
from solver.render.formula import formula

# %% [markdown]
# Their first figure: a kernel of 3 over 4x4 elements. The window walks over all outputs.

# %%
Conv(3).draw((4, 4))

# %% [markdown]
# Arbitrary padding, half padding, full padding.

# %%
Conv(4, padding=2).draw((5, 5))

# %%
Conv(3, padding=1).draw((5, 5))

# %%
Conv(3, padding=2).draw((5, 5))

# %% [markdown]
# Strides. Of 6 elements the last row and column of the padding are never reached: the sizes 5 and
# 6 have the same output.

# %%
Conv(3, stride=2, padding=1).draw((6, 6))

# %% [markdown]
# Dilation.

# %%
Conv(3, dilation=2).draw((7, 7))

# %% [markdown]
# A transposed convolution: zeros between the inputs, and a kernel that moves by one.

# %%
ConvTranspose(3, stride=2, padding=1).draw((3, 3))

# %% [markdown]
# Their formula of the output size, in their letters:

# %%
print(formula("conv", style="compact"))

# %% [markdown]
# Their relationship 13 says that a transposed convolution gives back i' where i + 2p - k is a
# multiple of s. It is proved for every size, or refuted by the smallest:

# %%
prove("deconv(conv(n, k=3, s=2, p=1), k=3, s=2, p=1) == n", where="n % 2 == 1")

# %%
prove("deconv(conv(n, k=3, s=2, p=1), k=3, s=2, p=1) == n")

# %% [markdown]
# As a figure for TeX, of which these are the first lines:

# %%
print(*Conv(3, stride=2).draw(7).tikz.split("\n")[:4], sep="\n")
