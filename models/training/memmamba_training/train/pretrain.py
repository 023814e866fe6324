"""Trains a MemMamba, or a model to compare it with, on sequences of the corpus with planted facts.

    python3 -m memmamba_training.train.pretrain --data SHARDS --out RUN --stages 512x64x3000,2048x16x2000

A stage is LENGTH x SEQUENCES x STEPS. On several GPUs, `torchrun --nproc_per_node N -m …` starts one process
each, and they share the sequences of a step. A run stops by itself after `--seconds`. The same command goes
on from RUN/checkpoint.pt with the same data order. `--weights MODEL` begins from a model folder's weights
instead of random ones, with a fresh optimizer and its warm-up. Writes RUN/log.jsonl and the f16 model to
RUN/model.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from ..corpus.token_shards import unigram_frequencies
from ..corpus.tokenizer import add_tokenizer_option
from ..datasets.sequences import Sequences
from ..export.model_folder import write_model
from ..model.config import Config
from ..model.loading import load_model
from ..model.memmamba import MemMamba
from ..model.transformer import Transformer, TransformerConfig
from ..objectives.memory import SHARES, total_loss
from .distributed import Distributed
from .optimizer import optimizer_of
from .schedule import learning_rate
from .step import Step

AGREE = 5  # steps between looks at the clock


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--stages", required=True)
    parser.add_argument(
        "--architecture",
        choices=("memmamba", "mamba", "transformer"),
        default="memmamba",
        help="mamba: the same model trained without its memory path; transformer: one of equal size",
    )
    parser.add_argument("--config", help="JSON of changes to the default config")
    parser.add_argument("--weights", help="model folder to take the first weights (and the config) from")
    parser.add_argument("--retrieval", action="store_true", help="with a retrieval head, see model/heads.py")
    parser.add_argument("--without", nargs="*", default=(), choices=SHARES, help="supervision to leave out")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--optimizer", choices=("adamw", "muon"), default="adamw")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--save-seconds", type=float, default=1e9, help="between checkpoints on the way")
    parser.add_argument("--eager", action="store_true", help="no CUDA graphs")
    parser.add_argument("--workers", type=int, default=12)
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    add_tokenizer_option(parser)
    return parser.parse_args()


def batches(options, config, length, rows, first):
    """Batches of a stage from number `first` on, in order; of each the sequences `rows`."""
    sequences = Sequences(options.data, options.tokenizer, rows, length, config.chunk, options.seed, first)
    workers = options.workers
    return iter(
        torch.utils.data.DataLoader(
            sequences,
            batch_size=None,
            num_workers=workers,
            pin_memory=options.device == "cuda",
            prefetch_factor=4 if workers else 2,
        )
    )


def new_model(options):
    changes = json.loads(options.config or "{}")
    if options.architecture == "transformer":
        return Transformer(TransformerConfig(**changes))
    return MemMamba(Config(**changes))


def save(out, model, optimizer, step, tokens):
    """Writes the checkpoint and the f16 model; a reader never sees half a checkpoint."""
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "tokens": tokens}
    torch.save(state, out / "checkpoint.part")
    (out / "checkpoint.part").rename(out / "checkpoint.pt")
    write_model(out / "model", model.state_dict(), model.config.to_json())


def main():
    options = arguments()
    distributed = Distributed(options.device)
    torch.manual_seed(options.seed)
    torch.backends.cuda.matmul.allow_tf32 = True
    if options.weights:
        model = load_model(options.weights).requires_grad_(True).to(options.device)
        config = model.config
    else:
        model = new_model(options).to(options.device)
        config = model.config
    if options.retrieval:
        model.add_retrieval()
    optimizer = optimizer_of(model, options.lr, options.optimizer)
    stages = [tuple(map(int, stage.split("x"))) for stage in options.stages.split(",")]
    steps = sum(stage[2] for stage in stages)
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint.pt"
    step = tokens = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=options.device)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        step, tokens = saved["step"], saved["tokens"]
    unigrams = unigram_frequencies(options.data, options.tokenizer, config.vocab_size)
    unigrams = unigrams.to(options.device)
    log = open(options.out / "log.jsonl", "a") if distributed.first else None

    def loss_of(batch):
        memory = options.architecture == "memmamba"
        return total_loss(model, batch, unigrams, memory=memory, without=options.without)

    begun = saved_at = time.time()
    before, late = 0, False
    for length, size, count in stages:
        if step < before + count:
            source = batches(options, config, length, distributed.rows(size), step - before)
            run = None  # frees the last stage's graph
            run = Step(model, optimizer, options.device, distributed, loss_of, capture=not options.eager)
        start, seen = time.time(), tokens
        while step < before + count and not late:
            rate = learning_rate(step, steps, options.lr)
            parts = run(next(source), rate)
            step += 1
            tokens += length * size
            if step % AGREE == 0:
                late = distributed.agree(time.time() - begun > options.seconds)
            if distributed.first and (step % options.log_every == 0 or step == 1):
                entry = {k: round(float(v.detach()), 4) for k, v in parts.items()}
                entry |= {"step": step, "length": length, "tokens": tokens, "lr": rate}
                entry["tokens_per_s"] = round((tokens - seen) / (time.time() - start))
                start, seen = time.time(), tokens
                if not np.isfinite(entry["lm"]):
                    raise FloatingPointError(f"loss is not finite at step {step}")
                print(json.dumps(entry), flush=True)
                log.write(json.dumps(entry) + "\n")
                log.flush()
            if distributed.first and time.time() - saved_at > options.save_seconds:
                save(options.out, model, optimizer, step, tokens)
                saved_at = time.time()
        before += count
    if distributed.first:
        save(options.out, model, optimizer, step, tokens)
        print(f"stopped at step {step} of {steps}, {tokens} tokens", flush=True)
    distributed.close()


if __name__ == "__main__":
    main()
