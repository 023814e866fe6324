"""Queries and documents in training sequences: what is marked must be what was asked for."""

import random
import re
import unittest

import numpy as np
import torch

from memmamba_training.corpus.ascii_bpe import AsciiBPE
from memmamba_training.corpus.detokenizer import Detokenizer
from memmamba_training.corpus.sentences import content_words, query_sentences
from memmamba_training.datasets import document_retrieval, inverse_cloze, sequences
from memmamba_training.model.config import Config
from memmamba_training.model.memmamba import MemMamba, Trace
from memmamba_training.objectives.retrieval import retrieval_loss
from tests.artifacts import TOKENIZER

NAMES = "Arden Bellow Corvin Dassel Ember Fenwick Garrow Hollis Ibsen Jarrow Kestrel Lorimer".split()


def prose(rng, count, headings=True):
    """Sentences that differ in their names, so that a query can be told from all other places."""
    parts = []
    for index in range(count):
        first, second = rng.sample(NAMES, 2)
        number = f"{rng.choice('abcdefgh')}{index}"
        if headings and index % 12 == 0:
            parts.append(f"\n\n## Chapter {number} of {first}\n\n")
        parts.append(f"The old {first} walked from {number} hall towards the river with {second} that day. ")
    return "".join(parts)


def tokens_of(bpe, rng, count=200):
    return np.array(bpe.encode(prose(rng, count))[0], dtype=np.int64)


