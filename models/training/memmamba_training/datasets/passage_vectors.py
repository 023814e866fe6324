"""What passage vectors are taught with: stretches of text cut into passages, and queries about them.

Queries are questions that people wrote (`corpus/written_questions.py`), what surrounds another mention of a
span elsewhere in the document, and sentences short of some of their words. A sentence encoder gives vectors
of passages and queries, whose similarities are a second teacher.

A batch is a dict of arrays, with R rows of L tokens, N = R · `PASSAGES` places for passages and Q queries of
K tokens:

    tokens   (R, L + 1) int64   text and its next tokens
    of       (R, L) int64       the passage of each token, N where it is none
    real     (N) bool           places that hold a passage
    queries  (Q, K) int64       `Query: …`, then padding
    part     (Q, K) bool        tokens of a query
    gold     (Q, N) bool        the passages that a query is about, none where only the encoder teaches

For the encoder it holds its own tokens too, 0 where there is none: "passage ids" (N, 160) and "query ids"
(Q, 64).
"""

import re

import torch

from ..corpus.passages import passages
from ..corpus.tokenizer import Tokens, load_tokenizer
from . import reading
from .loading import SeededBatches

QUERY = "Query: {}"
PASSAGES = 28  # of one row, at most
SIZES = (160, 300, 420, 420, 600)  # characters of a passage
WRITTEN = 0.6  # share of the rows about which people asked
STRETCH = 5200  # characters of a row, more than its tokens take
APART = 40000  # characters around it in which a second row of the same document is sought
ENCODED = (160, 64)  # tokens of a passage and a query that the encoder reads


class Encoder:
    """Tokens for the sentence encoder."""

    def __init__(self, folder):
        self.tokenizer = load_tokenizer(f"{folder}/tokenizer.json")
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def encode(self, texts, rows, most):
        found = torch.zeros(rows, most, dtype=torch.int32)
        for index, text in enumerate(texts[:rows]):
            ids = self.tokenizer.encode(text).ids
            ids = ids if len(ids) <= most else ids[: most - 1] + ids[-1:]
            found[index, : len(ids)] = torch.tensor(ids, dtype=torch.int32)
        return found


def nearby(rng, text, span, low, high):
    """What surrounds a mention of a span in a document outside of [low, high), with words left out, or
    None."""
    base = max(0, low - 12000)
    near = text[base : high + 12000]
    outside = [m.start() for m in re.finditer(re.escape(span), near)]
    outside = [p for p in outside if not low - len(span) - 5 <= p + base <= high + 5]
    if not 1 <= len(outside) <= 12:
        return None
    at = rng.choice(outside)
    start = max(near.rfind(". ", 0, at), near.rfind("\n\n", 0, at), at - 160) + 2
    ends = [p for mark in (". ", "\n\n") if (p := near.find(mark, at + len(span))) >= 0]
    end = min(min(ends, default=len(near)), at + len(span) + 120)
    middle = span if rng.random() < 0.75 else ""
    words = (near[start:at] + middle + near[at + len(span) : end]).split()
    words = [word for word in words if rng.random() > 0.25][:28]
    return " ".join(words) if len(words) >= 4 else None


def spans(rng, texts, text):
    """Names and telling word groups of a text, in random order, each with its places."""
    places = {}
    pattern = reading.CAPITALS if rng.random() < 0.5 else reading.WORDS
    for match in pattern.finditer(text):
        if len(match[0]) >= 6 and not texts.common.issuperset(match[0].split()):
            places.setdefault(match[0], []).append(match.start())
    found = list(places.items())
    rng.shuffle(found)
    return found


def made(rng, texts, document, low, text, found):
    """Queries made by rule about the passages `found` of a stretch: (query, numbers of passages)."""
    asked = []
    for span, places in spans(rng, texts, text)[:14]:
        query = nearby(rng, document, span, low, low + len(text))
        about = [k for k, (a, b) in enumerate(found) if any(a <= p < b for p in places)]
        if query and 1 <= len(about) <= 4:
            asked.append((query, about))
        if len(asked) == 3:
            break
    if len(found) > 3:
        index = rng.randrange(len(found))
        sentence = rng.choice(re.sub(r"\s+", " ", text[slice(*found[index])]).split(". ")).split()
        words = [word for word in sentence if rng.random() < 0.6][: rng.randrange(4, 16)]
        if len(words) >= 3:
            asked.append((" ".join(words), [index]))
    return asked


