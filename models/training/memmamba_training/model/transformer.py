"""A Transformer to compare with: pre-norm, rotary positions (RoFormer, arXiv 2104.09864), SwiGLU, tied head.

The same interface as `model.MemMamba`; it has no pool and ignores `pool` and `trace`. At `tiny`'s size,
6 layers of 256 have 4.7 M parameters besides the embedding, against 4.5 M there.
"""

import dataclasses
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from .layers import RMSNorm


@dataclass
class TransformerConfig:
    n_layer: int = 6
    d_model: int = 256
    n_heads: int = 4
    d_hidden: int = 683  # of the SwiGLU: three matrices of it make eight squares of d_model
    vocab_size: int = 16384
    chunk: int = 32  # where questions may be planted, as for the model it is compared with
    rope_base: float = 10000.0
    norm_eps: float = 1e-5

    def to_json(self):
        return {"architecture": "transformer", **dataclasses.asdict(self)}


def rotate(x, base):
    """Rotary positions on the last axis of (B, H, L, d): pairs (i, i + d/2) turn by t · base^(-2i/d)."""
    half = x.shape[-1] // 2
    places = torch.arange(x.shape[2], device=x.device, dtype=torch.float32)
    rates = base ** (-torch.arange(half, device=x.device, dtype=torch.float32) / half)
    angle = places[:, None] * rates
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


def attend(q, k, v):
    """Causal attention (B, H, L, d)."""
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    logits = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
    later = torch.ones(logits.shape[-2:], dtype=torch.bool, device=q.device).triu(1)
    return torch.softmax(logits.masked_fill(later, -torch.inf), -1) @ v


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        d, self.config = config.d_model, config
        self.norm1, self.norm2 = RMSNorm(d, config.norm_eps), RMSNorm(d, config.norm_eps)
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.out = nn.Linear(d, d, bias=False)
        self.up = nn.Linear(d, 2 * config.d_hidden, bias=False)
        self.down = nn.Linear(config.d_hidden, d, bias=False)

    def forward(self, x):
        batch, length, d = x.shape
        heads = self.config.n_heads
        q, k, v = self.qkv(self.norm1(x)).view(batch, length, 3, heads, d // heads).permute(2, 0, 3, 1, 4)
        q, k = (rotate(part, self.config.rope_base) for part in (q, k))
        read = attend(q, k, v)
        x = x + self.out(read.transpose(1, 2).reshape(batch, length, d))
        gate, value = self.up(self.norm2(x)).chunk(2, -1)
        return x + self.down(F.silu(gate) * value)


class Transformer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        nn.init.normal_(self.embedding.weight, std=0.02)
        for layer in self.layers:
            for linear in (layer.qkv, layer.up):
                nn.init.normal_(linear.weight, std=linear.in_features**-0.5)
            for linear in (layer.out, layer.down):
                nn.init.normal_(linear.weight, std=(2 * config.n_layer * linear.in_features) ** -0.5)

    def hidden(self, tokens, pool=False, trace=None):
        """tokens (B, L) → the normed residual stream (B, L, D) that the head reads."""
        x = self.embedding(tokens)
        for layer in self.layers:
            x = layer(x)
        return self.norm(x)

    def logits(self, hidden):
        return F.linear(hidden, self.embedding.weight)
