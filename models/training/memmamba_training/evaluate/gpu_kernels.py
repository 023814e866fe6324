"""Checks the GPU kernels against the plain loops in float64: outputs and every gradient.

    python3 -m memmamba_training.evaluate.gpu_kernels

Prints relative errors ‖got - want‖ / ‖want‖ and the time of the training shapes; exits 1 if one is too large.
"""

import json
import sys
from functools import partial

import torch

from ..kernels import cuda, operators
from ..model.config import Config
from ..model.state_pool import PoolAttention, Pools

F32, BF16 = 1e-4, 2e-2
SCAN = "u raw bias a b c d z".split()


def scan_inputs(batch, length, channels, dtype, generator):
    def normal(*shape):
        return torch.randn(*shape, generator=generator, device="cuda")

    rates = -torch.exp(normal(channels, 16))
    wide = normal(batch, length, 2 * channels).to(dtype)
    return [
        normal(batch, length, channels).to(dtype),
        (normal(batch, length, channels) * 2 - 1).to(dtype),
        normal(channels),
        rates,
        normal(batch, length, 16).to(dtype),
        normal(batch, length, 16).to(dtype),
        normal(channels),
        wide[..., channels:],
    ]


def errors(name, function, loop, inputs, names):
    worst = {}
    fast = [x.detach().clone().requires_grad_() for x in inputs]
    slow = [x.detach().double().requires_grad_() for x in inputs]
    got, want = function(*fast), loop(*slow)
    # An output that no gradient is defined for, the scan's end state, is left out.
    got, want = (list(x) if isinstance(x, tuple) else [x] for x in (got, want))
    outputs = [(a, b) for a, b in zip(got, want) if a.requires_grad]
    directions = [torch.randn_like(b).to(a.dtype) for a, b in outputs]
    torch.autograd.backward([a for a, _ in outputs], directions)
    torch.autograd.backward([b for _, b in outputs], [d.double() for d in directions])
    for index, (a, b) in enumerate(outputs):
        worst[f"y{index}"] = _error(a, b)
    for label, a, b in zip(names, fast, slow):
        worst[label] = _error(a.grad, b.grad)
    print(name, {k: f"{v:.1e}" for k, v in worst.items()}, flush=True)
    return max(worst.values())


def _error(got, want):
    got, want = got.detach().double(), want.detach()
    # At one token nothing decays and the gradient of A is 0: then the absolute error counts.
    return float((got - want).norm() / (want.norm() if want.norm() > 0 else 1.0))


def check_pools(generator):
    scores = torch.randn(3, 96, generator=generator, device="cuda").mul(3).round()
    got = operators.prefix_pools(scores, 32, 50, 0.0, "priority")
    want = operators.prefix_pools_loop(scores.cpu(), 32, 50, 0.0)
    return bool((got.cpu() == want).all())


