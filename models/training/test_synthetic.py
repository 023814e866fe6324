"""Selective copying and induction heads: what is asked for must be what was there."""

import unittest

import synthetic


class Tasks(unittest.TestCase):
    def test_selective_copying_asks_for_the_data_in_order(self):
        tokens, answers = synthetic.selective_copying(synthetic.seeded("cpu", 0), 5, 100)
        self.assertEqual(answers.shape, (5, synthetic.COPIED))
        for row, wanted in zip(tokens, answers):
            data = [t for t in row[:100].tolist() if t < synthetic.SYMBOLS]
            self.assertEqual(wanted.tolist(), data)
            self.assertTrue((row[100:] == synthetic.MARK).all())

    def test_induction_heads_ask_for_what_followed_the_marker(self):
        tokens, answers = synthetic.induction_heads(synthetic.seeded("cpu", 1), 200, 64)
        self.assertEqual(answers.shape, (200, 1))
        for row, wanted in zip(tokens, answers):
            first, second = (row == synthetic.MARK).nonzero().flatten().tolist()
            self.assertEqual(second, 63)
            self.assertEqual(wanted[0], row[first + 1])
            self.assertLess(int(row[first + 1]), synthetic.SYMBOLS)

    def test_seeds_tell_runs_and_lengths_apart(self):
        def first(*numbers):
            return synthetic.induction_heads(synthetic.seeded("cpu", *numbers), 2, 64)[0].tolist()

        self.assertEqual(first(0, 64), first(0, 64))
        self.assertNotEqual(first(0, 64), first(1, 64))
        self.assertNotEqual(first(0, 64), first(0, 65))


if __name__ == "__main__":
    unittest.main()
