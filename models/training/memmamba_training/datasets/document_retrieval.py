"""Document retrieval after DeciMamba (arXiv 2406.14528): many short documents with random numbers, the
question before each of them, and at the end the number of the one that answers it.

There the documents are SQuAD's; here they are passages of the corpus, and the question a heading or a
sentence that was taken out of one of them. Each document's number is said again after it, where a reader can
know whether it was the one.
"""

import numpy as np

from ..corpus.sentences import HEADING, content_words, query_sentences

QUESTION = "\n\nQuestion: Which document is about {query}?"
OPEN = "\nDocument {number}: "
CLOSE = "\nEnd of document {number}."
ANSWER = "\nAnswer:"
PASSAGE = (90, 220)  # tokens of a document


def passage(rng, tokens, words):
    """A passage of natural text without one of its sentences, and that sentence's words; None where it has
    none that is fit."""
    text, ends = words.text(tokens)
    found = query_sentences(text)
    headings = [match.span(1) for match in HEADING.finditer(text)]
    if headings and rng.random() < 0.5:
        start, end = rng.choice(headings)
        chosen = text[start:end].split()
    elif found:
        start, end = rng.choice(found)
        chosen = content_words(rng, text[start:end], 6)
    else:
        return None
    if not chosen or not text[start:end].isascii():
        return None
    low = int(np.searchsorted(ends, start, side="right"))
    high = int(np.searchsorted(ends, end - 1, side="right")) + 1
    rest = np.concatenate([tokens[:low], tokens[high:]])
    return (rest, " ".join(chosen)) if len(rest) >= 60 else None


def sequence(rng, passages, query, gold, encode):
    """Token ids of the whole, and where the gold number's tokens stand after its document and in the answer.

    passages: token ids; gold: index of the one that the query is about; encode: text → token ids. Numbers are
    drawn from 0 to 999, no two alike.
    """
    numbers = [str(number) for number in rng.sample(range(1000), len(passages))]
    question = encode(QUESTION.format(query=query))
    ids, size, closing = [], 0, []

    def emit(part):
        nonlocal size
        ids.append(np.asarray(part, dtype=np.int64))
        size += len(part)

    for index, (number, body) in enumerate(zip(numbers, passages)):
        emit(question)
        emit(encode(OPEN.format(number=number)))
        emit(body)
        close = encode(CLOSE.format(number=number))
        if index == gold:
            # Digits stand alone, and the full stop comes last.
            closing = [size + len(close) - 1 - len(number) + i for i in range(len(number))]
        emit(close)
    emit(question)
    emit(encode(ANSWER))
    reply = encode(f" {numbers[gold]}\n")
    start = size
    emit(reply)
    return np.concatenate(ids), closing, start, len(reply)
