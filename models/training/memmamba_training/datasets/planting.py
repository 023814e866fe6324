"""Facts planted into running text, questions about them, and the supervision of both.

`sequences.py` says what the arrays hold.
"""

import numpy as np

from ..facts import everyday, multi_fact, single_fact

ASKED = 96  # answer tokens a sequence under attention supervision; shapes are fixed
MAX_PLANTED = 42  # planted tokens a sequence: they must all fit the pool of 50
NONE_SHARE = 0.25  # of the questions bring one beside them that the text does not answer
SAME_KIND = 0.65  # of those that ask for what the text says of somebody else
MULTI_FACT = 0.25  # share of the facts with several values, see `facts.multi_fact`
EVERYDAY = 0.5  # and of those in everyday wordings, see `facts.everyday`
BEFORE = (" ", "\n", "\n\n", ". ")
AFTER = ("", " ", "\n", "\n\n")


def plan(rng, length, chunk, split, bpe):
    """Facts with their places: a sorted list of (position, "state", fact, (text, value)), (position, "ask",
    fact) and (position, "none", fact)."""
    events, subjects, planted = [], set(), 0
    for _ in range(rng.randint(0, 7)):
        which = rng.random()
        if which < MULTI_FACT:
            fact = multi_fact.draw(rng, split)
        else:
            fact = single(rng, which < MULTI_FACT + EVERYDAY, split)
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
    # Questions that the text does not answer; most of a kind that is there about somebody else.
    places = [
        (event[0], event[2].kind, isinstance(event[2], everyday.Everyday))
        for event in asked
        if not isinstance(event[2], multi_fact.MultiFact) and rng.random() < NONE_SHARE
    ]
    if len(places) < 2:
        places.append((rng.randrange(length - 30), None, rng.random() < EVERYDAY))
    for position, kind, plain in places:
        if kind is not None or rng.random() < 0.6:
            other = single(rng, plain, split, kind if rng.random() < SAME_KIND else None)
            if other.subject not in subjects:
                events.append((position, "none", other))
    # At one place a statement comes before its question.
    return sorted(events, key=lambda event: (event[0], event[1] != "state"))


def single(rng, plain, split, kind=None):
    """One fact of a kind: in an everyday wording if `plain`, else in one of `templates.txt`."""
    return (everyday if plain else single_fact).draw(rng, split, kind)


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
    planting = rng.random() < density
    events = plan(rng, length, chunk, split, bpe) if planting else plan_absent(rng, length, split)
    row = _Row(filler, length, bpe)
    stated = {}  # fact → value → its mentions, see `_Row.state`
    for position, kind, fact, *part in events:
        row.fill(max(0, position - row.size))
        if kind == "state":
            [(text, value)] = part
            mentions = row.state(rng.choice(BEFORE) + text + rng.choice(AFTER), value)
            if mentions is not None:
                stated.setdefault(fact, {})[value] = mentions
        elif kind == "none":
            row.ask(fact.ask(rng, split), {})
        elif len(stated.get(fact, ())) == len(fact.values):
            row.ask(fact.ask(rng, split), {value: stated[fact][value] for value in fact.values})
    row.fill(length + 1 - row.size)
    return row.tokens, row.answer, row.planted, row.asked, row.source, row.went


class _Row:
    """A sequence in the making: `size` of its tokens are there, `used` tokens of the filler are spent."""

    def __init__(self, filler, length, bpe):
        self.filler, self.length, self.bpe = filler, length, bpe
        self.tokens = np.empty(length + 1, dtype=np.int64)
        self.answer = np.zeros(length, dtype=bool)
        self.planted = np.zeros(length, dtype=bool)
        self.asked = np.full(ASKED, -1, dtype=np.int64)
        self.source = np.full((ASKED, 2), -1, dtype=np.int64)
        self.went = np.full(len(filler), -1, dtype=np.int64)
        self.size = self.used = self.supervised = 0

    def fill(self, count):
        """Goes on with up to `count` tokens of the filler."""
        part = self.filler[self.used : self.used + min(count, self.length + 1 - self.size)]
        self.went[self.used : self.used + len(part)] = np.arange(self.size, self.size + len(part))
        self.used += len(part)
        self._emit(part)

    def state(self, text, value):
        """Goes on with a text that states a value: its mentions (first token of the text, spans of the tokens
        in characters, place of the value), or None where there is no room."""
        ids, spans = self.bpe.encode(text)
        if self.size + len(ids) > self.length:
            return None
        places = _occurrences(text, value)
        mentions = [(self.size, spans, place) for place in places]
        for index, span in enumerate(spans):
            if any(_overlap(span, place, len(value)) for place in places):
                self.planted[self.size + index] = True
        self._emit(ids)
        return mentions

    def ask(self, question, mentions):
        """Goes on with a question and its answer, if there is room: the values that `mentions` has mentions
        of, or that there is none."""
        question, _ = self.bpe.encode(single_fact.QUESTION.format(question=question))
        values = mentions or (single_fact.NONE,)
        reply, spans = self.bpe.encode(" " + single_fact.SEPARATOR.join(values) + "\n")
        if self.size + len(question) + len(reply) > self.length:
            return
        self._emit(question)
        # The token at position t is predicted at t - 1.
        self.answer[self.size - 1 : self.size - 1 + len(reply)] = True
        begin = 1
        for value, places in mentions.items():
            self._supervise(spans, begin, len(value), places)
            begin += len(value) + len(single_fact.SEPARATOR)
        self._emit(reply)

    def _supervise(self, spans, begin, width, mentions):
        """Marks the tokens of a reply, about to be emitted, that hold its characters [begin, begin + width):
        each with the planted tokens that hold the same."""
        for index, span in enumerate(spans):
            inside = (max(span[0], begin) - begin, min(span[1], begin + width) - begin)
            if inside[0] < inside[1] and self.supervised < ASKED:
                found = _holding(mentions, inside)
                self.asked[self.supervised] = self.size - 1 + index
                self.source[self.supervised, : len(found)] = found
                self.supervised += 1

    def _emit(self, ids):
        ids = ids[: self.length + 1 - self.size]
        self.tokens[self.size : self.size + len(ids)] = ids
        self.size += len(ids)


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
