"""Files of a model folder: safetensors in f16 or eight bits, and the checksums of what the runtime reads."""

import hashlib
import json
import pathlib

import numpy as np
import torch

from ..model import quantization as int8
from ..model.memmamba import Config, MemMamba
from ..model.transformer import Transformer, TransformerConfig
from . import dense_graphs

CHECKED = ["config.json", "tokenizer.json", "model.safetensors"]
TYPES = {"F16": np.float16, "F32": np.float32, "I8": np.int8, "I32": np.int32, "I64": np.int64}
# All models share one tokenizer, which lies beside the smallest.
SHARED_TOKENIZER = "../tiny/tokenizer.json"


def save_safetensors(path, tensors):
    """Writes `tensors`, a dict of numpy arrays (of TYPES), as one safetensors file."""
    types = {np.dtype(kind): name for name, kind in TYPES.items()}
    header, offset, chunks = {}, 0, []
    for name, array in tensors.items():
        data = np.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": types[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        offset += len(data)
        chunks.append(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for data in chunks:
            file.write(data)


def load_safetensors(path):
    """Reads a safetensors file, or its parts (see `split`), into a dict of numpy arrays."""
    path = pathlib.Path(path)
    if path.exists():
        data = path.read_bytes()
    else:
        data = b"".join(part.read_bytes() for part in sorted(path.parent.glob(f"{path.name}.part-*")))
    if not data:
        raise FileNotFoundError(f"neither {path} nor parts of it")
    start = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        if name == "__metadata__":
            continue
        first, last = entry["data_offsets"]
        array = np.frombuffer(data[start + first : start + last], TYPES[entry["dtype"]])
        tensors[name] = array.reshape(entry["shape"]).copy()
    return tensors


def split(path, size=15 << 20):
    """Replaces a file by parts of at most `size` bytes: `<name>.part-0` and on."""
    path = pathlib.Path(path)
    data = path.read_bytes()
    for index, start in enumerate(range(0, len(data), size)):
        path.with_name(f"{path.name}.part-{index}").write_bytes(data[start : start + size])
    path.unlink()


def write_model(folder, state, config_json):
    """Writes config.json, model.safetensors (f16), graphs/ and checksums.json.

    `state` is the PyTorch state dict; `config_json` the dict that `Config.to_json` returns. A tokenizer.json
    that already lies in the folder is counted in.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config_json, indent=2) + "\n")
    halves = {name: value.detach().cpu().float().numpy().astype(np.float16) for name, value in state.items()}
    for name, value in halves.items():
        if not np.isfinite(value).all():
            raise ValueError(f"{name} does not fit f16")
    save_safetensors(folder / "model.safetensors", halves)
    # Graphs and checksums are what the programs of this project read; a model to compare with has none.
    if "architecture" not in config_json:
        dense_graphs.write(folder)
        write_checksums(folder)


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


def load_model(folder):
    """The model with the very weights that ship, dequantized to f32, without gradients."""
    folder = pathlib.Path(folder)
    given = json.loads((folder / "config.json").read_text())
    tensors = int8.dequantize(load_safetensors(folder / "model.safetensors"))
    if given.pop("architecture", None) == "transformer":
        model = Transformer(TransformerConfig(**given))
    else:
        heads = {kind: any(f".{kind}." in name for name in tensors) for kind in ("retrieval", "sentence")}
        heads |= {
            kind: any(name.startswith(f"{kind}.") for name in tensors) for kind in ("passages", "reader")
        }
        model = MemMamba(Config.from_json(folder / "config.json"), **heads)
    state = {name: torch.from_numpy(value.astype(np.float32)) for name, value in tensors.items()}
    model.load_state_dict(state)
    return model.requires_grad_(False).eval()


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
