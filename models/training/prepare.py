"""Tokenises corpus shards into flat uint16 files, a document a process.

    python3 models/training/prepare.py OUT SHARD.jsonl.xz …

Writes `<shard>.bin` (token ids) and `<shard>.idx` (int64 starts of the documents).
"""

import json
import lzma
import sys
from multiprocessing import Pool
from pathlib import Path

import numpy as np

TOKENIZER = Path(__file__).parent.parent / "artifacts" / "tiny" / "tokenizer.json"


def load():
    """Gives a process its tokenizer."""
    global tokenizer
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(TOKENIZER))


def encode(line):
    return np.array(tokenizer.encode(json.loads(line)["text"]).ids, np.uint16)


def main(out, *shards):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with Pool(initializer=load) as pool:
        for shard in shards:
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
    main(*sys.argv[1:])
