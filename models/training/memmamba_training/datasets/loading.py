"""Batches made by worker processes."""

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
