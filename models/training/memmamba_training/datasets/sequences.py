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
from pathlib import Path

import numpy as np
import torch

from ..corpus import detokenizer as words
from ..corpus.ascii_bpe import AsciiBPE
from ..facts import everyday
from ..facts import fact as facts
from ..facts import multi_fact as several
from . import document_retrieval as documents
from . import inverse_cloze as queries

# Share of the sequences by domain; books most, since they are the longest natural text.
DOMAINS = {
    "books": 0.55,
    "docs": 0.18,
    "textbooks": 0.08,
    "transcripts": 0.09,
    "code": 0.06,
    "logs": 0.04,
}
ASKED = 96  # answer tokens a sequence under attention supervision; shapes are fixed
MAX_PLANTED = 42  # planted tokens a sequence: they must all fit the pool of 50
NONE_SHARE = 0.2
DOCUMENTS_SHARE = 0.06  # of the sequences of at least `DOCUMENTS_FROM` tokens: document retrieval
DOCUMENTS_FROM = 2048
SPARE = 512
QUERIES_SHARE = 0.6  # of the other sequences may hold queries for passages
SEVERAL = 0.25  # share of the facts that are several, see `several.py`
EVERYDAY = 0.35  # and of those in everyday wordings, see `everyday.py`
BEFORE = (" ", "\n", "\n\n", ". ")
AFTER = ("", " ", "\n", "\n\n")


class Corpus:
    """Token shards written by `prepare.py`: `<name>.bin` (uint16) and `<name>.idx` (document starts)."""

    def __init__(self, folder):
        shards = {}
        for path in sorted(Path(folder).glob("*.bin")):
            tokens = np.memmap(path, dtype=np.uint16, mode="r")
            starts = np.fromfile(path.with_suffix(".idx"), dtype=np.int64)
            shards.setdefault(path.stem.rsplit("-", 1)[0], []).append((tokens, starts))
        self.domains = [name for name in DOMAINS if name in shards]
        if not self.domains:
            raise FileNotFoundError(f"no token shards in {folder}; run prepare.py first")
        self.shards = shards
        self.weights = [DOMAINS[name] for name in self.domains]

    def crop(self, rng, length):
        """`length` tokens of one document where it is long enough, else of it and the next ones."""
        domain = rng.choices(self.domains, self.weights)[0]
        sizes = [len(tokens) for tokens, _ in self.shards[domain]]
        tokens, starts = rng.choices(self.shards[domain], sizes)[0]
        at = rng.randrange(max(1, len(tokens) - length))
        document = np.searchsorted(starts, at, side="right") - 1
        end = starts[document + 1] if document + 1 < len(starts) else len(tokens)
        if at + length > end:
            at = max(int(starts[document]), int(end) - length)
        at = max(0, min(at, len(tokens) - length))
        return tokens[at : at + length].astype(np.int64)


def plan(rng, length, chunk, split, bpe):
    """Facts with their places: a sorted list of (position, "state", fact, (text, value)), (position, "ask",
    fact) and (position, "none", fact)."""
    events, subjects, planted = [], set(), 0
    for _ in range(rng.randint(0, 7)):
        which = rng.random()
        if which < SEVERAL:
            fact = several.draw(rng, split)
        else:
            fact = single(rng, which < SEVERAL + EVERYDAY, split)
        parts = fact.parts(rng, split)
        tokens = sum(_tokens(bpe, value) * text.count(value) for text, value in parts)
        if not subjects.isdisjoint(fact.subjects) or planted + tokens > MAX_PLANTED:
            continue
        planted += tokens
        subjects.update(fact.subjects)
        limit = 0.7 if rng.random() < 0.5 else 0.93
        places = sorted(rng.randrange(int(length * limit)) for _ in parts)
        events += [(place, "state", fact, part) for place, part in zip(places, parts)]
        stated = places[-1]
        for _ in range(rng.choices((0, 1, 2), (10, 75, 15))[0]):
            near = rng.random() < 0.25
            low = stated + 1 if near else stated + chunk + 20
            high = min(stated + 4 * chunk, length - 30) if near else length - 30
            if low < high:
                events.append((rng.randrange(low, high), "ask", fact))
    asked = [event for event in events if event[1] == "ask"]
    # Questions that the text does not answer; half of a kind that is there about somebody else.
    places = [
        (event[0], event[2].kind, isinstance(event[2], everyday.Everyday))
        for event in asked
        if not isinstance(event[2], several.Several) and rng.random() < NONE_SHARE
    ]
    if len(places) < 2:
        places.append((rng.randrange(length - 30), None, rng.random() < EVERYDAY))
    for position, kind, plain in places:
        if kind is not None or rng.random() < 0.6:
            other = single(rng, plain, split, kind if rng.random() < 0.5 else None)
            if other.subject not in subjects:
                events.append((position, "none", other))
    # At one place a statement comes before its question.
    return sorted(events, key=lambda event: (event[0], event[1] != "state"))


