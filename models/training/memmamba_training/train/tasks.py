"""The tasks that one training can have: which batches each is taught with, what it takes back, and how well
it does on documents that training leaves out.

A task offers
  dataset(seed, first, texts)    what its batches are drawn from
  prepared(batch)                a batch on the device, with what only the device works out
  losses(batch)                  pairs of a loss and its parts for the log, one at a time
  held(texts)                    fixed batches of left-out documents, none where there is nothing to hold
  tokens                         of one step
"""

import argparse
import random

import torch
from torch import nn

from ..corpus.token_shards import unigram_frequencies
from ..datasets import passage_vectors, reading
from ..datasets.loading import batches
from ..datasets.sequences import Sequences
from ..model.sentence_encoder import SentenceEncoder
from ..objectives.cross_entropy import WeightedCrossEntropy
from ..objectives.memory import total_loss
from ..objectives.passage_vectors import passage_loss
from ..objectives.reading import reader_loss

TEXT = 0.5  # weight of the language-model loss on the text of passages
ENCODER_DIMS = 384
LOOKS = 4  # held-out batches


def size(text):
    """ROWSxTOKENS → both."""
    rows, length = map(int, text.split("x"))
    return rows, length


def product(*sizes):
    return sum(rows * length for rows, length in map(size, sizes))


class Task:
    """What the tasks share: the options, the model, and how batches come to the device."""

    name = ""

    def __init__(self, options, model):
        self.options, self.model = options, model

    def to_device(self, batch):
        return {name: value.to(self.options.device, non_blocking=True) for name, value in batch.items()}

    def prepared(self, batch):
        return self.to_device(batch)

    def held(self, texts):
        return []

    def fixed(self, dataset):
        """The same few batches in every run."""
        tools = dataset.tools()
        return [self.prepared(dataset.make(*tools, random.Random(f"held {i}"))) for i in range(LOOKS)]


class Memory(Task):
    """Sequences with planted facts: the language model, notes and answers."""

    name = "sequences"

    def __init__(self, options, model):
        super().__init__(options, model)
        frequencies = unigram_frequencies(options.data, options.tokenizer, model.config.vocab_size)
        self.unigrams = frequencies.to(options.device)
        self.size = getattr(options, self.name)
        self.tokens = product(self.size)

    def dataset(self, seed, first, texts):
        rows, length = size(self.size)
        chunk, options = self.model.config.chunk, self.options
        return Sequences(
            options.data, options.tokenizer, range(rows), length, chunk, seed, first, asking=False
        )

    def losses(self, batch):
        yield total_loss(self.model, batch, self.unigrams)


class LongMemory(Memory):
    """The same over longer stretches: what must be kept for longer, such as variables, is lost without."""

    name = "long"

    def losses(self, batch):
        for loss, parts in super().losses(batch):
            yield loss, {f"long {name}": value for name, value in parts.items()}


class Reading(Task):
    """Groups of passages with a question, for the reader head."""

    name = "reading"

    def __init__(self, options, model):
        super().__init__(options, model)
        self.tokens = product(options.reading)

    def dataset(self, seed, first, texts, written=None):
        written = self.options.written if written is None else written
        groups = self.options.groups
        return reading.Reading(
            texts, self.options.tokenizer, *size(self.options.reading), seed, first, groups, written
        )

    def losses(self, batch):
        loss, parts = reader_loss(self.model, batch, self.options.backbone)
        yield loss, {f"read {name}": value for name, value in parts.items()}

    def held(self, texts):
        return self.fixed(self.dataset("held", 0, texts, 1.0))


class PassageVectors(Task):
    """Stretches of text with queries, for the passage head and, as ordinary text, the language model.

    `lift` maps passage vectors to the sentence encoder's. It does not ship.
    """

    name = "vectors"

    def __init__(self, options, model):
        super().__init__(options, model)
        self.encoder = SentenceEncoder(options.encoder, options.device)
        dims = model.passages.DIMS
        self.lift = nn.Linear(dims, ENCODER_DIMS, bias=False).to(options.device)
        nn.init.normal_(self.lift.weight, std=dims**-0.5)
        self.tokens = product(options.vectors, options.queries)

    def dataset(self, seed, first, texts):
        options = self.options
        sizes = (*size(options.vectors), *size(options.queries))
        return passage_vectors.Vectors(texts, options.tokenizer, options.encoder, *sizes, seed, first)

    def prepared(self, batch):
        batch = self.to_device(batch)
        for name in ("passage", "query"):
            batch[f"{name} vectors"] = self.encoder(batch.pop(f"{name} ids"))
        return batch

    def losses(self, batch):
        def text(u):
            count = u.shape[0] * u.shape[1]
            weights = torch.full((count,), 1 / count, device=u.device)
            table, targets = self.model.embedding.weight, batch["tokens"][:, 1:].flatten()
            return WeightedCrossEntropy.apply(u.flatten(0, 1), table, targets, weights)[0]

        loss, parts, language = passage_loss(self.model, self.lift, batch, text, self.options.backbone)
        parts = {f"vector {name}": value for name, value in parts.items()} | {"text": language}
        yield loss + TEXT * language, parts

    def held(self, texts):
        return self.fixed(self.dataset("held", 0, texts))


TASKS = {task.name: task for task in (Memory, LongMemory, Reading, PassageVectors)}
USUAL = "sequences,reading,vectors"


def add_task_options(parser: argparse.ArgumentParser):
    parser.add_argument("--data", required=True, help="token shards, see corpus.tokenize_shards")
    parser.add_argument("--texts", help="the corpus as text, with stories-0 of corpus.written_questions")
    parser.add_argument("--questions", help="questions.jsonl of corpus.written_questions")
    parser.add_argument("--encoder", help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--tasks", default=USUAL, help=f"of {', '.join(TASKS)}")
    parser.add_argument("--sequences", default="12x2048", help="rows x tokens")
    parser.add_argument("--long", default="2x8192", help="rows x tokens of the task `long`")
    parser.add_argument("--reading", default="128x512")
    parser.add_argument("--vectors", default="24x1024")
    parser.add_argument("--queries", default="112x32")
    parser.add_argument("--written", type=float, default=reading.WRITTEN, help="share of the questions")
    parser.add_argument(
        "--backbone",
        type=float,
        default=1.0,
        help="share of the reader's and the passage head's gradient that reaches the layers below",
    )


class Mixture:
    """Batches of all tasks under one name each, `task.field`, prepared on the device."""

    def __init__(self, tasks, texts, seed, first):
        options = tasks[0].options
        self.tasks = tasks
        self.sources = [
            batches(task.dataset(seed, first, texts), options.workers, options.device) for task in tasks
        ]

    def __next__(self):
        found = [task.prepared(next(source)) for task, source in zip(self.tasks, self.sources)]
        return {
            f"{task.name}.{field}": value
            for task, batch in zip(self.tasks, found)
            for field, value in batch.items()
        }


def losses_of(tasks):
    """What a step takes back from the batches of `Mixture`, one task after the other."""

    def of(batch):
        for task in tasks:
            lead = f"{task.name}."
            yield from task.losses({n[len(lead) :]: v for n, v in batch.items() if n.startswith(lead)})

    return of


@torch.no_grad()
def check(held, device):
    """The mean of every part over held-out batches: held is [(task, its batches)]."""
    sums = {}
    for task, some in held:
        for batch in some:
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                for _, parts in task.losses(batch):
                    for name, value in parts.items():
                        sums[f"held {name}"] = sums.get(f"held {name}", 0) + float(value) / len(some)
    return sums