class Text(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bpe, cls.words = AsciiBPE(TOKENIZER), Detokenizer(TOKENIZER)

    def test_text_and_ends(self):
        text = 'He said: "No."\nThen 42 left.'
        ids = np.array(self.bpe.encode(text)[0])
        shown, ends = self.words.text(ids)
        self.assertEqual(shown, text)
        self.assertEqual([int(end) for end in ends], [b for _, b in self.bpe.encode(text)[1]])

    def test_sentences_are_whole(self):
        text = prose(random.Random(1), 30)
        for start, end in query_sentences(text):
            self.assertRegex(text[start:end], r"^The old \w+ .* that day\.$")

    def test_content_words_come_from_the_text(self):
        rng = random.Random(2)
        for _ in range(50):
            text = prose(rng, 1, False)
            self.assertTrue(set(content_words(rng, text)) <= set(re.findall(r"[A-Za-z]+", text)))

    def test_queries_point_to_their_passages(self):
        asked = 0
        for seed in range(40):
            rng = random.Random(seed)
            tokens, found = inverse_cloze.insert(
                rng, tokens_of(self.bpe, rng), 3000, self.words, self.bpe, 64
            )
            for query in found:
                text = self.words.text(tokens[query.start : query.last + 1])[0]
                self.assertRegex(text, r"^\n\nFind: .*\n$")
                self.assertLess(query.high, query.start)
                before = self.words.text(tokens[max(0, query.low - 24) : query.high + 24])[0]
                names = [word for word in re.findall(r"[A-Z][a-z]+", text) if word in NAMES]
                # A sentence is taken out of its passage whole, but the names stand around it in the others.
                self.assertTrue(before)
                asked += 1
                self.assertLessEqual(len(names), 2)
        self.assertGreater(asked, 40)

    def test_a_sentence_taken_out_left_its_neighbours(self):
        rng = random.Random(7)
        tokens = tokens_of(self.bpe, rng)
        # Sentence 50 goes, its query comes at token 2,000.
        text, ends = self.words.text(tokens)
        start, end = query_sentences(text)[50]
        low, high = (int(np.searchsorted(ends, place, side="right")) for place in (start, end))
        passage = (low - 40, high + 40)
        edits = [(low, high - low, [], None), (2000, 0, [1, 2, 3], 0)]
        changed, [query] = inverse_cloze._apply(tokens, edits, [passage])
        self.assertEqual(len(changed), len(tokens) - (high - low) + 3)
        self.assertEqual(changed[query.start : query.last + 1].tolist(), [1, 2, 3])
        kept = self.words.text(changed[query.low : query.high])[0]
        self.assertNotIn(text[start:end], kept)
        self.assertEqual(
            changed[query.low : query.high].tolist(), [*tokens[low - 40 : low], *tokens[high : high + 40]]
        )

    def test_marks_follow_planted_facts(self):
        found = 0
        for seed in range(30):
            rng = random.Random(seed)
            tokens = tokens_of(self.bpe, rng, 160)
            row = sequences.marks(rng, tokens, 2048, 64, self.bpe, self.words, 1.0)
            for last, (low, high) in zip(row["query"], row["passage"]):
                if last >= 0:
                    found += 1
                    self.assertEqual(self.words.text(row["tokens"][last : last + 1])[0], "\n")
                    self.assertTrue(0 <= low < high < last)
            marked = self.words.text(row["tokens"][:2048][row["heading"]])[0]
            self.assertTrue("Chapter" in marked and "walked" not in marked)
        self.assertGreater(found, 20)


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bpe, cls.words = AsciiBPE(TOKENIZER), Detokenizer(TOKENIZER)

    def test_the_answer_is_the_number_of_the_document(self):
        for seed in range(20):
            rng = random.Random(seed)
            rest, query = document_retrieval.passage(rng, tokens_of(self.bpe, rng, 12), self.words)
            bodies = [tokens_of(self.bpe, rng, 8) for _ in range(4)] + [rest]
            ids, closing, start, reply = document_retrieval.sequence(
                rng, bodies, query, 4, lambda text: self.bpe.encode(text)[0]
            )
            text = self.words.text(ids)[0]
            numbers = re.findall(r"End of document (\d+)\.", text)
            self.assertEqual(numbers, re.findall(r"Document (\d+):", text))
            self.assertEqual(len(set(numbers)), 5)
            self.assertEqual(self.words.text(ids[closing])[0], numbers[4])
            self.assertEqual(self.words.text(ids[start : start + reply])[0], f" {numbers[4]}\n")


class Retrieval(unittest.TestCase):
    CONFIG = dict(n_layer=2, d_model=16, d_inner=32, dt_rank=2, chunk=8, fact_layers=[1], archive_layers=[0])

    def setUp(self):
        torch.manual_seed(0)
        self.model = MemMamba(Config(**self.CONFIG), retrieval=True)

    def trace(self, rows=2, length=256):
        trace = Trace()
        trace.scores = [torch.randn(rows, length)]
        trace.notes = [torch.randn(rows, length, 64)]
        trace.normed = {0: torch.randn(rows, length, 16)}
        return trace

    def places(self, *queries_):
        query = torch.full((2, inverse_cloze.FOUND), -1)
        passage = torch.full((2, inverse_cloze.FOUND, 2), -1)
        for row, (last, low, high) in enumerate(queries_):
            query[row, 0], passage[row, 0] = last, torch.tensor([low, high])
        return query, passage

    def test_a_note_like_the_query_is_found(self):
        trace = self.trace()
        head = self.model.layers[0].retrieval
        # The notes of tokens 40 to 56 say what the query at 200 asks.
        trace.notes[0][0, 40:56] = 50 * head.queries(trace.normed[0][0, 200]).detach()
        loss, hit = retrieval_loss(self.model, trace, *self.places((200, 40, 56)))
        wrong, miss = retrieval_loss(self.model, trace, *self.places((200, 80, 96)))
        self.assertEqual((float(hit), float(miss)), (1.0, 0.0))
        self.assertLess(float(loss), 0.1)
        self.assertGreater(float(wrong), 2.0)

    def test_what_comes_after_the_query_is_no_candidate(self):
        trace = self.trace()
        query, passage = self.places((140, 8, 72), (200, 8, 72))
        before = retrieval_loss(self.model, trace, query, passage)[0]
        trace.notes[0][0, 141:] *= -3
        trace.normed[0][0, 141:] += 1
        # Row 1 has row 0's notes among its rivals, row 0 has not its own later ones.
        query[1] = -1
        after = retrieval_loss(self.model, trace, query, passage)[0]
        trace.notes[0][0, 141:] *= 5
        self.assertEqual(float(after), float(retrieval_loss(self.model, trace, query, passage)[0]))
        self.assertTrue(torch.isfinite(before))

    def test_no_query_costs_nothing_and_has_finite_gradients(self):
        trace = self.trace()
        trace.notes[0].requires_grad_(True)
        loss, _ = retrieval_loss(self.model, trace, *self.places())
        loss.backward()
        self.assertEqual(float(loss), 0.0)
        self.assertTrue(torch.isfinite(trace.notes[0].grad).all())


if __name__ == "__main__":
    unittest.main()