def single(rng, plain, split, kind=None):
    """One fact of a kind: in an everyday wording if `plain`, else in one of `wordings.txt`."""
    return (everyday if plain else facts).draw(rng, split, kind)


def plan_absent(rng, length, split):
    """Questions to a text that holds no planted fact: its own numbers are no answer, however well kept."""
    count = rng.choices((0, 1, 3, 6), (30, 30, 20, 20))[0]
    return sorted(
        (
            (rng.randrange(length - 30), "none", single(rng, rng.random() < EVERYDAY, split))
            for _ in range(count)
        ),
        key=lambda event: event[0],
    )


def build(rng, filler, length, chunk, bpe, split="seen", density=0.75):
    """One sequence of length + 1 tokens and its supervision, from that many tokens of filler; also where the
    filler's tokens went, -1 for those that found no room."""
    tokens = np.empty(length + 1, dtype=np.int64)
    answer = np.zeros(length, dtype=bool)
    planted = np.zeros(length, dtype=bool)
    asked = np.full(ASKED, -1, dtype=np.int64)
    source = np.full((ASKED, 2), -1, dtype=np.int64)
    went = np.full(len(filler), -1, dtype=np.int64)
    supervised = 0
    size = used = 0
    stated = {}
    planting = rng.random() < density
    events = plan(rng, length, chunk, split, bpe) if planting else plan_absent(rng, length, split)

    def emit(ids):
        nonlocal size
        ids = ids[: length + 1 - size]
        tokens[size : size + len(ids)] = ids
        size += len(ids)

    def fill(count):
        nonlocal used
        part = filler[used : used + min(count, length + 1 - size)]
        went[used : used + len(part)] = np.arange(size, size + len(part))
        used += len(part)
        emit(part)

    for position, kind, fact, *part in events:
        fill(max(0, position - size))
        if kind == "state":
            [(text, value)] = part
            text = rng.choice(BEFORE) + text + rng.choice(AFTER)
            ids, spans = bpe.encode(text)
            if size + len(ids) > length:
                continue
            places = _occurrences(text, value)
            mentions = [(size, spans, place) for place in places]
            stated.setdefault(fact, {})[value] = mentions
            for index, span in enumerate(spans):
                if any(_overlap(span, place, len(value)) for place in places):
                    planted[size + index] = True
            emit(ids)
            continue
        if kind == "ask" and len(stated.get(fact, ())) < len(fact.values):
            continue
        values = fact.values if kind == "ask" else (facts.NONE,)
        question, _ = bpe.encode(facts.QUESTION.format(question=fact.ask(rng, split)))
        reply, spans = bpe.encode(" " + facts.SEPARATOR.join(values) + "\n")
        if size + len(question) + len(reply) > length:
            continue
        emit(question)
        # The token at position t is predicted at t - 1.
        answer[size - 1 : size - 1 + len(reply)] = True
        begin = 1
        for value in values if kind == "ask" else ():
            for index, span in enumerate(spans):
                inside = (max(span[0], begin) - begin, min(span[1], begin + len(value)) - begin)
                if inside[0] < inside[1] and supervised < ASKED:
                    found = _holding(stated[fact][value], inside)
                    asked[supervised] = size - 1 + index
                    source[supervised, : len(found)] = found
                    supervised += 1
            begin += len(value) + len(facts.SEPARATOR)
        emit(reply)
    fill(length + 1 - size)
    return tokens, answer, planted, asked, source, went


