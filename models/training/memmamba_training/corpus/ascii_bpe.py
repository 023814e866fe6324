"""Byte-level BPE for the short ASCII strings of planted facts, from `tokenizer.json`.

The corpus is tokenised by the `tokenizers` library (`tokenize_shards.py`). Facts are made on
the fly in many worker processes, where a table of known words is all it takes. A test compares both.
"""

import functools
import json
import re

SPACE = r"[\t\n\v\f\r ]"
# The pattern of tokenizer.json, on ASCII.
PRE_TOKEN = re.compile(
    r"'(?:[sdmt]|ll|ve|re)(?![A-Za-z])| ?[A-Za-z]{1,63}|[0-9]"
    r"| ?[^\t\n\v\f\r A-Za-z0-9]{1,63}"
    rf"|{SPACE}{{1,63}}(?![^\t\n\v\f\r ])|{SPACE}{{1,63}}"
)


class AsciiBPE:
    def __init__(self, path):
        with open(path) as file:
            model = json.load(file)["model"]
        self.vocab = model["vocab"]
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(model["merges"])}
        self.word = functools.lru_cache(100_000)(self._word)

    def _word(self, text):
        if not text.isascii():
            raise ValueError(f"not ASCII: {text!r}")
        # GPT-2's table moves the bytes that do not print up by 256, in order.
        parts = [c if "!" <= c <= "~" else _shifted(ord(c)) for c in text]
        while len(parts) > 1:
            pairs = list(zip(parts, parts[1:]))
            best = min(pairs, key=lambda pair: self.ranks.get(pair, 1 << 30))
            if best not in self.ranks:
                break
            merged, i = [], 0
            while i < len(parts):
                if i + 1 < len(parts) and (parts[i], parts[i + 1]) == best:
                    merged.append(parts[i] + parts[i + 1])
                    i += 2
                else:
                    merged.append(parts[i])
                    i += 1
            parts = merged
        return [(self.vocab[part], len(part)) for part in parts]

    def encode(self, text):
        """Token ids and the (start, end) of each token in characters."""
        ids, spans, at = [], [], 0
        for match in PRE_TOKEN.finditer(text):
            for token, width in self.word(match.group()):
                ids.append(token)
                spans.append((at, at + width))
                at += width
        return ids, spans


def _shifted(byte):
    return chr(256 + (byte if byte <= 32 else byte - 127 + 33))
