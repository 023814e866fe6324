"""The loss of the passage head, on batches of `datasets.passage_vectors`."""

import torch
import torch.nn.functional as F

from .share import shared


def summed_vectors(parts, of, count):
    """parts (B, L, DIMS), of (B, L) in 0 … count → unit vectors (count, DIMS) of the sums."""
    sums = parts.new_zeros(count + 1, parts.shape[-1])
    sums = sums.index_add(0, of.flatten(), parts.flatten(0, 1))
    return F.normalize(sums[:count], dim=-1)


def passage_loss(model, lift, batch, unembed, backbone=1.0):
    """Distance to the encoder's vectors (through `lift`, which only training has), KL to its ranking, and the
    contrast with the passages that queries are about, among those of the batch.

    batch also holds "passage vectors" (N, E) and "query vectors" (Q, E) of the encoder. `unembed(u)` gives
    the language-model loss of the rows, which is the third result. `backbone`: see `share`.
    """
    head = model.passages
    u = model.hidden(batch["tokens"][:, :-1])
    asked = shared(model.hidden(batch["queries"], pool=False), backbone)
    count = len(batch["real"])
    shown = summed_vectors(head.parts(shared(u, backbone)), batch["of"], count)
    rows = torch.arange(len(batch["queries"]), device=u.device)[:, None]
    of = torch.where(batch["part"], rows, len(rows))
    query = summed_vectors(head.parts(asked, query=True), of, len(rows))
    real = batch["real"]

    def distance(vectors, to):
        return 1 - (F.normalize(lift(vectors).float(), dim=-1) * to).sum(-1)

    far = (distance(shown, batch["passage vectors"]) * real).sum() / real.sum().clamp(min=1)
    far = far + distance(query, batch["query vectors"]).mean()
    scores = ((query @ shown.T) * head.scale.exp()).masked_fill(~real, -1e4)
    taught = (batch["query vectors"] @ batch["passage vectors"].T * 20).masked_fill(~real, -1e4)
    ranking = F.kl_div(F.log_softmax(scores, -1), F.softmax(taught, -1), reduction="none").sum(-1).mean()
    gold = batch["gold"]
    valid = gold.any(-1)
    total = valid.sum().clamp(min=1)
    contrast = torch.logsumexp(scores, -1) - torch.logsumexp(scores.masked_fill(~gold, -1e4), -1)
    contrast = (contrast * valid).sum() / total

    def first(of):
        return (gold.gather(1, of.argmax(-1, keepdim=True))[:, 0] & valid).sum() / total

    parts = {"far": far, "ranking": ranking, "contrast": contrast, "first": first(scores)}
    parts |= {"encoder first": first(taught), "asked": valid.float().sum()}
    return far + ranking + contrast, parts, unembed(u)
