"""The shipped form of a model: a folder with `model.safetensors` (f16), `config.json` and checksums."""

import hashlib
import json
import struct
from pathlib import Path

import numpy as np
import torch

from model import Config, MemMamba

KINDS = {"F16": np.float16, "F32": np.float32, "I32": np.int32, "I64": np.int64}
NOT_WEIGHTS = {"README.md", "checksums.json"}


def write_safetensors(path, tensors):
    """Writes a dict of numpy arrays in the safetensors format: header length, JSON header, raw data."""
    names = {np.dtype(kind): name for name, kind in KINDS.items()}
    header, offset = {}, 0
    for name, array in tensors.items():
        end = offset + array.nbytes
        header[name] = {
            "dtype": names[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())


def read_safetensors(path):
    data = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        array = np.frombuffer(data[start:end], KINDS[entry["dtype"]])
        tensors[name] = array.reshape(entry["shape"])
    return tensors


def save_model(folder, model):
    """Weights in f16 and the config. `write_checksums` comes last, when every file is there."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: tensor.detach().cpu().float().numpy().astype(np.float16)
        for name, tensor in model.state_dict().items()
    }
    write_safetensors(folder / "model.safetensors", weights)
    text = json.dumps(model.config.to_json(), indent=2)
    (folder / "config.json").write_text(text + "\n")


def load_model(folder):
    """The model with the very weights that ship, dequantized to f32."""
    folder = Path(folder)
    model = MemMamba(Config.from_json(folder / "config.json"))
    weights = read_safetensors(folder / "model.safetensors")
    state = {name: torch.from_numpy(w.astype(np.float32)) for name, w in weights.items()}
    model.load_state_dict(state)
    # No gradients: the GPU scan then keeps no states.
    return model.requires_grad_(False).eval()


def write_checksums(folder):
    """`checksums.json`: SHA-256 of every file the runtime loads."""
    folder = Path(folder)
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name in NOT_WEIGHTS or name.startswith(("golden/", "results/")):
            continue
        files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    text = json.dumps({"files": files}, indent=2)
    (folder / "checksums.json").write_text(text + "\n")
