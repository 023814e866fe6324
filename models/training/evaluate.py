"""Passkey by length, depth and template, and bits per byte by context length, on a GPU.

    python3 models/training/evaluate.py MODEL BOOKS.jsonl.xz OUT.json [--longest 131072]

The model folder holds the very weights that ship; they run in f32 (TF32 products). An answer counts if
every token of it, the closing newline included, is the arg-max: the same as an exact greedy decoding. The
key was kept if at the question one fact layer's pool holds a note of each of its digits.
"""

import argparse
import json
import lzma
import math
import random
import time

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

import tasks
from model import Trace
from model_files import load_model
from train import TOKENIZER

DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
CONTEXTS = (1000, 2000, 4000, 10000, 20000, 40000, 60000)
TARGETS = 4096
TOGETHER = 400_000  # tokens that run at a time
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def wilson(right, n, z=1.96):
    """95 % interval of a share."""
    p = right / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return [round(max(0, middle - half), 4), round(min(1, middle + half), 4)]


class Books:
    def __init__(self, path, tokenizer):
        with lzma.open(path, "rt") as lines:
            texts = [json.loads(line)["text"] for line in lines]
        self.texts = texts
        self.tokens = [np.array(tokenizer.encode(text).ids, np.int64) for text in texts]
        self.all = np.concatenate(self.tokens)


@torch.no_grad()
def answers(model, documents, pool):
    """Runs documents, several at a time; yields each with whether its answer is right and its key was kept
    (None with the pool off)."""
    longest = max(len(document.ids) for document in documents)
    size = max(1, min(len(documents), TOGETHER // longest))
    for first in range(0, len(documents), size):
        part = documents[first : first + size]
        tokens = np.zeros((len(part), max(len(document.ids) for document in part)), np.int64)
        for row, document in enumerate(part):
            tokens[row, : len(document.ids)] = document.ids
        trace = Trace() if pool else None
        hidden = model.hidden(torch.from_numpy(tokens).to(DEVICE), pool=pool, trace=trace)
        for row, document in enumerate(part):
            end = document.question_end
            got = model.logits(hidden[row, end - 1 : len(document.ids) - 1]).argmax(-1).cpu().numpy()
            right = bool((got == document.ids[end:]).all())
            yield document, right, was_kept(model.config, trace, row, document) if pool else None


def passkey(model, books, tokenizer, length, split, n, pool, seed=0):
    rng = random.Random(f"{seed} {length} {split}")
    documents = [
        tasks.passkey(rng, books, tokenizer, length, DEPTHS[i % len(DEPTHS)], split) for i in range(n)
    ]
    right = {depth: [0, 0] for depth in DEPTHS}
    kept = 0
    for document, hit, was in answers(model, documents, pool):
        right[document.depth][0] += hit
        right[document.depth][1] += 1
        kept += bool(was)
    total = sum(hit for hit, _ in right.values())
    return {
        "length": length,
        "template": split,
        "pool": pool,
        "n": n,
        "exact": total / n,
        "interval": wilson(total, n),
        "kept": kept / n if pool else None,
        "depths": {str(d): hit / max(1, m) for d, (hit, m) in right.items()},
    }


def ruler(model, books, tokenizer, length, task, n, pool, seed=0):
    """RULER's tasks, stricter than there: the whole list must be exact, in order."""
    rng = random.Random(f"{seed} {length} {task}")
    documents = [tasks.ruler(rng, books, tokenizer, length, task) for _ in range(n)]
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
    documents = [tasks.absent(rng, books, tokenizer, length) for _ in range(n)]
    right = sum(hit for _, hit, _ in answers(model, documents, pool))
    return {"length": length, "n": n, "none": right / n, "interval": wilson(right, n)}


@torch.no_grad()
def bits_per_byte(model, books, tokenizer, pool):
    """The same target tokens of every book long enough, with more and more context before them."""
    longest = max(CONTEXTS)
    long = [tokens for tokens in books.tokens if len(tokens) >= longest + TARGETS]
    rows = {context: [] for context in CONTEXTS}
    bytes_all = []
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("books")
    parser.add_argument("out")
    parser.add_argument("--longest", type=int, default=131072)
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--ruler", action="store_true", help="the tasks of RULER too, from 4,096 tokens on")
    parser.add_argument("--pool", choices=("on", "off"), default="on", help="off: of models without a memory")
    parser.add_argument("--quick", action="store_true", help="DeciMamba's template only, n as given")
    options = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = True
    model = load_model(options.model).to(DEVICE)
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    books = Books(options.books, tokenizer)
    lengths = [1024]
    while lengths[-1] * 2 <= options.longest:
        lengths.append(lengths[-1] * 2)
    device = torch.cuda.get_device_name() if DEVICE == "cuda" else DEVICE
    result = {"device": device, "passkey": [], "ruler": [], "absent": []}
    start = time.time()
    on = options.pool == "on"
    splits = ("deci",) if options.quick else ("deci", "seen", "held")
    result["bitsPerByte"] = [
        bits_per_byte(model, books, tokenizer, pool)
        for pool in ((on,) if options.quick or not on else (True, False))
    ]
    print(json.dumps(result["bitsPerByte"]), f"{time.time() - start:.0f} s", flush=True)
    _write(options.out, result)
    for length in lengths:
        for split in splits:
            cell = passkey(model, books, tokenizer, length, split, options.n, on)
            result["passkey"].append(cell)
            print(json.dumps(cell), f"{time.time() - start:.0f} s", flush=True)
        if on and length >= 8192:
            cell = passkey(model, books, tokenizer, length, "deci", options.n, False)
            result["passkey"].append(cell)
            print(json.dumps(cell), f"{time.time() - start:.0f} s", flush=True)
        if options.ruler and length >= 4096:
            for task in tasks.RULER:
                result["ruler"].append(ruler(model, books, tokenizer, length, task, options.n, on))
                print(json.dumps(result["ruler"][-1]), f"{time.time() - start:.0f} s", flush=True)
        result["absent"].append(absent(model, books, tokenizer, length, options.n, on))
        print(json.dumps(result["absent"][-1]), flush=True)
        _write(options.out, result)


def _write(path, result):
    with open(path, "w") as file:
        json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
