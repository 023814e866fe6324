"""Selective copying and induction heads, after section 4.1 of the Mamba paper (arXiv 2312.00752).

    python3 -m memmamba_training.evaluate.synthetic_tasks selective-copying --pool on --out result.json
    python3 -m memmamba_training.evaluate.synthetic_tasks induction-heads --pool off --out result.json

Small models, trained from random weights on sequences made on the fly. No note or place is ever supervised.

- Selective copying: 16 tokens out of 14 stand at random places among 4,096 of noise. They are to be repeated
  in order at the end.
- Induction heads: a sequence of 256 of 14 tokens holds a marker twice. After the second, the token that
  followed the first is to be given; then the same at 64 to 2^20 tokens.

A loss near 0 at 256 tokens does not press the steps Δ of ordinary tokens down any further. A state that each
of them moves by 1e-3 has forgotten after some thousands, or drifted to where it never was in training. The
scores of notes drift with it. So --step-penalty times the mean of log Δ of all tokens is added to the loss,
as far as it is above that of the least step that counts. The state is to move for as few tokens as it can; it
is not told which. Weight decay is 0: hardly a gradient holds against it then.

For induction heads the pool holds 4 notes, chosen every 4 tokens. So most notes compete for a place in it
even among 256 tokens. The note asked for is visible in nearly all sequences, so that to rank it first is what
the loss wants to the end. A roomy pool is left to rank as it likes once the state answers too. Heads are a
quarter as wide as the stream, so that the four together are as wide as it.
"""

import argparse
import functools
import json
import time

import numpy as np
import torch
import torch.nn.functional as F

from ..model.config import Config
from ..model.memmamba import MemMamba
from ..train.distributed import Distributed
from ..train.optimizer import optimizer_of
from ..train.schedule import learning_rate
from ..train.step import Step
from .intervals import wilson

SYMBOLS = 14
NOISE, MARK = 14, 15  # noise or the place to answer; the marker
COPIED = 16
TOGETHER = 2**20  # tokens of a forward pass, at most
LEAST = 18.0  # a million steps Δ of e^-18 move a state by a quarter, at most
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


# How to make a task's sequences, stages of its training, lengths that it is tried at, its model's own fields.
TASKS = {
    "selective-copying": (selective_copying, "256x64,1024x64,4096x64", range(8, 15), {}),
    "induction-heads": (induction_heads, "256x64", range(6, 21), {"pool_size": 4, "chunk": 4}),
}


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


class StepSizes:
    """How far above LEAST the steps Δ of a model's tokens are: a mean over tokens, channels and layers.

    Kept by hooks, from the projection that Δ comes from, while gradients are wanted.
    """

    def __init__(self, model):
        self.means = {}
        for index, layer in enumerate(model.layers):
            layer.x_proj.register_forward_hook(functools.partial(self._keep, index, layer))

    def _keep(self, index, layer, module, inputs, projected):
        if torch.is_grad_enabled():
            raw = layer.dt_proj(projected[..., : layer.config.dt_rank])
            # Softplus of a negative number is almost its exponential: raw is log Δ, where Δ is small.
            self.means[index] = F.softplus(raw + LEAST).mean()

    def mean(self):
        return sum(self.means.values()) / len(self.means)


def stages_of(text):
    """Tokens and sequences a step, of equal parts of a run: 256x64,1024x32 → [(256, 64), (1024, 32)]."""
    return [tuple(map(int, stage.split("x"))) for stage in text.split(",")]


def options_of_command():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--out", required=True)
    parser.add_argument("--pool", choices=("on", "off"), default="on")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--config", default="{}", help="further fields of the model's configuration, JSON")
    parser.add_argument("--stages", help="LENGTHxSEQUENCES[,…], of equal parts of the run; see TASKS")
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--seconds", type=float, default=1e9, help="ends a run as --steps does")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--decay", type=float, default=0.0, help="weight decay of matrices")
    parser.add_argument("--step-penalty", type=float, default=0.006, help="weight of the mean of log Δ")
    parser.add_argument(
        "--penalty-from", type=float, default=0.0, help="part of the run before --step-penalty counts"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def model_of(options):
    """A model with random weights; what the task sets of its own comes before what the command sets."""
    fields = {
        **{"name": options.task, "n_layer": options.layers, "d_model": options.width},
        **{"d_inner": 2 * options.width, "dt_rank": max(1, options.width // 16), "vocab_size": 16},
        **{"cross_layer_every": options.layers, "fact_layers": [], "archive_layers": []},
        "head_dim": options.width // 4,
    }
    _, _, _, own = TASKS[options.task]
    return MemMamba(Config(**fields | own | json.loads(options.config))).to(options.device)


def step_of(model, options):
    """A function that gives a new `Step` of the model, as each stage needs one: all share the optimizer."""
    sizes = StepSizes(model)
    optimizer = optimizer_of(model, options.lr)
    for group in optimizer.param_groups:
        group["weight_decay"] = options.decay if group["weight_decay"] else 0.0
    distributed = Distributed(options.device)

    def loss_of(batch):
        logits = answered(model, batch["tokens"], batch["answers"].shape[1], options.pool == "on")
        loss = F.cross_entropy(logits.float().flatten(0, 1), batch["answers"].flatten())
        above = sizes.mean()
        return loss + batch["penalty"] * above, {"loss": loss.detach(), "above": above.detach()}

    return lambda: Step(model, optimizer, options.device, distributed, loss_of, mixed=False)


def train(model, make, stages, options):
    """Trains the model by the options; the log, an entry every LOOK steps and one of the last step."""
    new_step = step_of(model, options)
    generator = seeded(options.device, options.seed)
    start, log, stage, run, done = time.time(), [], None, None, 0.0
    for step in range(options.steps):
        wanted = stages[min(int(done * len(stages)), len(stages) - 1)]
        if wanted != stage:
            stage, run = wanted, None  # frees the last stage's graphs
            run = new_step()
        tokens, answers = make(generator, stage[1], stage[0])
        rate = learning_rate(done * options.steps, options.steps, options.lr)
        penalty = torch.tensor(options.step_penalty if done >= options.penalty_from else 0.0)
        parts = run({"tokens": tokens, "answers": answers, "penalty": penalty}, rate)
        done = max((step + 1) / options.steps, (time.time() - start) / options.seconds)
        last = step == options.steps - 1 or done >= 1
        if step % LOOK == 0 or last:
            measured = {name: round(float(parts[name]), 6) for name in ("loss", "above")}
            log.append({"step": step, "length": stage[0], **measured})
            print(json.dumps(log[-1]), f"{time.time() - start:.0f} s", flush=True)
        if last:
            break
    return log


def main():
    options = options_of_command()
    make, stages, powers, _ = TASKS[options.task]
    torch.manual_seed(options.seed)
    model = model_of(options)
    log = train(model, make, stages_of(options.stages or stages), options)
    pool = options.pool == "on"
    told = {name: value for name, value in vars(options).items() if name != "out"}
    result = {"task": options.task, "pool": pool, "options": told, "log": log, "cells": []}
    for length in (2**power for power in powers):
        result["cells"].append(exact(model, make, length, 100, pool, options.device))
        print(json.dumps(result["cells"][-1]), flush=True)
        # After every length: who stops a long evaluation keeps what was measured.
        with open(options.out, "w") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
