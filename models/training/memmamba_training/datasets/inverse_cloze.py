"""Queries put into natural text, for the retrieval head: what was there before, and where.

A query follows its passage at some distance and reads `Find: …`. It is a sentence that was taken out of the
passage (the inverse cloze task, arXiv 1906.00300), a heading taken off its section, or a few of the words of
a sentence, bare or as a question. So no labels are needed but the text's own order.
"""

import bisect
from dataclasses import dataclass

import numpy as np

from ..corpus.sentences import HEADING, content_words, query_sentences

FIND = "\n\nFind: {query}\n"
FOUND = 4  # queries a sequence; shapes are fixed
AROUND = 96  # tokens before and after a sentence that count as its passage
EARLY = 0.8  # share of the text whose sentences may be asked for
SECTION = 256  # tokens of a section that answer its heading
FORMS = (
    "Where is {words} mentioned?",
    "What does the text say about {words}?",
    "Which part is about {words}?",
    "{words}",
    "{words}",
)


@dataclass(frozen=True)
class Query:
    """Token places of the text that holds it: the query's first and last, and its passage [low, high)."""

    start: int
    last: int
    low: int
    high: int


def insert(rng, tokens, room, words, bpe, chunk):
    """tokens with queries put into the first `room` of them, and the queries; of other length than before."""
    count = min(rng.choices((1, 2, FOUND), (30, 30, 40))[0], room // 512)
    if not count:
        return tokens, []
    source = _Source(*words.text(tokens), room)
    if len(source.spoken) < 4:
        return tokens, []
    edits, plans, taken = [], [], []
    for _ in range(3 * count):
        if len(plans) == count:
            break
        heading = source.headings and rng.random() < 0.5
        drawn = source.heading(rng) if heading else source.sentence(rng)
        if drawn is None:
            continue
        query, (low, high), passage, removed = drawn
        query = " ".join(query.split())
        after = max(passage[1], high) + chunk
        if not query.isascii() or passage[1] - passage[0] < 32 or after >= room - 80:
            continue
        if any(low < other_high and other_low < high for other_low, other_high in taken):
            continue
        taken.append((low, high))
        near = rng.random() < 0.3
        place = rng.randrange(after, min(after + 8 * chunk, room - 60) if near else room - 60)
        ids = bpe.encode(FIND.format(query=query))[0]
        if removed:
            edits.append((low, high - low, [], None))
        edits.append((place, 0, ids, len(plans)))
        plans.append(passage)
    return _apply(tokens, edits, plans)


class _Source:
    """What a text can be asked for.

    A draw is (query, its tokens [low, high), those of the passage it is about, whether it is taken out).
    """

    def __init__(self, text, ends, room):
        """`ends`: of each token, in characters; `room`: tokens of the text that queries may be put into."""
        self.text, self.ends = text, ends
        early = EARLY * (ends[room - 1] if room < len(ends) else len(text))
        self.spoken = [span for span in query_sentences(text) if span[1] < early]
        self.headings = [match.span(1) for match in HEADING.finditer(text)]

    def heading(self, rng):
        """A heading, about its section."""
        index = rng.randrange(len(self.headings))
        start, end = self.headings[index]
        low, high = self._tokens(start, end)
        following = self.headings[index + 1][0] if index + 1 < len(self.headings) else len(self.text)
        passage = (high, min(high + SECTION, self._token_at(min(following, len(self.text) - 1))))
        return self.text[start:end], (low, high), passage, rng.random() < 0.8

    def sentence(self, rng):
        """A sentence or some of its words, about what stands around it; None if it has too few of them."""
        start, end = rng.choice(self.spoken)
        low, high = self._tokens(start, end)
        query = self.text[start:end].strip()
        removed = rng.random() < 0.7
        if rng.random() < 0.55:
            chosen = content_words(rng, query)
            if chosen is None:
                return None
            query = rng.choice(FORMS).format(words=" ".join(chosen))
        return query, (low, high), (max(0, low - AROUND), high + AROUND), removed

    def _tokens(self, start, end):
        return self._token_at(start), self._token_at(end - 1) + 1

    def _token_at(self, place):
        return int(np.searchsorted(self.ends, place, side="right"))


def _apply(tokens, edits, plans):
    """Carries out edits (place, tokens taken out, tokens put in, query or None); moves the passages along."""
    parts, used, size = [], 0, 0
    olds, shifts, places = [0], [0], {}
    for place, removed, ids, plan in sorted(edits, key=lambda edit: edit[0]):
        if place < used:
            continue  # inside of what was taken out
        parts.append(tokens[used:place])
        size += place - used
        if plan is not None:
            places[plan] = (size, size + len(ids) - 1)
        parts.append(np.array(ids, dtype=np.int64))
        size += len(ids)
        used = place + removed
        olds.append(used)
        shifts.append(size - used)
    parts.append(tokens[used:])

    def moved(place):
        return place + shifts[bisect.bisect_right(olds, place) - 1]

    found = []
    for plan, (low, high) in enumerate(plans):
        if plan in places:
            start, last = places[plan]
            found.append(Query(start, last, max(0, moved(low)), moved(high)))
    return np.concatenate(parts), found
