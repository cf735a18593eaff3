"""A codec: frames of a waveform and back, with numbers that the training script gives."""

from torch import nn


class Encoder(nn.Module):
    def __init__(self, width, window):
        super().__init__()
        self.frames = nn.Conv1d(1, width, window, stride=window // 2, bias=False)
        self.smooth = nn.Conv1d(width, width, 3, padding=1, groups=width)

    def forward(self, x):
        return self.smooth(self.frames(x).relu())


class Codec(nn.Module):
    def __init__(self, width, window):
        super().__init__()
        self.encoder = Encoder(width, window)
        self.decoder = nn.ConvTranspose1d(width, 1, window, stride=window // 2, bias=False)

    def forward(self, x):
        return self.decoder(self.encoder(x))
