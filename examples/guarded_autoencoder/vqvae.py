"""An autoencoder with a code book; its forward gives the image and a loss."""

import torch
from torch import nn
from torch.nn import functional as F


class Residual(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.inner = nn.Conv2d(width, inner, 3, padding=1)
        self.outer = nn.Conv2d(inner, width, 1)

    def forward(self, x):
        return x + self.outer(F.relu(self.inner(F.relu(x))))


class Encoder(nn.Module):
    def __init__(self, channels, width, halvings):
        super().__init__()
        layers = []
        for level in range(halvings):
            layers.append(nn.Conv2d(width if level else channels, width, 4, stride=2, padding=1))
            layers.append(nn.ReLU())
        self.layers = nn.Sequential(*layers, Residual(width, width // 2))

    def forward(self, x):
        return self.layers(x)


class Decoder(nn.Module):
    def __init__(self, channels, width, halvings):
        super().__init__()
        layers = [Residual(width, width // 2)]
        for level in range(halvings):
            last = level == halvings - 1
            layers.append(
                nn.ConvTranspose2d(width, channels if last else width, 4, stride=2, padding=1)
            )
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


class VQVAE(nn.Module):
    def __init__(self, channels=3, width=64, halvings=2, words=128):
        super().__init__()
        self.encode = Encoder(channels, width, halvings)
        self.book = nn.Embedding(words, width)
        self.decode = Decoder(channels, width, halvings)

    def forward(self, x):
        found = self.encode(x).permute(0, 2, 3, 1)
        near = torch.cdist(found.flatten(0, 2), self.book.weight).argmin(1)
        chosen = self.book(near.view(found.shape[:-1]))
        loss = (chosen.detach() - found).pow(2).mean()
        chosen = found + (chosen - found).detach()
        return self.decode(chosen.permute(0, 3, 1, 2)), loss
