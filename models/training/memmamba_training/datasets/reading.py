"""Questions to a reader: groups of passages, of which one or none holds the answer.

Half of them are recurring spans (Splinter, Ram et al. 2021, arXiv 2101.00438): a name, a number or a group of
words that comes again elsewhere in its document. The sentence around the other mention is the question, with
a gap or a question word in the span's place. The other half was written by people who had read a passage
(`corpus/written_questions.py`).

A batch is a dict of arrays of R rows of L tokens, a passage a row:

    tokens  (R, L) int64    the question, the passage and `Answer:`, then padding
    inside  (R, L) bool     tokens of the passage
    start   (R, L) bool     where an answer starts
    end     (R, L) bool     and where it ends
    asked   (R) int64       the last token of the question
    last    (R) int64       the last token
    group   (R) int64       rows of one question share a number, that of their first row
"""

import re

import torch

from ..corpus.tokenizer import Tokens
from .loading import SeededBatches

QUESTION = "Question: {}"
PASSAGE = "\n\n{}"
ANSWER = "\n\nAnswer:"
ASKED = 64  # tokens of a question at most
SIZES = (250, 1450)  # characters of a passage
GROUPS = {1: 0.25, 2: 0.4, 4: 0.35}  # passages a question
WRITTEN = 0.55  # share of the questions
UNANSWERED = 0.1  # share of the questions that lose their answer's passage
MENTIONS = 4  # places of one answer that count as right

CAPITALS = re.compile(r"(?<=[a-z,;] )[A-Z][\w’'-]+(?: (?:of |the |de |van |von )?[A-Z][\w’'-]+){0,3}")
NUMBERS = re.compile(r"\b\d[\d,.:/]*\d\b|\b\d\b")
WORDS = re.compile(r"\b[a-z][a-z’'-]{3,}(?: [a-z][a-z’'-]{3,}){0,2}\b")
BEGIN = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+|\n\s*\n")


def row(tokens, length, question, passage, spans):
    """One row: ids, where the passage's tokens begin and end, and the token places of starts and ends."""
    asked = tokens.encode(QUESTION.format(question))[0][:ASKED]
    final = tokens.encode(ANSWER)[0]
    ids, offsets = tokens.encode(PASSAGE.format(passage))
    room = length - len(asked) - len(final)
    ids, offsets = ids[:room], offsets[:room]
    lead = len(PASSAGE.format(""))
    starts, ends = set(), set()
    for first, last in spans:
        first, last = first + lead, last + lead
        start = next((i for i, (a, b) in enumerate(offsets) if a <= first < b), None)
        end = next((i for i, (a, b) in enumerate(offsets) if a < last <= b), None)
        if start is not None and end is not None and end >= start:
            starts.add(len(asked) + start)
            ends.add(len(asked) + end)
    return asked + ids + final, len(asked), len(asked) + len(ids), starts, ends


def batch(groups, rows, length):
    """Arrays of the rows of `groups`, lists of what `row` gives; a row that nothing fills is a group of one
    whose answer is none."""
    arrays = {
        "tokens": torch.zeros(rows, length, dtype=torch.long),
        "inside": torch.zeros(rows, length, dtype=torch.bool),
        "start": torch.zeros(rows, length, dtype=torch.bool),
        "end": torch.zeros(rows, length, dtype=torch.bool),
        "asked": torch.zeros(rows, dtype=torch.long),
        "last": torch.zeros(rows, dtype=torch.long),
        "group": torch.arange(rows),
    }
    index = 0
    for group in groups:
        first = index
        for ids, begin, end, starts, ends in group:
            arrays["tokens"][index, : len(ids)] = torch.tensor(ids)
            arrays["inside"][index, begin:end] = True
            arrays["start"][index, list(starts)] = True
            arrays["end"][index, list(ends)] = True
            arrays["asked"][index] = begin - 1
            arrays["last"][index] = len(ids) - 1
            arrays["group"][index] = first
            index += 1
    return arrays


