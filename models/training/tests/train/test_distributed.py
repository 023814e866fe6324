"""MultiFact processes share a batch and average their gradients."""

import os
import socket
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
import torch.multiprocessing as mp

from memmamba_training.datasets.sequences import Sequences
from memmamba_training.train.distributed import Distributed
from tests.artifacts import TOKENIZER


def process(rank, port, folder):
    os.environ.update(WORLD_SIZE="2", RANK=str(rank), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    distributed = Distributed("cpu")
    weight, unused = (torch.nn.Parameter(torch.zeros(3, 2)) for _ in range(2))
    weight.grad = torch.full((3, 2), float(rank + 1))
    distributed.average([weight, unused])
    agreed = distributed.agree(rank == 1), distributed.agree(False)
    (Path(folder) / str(rank)).write_text(repr((weight.grad.tolist(), agreed, list(distributed.rows(6)))))
    distributed.close()


class Sharing(unittest.TestCase):
    def test_two_processes(self):
        with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            probe.close()
            mp.spawn(process, (port, folder), nprocs=2)
            for rank, rows in enumerate(([0, 2, 4], [1, 3, 5])):
                text = (Path(folder) / str(rank)).read_text()
                self.assertEqual(text, repr(([[1.5, 1.5]] * 3, (True, False), rows)))

    def test_alone_nothing_is_shared(self):
        distributed = Distributed("cpu")
        self.assertEqual(list(distributed.rows(5)), [0, 1, 2, 3, 4])
        self.assertTrue(distributed.first)
        self.assertFalse(distributed.agree(False))

    def test_the_sequences_do_not_depend_on_who_makes_them(self):
        with tempfile.TemporaryDirectory() as folder:
            tokens = np.random.default_rng(0).integers(300, 16000, 5000).astype(np.uint16)
            tokens.tofile(Path(folder) / "books-0.bin")
            np.array([0, 3000], np.int64).tofile(Path(folder) / "books-0.idx")

            def batch(rows):
                return next(iter(Sequences(folder, TOKENIZER, rows, 256, 32, seed=3)))

            whole, parts = batch(range(4)), [batch(range(0, 4, 2)), batch(range(1, 4, 2))]
            for name, value in whole.items():
                torch.testing.assert_close(torch.stack([p[name] for p in parts], 1).flatten(0, 1), value)


if __name__ == "__main__":
    unittest.main()
