"""Trains a MemMamba further to read, to remember and to be searched, all at once.

    python3 -m memmamba_training.train.multitask --data SHARDS --texts CORPUS --questions QUESTIONS.jsonl \\
        --encoder MINILM --weights models/artifacts/base/master --out RUN --steps 4000

Every step takes three kinds of batch, and their gradients add up:

- sequences with planted facts (`datasets/sequences.py`, `objectives/memory.py`)
- groups of passages with a question (`reading.py` in both)
- stretches of text with queries (`passage_vectors.py` in both), which train the language model too

`--data` holds the token shards of `corpus.tokenize_shards`. `--texts` holds the same corpus as text, with the
fairy tales of `corpus.written_questions`. `--encoder` is all-MiniLM-L6-v2 (config.json, tokenizer.json,
model.safetensors). On several GPUs, `torchrun --nproc_per_node N -m …`; each makes its own rows.

The learning rate falls with the steps, or with `--seconds` if those run out first. The same command goes on
from RUN/checkpoint.pt. Writes RUN/log.jsonl and the f16 model to RUN/model. Questions about one document in
25 are kept out (`written_questions.held`). A line of the log now and then says how the model does on them.
"""

import argparse
import json
import os
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..corpus.text_shards import TextShards
from ..corpus.token_shards import unigram_frequencies
from ..corpus.tokenizer import Tokens, add_tokenizer_option
from ..corpus.written_questions import held
from ..datasets import passage_vectors, reading
from ..datasets.loading import batches
from ..datasets.sequences import Sequences
from ..model.loading import load_model
from ..model.sentence_encoder import SentenceEncoder
from ..objectives.cross_entropy import WeightedCrossEntropy
from ..objectives.memory import total_loss
from ..objectives.passage_vectors import passage_loss
from ..objectives.reading import reader_loss
from .distributed import AGREE, Distributed
from .optimizer import optimizer_of
from .run import RunFolder, Throughput, rounded
from .schedule import WARMUP, learning_rate
from .step import Step

SHARES = {"sequences": 1.0, "reading": 1.0, "vectors": 1.0, "text": 0.5}
ENCODER_DIMS = 384


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--texts", required=True)
    parser.add_argument("--questions", required=True)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--sequences", default="12x2048", help="rows x tokens")
    parser.add_argument("--reading", default="128x384")
    parser.add_argument("--vectors", default="24x1024")
    parser.add_argument("--queries", default="112x32")
    parser.add_argument(
        "--written", type=float, default=reading.WRITTEN, help="share of the questions to read"
    )
    parser.add_argument("--groups", help="passages a question: JSON of shares by size")
    parser.add_argument("--lr", type=float, default=8e-4)
    parser.add_argument("--optimizer", choices=("adamw", "muon"), default="muon")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--save-seconds", type=float, default=1e9, help="between checkpoints on the way")
    parser.add_argument(
        "--check-every", type=int, default=250, help="steps between looks at held-out questions"
    )
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--workers", type=int, default=5, help="a kind of batch")
    parser.add_argument("--eager", action="store_true", help="no CUDA graphs")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    add_tokenizer_option(parser)
    return parser.parse_args()


class Student(nn.Module):
    """The model, and the map from its passage vectors to the encoder's, which does not ship."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        self.lift = nn.Linear(model.passages.DIMS, ENCODER_DIMS, bias=False)
        nn.init.normal_(self.lift.weight, std=model.passages.DIMS**-0.5)


def losses_of(student, unigrams):
    """What a step takes back, one kind of batch after the other."""
    model = student.model

    def text_loss(tokens):
        def unembed(u):
            count = u.shape[0] * u.shape[1]
            weights = torch.full((count,), 1 / count, device=u.device)
            summed, _, _ = WeightedCrossEntropy.apply(
                u.flatten(0, 1), model.embedding.weight, tokens[:, 1:].flatten(), weights
            )
            return summed

        return unembed

    def of(batch):
        kinds = {kind: {} for kind in ("sequences", "reading", "vectors")}
        for name, value in batch.items():
            kind, field = name.split(".", 1)
            kinds[kind][field] = value
        total, parts = total_loss(model, kinds["sequences"], unigrams)
        yield SHARES["sequences"] * total, parts
        total, parts = reader_loss(model, kinds["reading"])
        yield SHARES["reading"] * total, {f"read {name}": value for name, value in parts.items()}
        given = kinds["vectors"]
        total, parts, text = passage_loss(model, student.lift, given, text_loss(given["tokens"]))
        parts = {f"vector {name}": value for name, value in parts.items()} | {"text": text}
        yield SHARES["vectors"] * total + SHARES["text"] * text, parts

    return of


def size(text):
    rows, length = map(int, text.split("x"))
    return rows, length


class Mixture:
    """Batches of all kinds under one name each, `kind.field`, with the encoder's vectors worked out."""

    def __init__(self, options, config, texts, encoder, rank, first):
        rows, length = size(options.sequences)
        seed = options.seed if rank == 0 else f"{options.seed} {rank}"
        sequences = Sequences(
            options.data, options.tokenizer, range(rows), length, config.chunk, seed, first, asking=False
        )
        self.sources = {"sequences": batches(sequences, options.workers, options.device)}
        for kind, dataset in of_questions(options, texts, seed, first).items():
            self.sources[kind] = batches(dataset, options.workers, options.device)
        self.encoder, self.device = encoder, options.device

    def __next__(self):
        return taught(
            {kind: next(source) for kind, source in self.sources.items()}, self.encoder, self.device
        )


