"""Weights in a file: safetensors, whole or in parts."""

import json
import pathlib

import numpy as np

TYPES = {"F16": np.float16, "F32": np.float32, "I8": np.int8, "I32": np.int32, "I64": np.int64}


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
