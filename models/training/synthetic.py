"""Selective copying and induction heads, after section 4.1 of the Mamba paper (arXiv 2312.00752).

    python3 models/training/synthetic.py selective-copying --pool on --out result.json
    python3 models/training/synthetic.py induction-heads --pool off --out result.json

Small models, trained from random weights on sequences made on the fly. Selective copying: 16 tokens out of
14 stand at random places among 4,096 of noise, and are to be repeated in order at the end. Induction heads: a
sequence of 256 of 14 tokens holds a marker twice; after the second, the token that followed the first is to
be given; then the same at 64 to 2^20 tokens. No note or place is ever supervised here.
"""

import argparse
import json
import time

import numpy as np
import torch
import torch.nn.functional as F

from intervals import wilson
from losses import learning_rate
from model import Config, MemMamba
from ranks import Ranks
from step import Step
from train import optimizer_of

SYMBOLS = 14
NOISE, MARK = 14, 15  # noise or the place to answer; the marker
COPIED = 16
LENGTHS = [2**power for power in range(6, 21)]
TOGETHER = 2**21
LOOK = 500  # steps between looks at the loss and the clock


def selective_copying(generator, size, length=4096):
    """tokens (B, L + COPIED) and answers (B, COPIED), which belong to its last places."""
    device = generator.device
    answers = torch.randint(SYMBOLS, (size, COPIED), generator=generator, device=device)
    order = torch.rand(size, length, generator=generator, device=device)
    places = order.topk(COPIED).indices.sort().values
    tokens = torch.full((size, length + COPIED), NOISE, device=device).scatter(1, places, answers)
    tokens[:, length:] = MARK
    return tokens, answers


def induction_heads(generator, size, length=256):
    """tokens (B, L) and answers (B, 1): after the last token, the second marker, what followed the first."""
    device = generator.device
    tokens = torch.randint(SYMBOLS, (size, length), generator=generator, device=device)
    place = torch.randint(length - 3, (size, 1), generator=generator, device=device)
    answers = tokens.gather(1, place + 1)
    tokens = tokens.scatter(1, place, MARK)
    tokens[:, -1] = MARK
    return tokens, answers


TASKS = {"selective-copying": (selective_copying, 4096, 64), "induction-heads": (induction_heads, 256, 64)}


def seeded(device, *numbers):
    """A generator of its own for each tuple of numbers."""
    return torch.Generator(device).manual_seed(int(np.random.default_rng(numbers).integers(2**62)))


def answered(model, tokens, count, pool):
    """(B, count, V) logits at the last `count` tokens."""
    return model.logits(model.hidden(tokens, pool=pool)[:, -count:])


@torch.no_grad()
def exact(model, make, length, n, pool, device, seed=1):
    """Share of sequences of which every token asked for is right."""
    generator = seeded(device, seed, length)
    right, size = 0, max(1, min(n, TOGETHER // length))
    for first in range(0, n, size):
        tokens, answers = make(generator, min(size, n - first), length)
        got = answered(model, tokens, answers.shape[1], pool).argmax(-1)
        right += int((got == answers).all(1).sum())
    return {"length": length, "n": n, "exact": right / n, "interval": wilson(right, n)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--out", required=True)
    parser.add_argument("--pool", choices=("on", "off"), default="on")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--batch", type=int, help="sequences a step, 64 unless given")
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    make, length, size = TASKS[options.task]
    torch.manual_seed(options.seed)
    config = Config(
        **{"name": options.task, "n_layer": options.layers, "d_model": options.width},
        **{"d_inner": 2 * options.width, "dt_rank": max(1, options.width // 16), "vocab_size": 16},
        **{"cross_layer_every": options.layers, "fact_layers": [], "archive_layers": []},
    )
    pool = options.pool == "on"
    model = MemMamba(config).to(options.device)
    optimizer = optimizer_of(model, options.lr)

    def loss_of(batch):
        logits = answered(model, batch["tokens"], batch["answers"].shape[1], pool)
        loss = F.cross_entropy(logits.float().flatten(0, 1), batch["answers"].flatten())
        return loss, {"loss": loss.detach()}

    run = Step(model, optimizer, options.device, Ranks(options.device), loss_of, mixed=False)
    generator = seeded(options.device, options.seed)
    start, log = time.time(), []
    for step in range(options.steps):
        tokens, answers = make(generator, options.batch or size, length)
        rate = learning_rate(step, options.steps, options.lr)
        parts = run({"tokens": tokens, "answers": answers}, rate)
        if step % LOOK == 0 or step == options.steps - 1:
            log.append({"step": step, "loss": round(float(parts["loss"]), 4)})
            print(json.dumps(log[-1]), f"{time.time() - start:.0f} s", flush=True)
            if time.time() - start > options.seconds:
                break
    lengths = LENGTHS if options.task == "induction-heads" else [length]
    cells = []
    for wanted in lengths:
        cells.append(exact(model, make, wanted, 100, pool, options.device))
        print(json.dumps(cells[-1]), flush=True)
    result = {"task": options.task, "pool": pool, "seed": options.seed, "log": log, "cells": cells}
    with open(options.out, "w") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
