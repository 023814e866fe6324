"""The operators PyTorch lacks: plain loops that define them, and the GPU kernels where there is a GPU.

The plain versions run anywhere, in any float type, and are what the kernels' gradients are checked
against. Shapes as in `model/memmamba.py`.
"""

import torch
import torch.nn.functional as F

from .limits import KERNEL_ENTRIES


def selective_scan(u, raw, bias, a, b, c, d, z):
    """Selective scan with discretization, skip and gate (Mamba, section 3.3 and algorithm 2).

    Δ = softplus(raw + bias);  h_t = exp(Δ_t A) h_{t-1} + Δ_t u_t B_t;  y = (h_t C_t + D u_t) silu(z_t)
    u, raw, z (B, L, E); bias, d (E); a (E, N); b, c (B, L, N). Returns y (B, L, E) and h_L (B, E, N).
    """
    if u.is_cuda and a.shape[1] == 16:
        from .cuda import SelectiveScan

        return SelectiveScan.apply(u, raw, bias, a, b, c, d, z)
    return selective_scan_loop(u, raw, bias, a, b, c, d, z)


def selective_scan_loop(u, raw, bias, a, b, c, d, z):
    delta = F.softplus(raw + bias)
    h = torch.zeros(u.shape[0], *a.shape, dtype=u.dtype, device=u.device)
    ys = []
    for t in range(u.shape[1]):
        dt = delta[:, t, :, None]
        h = torch.exp(dt * a) * h + dt * u[:, t, :, None] * b[:, t, None, :]
        ys.append((h * c[:, t, None, :]).sum(-1))
    y = torch.stack(ys, 1) + d * u
    return y * F.silu(z), h


def causal_conv(x, weight, bias):
    """silu of the depthwise causal convolution. x (B, L, E), weight (E, taps), bias (E) → (B, L, E)."""
    if x.is_cuda and weight.shape[1] == 4:
        from .cuda import CausalConv

        return CausalConv.apply(x, weight, bias)
    return causal_conv_plain(x, weight, bias)


def causal_conv_plain(x, weight, bias):
    taps = weight.shape[1]
    padded = F.pad(x, (0, 0, taps - 1, 0))
    length = x.shape[1]
    y = bias.to(x.dtype)
    for k in range(taps):
        y = y + padded[:, k : k + length] * weight[:, k].to(x.dtype)
    return F.silu(y)


def add_norm(x, update, weight, epsilon):
    """The residual stream after an update, and its RMSNorm: x + update, and that / rms · weight.

    x (…, D) and the sum in f32 at least, update (…, D) and the norm in the type of the activations.
    """
    if x.is_cuda and x.shape[-1] % 128 == 0 and x.shape[-1] <= 512:
        from .cuda import AddNorm

        return AddNorm.apply(x, update, weight, epsilon)
    return add_norm_plain(x, update, weight, epsilon)


def add_norm_plain(x, update, weight, epsilon):
    total = x + update
    return total, rms_norm(total, weight, epsilon)


def token_scores(v, weight, bias):
    """v·weight + bias of every token in the weight's type. v (B, L, D), weight (1, D), bias (1) → (B, L)."""
    if v.is_cuda and v.shape[-1] % 128 == 0 and v.shape[-1] <= 512:
        from .cuda import TokenScores

        return TokenScores.apply(v, weight, bias)
    return token_scores_plain(v, weight, bias)


def token_scores_plain(v, weight, bias):
    return F.linear(v.to(weight.dtype), weight, bias).squeeze(-1)


def attend(q, k, v):
    """softmax(q kᵀ) v. q (…, Q, d), k and v (…, P, d) → (…, Q, d); on a GPU four dimensions of bf16."""
    if q.is_cuda:
        from torch.nn.attention import SDPBackend, sdpa_kernel

        # By name: where it cannot serve, an error is better than a slow substitute.
        with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
            return F.scaled_dot_product_attention(q, k, v, scale=1.0)
    return attend_plain(q, k, v)


def attend_plain(q, k, v):
    return torch.softmax(q @ k.transpose(-1, -2), -1) @ v


def cross_entropy_(logits, targets, weights):
    """Cross-entropy of every row, f32 at least, and whether its arg-max is the target; the logits become
    their gradient, weight · (softmax − one-hot).

    logits (N, V), targets (N) int64, weights (N) → (N), (N) bool. Of equal maxima the kernel takes the first.
    """
    if logits.is_cuda and logits.dtype in (torch.bfloat16, torch.float32) and logits.shape[1] % 8 == 0:
        from .cuda import cross_entropy_ as kernel

        return kernel(logits, targets, weights)
    return cross_entropy_plain_(logits, targets, weights)


def cross_entropy_plain_(logits, targets, weights):
    exact = torch.promote_types(logits.dtype, torch.float32)
    target = targets[:, None]
    right = logits.argmax(-1) == targets
    shares = torch.log_softmax(logits, -1, dtype=exact)
    losses = -shares.gather(1, target)[:, 0]
    p = shares.exp_()
    p.scatter_add_(1, target, -torch.ones_like(target, dtype=exact))
    torch.mul(p, weights[:, None].to(exact), out=logits)
    return losses, right


def rms_norm(x, weight, epsilon):
    if hasattr(F, "rms_norm"):
        return F.rms_norm(x, x.shape[-1:], weight, epsilon)
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon) * weight


def prefix_pools(scores, chunk, size, tau1, replacement):
    """Token positions in the pool after every chunk.

    scores (B, L), L a multiple of the chunk → (B, L / chunk, size), -1 where empty. `priority`: the
    highest scores, of equal ones the earlier token first. `fifo`: the latest tokens with σ(s) > 0.5,
    latest first.
    """
    if replacement == "fifo":
        return _latest(torch.sigmoid(scores) > 0.5, chunk, size)
    if scores.is_cuda and size + chunk <= KERNEL_ENTRIES:
        from .cuda import prefix_top

        return prefix_top(scores, chunk, size, tau1)
    return prefix_pools_loop(scores, chunk, size, tau1)


def _latest(taken, chunk, size):
    """The last `size` of the tokens taken (B, L) up to the end of every chunk, latest first."""
    # Taken tokens first, in their order; so many of them lie before the end of a chunk.
    order = (~taken).to(torch.uint8).sort(dim=1, stable=True).indices
    count = taken.cumsum(1)[:, chunk - 1 :: chunk]
    rank = count[..., None] - 1 - torch.arange(size, device=taken.device)
    found = order.gather(1, rank.clamp(min=0).flatten(1)).view(rank.shape)
    return found.masked_fill(rank < 0, -1)


def prefix_pools_loop(scores, chunk, size, tau1):
    """`priority`, chunk by chunk."""
    batch, length = scores.shape
    every = torch.arange(length, device=scores.device).expand(batch, length)
    keys = scores.masked_fill(torch.sigmoid(scores) <= tau1, -torch.inf)
    pool = torch.full((batch, size), -1, dtype=torch.long, device=scores.device)
    pool_keys = torch.full_like(scores[:, :1], -torch.inf).expand(batch, size)
    after = []
    for start in range(0, length, chunk):
        keys_all = torch.cat([pool_keys, keys[:, start : start + chunk]], 1)
        positions = torch.cat([pool, every[:, start : start + chunk]], 1)
        # Stable, and the pool comes first: equal scores keep the earlier token.
        pool_keys, order = keys_all.sort(dim=1, descending=True, stable=True)
        pool_keys, order = pool_keys[:, :size], order[:, :size]
        pool = positions.gather(1, order).masked_fill(pool_keys == -torch.inf, -1)
        after.append(pool)
    return torch.stack(after, 1)
