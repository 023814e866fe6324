import random
import unittest

from memmamba_training.corpus.ascii_bpe import AsciiBPE
from memmamba_training.facts import everyday
from tests.artifacts import TOKENIZER


class EverydayTest(unittest.TestCase):
    def test_every_fifth_wording_stays_out_of_training(self):
        seen, held = everyday.TOLD["seen"], everyday.TOLD["held"]
        self.assertTrue({w.number for w in seen}.isdisjoint(w.number for w in held))
        self.assertAlmostEqual(len(held) / (len(seen) + len(held)), 1 / everyday.HELD, delta=0.03)
        rng = random.Random(1)
        out = {w.number for w in held}
        for _ in range(500):
            self.assertNotIn(everyday.draw(rng, "augmented").wording.number, out)
            self.assertIn(everyday.draw(rng, "held").wording.number, out)

    def test_a_statement_states_its_value_and_no_question_gives_it_away(self):
        rng = random.Random(2)
        for kind in everyday.VALUES:
            for _ in range(20):
                fact = everyday.draw(rng, "augmented", kind)
                [(text, value)] = fact.parts(rng, "augmented")
                self.assertEqual(text.count(value), fact.wording.statement.count("{v}"), text)
                question = fact.ask(rng, "augmented")
                self.assertNotIn(value, question)
                self.assertNotIn("{", question.replace("{{", "") if "{" in question else "")

    def test_every_kind_of_the_file_is_drawn(self):
        kinds = {wording.kind for wording in everyday.TOLD["seen"]}
        self.assertEqual(kinds, set(everyday.VALUES))
        for kind in kinds:
            self.assertEqual(everyday.draw(random.Random(3), "seen", kind).kind, kind)

    def test_facts_are_words_for_the_tokenizer(self):
        bpe, rng = AsciiBPE(TOKENIZER), random.Random(4)
        for _ in range(300):
            fact = everyday.draw(rng, "augmented")
            [(text, _)] = fact.parts(rng)
            _, spans = bpe.encode(text)
            self.assertEqual(spans[-1][1], len(text))

    def test_facts_of_one_owner_are_one_subject(self):
        rng = random.Random(5)
        first = next(f for f in iter(lambda: everyday.draw(rng), None) if f.wording.owned)
        other = everyday.Everyday(everyday.TOLD["seen"][0], first.owner, "x")
        self.assertEqual(first.subject, other.subject)

    def test_a_line_that_is_no_wording_is_refused(self):
        import tempfile
        from pathlib import Path

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "everyday.txt"
            path.write_text("code|no value here|a?|b?\n")
            with self.assertRaisesRegex(ValueError, "line 1"):
                everyday.wordings(path)


if __name__ == "__main__":
    unittest.main()
