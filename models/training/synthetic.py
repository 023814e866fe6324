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
from train import optimizer_of

SYMBOLS = 14
NOISE, MARK = 14, 15  # noise or the place to answer; the marker
COPIED = 16
LENGTHS = [2**power for power in range(6, 21)]
TOGETHER = 2**21


def selective_copying(rng, size, length=4096):
    """tokens (B, L + COPIED) and targets of the same shape, -100 where nothing is asked."""
    tokens = np.full((size, length + COPIED), NOISE, np.int64)
    targets = np.full_like(tokens, -100)
    for row in range(size):
        data = rng.integers(0, SYMBOLS, COPIED)
        tokens[row, np.sort(rng.choice(length, COPIED, replace=False))] = data
        tokens[row, length:] = MARK
        targets[row, length:] = data
    return tokens, targets


def induction_heads(rng, size, length=256):
    """tokens (B, L) and targets: at the second marker, the token after the first."""
    tokens = rng.integers(0, SYMBOLS, (size, length))
    targets = np.full_like(tokens, -100)
    for row, place in enumerate(rng.integers(0, length - 3, size)):
        tokens[row, [place, length - 1]] = MARK
        targets[row, length - 1] = tokens[row, place + 1]
    return tokens, targets


TASKS = {"selective-copying": (selective_copying, 4096, 64), "induction-heads": (induction_heads, 256, 64)}


@torch.no_grad()
def exact(model, make, length, n, pool, device, seed=1):
    """Share of sequences of which every token asked for is right."""
    rng = np.random.default_rng([seed, length])
    right, size = 0, max(1, min(n, TOGETHER // length))
    for first in range(0, n, size):
        tokens, targets = make(rng, min(size, n - first), length)
        tokens, targets = torch.from_numpy(tokens).to(device), torch.from_numpy(targets).to(device)
        hidden = model.hidden(tokens, pool=pool)
        asked = targets >= 0
        got = model.logits(hidden[asked]).argmax(-1)
        wrong = torch.zeros_like(asked).masked_scatter(asked, got != targets[asked])
        right += int((~wrong.any(1)).sum())
    return {"length": length, "n": n, "exact": right / n, "interval": wilson(right, n)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--out", required=True)
    parser.add_argument("--pool", choices=("on", "off"), default="on")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--width", type=int, default=64)
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
    rng = np.random.default_rng(options.seed)
    start, log = time.time(), []
    for step in range(options.steps):
        tokens, targets = (torch.from_numpy(part).to(options.device) for part in make(rng, size, length))
        for group in optimizer.param_groups:
            rate = learning_rate(step, options.steps, options.lr)
            group["lr"] = group["lr"].fill_(rate) if isinstance(group["lr"], torch.Tensor) else rate
        asked = targets >= 0
        answers = model.logits(model.hidden(tokens, pool=pool)[asked])
        loss = F.cross_entropy(answers.float(), targets[asked])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 500 == 0 or step == options.steps - 1:
            log.append({"step": step, "loss": round(float(loss.detach()), 4)})
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
