"""Supervision losses on cases small enough to compute by hand."""

import math
import unittest

import torch
import torch.nn.functional as F

from memmamba_training.kernels.operators import cross_entropy_
from memmamba_training.model.config import Config
from memmamba_training.model.memmamba import Trace
from memmamba_training.objectives import cross_entropy
from memmamba_training.objectives.memory import MARGIN, RIVALS, attention_loss, recurring, rival_loss
from memmamba_training.train.schedule import learning_rate


class Head(unittest.TestCase):
    def test_is_cross_entropy_with_its_gradients(self):
        torch.manual_seed(0)
        for count in (1, 5, 2 * cross_entropy.ROWS + 3):
            width, entries = (3, 5) if count > 100 else (8, 40)
            hidden = torch.randn(count, width, dtype=torch.float64, requires_grad=True)
            table = torch.randn(entries, width, dtype=torch.float64, requires_grad=True)
            targets = torch.randint(entries, (count,))
            weights = torch.rand(count, dtype=torch.float64)
            got, losses, right = cross_entropy.WeightedCrossEntropy.apply(hidden, table, targets, weights)
            (3 * got).backward()
            slopes = hidden.grad, table.grad
            hidden.grad = table.grad = None
            logits = hidden @ table.T
            want = F.cross_entropy(logits, targets, reduction="none")
            (3 * (want * weights).sum()).backward()
            torch.testing.assert_close(losses, want.detach())
            torch.testing.assert_close(got, (want * weights).sum())
            self.assertTrue((right == (logits.argmax(-1) == targets)).all())
            torch.testing.assert_close(slopes, (hidden.grad, table.grad))

    def test_is_exact_where_the_target_has_no_share_left(self):
        logits = torch.tensor([[80.0, -80.0, 80.0], [1.0, 2.0, 3.0]])
        losses, right = cross_entropy_(logits, torch.tensor([1, 2]), torch.tensor([0.5, 0.0]))
        self.assertAlmostEqual(float(losses[0]), 160 + math.log(2), 4)
        self.assertEqual(right.tolist(), [False, True])
        torch.testing.assert_close(logits, torch.tensor([[0.25, -0.5, 0.25], [0.0, 0.0, 0.0]]))


class Attention(unittest.TestCase):
    def test_is_the_log_of_the_mass_on_the_source(self):
        config = Config(n_layer=1, chunk=2, pool_size=3, n_heads=2, fact_layers=[0])
        # One sequence of two chunks; the second sees tokens 1 and 0, and an empty place.
        positions = torch.tensor([[[-1, -1, -1], [1, 0, -1]]])
        weights = torch.zeros(1, 2, 2, 2, 3)
        weights[0, 1, 0, 1] = torch.tensor([0.2, 0.8, 0.0])
        weights[0, 1, 1, 1] = torch.tensor([0.6, 0.4, 0.0])
        trace = Trace(positions=[positions], weights=[weights])
        asked = torch.tensor([[3, 0, -1]])
        source = torch.tensor([[[0, -1], [1, -1], [-1, -1]]])
        loss, mass = attention_loss(config, trace, asked, source)
        # Token 3 reads token 0 with (0.8 + 0.4) / 2; token 0 sees an empty pool and does not count.
        self.assertAlmostEqual(float(loss), -math.log(0.6 + 1e-6), 5)
        self.assertAlmostEqual(float(mass), 0.3, 5)


class Recurring(unittest.TestCase):
    def test_marks_first_mentions_of_rare_tokens_that_come_again(self):
        rare = torch.tensor([1e-5, 1e-5, 1e-5, 0.5])
        tokens = torch.tensor([[3, 0, 1, 0, 3, 2, 0]])
        self.assertEqual(recurring(tokens, rare).tolist(), [[0, 1, 0, 0, 0, 0, 0]])


class Rivals(unittest.TestCase):
    def test_compares_planted_tokens_with_the_best_of_the_whole_batch(self):
        scores = torch.full((2, 20), -50.0, requires_grad=True)
        with torch.no_grad():
            scores[0, 3] = 1.0  # planted
            scores[1, :RIVALS] = 1.0 + MARGIN  # of the other sequence, and above it
        planted = torch.zeros(2, 20, dtype=torch.bool)
        planted[0, 3] = True
        loss = rival_loss(scores, planted)
        self.assertAlmostEqual(float(loss), math.log1p(math.exp(2 * MARGIN)), 5)
        loss.backward()
        self.assertLess(float(scores.grad[0, 3]), 0)
        self.assertTrue((scores.grad[1, :RIVALS] > 0).all())
        self.assertEqual(int((scores.grad != 0).sum()), 1 + RIVALS)

    def test_is_nothing_where_nothing_is_planted(self):
        loss = rival_loss(torch.randn(1, 16), torch.zeros(1, 16, dtype=torch.bool))
        self.assertEqual(float(loss), 0)


class Rate(unittest.TestCase):
    def test_warms_up_and_ends_at_a_tenth(self):
        self.assertAlmostEqual(learning_rate(0, 1000, 1e-3), 1e-5)
        self.assertAlmostEqual(learning_rate(100, 1000, 1e-3), 1e-3)
        self.assertAlmostEqual(learning_rate(1000, 1000, 1e-3), 1e-4)


if __name__ == "__main__":
    unittest.main()
