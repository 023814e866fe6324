"""Selective copying and induction heads: what is asked for must be what was there."""

import unittest

import numpy as np

import synthetic


class Tasks(unittest.TestCase):
    def test_selective_copying_asks_for_the_data_in_order(self):
        tokens, targets = synthetic.selective_copying(np.random.default_rng(0), 5, 100)
        for row, wanted in zip(tokens, targets):
            data = [t for t in row[:100] if t < synthetic.SYMBOLS]
            self.assertEqual(wanted[wanted >= 0].tolist(), data)
            self.assertTrue((row[wanted >= 0] == synthetic.MARK).all())

    def test_induction_heads_ask_for_what_followed_the_marker(self):
        tokens, targets = synthetic.induction_heads(np.random.default_rng(1), 200, 64)
        for row, wanted in zip(tokens, targets):
            first, second = np.flatnonzero(row == synthetic.MARK)
            self.assertEqual(second, 63)
            self.assertEqual((wanted >= 0).sum(), 1)
            self.assertEqual(wanted[63], row[first + 1])
            self.assertLess(row[first + 1], synthetic.SYMBOLS)


if __name__ == "__main__":
    unittest.main()
