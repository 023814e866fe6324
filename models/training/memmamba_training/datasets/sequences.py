"""Training sequences: crops of the corpus with planted facts, questions and their supervision.

A batch is a dict of arrays of (B, L):

    tokens   (B, L + 1) int64, inputs and next-token targets
    answer   bool, positions whose next token belongs to an answer
    planted  bool, tokens of planted values: the notes the fact layers should take
    asked    (B, ASKED) int64, positions that produce an answer token of a planted value, -1 where unused
    source   (B, ASKED, 2) int64, the planted tokens that hold that token, one a mention, or -1
    heading  bool, tokens of headings, which a reader would note
    query    (B, FOUND) int64, the last token of each query for a passage, -1 where unused
    passage  (B, FOUND, 2) int64, the first token of the passage that it is about, and the one after the last
"""

import random

import numpy as np
import torch

from ..corpus.ascii_bpe import AsciiBPE
from ..corpus.detokenizer import Detokenizer
from ..corpus.sentences import HEADING
from ..corpus.token_shards import TokenShards
from . import document_retrieval, inverse_cloze
from .planting import ASKED, build

DOCUMENTS_SHARE = 0.06  # of the sequences of at least `DOCUMENTS_FROM` tokens: document retrieval
DOCUMENTS_FROM = 2048
SPARE = 512
QUERIES_SHARE = 0.6  # of the other sequences may hold queries for passages


def marks(rng, filler, length, chunk, bpe, reader, density, asking=True):
    """A sequence of natural text with facts, headings and queries, as a dict of arrays without the B."""
    found = []
    if asking and rng.random() < QUERIES_SHARE:
        filler, found = inverse_cloze.insert(rng, filler, int(0.9 * length), reader, bpe, chunk)
    *arrays, went = build(rng, filler, length, chunk, bpe, "augmented", density)
    row = dict(zip(("tokens", "answer", "planted", "asked", "source"), arrays))
    row |= unasked(length)
    for low, high in headings(filler, reader):
        places = went[low:high]
        row["heading"][places[(places >= 0) & (places < length)]] = True
    used = 0
    for query in found:
        start, last, low, high = (
            went[query.start],
            went[query.last],
            went[query.low],
            went[query.high - 1],
        )
        # A query that a fact was planted into is none.
        if min(start, last, low, high) >= 0 and last < length and last - start == query.last - query.start:
            row["query"][used] = last
            row["passage"][used] = low, high + 1
            used += 1
    return row


def unasked(length):
    """No heading and no query."""
    return {
        "heading": np.zeros(length, dtype=bool),
        "query": np.full(inverse_cloze.FOUND, -1, dtype=np.int64),
        "passage": np.full((inverse_cloze.FOUND, 2), -1, dtype=np.int64),
    }


def headings(filler, reader):
    """[low, high) tokens of the headings of a text."""
    text, ends = reader.text(filler)
    for match in HEADING.finditer(text):
        yield tuple(int(place) for place in np.searchsorted(ends, match.span(1), side="right"))


def many_documents(rng, corpus, length, bpe, reader):
    """A sequence of documents, one of which answers the question; None if the draw found no such document."""
    size = int(length * rng.uniform(0.25, 0.97))
    found = None
    for _ in range(20):
        found = document_retrieval.passage(
            rng, corpus.crop(rng, rng.randint(*document_retrieval.PASSAGE)), reader
        )
        if found:
            break
    if not found:
        return None
    body, query = found

    def encode(text):
        return bpe.encode(text)[0]

    each = len(encode(document_retrieval.QUESTION.format(query=query))) + 20
    passages, used = [body], len(body) + 2 * each + 20
    while used < size and len(passages) < 900:
        other = corpus.crop(rng, rng.randint(*document_retrieval.PASSAGE))
        passages.append(other)
        used += len(other) + each
    passages = passages[: max(1, len(passages) - (used > size))]
    gold = rng.randrange(len(passages))
    passages[0], passages[gold] = passages[gold], passages[0]
    ids, closing, start, reply = document_retrieval.sequence(rng, passages, query, gold, encode)
    if len(ids) > length:
        return None
    rest = corpus.crop(rng, length + 1 - len(ids))
    row = {"tokens": np.concatenate([ids, rest]), **unasked(length)}
    row["answer"] = np.zeros(length, dtype=bool)
    row["planted"] = np.zeros(length, dtype=bool)
    row["asked"] = np.full(ASKED, -1, dtype=np.int64)
    row["source"] = np.full((ASKED, 2), -1, dtype=np.int64)
    row["answer"][start - 1 : start - 1 + reply] = True
    row["planted"][closing] = True
    # The answer's first token is a space; a digit each follows.
    for index, place in enumerate(closing):
        row["asked"][index] = start + index
        row["source"][index, 0] = place
    return row


class Sequences(torch.utils.data.IterableDataset):
    """Endless batches. Sequence r of batch i is made from seed, i and r alone, whichever worker makes it and
    however many processes share the batch: `rows` are those of this process."""

    def __init__(self, folder, tokenizer, rows, length, chunk, seed, first=0, density=0.75, asking=True):
        """`asking`: with queries for the retrieval heads."""
        self.folder, self.tokenizer, self.asking = folder, tokenizer, asking
        self.rows, self.length, self.chunk = rows, length, chunk
        self.seed, self.first, self.density = seed, first, density

    def __iter__(self):
        corpus, bpe, reader = (
            TokenShards(self.folder),
            AsciiBPE(self.tokenizer),
            Detokenizer(self.tokenizer),
        )
        worker = torch.utils.data.get_worker_info()
        index = self.first + (worker.id if worker else 0)
        step = worker.num_workers if worker else 1
        while True:
            rows = []
            for row in self.rows:
                rng = random.Random(f"{self.seed} {self.length} {index} {row}")
                row = None
                if self.length >= DOCUMENTS_FROM and rng.random() < DOCUMENTS_SHARE:
                    row = many_documents(rng, corpus, self.length, bpe, reader)
                if row is None:
                    # More than it takes: queries may take sentences out.
                    filler = corpus.crop(rng, self.length + 1 + SPARE)
                    row = marks(rng, filler, self.length, self.chunk, bpe, reader, self.density, self.asking)
                rows.append(row)
            yield {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in rows[0]}
            index += step
