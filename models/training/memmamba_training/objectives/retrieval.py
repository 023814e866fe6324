"""The loss of the retrieval heads: a query and the notes of its passage."""

import torch

NOTES_A_CHUNK = 4  # as many as the archive keeps


BETWEEN = 64  # tokens before a query's end that are no candidates: the query itself


def retrieval_loss(model, trace, query, passage):
    """Minus the log of the share that a query gives to the notes of its passage, among those of all
    sequences, and how often its best note is one of them.

    query (B, Q), passage (B, Q, 2), see `datasets/sequences.py`. Candidates are the highest scores of every
    chunk of the archive layers, as in the archive; of the query's own sequence those that come before it.
    """
    config = model.config
    rows, count = query.shape
    logits, positive, allowed = [], [], []
    last = query.clamp(min=0)
    own = torch.eye(rows, dtype=torch.bool, device=query.device)[:, None, :, None]
    for index in config.archive_layers:
        scores, notes = trace.scores[index].detach(), trace.notes[index]
        usable = scores.shape[1] - scores.shape[1] % config.chunk
        by_chunk = scores[:, :usable].unflatten(1, (-1, config.chunk))
        best = by_chunk.topk(min(NOTES_A_CHUNK, config.chunk), 2).indices
        starts = torch.arange(0, usable, config.chunk, device=scores.device)
        places = (best + starts[:, None]).flatten(1)  # (B, C)
        head = model.layers[index].retrieval
        keys = head.keys(notes.gather(1, places[..., None].expand(-1, -1, notes.shape[-1])))
        v = trace.normed[index]
        asked = head.queries(v.gather(1, last[..., None].expand(-1, -1, v.shape[-1])))
        logits.append(torch.einsum("bqm,cnm->bqcn", asked, keys))
        places = places[None, None]
        before = places < (last - BETWEEN)[:, :, None, None]
        inside = (places >= passage[:, :, :1, None]) & (places < passage[:, :, 1:, None])
        positive.append(own & before & inside)
        allowed.append(~own | before)
    logits, positive, allowed = (torch.cat(part, -1).flatten(2) for part in (logits, positive, allowed))
    logits = logits.masked_fill(~allowed, -1e9)
    valid = (query >= 0) & positive.any(-1)
    share = torch.logsumexp(logits, -1) - torch.logsumexp(logits.masked_fill(~positive, -1e9), -1)
    hit = positive.gather(-1, logits.argmax(-1, keepdim=True))[..., 0] & valid
    total = valid.sum().clamp(min=1)
    return (share * valid).sum() / total, hit.sum() / total
