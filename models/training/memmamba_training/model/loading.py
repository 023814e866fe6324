"""A model from its folder."""

import json
import pathlib

import numpy as np
import torch

from . import quantization
from .adapter import merge_adapter
from .config import Config
from .memmamba import MemMamba
from .safetensors import load_safetensors
from .transformer import Transformer, TransformerConfig


def load_model(folder):
    """The model with the very weights that ship, dequantized to f32, without gradients."""
    folder = pathlib.Path(folder)
    given = json.loads((folder / "config.json").read_text())
    tensors = quantization.dequantize(load_safetensors(folder / "model.safetensors"))
    if given.pop("architecture", None) == "transformer":
        model = Transformer(TransformerConfig(**given))
    else:
        heads = {kind: any(f".{kind}." in name for name in tensors) for kind in ("retrieval", "sentence")}
        heads |= {
            kind: any(name.startswith(f"{kind}.") for name in tensors) for kind in ("passages", "reader")
        }
        model = MemMamba(Config.from_json(folder / "config.json"), **heads)
    model.load_state_dict(as_state(tensors))
    return model.requires_grad_(False).eval()


def load_reader(folder, adapter=None):
    """The model as the reader that lies beside it: `adapter`, or reader.safetensors in its folder."""
    state = load_tensors(adapter or pathlib.Path(folder) / "reader.safetensors")
    return merge_adapter(load_model(folder), state).requires_grad_(False).eval()


def load_tensors(path):
    """The tensors of a safetensors file, or of its parts, by name, dequantized to f32."""
    return as_state(quantization.dequantize(load_safetensors(path)))


def as_state(tensors):
    return {name: torch.from_numpy(value.astype(np.float32)) for name, value in tensors.items()}
