"""Files of a model folder: safetensors in f16 or eight bits, and the checksums of what the runtime reads."""

import hashlib
import json
import pathlib

import numpy as np

from ..model.adapter import adapter_state
from ..model.safetensors import load_safetensors, save_safetensors
from . import dense_graphs

READER = "reader.safetensors"
CHECKED = ["config.json", "tokenizer.json", "model.safetensors", READER, "calibration.json"]
# All models share one tokenizer, which lies beside the smallest.
SHARED_TOKENIZER = "../tiny/tokenizer.json"


def write_model(folder, state, config_json):
    """Writes config.json, model.safetensors (f16), graphs/ and checksums.json.

    `state` is the PyTorch state dict; `config_json` the dict that `Config.to_json` returns. A tokenizer.json
    that already lies in the folder is counted in.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config_json, indent=2) + "\n")
    save_safetensors(folder / "model.safetensors", halves(state))
    # Graphs and checksums are what the programs of this project read; a model to compare with has none.
    if "architecture" not in config_json:
        dense_graphs.write(folder)
        write_checksums(folder)


def halves(state):
    """The tensors of a PyTorch state in f16, as NumPy arrays. ValueError: a number is beyond f16."""
    found = {name: value.detach().cpu().float().numpy().astype(np.float16) for name, value in state.items()}
    for name, value in found.items():
        if not np.isfinite(value).all():
            raise ValueError(f"{name} does not fit f16")
    return found


def write_adapter(folder, model):
    """Writes reader.safetensors (f16), the adapter of a model that has one (`model.adapter`)."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    save_safetensors(folder / READER, halves(adapter_state(model)))


def write_heads(source, folder, heads):
    """Writes the model of `source` to `folder`, which may be the same, with the tensors of `heads` (a dict of
    PyTorch tensors) in f16 in place of its own; all others stay bit for bit."""
    source, folder = pathlib.Path(source), pathlib.Path(folder)
    tensors = load_safetensors(source / "model.safetensors")
    for name, value in heads.items():
        if tensors[name].shape != tuple(value.shape):
            raise ValueError(f"{name} has the shape {tuple(value.shape)}, {tensors[name].shape} in {source}")
        tensors[name] = value.detach().cpu().float().numpy().astype(np.float16)
    if folder != source:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text((source / "config.json").read_text())
        dense_graphs.write(folder)
    save_safetensors(folder / "model.safetensors", tensors)
    write_checksums(folder)


def write_checksums(folder):
    """Writes checksums.json over the files that the runtime reads; a folder beside that of `tiny` without a
    tokenizer of its own shares that one."""
    folder = pathlib.Path(folder)
    names = [name for name in CHECKED if (folder / name).exists()]
    if "tokenizer.json" not in names and (folder / SHARED_TOKENIZER).exists():
        names.append(SHARED_TOKENIZER)
    names += sorted(f"graphs/{path.name}" for path in (folder / "graphs").glob("*.onnx"))
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    (folder / "checksums.json").write_text(json.dumps({"files": sums}, indent=2) + "\n")
