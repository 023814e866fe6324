import math
import unittest

from memmamba_training.corpus.bm25 import BM25, terms
from memmamba_training.corpus.passages import passages, sentences

TEXT = "The tide came in. The boats rose with it!\n\nA new day began. Nobody saw the heron leave.\n"


class PassagesTest(unittest.TestCase):
    def test_sentences_are_slices_and_lose_no_word(self):
        found = [TEXT[a:b] for a, b in sentences(TEXT)]
        self.assertEqual(found[0], "The tide came in.")
        self.assertEqual(" ".join(found).split(), TEXT.split())

    def test_passages_are_runs_of_whole_sentences(self):
        ends = {b for _, b in sentences(TEXT)}
        starts = {a for a, _ in sentences(TEXT)}
        for start, end in passages(TEXT, 30):
            self.assertIn(start, starts)
            self.assertIn(end, ends)

    def test_a_sentence_without_end_is_cut(self):
        found = passages("word " * 2000)
        self.assertTrue(all(b - a <= 1400 for a, b in found))
        self.assertEqual(sum(b - a for a, b in found), len(("word " * 2000)))

    def test_words_are_counted_by_their_stem(self):
        self.assertEqual(terms("The boats are rising"), ["boat", "ris"])

    def test_bm25_is_its_formula(self):
        bm25 = BM25(["heron heron tide", "tide boat", "boat boat boat boat"])
        [first, second, third] = bm25.scores("heron")
        rarity = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
        norm = 2 + 1.2 * (1 - 0.75 + 0.75 * 3 / 3)
        self.assertAlmostEqual(first, rarity * 2 * 2.2 / norm)
        self.assertEqual((second, third), (0, 0))


if __name__ == "__main__":
    unittest.main()
