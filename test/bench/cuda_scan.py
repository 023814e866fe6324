"""The native CUDA scan of training on the shapes of `run.mjs scan`, for comparison on the same card.

    python3 test/bench/cuda_scan.py [--json FILE]

Forward only, one sequence, f32 and bf16 inputs. The forward also keeps a state every few tokens for its
backward, which a reader would not need. The bytes counted are each input once and the output once: u, Δ, z, y
of (L, 768) and B, C of (L, 16). The share is that of the bandwidth of a device copy (bytes read and written).
Times are medians of runs that hold the scan many times, on a device that is warm.
"""

import argparse
import json
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "models/training"))
from memmamba_training.kernels import operators  # noqa: E402

CHANNELS, STATES, RUNS = 768, 16, 15


def milliseconds(function):
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))

    def once(repeats):
        start.record()
        for _ in range(repeats):
            function()
        end.record()
        torch.cuda.synchronize()
        return start.elapsed_time(end) / repeats

    estimate = min(once(3) for _ in range(3))
    repeats = max(3, int(10 / estimate))
    for _ in range(int(300 / (estimate * repeats)) + 1):
        once(repeats)
    return sorted(once(repeats) for _ in range(RUNS))[RUNS // 2]


def scan_inputs(length, dtype):
    def normal(*shape):
        return torch.randn(*shape, device="cuda")

    wide = normal(1, length, 2 * CHANNELS).to(dtype)
    return [
        normal(1, length, CHANNELS).to(dtype),
        (normal(1, length, CHANNELS) * 2 - 4).to(dtype),
        normal(CHANNELS),
        -torch.arange(1, STATES + 1, device="cuda").float().repeat(CHANNELS, 1),
        normal(1, length, STATES).to(dtype),
        normal(1, length, STATES).to(dtype),
        normal(CHANNELS),
        wide[..., CHANNELS:],
    ]


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json")
    options = parser.parse_args()
    source = torch.randn(1 << 26, device="cuda")
    copied = torch.empty_like(source)
    bandwidth = 2 * source.nbytes / milliseconds(lambda: copied.copy_(source)) / 1e6
    device = torch.cuda.get_device_name()
    print(f"{device}; copy {bandwidth:.0f} GB/s", flush=True)
    results = []
    for dtype in (torch.float32, torch.bfloat16):
        for length in (512, 2048, 16384, 65536):
            inputs = scan_inputs(length, dtype)
            size = inputs[0].element_size()
            taken = milliseconds(lambda: operators.selective_scan(*inputs))
            share = size * length * (4 * CHANNELS + 2 * STATES) / taken / 1e6 / bandwidth
            row = {"dtype": str(dtype), "length": length, "milliseconds": taken, "share": share}
            results.append(row)
            print(json.dumps(row), flush=True)
    if options.json:
        report = {"device": device, "torch": torch.__version__, "bandwidth": bandwidth, "results": results}
        Path(options.json).write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
