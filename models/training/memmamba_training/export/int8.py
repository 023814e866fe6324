"""Exports a trained model in eight bits, as `base` ships.

    /usr/bin/python3 -m memmamba_training.export.int8 MASTER models/artifacts/base [--dequantized FOLDER]

MASTER holds config.json and model.safetensors in f16 or f32 (or its parts). OUT gets config.json,
model.safetensors (format: `model/quantization.py`), graphs/, checksums.json and golden/, computed from the
dequantized weights for tokens of the golden file of `tiny`, which has the same vocabulary. What stands in OUT
besides is left alone.

The model is then one that ships, if its folder lies in models/artifacts: models.json there lists it.

`--dequantized` also writes the very weights that ship as a folder in f32, for programs that know no eight
bits; evaluations and `golden.py` take either.
"""

import argparse
import json
import pathlib

import numpy as np

from ..model import quantization
from ..model.safetensors import load_safetensors, save_safetensors
from . import dense_graphs, golden
from .model_folder import write_checksums

MAX_BYTES = 36_000_000
GOLDEN_TOKENS = pathlib.Path(__file__).resolve().parents[3] / "artifacts/tiny/golden/reference.safetensors"
GOLDEN_LENGTH = 320
# Of so many tokens the golden file keeps one row of logits and the like.
GOLDEN_EVERY = 80


def shortened(tokens, length=GOLDEN_LENGTH):
    """A text that ends with five digits and a newline, cut to `length` tokens: where it states the digits
    first, and its end, which asks for them."""
    answer = tokens[-6:-1]
    starts = np.lib.stride_tricks.sliding_window_view(tokens, len(answer))
    first = int(np.flatnonzero((starts == answer).all(1))[0])
    stated = tokens[max(0, first - 32) : first + 96]
    return np.concatenate([stated, tokens[len(stated) - length :]])


def export(master, out, tokens, every=GOLDEN_EVERY):
    """Writes the folder `out` and returns its tensors. `tokens` (T) are those of the golden file."""
    master, out = pathlib.Path(master), pathlib.Path(out)
    config = json.loads((master / "config.json").read_text())
    tensors = quantization.quantize(load_safetensors(master / "model.safetensors"))
    for name, value in tensors.items():
        if not np.isfinite(value).all():
            raise ValueError(f"{name} holds what is no number")
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_safetensors(out / "model.safetensors", tensors)
    size = (out / "model.safetensors").stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"{out / 'model.safetensors'} has {size} bytes; {MAX_BYTES} are allowed")
    dense_graphs.write(out)
    write_checksums(out)
    list_model(out)
    golden.write(out, tokens, every)
    return tensors


def list_model(folder):
    """Adds a model to the list of those that ship, if there is one beside its folder."""
    path = folder.resolve().parent / "models.json"
    if path.exists():
        names = sorted({*json.loads(path.read_text()), folder.resolve().name})
        path.write_text(json.dumps(names) + "\n")


def write_dequantized(folder, config, tensors):
    """Writes the dequantized tensors in f32, without graphs and checksums: nothing ships them."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(config)
    values = {name: value.astype(np.float32) for name, value in quantization.dequantize(tensors).items()}
    save_safetensors(folder / "model.safetensors", values)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("master", help="folder of the trained model")
    parser.add_argument("out", help="model folder to write")
    parser.add_argument("--dequantized", metavar="FOLDER", help="also write the dequantized weights")
    arguments = parser.parse_args()
    tensors = export(arguments.master, arguments.out, shortened(load_safetensors(GOLDEN_TOKENS)["tokens"]))
    out = pathlib.Path(arguments.out)
    if arguments.dequantized:
        write_dequantized(arguments.dequantized, (out / "config.json").read_text(), tensors)
    size = (out / "model.safetensors").stat().st_size
    eighths = sum(value.size for value in tensors.values() if value.dtype == np.int8)
    print(f"{out}: {size / 1e6:.1f} MB, {eighths / 1e6:.1f} M weights in eight bits")


if __name__ == "__main__":
    main()
