"""Wordings of planted facts: what was held out of training stays so, and every template makes sense."""

import hashlib
import random
import re
import unittest
from pathlib import Path

from memmamba_training.corpus.ascii_bpe import AsciiBPE
from memmamba_training.facts import single_fact, values
from memmamba_training.facts.templates import FORMS, TEMPLATES, templates, wordings
from tests.artifacts import REPOSITORY, TOKENIZER

PLANTED = REPOSITORY / "test" / "eval" / "planted.ts"

# What the models that are shipped were trained on, and what was held out: how many of each (they come first
# among the seen and among the held ones of today), and the start of the SHA-256 of both.
BEFORE = {
    "pass key statements": (12, 6, "dfaada4038d7bc74"),
    "pass key questions": (12, 6, "ea0f486292bc6c5f"),
    "secret statements": (16, 8, "30b1dbb7abea9cf6"),
    "secret questions": (14, 7, "ab26ef40b42bbebb"),
    "owned secret statements": (6, 3, "a34bd7a55576166a"),
    "owned secret questions": (8, 4, "d8a349d9b6ce6440"),
    "object code statements": (2, 1, "96511311808f3230"),
    "object code questions": (2, 1, "b132bb618444bbfe"),
    "kept number statements": (2, 1, "8711d5048f787c55"),
    "kept number questions": (2, 1, "1e541ee65d319918"),
    "magic number statements": (2, 1, "287b54b319837c79"),
    "magic number questions": (2, 1, "52df261c6629531d"),
    "identifier statements": (2, 1, "b0164712bb21b191"),
    "identifier questions": (2, 1, "cc3479f3e01af4aa"),
    "token statements": (2, 1, "f251203301ed0bbf"),
    "token questions": (2, 1, "6058e913436015a0"),
    "birth statements": (2, 1, "495ab83144b05cd1"),
    "birth questions": (2, 1, "4a163359666f487c"),
    "city statements": (2, 1, "4e3e76b0bc4d5deb"),
    "city questions": (2, 1, "7ae9b3d9d6d10927"),
    "profession statements": (2, 1, "aec6d67d050c2c51"),
    "profession questions": (2, 1, "ff7f5bdbc23fc3a9"),
    "gift statements": (2, 1, "9cf5a7ae697413a6"),
    "gift questions": (2, 1, "27cd01616856be27"),
    "amount statements": (2, 1, "424dc592e7eb5d55"),
    "amount questions": (2, 1, "5954d24de39e47eb"),
    "SECRETS": (24, 12, "42050e18b83376bb"),
    "LEADS": (6, 3, "075aa3fcbec2e9eb"),
    "TRAILS": (6, 3, "a891143d624b6a80"),
    "REQUESTS": (6, 3, "ffe22780605ce01d"),
    "NAMES": (90, 20, "5e64243a71f77e57"),
}
SLOTS = {"value", "name", "stamp", *FORMS}
FORM = re.compile(r"\{(" + "|".join(FORMS) + r")\}")


def splits():
    """Title, seen and held of everything that is split."""
    options = {
        **TEMPLATES,
        "SECRETS": values.SECRETS,
        **{name: getattr(single_fact, name) for name in ("LEADS", "TRAILS", "REQUESTS")},
    }
    for title, option in options.items():
        yield title, list(templates(option, "seen")), list(templates(option, "held"))
    yield "NAMES", values.NAMES, values.HELD_NAMES


class Splits(unittest.TestCase):
    def test_what_was_seen_stays_seen_and_what_was_held_out_stays_held_out(self):
        found = {title: (seen, held) for title, seen, held in splits()}
        for title, (seen, held, digest) in BEFORE.items():
            listed = [*found[title][0][:seen], "@ held out", *found[title][1][:held]]
            hashed = hashlib.sha256("\n".join(listed).encode()).hexdigest()
            self.assertEqual(hashed[: len(digest)], digest, title)

    def test_nothing_held_out_is_seen(self):
        """Not in another kind either: a wording of code or tables fits many."""
        seen = {template.lower() for _, listed, _ in splits() for template in listed}
        for title, listed, held in splits():
            self.assertEqual(len({*listed, *held}), len(listed) + len(held), title)
            self.assertFalse([template for template in held if template.lower() in seen], title)
        self.assertFalse(set(values.SURNAMES) & set(values.HELD_SURNAMES))

    def test_no_held_out_secret_is_named_in_a_seen_template(self):
        held = templates(values.SECRETS, "held")
        seen = [t for title, listed, _ in splits() for t in listed if title != "NAMES"]
        self.assertFalse([(s, t) for s in held for t in seen if s.lower() in t.lower()])
        self.assertFalse(set(held) & set(templates(values.PLACED_SECRETS, "seen")))
        self.assertLessEqual(set(templates(values.PLACED_SECRETS, "held")), set(held))

    def test_the_evaluation_asks_in_other_words(self):
        def bare(text):
            return re.sub(r"\{\w+\}", "{}", text).lower()

        evaluation = {bare(a or b) for a, b in re.findall(r"'([^'\n]+)'|\"([^\"\n]+)\"", PLANTED.read_text())}
        self.assertIn("what is the padlock number of the trunk?", evaluation)
        for title, options in TEMPLATES.items():
            self.assertFalse({bare(option) for option in options} & evaluation, title)


