"""Trains the retrieval head on top of a trained model, whose weights stay as they are.

    python3 models/training/retrieval_head.py MODEL SHARDS OUT --synonyms SYNONYMS.json --eval LABELS.jsonl.xz
        [--head keys=note,query=last --head keys=stream,dim=128,hidden=256 …]

SHARDS come from `prepare.py`, LABELS and SYNONYMS from `npm run eval -- retrieval-labels`. Running the model
costs more than a head does, so several heads train side by side on the same sequences, one for each `--head`
(see `Variant`), and begin where the model's own head stands. A query's own sequence gives the hardest of its
wrong answers, the rest of the batch the others. OUT gets the report, every head (`heads.pt`), and in `model`
the model with the best of the heads that `model.Retrieval` can hold.
"""

import argparse
import json
import lzma
import random
import re
import time
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import queries
from bpe import AsciiBPE
from data import Corpus
from losses import NOTES_A_CHUNK, learning_rate
from model import Trace
from model_files import load_model, write_model
from words import Words, content

TOKENIZER = Path(__file__).parent.parent / "artifacts" / "tiny" / "tokenizer.json"
# Share of the sequences by domain: those that have passages to ask for.
DOMAINS = {"docs": 0.4, "books": 0.3, "textbooks": 0.15, "transcripts": 0.15}
BETWEEN_QUERIES = 512  # tokens a query, about
MOST = 32  # queries a sequence
SPARE = 64  # tokens a query that may be taken out
REWORDED = (0, 0, 0.5, 1)  # share of a query's words that give way to a synonym, each as likely
TOGETHER = 131_072  # tokens that run at a time where heads are compared
FIRST, DEPTH, MERGED = 5, 20, 3  # of `passages.ts`: places looked at, places ranked, passages joined to one
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


@dataclass(frozen=True)
class Variant:
    """One way to compare. Those of the first options' defaults are what `model.Retrieval` can hold."""

    keys: str = (
        "note"  # the archived note; or `stream`, v of its token; or `chunk`, the mean of v over a chunk
    )
    query: str = "last"  # v at the query's last token; or `mean`, over its tokens; or `both`
    dim: int = 64
    hidden: int = 0  # units of a perceptron beside the linear map
    softmax: str = "joint"  # over both layers; or `layer`, each its own
    negatives: str = "all"  # of the batch; or `own`, of the query's sequence alone
    lr: float = 1e-3

    CHOICES = {
        "keys": ("note", "stream", "chunk"),
        "query": ("last", "mean", "both"),
        "softmax": ("joint", "layer"),
        "negatives": ("all", "own"),
    }

    @staticmethod
    def parse(text):
        types = {field.name: type(field.default) for field in fields(Variant)}
        given = dict(part.split("=") for part in text.split(",") if part)
        for name, choices in Variant.CHOICES.items():
            if given.get(name, choices[0]) not in choices:
                raise ValueError(f"{name} is one of {', '.join(choices)}")
        return Variant(**{name: types[name](value) for name, value in given.items()})

    def fits(self, config):
        """Whether `model.Retrieval` can hold it."""
        return (self.keys, self.query, self.dim, self.hidden) == ("note", "last", config.note_dim, 0)


class Map(nn.Module):
    """(…, inputs) → unit vectors (…, dim): linear, and what a perceptron of `hidden` units adds to it."""

    def __init__(self, inputs, dim, hidden, first):
        """Begins as `first` (rows, columns), as far as it reaches."""
        super().__init__()
        self.linear = nn.Linear(inputs, dim, bias=False)
        self.more = None
        if hidden:
            self.more = nn.Sequential(
                nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, dim, bias=False)
            )
            nn.init.zeros_(self.more[2].weight)
        with torch.no_grad():
            weight = self.linear.weight
            # What is new is small beside it, and not zero on both sides: that would stay zero.
            nn.init.normal_(weight, std=0.1 * float(first.std()))
            rows, columns = min(dim, first.shape[0]), min(inputs, first.shape[1])
            weight[:rows, :columns] = first[:rows, :columns]

    def forward(self, x):
        y = self.linear(x)
        return F.normalize(y if self.more is None else y + self.more(x), dim=-1)


