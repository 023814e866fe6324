"""A step of training on a CPU: it follows the gradient, at the rate that it is given."""

import unittest

import torch

from memmamba_training.train.distributed import Distributed
from memmamba_training.train.step import Step


class Steps(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        self.model = torch.nn.Linear(4, 1)
        x = torch.randn(64, 4)
        self.batch = {"x": x, "y": x @ torch.tensor([[1.0], [-2.0], [0.5], [0.0]]) + 1}
        optimizer = torch.optim.AdamW(self.model.parameters(), lr=1.0)
        self.step = Step(self.model, optimizer, "cpu", Distributed("cpu"), self.loss_of)

    def loss_of(self, batch):
        loss = (self.model(batch["x"]) - batch["y"]).pow(2).mean()
        return loss, {"loss": loss.detach()}

    def test_learns(self):
        first = self.step(self.batch, 0.05)["loss"]
        for _ in range(200):
            parts = self.step(self.batch, 0.05)
        self.assertLess(parts["loss"], 1e-2 * first)
        self.assertGreaterEqual(parts["norm"], 0)

    def test_takes_the_rate_it_is_given(self):
        before = self.model.weight.detach().clone()
        self.step(self.batch, 0.0)
        self.assertTrue(torch.equal(self.model.weight, before))


if __name__ == "__main__":
    unittest.main()
