# %% [markdown]
# # A U-Net that fits
#
# Which images a U-Net takes, what is wrong with the others, and how to cut large ones into tiles.

# %%
from solver import read

unet = read("""
class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(1, 16, 3, padding=1)
        self.two = nn.Conv2d(16, 32, 3, padding=1)
        self.three = nn.Conv2d(32, 64, 3, padding=1)
        self.up_two = nn.ConvTranspose2d(64, 32, 2, stride=2)
        self.join_two = nn.Conv2d(64, 32, 3, padding=1)
        self.up_one = nn.ConvTranspose2d(32, 16, 2, stride=2)
        self.join_one = nn.Conv2d(32, 16, 3, padding=1)

    def forward(self, x):
        one = self.one(x)
        two = self.two(F.max_pool2d(one, 2))
        three = self.three(F.max_pool2d(two, 2))
        two = self.join_two(torch.cat([two, self.up_two(three)], 1))
        return self.join_one(torch.cat([one, self.up_one(two)], 1))
""")
unet.formula(), str(unet.valid().inputs)

# %% [markdown]
# Its layers are as long as their sizes; the arcs at the left are the skips. The ruler says which
# inputs run.

# %%
unet.draw()

# %% [markdown]
# An input of 66 does not run: where, and what helps.

# %%
unet.explain(66).draw()

# %%
unet.nearest(66).others

# %% [markdown]
# What output 16 of 32 reads, and how much of it counts: most ways lead through the middle.

# %%
unet.fields(32).draw()

# %% [markdown]
# How many ways lead to each output. No checkerboard: the upsampling is even. Towards the borders
# the ways lead into padding instead.

# %%
unet.fields(16).draw(every=True)

# %% [markdown]
# A large image, cut into tiles that give exactly what the whole gives:

# %%
unet.tiling().draw(256, 96)
