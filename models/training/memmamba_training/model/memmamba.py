"""MemMamba in PyTorch: the reference that is trained, exported and compared against.

Mamba (arXiv 2312.00752) with a note block, a bounded state pool, cross-token attention over the pool
and cross-layer attention every p layers (MemMamba, arXiv 2510.03279). What the MemMamba paper leaves
open is an option of `Config`. Runs on the CPU with plain loops (torch 1.13 and later) and on a GPU
with the kernels of `kernels.cu`.

Shapes: B batch, L tokens, D d_model, E d_inner, N d_state, H heads, M note dimensions, P pool size,
K chunks of a sequence.
"""

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Optional

import torch
import torch.nn.functional as F
from torch import nn

from ..kernels.operators import (
    add_norm,
    attend,
    causal_conv,
    prefix_pools,
    rms_norm,
    selective_scan,
    token_scores,
)


@dataclass
class Config:
    name: str = "tiny"
    n_layer: int = 8
    d_model: int = 256
    d_inner: int = 512
    d_state: int = 16
    d_conv: int = 4
    dt_rank: int = 16
    vocab_size: int = 16384
    note_dim: int = 64
    pool_size: int = 50
    chunk: int = 32
    n_heads: int = 4
    head_dim: int = 32
    cross_layer_every: int = 4
    tau1: float = 0.0
    tau2: float = 0.0
    replacement: str = "priority"
    fact_layers: list = field(default_factory=lambda: [3, 7])
    archive_layers: list = field(default_factory=lambda: [2, 6])
    norm_eps: float = 1e-5

    def to_json(self):
        """The `config.json` that ships: the same fields in camel case."""
        fields = dataclasses.asdict(self)
        return {_camel(name): value for name, value in fields.items()}

    @staticmethod
    def from_json(path):
        with open(path) as file:
            given = json.load(file)
        names = {_camel(f.name): f.name for f in dataclasses.fields(Config)}
        return Config(**{names[key]: value for key, value in given.items()})


def _camel(name):
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


class RMSNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return rms_norm(x, self.weight, self.eps)

    def add(self, x, update):
        """x + update, and its norm."""
        return add_norm(x, update, self.weight, self.eps)


class Note(nn.Module):
    """Note block: importance score s (f32) and summary n of every token, from its norm of the stream."""

    def __init__(self, config):
        super().__init__()
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.score = nn.Linear(config.d_model, 1)
        self.summary = nn.Linear(config.d_model, config.note_dim, bias=False)

    def forward(self, v):
        # Scores rank tokens against each other over a whole document: bf16 would make ties.
        with torch.autocast(v.device.type, enabled=False):
            s = token_scores(v, self.score.weight, self.score.bias)
        return s, self.summary(v)


class Retrieval(nn.Module):
    """Retrieval head of an archive layer: queries from the stream, keys from notes, in one space of M.

    The score of n for a query is exp(scale) · cos(query(v), key(n)), with v what the note block reads at the
    query's last token and n a note, in training with the model, or a gist, the mean of 16 tokens' notes, as
    the application has it. Scores of several layers are comparable: one softmax trains them.
    """

    def __init__(self, config):
        super().__init__()
        self.query = nn.Linear(config.d_model, config.note_dim, bias=False)
        self.key = nn.Linear(config.note_dim, config.note_dim, bias=False)
        self.scale = nn.Parameter(torch.full((1,), math.log(15.0)))
        nn.init.normal_(self.query.weight, std=config.d_model**-0.5)
        # Notes as they are, to begin with.
        nn.init.eye_(self.key.weight)

    def queries(self, v):
        """v (…, D) → unit vectors times the scale (…, M)."""
        return F.normalize(self.query(v).float(), dim=-1) * self.scale.float().exp()

    def keys(self, notes):
        """notes (…, M) → unit vectors (…, M)."""
        return F.normalize(self.key(notes).float(), dim=-1)