def of_questions(options, texts, seed, first=0):
    """The data that questions are drawn for."""
    groups = {int(k): v for k, v in json.loads(options.groups).items()} if options.groups else None
    return {
        "reading": reading.Reading(
            texts, options.tokenizer, *size(options.reading), seed, first, groups, options.written
        ),
        "vectors": passage_vectors.Vectors(
            texts,
            options.tokenizer,
            options.encoder,
            *size(options.vectors),
            *size(options.queries),
            seed,
            first,
        ),
    }


def taught(given, encoder, device):
    """The batches in one dict, on the device, with the encoder's vectors in place of its tokens."""
    flat = {
        f"{kind}.{field}": value.to(device, non_blocking=True)
        for kind, batch in given.items()
        for field, value in batch.items()
    }
    for name in ("passage", "query"):
        ids = flat.pop(f"vectors.{name} ids")
        flat[f"vectors.{name} vectors"] = encoder(ids)
    return flat


@torch.no_grad()
def check(student, held_out, device):
    """The mean of every part over held-out batches."""
    sums = {}
    for batch in held_out:
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            _, read = reader_loss(
                student.model, {k[8:]: v for k, v in batch.items() if k.startswith("reading.")}
            )
            given = {k[8:]: v for k, v in batch.items() if k.startswith("vectors.")}
            _, vector, _ = passage_loss(student.model, student.lift, given, lambda u: None)
        for kind, parts in (("read", read), ("vector", vector)):
            for name, value in parts.items():
                sums[f"held {kind} {name}"] = sums.get(f"held {kind} {name}", 0) + float(value) / len(
                    held_out
                )
    return sums


def held_batches(options, encoder, count=3):
    """Fixed batches of questions about documents that training never asks about."""
    texts = TextShards(options.texts, options.questions, held)
    written = dict(vars(options), written=1.0)
    made = {k: d for k, d in of_questions(argparse.Namespace(**written), texts, "held").items()}
    tools = Tokens(options.tokenizer), passage_vectors.Encoder(options.encoder)
    held_out = []
    for index in range(count):
        rng = random.Random(f"held {index}")
        read, asked = made["reading"].make(tools[0], rng), made["vectors"].make(*tools, rng)
        held_out.append(taught({"reading": read, "vectors": asked}, encoder, options.device))
    return held_out


class Multitask:
    """A run, new or continued: model and optimizer, batches of all kinds, and how far it is."""

    def __init__(self, options):
        self.options, self.distributed = options, Distributed(options.device)
        torch.manual_seed(options.seed)
        torch.backends.cuda.matmul.allow_tf32 = True
        self.model = load_model(options.weights).requires_grad_(True)
        self.model.drop_retrieval()
        self.model.add_passages()
        self.model.add_reader()
        self.student = Student(self.model).to(options.device)
        self.encoder = SentenceEncoder(options.encoder, options.device)
        self.optimizer = optimizer_of(self.student, options.lr, options.optimizer)
        self.folder = RunFolder(options.out, self.distributed.first)
        self.step, self.tokens, self.spent = 0, 0, 0.0
        saved = self.folder.load(options.device)
        if saved:
            self.student.load_state_dict(saved["student"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.step, self.tokens, self.spent = saved["step"], saved["tokens"], saved["spent"]
        kinds = (options.sequences, options.reading, options.vectors, options.queries)
        self.tokens_a_step = sum(rows * length for rows, length in map(size, kinds)) * self.distributed.count

    def prepare(self):
        """Reads the corpus and starts the workers."""
        options, start = self.options, time.time()
        texts = TextShards(options.texts, options.questions, lambda name: not held(name))
        print(f"{len(texts.documents)} documents, {len(texts.questions)} questions", flush=True)
        rank, config = self.distributed.rank, self.model.config
        self.source = Mixture(options, config, texts, self.encoder, rank, self.step)
        self.held = held_batches(options, self.encoder) if self.folder.writes else None
        unigrams = unigram_frequencies(options.data, options.tokenizer, config.vocab_size)
        losses = losses_of(self.student, unigrams.to(options.device))
        self.take_step = Step(
            self.student,
            self.optimizer,
            options.device,
            self.distributed,
            losses,
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
        entry = {"step": self.step, "tokens": self.tokens, "lr": rate} | rounded(parts)
        entry["tokens_per_s"] = throughput.since(self.tokens)
        entry["seconds"] = round(self.elapsed())
        if not np.isfinite([entry["lm"], entry["read start"], entry["vector far"]]).all():
            raise FloatingPointError(f"loss is not finite at step {self.step}")
        self.folder.note(entry)

    def check(self):
        """A line of the log about questions that are held out."""
        found = check(self.student, self.held, self.options.device)
        self.folder.note({"step": self.step} | rounded(found))

    def save(self):
        state = {"student": self.student.state_dict(), "optimizer": self.optimizer.state_dict()}
        state |= {"step": self.step, "tokens": self.tokens, "spent": self.elapsed()}
        self.folder.save(state, self.model)


def main():
    options = arguments()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    training = Multitask(options)
    training.prepare()
    training.run()


if __name__ == "__main__":
    main()
