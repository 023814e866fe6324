"""Lists the documents of the shards a model was trained on, with source and licence.

    python3 -m memmamba_training.corpus.attribution MANIFEST.csv OUT.csv SHARD.jsonl.xz …

The list ships with the weights: CC BY asks for attribution.
"""

import argparse
import collections
import csv
from pathlib import Path

from .json_lines import json_lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("manifest", help="CSV of all documents, with source and licence")
    parser.add_argument("out", help="CSV to write")
    parser.add_argument("shards", nargs="+", help="documents, JSON lines in xz")
    options = parser.parse_args()
    with open(options.manifest, newline="") as file:
        rows = {(row["domain"], row["id"]): row for row in csv.DictReader(file)}
    fields = ["id", "domain", "source", "licence", "bytes", "shard"]
    licences = collections.Counter()
    with open(options.out, "w", newline="") as out:
        writer = csv.DictWriter(out, fields, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        for shard in options.shards:
            for document in json_lines(shard):
                row = rows[(document["domain"], document["id"])]
                writer.writerow(row | {"shard": Path(shard).name.split(".")[0]})
                licences[row["licence"]] += 1
    for licence, count in licences.most_common():
        print(count, licence)


if __name__ == "__main__":
    main()
