"""Modules of Flax and functions of JAX, each of another kind: name -> (model, its inputs)."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from flax import linen as nn
from flax import nnx


class ViT(nn.Module):
    p: int = 16

    @nn.compact
    def __call__(self, x, train: bool):
        b, h, w, c = x.shape
        x = nn.Conv(32, (self.p, self.p), strides=(self.p, self.p), padding="VALID")(x)
        b, h, w, c = x.shape
        x = x.reshape(b, h * w, c)
        cls = self.param("cls", nn.initializers.zeros, (1, 1, 32))
        x = jnp.concatenate([jnp.tile(cls, (b, 1, 1)), x], axis=1)
        x = x + self.param("pos", nn.initializers.normal(0.02), (1, x.shape[1], 32))
        x = x + nn.MultiHeadDotProductAttention(4)(nn.LayerNorm()(x))
        y = nn.gelu(nn.Dense(64)(nn.LayerNorm()(x)))
        y = nn.Dropout(0.1, deterministic=not train)(y)
        x = x + nn.Dense(32)(y)
        return {"cls": nn.Dense(10)(x[:, 0]), "tokens": x}


class Patch(nn.Module):
    @nn.compact
    def __call__(self, x):
        b, h, w, c = x.shape
        x = x.reshape(b, h // 8, 8, w // 8, 8, c).transpose(0, 1, 3, 2, 4, 5).reshape(b, -1, 64 * c)
        return nn.Dense(8)(x)


class UNet(nn.Module):
    pad: str = "SAME"

    @nn.compact
    def __call__(self, x):
        def block(x, f):
            for _ in range(2):
                x = nn.relu(nn.GroupNorm(4)(nn.Conv(f, (3, 3), padding=self.pad)(x)))
            return x

        a = block(x, 8)
        b = block(nn.max_pool(a, (2, 2), (2, 2)), 16)
        u = nn.ConvTranspose(8, (2, 2), (2, 2))(b)
        if self.pad == "VALID":
            dh, dw = a.shape[1] - u.shape[1], a.shape[2] - u.shape[2]
            a = a[:, dh // 2 : dh // 2 + u.shape[1], dw // 2 : dw // 2 + u.shape[2]]
        elif u.shape[1:3] != a.shape[1:3]:
            u = jnp.pad(
                u, ((0, 0), (0, a.shape[1] - u.shape[1]), (0, a.shape[2] - u.shape[2]), (0, 0))
            )
        x = jnp.concatenate([a, u], -1)
        return nn.Conv(2, (1, 1))(block(x, 8))


class UNetStrict(nn.Module):
    @nn.compact
    def __call__(self, x):
        a = nn.Conv(8, (3, 3))(x)
        b = nn.avg_pool(a, (2, 2), (2, 2))
        u = jax.image.resize(b, (b.shape[0], b.shape[1] * 2, b.shape[2] * 2, 8), "bilinear")
        return jnp.concatenate([a, u], -1)


class Tokens(nn.Module):
    @nn.compact
    def __call__(self, ids):
        x = nn.Embed(100, 16)(ids)
        pos = self.param("pos", nn.initializers.normal(), (128, 16))
        x = x + pos[: ids.shape[1]]
        mask = nn.make_causal_mask(ids)
        x = nn.SelfAttention(2)(x, mask)
        return nn.Dense(100)(x)


class Rnn(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.RNN(nn.LSTMCell(12))(x)
        return x, x[:, -1], x.mean(1)


class Branch(nn.Module):
    @nn.compact
    def __call__(self, x):
        if x.shape[1] % 2:
            x = jnp.pad(x, ((0, 0), (0, 1), (0, 0), (0, 0)))
        if min(x.shape[1:3]) < 16:
            raise ValueError(f"too small: {x.shape}")
        for _ in range(3):
            x = nn.max_pool(x, (2, 2), (2, 2))
        k = (-x.shape[1]) % 4
        x = jnp.pad(x, ((0, 0), (k // 2, k - k // 2), (0, 0), (0, 0)))
        table = {7: 1, 14: 2}
        s = table.get(x.shape[2], 4)
        return nn.Conv(s, (3, 3))(x)


class Adaptive(nn.Module):
    @nn.compact
    def __call__(self, x):
        b, h, w, c = x.shape
        x = x[:, : h // 4 * 4, : w - w % 4]
        x = x.reshape(b, h // 4, 4, w // 4, 4, c).mean((2, 4))
        return x, jnp.mean(x, (1, 2)), jnp.arange(h), jnp.linspace(0, 1, w), x.sum()


class Remat(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.remat(nn.Conv)(8, (3, 3), strides=(2, 2))(x)
        x = nn.checkpoint(nn.Dense)(8)(x)
        x = jax.nn.softmax(x, -1)
        x = jnp.where(x > 0, x, 0.0)
        x = jnp.einsum("bhwc,bijc->bhwij", x, x)
        x = jnp.roll(x, 1, 1)[:, ::2, 1:-1]
        return jnp.split(x, 2, axis=-1) if x.shape[-1] % 2 == 0 else jnp.flip(x, 1)


class Seg(nn.Module):
    @nn.compact
    def __call__(self, x):
        y = nn.Conv(8, (3, 3), strides=2, padding="VALID")(x)
        y = nn.Conv(8, (3, 3), padding="CIRCULAR")(y)
        y = nn.Conv(8, (3, 3), padding="REFLECT")(y)
        y = nn.ConvTranspose(4, (3, 3), strides=(2, 2), padding="VALID")(y)
        y = y[:, : x.shape[1], : x.shape[2]]
        x = x[:, : y.shape[1], : y.shape[2]]
        return jnp.concatenate([x, y], -1)


class Block(nnx.Module):
    def __init__(self, width, rngs):
        self.norm = nnx.BatchNorm(width, rngs=rngs)
        self.down = nnx.Conv(
            width, 2 * width, (4, 4), strides=2, padding=((1, 1), (1, 1)), rngs=rngs
        )
        self.drop = nnx.Dropout(0.5, rngs=rngs)

    def __call__(self, x):
        return jnp.swapaxes(self.drop(nnx.silu(self.down(self.norm(x)))), 1, 2)


IMAGE = (1, "h", "w", 3)
MODELS = {
    "transformer of patches": (ViT(), IMAGE),
    "patches by reshape": (Patch(), (2, "h", "w", 3)),
    "unet": (UNet(), IMAGE),
    "unet, cropped": (UNet("VALID"), IMAGE),
    "unet, resized": (UNetStrict(), IMAGE),
    "tokens": (Tokens(), (1, "n")),
    "recurrent": (Rnn(), (2, "n", 5)),
    "branches": (Branch(), IMAGE),
    "blocks averaged": (Adaptive(), IMAGE),
    "wrapped": (Remat(), IMAGE),
    "padding in words": (Seg(), IMAGE),
    "nnx": (nnx.eval_shape(lambda: Block(3, nnx.Rngs(0))), IMAGE),
    "fourier": (jax.jit(jnp.fft.rfft), (3, "n")),
    "two inputs": (
        jax.jit(lambda x, y: (x @ y.T, jnp.concatenate([x, y]), jnp.sort(x, 0), x[::3])),
        [("n", 4), ("m", 4)],
    ),
    "scan": (
        jax.jit(lambda x: jax.lax.scan(lambda c, t: (c + t, c * t), jnp.zeros(4), x)),
        ("n", 4),
    ),
    "of lax": (
        jax.jit(
            lambda x: (
                jax.lax.conv_general_dilated(x, jnp.ones((4, 3, 3, 3)), (2, 1), "SAME"),
                jax.lax.reduce_window(x, 0.0, jax.lax.add, (1, 1, 3, 3), (1, 1, 2, 2), "SAME"),
                jax.lax.reduce_window(
                    x, -jnp.inf, jax.lax.max, (1, 1, 2, 1), (1, 1, 2, 1), "VALID"
                ),
            )
        ),
        (1, 3, "h", "w"),
    ),
    "taken": (
        jax.jit(lambda x: (x[:, jnp.array([0, 2])], x[:, -1], x[:, 3:7], x[..., None], x[:, -5:])),
        (2, "n"),
    ),
    "repeated": (
        jax.jit(lambda x: (jnp.tile(x, (1, 2)), jnp.outer(x[0], x[0]), jnp.stack([x, x]))),
        (2, "n"),
    ),
}