class Space(nn.Module):
    """A variant's head of one archive layer."""

    def __init__(self, variant, config, layer):
        super().__init__()
        head, summary = layer.retrieval, layer.note.summary.weight
        # A note is linear in the stream, so the head that reads the stream begins with the same keys.
        key = head.key.weight if variant.keys == "note" else head.key.weight @ summary
        width = config.d_model * (2 if variant.query == "both" else 1)
        self.query = Map(width, variant.dim, variant.hidden, head.query.weight)
        self.key = Map(key.shape[1], variant.dim, variant.hidden, key)
        self.scale = nn.Parameter(head.scale.detach().clone())

    def forward(self, asked, candidates):
        """asked (N, ·), candidates (C, ·) → scores (N, C)."""
        return self.scale.exp() * self.query(asked) @ self.key(candidates).T


def heads_of(variant, model):
    """A variant's heads, one an archive layer."""
    layers = [model.layers[index] for index in model.config.archive_layers]
    return nn.ModuleList(Space(variant, model.config, layer) for layer in layers).to(
        model.embedding.weight.device
    )


def candidates(config, trace, layer, length):
    """What may be found of the first `length` tokens in an archive layer, as the archive keeps it.

    By kind of key: inputs (B, C, ·), and the [first, after) tokens (B, C) that each stands for.
    """
    chunk = config.chunk
    missing = -length % chunk
    v, notes = trace.normed[layer][:, :length], trace.notes[layer]
    starts = torch.arange(0, length, chunk, device=v.device)
    scores = F.pad(trace.scores[layer][:, :length], (0, missing), value=-torch.inf)
    best = scores.unflatten(1, (-1, chunk)).topk(min(NOTES_A_CHUNK, chunk), 2).indices
    places = (best + starts[:, None]).flatten(1)
    # A chunk that the end cuts short may have fewer; what stands for them comes last.
    places = places[:, : places.shape[1] - max(0, best.shape[2] - (chunk - missing))]
    at = places[..., None]
    ends = (starts + chunk).clamp(max=length)
    sums = F.pad(v.float(), (0, 0, 0, missing)).unflatten(1, (-1, chunk)).sum(2)
    rows = len(v)
    return {
        "note": (notes.gather(1, at.expand(-1, -1, notes.shape[-1])).float(), places, places + 1),
        "stream": (v.gather(1, at.expand(-1, -1, v.shape[-1])).float(), places, places + 1),
        "chunk": (sums / (ends - starts)[:, None], starts.expand(rows, -1), ends.expand(rows, -1)),
    }


def asked(v, rows, starts, lasts):
    """Of N queries at tokens starts to lasts of their rows of v (B, L, D), what variants compare: (N, ·)."""
    at = starts[:, None] + torch.arange(int((lasts - starts).max()) + 1, device=v.device)
    inside = (at <= lasts[:, None])[..., None]
    found = v[rows[:, None], torch.minimum(at, lasts[:, None])].float()
    mean = (found * inside).sum(1) / inside.sum(1)
    last = v[rows, lasts].float()
    return {"last": last, "mean": mean, "both": torch.cat([last, mean], -1)}


