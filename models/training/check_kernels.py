"""Checks the GPU kernels against the plain loops in float64: outputs and every gradient.

    python3 models/training/check_kernels.py

Prints relative errors ‖got - want‖ / ‖want‖ and the time of the training shapes; exits 1 if one is too large.
"""

import json
import sys
from functools import partial

import torch

import ops

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
    got = ops.prefix_pools(scores, 32, 50, 0.0, "priority")
    want = ops.prefix_pools_loop(scores.cpu(), 32, 50, 0.0)
    return bool((got.cpu() == want).all())


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


def main():
    generator = torch.Generator("cuda").manual_seed(0)
    good = True
    for dtype, bound in ((torch.float32, F32), (torch.bfloat16, BF16)):
        for shape in ((2, 1, 32), (2, 45, 64), (1, 130, 128)):
            inputs = scan_inputs(*shape, dtype, generator)
            name = f"scan {shape} {dtype}"
            loop = ops.selective_scan_loop
            good &= errors(name, ops.selective_scan, loop, inputs, SCAN) < bound
            wide = torch.randn(*shape[:2], 2 * shape[2], generator=generator, device="cuda")
            conv = [
                wide.to(dtype)[..., : shape[2]],
                torch.randn(shape[2], 4, generator=generator, device="cuda"),
                torch.randn(shape[2], generator=generator, device="cuda"),
            ]
            name, labels = f"conv {shape} {dtype}", ["x", "weight", "bias"]
            loop = ops.causal_conv_plain
            good &= errors(name, ops.causal_conv, loop, conv, labels) < bound
        for shape in ((1, 1, 128), (2, 45, 256), (1, 1030, 384)):
            stream = torch.randn(*shape, generator=generator, device="cuda")
            update = torch.randn(*shape, generator=generator, device="cuda").to(dtype)
            weight = torch.randn(shape[2], generator=generator, device="cuda")
            name, labels = f"add_norm {shape} {dtype}", ["x", "update", "weight"]
            fast, plain = (partial(f, epsilon=1e-5) for f in (ops.add_norm, ops.add_norm_plain))
            good &= errors(name, fast, plain, [stream, update, weight], labels) < bound
    pools = check_pools(generator)
    print("pools equal:", pools)
    for shape in ((64, 512, 512), (32, 2048, 768)):
        inputs = [x.requires_grad_() for x in scan_inputs(*shape, torch.bfloat16, generator)]
        forward = timing(lambda: ops.selective_scan(*inputs))

        def both():
            ops.selective_scan(*inputs)[0].sum().backward()

        report = {"shape": shape, "forward_ms": forward, "both_ms": timing(both)}
        print(json.dumps(report), flush=True)
    sys.exit(0 if good and pools else 1)


if __name__ == "__main__":
    main()
