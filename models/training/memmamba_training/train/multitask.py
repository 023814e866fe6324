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
from ..datasets.sequences import Sequences
from ..export.model_folder import write_model
from ..model.loading import load_model
from ..model.sentence_encoder import SentenceEncoder
from ..objectives.cross_entropy import WeightedCrossEntropy
from ..objectives.memory import total_loss
from ..objectives.passage_vectors import passage_loss
from ..objectives.reading import reader_loss
from .distributed import Distributed
from .optimizer import optimizer_of
from .pretrain import AGREE
from .schedule import learning_rate
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


def loader(options, dataset):
    return iter(
        torch.utils.data.DataLoader(
            dataset,
            batch_size=None,
            num_workers=options.workers,
            pin_memory=options.device == "cuda",
            prefetch_factor=4 if options.workers else None,
            worker_init_fn=lambda _: torch.set_num_threads(1),
        )
    )


class Mixture:
    """Batches of all kinds under one name each, `kind.field`, with the encoder's vectors worked out."""

    def __init__(self, options, config, texts, encoder, rank, first):
        rows, length = size(options.sequences)
        seed = options.seed if rank == 0 else f"{options.seed} {rank}"
        sequences = Sequences(
            options.data, options.tokenizer, range(rows), length, config.chunk, seed, first, asking=False
        )
        self.sources = {"sequences": loader(options, sequences)}
        for kind, dataset in of_questions(options, texts, seed, first).items():
            self.sources[kind] = loader(options, dataset)
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


def taught(batches, encoder, device):
    """The batches in one dict, on the device, with the encoder's vectors in place of its tokens."""
    flat = {
        f"{kind}.{field}": value.to(device, non_blocking=True)
        for kind, batch in batches.items()
        for field, value in batch.items()
    }
    for name in ("passage", "query"):
        ids = flat.pop(f"vectors.{name} ids")
        flat[f"vectors.{name} vectors"] = encoder(ids)
    return flat


@torch.no_grad()
def check(student, batches, device):
    """The mean of every part over held-out batches."""
    sums = {}
    for batch in batches:
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            _, read = reader_loss(
                student.model, {k[8:]: v for k, v in batch.items() if k.startswith("reading.")}
            )
            given = {k[8:]: v for k, v in batch.items() if k.startswith("vectors.")}
            _, vector, _ = passage_loss(student.model, student.lift, given, lambda u: None)
        for kind, parts in (("read", read), ("vector", vector)):
            for name, value in parts.items():
                sums[f"held {kind} {name}"] = sums.get(f"held {kind} {name}", 0) + float(value) / len(batches)
    return sums


def held_batches(options, encoder, count=3):
    """Fixed batches of questions about documents that training never asks about."""
    texts = TextShards(options.texts, options.questions, held)
    written = dict(vars(options), written=1.0)
    made = {k: d for k, d in of_questions(argparse.Namespace(**written), texts, "held").items()}
    tools = Tokens(options.tokenizer), passage_vectors.Encoder(options.encoder)
    batches = []
    for index in range(count):
        rng = random.Random(f"held {index}")
        read, asked = made["reading"].make(tools[0], rng), made["vectors"].make(*tools, rng)
        batches.append(taught({"reading": read, "vectors": asked}, encoder, options.device))
    return batches


def main():
    options = arguments()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    distributed = Distributed(options.device)
    torch.manual_seed(options.seed)
    torch.backends.cuda.matmul.allow_tf32 = True
    model = load_model(options.weights).requires_grad_(True)
    model.drop_retrieval()
    model.add_passages()
    model.add_reader()
    student = Student(model).to(options.device)
    encoder = SentenceEncoder(options.encoder, options.device)
    optimizer = optimizer_of(student, options.lr, options.optimizer)
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint.pt"
    step = tokens = 0
    spent = 0.0
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=options.device)
        student.load_state_dict(saved["student"])
        optimizer.load_state_dict(saved["optimizer"])
        step, tokens, spent = saved["step"], saved["tokens"], saved["spent"]
    begun = time.time()
    texts = TextShards(options.texts, options.questions, lambda name: not held(name))
    print(
        len(texts.documents), "documents", len(texts.questions), "questions", round(time.time() - begun), "s"
    )
    source = Mixture(options, model.config, texts, encoder, distributed.rank, step)
    looks = held_batches(options, encoder) if distributed.first else None
    unigrams = unigram_frequencies(options.data, options.tokenizer, model.config.vocab_size)
    unigrams = unigrams.to(options.device)
    run = Step(
        student,
        optimizer,
        options.device,
        distributed,
        losses_of(student, unigrams),
        capture=not options.eager,
    )
    kinds = (options.sequences, options.reading, options.vectors, options.queries)
    each = sum(rows * length for rows, length in map(size, kinds)) * distributed.count
    log = open(options.out / "log.jsonl", "a") if distributed.first else None
    print("prepared in", round(time.time() - begun), "s", flush=True)
    # What was spent before counts, and the preparations do not.
    begun = saved_at = start = time.time()
    seen, late = tokens, False

    def save():
        state = {"student": student.state_dict(), "optimizer": optimizer.state_dict()}
        state |= {"step": step, "tokens": tokens, "spent": spent + time.time() - begun}
        torch.save(state, options.out / "checkpoint.part")
        (options.out / "checkpoint.part").rename(checkpoint)
        write_model(options.out / "model", model.state_dict(), model.config.to_json())

    def note(entry):
        print(json.dumps(entry), flush=True)
        log.write(json.dumps(entry) + "\n")
        log.flush()

    while step < options.steps and not late:
        elapsed = spent + time.time() - begun
        done = max(step / options.steps, elapsed / options.seconds)
        rate = learning_rate(
            step if step < 100 else max(100, done * options.steps), options.steps, options.lr
        )
        parts = run(next(source), rate)
        step += 1
        tokens += each
        if step % AGREE == 0:
            late = distributed.agree(spent + time.time() - begun > options.seconds)
        if distributed.first and (step % options.log_every == 0 or step == 1):
            entry = {"step": step, "tokens": tokens, "lr": rate}
            entry |= {k: round(float(v.detach()), 4) for k, v in parts.items()}
            entry["tokens_per_s"] = round((tokens - seen) / (time.time() - start))
            entry["seconds"] = round(spent + time.time() - begun)
            start, seen = time.time(), tokens
            if not np.isfinite([entry["lm"], entry["read start"], entry["vector far"]]).all():
                raise FloatingPointError(f"loss is not finite at step {step}")
            note(entry)
        if distributed.first and step % options.check_every == 0:
            note({"step": step} | {k: round(v, 4) for k, v in check(student, looks, options.device).items()})
            start, seen = time.time(), tokens
        if distributed.first and time.time() - saved_at > options.save_seconds:
            save()
            saved_at = start = time.time()
            seen = tokens
    if distributed.first:
        note({"step": step} | {k: round(v, 4) for k, v in check(student, looks, options.device).items()})
        save()
        print(f"stopped at step {step} of {options.steps}, {tokens} tokens", flush=True)
    distributed.close()


if __name__ == "__main__":
    main()
