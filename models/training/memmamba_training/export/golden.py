"""Writes golden files: what the f32 PyTorch reference computes with the very weights that ship.

    /usr/bin/python3 -m memmamba_training.export.golden models/artifacts/tiny

computes them anew for the tokens of the file that is there, after the weights have changed; `--ids` gives
others. Needs no GPU, and PyTorch 1.13 or later.

`golden/reference.safetensors` holds, for one sequence of T tokens (K chunks) and R chosen positions in it:

    tokens (T) i32, rows (R) i32
    logits (R, V), logits_off (R, V)       with the pool on and off
    argmax (T) i32, margin (T)             best token, and its logit minus the second best
    scores (nLayer, T)
    pool_positions (nLayer, K, P) i32      the pool after every chunk, -1 where empty
    notes (archive layers, R, noteDim)
    salience (T)                           where the model has a sentence head
    weights (nLayer, R, nHeads, P)         attention of the token reads
    updates (nLayer, R, dModel)            what each block adds to the residual stream
    h (nLayer, dInner, dState), conv_tail (nLayer, dConv - 1, dInner)     after the last token
    retention (nLayer, R)                  at the end of the sequence, in f64
    lags (G) i32, etmf (nLayer, G)         over the whole sequence, in f64

of a model with a passage head:

    passage_sums (T / 16, 256)             sums of what every 16 tokens add to a passage's vector
    query_sum (256)                        the same of the first 20 tokens as a query, pool off

and of one with a reader beside it:

    read_tokens (S, N) i32                 rows of a question, a passage and an end, -1 behind it
    read_places (S, 2) i32                 tokens of the question, and tokens up to the passage's end
    read_start, read_end (S, N), read_none (S)     the reader's logits, 0 behind a row
"""

import argparse
import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

from ..model.loading import load_model, load_reader
from ..model.memmamba import Trace
from ..model.safetensors import load_safetensors, save_safetensors
from .model_folder import READER

LAGS = [0, 1, 2, 4, 8, 16, 64, 256]
BLOCK = 16  # tokens of a sum of the passage head
QUERY = 20  # tokens of the query
# (question, passage, end) of the reader's rows, as ranges of the sequence
READ = [((0, 12), (40, 88), (20, 24)), ((0, 12), (130, 167), (20, 24)), ((5, 6), (300, 301), (7, 8))]


def record(model, batch, trace):
    """Runs the model with hooks; returns the normed stream, and per layer the inputs of convolution and scan
    with the raw projection (δ, B, C)."""
    conv_inputs, scan_inputs, projected = [], [], []
    inner = model.config.d_inner
    hooks = []
    for layer in model.layers:
        hooks += [
            layer.in_proj.register_forward_hook(lambda _m, _a, out: conv_inputs.append(out[0, :, :inner])),
            layer.x_proj.register_forward_pre_hook(lambda _, args: scan_inputs.append(args[0][0])),
            layer.x_proj.register_forward_hook(lambda _m, _a, out: projected.append(out[0])),
        ]
    hidden = model.hidden(batch, trace=trace)[0]
    for hook in hooks:
        hook.remove()
    return hidden, torch.stack(conv_inputs), scan_inputs, projected


def decay(layer, u, projected):
    """Retention of every token at the end of the sequence, and ETMF at LAGS, of one layer, in f64."""
    rank, state = layer.config.dt_rank, layer.config.d_state
    low, b, _ = projected.double().split([rank, state, state], -1)
    delta = F.softplus(low @ layer.dt_proj.weight.double().T + layer.dt_proj.bias.double())
    a = -layer.A_log.double().exp()
    writes = (delta * u.double())[:, :, None] * b[:, None, :]  # W_t, (T, E, N)
    total = delta.cumsum(0)
    left = torch.exp(a * (total[-1] - total)[:, :, None])
    size = writes.abs()
    retention = (size * left).sum((1, 2)) / size.sum((1, 2))
    etmf = []
    for lag in LAGS:
        kept = torch.exp(a * (total[lag:] - total[: len(total) - lag])[:, :, None])
        square = writes[: len(total) - lag].square()
        etmf.append(((square * kept).sum((1, 2)) / square.sum((1, 2))).mean())
    return retention, torch.stack(etmf)


