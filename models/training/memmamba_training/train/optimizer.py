"""Which optimizer trains which parameters."""

import torch

from .muon import Muon, Together

# Matrices between layers of the residual stream, for Muon, with the blocks of rows that serve a purpose each.
HIDDEN = {
    "in_proj.weight": 2,
    "out_proj.weight": 1,
    "note.summary.weight": 1,
    **{f"attention.{part}.weight": 1 for part in "qkvo"},
    # Of the Transformer.
    **{"qkv.weight": 3, "out.weight": 1, "up.weight": 2, "down.weight": 1},
}


def optimizer_of(model, lr, kind="adamw"):
    """AdamW, or Muon for hidden matrices and AdamW for the rest. Weight decay on matrices only, not on A, D,
    norms, biases and the embedding."""
    hidden, decayed, plain = {}, [], []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        parts = next((HIDDEN[end] for end in HIDDEN if name.endswith(end)), None)
        if kind == "muon" and parts:
            hidden.setdefault(parts, []).append(parameter)
            continue
        matrix = parameter.ndim == 2 and not name.endswith("A_log") and "embedding" not in name
        (decayed if matrix else plain).append(parameter)
    groups = [
        {"params": decayed, "weight_decay": 0.1},
        {"params": plain, "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    cuda = next(model.parameters()).is_cuda
    # A learning rate on the device can change between replays of a captured step.
    rate = torch.tensor(lr, device="cuda") if cuda else lr
    fast = {"fused": True, "capturable": True} if cuda else {}
    adamw = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), **fast)
    if not hidden:
        return adamw
    rate = torch.tensor(lr, device="cuda") if cuda else lr
    matrices = [{"params": parameters, "parts": parts} for parts, parameters in hidden.items()]
    return Together(Muon(matrices, lr=rate), adamw)
