"""DeciMamba's decimation (arXiv 2406.14528) of a trained Mamba, at inference: what a model without a memory
can do about a context longer than it was trained on.

From a layer on, the scan takes only the tokens whose Δ is highest, on the mean over channels, and so do
all later layers. The first such layer takes `base` tokens, each further one a share `rate` of the layer
before. The last tokens, question and answer, always stay, as decoding is never decimated there.
"""

import torch
import torch.nn.functional as F

LEAST = 20  # tokens that any layer keeps


class Decimated:
    """A model with the interface of `MemMamba` with its pool off. `tail`: last tokens that stay."""

    def __init__(self, model, base, rate, first, tail=128):
        self.model, self.config = model, model.config
        self.base, self.rate, self.first, self.tail = base, rate, first, tail

    def kept(self, layer, raw, index):
        """(B, P) places of the tokens that the layer keeps of raw (B, L, E), in order; None: of all."""
        length = raw.shape[1]
        size = max(LEAST, round(self.base * self.rate ** (index - self.first)))
        early = length - self.tail
        if index < self.first or early <= size:
            return None
        delta = F.softplus(raw[:, :early] + layer.dt_proj.bias).mean(-1)
        best = delta.topk(size, 1).indices.sort(1).values
        last = torch.arange(early, length, device=raw.device).expand(len(raw), -1)
        return torch.cat([best, last], 1)

    def hidden(self, tokens, pool=False, trace=None):
        """tokens (B, L) → the normed residual stream (B, L, D), 0 where a token was dropped."""
        model = self.model
        x = model.embedding(tokens)
        u = model.layers[0].norm(x)
        places = torch.arange(tokens.shape[1], device=tokens.device).expand(len(tokens), -1)
        for index, (layer, norm) in enumerate(zip(model.layers, model.next_norms())):
            inputs = layer.scan_inputs(u)
            kept = self.kept(layer, inputs[1], index)
            if kept is not None:
                inputs = [_take(part, kept) for part in inputs]
                x, places = _take(x, kept), places.gather(1, kept)
            x = x + layer.scan(*inputs)[0]
            u = norm(x)
        out = torch.zeros(*tokens.shape, u.shape[-1], dtype=u.dtype, device=u.device)
        return out.scatter(1, places[..., None].expand_as(u), u)

    def logits(self, hidden):
        return self.model.logits(hidden)


def _take(x, places):
    """x (B, L, C), places (B, P) → (B, P, C)."""
    return x.gather(1, places[..., None].expand(-1, -1, x.shape[-1]))