@torch.no_grad()
def compute(model, tokens, rows, reader=None):
    """The arrays of a golden file; the length is a multiple of the chunk, so that nothing is padded."""
    config = model.config
    assert len(tokens) % config.chunk == 0 and len(tokens) > max(LAGS)
    batch = torch.from_numpy(tokens.astype(np.int64))[None]
    trace = Trace()
    hidden, conv_inputs, scan_inputs, projected = record(model, batch, trace)
    streams = torch.cat(trace.streams)
    # The trace has the pools that each chunk reads. One chunk more shows the pool after the last.
    longer = Trace()
    model.hidden(torch.cat([batch, batch[:, : config.chunk]], 1), trace=longer)
    pools = torch.stack([positions[0] for positions in longer.positions])[:, 1:]
    weights = torch.cat(trace.weights).transpose(2, 3)  # (nLayer, K, chunk, H, P)
    top = torch.cat([model.logits(part).topk(2, -1).values for part in hidden.split(256)])
    decays = [decay(*of_layer) for of_layer in zip(model.layers, scan_inputs, projected)]
    found = {
        "logits": model.logits(hidden[rows]),
        "logits_off": model.logits(model.hidden(batch, pool=False)[0, rows]),
        "argmax": torch.cat([model.logits(part).argmax(-1) for part in hidden.split(256)]).int(),
        "margin": top[:, 0] - top[:, 1],
        "scores": torch.cat(trace.scores),
        "pool_positions": pools.int(),
        "notes": torch.stack([trace.notes[layer][0, rows] for layer in config.archive_layers]),
        **({"salience": model.salience(trace.normed)[0]} if model.has_sentence_head else {}),
        "weights": weights.flatten(1, 2)[:, rows],
        "updates": (streams[1:] - streams[:-1])[:, rows],
        "h": torch.cat(trace.h),
        "conv_tail": conv_inputs[:, len(tokens) - config.d_conv + 1 :],
        "retention": torch.stack([retention[rows] for retention, _ in decays]).float(),
        "etmf": torch.stack([etmf for _, etmf in decays]).float(),
    }
    if hasattr(model, "passages"):
        found |= vectors(model, batch)
    if reader:
        found |= read(reader, batch)
    given = {"tokens": tokens, "rows": rows, "lags": np.array(LAGS)}
    return {
        **{name: value.astype(np.int32) for name, value in given.items()},
        **{name: value.contiguous().numpy() for name, value in found.items()},
    }


@torch.no_grad()
def vectors(model, tokens):
    """The arrays of a model with a passage head, of (1, T) tokens."""
    parts = model.passages.parts(model.hidden(tokens))[0]
    query = model.passages.parts(model.hidden(tokens[:, :QUERY], pool=False), query=True)[0]
    return {
        "passage_sums": torch.stack([part.sum(0) for part in parts.split(BLOCK)]),
        "query_sum": query.sum(0),
    }


@torch.no_grad()
def read(reader, tokens):
    """The arrays of a reader, of (1, T) tokens."""
    rows = [torch.cat([tokens[0, a:b] for a, b in row]) for row in READ]
    width = max(map(len, rows))
    found = {
        "read_tokens": torch.stack([F.pad(row, (0, width - len(row)), value=-1) for row in rows]).int(),
        "read_places": torch.tensor([[b - a, d - c + b - a] for (a, b), (c, d), _ in READ]).int(),
    }
    starts, ends, nones = [], [], []
    for row, ((first, behind), *_) in zip(rows, READ):
        u = reader.hidden(row[None], pool=False)
        asked, last = torch.tensor([behind - first - 1]), torch.tensor([len(row) - 1])
        start, end, none = reader.reader(u, asked, last)
        starts.append(F.pad(start[0], (0, width - len(row))))
        ends.append(F.pad(end[0], (0, width - len(row))))
        nones.append(none[0])
    found |= {"read_start": torch.stack(starts), "read_end": torch.stack(ends)}
    return found | {"read_none": torch.stack(nones)}


def write(folder, ids, every):
    """Writes `folder`/golden/reference.safetensors with every `every`-th row, and returns its arrays."""
    folder = pathlib.Path(folder)
    model = load_model(folder)
    ids = np.asarray(ids)
    ids = ids[: len(ids) - len(ids) % model.config.chunk]
    rows = np.arange(every - 1, len(ids), every)
    reader = load_reader(folder) if (folder / READER).exists() else None
    arrays = compute(model, ids, rows, reader)
    target = folder / "golden"
    target.mkdir(exist_ok=True)
    save_safetensors(target / "reference.safetensors", arrays)
    return arrays


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="model folder")
    parser.add_argument("--ids", help="JSON file with a list of token ids; default: those of the last file")
    parser.add_argument("--every", type=int, help="keep every n-th row; default: as in the last file, or 128")
    arguments = parser.parse_args()
    last = pathlib.Path(arguments.folder) / "golden" / "reference.safetensors"
    if arguments.ids:
        ids, every = json.loads(pathlib.Path(arguments.ids).read_text()), 128
    elif last.exists():
        before = load_safetensors(last)
        ids, every = before["tokens"], int(before["rows"][0]) + 1
    else:
        parser.error(f"{last} does not exist yet; give its tokens with --ids")
    arrays = write(arguments.folder, ids, arguments.every or every)
    for name, value in arrays.items():
        print(name, value.shape, value.dtype)


if __name__ == "__main__":
    main()
