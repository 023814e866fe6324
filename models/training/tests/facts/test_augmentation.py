"""Wordings changed at random: what is meant stays, and nothing that is held out comes of it."""

import random
import re
import unittest
import unittest.mock

from memmamba_training.facts import augmentation, single_fact
from memmamba_training.facts.templates import FORMS, TEMPLATES, templates

SLOT = re.compile(r"\{\w+\}")


class Wordings(unittest.TestCase):
    def test_loosened_templates_keep_what_is_meant_and_nothing_held_out_comes_of_them(self):
        rng, changed = random.Random(11), 0
        held = {t for options in TEMPLATES.values() for t in templates(options, "held")}
        held = {each.lower() for each in held}
        for kind in single_fact.KINDS:
            for options in (kind.statements, kind.questions):
                for template in templates(options, "seen"):
                    text = augmentation.augmented(options, template, rng)
                    changed += text != template
                    self.assertCountEqual(SLOT.findall(text), SLOT.findall(template), text)
                    telling = [
                        w for w in template.split() if augmentation.bare(w) in augmentation.telling(options)
                    ]
                    words = [augmentation.bare(word) for word in text.split()]
                    self.assertFalse([w for w in telling if augmentation.bare(w) not in words], text)
                    self.assertNotIn(text.lower(), held)
        self.assertGreater(changed, 600)

    def test_scattered_statements_say_everything(self):
        rng = random.Random(14)
        for kind in single_fact.KINDS:
            for _ in range(50 if kind.says else 0):
                fact = single_fact.draw(rng, "seen", kind)
                text = fact._fill(augmentation.shuffled(kind.says, rng), rng)
                spelt = {spell(fact.who or "pass key") for spell in FORMS.values()}
                self.assertTrue(any(who in text for who in spelt), text)
                self.assertRegex(text, rf"(?<![A-Za-z0-9]){re.escape(fact.value)}(?![A-Za-z0-9])")
                self.assertIn(fact.name if kind.named else "", text)
                # Nothing else is needed to tell what is meant.
                slots = set(re.findall(r"\{(name|who)\}", "".join(kind.says)))
                self.assertEqual(
                    slots, ({"name"} if kind.named else set()) | ({"who"} if kind.who else set())
                )

    def test_what_would_be_held_out_is_left_as_it_was(self):
        class Everything:
            def __contains__(self, _):
                return True

        kind, rng = single_fact.kind_named("secret"), random.Random(13)
        seen = templates(kind.questions, "seen")
        with unittest.mock.patch.object(augmentation, "held_out", Everything):
            self.assertEqual([augmentation.augmented(kind.questions, each, rng) for each in seen], list(seen))


if __name__ == "__main__":
    unittest.main()