def masks(batch, rows, first, after):
    """(N, B · C) for N queries: which candidates are right, which take part, and which are of its own row."""
    tokens, spans = batch["tokens"], batch["query"]
    # Tokens of queries are no text of the document.
    marks = torch.zeros(tokens.shape[0], tokens.shape[1] + 1, dtype=torch.long, device=tokens.device)
    ones = torch.ones_like(rows)
    marks.index_put_((rows, spans[:, 0]), ones, accumulate=True)
    marks.index_put_((rows, spans[:, 1]), -ones, accumulate=True)
    # How many of them stand before each token.
    count = F.pad(marks[:, :-1].cumsum(1).cumsum(1), (1, 0))
    free = (count.gather(1, after) == count.gather(1, first)).flatten()
    owner = torch.arange(len(tokens), device=tokens.device)[:, None].expand_as(first).flatten()
    first, after = first.flatten(), after.flatten()
    own = rows[:, None] == owner
    before = after <= spans[:, :1]
    low, high = batch["passage"].unbind(1)
    inside = (first < high[:, None]) & (after > low[:, None])
    return own & before & inside & free, (~own | before) & free, own


def contrast(logits, right, allowed):
    """Minus the log of the share that the right candidates have, and how often the best is right."""
    logits = logits.masked_fill(~allowed, -1e9)
    valid = right.any(-1)
    share = torch.logsumexp(logits, -1) - torch.logsumexp(logits.masked_fill(~right, -1e9), -1)
    hit = right.gather(-1, logits.argmax(-1, keepdim=True))[..., 0] & valid
    total = valid.sum().clamp(min=1)
    return (share * valid).sum() / total, hit.sum() / total


def losses_of(variants, heads, layers, batch):
    """The loss of each variant, and how often its best candidate is right.

    layers: of each archive layer the queries' and the candidates' inputs, see `asked` and `candidates`.
    """
    rows = batch["row"]
    marked = {
        kind: [masks(batch, rows, *found[kind][1:]) for _, found in layers]
        for kind in {variant.keys for variant in variants}
    }
    results = []
    for variant, spaces in zip(variants, heads):
        logits = [
            space(query[variant.query], found[variant.keys][0].flatten(0, 1))
            for space, (query, found) in zip(spaces, layers)
        ]
        right, allowed, own = (list(part) for part in zip(*marked[variant.keys]))
        if variant.negatives == "own":
            allowed = [a & b for a, b in zip(allowed, own)]
        loss, hit = contrast(*(torch.cat(part, 1) for part in (logits, right, allowed)))
        if variant.softmax == "layer":
            loss = sum(contrast(*parts)[0] for parts in zip(logits, right, allowed))
        results.append((loss, hit))
    return results


@torch.no_grad()
def read(model, batch):
    """Runs the model over a batch: of each archive layer the queries' and the candidates' inputs."""
    trace = Trace()
    tokens, config = batch["tokens"], model.config
    with torch.autocast(tokens.device.type, torch.bfloat16, enabled=tokens.is_cuda):
        model.hidden(tokens, trace=trace)
    starts, afters = batch["query"].unbind(1)
    return [
        (
            asked(trace.normed[layer], batch["row"], starts, afters - 1),
            candidates(config, trace, layer, tokens.shape[1]),
        )
        for layer in config.archive_layers
    ]


def reworder(synonyms):
    """`reword` of `queries.insert`: some words or all give way to a synonym; names and stop words stay.

    A heading such as "Parameters" stands in many places and is not asked for.
    """

    def reword(rng, query):
        if content(rng, query) is None:
            return None
        share = rng.choice(REWORDED)

        def other(match):
            word = match.group()
            is_name = match.start() > 0 and word[0].isupper()
            return word if is_name or rng.random() >= share else synonyms.get(word.lower(), word)

        return re.sub(r"[A-Za-z]{2,}", other, query)

    return reword


