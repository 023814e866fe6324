"""Documents of the recall tasks: of the length asked for, with needles where they are said to be."""

import random
import unittest
from types import SimpleNamespace

import numpy as np

from memmamba_training.corpus.ascii_bpe import AsciiBPE
from memmamba_training.corpus.detokenizer import Detokenizer
from memmamba_training.evaluate import recall_tasks
from memmamba_training.facts.templates import templates
from tests.artifacts import TOKENIZER


class Encoder:
    """The interface of the `tokenizers` package over the training's own encoder of short strings."""

    def __init__(self):
        self.bpe = AsciiBPE(TOKENIZER)
        entries = {index: entry for entry, index in self.bpe.vocab.items()}
        self.text = lambda ids: "".join(entries[i] for i in ids).replace("Ġ", " ").replace("Ċ", "\n")

    def encode(self, text):
        ids, spans = self.bpe.encode(text)
        return SimpleNamespace(ids=list(ids), offsets=spans)


class Tasks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.encoder = Encoder()
        cls.books = SimpleNamespace(all=np.full(5000, cls.encoder.bpe.vocab["e"], np.int64))

    def test_documents_ask_for_the_number_of_one(self):
        text = (
            "The lamp keeper of Arden walked to the harbour every day. It was cold and it was raining then. "
        )
        hay = np.array(self.encoder.bpe.encode(text * 40)[0], np.int64)

        def crops(rng, length):
            start = rng.randrange(len(hay) - length)
            return hay[start : start + length]

        for seed in range(5):
            document = recall_tasks.document_retrieval(
                random.Random(seed), crops, self.encoder, Detokenizer(TOKENIZER), 7
            )
            shown = self.encoder.text(document.ids)
            self.assertEqual(shown.count("End of document"), 8)
            answer = self.encoder.text(document.ids[document.question_end :])
            self.assertIn(f"End of document{answer[:-1]}.", shown)
            said = "".join(self.encoder.text([document.ids[place]]) for [place] in document.digits)
            self.assertEqual(f" {said}\n", answer)

    def test_passkeys(self):
        for split in ("deci", "seen", "held"):
            for depth in (0.0, 0.5, 1.0):
                rng = random.Random(f"{split} {depth}")
                document = recall_tasks.passkey(rng, self.books, self.encoder, 700, depth, split)
                self.assertEqual(document.question_end, 700)
                answer = self.encoder.text(document.ids[700:])
                held = [self.encoder.text(document.ids[places]) for places in document.digits]
                mentions = {"".join(column) for column in zip(*held)}
                self.assertEqual({f" {key}\n" for key in mentions}, {answer})
                first = min(min(places) for places in document.digits)
                self.assertLess(abs(first - depth * 660), 60)

    def test_absent(self):
        document = recall_tasks.absent(random.Random(1), self.books, self.encoder, 300)
        self.assertEqual(document.question_end, 300)
        self.assertEqual(self.encoder.text(document.ids[300:]), " none\n")
        self.assertTrue(self.encoder.text(document.ids[:300]).endswith("What is the pass key?\nAnswer:"))

    def test_everyday_facts_are_stated_at_their_depth(self):
        for depth in (0.0, 0.5, 1.0):
            for seed in range(5):
                document = recall_tasks.everyday(random.Random(seed), self.books, self.encoder, 700, depth)
                self.assertEqual(document.question_end, 700)
                answer = self.encoder.text(document.ids[700:]).strip()
                # The hay is a character a token, so that characters tell the place.
                place = self.encoder.text(document.ids[:700]).find(answer)
                self.assertGreaterEqual(place, 0, answer)
                self.assertLess(abs(place - depth * 660), 120)

    def test_everyday_questions_about_somebody_else(self):
        for seed in range(20):
            document = recall_tasks.everyday_absent(random.Random(seed), self.books, self.encoder, 300, 0.5)
            self.assertEqual(document.question_end, 300)
            self.assertEqual(self.encoder.text(document.ids[300:]), " none\n")

    def test_ruler(self):
        for task in recall_tasks.RULER:
            for seed in range(5):
                document = recall_tasks.ruler(random.Random(seed), self.books, self.encoder, 1500, task)
                self.assertEqual(document.question_end, 1500, task)
                text = self.encoder.text(document.ids[:1500])
                values = self.encoder.text(document.ids[1500:]).strip().split(", ")
                self.assertEqual(len(values), 1 if task == "multi-key" else 4)
                needles = text.count("VAR") if task == "variables" else text.count("magic number")
                # The question names them once; each link of a chain but the first has VAR twice.
                self.assertEqual(needles, 7 if task == "variables" else 5)
                places = [text.index(value) for value in values]
                if task in ("multi-value", "variables"):
                    self.assertEqual(places, sorted(places))

    def test_held_out_questions_of_ruler(self):
        """The questions in RULER's words are none that training asks."""
        from memmamba_training.facts import multi_fact

        for options in (*multi_fact.VALUES.values(), *multi_fact.KEYS.values(), multi_fact.VARIABLES):
            self.assertNotIn(recall_tasks.ASK, templates(options, "seen"))


if __name__ == "__main__":
    unittest.main()
