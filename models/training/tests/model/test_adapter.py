import copy
import unittest

import torch

from memmamba_training.model.adapter import adapter_state, add_adapter, merge_adapter, restore_adapter
from memmamba_training.model.config import Config
from memmamba_training.model.memmamba import MemMamba


def small():
    torch.manual_seed(0)
    config = Config(n_layer=2, d_model=32, d_inner=64, dt_rank=4, cross_layer_every=2, chunk=32)
    return MemMamba(config, reader=True).eval()


class AdapterTest(unittest.TestCase):
    def setUp(self):
        self.plain = small()
        self.adapted = copy.deepcopy(self.plain)
        add_adapter(self.adapted, 4)
        self.tokens = torch.randint(0, 200, (2, 32))

    def train(self):
        trained = [p for p in self.adapted.parameters() if p.requires_grad]
        optimizer = torch.optim.Adam(trained, lr=0.01)
        target = torch.randn(2, 32, 32)
        for _ in range(3):
            optimizer.zero_grad()
            (self.adapted.hidden(self.tokens, pool=False) - target).square().mean().backward()
            optimizer.step()

    def test_it_changes_nothing_to_begin_with(self):
        with torch.no_grad():
            one = self.plain.hidden(self.tokens, pool=False)
            other = self.adapted.hidden(self.tokens, pool=False)
        self.assertTrue(torch.equal(one, other))

    def test_training_moves_the_adapter_and_leaves_the_model_as_it_is(self):
        before = {n: p.clone() for n, p in self.adapted.named_parameters() if not p.requires_grad}
        self.train()
        after = dict(self.adapted.named_parameters())
        self.assertIn("embedding.weight", before)
        self.assertIn("layers.1.note.summary.weight", before)
        self.assertIn("layers.0.in_proj.parametrizations.weight.original", before)
        for name, value in before.items():
            self.assertTrue(torch.equal(value, after[name]), name)
        with torch.no_grad():
            moved = self.adapted.hidden(self.tokens, pool=False) - self.plain.hidden(self.tokens, pool=False)
        self.assertGreater(float(moved.abs().max()), 1e-3)

    def test_a_merged_adapter_is_the_trained_model(self):
        self.train()
        merged = merge_adapter(copy.deepcopy(self.plain), adapter_state(self.adapted))
        with torch.no_grad():
            one = merged.hidden(self.tokens, pool=False)
            other = self.adapted.hidden(self.tokens, pool=False)
        self.assertTrue(torch.allclose(one, other, atol=1e-5))

    def test_a_restored_adapter_goes_on_from_where_it_was(self):
        self.train()
        again = copy.deepcopy(self.plain)
        add_adapter(again, 4)
        restore_adapter(again, adapter_state(self.adapted))
        with torch.no_grad():
            one = again.hidden(self.tokens, pool=False)
            other = self.adapted.hidden(self.tokens, pool=False)
        self.assertTrue(torch.equal(one, other))
        other = copy.deepcopy(self.plain)
        add_adapter(other, 8)
        with self.assertRaises(RuntimeError):
            restore_adapter(other, adapter_state(self.adapted))

    def test_an_adapter_that_lacks_a_tensor_is_refused(self):
        state = adapter_state(self.adapted)
        del state["layers.1.out_proj.up"]
        with self.assertRaises(KeyError):
            merge_adapter(copy.deepcopy(self.plain), state)


if __name__ == "__main__":
    unittest.main()
