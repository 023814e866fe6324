"""Documents of the recall tasks: needles in a haystack of tokens, a question, and its answer.

Passkeys after DeciMamba's public code; multi-key, multi-value, multi-query and variable tracking after RULER
(arXiv 2404.06654), its number-in-text needles with four of each.
"""

from dataclasses import dataclass

import numpy as np

from ..datasets import document_retrieval as documents
from ..facts import everyday as everyday_facts
from ..facts import multi_fact, single_fact

NEEDLE = "One of the special magic numbers for {who} is: {value}."
ASK = "What are all the special magic numbers for {who} mentioned in the provided text?"
ASK_ONE = "What is the special magic number for {who} mentioned in the provided text?"
FOUR = 4
RULER = ("multi-key", "multi-value", "multi-query", "variables")


@dataclass(frozen=True)
class Document:
    ids: np.ndarray  # haystack with needles, question and answer
    reply: int  # tokens of the answer, the closing newline included
    digits: list  # for each character of the first needle's value the positions of its mentions
    depth: float = -1.0

    @property
    def question_end(self):
        return len(self.ids) - self.reply


def build(tokenizer, hay, needles, question, values, depth=-1.0):
    """hay: token ids; needles: (place in the haystack, text, value), in order."""
    ids, used, digits = [], 0, []
    size = 0
    for place, text, value in needles:
        text = f"\n{text}\n"
        encoded = tokenizer.encode(text)
        ids += [hay[used:place], np.array(encoded.ids, np.int64)]
        size += place - used
        used = place
        digits.append(_mentions(text, value, encoded.offsets, size))
        size += len(encoded.ids)
    ask = tokenizer.encode(single_fact.QUESTION.format(question=question)).ids
    reply = tokenizer.encode(" " + single_fact.SEPARATOR.join(values) + "\n").ids
    ids += [hay[used:], np.array(ask, np.int64), np.array(reply, np.int64)]
    return Document(np.concatenate(ids), len(reply), digits[0] if digits else [], depth)


def _mentions(text, value, offsets, start):
    found = [[] for _ in value]
    place = text.find(value)
    while place >= 0:
        for index, (_, end) in enumerate(offsets):
            if place < end <= place + len(value):
                found[end - place - 1].append(start + index)
        place = text.find(value, place + 1)
    return found


def passkey(rng, books, tokenizer, length, depth, split):
    """One key of five digits at a depth, in DeciMamba's words (`deci`) or those of a split."""
    kind = single_fact.kind_named("pass key")
    value = "".join(rng.choice("0123456789") for _ in range(5))
    fact = single_fact.Fact(kind, "", "", value)
    if split == "deci":
        # Both are in the training mix.
        text, question = kind.statements[0].format(value=value), "What is the pass key?"
    else:
        text, question = fact.state(rng, split), fact.ask(rng, split)
    hay = _haystack(rng, books, tokenizer, length, [text], question)
    return build(tokenizer, hay, [(round(depth * len(hay)), text, value)], question, [value], depth)


def absent(rng, books, tokenizer, length):
    """A document without a key that is asked for one."""
    question = "What is the pass key?"
    hay = _haystack(rng, books, tokenizer, length, [], question)
    return build(tokenizer, hay, [], question, [single_fact.NONE])


def everyday(rng, books, tokenizer, length, depth):
    """One fact in an everyday wording that training leaves out, at a depth."""
    fact = everyday_facts.draw(rng, "held")
    [(text, value)], question = fact.parts(rng, "held"), fact.ask(rng, "held")
    hay = _haystack(rng, books, tokenizer, length, [text], question)
    return build(tokenizer, hay, [(round(depth * len(hay)), text, value)], question, [value], depth)


def everyday_absent(rng, books, tokenizer, length, depth):
    """The same where the question is about somebody of whom the document says nothing."""
    while True:
        fact = everyday_facts.draw(rng, "held")
        other = everyday_facts.draw(rng, "held", fact.kind)
        if fact.owner != other.owner and all("{o}" in asked for asked in other.wording.questions):
            break
    [(text, _)], question = fact.parts(rng, "held"), other.ask(rng, "held")
    hay = _haystack(rng, books, tokenizer, length, [text], question)
    return build(tokenizer, hay, [(round(depth * len(hay)), text, "")], question, [single_fact.NONE], depth)


def ruler(rng, books, tokenizer, length, task):
    """One document of a task of RULER."""
    things = single_fact.kind_named("magic number").who
    if task == "variables":
        group = multi_fact.variables(rng, "held", FOUR)
        texts, values, question, answer = group.texts, group.values, group.question, group.values
    else:
        names = [rng.choice(things)] * FOUR if task == "multi-value" else rng.sample(things, FOUR)
        values = []
        while len(values) < FOUR:
            value = str(rng.randrange(1_000_000, 10_000_000))
            values += [value] if value not in values else []
        texts = [NEEDLE.format(who=who, value=value) for who, value in zip(names, values)]
        if task == "multi-key":
            which = rng.randrange(FOUR)
            question, answer = ASK_ONE.format(who=names[which]), [values[which]]
        elif task == "multi-value":
            question, answer = ASK.format(who=names[0]), values
        else:
            order = rng.sample(range(FOUR), FOUR)
            listed = ", ".join(names[i] for i in order[:-1]) + f" and {names[order[-1]]}"
            question, answer = ASK.format(who=listed), [values[i] for i in order]
    hay = _haystack(rng, books, tokenizer, length, texts, question)
    places = sorted(rng.randrange(len(hay)) for _ in texts)
    return build(tokenizer, hay, list(zip(places, texts, values)), question, answer)


def document_retrieval(rng, crops, tokenizer, reader, count):
    """`count` documents and one more, whose number is asked for; crops(rng, length) gives passages."""
    found = None
    while found is None:
        found = documents.passage(rng, crops(rng, rng.randint(*documents.PASSAGE)), reader)
    body, query = found
    passages = [crops(rng, rng.randint(*documents.PASSAGE)) for _ in range(count)]
    gold = rng.randrange(count + 1)
    passages.insert(gold, body)

    def encode(text):
        return tokenizer.encode(text).ids

    ids, closing, _, reply = documents.sequence(rng, passages, query, gold, encode)
    return Document(ids, reply, [[place] for place in closing])


def _haystack(rng, books, tokenizer, length, texts, question):
    """What of `length` tokens needles and question leave, from a random place of the books."""
    used = sum(len(tokenizer.encode(f"\n{text}\n").ids) for text in texts)
    size = length - used - len(tokenizer.encode(single_fact.QUESTION.format(question=question)).ids)
    start = rng.randrange(len(books.all) - size)
    return books.all[start : start + size]