def marks(rng, filler, length, chunk, bpe, reader, density, asking=True):
    """A sequence of natural text with facts, headings and queries, as a dict of arrays without the B."""
    found = []
    if asking and rng.random() < QUERIES_SHARE:
        filler, found = queries.insert(rng, filler, int(0.9 * length), reader, bpe, chunk)
    *arrays, went = build(rng, filler, length, chunk, bpe, "loose", density)
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
        "query": np.full(queries.FOUND, -1, dtype=np.int64),
        "passage": np.full((queries.FOUND, 2), -1, dtype=np.int64),
    }


def headings(filler, reader):
    """[low, high) tokens of the headings of a text."""
    text, ends = reader.text(filler)
    for match in words.HEADING.finditer(text):
        yield tuple(int(place) for place in np.searchsorted(ends, match.span(1), side="right"))


def many_documents(rng, corpus, length, bpe, reader):
    """A sequence of documents, one of which answers the question; None if the draw found no such document."""
    size = int(length * rng.uniform(0.25, 0.97))
    found = None
    for _ in range(20):
        found = documents.passage(rng, corpus.crop(rng, rng.randint(*documents.PASSAGE)), reader)
        if found:
            break
    if not found:
        return None
    body, query = found

    def encode(text):
        return bpe.encode(text)[0]

    each = len(encode(documents.QUESTION.format(query=query))) + 20
    passages, used = [body], len(body) + 2 * each + 20
    while used < size and len(passages) < 900:
        other = corpus.crop(rng, rng.randint(*documents.PASSAGE))
        passages.append(other)
        used += len(other) + each
    passages = passages[: max(1, len(passages) - (used > size))]
    gold = rng.randrange(len(passages))
    passages[0], passages[gold] = passages[gold], passages[0]
    ids, closing, start, reply = documents.sequence(rng, passages, query, gold, encode)
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


def _tokens(bpe, value):
    """Tokens that hold a part of a value within a text; the larger count of those with a space before it and
    without."""
    if value.isdigit():
        return len(value)
    spaced = sum(end > 1 for _, end in bpe.encode(" " + value)[1])
    return max(len(bpe.encode(value)[0]), spaced)


def _occurrences(text, value):
    places, at = [], text.find(value)
    while at >= 0:
        places.append(at)
        at = text.find(value, at + len(value))
    return places


def _overlap(span, place, width):
    return span[0] < place + width and span[1] > place


def _holding(mentions, inside):
    """The planted tokens that hold characters `inside` of a value, one a mention, at most two."""
    found = []
    for start, spans, place in mentions[:2]:
        for index, span in enumerate(spans):
            if span[1] > place + inside[0]:
                found.append(start + index)
                break
    return found


class Sequences(torch.utils.data.IterableDataset):
    """Endless batches. Sequence r of batch i is made from seed, i and r alone, whichever worker makes it and
    however many processes share the batch: `rows` are those of this process."""

    def __init__(self, folder, tokenizer, rows, length, chunk, seed, first=0, density=0.75, asking=True):
        """`asking`: with queries for the retrieval heads."""
        self.folder, self.tokenizer, self.asking = folder, tokenizer, asking
        self.rows, self.length, self.chunk = rows, length, chunk
        self.seed, self.first, self.density = seed, first, density

    def __iter__(self):
        corpus, bpe, reader = Corpus(self.folder), AsciiBPE(self.tokenizer), words.Words(self.tokenizer)
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
