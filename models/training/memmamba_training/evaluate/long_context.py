"""Passkey by length, depth and template, bits per byte by context length and other tasks, on a GPU.

    python3 -m memmamba_training.evaluate.long_context MODEL BOOKS.jsonl.xz OUT.json \\
        [--parts bits,passkey,absent]

The model folder holds the very weights that ship. They run in f32 (TF32 products). An answer counts if every
token of it, the closing newline included, is the arg-max: the same as an exact greedy decoding. The key was
kept if at the question one fact layer's pool holds a note of each of its digits.
"""

import argparse
import json
import math
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

from ..corpus.detokenizer import Detokenizer
from ..corpus.json_lines import json_lines
from ..corpus.tokenizer import add_tokenizer_option, load_tokenizer
from ..model.decimation import Decimated
from ..model.loading import load_model
from ..model.memmamba import Trace
from . import recall_tasks
from .intervals import wilson

DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
CONTEXTS = (1000, 2000, 4000, 10000, 20000, 40000, 60000)
TARGETS = 4096
NOISE = (10, 20, 50, 100, 150, 200, 300)
PARTS = ("bits", "passkey", "everyday", "ruler", "absent", "documents")
TOGETHER = 400_000  # tokens that run at a time
TRACED = 40_000  # longer documents leave no trace, whose memory serves better to run several together
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Books:
    def __init__(self, path, tokenizer):
        texts = [d["text"] if "text" in d else d["document"] for d in json_lines(path)]
        self.texts = texts
        self.tokens = [np.array(tokenizer.encode(text).ids, np.int64) for text in texts]
        self.all = np.concatenate(self.tokens)

    def crop(self, rng, length):
        start = rng.randrange(len(self.all) - length)
        return self.all[start : start + length]