class Asked(torch.utils.data.IterableDataset):
    """Endless batches of text with queries in it, of the shapes [(length, rows)] in turn.

    tokens (B, L); of N queries `row` (N), `query` (N, 2) and `passage` (N, 2), both [first, after) tokens.
    """

    def __init__(self, folder, shapes, chunk, seed, synonyms):
        self.folder, self.shapes, self.chunk, self.seed = folder, shapes, chunk, seed
        self.synonyms = synonyms

    def __iter__(self):
        corpus, bpe, reader = Corpus(self.folder), AsciiBPE(TOKENIZER), Words(TOKENIZER)
        corpus.domains = [name for name in corpus.domains if name in DOMAINS]
        corpus.weights = [DOMAINS[name] for name in corpus.domains]
        reword = reworder(self.synonyms)
        worker = torch.utils.data.get_worker_info()
        index, step = (worker.id, worker.num_workers) if worker else (0, 1)
        while True:
            length, size = self.shapes[index % len(self.shapes)]
            count = min(MOST, length // BETWEEN_QUERIES)
            tokens = np.zeros((size, length), np.int64)
            found = []
            for row in range(size):
                rng = random.Random(f"{self.seed} {index} {row}")
                crop = corpus.crop(rng, length + SPARE * count)
                ids, asked_here = queries.insert(rng, crop, length, reader, bpe, self.chunk, count, reword)
                ids = ids[:length]
                tokens[row, : len(ids)] = ids
                found += [(row, q.start, q.last + 1, q.low, q.high) for q in asked_here if q.last < len(ids)]
            index += step
            if found:
                places = torch.tensor(found)
                yield {
                    "tokens": torch.from_numpy(tokens),
                    "row": places[:, 0],
                    "query": places[:, 1:3],
                    "passage": places[:, 3:],
                }


@dataclass
class Document:
    """What heads are compared on, of one document: by archive layer the inputs, and what is right."""

    length: str
    kinds: list  # of each query
    right: list  # of each query, the set of right passages
    passages: torch.Tensor  # (P, 2), [first, after) tokens
    layers: list  # of (queries' inputs, candidates' inputs), (N, ·) and (C, ·)
    pairs: list  # by layer and kind of key: (candidate, passage) numbers, (2, pairs)


@torch.no_grad()
def documents_of(model, path):
    """Runs the model over every document and, from its end, over every query."""
    config, device = model.config, model.embedding.weight.device
    found = []
    with lzma.open(path, "rt") as lines:
        for line in map(json.loads, lines):
            length, tails = len(line["tokens"]), [query["tokens"] for query in line["queries"]]
            if not tails:
                continue
            width = length + max(map(len, tails))
            size = max(1, TOGETHER // width)
            asked_by_layer = [[] for _ in config.archive_layers]
            kept = None
            for at in range(0, len(tails), size):
                part = tails[at : at + size]
                tokens = torch.zeros(len(part), width, dtype=torch.long)
                tokens[:, :length] = torch.tensor(line["tokens"])
                for row, tail in enumerate(part):
                    tokens[row, length : length + len(tail)] = torch.tensor(tail)
                trace = Trace()
                model.hidden(tokens.to(device), trace=trace)
                rows = torch.arange(len(part), device=device)
                lasts = torch.tensor([length + len(tail) - 1 for tail in part], device=device)
                for inputs, layer in zip(asked_by_layer, config.archive_layers):
                    starts = torch.full_like(lasts, length)
                    inputs.append(asked(trace.normed[layer], rows, starts, lasts))
                if kept is None:
                    kept = [candidates(config, trace, layer, length) for layer in config.archive_layers]
            passages = torch.tensor(line["passages"], device=device).view(-1, 2)
            kept = [{kind: [x[0] for x in parts] for kind, parts in layer.items()} for layer in kept]
            found.append(
                Document(
                    line["length"],
                    [q["form"] + (", paraphrased" if q["paraphrased"] else "") for q in line["queries"]],
                    [set(q["right"]) for q in line["queries"]],
                    passages,
                    [
                        ({kind: torch.cat([p[kind] for p in parts]) for kind in parts[0]}, layer)
                        for parts, layer in zip(asked_by_layer, kept)
                    ],
                    [
                        {kind: overlaps(first, after, passages) for kind, (_, first, after) in layer.items()}
                        for layer in kept
                    ],
                )
            )
    return found


def overlaps(first, after, passages):
    """(2, pairs): candidates [first, after) (C), and the passages (P, 2) that they share a token with."""
    both = (first[:, None] < passages[:, 1]) & (after[:, None] > passages[:, 0])
    return both.nonzero().T


def joined(ranked, merged=MERGED):
    """The first places (from, to), best first, of passages, best first, as `placesOf` of passages.ts."""
    places = []
    for passage in ranked:
        beside = next((place for place in places if passage in (place[0] - 1, place[1] + 1)), None)
        if beside and beside[1] - beside[0] + 1 < merged:
            beside[0], beside[1] = min(beside[0], passage), max(beside[1], passage)
        elif len(places) == DEPTH:
            break
        else:
            places.append([passage, passage])
    return places


def rank(scores, right, merged=MERGED):
    """The rank, from 1, of the first right place by scores (P) of passages, or infinity."""
    order = np.argsort(-scores, kind="stable")
    places = joined(order[np.isfinite(scores[order])].tolist(), merged)
    for number, (low, high) in enumerate(places):
        if any(low <= passage <= high for passage in right):
            return number + 1
    return float("inf")


@torch.no_grad()
def compare(variant, spaces, documents):
    """Recall@5 and mean reciprocal rank of places by their best candidate, by kind of query and by length."""
    rows = []
    for document in documents:
        by_layer = []
        for space, (query, found), pairs in zip(spaces, document.layers, document.pairs):
            scores = space(query[variant.query], found[variant.keys][0])
            candidate, passage = pairs[variant.keys]
            best = scores.new_full((len(scores), len(document.passages)), -torch.inf)
            index = passage.expand(len(scores), -1)
            by_layer.append(best.scatter_reduce(1, index, scores[:, candidate], "amax"))
        lists = [torch.stack(by_layer).amax(0), *by_layer]
        lists = [scores.cpu().numpy() for scores in lists]
        for number, (kind, right) in enumerate(zip(document.kinds, document.right)):
            ranks = [rank(scores[number], right) for scores in lists]
            alone = rank(lists[0][number], right, merged=1)
            rows.append((kind, document.length, *ranks, alone))

    def of(rows, column=2):
        ranks = np.array([row[column] for row in rows])
        return {
            "queries": len(rows),
            "recall5": float((ranks <= FIRST).mean()),
            "mrr": float((1 / ranks).mean()),
        }

    def mean(column, rows=rows, what="recall5"):
        """Each kind counts the same."""
        kinds = sorted({row[0] for row in rows})
        return float(np.mean([of([r for r in rows if r[0] == kind], column)[what] for kind in kinds]))

    lengths = sorted({row[1] for row in rows}, key=lambda length: int(length[:-1]))
    return {
        "recall5": mean(2),
        "mrr": mean(2, what="mrr"),
        "byKind": {kind: of([r for r in rows if r[0] == kind]) for kind in sorted({r[0] for r in rows})},
        "byLength": {length: of([r for r in rows if r[1] == length]) for length in lengths},
        # One layer's ranking alone; and passages as they are, not joined to places.
        "layersRecall5": [mean(3 + number) for number in range(len(spaces))],
        "passagesRecall5": mean(3 + len(spaces)),
    }


def train(options, model, variants, heads, documents, log):
    """Trains the heads; the number of steps."""
    config = model.config
    shapes = [tuple(map(int, shape.split("x"))) for shape in options.shapes.split(",")]
    synonyms = json.loads(options.synonyms.read_text()) if options.synonyms else {}
    source = torch.utils.data.DataLoader(
        Asked(options.shards, shapes, config.chunk, options.seed, synonyms),
        batch_size=None,
        num_workers=options.workers,
        pin_memory=DEVICE == "cuda",
        prefetch_factor=4 if options.workers else 2,
    )
    optimizer = torch.optim.AdamW(
        [{"params": spaces.parameters(), "peak": v.lr} for v, spaces in zip(variants, heads)],
        weight_decay=options.decay,
        betas=(0.9, 0.98),
    )
    begun = time.time()
    step = 0
    for batch in source:
        passed = time.time() - begun
        # Where the time ends first, the rate has fallen all the same.
        done = max(step, int(options.steps * passed / options.seconds))
        if done >= options.steps:
            break
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(done, options.steps, group["peak"], options.warmup)
        batch = {name: value.to(DEVICE, non_blocking=True) for name, value in batch.items()}
        results = losses_of(variants, heads, read(model, batch), batch)
        optimizer.zero_grad()
        sum(loss for loss, _ in results).backward()
        optimizer.step()
        step += 1
        if step % options.log_every == 0 or step == 1:
            values = [[round(float(x.detach()), 4) for x in result] for result in results]
            log({"step": step, "seconds": round(passed, 1), "queries": len(batch["row"]), "losses": values})
        if documents and step % options.eval_every == 0:
            found = [compare(v, spaces, documents)["recall5"] for v, spaces in zip(variants, heads)]
            log({"step": step, "recall5": [round(x, 4) for x in found]})
    return step


def put(model, spaces):
    """Gives the model a head that it can hold."""
    for index, space in zip(model.config.archive_layers, spaces):
        head = model.layers[index].retrieval
        with torch.no_grad():
            head.query.weight.copy_(space.query.linear.weight)
            head.key.weight.copy_(space.key.linear.weight)
            head.scale.copy_(space.scale)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("shards")
    parser.add_argument("out", type=Path)
    parser.add_argument("--head", action="append", help="KEY=VALUE,… of Variant; repeat for several")
    parser.add_argument("--synonyms", type=Path)
    parser.add_argument("--eval", type=Path)
    parser.add_argument("--shapes", default="8192x16", help="LENGTHxSEQUENCES of a step, of several in turn")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--warmup", type=int, default=100)
    parser.add_argument("--decay", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--eval-every", type=int, default=250)
    parser.add_argument("--log-every", type=int, default=50)
    parser.add_argument("--workers", type=int, default=12)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    # Heads train and are compared in f32; the model runs in bf16 where they train, on a GPU.
    torch.backends.cuda.matmul.allow_tf32 = False
    names = options.head or [""]
    variants = [Variant.parse(name) for name in names]
    model = load_model(options.model).to(DEVICE)
    model.add_retrieval()
    model.requires_grad_(False)
    heads = [heads_of(variant, model) for variant in variants]
    options.out.mkdir(parents=True, exist_ok=True)
    documents = documents_of(model, options.eval) if options.eval else []
    with open(options.out / "log.jsonl", "w") as file:

        def log(entry):
            print(json.dumps(entry), flush=True)
            file.write(json.dumps(entry) + "\n")
            file.flush()

        def compared():
            return [
                compare(v, spaces, documents) if documents else None for v, spaces in zip(variants, heads)
            ]

        before = compared()
        if documents:
            log({"step": 0, "recall5": [round(result["recall5"], 4) for result in before]})
        step = train(options, model, variants, heads, documents, log)
        after = compared()
        if documents:
            log({"step": step, "recall5": [round(result["recall5"], 4) for result in after]})
    report = {
        "steps": step,
        "shapes": options.shapes,
        "seed": options.seed,
        "heads": [
            {**{f.name: getattr(v, f.name) for f in fields(v)}, "before": b, "after": a}
            for v, b, a in zip(variants, before, after)
        ],
    }
    (options.out / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    torch.save(
        [(vars(variant), spaces.state_dict()) for variant, spaces in zip(variants, heads)],
        options.out / "heads.pt",
    )
    held = [number for number, variant in enumerate(variants) if variant.fits(model.config)]
    if held:
        best = max(held, key=lambda number: after[number]["recall5"] if documents else 0)
        put(model, heads[best])
        write_model(options.out / "model", model.state_dict(), model.config.to_json())


if __name__ == "__main__":
    main()