def cut(rng, text, low, high, inside=None):
    """A passage of `SIZES` characters within [low, high) of a text, around `inside` if that is given: [start,
    end), mostly whole sentences."""
    size = rng.randrange(*SIZES)
    if inside is None:
        start = rng.randrange(low, max(low + 1, high - size))
    else:
        width = inside[1] - inside[0]
        size = max(size, width + 60)
        start = max(low, inside[0] - rng.randrange(20, max(21, size - width - 20)))
    end = min(high, start + size)
    first, last = (start, end) if inside is None else inside
    if rng.random() < 0.8:
        # From the next sentence on, to the end of the last one.
        match = BEGIN.search(text, start, min(end, start + 300))
        if match and match.end() <= first + (end - start if inside is None else 0):
            start = match.end()
        ends = [match.start() for match in BEGIN.finditer(text, max(start, end - 300), end)]
        if ends and ends[-1] >= last - (end - start if inside is None else 0):
            end = ends[-1]
    return (start, end) if end - start >= 40 else (max(low, end - 40), end)


def mentions(passage, answer, first):
    """Up to `MENTIONS` places of an answer in a passage, the one at `first` among them."""
    found = [(first, first + len(answer))]
    if len(answer) > 3:
        lower, wanted = passage.lower(), answer.lower()
        at = lower.find(wanted)
        while at >= 0 and len(found) < MENTIONS:
            if at != first:
                found.append((at, at + len(answer)))
            at = lower.find(wanted, at + 1)
    return found


def reworded(rng, question):
    """A written question, now and then without its mark, in lower case, or short of a word."""
    words = question.split()
    if len(words) > 4 and rng.random() < 0.15:
        del words[rng.randrange(len(words))]
    text = " ".join(words)
    if rng.random() < 0.12:
        text = text.lower()
    return text.rstrip("?") if rng.random() < 0.1 else text


def written(rng, texts, size):
    """A written question with `size` passages: (question, [(passage, spans)])."""
    while True:
        asked = rng.choice(texts.questions)
        if asked["kind"] == "keywords":
            continue
        text = texts.documents[asked["doc"]]
        low, high = asked["passage"]
        found = []
        if asked["kind"] == "none":
            start, end = cut(rng, text, low, high)
            found.append((text[start:end], []))
        elif rng.random() >= UNANSWERED:
            [(first, last)] = asked["spans"]
            if last - first > SIZES[1] - 100:
                continue
            around = max(0, low - 400), min(len(text), high + 400)
            start, end = cut(rng, text, *around, (first, last))
            passage = text[start:end]
            found.append((passage, mentions(passage, text[first:last], first - start)))
        near = rng.sample(asked["near"], len(asked["near"]))
        while len(found) < size:
            if near:
                span = near.pop()
                start, end = cut(rng, text, *span)
            else:
                text = texts.draw(rng)
                start, end = cut(rng, text, 0, len(text))
            if (
                asked["answer"]
                and asked["kind"] == "fact"
                and asked["answer"].lower() in text[start:end].lower()
            ):
                continue
            found.append((text[start:end], []))
        rng.shuffle(found)
        return reworded(rng, asked["question"]), found


def _sentence(text, at, width):
    """[start, end) of the sentence around a mention, at most some 200 characters to either side."""
    before = [text.rfind(mark, 0, at) for mark in (". ", "! ", "? ", "\n\n")]
    after = [place for mark in (". ", "? ", "\n\n") if (place := text.find(mark, at + width)) >= 0]
    start = max(max(before) + 2, at - 200)
    return start, min(min(after, default=len(text)), at + width + 160)


