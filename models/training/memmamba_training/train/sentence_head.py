"""Trains the sentence head on top of a trained model, whose weights stay as they are.

    python3 -m memmamba_training.train.sentence_head MODEL LABELS.jsonl.xz OUT [--report REPORT.json]

LABELS comes from `npm run eval -- sentence-labels`: token ids of a document a line, the token that ends each
sentence, and whether the sentence belongs to the extract that says most of the document's own summary. The
head is a logistic regression on what the note block reads at that token in the archive layers; every
document counts the same. Its weight decay is chosen on documents held out by their id, a tenth of each
family. OUT is the model folder with the head.
"""

import argparse
import hashlib
import json

import numpy as np
import torch
import torch.nn.functional as F

from ..corpus.json_lines import json_lines
from ..export.model_folder import write_model
from ..model.loading import load_model
from ..model.memmamba import Trace

DECAYS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
STEPS = 300
TOGETHER = 131_072  # tokens that run at a time
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def held_out(identity):
    return hashlib.sha256(identity.encode()).digest()[0] < 26


@torch.no_grad()
def features(model, documents):
    """For each document (S, layers · D): what the archive layers' note blocks read at its sentences' ends."""
    order = sorted(range(len(documents)), key=lambda i: len(documents[i]["tokens"]))
    found = [None] * len(documents)
    while order:
        # The longest first, so that what is padded is little and memory is asked for once.
        longest = len(documents[order[-1]]["tokens"])
        part = [order.pop() for _ in range(min(len(order), max(1, TOGETHER // longest)))]
        tokens = np.zeros((len(part), longest), np.int64)
        for row, index in enumerate(part):
            tokens[row, : len(documents[index]["tokens"])] = documents[index]["tokens"]
        trace = Trace()
        model.hidden(torch.from_numpy(tokens).to(DEVICE), trace=trace)
        for row, index in enumerate(part):
            ends = torch.tensor(documents[index]["ends"], device=DEVICE)
            layers = [trace.normed[layer][row, ends] for layer in model.config.archive_layers]
            found[index] = torch.cat(layers, -1).float()
    return found


def ranked(scores, labels):
    """Share of pairs (in the extract, not in it) of one document that the scores put in the right order."""
    positive, negative = scores[labels], scores[~labels]
    difference = positive[:, None] - negative
    return float(((difference > 0).float() + 0.5 * (difference == 0).float()).mean())


def quality(weight, parts):
    """The mean over documents of `ranked`."""
    return float(np.mean([ranked(x @ weight[:-1], y) for x, y in parts]))


def fit(parts, decay):
    """(layers · D + 1) weights and bias: logistic regression by L-BFGS in f64, documents of equal weight."""
    x = torch.cat([x for x, _ in parts]).double()
    y = torch.cat([y for _, y in parts]).double()
    # Both classes of a document have half of its weight.
    shares = torch.cat(
        [torch.where(y, 0.5 / y.sum().clamp(min=1), 0.5 / (~y).sum().clamp(min=1)) for _, y in parts]
    )
    shares = shares.double() / len(parts)
    weight = torch.zeros(x.shape[1] + 1, dtype=torch.float64, device=x.device, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        logits = x @ weight[:-1] + weight[-1]
        value = (F.binary_cross_entropy_with_logits(logits, y, reduction="none") * shares).sum()
        value = value + decay * weight[:-1].pow(2).sum()
        value.backward()
        return value

    optimizer.step(loss)
    return weight.detach().float()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("labels")
    parser.add_argument("out")
    parser.add_argument("--report")
    options = parser.parse_args()
    documents = [d for d in json_lines(options.labels) if 0 < sum(d["labels"]) < len(d["labels"])]
    model = load_model(options.model).to(DEVICE)
    torch.backends.cuda.matmul.allow_tf32 = False
    found = features(model, documents)
    labelled = [
        (x, torch.tensor(d["labels"], dtype=torch.bool, device=DEVICE)) for x, d in zip(found, documents)
    ]
    held = [held_out(document["id"]) for document in documents]
    train = [part for part, out in zip(labelled, held) if not out]
    test = [part for part, out in zip(labelled, held) if out]
    tried = {decay: quality(fit(train, decay), test) for decay in DECAYS}
    decay = max(tried, key=tried.get)
    weight = fit(train, decay)
    families = sorted({document["family"] for document in documents})
    report = {
        "documents": {"trained": len(train), "heldOut": len(test)},
        "sentences": sum(len(d["labels"]) for d in documents),
        "rankedByDecay": tried,
        "decay": decay,
        "ranked": {"trained": quality(weight, train), "heldOut": tried[decay]},
        "heldOutByFamily": {
            family: quality(weight, parts)
            for family in families
            if (parts := [p for p, out, d in zip(labelled, held, documents) if out and d["family"] == family])
        },
    }
    print(json.dumps(report), flush=True)
    model.add_sentence_head()
    model.requires_grad_(False)
    rows = weight[:-1].view(len(model.config.archive_layers), -1)
    for number, layer in enumerate(model.config.archive_layers):
        head = model.layers[layer].sentence
        head.weight.copy_(rows[number][None])
        # The first layer has the bias of all.
        head.bias.fill_(float(weight[-1]) if number == 0 else 0.0)
    write_model(options.out, model.state_dict(), model.config.to_json())
    if options.report:
        with open(options.report, "w") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
