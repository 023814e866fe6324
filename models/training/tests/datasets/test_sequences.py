"""Planted facts and their supervision: what is marked must spell what was planted."""

import random
import re
import unittest

import numpy as np

from memmamba_training.corpus.ascii_bpe import AsciiBPE
from memmamba_training.datasets.planting import ASKED, MAX_PLANTED, build
from memmamba_training.facts import multi_fact, single_fact, values
from memmamba_training.facts.templates import templates
from tests.artifacts import TOKENIZER


class Supervision(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bpe = AsciiBPE(TOKENIZER)
        cls.entries = {index: entry for entry, index in cls.bpe.vocab.items()}

    def sequences(self, count, length=512):
        filler = np.full(length + 1, self.bpe.vocab["e"], dtype=np.int64)
        for seed in range(count):
            yield build(random.Random(seed), filler, length, 32, self.bpe, density=1.0)

    def test_sources_spell_the_answers(self):
        asked_any = 0
        for tokens, answer, planted, asked, source, _ in self.sequences(60):
            for place, sources in zip(asked, source):
                if place < 0:
                    break
                asked_any += 1
                self.assertTrue(answer[place])
                produced = self.entries[tokens[place + 1]].lstrip("Ġ") or "Ġ"
                for mention in sources[sources >= 0]:
                    self.assertLess(mention, place)
                    self.assertTrue(planted[mention])
                    held = self.entries[tokens[mention]].lstrip("Ġ") or "Ġ"
                    # Digits stand alone; letters may be cut otherwise in the answer than in the
                    # statement, and then the planted token holds part of the answer's.
                    if produced.isdigit():
                        self.assertEqual(held, produced)
                    self.assertTrue(set(held) & set(produced), (produced, held))
        self.assertGreater(asked_any, 500)

    def test_planted_values_fit_the_pool(self):
        for _, _, planted, _, _, _ in self.sequences(60):
            self.assertLessEqual(int(planted.sum()), MAX_PLANTED)

    def test_shapes_are_fixed(self):
        for tokens, answer, planted, asked, source, _ in self.sequences(5):
            self.assertEqual(tokens.shape, (513,))
            self.assertEqual(answer.shape, planted.shape)
            self.assertEqual((asked.shape, source.shape), ((ASKED,), (ASKED, 2)))
            self.assertTrue(((tokens >= 0) & (tokens < len(self.entries))).all())

    def test_some_questions_have_no_answer(self):
        none = self.bpe.encode(" none\n")[0]
        found = 0
        for tokens, answer, _, _, _, _ in self.sequences(60):
            ids = tokens[1:][answer].tolist()
            found += any(ids[i : i + len(none)] == none for i in range(len(ids)))
        self.assertGreater(found, 10)


class SeveralFacts(unittest.TestCase):
    def test_each_text_states_its_value_and_no_other(self):
        rng = random.Random(5)
        for make in (multi_fact.values_of_one, multi_fact.values_of_several):
            for split in ("seen", "held"):
                for _ in range(20):
                    group = make(rng, split)
                    for index, text in enumerate(group.texts):
                        stated = [value in text for value in group.values]
                        self.assertEqual(stated, [i == index for i in range(len(stated))], text)

    def test_the_text_keeps_the_order_of_the_answer_only_where_the_question_has_none(self):
        rng = random.Random(7)
        for make, kept in ((multi_fact.values_of_one, True), (multi_fact.values_of_several, False)):
            groups = [make(rng, count=4) for _ in range(40)]
            stated = [[value for _, value in group.parts(rng)] == list(group.values) for group in groups]
            self.assertEqual(all(stated), kept)

    def test_variables_form_a_chain(self):
        group = multi_fact.variables(random.Random(6), count=4)
        value = group.texts[0].split(" = ")[1]
        self.assertIn(value, group.question)
        for before, text in zip(group.values, group.texts[1:]):
            self.assertTrue(text.endswith(f"= VAR {before}"))

    def test_answers_list_every_value_in_order(self):
        bpe = AsciiBPE(TOKENIZER)
        filler = np.full(1025, bpe.vocab["e"], dtype=np.int64)
        entries = {index: entry for entry, index in bpe.vocab.items()}
        lists = 0
        for seed in range(80):
            tokens, answer, _, _, _, _ = build(random.Random(seed), filler, 1024, 32, bpe, density=1.0)
            text = "".join(entries[t] for t in tokens).replace("Ġ", " ").replace("Ċ", "\n")
            for reply in re.findall(r"Answer: ([^\n]*, [^\n]*)\n", text):
                lists += 1
                for value in reply.split(", "):
                    self.assertGreaterEqual(text.count(value), 2, reply)
        self.assertGreater(lists, 10)


class Facts(unittest.TestCase):
    def test_splits_share_no_template(self):
        for kind in single_fact.KINDS:
            for options in (kind.statements, kind.questions):
                seen = templates(options, "seen")
                held = templates(options, "held")
                self.assertTrue(seen and held)
                self.assertFalse(set(seen) & set(held))
        self.assertFalse(set(values.NAMES) & set(values.HELD_NAMES))

    def test_every_statement_holds_its_value_and_every_slot_is_filled(self):
        rng = random.Random(3)
        for split in ("seen", "held"):
            for kind in single_fact.KINDS:
                for template in templates(kind.statements, split):
                    self.assertIn("{value}", template)
                fact = single_fact.draw(rng, split, kind)
                self.assertIn(fact.value, fact.state(rng, split))
                self.assertNotIn("{", fact.ask(rng, split))

    def test_one_pass_key_a_text(self):
        rng = random.Random(4)
        kind = single_fact.kind_named("pass key")
        subjects = {single_fact.draw(rng, kind=kind).subject for _ in range(20)}
        self.assertEqual(len(subjects), 1)


class Tokens(unittest.TestCase):
    def test_ascii_bpe_agrees_with_the_library(self):
        text = "The vault code of Clara is 48215.\n\nQuestion: What is it?\nAnswer:"
        ids, spans = AsciiBPE(TOKENIZER).encode(text)
        # What the `tokenizers` package gives for the same file and text.
        self.assertEqual(
            ids,
            [
                539,
                12119,
                1290,
                286,
                1843,
                9789,
                329,
                32,
                52,
                56,
                50,
                49,
                53,
                46,
                10,
                10,
                5173,
                398,
                297,
                58,
                1304,
                329,
                334,
                63,
                10,
                2763,
                10951,
                58,
            ],
        )
        self.assertEqual("".join(text[a:b] for a, b in spans), text)
        self.assertTrue(all(b > a for a, b in spans))


if __name__ == "__main__":
    unittest.main()
