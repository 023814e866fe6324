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
from ..datasets.loading import batches
from ..datasets.sequences import Sequences
from ..model.config import Config
from ..model.loading import load_model
from ..model.memmamba import MemMamba
from ..model.transformer import Transformer, TransformerConfig
from ..objectives.memory import SHARES, total_loss
from .distributed import AGREE, Distributed
from .optimizer import optimizer_of
from .run import RunFolder, Throughput, rounded
from .schedule import learning_rate
from .step import Step


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


def first_model(options):
    """The model that a run begins with, on its device."""
    changes = json.loads(options.config or "{}")
    if options.weights:
        model = load_model(options.weights).requires_grad_(True)
    elif options.architecture == "transformer":
        model = Transformer(TransformerConfig(**changes))
    else:
        model = MemMamba(Config(**changes))
    model = model.to(options.device)
    if options.retrieval:
        model.add_retrieval()
    return model


class Pretraining:
    """A run, new or continued: its model and optimizer, its stages, and how far it is."""

    def __init__(self, options):
        self.options, self.distributed = options, Distributed(options.device)
        torch.manual_seed(options.seed)
        torch.backends.cuda.matmul.allow_tf32 = True
        self.model = first_model(options)
        self.optimizer = optimizer_of(self.model, options.lr, options.optimizer)
        self.stages = [tuple(map(int, stage.split("x"))) for stage in options.stages.split(",")]
        self.steps = sum(count for _, _, count in self.stages)
        self.folder = RunFolder(options.out, self.distributed.first)
        self.step = self.tokens = 0
        saved = self.folder.load(options.device)
        if saved:
            self.model.load_state_dict(saved["model"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.step, self.tokens = saved["step"], saved["tokens"]
        vocabulary = self.model.config.vocab_size
        unigrams = unigram_frequencies(options.data, options.tokenizer, vocabulary)
        self.unigrams = unigrams.to(options.device)

    def loss_of(self, batch):
        memory = self.options.architecture == "memmamba"
        return total_loss(self.model, batch, self.unigrams, memory=memory, without=self.options.without)

    def run(self):
        """All stages that are left, or as far as the time goes."""
        self.begun = self.folder.saved_at = time.time()
        before = 0
        for length, size, count in self.stages:
            if self.step < before + count and not self.stage(length, size, before, before + count):
                break
            before += count
        if self.folder.writes:
            self.save()
            print(f"stopped at step {self.step} of {self.steps}, {self.tokens} tokens", flush=True)
        self.distributed.close()

    def stage(self, length, size, before, end):
        """The steps from `before` to `end` that are left, on `size` sequences of `length` tokens each. False:
        time has run out."""
        options = self.options
        step = Step(
            self.model,
            self.optimizer,
            options.device,
            self.distributed,
            self.loss_of,
            capture=not options.eager,
        )
        rows, chunk = self.distributed.rows(size), self.model.config.chunk
        sequences = Sequences(
            options.data, options.tokenizer, rows, length, chunk, options.seed, self.step - before
        )
        source = batches(sequences, options.workers, options.device)
        throughput = Throughput(self.tokens)
        while self.step < end:
            rate = learning_rate(self.step, self.steps, options.lr)
            parts = step(next(source), rate)
            self.step += 1
            self.tokens += length * size
            late = time.time() - self.begun > options.seconds
            late = self.step % AGREE == 0 and self.distributed.agree(late)
            if self.folder.writes and (self.step % options.log_every == 0 or self.step == 1):
                self.note(parts, length, rate, throughput)
            if self.folder.writes and time.time() - self.folder.saved_at > options.save_seconds:
                self.save()
            if late:
                return False
        return True

    def note(self, parts, length, rate, throughput):
        """A line of the log. FloatingPointError: the loss is no number, and training on is in vain."""
        entry = rounded(parts) | {"step": self.step, "length": length, "tokens": self.tokens, "lr": rate}
        entry["tokens_per_s"] = throughput.since(self.tokens)
        if not np.isfinite(entry["lm"]):
            raise FloatingPointError(f"loss is not finite at step {self.step}")
        self.folder.note(entry)

    def save(self):
        state = {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}
        self.folder.save(state | {"step": self.step, "tokens": self.tokens}, self.model)


def main():
    Pretraining(arguments()).run()


if __name__ == "__main__":
    main()
