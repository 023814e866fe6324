"""Heads beside the language model's: for retrieval, sentences, passages and the reader.

Shapes as in `memmamba.py`.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Retrieval(nn.Module):
    """Retrieval head of an archive layer: queries from the stream, keys from notes, in one space of M.

    The score of n for a query is exp(scale) · cos(query(v), key(n)), with v what the note block reads at the
    query's last token. In training with the model n is a note; in the application it is a gist, the mean of
    16 tokens' notes. Scores of several layers are comparable: one softmax trains them.
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
