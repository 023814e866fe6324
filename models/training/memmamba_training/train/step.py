"""One step of training, on a GPU replayed as CUDA graphs."""

import torch


class Step:
    """One optimizer step on batches of a fixed shape: tensors by name.

    `loss_of(batch)` gives the loss and its parts for the log, or yields several such pairs, which add up:
    each gives its gradient and its memory back before the next is worked out. On a GPU the first steps of a
    shape run eagerly, the rest replays them as CUDA graphs: a small model's step has thousands of short
    kernels, and launching them costs more than running them.
    """

    EAGER = 3

    def __init__(self, model, optimizer, device, distributed, loss_of, capture=True, mixed=True):
        """`capture`: replay CUDA graphs; `mixed`: products in bf16. Neither means anything on a CPU."""
        self.model, self.optimizer, self.device, self.distributed = model, optimizer, device, distributed
        self.loss_of, self.capture, self.mixed = loss_of, capture, mixed and device == "cuda"
        self.done, self.graphs = 0, None

    def __call__(self, batch, rate):
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], torch.Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
        if self.device != "cuda":
            return self._run(batch)
        if self.done == 0:
            self.static = {name: value.to(self.device) for name, value in batch.items()}
        else:
            for name, value in batch.items():
                self.static[name].copy_(value, non_blocking=True)
        self.done += 1
        if self.done <= self.EAGER or not self.capture:
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                parts = self._run(self.static)
            torch.cuda.current_stream().wait_stream(side)
            return parts
        if self.graphs is None:
            self._record()
        gradients, update = self.graphs
        gradients.replay()
        self.distributed.average(self.model.parameters())
        update.replay()
        return self.parts

    def _record(self):
        """Two graphs with the exchange between GPUs in the middle, which so never has to be part of one."""
        self.optimizer.zero_grad(set_to_none=True)
        # The graphs take memory of their own: what the eager steps and earlier stages left must go first.
        torch.cuda.empty_cache()
        gradients, update = torch.cuda.CUDAGraph(), torch.cuda.CUDAGraph()
        # Thread-local: the loader pins memory in a thread of its own meanwhile.
        with torch.cuda.graph(gradients, capture_error_mode="thread_local"):
            self.parts = self._gradients(self.static)
        with torch.cuda.graph(update, pool=gradients.pool(), capture_error_mode="thread_local"):
            self.parts["norm"] = self._update()
        self.graphs = gradients, update

    def _run(self, batch):
        parts = self._gradients(batch)
        self.distributed.average(self.model.parameters())
        parts["norm"] = self._update()
        return parts

    def _gradients(self, batch):
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device, torch.bfloat16, enabled=self.mixed, cache_enabled=False):
            found = self.loss_of(batch)
            if isinstance(found, tuple):
                found = [found]
            parts = {}
            for loss, some in found:
                with torch.autocast(self.device, enabled=False):
                    loss.backward()
                parts |= {name: value.detach() for name, value in some.items()}
                del loss, some
        return parts

    def _update(self):
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return norm