class Templates(unittest.TestCase):
    def test_slots(self):
        for kind in single_fact.KINDS:
            for template in kind.statements + kind.questions:
                slots = set(re.findall(r"\{(\w+)\}", template))
                self.assertLessEqual(slots, SLOTS, template)
                # A fact is told and asked for by all that makes up its subject.
                self.assertEqual(bool(FORM.search(template)), bool(kind.who), template)
                self.assertEqual("name" in slots, kind.named, template)
            for template in kind.statements:
                self.assertIn("{value}", template)
            for template in kind.questions:
                self.assertFalse(re.search(r"\{(value|stamp)\}", template), template)

    def test_the_value_stands_where_it_was_put_and_nowhere_else(self):
        rng = random.Random(8)
        for kind in single_fact.KINDS:
            for template in kind.statements:
                for split in ("seen", "held"):
                    fact = single_fact.draw(rng, split, kind)
                    text = fact._fill(template, rng)
                    self.assertEqual(text.count(fact.value), template.count("{value}"), text)
                    self.assertTrue(text.isascii())

    def test_a_word_that_was_put_in_is_never_the_value(self):
        rng = random.Random(15)
        for kind in single_fact.KINDS:
            for _ in range(60):
                fact = single_fact.draw(rng, "augmented", kind)
                self.assertIn(fact.state(rng, "augmented").count(fact.value), (1, 2, 3))

    def test_only_training_loosens(self):
        for split, some in (("seen", False), ("held", False), ("augmented", True)):
            rng = random.Random(12)
            kind = single_fact.kind_named("pass key")
            asked = {single_fact.draw(rng, split, kind).ask(rng, split) for _ in range(400)}
            bare = {text for text in asked if not text.startswith(single_fact.REQUESTS)}
            self.assertEqual(bool(bare - set(kind.questions)), some, split)

    def test_values_are_short(self):
        rng, bpe = random.Random(9), AsciiBPE(TOKENIZER)
        for kind in single_fact.KINDS:
            for _ in range(200):
                value = kind.value(rng)
                self.assertLessEqual(len(bpe.encode(value)[0]), 12, value)
                # The answer that lists several is cut at the separator, and every answer at the line end.
                self.assertNotIn("\n", value)

    def test_spellings(self):
        spelt = {form: spell("API key") for form, spell in FORMS.items()}
        self.assertEqual(
            spelt,
            {
                "who": "API key",
                "Who": "API key",
                "snake": "api_key",
                "CONST": "API_KEY",
                "camel": "apiKey",
                "Pascal": "ApiKey",
                "kebab": "api-key",
            },
        )

    def test_articles(self):
        rng, kind = random.Random(10), single_fact.kind_named("secret")
        for who, text in (("API key", "an API key"), ("user id", "a user id"), ("PIN", "a PIN")):
            self.assertEqual(single_fact.Fact(kind, who, "", "1")._fill("a {who}", rng), text)

    def test_a_file_that_holds_out_too_little_is_refused(self):
        import tempfile

        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("@ x statements\na\nb\nc\nd\ne\n@ held out\nf\n")
            file.flush()
            with self.assertRaises(ValueError):
                wordings(Path(file.name))

    def test_one_person_is_one_subject(self):
        kind = single_fact.kind_named("birth")
        subjects = {single_fact.Fact(kind, "", name, "1").subject for name in ("Clara", "Clara Novak")}
        self.assertEqual(len(subjects), 1)


if __name__ == "__main__":
    unittest.main()