class Sentence(nn.Linear):
    """Sentence head of an archive layer: its part w·v + b of a token's salience, v what the note block reads.

    The sum over the archive layers, at the token with a sentence's last character that is no white space, is
    the logit of "would a summary of this document say what this sentence says".
    """

    def __init__(self, config):
        super().__init__(config.d_model, 1)
        # Every sentence as likely as not, to begin with.
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)

    def forward(self, v):
        """v (…, D) → (…), in f32 under autocast too: it ranks sentences of a whole document."""
        with torch.autocast(v.device.type, enabled=False):
            return super().forward(v.to(self.weight.dtype)).squeeze(-1)


class Passages(nn.Module):
    """Passage head: the vector of a run of whole sentences, from the normed stream that the tied head reads.

    vector = normed Σ_t softplus(w_g·u_t + b) W_p u_t over the tokens of the passage; a sum for every 16
    tokens is all that has to be kept, since sums add up. A query `Query: …` is read from an empty state,
    and its vector is the same with W_q over its tokens. Score: the cosine.
    """

    DIMS = 256

    def __init__(self, config):
        super().__init__()
        self.key = nn.Linear(config.d_model, self.DIMS, bias=False)
        self.query = nn.Linear(config.d_model, self.DIMS, bias=False)
        self.gate = nn.Linear(config.d_model, 1)
        # Only training divides cosines by a temperature.
        self.scale = nn.Parameter(torch.full((1,), math.log(20.0)))
        for linear in (self.key, self.query):
            nn.init.normal_(linear.weight, std=config.d_model**-0.5)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def parts(self, u, query=False):
        """u (…, D) → what each token adds to the vector, (…, DIMS) f32."""
        linear = self.query if query else self.key
        return linear(u).float() * F.softplus(self.gate(u).float())


class Reader(nn.Module):
    """Reader head: where in a passage the answer starts and ends, or that it is not there.

    The tokens are `Question: …`, a passage, `Answer:`, read once without the pool. With g = GELU(W_m u + b)
    at every token, ĝ at the last one, which has seen all of the passage, and g_0 at the question's last:

      start_i = w_s·g_i + (Q_s ĝ)·(K_s g_i) / √64 + w_h·ĝ       end_j = w_e·g_j + (Q_e ĝ)·(K_e g_j) / √64
      none    = w_n·g_0

    One softmax over the starts of all passages of a question and `none` (shared normalization, Clark &
    Gardner 2018, arXiv 1710.10723), one over the ends of a passage.
    """

    DIMS = 64

    def __init__(self, config):
        super().__init__()
        d = config.d_model
        self.mix = nn.Linear(d, d)
        for name in ("start", "end"):
            setattr(self, name, nn.Linear(d, 1))
            for part in ("key", "query"):
                linear = nn.Linear(d, self.DIMS, bias=False)
                nn.init.normal_(linear.weight, std=d**-0.5)
                setattr(self, f"{name}_{part}", linear)
        self.here = nn.Linear(d, 1)
        self.none = nn.Linear(d, 1)

    def forward(self, u, asked, last):
        """u (B, L, D), asked and last (B) token indices → start, end (B, L) and none (B), f32."""
        g = F.gelu(self.mix(u))
        rows = torch.arange(len(g), device=g.device)
        final = g[rows, last]
        scores = []
        for name in ("start", "end"):
            keys, query = getattr(self, f"{name}_key")(g), getattr(self, f"{name}_query")(final)
            pointed = torch.einsum("bld,bd->bl", keys.float(), query.float()) / math.sqrt(self.DIMS)
            scores.append(getattr(self, name)(g)[..., 0].float() + pointed)
        return scores[0] + self.here(final).float(), scores[1], self.none(g[rows, asked])[:, 0].float()


@dataclass
class Pools:
    """The pool that every chunk may read, for one layer or several concatenated."""

    notes: torch.Tensor  # (B, K, P, M)
    scores: torch.Tensor  # (B, K, P)
    positions: torch.Tensor  # (B, K, P) token positions, -1 where empty

    @staticmethod
    def concatenate(pools):
        return Pools(
            torch.cat([p.notes for p in pools], 2),
            torch.cat([p.scores for p in pools], 2),
            torch.cat([p.positions for p in pools], 2),
        )


