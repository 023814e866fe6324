"""Decimation: nothing changes where nothing is dropped, and what is dropped has the smallest Δ."""

import unittest

import torch
import torch.nn.functional as F

from memmamba_training.model.config import Config
from memmamba_training.model.decimation import LEAST, Decimated
from memmamba_training.model.memmamba import MemMamba


class Decimation(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        config = Config(n_layer=4, d_model=32, d_inner=64, dt_rank=2, vocab_size=50, chunk=32)
        self.model = MemMamba(config).requires_grad_(False)
        self.tokens = torch.randint(0, 50, (2, 160))

    def test_is_the_plain_model_where_all_tokens_stay(self):
        plain = self.model.hidden(self.tokens, pool=False)
        torch.testing.assert_close(Decimated(self.model, 200, 1.0, 1, 8).hidden(self.tokens), plain)

    def test_is_the_plain_model_on_the_tokens_that_stay(self):
        # In the last layer alone, so that the layers before it see all tokens.
        got = Decimated(self.model, 40, 0.5, 3, 8).hidden(self.tokens)
        stays = (got != 0).any(-1)
        self.assertEqual(stays.sum(1).tolist(), [48, 48])
        self.assertTrue(stays[:, -8:].all())

    def test_drops_the_smallest_steps(self):
        decimated = Decimated(self.model, 30, 0.5, 0, 10)
        layer = self.model.layers[0]
        raw = layer.scan_inputs(layer.norm(self.model.embedding(self.tokens)))[1]
        kept = decimated.kept(layer, raw, 0)
        delta = F.softplus(raw + layer.dt_proj.bias).mean(-1)[:, :150]
        for row in range(2):
            chosen = set(kept[row, :30].tolist())
            rest = [place for place in range(150) if place not in chosen]
            self.assertEqual(kept[row].tolist(), sorted(kept[row].tolist()))
            self.assertGreaterEqual(delta[row, list(chosen)].min(), delta[row, rest].max())

    def test_keeps_fewer_in_every_layer(self):
        sizes = []
        decimated = Decimated(self.model, 80, 0.5, 1, 8)
        for index in range(4):
            layer = self.model.layers[index]
            raw = torch.randn(1, 160, 64)
            kept = decimated.kept(layer, raw, index)
            sizes.append(160 if kept is None else kept.shape[1])
        self.assertEqual(sizes, [160, 88, 48, LEAST + 8])


if __name__ == "__main__":
    unittest.main()
