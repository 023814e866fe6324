"""Weights in eight bits: how a matrix becomes integers with a step for each output channel, and back.

In a file of tensors NAME.weight holds integers of [-127, 127] where NAME.weight.step, f32, holds the steps:
w = step · q, a step for each row, which is an output channel of the matrix (out, in) or a token's embedding.
"""

import numpy as np

LARGEST = 127
# The products that make up the model's size and time. What is small beside them stays as it was trained:
# vectors, convolutions, A, the low rank of Δ, scores and gates of the notes, the heads for retrieval
# and for sentences.
MATRICES = (
    "embedding.weight",
    "in_proj.weight",
    "x_proj.weight",
    "out_proj.weight",
    "note.summary.weight",
    "attention.q.weight",
    "attention.k.weight",
    "attention.v.weight",
    "attention.o.weight",
    # Of an adapter (`adapter.py`).
    "in_proj.up",
    "in_proj.down",
    "out_proj.up",
    "out_proj.down",
)


def quantize(tensors):
    """A state dict of f16 or f32 arrays with its MATRICES in eight bits, to the nearest of 255 steps."""
    out = {}
    for name, value in tensors.items():
        if not name.endswith(MATRICES):
            out[name] = value
            continue
        weights = value.astype(np.float32)
        steps = np.abs(weights).max(1) / np.float32(LARGEST)
        # A row of zeros has no step of its own.
        out[name] = np.rint(weights / np.where(steps > 0, steps, 1)[:, None]).astype(np.int8)
        out[f"{name}.step"] = steps
    return out


def dequantize(tensors):
    """The same with every matrix in f32; what is not in eight bits is left as it is."""
    steps = {name.removesuffix(".step"): value for name, value in tensors.items() if name.endswith(".step")}
    out = {}
    for name, value in tensors.items():
        if name.endswith(".step"):
            continue
        out[name] = value.astype(np.float32) * steps[name][:, None] if name in steps else value
    return out
