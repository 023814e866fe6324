"""Muon: momentum whose update is made orthogonal, for the matrices of hidden layers (Jordan et al. 2024,
https://kellerjordan.github.io/posts/muon), with the scale and the weight decay of "Muon is scalable for LLM
training" (arXiv 2502.16982), so that a learning rate of AdamW serves both.
"""

import math

import torch

# Coefficients of the quintic Newton–Schulz iteration; five steps bring singular values near 1.
A, B, C = 3.4445, -4.7750, 2.0315
STEPS = 5
RMS = 0.2  # of an update's entries, about what AdamW's have


def orthogonal(matrices):
    """The nearest matrices with orthonormal rows (or columns), to about 0.3 in each singular value.

    matrices (K, R, C), any float type; computed in bf16 on a GPU, f32 elsewhere.
    """
    x = matrices.to(torch.bfloat16 if matrices.is_cuda else torch.float32)
    tall = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(STEPS):
        gram = x @ x.transpose(1, 2)
        x = A * x + torch.baddbmm(gram, gram, gram, beta=B, alpha=C) @ x
    return x.transpose(1, 2) if tall else x


class Muon(torch.optim.Optimizer):
    """Groups hold matrices (R, C); all of one shape are updated together. `lr` may be a tensor on the device.

    A group's `parts` cuts its matrices into so many blocks of rows, each made orthogonal by itself: rows of a
    fused projection serve different purposes.
    """

    def __init__(self, groups, lr, momentum=0.95, weight_decay=0.1):
        super().__init__(groups, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "parts": 1})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            by_shape = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    by_shape.setdefault(parameter.shape, []).append(parameter)
            for shape, parameters in by_shape.items():
                self._update(group, shape, parameters)

    def _update(self, group, shape, parameters):
        # A kernel for each matrix would take longer to start than to run: lists of them.
        gradients = [parameter.grad for parameter in parameters]
        for parameter in parameters:
            if "momentum" not in self.state[parameter]:
                self.state[parameter]["momentum"] = torch.zeros_like(parameter)
        momenta = [self.state[parameter]["momentum"] for parameter in parameters]
        torch._foreach_mul_(momenta, group["momentum"])
        torch._foreach_add_(momenta, gradients)
        # Nesterov's: a look one step ahead.
        moved = torch._foreach_add(gradients, momenta, alpha=group["momentum"])
        rows, columns = shape[0] // group["parts"], shape[1]
        updates = orthogonal(torch.stack(moved).view(-1, rows, columns)).reshape(-1, *shape)
        scale = RMS * math.sqrt(max(rows, columns))
        # Laid out as the parameters are, without which a list falls back to a kernel for each matrix.
        updates = updates.to(parameters[0].dtype).contiguous() * (scale * group["lr"])
        torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
        torch._foreach_sub_(parameters, list(updates.unbind()))


class Together:
    """MultiFact optimizers with the interface of one."""

    def __init__(self, *optimizers):
        self.optimizers = optimizers

    @property
    def param_groups(self):
        return [group for optimizer in self.optimizers for group in optimizer.param_groups]

    def zero_grad(self, set_to_none=True):
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=set_to_none)

    def step(self):
        for optimizer in self.optimizers:
            optimizer.step()

    def state_dict(self):
        return [optimizer.state_dict() for optimizer in self.optimizers]

    def load_state_dict(self, states):
        for optimizer, state in zip(self.optimizers, states):
            optimizer.load_state_dict(state)
