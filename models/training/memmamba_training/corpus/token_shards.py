"""The corpus as tokens: crops of it, and how often each token occurs."""

import json
from pathlib import Path

import numpy as np
import torch

# Share of the sequences by domain; books most, since they are the longest natural text.
DOMAINS = {
    "books": 0.55,
    "docs": 0.18,
    "textbooks": 0.08,
    "transcripts": 0.09,
    "code": 0.06,
    "logs": 0.04,
}


class TokenShards:
    """What `tokenize_shards.py` wrote: `<name>.bin` (uint16 tokens) and `<name>.idx` (document starts)."""

    def __init__(self, folder):
        shards = {}
        for path in sorted(Path(folder).glob("*.bin")):
            tokens = np.memmap(path, dtype=np.uint16, mode="r")
            starts = np.fromfile(path.with_suffix(".idx"), dtype=np.int64)
            shards.setdefault(path.stem.rsplit("-", 1)[0], []).append((tokens, starts))
        self.domains = [name for name in DOMAINS if name in shards]
        if not self.domains:
            raise FileNotFoundError(
                f"no token shards in {folder}; run memmamba_training.corpus.tokenize_shards first"
            )
        self.shards = shards
        self.weights = [DOMAINS[name] for name in self.domains]

    def crop(self, rng, length):
        """`length` tokens of one document where it is long enough, else of it and the next ones."""
        domain = rng.choices(self.domains, self.weights)[0]
        sizes = [len(tokens) for tokens, _ in self.shards[domain]]
        tokens, starts = rng.choices(self.shards[domain], sizes)[0]
        at = rng.randrange(max(1, len(tokens) - length))
        document = np.searchsorted(starts, at, side="right") - 1
        end = starts[document + 1] if document + 1 < len(starts) else len(tokens)
        if at + length > end:
            at = max(int(starts[document]), int(end) - length)
        at = max(0, min(at, len(tokens) - length))
        return tokens[at : at + length].astype(np.int64)


def unigram_frequencies(folder, tokenizer, vocabulary):
    """(V) relative frequencies over a sample; entries that are no word (no two letters) get 1."""
    corpus = TokenShards(folder)
    counts = np.ones(vocabulary)
    for shards in corpus.shards.values():
        for tokens, _ in shards:
            counts += np.bincount(tokens[:2_000_000], minlength=vocabulary)
    frequencies = counts / counts.sum()
    entries = json.loads(Path(tokenizer).read_text())["model"]["vocab"]
    for entry, index in entries.items():
        letters = sum(c.isalpha() and c.isascii() for c in entry)
        if letters < 3 and index < vocabulary:
            frequencies[index] = 1
    return torch.tensor(frequencies, dtype=torch.float32)
