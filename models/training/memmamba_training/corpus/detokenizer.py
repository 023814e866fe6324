"""Text of token sequences, and the sentences and headings in it, by token."""

import json

import numpy as np


class Detokenizer:
    """Decodes token ids byte by byte: a character here is a byte of the text, so that places stay exact."""

    def __init__(self, tokenizer):
        with open(tokenizer) as file:
            vocabulary = json.load(file)["model"]["vocab"]
        shown = [b for b in range(256) if 33 <= b <= 126 or 161 <= b <= 172 or 174 <= b <= 255]
        hidden = [b for b in range(256) if b not in shown]
        table = {chr(b): b for b in shown} | {chr(256 + i): b for i, b in enumerate(hidden)}
        self.bytes = [b""] * (max(vocabulary.values()) + 1)
        for entry, index in vocabulary.items():
            if all(c in table for c in entry):
                self.bytes[index] = bytes(table[c] for c in entry)

    def text(self, tokens):
        """The text, and where each token ends in it."""
        parts = [self.bytes[token] for token in tokens.tolist()]
        return b"".join(parts).decode("latin-1"), np.cumsum([len(part) for part in parts])
