"""Passages of a text: runs of whole sentences, and their ranking by words (BM25), for training and measuring.

Plain and quick rather than exact: what ships has its own sentences and its own search (`models/search`).
Offsets are code points.
"""

import re

SIZE = 420  # characters of a passage
LONGEST = 1200  # a sentence of more is cut, into pieces of
PIECE = 1000
BREAK = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[A-Z\"'“‘(\[0-9])|\n\s*\n|\n(?=\s*[-*#>|\d])")


def sentences(text):
    """(start, end) of the sentences of a text, in order."""
    position = 0
    for match in BREAK.finditer(text):
        if text[position : match.start()].strip():
            yield position, match.start()
        position = match.end()
    if text[position:].strip():
        yield position, len(text)


def passages(text, size=SIZE):
    """(start, end) of runs of whole sentences of about `size` characters."""
    found, start, end = [], None, None
    for first, last in sentences(text):
        while last - first > LONGEST:
            if start is not None:
                found.append((start, end))
                start = None
            found.append((first, first + PIECE))
            first += PIECE
        if start is None:
            start = first
        elif last - start > size:
            found.append((start, end))
            start = first
        end = last
    if start is not None:
        found.append((start, end))
    return found
