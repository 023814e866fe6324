"""Tokenises corpus shards into flat uint16 files, a document a process.

    python3 -m memmamba_training.corpus.tokenize_shards OUT SHARD.jsonl.xz …

Writes `<shard>.bin` (token ids) and `<shard>.idx` (int64 starts of the documents).
"""

import argparse
import json
import lzma
from multiprocessing import Pool
from pathlib import Path

import numpy as np

from .tokenizer import add_tokenizer_option, load_tokenizer


def load(path):
    """Gives a process its tokenizer."""
    global tokenizer
    tokenizer = load_tokenizer(path)


def encode(line):
    return np.array(tokenizer.encode(json.loads(line)["text"]).ids, np.uint16)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder of the token shards")
    parser.add_argument("shards", nargs="+", help="documents, JSON lines in xz")
    add_tokenizer_option(parser)
    options = parser.parse_args()
    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    with Pool(initializer=load, initargs=(options.tokenizer,)) as pool:
        for shard in options.shards:
            name = Path(shard).name.split(".")[0]
            with lzma.open(shard, "rt") as lines:
                documents = list(pool.imap(encode, lines))
            starts = np.cumsum([0] + [len(document) for document in documents[:-1]])
            starts.astype(np.int64).tofile(out / f"{name}.idx")
            # Written under another name first: a reader never sees half a shard.
            part = out / f"{name}.part"
            np.concatenate(documents).tofile(part)
            part.rename(out / f"{name}.bin")
            print(name, sum(map(len, documents)), flush=True)


if __name__ == "__main__":
    main()
