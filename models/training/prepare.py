"""Tokenises corpus shards into flat uint16 files, one process a shard.

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


def prepare(arguments):
    shard, out = arguments
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    name = Path(shard).name.split(".")[0]
    ids, starts, total = [], [], 0
    with lzma.open(shard, "rt") as lines:
        for line in lines:
            document = np.array(tokenizer.encode(json.loads(line)["text"]).ids, np.uint16)
            ids.append(document)
            starts.append(total)
            total += len(document)
    # Written under another name first: a reader never sees half a shard.
    part = Path(out) / f"{name}.part"
    np.concatenate(ids).tofile(part)
    np.array(starts, np.int64).tofile(Path(out) / f"{name}.idx")
    part.rename(Path(out) / f"{name}.bin")
    return name, total


def main(out, *shards):
    Path(out).mkdir(parents=True, exist_ok=True)
    with Pool(len(shards)) as pool:
        for name, total in pool.imap_unordered(prepare, [(s, out) for s in shards]):
            print(name, total, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
