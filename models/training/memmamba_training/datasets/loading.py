"""Batches made by worker processes."""

import random

import torch


def batches(dataset, workers, device):
    """Iterates over a dataset that makes whole batches; pinned in memory where they go to a GPU."""
    # Without workers, PyTorch takes no number of batches to prepare.
    ahead = {"prefetch_factor": 4} if workers else {}
    return iter(
        torch.utils.data.DataLoader(
            dataset,
            batch_size=None,
            num_workers=workers,
            pin_memory=device == "cuda",
            worker_init_fn=_one_thread,
            **ahead,
        )
    )


def _one_thread(_worker):
    """A worker a core: they would get in each other's way."""
    torch.set_num_threads(1)


class SeededBatches(torch.utils.data.IterableDataset):
    """Endless batches; batch i is made from seed and i alone, whichever worker makes it.

    A dataset has a `name`, `seed` and `first`, the number of its first batch. `tools()` gives what a worker
    needs to make batches and cannot be handed over, and `make(*tools, rng)` one batch.
    """

    def __iter__(self):
        tools = self.tools()
        worker = torch.utils.data.get_worker_info()
        index = self.first + (worker.id if worker else 0)
        while True:
            yield self.make(*tools, random.Random(f"{self.name} {self.seed} {index}"))
            index += worker.num_workers if worker else 1
