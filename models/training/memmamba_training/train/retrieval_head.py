"""Trains the retrieval heads on top of a trained model, whose other weights stay as they are.

    python3 -m memmamba_training.train.retrieval_head MODEL OUT FEATURES … [--report REPORT.json]

FEATURES are folders from `npm run eval -- retrieval-features`: of pieces of documents the gists of the
archive and what the note blocks read at the end of queries for something that was taken out of the piece.
The heads begin where they stand in MODEL (a folder; OUT may be the same). They minimise minus the log of the
share that a query gives to the gists of its answer among those of its piece, as the application compares
them. Every eighth piece is held out and decides when to stop: there are few queries, and a head has 20,000
weights and more.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np
import torch

from ..export.model_folder import write_heads
from ..model.loading import load_model

TOGETHER = 4  # pieces a step
RANKED = 10  # gists that may hold the answer where quality is measured
HELD_OUT = 8  # every so manieth piece


class Piece:
    """gists (A, G, M) and queries (Q, A, D) of A archive layers; right (Q, G) bool; kinds of the queries."""

    def __init__(self, path, layers, note_dim, d_model):
        what = json.loads(path.read_text())
        numbers = torch.from_numpy(np.fromfile(path.with_suffix(".f32"), np.float32))
        spans = torch.tensor(what["gists"])
        size = layers * len(spans) * note_dim
        self.gists = numbers[:size].view(layers, len(spans), note_dim)
        self.queries = numbers[size:].view(len(what["queries"]), layers, d_model)
        self.right = torch.zeros(len(self.queries), len(spans), dtype=torch.bool)
        for row, query in zip(self.right, what["queries"]):
            for start, end in query["gold"]:
                row |= (spans[:, 0] < end) & (spans[:, 1] > start)
        self.kinds = [
            query["form"] + (", paraphrased" if query["paraphrased"] else "") for query in what["queries"]
        ]


def scores(heads, piece):
    """(Q, A, G): of every gist for every query."""
    by_layer = [
        head.queries(piece.queries[:, index]) @ head.keys(piece.gists[index]).T
        for index, head in enumerate(heads)
    ]
    return torch.stack(by_layer, 1)


def loss_of(heads, piece):
    """The sum over the queries that have an answer, and how many these are."""
    found = scores(heads, piece)
    right = piece.right[:, None].expand_as(found).flatten(1)
    found = found.flatten(1)
    share = torch.logsumexp(found, 1) - torch.logsumexp(found.masked_fill(~right, -torch.inf), 1)
    answered = right.any(1)
    return share[answered].sum(), answered.sum()


@torch.no_grad()
def quality(heads, pieces):
    """Share of queries with a right one among their RANKED best gists, by kind; gists by their best layer."""
    hits = {}
    for piece in pieces:
        best = scores(heads, piece).amax(1)
        first = best.topk(min(RANKED, best.shape[1]), 1).indices
        for kind, hit in zip(piece.kinds, piece.right.gather(1, first).any(1)):
            hits.setdefault(kind, []).append(float(hit))
    return {kind: sum(each) / len(each) for kind, each in sorted(hits.items())}


def mean(by_kind):
    return sum(by_kind.values()) / len(by_kind)


def parameters_of(heads):
    return [parameter for head in heads for parameter in head.parameters()]


def copied(heads):
    return [parameter.detach().clone() for parameter in parameters_of(heads)]


@torch.no_grad()
def put(heads, values):
    for parameter, value in zip(parameters_of(heads), values):
        parameter.copy_(value)


def mixed(before, trained, share):
    """The mean of what was trained has this share, what stood before the rest; parameter by parameter."""
    return [(1 - share) * old + share * torch.stack(new).mean(0) for old, *new in zip(before, *trained)]


def train(heads, pieces, held, options, seed):
    """Leaves in the heads what was best on the pieces held out; returns quality there after every round."""
    optimizer = torch.optim.Adam(parameters_of(heads), lr=options.lr)
    generator = torch.Generator().manual_seed(seed)
    steps = options.rounds * math.ceil(len(pieces) / TOGETHER)
    history, best, step = [quality(heads, held)], copied(heads), 0
    for _ in range(options.rounds):
        order = torch.randperm(len(pieces), generator=generator).tolist()
        for first in range(0, len(order), TOGETHER):
            for group in optimizer.param_groups:
                group["lr"] = options.lr * (1 - step / steps)
            losses = [loss_of(heads, pieces[index]) for index in order[first : first + TOGETHER]]
            loss = sum(part for part, _ in losses) / sum(count for _, count in losses).clamp(min=1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
        history.append(quality(heads, held))
        if mean(history[-1]) == max(map(mean, history)):
            best = copied(heads)
    put(heads, best)
    return history


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("features", type=Path, nargs="+")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--seeds", default="1,2,3,4")
    parser.add_argument("--share", type=float, default=0.7, help="of the trained heads in what is written")
    parser.add_argument("--report")
    options = parser.parse_args()
    model = load_model(options.model)
    config = model.config
    heads = [model.layers[layer].retrieval.requires_grad_(True) for layer in config.archive_layers]
    paths = [path for folder in options.features for path in sorted(folder.glob("*.json"))]
    pieces = [Piece(path, len(heads), config.note_dim, config.d_model) for path in paths]
    held = [piece for number, piece in enumerate(pieces) if number % HELD_OUT == 0]
    rest = [piece for number, piece in enumerate(pieces) if number % HELD_OUT]
    before = copied(heads)
    trained, histories = [], []
    for seed in map(int, options.seeds.split(",")):
        put(heads, before)
        histories.append(train(heads, rest, held, options, seed))
        trained.append(copied(heads))
    put(heads, mixed(before, trained, options.share))
    report = {
        "pieces": {"trained": len(rest), "heldOut": len(held)},
        "queries": {
            name: sum(len(p.kinds) for p in of) for name, of in (("trained", rest), ("heldOut", held))
        },
        "rounds": [max(range(len(each)), key=lambda number: mean(each[number])) for each in histories],
        "lr": options.lr,
        "seeds": options.seeds,
        "share": options.share,
        "heldOut": {
            "before": histories[0][0],
            "trained": [max(each, key=mean) for each in histories],
            "written": quality(heads, held),
        },
        "scales": [float(head.scale.exp()) for head in heads],
    }
    print(json.dumps(report), flush=True)
    state = model.state_dict()
    write_heads(options.model, options.out, {name: state[name] for name in state if ".retrieval." in name})
    if options.report:
        with open(options.report, "w") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