def written(rng, questions, low, found):
    """Queries that people wrote about the passages `found` of a stretch, which begins at `low` of its
    document: (query, numbers of passages)."""
    asked = []
    for question in questions:
        places = question["spans"] or [question["passage"]]
        about = [
            index
            for index, (start, end) in enumerate(found)
            if any(min(end + low, last) > max(start + low, first) for first, last in places)
        ]
        if about:
            asked.append((reading.reworded(rng, question["question"]), about[:12]))
    return asked


class Vectors(SeededBatches):
    """Endless batches. Every other row is of its neighbour's document."""

    name = "vectors"

    def __init__(self, texts, tokenizer, encoder, rows, length, queries, width, seed, first=0):
        self.texts, self.tokenizer, self.encoder = texts, tokenizer, encoder
        self.rows, self.length, self.queries, self.width = rows, length, queries, width
        self.seed, self.first = seed, first
        by_passage = {}
        for question in texts.questions:
            if question["kind"] != "none":
                by_passage.setdefault((question["doc"], *question["passage"]), []).append(question)
        self.asked = list(by_passage.items())
        self.all = [question["question"] for question in texts.questions]

    def tools(self):
        return Tokens(self.tokenizer), Encoder(self.encoder)

    def stretches(self, rng):
        """(document, start, questions) of the rows of a batch."""
        found = []
        while len(found) < self.rows:
            if self.asked and rng.random() < WRITTEN:
                (name, low, _), questions = rng.choice(self.asked)
                document = self.texts.documents[name]
                start = max(0, low - rng.randrange(2600))
            else:
                document, questions = self.texts.draw(rng), []
                start = rng.randrange(max(1, len(document) - STRETCH))
            found.append((document, start, questions))
            base = max(0, start - APART)
            end = min(len(document), start + APART)
            found.append((document, rng.randrange(base, max(base + 1, end - STRETCH)), []))
        return found[: self.rows]

    def make(self, tokens, encoder, rng):
        count = self.rows * PASSAGES
        arrays = {
            "tokens": torch.zeros(self.rows, self.length + 1, dtype=torch.long),
            "of": torch.full((self.rows, self.length), count),
            "real": torch.zeros(count, dtype=torch.bool),
            "queries": torch.zeros(self.queries, self.width, dtype=torch.long),
            "part": torch.zeros(self.queries, self.width, dtype=torch.bool),
            "gold": torch.zeros(self.queries, count, dtype=torch.bool),
        }
        shown, asked = [""] * count, []
        for row, (document, low, questions) in enumerate(self.stretches(rng)):
            low = document.find(" ", low) + 1 if low else 0
            text = document[low : low + STRETCH]
            found = self._stretch(arrays, row, text, tokens, rng)
            first = row * PASSAGES
            shown[first : first + len(found)] = [text[start:end] for start, end in found]
            queries = made(rng, self.texts, document, low, text, found) + written(rng, questions, low, found)
            asked += [(query, [first + index for index in about]) for query, about in queries]
        asked = self._filled(asked, shown, rng)
        for index, (query, about) in enumerate(asked):
            ids = tokens.encode(QUERY.format(query))[0][: self.width]
            arrays["queries"][index, : len(ids)] = torch.tensor(ids)
            arrays["part"][index, : len(ids)] = True
            arrays["gold"][index, about] = True
        arrays["passage ids"] = encoder.encode(shown, count, ENCODED[0])
        arrays["query ids"] = encoder.encode([query for query, _ in asked], self.queries, ENCODED[1])
        return arrays

    def _stretch(self, arrays, row, text, tokens, rng):
        """Puts a text into a row of the arrays; [start, end) of its passages that the row's tokens reach."""
        ids, offsets = tokens.encode(text)
        ids, offsets = ids[: self.length + 1], offsets[: self.length + 1]
        arrays["tokens"][row, : len(ids)] = torch.tensor(ids)
        read = offsets[-1][1] if offsets else 0
        found = [s for s in passages(text, rng.choice(SIZES))[:PASSAGES] if s[1] <= read]
        current = 0
        for index, (start, _) in enumerate(offsets[: self.length]):
            while current < len(found) and start >= found[current][1]:
                current += 1
            if current < len(found) and found[current][0] <= start:
                arrays["of"][row, index] = row * PASSAGES + current
        arrays["real"][row * PASSAGES : row * PASSAGES + len(found)] = True
        return found

    def _filled(self, asked, shown, rng):
        """As many of the queries as a batch has, in random order; where they are too few, questions about
        none of its passages too."""
        rng.shuffle(asked)
        asked = asked[: self.queries]
        while len(asked) < self.queries:
            asked.append((rng.choice(self.all) if self.all else rng.choice(shown)[:80], []))
        return asked
