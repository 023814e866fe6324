"""Lists the documents of the shards a model was trained on, with source and licence.

    python3 -m memmamba_training.corpus.attribution MANIFEST.csv OUT.csv SHARD.jsonl.xz …

The list ships with the weights: CC BY asks for attribution.
"""

import collections
import csv
import json
import lzma
import sys
from pathlib import Path


def main(manifest, target, *shards):
    with open(manifest, newline="") as file:
        rows = {(row["domain"], row["id"]): row for row in csv.DictReader(file)}
    fields = ["id", "domain", "source", "licence", "bytes", "shard"]
    licences = collections.Counter()
    with open(target, "w", newline="") as out:
        writer = csv.DictWriter(out, fields, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for shard in shards:
            with lzma.open(shard, "rt") as lines:
                for line in lines:
                    document = json.loads(line)
                    row = rows[(document["domain"], document["id"])]
                    writer.writerow(row | {"shard": Path(shard).name.split(".")[0]})
                    licences[row["licence"]] += 1
    for licence, count in licences.most_common():
        print(count, licence)


if __name__ == "__main__":
    main(*sys.argv[1:])
