"""Tokens/s of a training step of `base` as it is captured, and the kernels of an eager one. On a GPU.

    python3 test/bench/training_step.py models/training [--steps 30] [--no-profile]

With the training code of another commit, from a worktree of it, it is the same step before a change: both
one after the other on one machine, for the ratio. Commits whose training code is no package have a script of
their own. The batches are random, in the shapes of `memmamba_training.datasets.sequences`.
"""

import argparse
import sys
import time
from pathlib import Path

import torch

CONFIG = Path(__file__).parent.parent.parent / "models/artifacts/base/config.json"


def batch_of(config, length, rows, generator):
    """Random arrays of the shapes of a batch of sequences; some entries valid."""
    from memmamba_training.datasets.inverse_cloze import FOUND
    from memmamba_training.datasets.planting import ASKED

    def integers(high, *shape):
        return torch.randint(high, shape, generator=generator)

    zipf = 1 / (torch.arange(config.vocab_size) + 10.0)
    tokens = torch.multinomial(zipf, rows * (length + 1), True, generator=generator).view(rows, length + 1)
    planted = torch.zeros(rows, length, dtype=torch.bool)
    places = torch.stack([torch.randperm(length // 2, generator=generator)[:40] for _ in range(rows)])
    planted.scatter_(1, places, True)
    asked = torch.full((rows, ASKED), -1)
    asked[:, :32] = length // 2 + integers(length // 2, rows, 32)
    source = torch.full((rows, ASKED, 2), -1)
    source[:, :32, 0] = places[:, :32]
    query = torch.full((rows, FOUND), -1)
    passage = torch.full((rows, FOUND, 2), -1)
    query[:, :2] = length - 1 - integers(length // 8, rows, 2)
    passage[:, :2, 0] = integers(length // 4, rows, 2)
    passage[:, :2, 1] = passage[:, :2, 0] + 64
    answer = torch.rand(rows, length, generator=generator) < 0.03
    heading = torch.rand(rows, length, generator=generator) < 0.01
    found = dict(tokens=tokens, answer=answer, planted=planted, asked=asked, source=source, heading=heading)
    found.update(query=query, passage=passage)
    return {name: value.pin_memory() for name, value in found.items()}


def profile(run, batch):
    from torch.profiler import ProfilerActivity, profile as profiler

    with profiler(activities=[ProfilerActivity.CUDA, ProfilerActivity.CPU]) as found:
        run(batch, 1e-4)
        torch.cuda.synchronize()
    kernels = {}
    for event in found.events():
        # Annotations lie on the device's track too, and are no kernels.
        if str(event.device_type).endswith("CUDA") and not getattr(event, "is_user_annotation", False):
            length = event.time_range.elapsed_us()
            total, count = kernels.get(event.name, (0.0, 0))
            kernels[event.name] = total + length, count + 1
    everything = sum(total for total, _ in kernels.values())
    print(
        f"\nkernels of one eager step: {everything / 1e3:.1f} ms, {sum(c for _, c in kernels.values())} calls"
    )
    for name, (total, count) in sorted(kernels.items(), key=lambda item: -item[1][0])[:40]:
        print(f"{total / 1e3:9.2f} ms {100 * total / everything:5.1f} % {count:6d}  {name[:150]}")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("code", help="folder of the training code")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--shapes", default="2048x32,512x128", help="LENGTHxSEQUENCES, …")
    parser.add_argument("--no-profile", action="store_true")
    return parser.parse_args()


def time_shape(shape, config, unigrams, generator, steps):
    """Times a captured step of LENGTHxSEQUENCES; an eager step of the same model, and a batch for it."""
    from memmamba_training.model.memmamba import MemMamba
    from memmamba_training.objectives.memory import total_loss
    from memmamba_training.train.distributed import Distributed
    from memmamba_training.train.optimizer import optimizer_of
    from memmamba_training.train.step import Step

    length, rows = map(int, shape.split("x"))
    torch.manual_seed(0)
    model = MemMamba(config).cuda()
    model.add_retrieval()
    optimizer = optimizer_of(model, 1e-3, "muon")

    def loss_of(batch):
        return total_loss(model, batch, unigrams)

    run = Step(model, optimizer, "cuda", Distributed("cuda"), loss_of)
    batches = [batch_of(config, length, rows, generator) for _ in range(4)]
    for index in range(8):  # three eager, the capture, and warm ones
        parts = run(batches[index % 4], 1e-4)
        if index in (0, 2):
            print(shape, f"step {index}", rounded(parts), flush=True)
    start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    torch.cuda.synchronize()
    start.record()
    for index in range(steps):
        parts = run(batches[index % 4], 1e-4)
    end.record()
    torch.cuda.synchronize()
    each = start.elapsed_time(end) / steps
    print(shape, f"{each:.2f} ms a step, {length * rows / each * 1e3:,.0f} tokens/s,",
          f"peak {torch.cuda.max_memory_reserved() / 2**30:.1f} GiB", flush=True)  # fmt: skip
    print(shape, "last", rounded(parts), flush=True)
    return Step(model, optimizer, "cuda", Distributed("cuda"), loss_of, capture=False), batches[0]


def rounded(parts):
    return {name: round(float(value.detach()), 4) for name, value in parts.items()}


def main():
    options = arguments()
    sys.path.insert(0, options.code)
    from memmamba_training.model.config import Config

    begun = time.time()
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = True
    config = Config.from_json(CONFIG)
    generator = torch.Generator().manual_seed(0)
    unigrams = 1 / (torch.arange(config.vocab_size) + 10.0)
    unigrams = (unigrams / unigrams.sum()).cuda()
    print(torch.__version__, torch.cuda.get_device_name(), Path(options.code).resolve(), flush=True)
    last = None
    for shape in options.shapes.split(","):
        last = None  # frees what the shape before holds
        torch.cuda.empty_cache()
        last = time_shape(shape, config, unigrams, generator, options.steps)
    if not options.no_profile:
        torch.cuda.empty_cache()
        step, batch = last
        step(batch, 1e-4)
        profile(step, batch)
    print(f"{time.time() - begun:.0f} s in all", flush=True)


if __name__ == "__main__":
    main()
