"""The bounded state pool, and attention over it.

Shapes as in `memmamba.py`.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from ..kernels.operators import attend, prefix_pools


@dataclass
class Pools:
    """The pool that every chunk may read, for one layer or several concatenated."""

    notes: torch.Tensor  # (B, K, P, M)
    scores: torch.Tensor  # (B, K, P)
    positions: torch.Tensor  # (B, K, P) token positions, -1 where empty

    @staticmethod
    def concatenate(pools):
        return Pools(
            torch.cat([p.notes for p in pools], 2),
            torch.cat([p.scores for p in pools], 2),
            torch.cat([p.positions for p in pools], 2),
        )


def visible_pools(config, scores, notes):
    """Pools as the tokens of chunks 0 … K-1 see them: after the chunk before their own.

    scores (B, L), notes (B, L, M); L is a multiple of the chunk.
    """
    after = prefix_pools(scores.detach(), config.chunk, config.pool_size, config.tau1, config.replacement)
    empty = torch.full_like(after[:, :1], -1)
    positions = torch.cat([empty, after[:, :-1]], 1)
    batch, chunks, size = positions.shape
    index = positions.clamp(min=0).reshape(batch, chunks * size)
    gathered = notes.gather(1, index[..., None].expand(-1, -1, notes.shape[-1]))
    return Pools(
        gathered.view(batch, chunks, size, -1),
        scores.gather(1, index).view(batch, chunks, size),
        positions,
    )


class PoolAttention(nn.Module):
    """MHA(v → notes of the pool, logit bias log σ(s_j)); an empty pool reads as 0."""

    FOLDED = True  # on a GPU in bf16, where the weights are not wanted

    def __init__(self, config, gated):
        super().__init__()
        width = config.n_heads * config.head_dim
        self.heads, self.head_dim = config.n_heads, config.head_dim
        self.q = nn.Linear(config.d_model, width, bias=False)
        self.k = nn.Linear(config.note_dim, width, bias=False)
        self.v = nn.Linear(config.note_dim, width, bias=False)
        self.o = nn.Linear(width, config.d_model, bias=False)
        if gated:
            self.gate = nn.Linear(config.d_model, 1)

    def forward(self, v, pools, gate=None, weighed=True):
        """v (B, L, D), gate (B, L, 1) → gate · read (B, L, D), weights (B, K, H, chunk, P), uniform where the
        pool is empty; with `weighed=False` they may be None."""
        if self.FOLDED and not weighed and v.is_cuda and v.dtype == torch.bfloat16:
            return self.folded(v, pools, gate), None
        batch, length, _ = v.shape
        chunks, size = pools.positions.shape[1:]
        split = (batch, chunks, -1, self.heads, self.head_dim)
        q = (self.q(v) / math.sqrt(self.head_dim)).view(split).transpose(2, 3)
        k = self.k(pools.notes).view(split).transpose(2, 3)
        filled = pools.positions >= 0
        value = (self.v(pools.notes) * filled[..., None]).view(split).transpose(2, 3)
        # A finite floor, and values of zero, so that an empty pool reads as 0 and never as NaN.
        bias = F.logsigmoid(pools.scores).masked_fill(~filled, -1e9)[:, :, None, None, :]
        # The bias is f32 under autocast, and so is the softmax; f64 where the model is.
        weights = torch.softmax(q @ k.transpose(-1, -2) + bias, -1)
        read = (weights.to(value.dtype) @ value).transpose(2, 3)
        return self.o(gated(read.reshape(batch, length, -1), gate)), weights

    def folded(self, v, pools, gate=None):
        """gate · read (B, L, D), and no weights in memory: a kernel for attention without a bias does it.

        The bias is part of the product q·k: a head has two dimensions more, in which queries are 1 and keys
        hold the bias, rounded, and what the rounding left. The projections write heads of that width, of
        zeros up to a multiple of 8, so that nothing large is copied.
        """
        chunks, size = pools.positions.shape[1:]
        heads, dims, notes = self.heads, self.head_dim, pools.notes.shape[-1]
        width = math.ceil((dims + 2) / 8) * 8
        room = width - dims
        filled = pools.positions >= 0
        # A floor that is as good as minus infinity, and small enough for differences in f32 beside it.
        bias = F.logsigmoid(pools.scores).masked_fill(~filled, -1e4)
        keys = torch.cat([pools.notes * filled[..., None], folded_bias(bias, pools.notes.dtype)], -1)

        def widened(linear, columns):
            """The rows of every head, and columns for the bias, which get zeros."""
            return F.pad(linear.weight.unflatten(0, (heads, dims)), (0, columns, 0, room))

        to_q = (widened(self.q, 0) / math.sqrt(dims)).flatten(0, 1)
        ones = F.pad(self.q.weight.new_ones(heads, 2), (dims, room - 2)).flatten()
        to_k, to_value = widened(self.k, 8), widened(self.v, 8).flatten(0, 1)
        to_k[:, dims, notes] = 1
        to_k[:, dims + 1, notes + 1] = 1
        to_o = F.pad(self.o.weight.unflatten(1, (heads, dims)), (0, room)).flatten(1)
        q = F.linear(v, to_q, ones).view(-1, v.shape[1] // chunks, heads, width)
        k = F.linear(keys, to_k.flatten(0, 1)).view(-1, size, heads, width)
        value = F.linear(keys, to_value).view(-1, size, heads, width)
        read = attend(*(x.transpose(1, 2) for x in (q, k, value))).transpose(1, 2)
        return F.linear(gated(read.reshape(*v.shape[:2], -1), gate), to_o)


def gated(read, gate):
    """Before the output projection, where a read is narrower than the stream."""
    return read if gate is None else read * gate.to(read.dtype)


def folded_bias(bias, dtype):
    """bias (…) → (…, 8): rounded to the type, what that left, zeros. The gradient goes through the first."""
    high = bias.to(dtype)
    low = (bias - high).detach().to(dtype)
    return F.pad(torch.stack([high, low], -1), (0, 6))
