"""Autograd functions over `kernels.cu`, compiled at run time through CuPy.

Activations are bf16 or f32; sums, states and parameters are f32. Checked against the loops of
`operators.py` by `evaluate/gpu_kernels.py`, on a GPU.
"""

import functools
import math
from pathlib import Path

import cupy
import torch

from .limits import KERNEL_ENTRIES

TILE, CHANNELS, SPAN, NORM_WARPS, ROW_THREADS = 16, 32, 64, 4, 512  # as in kernels.cu


@functools.cache
def _module(dtype):
    options = ("-DIO_BF16",) if dtype == torch.bfloat16 else ()
    source = Path(__file__).with_name("kernels.cu").read_text()
    return cupy.RawModule(code=source, options=("--std=c++17", *options), backend="nvrtc")


@functools.cache
def _function(name, dtype):
    return _module(dtype).get_function(name)


def _launch(name, dtype, grid, threads, *arguments):
    pointers = [
        cupy.uint64(x.data_ptr()) if isinstance(x, torch.Tensor) else cupy.uint64(0) if x is None else x
        for x in arguments
    ]
    stream = cupy.cuda.ExternalStream(torch.cuda.current_stream().cuda_stream)
    with stream:
        _function(name, dtype)(grid, (threads,), tuple(pointers))


def _rows(x):
    """A (B, L, E) tensor whose rows lie evenly, as a slice of a wider one does, and its row stride."""
    if x.stride(2) != 1 or x.stride(0) != x.shape[1] * x.stride(1):
        x = x.contiguous()
    return x, x.stride(1)


