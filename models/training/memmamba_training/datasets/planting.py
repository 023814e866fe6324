"""Facts planted into running text, questions about them, and the supervision of both.

`sequences.py` says what the arrays hold.
"""

import numpy as np

from ..facts import everyday, multi_fact, single_fact

ASKED = 96  # answer tokens a sequence under attention supervision; shapes are fixed


MAX_PLANTED = 42  # planted tokens a sequence: they must all fit the pool of 50


NONE_SHARE = 0.2


MULTI_FACT = 0.25  # share of the facts with several values, see `facts.multi_fact`


EVERYDAY = 0.35  # and of those in everyday wordings, see `facts.everyday`


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
    # Questions that the text does not answer; half of a kind that is there about somebody else.
    places = [
        (event[0], event[2].kind, isinstance(event[2], everyday.Everyday))
        for event in asked
        if not isinstance(event[2], multi_fact.MultiFact) and rng.random() < NONE_SHARE
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
        values = fact.values if kind == "ask" else (single_fact.NONE,)
        question, _ = bpe.encode(single_fact.QUESTION.format(question=fact.ask(rng, split)))
        reply, spans = bpe.encode(" " + single_fact.SEPARATOR.join(values) + "\n")
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
            begin += len(value) + len(single_fact.SEPARATOR)
        emit(reply)
    fill(length + 1 - size)
    return tokens, answer, planted, asked, source, went


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
