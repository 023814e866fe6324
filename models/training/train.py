"""Trains a MemMamba.

    python3 models/training/train.py --data SHARDS --out RUN --stages 512x64x3000,2048x16x2000

A stage is LENGTH x SEQUENCES x STEPS. Stops by itself after `--seconds`; the same command goes on from
RUN/checkpoint.pt with the same data order. Writes RUN/log.jsonl and the f16 model to RUN/model.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from artifact import save_model
from data import Corpus, Sequences
from losses import learning_rate, total_loss
from model import Config, MemMamba

TOKENIZER = Path(__file__).parent.parent / "artifacts" / "tiny" / "tokenizer.json"


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--stages", required=True)
    parser.add_argument("--config", help="JSON of changes to the default config")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--workers", type=int, default=12)
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def unigram_frequencies(folder, vocabulary):
    """(V) relative frequencies over a sample; entries that are no word (no two letters) get 1."""
    corpus = Corpus(folder)
    counts = np.ones(vocabulary)
    for shards in corpus.shards.values():
        for tokens, _ in shards:
            counts += np.bincount(tokens[:2_000_000], minlength=vocabulary)
    frequencies = counts / counts.sum()
    entries = json.loads(TOKENIZER.read_text())["model"]["vocab"]
    for entry, index in entries.items():
        letters = sum(c.isalpha() and c.isascii() for c in entry)
        if letters < 3 and index < vocabulary:
            frequencies[index] = 1
    return torch.tensor(frequencies, dtype=torch.float32)


def optimizer_of(model, lr):
    """AdamW; weight decay on matrices only, not on A, D, norms, biases and the embedding."""
    decayed, plain = [], []
    for name, parameter in model.named_parameters():
        matrix = parameter.ndim == 2 and not name.endswith("A_log") and "embedding" not in name
        (decayed if matrix else plain).append(parameter)
    groups = [
        {"params": decayed, "weight_decay": 0.1},
        {"params": plain, "weight_decay": 0.0},
    ]
    fused = {"fused": True} if next(model.parameters()).is_cuda else {}
    return torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95), **fused)


def batches(options, config, length, size, first):
    """Batches of a stage from number `first` on, in order."""
    sequences = Sequences(options.data, TOKENIZER, size, length, config.chunk, options.seed, first)
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


def main():
    options = arguments()
    torch.manual_seed(options.seed)
    torch.backends.cuda.matmul.allow_tf32 = True
    changes = json.loads(options.config) if options.config else {}
    config = Config(**changes)
    model = MemMamba(config).to(options.device)
    optimizer = optimizer_of(model, options.lr)
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
    unigrams = unigram_frequencies(options.data, config.vocab_size).to(options.device)
    log = open(options.out / "log.jsonl", "a")
    begun = time.time()
    before = 0
    for length, size, count in stages:
        if step < before + count:
            source = batches(options, config, length, size, step - before)
        start, seen = time.time(), tokens
        while step < before + count and time.time() - begun < options.seconds:
            batch = next(source)
            batch = {k: v.to(options.device, non_blocking=True) for k, v in batch.items()}
            rate = learning_rate(step, steps, options.lr)
            for group in optimizer.param_groups:
                group["lr"] = rate
            with torch.autocast(options.device, torch.bfloat16, enabled=options.device == "cuda"):
                loss, parts = total_loss(model, batch, unigrams)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            tokens += length * size
            if step % options.log_every == 0 or step == 1:
                entry = {k: round(float(v), 4) for k, v in parts.items()}
                entry |= {"step": step, "length": length, "tokens": tokens, "lr": rate}
                entry["norm"] = round(float(norm), 3)
                entry["tokens_per_s"] = round((tokens - seen) / (time.time() - start))
                start, seen = time.time(), tokens
                if not np.isfinite(entry["lm"]):
                    raise FloatingPointError(f"loss is not finite at step {step}")
                print(json.dumps(entry), flush=True)
                log.write(json.dumps(entry) + "\n")
                log.flush()
        before += count
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(state | {"step": step, "tokens": tokens}, checkpoint)
    save_model(options.out / "model", model)
    print(f"stopped at step {step} of {steps}, {tokens} tokens", flush=True)


if __name__ == "__main__":
    main()
