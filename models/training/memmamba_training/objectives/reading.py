"""The loss of the reader head, on batches of `datasets.reading`."""

import torch

from .share import shared


def reader_loss(model, batch, backbone=1.0):
    """Minus the log probability of starts and ends, and its parts for the log.

    Starts are in one softmax over a question's passages and “none”, ends in one over a passage. Beside the
    two losses the parts are the share of questions whose best start is right, and of those without an answer
    that get none. `backbone`: see `share`.
    """
    u = shared(model.hidden(batch["tokens"], pool=False), backbone)
    start, end, none = model.reader(u, batch["asked"], batch["last"])
    outside = ~batch["inside"]
    start, end = start.masked_fill(outside, -1e4), end.masked_fill(outside, -1e4)
    rows = torch.arange(len(none), device=none.device)
    of = batch["group"][None] == rows[:, None]  # (G, R), one group a row that is its first
    real = of.any(-1) & batch["inside"].any(-1)
    answered = batch["start"].any(-1)

    def over(of_rows):
        return torch.logsumexp(of_rows[None].masked_fill(~of, -1e4), -1)

    right = torch.logsumexp(start.masked_fill(~batch["start"], -1e4), -1)
    every = torch.logaddexp(over(torch.logsumexp(start, -1)), none)
    known = (of & answered[None]).any(-1)
    target = torch.where(known, over(right), none)
    count = real.sum().clamp(min=1)
    starts = ((every - target) * real).sum() / count
    finish = torch.logsumexp(end, -1) - torch.logsumexp(end.masked_fill(~batch["end"], -1e4), -1)
    ends = (finish * answered).sum() / answered.sum().clamp(min=1)
    best, place = start.max(-1)
    hit = batch["start"].gather(1, place[:, None])[:, 0]
    row = best[None].masked_fill(~of, -1e4).argmax(-1)
    found = hit[row] & (best[row] > none)
    silent = best[row] <= none
    parts = {
        "start": starts,
        "end": ends,
        "hit": (found & known & real).sum() / (known & real).sum().clamp(min=1),
        "silent": (silent & ~known & real).sum() / (~known & real).sum().clamp(min=1),
    }
    return starts + ends, parts