def recurring(rng, texts, size):
    """A recurring span with `size` passages, as `written`."""
    while True:
        document = texts.draw(rng)
        at = rng.randrange(max(1, len(document) - 9000))
        text = document[at : at + 9000]
        draw = rng.random()
        pattern = CAPITALS if draw < 0.45 else NUMBERS if draw < 0.58 else WORDS
        places = _recurring_spans(rng, texts, text, pattern)
        if not places:
            continue
        span = rng.choice(list(places))
        first = rng.choice(places[span])
        start, end = cut(rng, text, 0, len(text), (first, first + len(span)))
        outside = [p for p in places[span] if p + len(span) < start - 5 or p > end + 5]
        if not outside:
            continue
        other = rng.choice(outside)
        around = _sentence(text, other, len(span))
        if around[1] - around[0] < len(span) + 25:
            continue
        left, right = text[around[0] : other], text[other + len(span) : around[1]]
        if not _tells(texts, left + right, text[max(0, first - 250) : first + 250]) and rng.random() < 0.7:
            continue
        question = _gap(rng, span, pattern, left, right)
        passage = text[start:end]
        answered = rng.random() >= UNANSWERED
        found = [(passage, mentions(passage, span, first - start))] if answered else []
        while len(found) < size:
            other_passage = _without(rng, texts, text, span, around)
            if other_passage is not None:
                found.append((other_passage, []))
        rng.shuffle(found)
        return question, found


def _recurring_spans(rng, texts, text, pattern):
    """Spans that come again in a text at some distance, with their places."""
    places = {}
    for match in pattern.finditer(text):
        span = match[0]
        if pattern is WORDS:
            words = span.split()
            span = " ".join(words[: rng.randint(1, len(words))])
            if len(span) < 6 or texts.common.issuperset(span.split()):
                continue
        places.setdefault(span, []).append(match.start())
    return {s: p for s, p in places.items() if 2 <= len(p) <= 12 and p[-1] - p[0] > 300 and len(s) < 60}


def _tells(texts, asked, around):
    """Whether a question shares a telling word with what stands around the answer."""
    telling = set(re.findall(r"[a-z]{4,}", asked.lower())) - texts.common
    return not telling.isdisjoint(re.findall(r"[a-z]{4,}", around.lower()))


def _without(rng, texts, text, span, sentence):
    """A passage without a span: of its text outside the sentence that the question is made of, else of
    another document. None if that holds the span too."""
    start, end = cut(rng, text, 0, len(text))
    if span in text[start:end] or (start < sentence[1] and end > sentence[0]):
        text = texts.draw(rng)
        start, end = cut(rng, text, 0, len(text))
        if span in text[start:end]:
            return None
    return text[start:end]


def _gap(rng, span, pattern, left, right):
    """The sentence around a span with a gap or a question word in its place, short of words now and then."""
    gap = "____"
    if rng.random() < 0.6:
        gap = "what"
        if pattern is CAPITALS and rng.random() < 0.6:
            gap = "who"
        elif pattern is NUMBERS and rng.random() < 0.5:
            gap = "when" if len(span) == 4 else "how many"
    dropped = 0.25 if rng.random() < 0.5 else 0

    def kept(part):
        return " ".join(word for word in part.split() if rng.random() >= dropped)

    return re.sub(r"\s+", " ", f"{kept(left)} {gap} {kept(right)}?").strip()


class Reading(SeededBatches):
    """Endless batches of R rows of L tokens."""

    name = "reading"

    def __init__(self, texts, tokenizer, rows, length, seed, first=0, groups=None, written=WRITTEN):
        self.texts, self.tokenizer, self.rows, self.length = texts, tokenizer, rows, length
        self.seed, self.first, self.groups, self.written = seed, first, groups or GROUPS, written

    def tools(self):
        return (Tokens(self.tokenizer),)

    def make(self, tokens, rng):
        groups, used = [], 0
        while used < self.rows:
            size = rng.choices(list(self.groups), list(self.groups.values()))[0]
            size = min(size, self.rows - used)
            human = self.texts.questions and rng.random() < self.written
            question, found = (written if human else recurring)(rng, self.texts, size)
            groups.append([row(tokens, self.length, question, *each) for each in found])
            used += size
        return batch(groups, self.rows, self.length)