@torch.no_grad()
def answers(model, documents, pool):
    """Runs documents, several at a time; yields each with whether its answer is right and its key was kept
    (None with the pool off and in very long documents)."""
    longest = max(len(document.ids) for document in documents)
    traced = pool and longest < TRACED
    together = TOGETHER if traced else 4 * TOGETHER
    size = max(1, min(len(documents), together // longest))
    for first in range(0, len(documents), size):
        part = documents[first : first + size]
        tokens = np.zeros((len(part), max(len(document.ids) for document in part)), np.int64)
        for row, document in enumerate(part):
            tokens[row, : len(document.ids)] = document.ids
        trace = Trace() if traced else None
        hidden = model.hidden(torch.from_numpy(tokens).to(DEVICE), pool=pool, trace=trace)
        for row, document in enumerate(part):
            end = document.question_end
            got = model.logits(hidden[row, end - 1 : len(document.ids) - 1]).argmax(-1).cpu().numpy()
            right = bool((got == document.ids[end:]).all())
            yield document, right, was_kept(model.config, trace, row, document) if traced else None


def passkey(model, books, tokenizer, length, split, n, pool, seed=0):
    rng = random.Random(f"{seed} {length} {split}")
    documents = [
        recall_tasks.passkey(rng, books, tokenizer, length, DEPTHS[i % len(DEPTHS)], split) for i in range(n)
    ]
    right = {depth: [0, 0] for depth in DEPTHS}
    kept = []
    for document, hit, was in answers(model, documents, pool):
        right[document.depth][0] += hit
        right[document.depth][1] += 1
        kept += [was] if was is not None else []
    total = sum(hit for hit, _ in right.values())
    return {
        "length": length,
        "template": split,
        "pool": pool,
        "n": n,
        "exact": total / n,
        "interval": wilson(total, n),
        "kept": sum(kept) / n if kept else None,
        "depths": {str(d): hit / max(1, m) for d, (hit, m) in right.items()},
    }


def everyday(model, books, tokenizer, length, n, pool, seed=3):
    """Facts in everyday wordings that training leaves out, and how often what is not stated gets ` none`."""
    found = {"length": length, "pool": pool, "n": n}
    for name, task in (("exact", recall_tasks.everyday), ("none", recall_tasks.everyday_absent)):
        rng = random.Random(f"{seed} {length} everyday {name}")
        documents = [task(rng, books, tokenizer, length, DEPTHS[i % len(DEPTHS)]) for i in range(n)]
        right = sum(hit for _, hit, _ in answers(model, documents, pool))
        found |= {name: right / n, f"{name} interval": wilson(right, n)}
    return found


def ruler(model, books, tokenizer, length, task, n, pool, seed=0):
    """RULER's tasks, stricter than there: the whole list must be exact, in order."""
    rng = random.Random(f"{seed} {length} {task}")
    documents = [recall_tasks.ruler(rng, books, tokenizer, length, task) for _ in range(n)]
    total = sum(hit for _, hit, _ in answers(model, documents, pool))
    return {"length": length, "task": task, "n": n, "exact": total / n, "interval": wilson(total, n)}


def was_kept(config, trace, row, document):
    """Whether a fact layer's pool, as the answer's first token reads it, holds a note of every digit."""
    for layer in config.fact_layers:
        visible = trace.positions[layer][row, document.question_end // config.chunk].tolist()
        if all(any(place in visible for place in places) for places in document.digits):
            return True
    return False


@torch.no_grad()
def absent(model, books, tokenizer, length, n, pool, seed=1):
    """Share of documents without a key where the model answers ` none`."""
    rng = random.Random(f"{seed} {length} absent")
    documents = [recall_tasks.absent(rng, books, tokenizer, length) for _ in range(n)]
    right = sum(hit for _, hit, _ in answers(model, documents, pool))
    return {"length": length, "n": n, "none": right / n, "interval": wilson(right, n)}


@torch.no_grad()
def bits_per_byte(model, books, tokenizer, pool):
    """The same target tokens of every book long enough, with more and more context before them."""
    longest = max(CONTEXTS)
    long = [tokens for tokens in books.tokens if len(tokens) >= longest + TARGETS]
    rows = {context: [] for context in CONTEXTS}
    bytes_all = []
    if isinstance(model, Decimated):
        # Context may be dropped, targets not.
        model = Decimated(model.model, model.base, model.rate, model.first, TARGETS + 1)
    for tokens in long:
        target = tokens[longest : longest + TARGETS]
        bytes_all.append(len(tokenizer.decode(target.tolist()).encode()))
        for context in CONTEXTS:
            ids = tokens[longest - context : longest + TARGETS]
            hidden = model.hidden(torch.from_numpy(ids)[None].to(DEVICE), pool=pool)
            logits = model.logits(hidden[0, context - 1 : -1])
            nll = F.cross_entropy(logits, torch.from_numpy(target).to(DEVICE), reduction="sum")
            rows[context].append(float(nll))
    scale = 1 / math.log(2) / sum(bytes_all)
    result = []
    base = np.array(rows[4000])
    for context in CONTEXTS:
        nll = np.array(rows[context])
        # Paired by book, against 4,000 tokens of context.
        change = (nll - base) / np.array(bytes_all) / math.log(2)
        half = 1.96 * change.std(ddof=1) / math.sqrt(len(change))
        result.append(
            {
                "context": context,
                "books": len(long),
                "tokens": len(long) * TARGETS,
                "nll": nll.sum() / (len(long) * TARGETS),
                "perplexity": math.exp(nll.sum() / (len(long) * TARGETS)),
                "bitsPerByte": nll.sum() * scale,
                "changeFrom4000": [change.mean() - half, change.mean() + half],
            }
        )
    return {"pool": pool, "contexts": result}


def retrieval(model, books, tokenizer, reader, count, n, pool, seed=2):
    """Document retrieval with `count` documents that are noise."""
    rng = random.Random(f"{seed} {count} documents")
    cases = [recall_tasks.document_retrieval(rng, books.crop, tokenizer, reader, count) for _ in range(n)]
    total = sum(hit for _, hit, _ in answers(model, cases, pool))
    tokens = sum(len(case.ids) for case in cases) // n
    share = {"exact": total / n, "interval": wilson(total, n)}
    return {"noise": count, "tokens": tokens, "pool": pool, "n": n, **share}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("books", help="haystack and the books of bits per byte")
    parser.add_argument("out")
    parser.add_argument("--parts", default="bits,passkey,absent", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--lengths", help="by default 1,024 and on, doubling, to --longest")
    parser.add_argument("--longest", type=int, default=131072)
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument(
        "--documents", help="what document retrieval takes its passages from, as well as the books"
    )
    parser.add_argument("--pool", choices=("on", "off"), default="on", help="off: of models without a memory")
    parser.add_argument(
        "--decimate",
        help="TOKENS,SHARE,LAYER: DeciMamba's decimation (model/decimation.py); takes --pool off",
    )
    parser.add_argument("--quick", action="store_true", help="DeciMamba's template only, the pool on only")
    parser.add_argument(
        "--splits", default="deci,seen,held", help="templates of the passkey, without --quick"
    )
    parser.add_argument("--off-n", type=int, help="of the passkey with the pool off; by default as --n")
    add_tokenizer_option(parser)
    return parser.parse_args()


def main():
    options = arguments()
    torch.backends.cuda.matmul.allow_tf32 = True
    model = load_model(options.model).to(DEVICE)
    if options.decimate:
        base, rate, first = options.decimate.split(",")
        model = Decimated(model, int(base), float(rate), int(first))
    tokenizer = load_tokenizer(options.tokenizer)
    books = Books(options.books, tokenizer)
    lengths = [int(length) for length in options.lengths.split(",")] if options.lengths else [1024]
    while not options.lengths and lengths[-1] * 2 <= options.longest:
        lengths.append(lengths[-1] * 2)
    parts = options.parts.split(",")
    result = {"device": torch.cuda.get_device_name() if DEVICE == "cuda" else DEVICE}
    start = time.time()
    on = options.pool == "on"

    def keep(part, entry):
        result.setdefault(part, []).append(entry)
        print(json.dumps(entry), f"{time.time() - start:.0f} s", flush=True)
        with open(options.out, "w") as file:
            json.dump(result, file, indent=1)

    pools = (True, False) if on and not options.quick else (on,)
    if "bits" in parts:
        for pool in pools:
            keep("bitsPerByte", bits_per_byte(model, books, tokenizer, pool))
    for length in lengths:
        if "passkey" in parts:
            for split in ("deci",) if options.quick else options.splits.split(","):
                keep("passkey", passkey(model, books, tokenizer, length, split, options.n, on))
            off = options.n if options.off_n is None else options.off_n
            if len(pools) == 2 and length >= 8192 and off:
                keep("passkey", passkey(model, books, tokenizer, length, "deci", off, False))
        if "everyday" in parts:
            keep("everyday", everyday(model, books, tokenizer, length, options.n, on))
        if "ruler" in parts and length >= 4096:
            for task in recall_tasks.RULER:
                keep("ruler", ruler(model, books, tokenizer, length, task, options.n, on))
        if "absent" in parts:
            keep("absent", absent(model, books, tokenizer, length, options.n, on))
    if "documents" in parts:
        source = Books(options.documents, tokenizer) if options.documents else books
        reader = Detokenizer(options.tokenizer)
        for count in NOISE:
            for pool in pools:
                keep("documents", retrieval(model, source, tokenizer, reader, count, options.n, pool))


if __name__ == "__main__":
    main()
