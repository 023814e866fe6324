"""A low-rank adapter (LoRA, Hu et al. 2021, arXiv 2106.09685): another task on weights that stay as they are.

The large projections W of every Mamba block become W + U V, with U (rows, rank) and V (rank, columns). What
is small gets values of its own: convolution, Δ, B, C, A, D and the norms. Note blocks and attentions keep
theirs, since a reader reads without the pool. So a reader costs a fifth of a second model, and the language
model and the memory lose nothing.
"""

import torch
from torch import nn
from torch.nn.utils import parametrize

LARGE = ("in_proj", "out_proj")
SMALL = (
    "norm.weight",
    "conv1d.weight",
    "conv1d.bias",
    "x_proj.weight",
    "dt_proj.weight",
    "dt_proj.bias",
    "A_log",
    "D",
)


class LowRank(nn.Module):
    """weight (rows, columns) → weight + up · down; the same weight to begin with."""

    def __init__(self, rows, columns, rank):
        super().__init__()
        self.up = nn.Parameter(torch.zeros(rows, rank))
        self.down = nn.Parameter(torch.randn(rank, columns) * columns**-0.5)

    def forward(self, weight):
        return weight + self.up @ self.down


def small_tensors(model):
    """Names of the tensors that an adapter replaces."""
    names = [f"layers.{index}.{name}" for index in range(len(model.layers)) for name in SMALL]
    return [*names, "norm.weight"]


def add_adapter(model, rank):
    """Freezes a MemMamba and gives it an adapter and what its reader head has to train."""
    model.requires_grad_(False)
    device = model.embedding.weight.device
    for layer in model.layers:
        for name in LARGE:
            linear = getattr(layer, name)
            adapter = LowRank(*linear.weight.shape, rank).to(device)
            parametrize.register_parametrization(linear, "weight", adapter)
            linear.parametrizations.weight.original.requires_grad_(False)
    parameters = dict(model.named_parameters())
    for name in small_tensors(model):
        parameters[name].requires_grad_(True)
    model.reader.requires_grad_(True)


def adapter_state(model):
    """The tensors of an adapter: `layers.i.in_proj.up` and `.down` and so on, the small ones, `reader.…`."""
    state = {name: value for name, value in model.state_dict().items() if name.startswith("reader.")}
    whole = dict(model.named_parameters())
    state |= {name: whole[name].detach() for name in small_tensors(model)}
    for index, layer in enumerate(model.layers):
        for name in LARGE:
            [adapter] = getattr(layer, name).parametrizations.weight
            state[f"layers.{index}.{name}.up"] = adapter.up.detach()
            state[f"layers.{index}.{name}.down"] = adapter.down.detach()
    return state


@torch.no_grad()
def restore_adapter(model, state):
    """Puts the tensors of `adapter_state` back into a model that `add_adapter` was called on, to train on.

    KeyError: the state lacks a tensor of it. RuntimeError: the ranks differ.
    """
    parameters = dict(model.named_parameters())
    for index in range(len(model.layers)):
        for name in LARGE:
            at = f"layers.{index}.{name}"
            for part in ("up", "down"):
                parameters[f"{at}.parametrizations.weight.0.{part}"].copy_(state[f"{at}.{part}"])
    for name in [*small_tensors(model), *(n for n in parameters if n.startswith("reader."))]:
        parameters[name].copy_(state[name])


@torch.no_grad()
def merge_adapter(model, state):
    """Puts the tensors of `adapter_state` into a plain model: it becomes the reader.

    KeyError: the state lacks a tensor of it.
    """
    model.add_reader()
    parameters = dict(model.named_parameters())
    for index in range(len(model.layers)):
        for name in LARGE:
            at = f"layers.{index}.{name}"
            parameters[f"{at}.weight"] += state[f"{at}.up"] @ state[f"{at}.down"]
    for name in [*small_tensors(model), *(n for n in parameters if n.startswith("reader."))]:
        parameters[name].copy_(state[name])
    return model
