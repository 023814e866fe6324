"""Models of equal size, tokens and data that differ in one thing each, at the size of `tiny`.

    python3 -m memmamba_training.evaluate.ablations commands --data SHARDS --books BOOKS.jsonl.xz \\
        --documents DOCUMENTS.jsonl.xz --out RUNS | python3 -m memmamba_training.gpu_queue --gpus 4 --each 2
    python3 -m memmamba_training.evaluate.ablations table RUNS

The first prints a line a variant that trains it and evaluates it; the second the table of what came out.
"""

import argparse
import json
import shlex
from pathlib import Path

from . import tables

# Variant → changes to the configuration of `tiny`, and further options of train.pretrain.
VARIANTS = {
    "tiny": ({}, ""),
    "pool of 10": ({"pool_size": 10}, ""),
    "pool of 25": ({"pool_size": 25}, ""),
    "pool of 100": ({"pool_size": 100}, ""),
    "first in, first out": ({"replacement": "fifo"}, ""),
    "τ1 = 0.5": ({"tau1": 0.5}, ""),
    "τ2 = 0.5": ({"tau2": 0.5}, ""),
    "p = 2": ({"cross_layer_every": 2}, ""),
    "p = 8": ({"cross_layer_every": 8}, ""),
    "no cross-layer attention": ({"cross_layer_every": 0}, ""),
    "chunk of 64": ({"chunk": 64}, ""),
    "chunk of 128": ({"chunk": 128}, ""),
    "no note supervision": ({}, "--without note"),
    "no attention supervision": ({}, "--without attention"),
    "no rivals": ({}, "--without rival"),
    "Mamba": ({}, "--architecture mamba"),
    "Transformer": (None, "--architecture transformer"),
}
NOISE = (10, 50, 100, 300)  # documents that are noise, of those that evaluate.long_context tries
STAGES = "512x64x700,2048x16x500,8192x4x200"  # 46 M tokens
LENGTHS = (2048, 8192, 32768)
# Compared with each other in document retrieval too.
COMPARED = ("tiny", "Mamba", "Transformer")
# Further evaluations of a trained variant: what it is called, of which one, options of evaluate.long_context.
AGAIN = {
    "tiny, pool off": ("tiny", "--pool off"),
    "Mamba, decimated to 2,048, 1,024, 512, 256": ("Mamba", "--pool off --decimate 2048,0.5,4"),
    "Mamba, decimated to 2,048": ("Mamba", "--pool off --decimate 2048,1,4"),
}


def slug(name):
    return "".join(c if c.isalnum() else "-" for c in name.lower())


def commands(options):
    for name, (changes, flags) in VARIANTS.items():
        out = Path(options.out) / slug(name)
        # A model without a memory is evaluated without one.
        pool = "off" if "architecture" in flags else "on"
        config = f"--config {shlex.quote(json.dumps(changes))} " if changes else ""
        train = (
            f"python3 -m memmamba_training.train.pretrain "
            f"--data {options.data} --out {out} --seed {options.seed} "
            f"--optimizer {options.optimizer} --lr {options.lr} --stages {options.stages} {config}{flags}"
        )
        results = [(out, f"--pool {pool}")]
        results += [
            (Path(options.out) / slug(again), more) for again, (of, more) in AGAIN.items() if of == name
        ]
        parts = "bits,passkey,absent" + (",documents" if name in COMPARED else "")
        yield " && ".join([train, *(evaluation(options, out, *result, parts) for result in results)])


def evaluation(options, model, out, more, parts):
    """The command that evaluates the model folder of a run and writes OUT/result.json."""
    return (
        f"mkdir -p {out} && "
        f"python3 -m memmamba_training.evaluate.long_context "
        f"{model}/model {options.books} {out}/result.json --quick --n {options.n} "
        f"--lengths {','.join(map(str, LENGTHS))} --parts {parts} "
        f"--documents {options.documents} {more}"
    )


def rows(folder):
    for name in [*VARIANTS, *AGAIN]:
        path = Path(folder) / slug(name) / "result.json"
        if not path.exists():
            continue
        result = json.loads(path.read_text())
        found = {cell["length"]: cell for cell in result["passkey"]}
        none = {cell["length"]: cell for cell in result["absent"]}
        bits = {cell["context"]: cell["bitsPerByte"] for cell in result["bitsPerByte"][0]["contexts"]}
        documents = {cell["noise"]: cell for cell in result.get("documents", ())}
        yield [
            name,
            *(tables.share(found[length], "exact") if length in found else "–" for length in LENGTHS),
            tables.share(none[LENGTHS[-1]], "none") if LENGTHS[-1] in none else "–",
            f"{bits[4000]:.4f}",
            *(f"{100 * documents[noise]['exact']:.0f}" if noise in documents else "–" for noise in NOISE),
        ]


def main():
    parser = argparse.ArgumentParser()
    parsers = parser.add_subparsers(dest="what", required=True)
    making = parsers.add_parser("commands")
    making.add_argument("--data", required=True)
    making.add_argument("--books", required=True)
    making.add_argument("--out", required=True)
    making.add_argument("--documents", required=True, help="what document retrieval takes its passages from")
    making.add_argument("--stages", default=STAGES)
    making.add_argument("--optimizer", default="adamw")
    making.add_argument("--lr", type=float, default=1.5e-3)
    making.add_argument("--seed", type=int, default=0)
    making.add_argument("--n", type=int, default=50)
    showing = parsers.add_parser("table")
    showing.add_argument("folder")
    options = parser.parse_args()
    if options.what == "commands":
        print("\n".join(commands(options)))
        return
    head = ["variant", *(f"passkey at {length:,}" for length in LENGTHS)]
    head += [f"no key at {LENGTHS[-1]:,}: ` none`", "bits per byte at 4,000"]
    head += [f"{noise} documents" for noise in NOISE]
    print(tables.table(head, list(rows(options.folder))))


if __name__ == "__main__":
    main()
