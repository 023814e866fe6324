"""Training on any number of GPUs: one process each, started by `torchrun`; alone without it.

Every process holds the whole model and a share of each batch's sequences; gradients are averaged.
"""

import os

import torch
import torch.distributed as dist

AGREE = 5  # steps between looks at the clock


class Distributed:
    """This process among all of a run: `rank` of `count`; `first` is the one that writes files."""

    def __init__(self, device):
        self.count = int(os.environ.get("WORLD_SIZE", "1"))
        self.rank = int(os.environ.get("RANK", "0"))
        self.first = self.rank == 0
        if device == "cuda":
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        if self.count > 1:
            dist.init_process_group("nccl" if device == "cuda" else "gloo")

    def rows(self, size):
        """Which of a batch's `size` sequences are this process's."""
        if size % self.count:
            raise ValueError(f"{size} sequences a step cannot be shared by {self.count} processes")
        return range(self.rank, size, self.count)

    def average(self, parameters):
        """Averages the gradients over all processes, as one message."""
        if self.count == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        parts = flat.div_(self.count).split([gradient.numel() for gradient in gradients])
        views = [part.view_as(gradient) for gradient, part in zip(gradients, parts)]
        if hasattr(torch, "_foreach_copy_"):
            torch._foreach_copy_(gradients, views)
        else:
            for gradient, view in zip(gradients, views):
                gradient.copy_(view)

    def agree(self, flag):
        """Whether any process raises `flag`: all stop at the same step."""
        if self.count == 1:
            return flag
        flags = torch.tensor(float(flag), device="cuda" if dist.get_backend() == "nccl" else "cpu")
        dist.all_reduce(flags)
        return float(flags) > 0

    def close(self):
        if self.count > 1:
            dist.barrier()
            dist.destroy_process_group()
