"""MemMamba in PyTorch: the reference that is trained, exported and compared against.

Mamba (arXiv 2312.00752) with a note block, a bounded state pool, cross-token attention over the pool
and cross-layer attention every p layers (MemMamba, arXiv 2510.03279). What the MemMamba paper leaves
open is an option of `Config`. Runs on the CPU with plain loops (torch 1.13 and later) and on a GPU
with the kernels of `kernels/kernels.cu`.

Shapes: B batch, L tokens, D d_model, E d_inner, N d_state, H heads, M note dimensions, P pool size,
K chunks of a sequence.
"""

import math
from dataclasses import dataclass, field
from typing import Optional

import torch
import torch.nn.functional as F
from torch import nn

from ..kernels.operators import token_scores
from .heads import Passages, Reader, Retrieval, Sentence
from .layers import Layer, RMSNorm
from .state_pool import Pools, visible_pools


@dataclass
class Trace:
    """What a forward pass shows besides its output; one entry a layer, of the streams one more."""

    weighed: Optional[list] = None  # layers whose weights are kept; every layer if None
    streams: list = field(
        default_factory=list
    )  # (B, L, D), the residual stream into every layer and at the end
    scores: list = field(default_factory=list)  # (B, L)
    notes: list = field(default_factory=list)  # (B, L, M)
    normed: dict = field(
        default_factory=dict
    )  # layer → (B, L, D), what the note block reads, of archive layers
    positions: list = field(default_factory=list)  # (B, K, P) of the visible pools
    weights: list = field(default_factory=list)  # (B, K, H, chunk, P) of the token reads, or None
    h: list = field(default_factory=list)  # (B, E, N)