def visible_pools(config, scores, notes):
    """Pools as the tokens of chunks 0 … K-1 see them: after the chunk before their own.

    scores (B, L), notes (B, L, M); L is a multiple of the chunk.
    """
    after = prefix_pools(scores.detach(), config.chunk, config.pool_size, config.tau1, config.replacement)
    empty = torch.full_like(after[:, :1], -1)
    positions = torch.cat([empty, after[:, :-1]], 1)
    batch, chunks, size = positions.shape
    index = positions.clamp(min=0).reshape(batch, chunks * size)
    gathered = notes.gather(1, index[..., None].expand(-1, -1, notes.shape[-1]))
    return Pools(
        gathered.view(batch, chunks, size, -1),
        scores.gather(1, index).view(batch, chunks, size),
        positions,
    )


class PoolAttention(nn.Module):
    """MHA(v → notes of the pool, logit bias log σ(s_j)); an empty pool reads as 0."""

    FOLDED = True  # on a GPU in bf16, where the weights are not wanted

    def __init__(self, config, gated):
        super().__init__()
        width = config.n_heads * config.head_dim
        self.heads, self.head_dim = config.n_heads, config.head_dim
        self.q = nn.Linear(config.d_model, width, bias=False)
        self.k = nn.Linear(config.note_dim, width, bias=False)
        self.v = nn.Linear(config.note_dim, width, bias=False)
        self.o = nn.Linear(width, config.d_model, bias=False)
        if gated:
            self.gate = nn.Linear(config.d_model, 1)

    def forward(self, v, pools, gate=None, weighed=True):
        """v (B, L, D), gate (B, L, 1) → gate · read (B, L, D), weights (B, K, H, chunk, P), uniform where the
        pool is empty; with `weighed=False` they may be None."""
        if self.FOLDED and not weighed and v.is_cuda and v.dtype == torch.bfloat16:
            return self.folded(v, pools, gate), None
        batch, length, _ = v.shape
        chunks, size = pools.positions.shape[1:]
        split = (batch, chunks, -1, self.heads, self.head_dim)
        q = (self.q(v) / math.sqrt(self.head_dim)).view(split).transpose(2, 3)
        k = self.k(pools.notes).view(split).transpose(2, 3)
        filled = pools.positions >= 0
        value = (self.v(pools.notes) * filled[..., None]).view(split).transpose(2, 3)
        # A finite floor, and values of zero, so that an empty pool reads as 0 and never as NaN.
        bias = F.logsigmoid(pools.scores).masked_fill(~filled, -1e9)[:, :, None, None, :]
        # The bias is f32 under autocast, and so is the softmax; f64 where the model is.
        weights = torch.softmax(q @ k.transpose(-1, -2) + bias, -1)
        read = (weights.to(value.dtype) @ value).transpose(2, 3)
        return self.o(gated(read.reshape(batch, length, -1), gate)), weights

    def folded(self, v, pools, gate=None):
        """gate · read (B, L, D), and no weights in memory: a kernel for attention without a bias does it.

        The bias is part of the product q·k: a head has two dimensions more, in which queries are 1 and keys
        hold the bias, rounded, and what the rounding left. The projections write heads of that width, of
        zeros up to a multiple of 8, so that nothing large is copied.
        """
        chunks, size = pools.positions.shape[1:]
        heads, dims, notes = self.heads, self.head_dim, pools.notes.shape[-1]
        width = math.ceil((dims + 2) / 8) * 8
        room = width - dims
        filled = pools.positions >= 0
        # A floor that is as good as minus infinity, and small enough for differences in f32 beside it.
        bias = F.logsigmoid(pools.scores).masked_fill(~filled, -1e4)
        keys = torch.cat([pools.notes * filled[..., None], folded_bias(bias, pools.notes.dtype)], -1)

        def widened(linear, columns):
            """The rows of every head, and columns for the bias, which get zeros."""
            return F.pad(linear.weight.unflatten(0, (heads, dims)), (0, columns, 0, room))

        to_q = (widened(self.q, 0) / math.sqrt(dims)).flatten(0, 1)
        ones = F.pad(self.q.weight.new_ones(heads, 2), (dims, room - 2)).flatten()
        to_k, to_value = widened(self.k, 8), widened(self.v, 8).flatten(0, 1)
        to_k[:, dims, notes] = 1
        to_k[:, dims + 1, notes + 1] = 1
        to_o = F.pad(self.o.weight.unflatten(1, (heads, dims)), (0, room)).flatten(1)
        q = F.linear(v, to_q, ones).view(-1, v.shape[1] // chunks, heads, width)
        k = F.linear(keys, to_k.flatten(0, 1)).view(-1, size, heads, width)
        value = F.linear(keys, to_value).view(-1, size, heads, width)
        read = attend(*(x.transpose(1, 2) for x in (q, k, value))).transpose(1, 2)
        return F.linear(gated(read.reshape(*v.shape[:2], -1), gate), to_o)


def gated(read, gate):
    """Before the output projection, where a read is narrower than the stream."""
    return read if gate is None else read * gate.to(read.dtype)


def folded_bias(bias, dtype):
    """bias (…) → (…, 8): rounded to the type, what that left, zeros. The gradient goes through the first."""
    high = bias.to(dtype)
    low = (bias - high).detach().to(dtype)
    return F.pad(torch.stack([high, low], -1), (0, 6))


class Layer(nn.Module):
    def __init__(self, config, index):
        super().__init__()
        self.config = config
        p = config.cross_layer_every
        self.reads_layers = p > 0 and (index + 1) % p == 0
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.in_proj = nn.Linear(config.d_model, 2 * config.d_inner, bias=False)
        self.conv1d = _Conv(config.d_inner, config.d_conv)
        self.x_proj = nn.Linear(config.d_inner, config.dt_rank + 2 * config.d_state, bias=False)
        self.dt_proj = nn.Linear(config.dt_rank, config.d_inner)
        a = torch.arange(1, config.d_state + 1, dtype=torch.float32)
        self.A_log = nn.Parameter(a.log().repeat(config.d_inner, 1))
        self.D = nn.Parameter(torch.ones(config.d_inner))
        self.out_proj = nn.Linear(config.d_inner, config.d_model, bias=False)
        self.note = Note(config)
        self.token_attention = PoolAttention(config, gated=True)
        if self.reads_layers:
            self.layer_attention = PoolAttention(config, gated=False)

    def mamba(self, u):
        """From the layer's norm of the stream, the Mamba block's update of it (B, L, D) and the scan's end
        state (B, E, N)."""
        return self.scan(*self.scan_inputs(u))

    def scan_inputs(self, u):
        """u (B, L, D) → what the selective scan takes of every token: x', δ through W_Δ without its bias,
        z (B, L, E) each, B and C (B, L, N)."""
        config = self.config
        xz = self.in_proj(u)
        inner = causal_conv(xz[..., : config.d_inner], self.conv1d.weight, self.conv1d.bias)
        projected = self.x_proj(inner)
        delta, b, c = projected.split([config.dt_rank, config.d_state, config.d_state], -1)
        return inner, F.linear(delta, self.dt_proj.weight), xz[..., config.d_inner :], b, c

    def scan(self, inner, raw, z, b, c):
        """The update (B, L, D) and the end state (B, E, N)."""
        a = -torch.exp(self.A_log)
        y, h = selective_scan(inner, raw, self.dt_proj.bias, a, b, c, self.D, z)
        return self.out_proj(y), h


class _Conv(nn.Module):
    """Holds the depthwise convolution's weight (E, d_conv), last tap for the current token, and bias (E)."""

    def __init__(self, channels, taps):
        super().__init__()
        bound = 1 / math.sqrt(taps)
        self.weight = nn.Parameter(torch.empty(channels, taps).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(channels))


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
