"""The Transformer to compare with: causal, and aware of relative positions only."""

import tempfile
import unittest

import torch

from memmamba_training.export.model_folder import write_model
from memmamba_training.model.config import Config
from memmamba_training.model.loading import load_model
from memmamba_training.model.memmamba import MemMamba
from memmamba_training.model.transformer import Transformer, TransformerConfig, rotate
from memmamba_training.objectives.memory import total_loss

SMALL = dict(n_layer=2, d_model=32, n_heads=2, d_hidden=48, vocab_size=64)


class Compared(unittest.TestCase):
    def test_later_tokens_change_nothing_before(self):
        torch.manual_seed(0)
        model = Transformer(TransformerConfig(**SMALL)).eval()
        tokens = torch.randint(64, (1, 20))
        other = tokens.clone()
        other[0, 12:] = (other[0, 12:] + 1) % 64
        with torch.no_grad():
            a, b = model.hidden(tokens), model.hidden(other)
        torch.testing.assert_close(a[:, :12], b[:, :12])
        self.assertGreater(float((a[:, 12:] - b[:, 12:]).abs().max()), 1e-3)

    def test_rotation_keeps_products_of_equal_distance(self):
        torch.manual_seed(0)
        q, k = (torch.randn(1, 1, 1, 8).expand(-1, -1, 30, -1) for _ in range(2))
        products = (rotate(q, 100.0) @ rotate(k, 100.0).transpose(-1, -2))[0, 0]
        for distance in (0, 1, 7):
            diagonal = products.diagonal(-distance)
            torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), rtol=1e-4, atol=1e-4)

    def test_it_is_stored_and_loaded(self):
        model = Transformer(TransformerConfig(**SMALL))
        with tempfile.TemporaryDirectory() as folder:
            write_model(folder, model.state_dict(), model.config.to_json())
            loaded = load_model(folder)
        tokens = torch.randint(64, (1, 9))
        with torch.no_grad():
            torch.testing.assert_close(loaded.hidden(tokens), model.hidden(tokens), rtol=1e-2, atol=1e-2)

    def test_it_is_as_large_as_tiny(self):
        def size(model):
            return sum(p.numel() for p in model.parameters()) - model.embedding.weight.numel()

        ratio = size(Transformer(TransformerConfig())) / size(MemMamba(Config()))
        self.assertTrue(0.95 < ratio < 1.1, ratio)

    def test_without_memory_only_language_and_answers_count(self):
        model = MemMamba(Config(n_layer=2, d_model=32, d_inner=32, dt_rank=2, vocab_size=64, fact_layers=[1]))
        tokens = torch.randint(64, (2, 33))
        batch = {"tokens": tokens, "answer": torch.rand(2, 32) < 0.2}
        loss, parts = total_loss(model, batch, None, memory=False)
        self.assertAlmostEqual(float(loss), float(parts["lm"] + parts["answer"]), 5)
        loss.backward()
        self.assertIsNone(model.layers[1].token_attention.q.weight.grad)


if __name__ == "__main__":
    unittest.main()