class MemMamba(nn.Module):
    """`retrieval`, `sentence`: with such a head at every archive layer; `passages`, `reader`: with that
    head on the normed stream of the last one."""

    def __init__(self, config, retrieval=False, sentence=False, passages=False, reader=False):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.layers = nn.ModuleList(Layer(config, i) for i in range(config.n_layer))
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.reset()
        if retrieval:
            self.add_retrieval()
        if sentence:
            self.add_sentence_head()
        if passages:
            self.add_passages()
        if reader:
            self.add_reader()

    def add_passages(self):
        """Gives the model a fresh passage head, where it has none."""
        if not hasattr(self, "passages"):
            self.passages = Passages(self.config).to(self.embedding.weight.device)

    def add_reader(self):
        """Gives the model a fresh reader head, where it has none."""
        if not hasattr(self, "reader"):
            self.reader = Reader(self.config).to(self.embedding.weight.device)

    def drop_retrieval(self):
        """Takes the retrieval heads away: passage vectors do their work."""
        for layer in self.layers:
            if hasattr(layer, "retrieval"):
                del layer.retrieval

    @property
    def retrieves(self):
        return any(hasattr(layer, "retrieval") for layer in self.layers)

    def add_retrieval(self):
        """Gives every archive layer a fresh retrieval head, where it has none."""
        for index in self.config.archive_layers:
            if not hasattr(self.layers[index], "retrieval"):
                self.layers[index].retrieval = Retrieval(self.config).to(self.embedding.weight.device)

    @property
    def has_sentence_head(self):
        return any(hasattr(layer, "sentence") for layer in self.layers)

    def add_sentence_head(self):
        """Gives every archive layer a fresh sentence head, where it has none."""
        for index in self.config.archive_layers:
            if not hasattr(self.layers[index], "sentence"):
                self.layers[index].sentence = Sentence(self.config).to(self.embedding.weight.device)

    def salience(self, normed):
        """`Trace.normed` → salience (B, L) of every token, f32."""
        return sum(self.layers[index].sentence(normed[index]) for index in self.config.archive_layers)

    @torch.no_grad()
    def reset(self):
        """Mamba's initialisation, and small outputs where the memory joins the residual stream."""
        config = self.config
        nn.init.normal_(self.embedding.weight, std=0.02)
        for layer in self.layers:
            for linear in (layer.in_proj, layer.x_proj):
                nn.init.normal_(linear.weight, std=linear.in_features**-0.5)
            std = config.d_inner**-0.5 / math.sqrt(config.n_layer)
            nn.init.normal_(layer.out_proj.weight, std=std)
            bound = config.dt_rank**-0.5
            nn.init.uniform_(layer.dt_proj.weight, -bound, bound)
            # Δ starts log-uniform in [1e-3, 1e-1]: the bias is the inverse softplus of it.
            dt = torch.exp(torch.rand(config.d_inner) * math.log(100) + math.log(1e-3)).clamp(min=1e-4)
            layer.dt_proj.bias.copy_(dt + torch.log(-torch.expm1(-dt)))
            nn.init.normal_(layer.note.score.weight, std=0.02)
            nn.init.zeros_(layer.note.score.bias)
            nn.init.normal_(layer.note.summary.weight, std=config.d_model**-0.5)
            attentions = [layer.token_attention]
            nn.init.normal_(layer.token_attention.gate.weight, std=0.02)
            nn.init.ones_(layer.token_attention.gate.bias)
            if layer.reads_layers:
                attentions.append(layer.layer_attention)
            for attention in attentions:
                for linear in (attention.q, attention.k, attention.v):
                    nn.init.normal_(linear.weight, std=linear.in_features**-0.5)
                nn.init.normal_(attention.o.weight, std=0.02 / math.sqrt(config.n_layer))

    def hidden(self, tokens, pool=True, trace=None):
        """tokens (B, L) → the normed residual stream (B, L, D) that the head reads.

        `pool=False` sets c_tok = c_lay = 0 at every token. `trace`, a `Trace`, is filled if given.
        """
        config = self.config
        length = tokens.shape[1]
        # Chunks are cut at absolute positions; what is padded comes after every real token.
        tokens = F.pad(tokens, (0, -length % config.chunk))
        x = self.embedding(tokens)
        u = self.layers[0].norm(x)
        if trace is not None:
            trace.streams.append(x[:, :length])
        pools = []
        for index, (layer, norm) in enumerate(zip(self.layers, self.next_norms())):
            update, h = layer.mamba(u)
            x, v = layer.note.norm.add(x, update)
            s, n = layer.note(v)
            if trace is not None:
                trace.scores.append(s[:, :length])
                trace.notes.append(n[:, :length])
                if index in config.archive_layers:
                    trace.normed[index] = v[:, :length]
                trace.h.append(h)
            if not pool:
                u = norm(x)
                if trace is not None:
                    trace.streams.append(x[:, :length])
                continue
            pools.append(visible_pools(config, s, n))
            attention = layer.token_attention
            weighed = trace is not None and (trace.weighed is None or index in trace.weighed)
            gate = torch.sigmoid(token_scores(v, attention.gate.weight, attention.gate.bias))[..., None]
            gate = torch.where(gate > config.tau2, gate, torch.zeros_like(gate))
            update, weights = attention(v, pools[-1], gate, weighed)
            if layer.reads_layers:
                last = Pools.concatenate(pools[-config.cross_layer_every :])
                update = update + layer.layer_attention(v, last, weighed=False)[0]
                pools = pools[-config.cross_layer_every :]
            if trace is not None:
                trace.positions.append(pools[-1].positions)
                filled = (pools[-1].positions >= 0)[:, :, None, None, :]
                trace.weights.append(weights * filled if weighed else None)
            x, u = norm.add(x, update)
            if trace is not None:
                trace.streams.append(x[:, :length])
        return u[:, :length]

    def next_norms(self):
        """What norms the stream after each layer: the next layer's norm, at the end the head's."""
        return [layer.norm for layer in self.layers[1:]] + [self.norm]

    def logits(self, hidden):
        """Tied head: (…, D) → (…, vocabulary)."""
        return F.linear(hidden, self.embedding.weight)

    def forward(self, tokens, pool=True, trace=None):
        return self.logits(self.hidden(tokens, pool, trace))
