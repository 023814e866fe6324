"""Draws the text sample on which the tokenizer is trained.

    python3 -m memmamba_training.corpus.tokenizer_sample CORPUS sample.txt

Every document of a shard gives an equal share of the shard's budget, from a random place (seed 0).
"""

import argparse
import json
import lzma
import random
from pathlib import Path

# Characters a shard gives; the weights of the domains in the vocabulary.
BUDGET = {
    "books-0": 12_000_000,
    "books-3": 12_000_000,
    "textbooks-0": 6_000_000,
    "docs-0": 7_000_000,
    "docs-2": 7_000_000,
    "transcripts-0": 6_000_000,
    "code-0": 5_000_000,
    "logs-0": 2_000_000,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="folder of the shards")
    parser.add_argument("out", help="text file to write")
    options = parser.parse_args()
    random.seed(0)
    with open(options.out, "w") as out:
        for shard, budget in BUDGET.items():
            with lzma.open(options.corpus / f"{shard}.jsonl.xz", "rt") as lines:
                texts = [json.loads(line)["text"] for line in lines]
            share = budget / len(texts)
            for text in texts:
                start = random.randrange(max(1, len(text) - int(share * 1.2)))
                out.write(text[start : start + int(share)])
                out.write("\n")


if __name__ == "__main__":
    main()
