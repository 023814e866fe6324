"""Selective copying and induction heads: what is asked for must be what was there."""

import unittest

import torch

from memmamba_training.evaluate import synthetic_tasks
from memmamba_training.model.config import Config
from memmamba_training.model.memmamba import MemMamba


class Tasks(unittest.TestCase):
    def test_selective_copying_asks_for_the_data_in_order(self):
        tokens, answers = synthetic_tasks.selective_copying(synthetic_tasks.seeded("cpu", 0), 5, 100)
        self.assertEqual(answers.shape, (5, synthetic_tasks.COPIED))
        for row, wanted in zip(tokens, answers):
            data = [t for t in row[:100].tolist() if t < synthetic_tasks.SYMBOLS]
            self.assertEqual(wanted.tolist(), data)
            self.assertTrue((row[100:] == synthetic_tasks.MARK).all())

    def test_induction_heads_ask_for_what_followed_the_marker(self):
        tokens, answers = synthetic_tasks.induction_heads(synthetic_tasks.seeded("cpu", 1), 200, 64)
        self.assertEqual(answers.shape, (200, 1))
        for row, wanted in zip(tokens, answers):
            first, second = (row == synthetic_tasks.MARK).nonzero().flatten().tolist()
            self.assertEqual(second, 63)
            self.assertEqual(wanted[0], row[first + 1])
            self.assertLess(int(row[first + 1]), synthetic_tasks.SYMBOLS)

    def test_seeds_tell_runs_and_lengths_apart(self):
        def first(*numbers):
            return synthetic_tasks.induction_heads(synthetic_tasks.seeded("cpu", *numbers), 2, 64)[0].tolist()

        self.assertEqual(first(0, 64), first(0, 64))
        self.assertNotEqual(first(0, 64), first(1, 64))
        self.assertNotEqual(first(0, 64), first(0, 65))

    def test_stages_are_tokens_and_sequences(self):
        self.assertEqual(synthetic_tasks.stages_of("256x64,1024x8"), [(256, 64), (1024, 8)])


class StepSizes(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)
        sizes = {"n_layer": 2, "d_model": 32, "d_inner": 64, "dt_rank": 2, "vocab_size": 16}
        self.model = MemMamba(Config(**sizes, fact_layers=[], archive_layers=[]))
        self.sizes = synthetic_tasks.StepSizes(self.model)
        self.tokens, _ = synthetic_tasks.induction_heads(synthetic_tasks.seeded("cpu", 2), 4, 64)

    def mean(self, bias):
        """The mean where every token of every layer takes the step Δ = softplus(bias)."""
        for layer in self.model.layers:
            torch.nn.init.zeros_(layer.dt_proj.weight)
            torch.nn.init.constant_(layer.dt_proj.bias, bias)
        self.model.hidden(self.tokens, pool=False)
        return self.sizes.mean()

    def test_are_log_of_the_step_above_the_least(self):
        self.assertAlmostEqual(float(self.mean(-8.0)), synthetic_tasks.LEAST - 8, places=3)
        self.assertLess(float(self.mean(-synthetic_tasks.LEAST - 8)), 1e-3)

    def test_press_every_layer_to_smaller_steps(self):
        self.mean(-8.0).backward()
        for layer in self.model.layers:
            self.assertTrue((layer.dt_proj.bias.grad > 0).all())


if __name__ == "__main__":
    unittest.main()