def attention_inputs(config, batch, chunks, size, generator):
    """For `read`: v, notes, scores of -30 … 30, the weights; and positions, in the first chunk none, in the
    second a few."""

    def normal(*shape):
        return torch.randn(*shape, generator=generator, device="cuda")

    width = config.n_heads * config.head_dim
    inputs = [
        normal(batch, chunks * config.chunk, config.d_model).to(torch.bfloat16),
        normal(batch, chunks, size, config.note_dim).to(torch.bfloat16),
        torch.rand(batch, chunks, size, generator=generator, device="cuda") * 60 - 30,
        normal(width, config.d_model) * config.d_model**-0.5,
        *(normal(width, config.note_dim) * config.note_dim**-0.5 for _ in range(2)),
        normal(config.d_model, width) * width**-0.5,
    ]
    positions = torch.arange(size, device="cuda").repeat(batch, chunks, 1)
    positions[:, 0] = -1
    positions[:, 1, size // 3 :] = -1
    return inputs, positions


ATTENTION = "v notes scores q k value o".split()


def read(v, notes, scores, *weights, attention, positions, weighed):
    """A read of the pool with these weights of its projections."""
    named = {f"{name}.weight": weight for name, weight in zip("qkvo", weights)}
    given = (v, Pools(notes, scores, positions), None, weighed)
    with torch.autocast("cuda", torch.bfloat16, enabled=v.dtype == torch.bfloat16):
        found, kept = torch.func.functional_call(attention, named, given)
    if not weighed and kept is not None:
        raise AssertionError("the read was not folded")
    return found


def check_attention(size, generator):
    config = Config(d_model=384, chunk=64)
    inputs, positions = attention_inputs(config, 2, 5, size, generator)
    attention = PoolAttention(config, gated=False)
    fast, plain = (partial(read, attention=attention, positions=positions, weighed=w) for w in (False, True))
    # That the plain read in bf16 errs as much says which errors are of the type alone.
    errors(f"attention of {size}, plain in bf16", plain, plain, inputs, ATTENTION)
    worst = errors(f"attention of {size}, folded", fast, plain, inputs, ATTENTION)
    empty = fast(*inputs)[:, : config.chunk]
    print("an empty pool reads as", float(empty.abs().max()), flush=True)
    return worst < BF16 and bool((empty == 0).all())


def check_cross_entropy(rows, width, dtype, bound, generator):
    logits = (torch.randn(rows, width, generator=generator, device="cuda") * 20).clamp(-80, 80).round()
    logits[0] = 3.0  # all equal: the first is the arg-max
    logits[1, :2] = torch.tensor([80.0, -80.0])
    logits = logits.to(dtype)
    targets = torch.randint(width, (rows,), generator=generator, device="cuda")
    targets[:3] = torch.stack([torch.zeros_like(targets[0]), torch.ones_like(targets[0]), logits[2].argmax()])
    weights = torch.rand(rows, generator=generator, device="cuda")
    weights[-1] = 0
    exact = logits.double()
    losses = torch.nn.functional.cross_entropy(exact, targets, reduction="none")
    places = torch.arange(width, device="cuda").expand_as(exact)
    first = places.masked_fill(exact != exact.amax(-1, keepdim=True), width).amin(-1)
    slopes = exact.softmax(-1).scatter_add(1, targets[:, None], -torch.ones_like(exact[:, :1]))
    got, right = cuda.cross_entropy_(logits, targets, weights)
    worst = {"losses": _error(got, losses), "slopes": _error(logits, slopes * weights[:, None])}
    agree = bool((right == (first == targets)).all()) and bool((logits[-1] == 0).all())
    print(
        f"cross-entropy {rows, width} {dtype}", {k: f"{v:.1e}" for k, v in worst.items()}, agree, flush=True
    )
    return agree and max(worst.values()) < bound


def refuses_odd_widths():
    rows = torch.zeros(4, 13, device="cuda")
    try:
        cuda.cross_entropy_(rows, torch.zeros(4, dtype=torch.long, device="cuda"), rows[:, 0])
    except ValueError:
        return True
    return False


def timing(function, repeats=10):
    function()
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    start.record()
    for _ in range(repeats):
        function()
    end.record()
    torch.cuda.synchronize()
    return start.elapsed_time(end) / repeats


def check_recurrences(shape, dtype, bound, generator):
    """The scan and the convolution at one shape (B, L, channels)."""
    inputs = scan_inputs(*shape, dtype, generator)
    loop = operators.selective_scan_loop
    scan = errors(f"scan {shape} {dtype}", operators.selective_scan, loop, inputs, SCAN)
    wide = torch.randn(*shape[:2], 2 * shape[2], generator=generator, device="cuda")
    inputs = [
        wide.to(dtype)[..., : shape[2]],
        torch.randn(shape[2], 4, generator=generator, device="cuda"),
        torch.randn(shape[2], generator=generator, device="cuda"),
    ]
    names, plain = ["x", "weight", "bias"], operators.causal_conv_plain
    conv = errors(f"conv {shape} {dtype}", operators.causal_conv, plain, inputs, names)
    return scan < bound and conv < bound


def check_rows(shape, dtype, bound, generator):
    """Addition with norm, and scores, at one shape (B, L, d_model)."""
    stream = torch.randn(*shape, generator=generator, device="cuda")
    update = torch.randn(*shape, generator=generator, device="cuda").to(dtype)
    weight = torch.randn(shape[2], generator=generator, device="cuda")
    fast, plain = (partial(f, epsilon=1e-5) for f in (operators.add_norm, operators.add_norm_plain))
    inputs, names = [stream, update, weight], ["x", "update", "weight"]
    normed = errors(f"add_norm {shape} {dtype}", fast, plain, inputs, names)
    bias = torch.randn(1, generator=generator, device="cuda")
    fast, plain = operators.token_scores, operators.token_scores_plain
    inputs, names = [update, weight[None], bias], ["v", "weight", "bias"]
    scored = errors(f"scores {shape} {dtype}", fast, plain, inputs, names)
    return normed < bound and scored < bound


def check(generator):
    """Whether every kernel agrees with its plain form; all are checked and their errors printed."""
    good = []
    for dtype, bound in ((torch.float32, F32), (torch.bfloat16, BF16)):
        for shape in ((2, 1, 32), (2, 45, 64), (1, 130, 128)):
            good.append(check_recurrences(shape, dtype, bound, generator))
        for shape in ((1, 1, 128), (2, 45, 256), (1, 1030, 384)):
            good.append(check_rows(shape, dtype, bound, generator))
        for shape in ((4, 8), (5, 40), (7, 4104), (33, 16384), (9, 50280)):
            good.append(check_cross_entropy(*shape, dtype, bound, generator))
    good.append(refuses_odd_widths())
    for size in (50, 200):
        good.append(check_attention(size, generator))
    good.append(check_pools(generator))
    print("pools equal:", good[-1])
    return all(good)


def time_scan(shape, generator):
    inputs = [x.requires_grad_() for x in scan_inputs(*shape, torch.bfloat16, generator)]
    forward = timing(lambda: operators.selective_scan(*inputs))

    def both():
        operators.selective_scan(*inputs)[0].sum().backward()

    return {"shape": shape, "forward_ms": forward, "both_ms": timing(both)}


def time_attention(size, generator):
    config = Config(d_model=384, chunk=64)
    attention = PoolAttention(config, gated=False)
    inputs, positions = attention_inputs(config, 32, 32, size, generator)
    inputs = [x.requires_grad_() for x in inputs]

    def both(weighed):
        read(*inputs, attention=attention, positions=positions, weighed=weighed).sum().backward()

    return {
        "pool": size,
        "folded_ms": timing(lambda: both(weighed=False)),
        "plain_ms": timing(lambda: both(weighed=True)),
    }


def time_cross_entropy(generator):
    logits = torch.randn(16384, 16384, generator=generator, device="cuda").to(torch.bfloat16)
    targets, weights = torch.zeros(16384, dtype=torch.long, device="cuda"), logits[:, 0].float()
    return {
        "cross-entropy": tuple(logits.shape),
        "kernel_ms": timing(lambda: operators.cross_entropy_(logits, targets, weights)),
        "plain_ms": timing(lambda: operators.cross_entropy_plain_(logits, targets, weights)),
    }


def main():
    generator = torch.Generator("cuda").manual_seed(0)
    good = check(generator)
    for shape in ((64, 512, 512), (32, 2048, 768)):
        print(json.dumps(time_scan(shape, generator)), flush=True)
    for size in (50, 200):
        print(json.dumps(time_attention(size, generator)), flush=True)
    print(json.dumps(time_cross_entropy(generator)), flush=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
