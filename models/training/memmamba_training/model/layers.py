"""One layer: a Mamba block, a note block, and attention over the state pool.

Shapes as in `memmamba.py`.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from ..kernels.operators import add_norm, causal_conv, rms_norm, selective_scan, token_scores
from .state_pool import PoolAttention


class RMSNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return rms_norm(x, self.weight, self.eps)

    def add(self, x, update):
        """x + update, and its norm."""
        return add_norm(x, update, self.weight, self.eps)


class Note(nn.Module):
    """Note block: importance score s (f32) and summary n of every token, from its norm of the stream."""

    def __init__(self, config):
        super().__init__()
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.score = nn.Linear(config.d_model, 1)
        self.summary = nn.Linear(config.d_model, config.note_dim, bias=False)

    def forward(self, v):
        # Scores rank tokens against each other over a whole document: bf16 would make ties.
        with torch.autocast(v.device.type, enabled=False):
            s = token_scores(v, self.score.weight, self.score.bias)
        return s, self.summary(v)


class Layer(nn.Module):
    def __init__(self, config, index):
        super().__init__()
        self.config = config
        p = config.cross_layer_every
        self.reads_layers = p > 0 and (index + 1) % p == 0
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.in_proj = nn.Linear(config.d_model, 2 * config.d_inner, bias=False)
        self.conv1d = _Conv(config.d_inner, config.d_conv)
        self.x_proj = nn.Linear(config.d_inner, config.dt_rank + 2 * config.d_state, bias=False)
        self.dt_proj = nn.Linear(config.dt_rank, config.d_inner)
        a = torch.arange(1, config.d_state + 1, dtype=torch.float32)
        self.A_log = nn.Parameter(a.log().repeat(config.d_inner, 1))
        self.D = nn.Parameter(torch.ones(config.d_inner))
        self.out_proj = nn.Linear(config.d_inner, config.d_model, bias=False)
        self.note = Note(config)
        self.token_attention = PoolAttention(config, gated=True)
        if self.reads_layers:
            self.layer_attention = PoolAttention(config, gated=False)

    def mamba(self, u):
        """From the layer's norm of the stream, the Mamba block's update of it (B, L, D) and the scan's end
        state (B, E, N)."""
        return self.scan(*self.scan_inputs(u))

    def scan_inputs(self, u):
        """u (B, L, D) → what the selective scan takes of every token: x', δ through W_Δ without its bias,
        z (B, L, E) each, B and C (B, L, N)."""
        config = self.config
        xz = self.in_proj(u)
        inner = causal_conv(xz[..., : config.d_inner], self.conv1d.weight, self.conv1d.bias)
        projected = self.x_proj(inner)
        delta, b, c = projected.split([config.dt_rank, config.d_state, config.d_state], -1)
        return inner, F.linear(delta, self.dt_proj.weight), xz[..., config.d_inner :], b, c

    def scan(self, inner, raw, z, b, c):
        """The update (B, L, D) and the end state (B, E, N)."""
        a = -torch.exp(self.A_log)
        y, h = selective_scan(inner, raw, self.dt_proj.bias, a, b, c, self.D, z)
        return self.out_proj(y), h


class _Conv(nn.Module):
    """Holds the depthwise convolution's weight (E, d_conv), last tap for the current token, and bias (E)."""

    def __init__(self, channels, taps):
        super().__init__()
        bound = 1 / math.sqrt(taps)
        self.weight = nn.Parameter(torch.empty(channels, taps).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(channels))