class SelectiveScan(torch.autograd.Function):
    """See `operators.selective_scan`."""

    @staticmethod
    @torch.amp.custom_fwd(device_type="cuda")
    def forward(ctx, u, raw, bias, a, b, c, d, z):
        batch, length, channels = u.shape
        if channels % CHANNELS or a.shape[1] != 16:
            raise ValueError(f"scan kernel takes E a multiple of 32 and N = 16, got {a.shape}")
        dtype = u.dtype
        u, raw = u.contiguous(), raw.to(dtype).contiguous()
        z, z_stride = _rows(z.to(dtype))
        bias, a, b, c, d = (x.float().contiguous() for x in (bias, a, b, c, d))
        y = torch.empty_like(u)
        end = torch.empty(batch, channels, 16, device=u.device)
        starts = None
        if any(ctx.needs_input_grad):
            tiles = math.ceil(length / TILE)
            starts = torch.empty(batch, tiles, channels, 16, device=u.device)
        _launch(
            "scan_forward",
            dtype,
            (channels // CHANNELS, batch),
            128,
            *(u, raw, z, cupy.int64(z_stride), bias, a, b, c, d, y, end, starts),
            cupy.int32(length),
            cupy.int32(channels),
        )
        ctx.save_for_backward(u, raw, z, bias, a, b, c, d, starts)
        ctx.mark_non_differentiable(end)
        return y, end

    @staticmethod
    @torch.amp.custom_bwd(device_type="cuda")
    def backward(ctx, dy, _):
        u, raw, z, bias, a, b, c, d, starts = ctx.saved_tensors
        batch, length, channels = u.shape
        dy = dy.to(u.dtype).contiguous()
        du, draw, dz = (torch.empty_like(u) for _ in range(3))
        da, db, dc, dd, dbias = (torch.zeros_like(x) for x in (a, b, c, d, bias))
        _launch(
            "scan_backward",
            u.dtype,
            (channels // CHANNELS, batch),
            128,
            *(u, raw, z, cupy.int64(z.stride(1)), bias, a, b, c, d, starts, dy),
            *(du, draw, dz, da, db, dc, dd, dbias),
            cupy.int32(length),
            cupy.int32(channels),
        )
        return du, draw, dbias, da, db, dc, dd, dz


class CausalConv(torch.autograd.Function):
    """See `operators.causal_conv`."""

    @staticmethod
    @torch.amp.custom_fwd(device_type="cuda")
    def forward(ctx, x, weight, bias):
        batch, length, channels = x.shape
        x, stride = _rows(x)
        weight, bias = weight.float().contiguous(), bias.float().contiguous()
        y = torch.empty(batch, length, channels, dtype=x.dtype, device=x.device)
        grid = (math.ceil(channels / 128), math.ceil(length / SPAN), batch)
        sizes = (cupy.int32(length), cupy.int32(channels))
        _launch(
            "conv_forward",
            x.dtype,
            grid,
            128,
            *(x, cupy.int64(stride), weight, bias, y),
            *sizes,
        )
        ctx.save_for_backward(x, weight, bias)
        return y

    @staticmethod
    @torch.amp.custom_bwd(device_type="cuda")
    def backward(ctx, dy):
        x, weight, bias = ctx.saved_tensors
        batch, length, channels = x.shape
        dy = dy.to(x.dtype).contiguous()
        dx = torch.empty(batch, length, channels, dtype=x.dtype, device=x.device)
        dweight, dbias = torch.zeros_like(weight), torch.zeros_like(bias)
        grid = (math.ceil(channels / 128), math.ceil(length / SPAN), batch)
        sizes = (cupy.int32(length), cupy.int32(channels))
        _launch(
            "conv_backward",
            x.dtype,
            grid,
            128,
            *(x, cupy.int64(x.stride(1)), weight, bias, dy, dx, dweight, dbias),
            *sizes,
        )
        return dx, dweight, dbias


class AddNorm(torch.autograd.Function):
    """See `operators.add_norm`."""

    @staticmethod
    @torch.amp.custom_fwd(device_type="cuda")
    def forward(ctx, x, update, weight, epsilon):
        width = x.shape[-1]
        rows = x.numel() // width
        x, update, weight = x.float().contiguous(), update.contiguous(), weight.float().contiguous()
        total = torch.empty_like(x)
        v = torch.empty_like(update)
        inverse = torch.empty(rows, device=x.device)
        _launch(
            "add_norm_forward",
            update.dtype,
            (math.ceil(rows / NORM_WARPS),),
            32 * NORM_WARPS,
            *(x, update, weight, cupy.float32(epsilon), total, v, inverse),
            *(cupy.int32(rows), cupy.int32(width)),
        )
        ctx.save_for_backward(total, inverse, weight)
        return total, v

    @staticmethod
    @torch.amp.custom_bwd(device_type="cuda")
    def backward(ctx, dtotal, dv):
        total, inverse, weight = ctx.saved_tensors
        width = total.shape[-1]
        rows = total.numel() // width
        dtotal, dv = dtotal.float().contiguous(), dv.contiguous()
        dx, dupdate = torch.empty_like(total), torch.empty_like(dv)
        dweight = torch.zeros_like(weight)
        _launch(
            "add_norm_backward",
            dv.dtype,
            (min(1024, math.ceil(rows / NORM_WARPS)),),
            32 * NORM_WARPS,
            *(total, inverse, weight, dtotal, dv, dx, dupdate, dweight),
            *(cupy.int32(rows), cupy.int32(width)),
        )
        return dx, dupdate, dweight, None


class TokenScores(torch.autograd.Function):
    """See `operators.token_scores`."""

    @staticmethod
    @torch.amp.custom_fwd(device_type="cuda")
    def forward(ctx, v, weight, bias):
        width = v.shape[-1]
        rows = v.numel() // width
        v, weight, bias = v.contiguous(), weight.float().contiguous(), bias.float()
        scores = torch.empty(v.shape[:-1], device=v.device)
        _launch(
            "scores_forward",
            v.dtype,
            (math.ceil(rows / NORM_WARPS),),
            32 * NORM_WARPS,
            *(v, weight, bias, scores),
            *(cupy.int32(rows), cupy.int32(width)),
        )
        ctx.save_for_backward(v, weight)
        return scores

    @staticmethod
    @torch.amp.custom_bwd(device_type="cuda")
    def backward(ctx, dscores):
        v, weight = ctx.saved_tensors
        width = v.shape[-1]
        rows = v.numel() // width
        dscores = dscores.float().contiguous()
        dv, dweight = torch.empty_like(v), torch.zeros_like(weight)
        _launch(
            "scores_backward",
            v.dtype,
            (min(1024, math.ceil(rows / NORM_WARPS)),),
            32 * NORM_WARPS,
            *(v, weight, dscores, dv, dweight),
            *(cupy.int32(rows), cupy.int32(width)),
        )
        return dv, dweight, dscores.sum().view(1)


def cross_entropy_(logits, targets, weights):
    """See `operators.cross_entropy_`."""
    rows, width = logits.shape
    if width % 8 or not logits.is_contiguous() or logits.dtype not in (torch.bfloat16, torch.float32):
        raise ValueError(
            "cross-entropy kernel takes contiguous rows of bf16 or f32, a multiple of 8 long, "
            f"got {tuple(logits.shape)} of {logits.dtype}"
        )
    losses = torch.empty(rows, device=logits.device)
    right = torch.empty(rows, dtype=torch.bool, device=logits.device)
    _launch(
        "cross_entropy",
        logits.dtype,
        (rows,),
        ROW_THREADS,
        *(logits, targets.contiguous(), weights.float().contiguous(), losses, right),
        cupy.int32(width),
    )
    return losses, right


def prefix_top(scores, chunk, size, tau1):
    """See `operators.prefix_pools`, replacement `priority`. scores (B, L) → (B, L / chunk, size)."""
    if chunk + size > KERNEL_ENTRIES:
        raise ValueError(f"pool {size} and chunk {chunk} exceed the kernel's {KERNEL_ENTRIES} entries")
    batch, length = scores.shape
    # σ(s) > τ1 as a bound on s itself.
    bound = -math.inf if tau1 <= 0 else math.log(tau1 / (1 - tau1))
    scores = scores.float().contiguous()
    shape = (batch, length // chunk, size)
    positions = torch.empty(shape, dtype=torch.int32, device=scores.device)
    _launch(
        "prefix_top",
        torch.float32,
        (batch,),
        128,
        *(scores, positions),
        *(cupy.int32(length), cupy.int32(chunk), cupy.int32(size), cupy.float32(bound)),
    )
    return positions.long()
