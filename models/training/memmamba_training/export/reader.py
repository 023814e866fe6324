"""Puts a trained reader beside the model that it was trained on.

    /usr/bin/python3 -m memmamba_training.export.reader RUN/adapter models/artifacts/base [--bits 16]

RUN/adapter holds reader.safetensors, the low-rank adapter that `train.multitask --adapter` writes. The
model's folder gets a reader.safetensors of its own in eight bits, or in sixteen. Its checksums and golden
file are made anew.
"""

import argparse
import pathlib

import numpy as np

from ..model import quantization
from ..model.safetensors import load_safetensors, save_safetensors
from . import golden
from .model_folder import READER, write_checksums


def export(adapter, folder, bits=8):
    """Writes `folder`/reader.safetensors and returns its tensors. ValueError: one holds what is no number, or
    it is the reader of a model of other widths."""
    adapter, folder = pathlib.Path(adapter), pathlib.Path(folder)
    tensors = quantization.dequantize(load_safetensors(adapter / READER))
    model = load_safetensors(folder / "model.safetensors")
    for name, value in tensors.items():
        if not np.isfinite(value).all():
            raise ValueError(f"{name} holds what is no number")
        if name in model and model[name].shape != value.shape:
            raise ValueError(f"{name} has the shape {value.shape}, {model[name].shape} in {folder}")
    halves = {name: value.astype(np.float16) for name, value in tensors.items()}
    packed = quantization.quantize(halves) if bits == 8 else halves
    save_safetensors(folder / READER, packed)
    write_checksums(folder)
    return packed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("adapter", help="folder with the trained reader.safetensors")
    parser.add_argument("folder", help="model folder that gets it")
    parser.add_argument("--bits", type=int, choices=(8, 16), default=8, help="bits of a number (default: 8)")
    arguments = parser.parse_args()
    tensors = export(arguments.adapter, arguments.folder, arguments.bits)
    last = load_safetensors(pathlib.Path(arguments.folder) / "golden" / "reference.safetensors")
    golden.write(arguments.folder, last["tokens"], int(last["rows"][0]) + 1)
    count = sum(value.size for name, value in tensors.items() if not name.endswith(".step"))
    size = (pathlib.Path(arguments.folder) / READER).stat().st_size
    print(f"{arguments.folder}: a reader of {count / 1e6:.1f} M numbers, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
