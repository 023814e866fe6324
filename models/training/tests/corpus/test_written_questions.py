import unittest

from memmamba_training.corpus.bm25 import BM25
from memmamba_training.corpus.passages import passages
from memmamba_training.corpus.written_questions import about, held, near

SENTENCES = [
    "The ferry to Holm leaves at nine.",
    "The ferry to Lund leaves at ten and takes cars.",
    "Nobody knows who painted the ferry green.",
    "Herons nest in the reeds beside the mill.",
]
TEXT = "\n\n".join(SENTENCES)


class WrittenTest(unittest.TestCase):
    def test_about_one_document_in_twenty_five_is_kept_out_always_the_same(self):
        names = [f"document {i}" for i in range(5000)]
        share = sum(map(held, names)) / len(names)
        self.assertAlmostEqual(share, 1 / 25, delta=0.01)
        self.assertEqual([held(n) for n in names[:50]], [held(n) for n in names[:50]])

    def test_similar_passages_share_words_and_not_the_answer(self):
        found = passages(TEXT, 20)
        bm25 = BM25([TEXT[a:b] for a, b in found])
        low, high = found[0]
        chosen = near(TEXT, "When does the ferry to Holm leave?", "at nine", (low, high), found, bm25)
        self.assertTrue(chosen)
        for start, end in chosen:
            self.assertNotIn("at nine", TEXT[start:end])
            self.assertTrue(end <= low or start >= high)

    def test_rows_keep_the_answers_place(self):
        start = TEXT.index("at nine")
        given = {"doc": "d", "domain": "docs", "kind": "fact", "question": "When does the Holm ferry leave?"}
        given |= {"answer": "at nine", "start": 0, "end": 40, "answerStart": start, "answerEnd": start + 7}
        [row] = about(TEXT, [given])
        [[low, high]] = row["spans"]
        self.assertEqual(TEXT[low:high], "at nine")
        self.assertEqual(row["passage"], [0, 40])


if __name__ == "__main__":
    unittest.main()
