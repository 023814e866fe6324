"""Trains a MemMamba further to remember, to be searched and to read: one task or several in every step.

    python3 -m memmamba_training.train.multitask --data SHARDS --texts CORPUS --questions QUESTIONS.jsonl \\
        --encoder MINILM --weights models/artifacts/base/master --out RUN --steps 4000

The gradients of the tasks (`tasks.py`) add up. `--backbone 0.1` lets a tenth of the heads' gradient reach the
layers below, so that the language model keeps its own. `--tasks reading --adapter 64` trains a reader beside
a model that stays as it is (`model.adapter`) and writes RUN/adapter.

The learning rate falls with the steps, or with `--seconds` if those run out first. The same command goes on
from RUN/checkpoint.pt. Writes RUN/log.jsonl and the f16 model to RUN/model. Questions about one document in
25 are kept out (`written_questions.held`). A line of the log now and then says how the tasks do on them. On
several GPUs, `torchrun --nproc_per_node N -m …`: each makes its own rows.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..corpus.text_shards import TextShards, read_documents
from ..corpus.tokenizer import add_tokenizer_option
from ..corpus.written_questions import held
from ..model.adapter import add_adapter, restore_adapter
from ..model.loading import load_model, load_tensors
from .distributed import AGREE, Distributed
from .optimizer import optimizer_of
from .run import RunFolder, Throughput, rounded
from .schedule import WARMUP, learning_rate
from .step import Step
from .tasks import TASKS, Mixture, add_task_options, check, losses_of


def arguments():
    parser = argparse.ArgumentParser()
    add_task_options(parser)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--groups", type=json.loads, help="passages a question: JSON of shares by size")
    parser.add_argument("--adapter", type=int, help="rank of an adapter; the model itself stays as it is")
    parser.add_argument("--adapter-from", help="reader.safetensors of an adapter of that rank to go on from")
    parser.add_argument("--lr", type=float, default=8e-4)
    parser.add_argument("--optimizer", choices=("adamw", "muon"), default="muon")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--save-seconds", type=float, default=1e9, help="between checkpoints on the way")
    parser.add_argument("--check-every", type=int, default=250, help="steps between looks at held-out text")
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--workers", type=int, default=5, help="of each task")
    parser.add_argument("--eager", action="store_true", help="no CUDA graphs")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    add_tokenizer_option(parser)
    options = parser.parse_args()
    options.tasks = options.tasks.split(",")
    if options.groups:
        options.groups = {int(passages): share for passages, share in options.groups.items()}
    if options.adapter and options.tasks != ["reading"]:
        parser.error("an adapter is for --tasks reading alone")
    return options


def prepared_model(options):
    """The model with the heads that the tasks train, and the adapter if there is one."""
    model = load_model(options.weights).requires_grad_(True)
    model.drop_retrieval()
    if "vectors" in options.tasks:
        model.add_passages()
    if "reading" in options.tasks:
        model.add_reader()
    model.to(options.device)
    if options.adapter:
        add_adapter(model, options.adapter)
    if options.adapter_from:
        restore_adapter(model, load_tensors(options.adapter_from))
    return model


class Multitask:
    """A run, new or continued: model and optimizer, batches of all tasks, and how far it is."""

    def __init__(self, options):
        self.options, self.distributed = options, Distributed(options.device)
        torch.manual_seed(options.seed)
        torch.backends.cuda.matmul.allow_tf32 = True
        self.model = prepared_model(options)
        self.tasks = [TASKS[name](options, self.model) for name in options.tasks]
        lifts = [task.lift for task in self.tasks if hasattr(task, "lift")]
        self.trained = nn.ModuleList([self.model, *lifts])
        self.optimizer = optimizer_of(self.trained, options.lr, options.optimizer)
        self.folder = RunFolder(options.out, self.distributed.first)
        self.step, self.tokens, self.spent = 0, 0, 0.0
        saved = self.folder.load(options.device)
        if saved:
            self.trained.load_state_dict(saved["trained"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.step, self.tokens, self.spent = saved["step"], saved["tokens"], saved["spent"]
        self.tokens_a_step = sum(task.tokens for task in self.tasks) * self.distributed.count

    def prepare(self):
        """Reads the corpus and starts the workers."""
        options, start, texts, left_out = self.options, time.time(), None, None
        if options.texts:
            documents = read_documents(options.texts)
            texts = TextShards(documents, options.questions, lambda name: not held(name))
            left_out = TextShards(documents, options.questions, held)
            print(f"{len(texts.documents)} documents, {len(texts.questions)} questions", flush=True)
        # Each process makes rows of its own.
        seed = options.seed if self.distributed.first else f"{options.seed} {self.distributed.rank}"
        self.source = Mixture(self.tasks, texts, seed, self.step)
        self.held = [(task, task.held(left_out)) for task in self.tasks] if self.folder.writes else []
        self.take_step = Step(
            self.trained,
            self.optimizer,
            options.device,
            self.distributed,
            losses_of(self.tasks),
            capture=not options.eager,
        )
        print(f"prepared in {time.time() - start:.0f} s", flush=True)

    def elapsed(self):
        """Seconds of all starts of the run; preparations do not count."""
        return self.spent + time.time() - self.begun

    def rate(self):
        """The learning rate of the next step: it falls with the steps or the time, whichever is further."""
        options = self.options
        done = max(self.step / options.steps, self.elapsed() / options.seconds)
        step = self.step if self.step < WARMUP else max(WARMUP, done * options.steps)
        return learning_rate(step, options.steps, options.lr)

    def run(self):
        """All steps that are left, or as far as the time goes."""
        options, late = self.options, False
        self.begun = self.folder.saved_at = time.time()
        throughput = Throughput(self.tokens)
        while self.step < options.steps and not late:
            rate = self.rate()
            parts = self.take_step(next(self.source), rate)
            self.step += 1
            self.tokens += self.tokens_a_step
            if self.step % AGREE == 0:
                late = self.distributed.agree(self.elapsed() > options.seconds)
            if not self.folder.writes:
                continue
            if self.step % options.log_every == 0 or self.step == 1:
                self.note(parts, rate, throughput)
            if self.step % options.check_every == 0:
                self.check()
                throughput.restart(self.tokens)
            if time.time() - self.folder.saved_at > options.save_seconds:
                self.save()
                throughput.restart(self.tokens)
        if self.folder.writes:
            self.check()
            self.save()
            print(f"stopped at step {self.step} of {options.steps}, {self.tokens} tokens", flush=True)
        self.distributed.close()

    def note(self, parts, rate, throughput):
        """A line of the log. FloatingPointError: a loss is no number, and training on is in vain."""
        parts = rounded(parts)
        if not np.isfinite(list(parts.values())).all():
            raise FloatingPointError(f"a loss is not finite at step {self.step}: {parts}")
        entry = {"step": self.step, "tokens": self.tokens, "lr": rate} | parts
        entry["tokens_per_s"] = throughput.since(self.tokens)
        entry["seconds"] = round(self.elapsed())
        self.folder.note(entry)

    def check(self):
        """A line of the log about what training leaves out."""
        self.folder.note({"step": self.step} | rounded(check(self.held, self.options.device)))

    def save(self):
        state = {"trained": self.trained.state_dict(), "optimizer": self.optimizer.state_dict()}
        state |= {"step": self.step, "tokens": self.tokens, "spent": self.elapsed()}
        self.folder.save(state, self.model, adapter=bool(self.options.adapter))


def main():
    options = arguments()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    training = Multitask(options)
    training.prepare()
    training.run()


if __name__ == "__main__":
    main()
