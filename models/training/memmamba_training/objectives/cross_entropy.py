"""Cross-entropy of the tied head without the logits of a whole batch in memory.

A batch of 65,536 tokens over 16,384 entries has 4.3 GB of logits in f32, several times over in forward and
backward. Here they exist for some rows at a time, and the gradient is taken while they do.
"""

import torch

from ..kernels.operators import cross_entropy_

# Half a gigabyte of bf16 logits over 16,384 entries. So few rows that their logits stay in a GPU's cache,
# some 1,024, would cost more than they save: every part adds a gradient of the whole table to the sum in f32.
ROWS = 16384


class WeightedCrossEntropy(torch.autograd.Function):
    """Σ weights · cross-entropy, the cross-entropy of every row, and whether its arg-max is the target.

    hidden (N, D), embedding (V, D), targets (N) int64, weights (N) f32 → scalar, (N) f32, (N) bool. Only the
    scalar has a gradient. Under autocast the products run in its type, sums of the loss in f32.
    """

    @staticmethod
    def forward(ctx, hidden, embedding, targets, weights):
        kind = hidden.device.type
        dtype = _autocast_type() if torch.is_autocast_enabled() and kind == "cuda" else hidden.dtype
        exact = torch.promote_types(dtype, torch.float32)
        rows, table = hidden.to(dtype), embedding.to(dtype)
        losses = torch.empty(len(rows), dtype=exact, device=hidden.device)
        right = torch.empty(len(rows), dtype=torch.bool, device=hidden.device)
        d_hidden = torch.empty_like(rows)
        d_table = torch.zeros(embedding.shape, dtype=exact, device=hidden.device)
        with torch.autocast(kind, enabled=False):
            for start in range(0, len(rows), ROWS):
                part = slice(start, start + ROWS)
                logits = rows[part] @ table.T
                # The logits become their gradient.
                losses[part], right[part] = cross_entropy_(logits, targets[part], weights[part])
                torch.mm(logits, table, out=d_hidden[part])
                d_table += logits.T @ rows[part]
        ctx.save_for_backward(d_hidden, d_table)
        ctx.types = hidden.dtype, embedding.dtype
        ctx.mark_non_differentiable(losses, right)
        return (losses * weights).sum(), losses, right

    @staticmethod
    def backward(ctx, slope, _losses, _right):
        d_hidden, d_table = ctx.saved_tensors
        to_hidden, to_embedding = ctx.types
        return (d_hidden * slope).to(to_hidden), (d_table * slope).to(to_embedding), None, None


def _autocast_type():
    if hasattr(torch, "get_autocast_dtype"):
        return torch.get_autocast_dtype("cuda")
    return torch.get_autocast_gpu_dtype()
