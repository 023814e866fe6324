import random
import types
import unittest

import torch

from memmamba_training.corpus.ascii_bpe import AsciiBPE
from memmamba_training.datasets import reading
from memmamba_training.model.config import Config
from memmamba_training.model.memmamba import MemMamba
from memmamba_training.objectives.reading import reader_loss
from tests.artifacts import TOKENIZER

PASSAGE = "The ferry to Holm leaves at nine. It is green."


def small():
    torch.manual_seed(0)
    config = Config(n_layer=2, d_model=32, d_inner=64, dt_rank=4, cross_layer_every=2, chunk=32)
    return MemMamba(config, reader=True).eval()


class ReadingTest(unittest.TestCase):
    def setUp(self):
        self.tokens = AsciiBPE(TOKENIZER)

    def text(self, ids):
        names = {index: name for name, index in self.tokens.vocab.items()}
        return "".join(names[i] for i in ids).replace("Ġ", " ").replace("Ċ", "\n")

    def row(self, spans=(), passage=PASSAGE):
        return reading.row(self.tokens, 96, "When does the Holm ferry leave?", passage, spans)

    def test_a_row_marks_the_tokens_of_the_answer(self):
        at = PASSAGE.index("nine")
        ids, begin, end, starts, ends = self.row([(at, at + 4)])
        self.assertTrue(self.text(ids[:begin]).startswith("Question: When"))
        self.assertEqual(self.text(ids[begin:end]), "\n\n" + PASSAGE)
        self.assertEqual(self.text(ids[end:]), reading.ANSWER)
        [start], [last] = starts, ends
        self.assertEqual(self.text(ids[start : last + 1]).strip(), "nine")

    def test_a_long_passage_is_cut_and_keeps_its_end_mark(self):
        ids, begin, end, starts, _ = self.row([(4000, 4004)], "word " * 1000)
        self.assertEqual(len(ids), 96)
        self.assertEqual(self.text(ids[end:]), reading.ANSWER)
        self.assertEqual(starts, set())

    def test_the_loss_is_one_softmax_over_the_passages_of_a_question(self):
        model, at = small(), PASSAGE.index("nine")
        rows = [self.row([(at, at + 4)]), self.row(passage="Herons nest in the reeds.")]
        alone = self.row(passage="Nothing is said here.")
        batch = reading.batch([rows, [alone]], 3, 96)
        with torch.no_grad():
            total, parts = reader_loss(model, batch)
            u = model.hidden(batch["tokens"], pool=False)
            start, end, none = model.reader(u, batch["asked"], batch["last"])
        inside = batch["inside"]
        shared = torch.cat([start[0][inside[0]], start[1][inside[1]], none[:1]])
        [place] = batch["start"][0].nonzero()[0]
        [last] = batch["end"][0].nonzero()[0]
        first = torch.logsumexp(shared, 0) - start[0][place]
        second = torch.logsumexp(torch.cat([start[2][inside[2]], none[2:]]), 0) - none[2]
        self.assertAlmostEqual(float(parts["start"]), float((first + second) / 2), places=4)
        finish = torch.logsumexp(end[0][inside[0]], 0) - end[0][last]
        self.assertAlmostEqual(float(parts["end"]), float(finish), places=4)
        self.assertAlmostEqual(float(total), float(parts["start"] + parts["end"]), places=5)

    def test_rows_that_nothing_fills_do_not_count(self):
        model, at = small(), PASSAGE.index("nine")
        rows = [self.row([(at, at + 4)])]
        with torch.no_grad():
            some, _ = reader_loss(model, reading.batch([rows], 1, 96))
            more, _ = reader_loss(model, reading.batch([rows], 4, 96))
        self.assertAlmostEqual(float(some), float(more), places=5)

    def test_what_follows_a_passage_changes_no_token_before_it(self):
        """A question's state can be copied: the passage comes after it."""
        model = small()
        one, other = self.row(), self.row(passage="Herons nest in the reeds.")
        batch = reading.batch([[one], [other]], 2, 96)
        with torch.no_grad():
            u = model.hidden(batch["tokens"], pool=False)
        self.assertTrue(torch.equal(u[0, : one[1]], u[1, : other[1]]))

    def test_a_cut_holds_what_it_must(self):
        rng = random.Random(1)
        text = ("One sentence stands here. Another one follows it! " * 60).strip()
        for _ in range(300):
            low = rng.randrange(len(text) - 40)
            start, end = reading.cut(rng, text, 0, len(text), (low, low + 30))
            self.assertTrue(start <= low and low + 30 <= end)
            start, end = reading.cut(rng, text, 100, 1500)
            self.assertTrue(100 <= start < end <= 1500)

    def test_recurring_spans_are_in_their_passage_and_gone_from_the_question(self):
        rng = random.Random(2)
        names = "Amina Hugo Pavel Clara Tomas Leila".split()
        lines = [
            f"On day {i}, the keeper {rng.choice(names)} of the lamp {rng.choice('north south east'.split())}"
            f" wrote about {rng.choice('herons otters barges storms'.split())} in the book."
            for i in range(400)
        ]
        document = " ".join(lines)
        texts = types.SimpleNamespace(draw=lambda _: document, common={"the", "of", "in"})
        for _ in range(20):
            question, found = reading.recurring(rng, texts, 1)
            for passage, spans in found:
                said = {passage[a:b].lower() for a, b in spans}
                self.assertLessEqual(len(said), 1)
            self.assertTrue(question.endswith("?"))


if __name__ == "__main__":
    unittest.main()
