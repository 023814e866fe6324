"""Makes the micro model: a small random-weight MemMamba for tests, with golden files.

    /usr/bin/python3 -m memmamba_training.export.micro_model test/fixtures/micro

Its sizes are odd on purpose: nothing is a multiple of a workgroup or a vector. Its scores are spread out, so
that no pool decision hangs on a rounding. Every output matters: gates, reads and skips are as large as the
rest of the residual stream. Beside it lies a reader, an adapter of rank 6 (`model.adapter`).
"""

import argparse
import copy

import numpy as np
import torch

from ..model.adapter import add_adapter
from ..model.config import Config
from ..model.memmamba import MemMamba
from . import golden
from .model_folder import write_adapter, write_checksums, write_model

MICRO = Config(
    name="micro",
    n_layer=3,
    d_model=32,
    d_inner=72,
    d_state=16,
    d_conv=4,
    dt_rank=3,
    vocab_size=97,
    note_dim=20,
    pool_size=5,
    chunk=8,
    n_heads=3,
    head_dim=7,
    cross_layer_every=2,
    fact_layers=[1],
    archive_layers=[0, 2],
)
RANK = 6


@torch.no_grad()
def micro_model(seed):
    """Random weights, representable in f16."""
    torch.manual_seed(seed)
    model = MemMamba(MICRO)
    model.embedding.weight.normal_(std=0.5)
    for layer in model.layers:
        layer.norm.weight.uniform_(0.5, 1.5)
        layer.note.norm.weight.uniform_(0.5, 1.5)
        layer.conv1d.bias.normal_(std=0.2)
        layer.D.uniform_(0.5, 1.5)
        layer.A_log.add_(torch.randn_like(layer.A_log) * 0.3)
        layer.out_proj.weight.normal_(std=MICRO.d_inner**-0.5)
        layer.note.score.weight.normal_(std=0.5)
        layer.note.score.bias.normal_(std=0.5)
        layer.token_attention.gate.weight.normal_(std=0.3)
        layer.token_attention.o.weight.normal_(std=0.2)
        layer.token_attention.q.weight.normal_(std=0.5)
        if layer.reads_layers:
            layer.layer_attention.o.weight.normal_(std=0.2)
            layer.layer_attention.q.weight.normal_(std=0.5)
    model.norm.weight.uniform_(0.5, 1.5)
    model.add_sentence_head()
    for index in MICRO.archive_layers:
        model.layers[index].sentence.weight.normal_(std=0.5)
        model.layers[index].sentence.bias.normal_(std=0.5)
    model.add_passages()
    for name, parameter in model.passages.named_parameters():
        if name != "scale":
            parameter.normal_(std=0.15)
    for parameter in model.parameters():
        parameter.copy_(parameter.half().float())
    return model


@torch.no_grad()
def micro_reader(model, seed):
    """A copy of the model with a random adapter: all that it may change is another than the model's."""
    torch.manual_seed(seed)
    reader = copy.deepcopy(model)
    reader.add_reader()
    add_adapter(reader, RANK)
    for name, parameter in reader.named_parameters():
        if name.startswith("reader."):
            parameter.normal_(std=0.4)
        elif name.endswith(".up"):
            parameter.normal_(std=0.3)
        elif parameter.requires_grad and not name.endswith(".down"):
            parameter.mul_(torch.rand_like(parameter) * 0.4 + 0.8)
    return reader


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="where the model goes")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    model = micro_model(arguments.seed)
    write_model(arguments.folder, model.state_dict(), MICRO.to_json())
    write_adapter(arguments.folder, micro_reader(model, arguments.seed))
    write_checksums(arguments.folder)
    ids = np.random.default_rng(arguments.seed).integers(0, MICRO.vocab_size, 1000)
    golden.write(arguments.folder, ids, every=9)


if __name__ == "__main__":
    main()
