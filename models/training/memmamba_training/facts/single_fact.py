"""Planted facts: statements put into running text, and the questions asked about them later.

A kind of fact has statement and question templates (`templates.py`). A third of the templates (and of the
names) is held out of training: `split="seen"` or `"held"`. Training takes `"augmented"`, which is `"seen"`
with some of the wordings changed at random (`augmentation.py`). Where a text holds no such fact, the answer
is ` none`.
"""

import functools
import random
import re
from dataclasses import dataclass

from . import values
from .augmentation import augmented, shuffled
from .templates import FORMS, TEMPLATES, templates

AUGMENTED = 0.5  # share of the wordings in training that are changed
SHUFFLED = 0.25  # share of the statements in training of which only what they say is left
QUESTION = "\n\nQuestion: {question}\nAnswer:"
NONE = "none"
SEPARATOR = ", "  # between the values of an answer that lists several


# What may stand around a statement and before a question, whatever its kind; a third is held out.
LEADS = (
    "Note: ",
    "By the way: ",
    "Important! ",
    "Remember this. ",
    "One thing more. ",
    "NOTE TO SELF: ",
    "FYI: ",
    "For the record: ",
    "P.S. ",
    "Incidentally: ",
    "You should know this: ",
    "A reminder. ",
    "To whom it may concern: ",
    "Before I forget: ",
    "NB: ",
    "(Aside) ",
    "Attention: ",
    "Between us: ",
    "Write this down: ",
    "Mind this: ",
    "Here is something else. ",
    "Not to be overlooked: ",
    "In passing: ",
    "Heads up: ",
)
TRAILS = (
    " Remember it.",
    " Keep it in mind.",
    " Do not lose it.",
    " That is all there is to say.",
    " Nobody else knows it.",
    " Mark it well.",
    " Please keep this safe.",
    " It has not changed since.",
    " This was confirmed twice.",
    " Write it down somewhere.",
    " That much is certain.",
    " Ask me if you have any doubt.",
    " Everybody agreed.",
    " But that is another story.",
    " More on this later.",
    " Thank you.",
    " You will be asked for it.",
    " So it was agreed.",
    " Never forget it.",
    " This is no joke.",
    " You may need it soon.",
    " It was said only once.",
    " Let us go on.",
    " I checked it myself.",
)
REQUESTS = (
    "According to the text, ",
    "Based on what you have read: ",
    "Please answer: ",
    "From memory: ",
    "Now tell me, ",
    "One question: ",
    "Quick question: ",
    "In the document above, ",
    "Going by the text, ",
    "Tell me from the text: ",
    "Help me here: ",
    "With the above in mind, ",
    "A question about the text: ",
    "Sorry to ask, but ",
    "From what you have read, ",
    "Answer briefly: ",
    "As stated above, ",
    "Having read all this, ",
    "Answer this: ",
    "Think back: ",
    "Going by the document, ",
    "Reply in a word: ",
    "Just to check: ",
    "Looking back at the text, ",
)


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of fact. `who` lists what fills {who}, `names` what fills {name} where that is nobody's name;
    kinds without either slot are planted once a text. `says`: what is enough to name beside the value, see
    `shuffled`."""

    name: str
    value: object
    statements: tuple
    questions: tuple
    who: tuple = ()
    names: tuple = ()
    weight: float = 1.0
    says: tuple = ()

    @functools.cached_property
    def named(self):
        return any("{name}" in template for template in self.statements)


def _kind(name, value, who=(), names=(), weight=1.0, wording=None, says=()):
    options = TEMPLATES[f"{wording or name} statements"], TEMPLATES[f"{wording or name} questions"]
    return Kind(name, value, *options, tuple(who), tuple(names), weight, says)


KINDS = (
    _kind("pass key", values.digits, weight=4.0, says=("pass key",)),
    _kind("secret", values.secret, values.SECRETS, weight=5.0, says=("{who}",)),
    _kind("owned secret", values.secret, values.SECRETS, weight=4.0, says=("{who}", "{name}")),
    _kind(
        "placed secret",
        values.secret,
        values.PLACED_SECRETS,
        values.PLACES,
        weight=2.0,
        says=("{who}", "{name}"),
    ),
    _kind("object code", values.digits, values.OBJECTS, weight=2.0),
    _kind("kept number", values.digits, values.PLACES, weight=2.0),
    _kind("magic number", values.digits, values.THINGS, weight=3.0),
    _kind("identifier", values.code, values.OBJECTS),
    _kind("token", values.hexadecimal, values.OBJECTS, weight=1.5),
    _kind("birth", values.date),
    _kind("city", values.choice(values.CITIES), weight=0.8),
    _kind("profession", values.choice(values.JOBS), weight=0.7),
    _kind("gift", values.coloured, values.PLACES, weight=0.8),
    _kind("amount", values.amount, values.THINGS),
    _kind("definition", values.definition, values.TERMS, weight=0.7),
    _kind("quotation", values.quotation, weight=0.7),
    _kind("measurement", values.length, values.MEASURED, weight=0.8),
    _kind("event", values.any_date, values.EVENTS, weight=0.8),
    _kind("money", values.money, values.COSTS, weight=0.8),
    _kind("version", values.version, values.COMPONENTS, weight=0.8),
    _kind("host", values.host, values.SERVERS, weight=0.8),
    _kind("email", values.email, weight=0.6),
    _kind("path", values.path, values.FILES, weight=0.6),
    _kind("error", values.error, values.COMPONENTS + values.SERVERS, weight=0.8),
    _kind("setting", values.duration, values.DURATIONS, weight=0.5),
    _kind("size setting", values.memory, values.SIZES, weight=0.5, wording="setting"),
    _kind("order", values.order, values.THINGS, weight=0.7),
    _kind("room", values.room, weight=0.6),
    _kind("succession", values.choice(values.SURNAMES), values.OFFICES, weight=0.6),
    _kind("medicine", values.dose, weight=0.5),
    _kind("allergy", values.choice(values.FOODS), weight=0.5),
)
WEIGHTS = [kind.weight for kind in KINDS]


SLOT = re.compile(r"(\b[Aa] )?\{(value|name|stamp|" + "|".join(FORMS) + r")\}")


@functools.cache
def _spelt(form, who):
    return FORMS[form](who)


# "An" stands before these, but not before a "u" that is spoken "you".
VOWEL = re.compile(r"(?!use|uni)[aeiou]", re.I)


@dataclass(frozen=True)
class Fact:
    kind: Kind
    who: str
    name: str
    value: str

    @property
    def subject(self):
        """What the fact is about: two facts of one subject would contradict each other."""
        return (self.kind.name, self.who, self.name.split()[0] if self.kind.named else "")

    @property
    def subjects(self):
        return (self.subject,)

    @property
    def values(self):
        return (self.value,)

    def parts(self, rng, split="seen"):
        """The statements that make up the fact, with what each states: here one."""
        return [(self.state(rng, split), self.value)]

    def state(self, rng, split="seen"):
        """The statement as running text; now and then something leads up to it or follows."""
        template = _drawn(self.kind.statements, split, rng)
        if split == "augmented" and self.kind.says and rng.random() < SHUFFLED:
            template = shuffled(self.kind.says, rng)
        text = self._fill(template, rng)
        if split == "augmented" and text.count(self.value) != template.count("{value}"):
            return self.state(rng, "seen")  # a word that was put in is the value
        lead = rng.choice(templates(LEADS, split)) if rng.random() < 0.2 and text[0].isalnum() else ""
        trail = rng.choice(templates(TRAILS, split)) if text[-1] == "." and rng.random() < 0.2 else ""
        return lead + text + trail

    def ask(self, rng, split="seen"):
        template = _drawn(self.kind.questions, split, rng)
        text = self._fill(template, rng)
        if rng.random() < 0.2:
            # Names and "I" keep their capital.
            kept = template.startswith(("{", "I ", "I'"))
            rest = text if kept else text[0].lower() + text[1:]
            text = rng.choice(templates(REQUESTS, split)) + rest
        return text

    def _fill(self, template, rng):
        def filled(match):
            article, slot = match.groups()
            if slot in FORMS:
                text = _spelt(slot, self.who)
            else:
                text = values.stamp(rng) if slot == "stamp" else getattr(self, slot)
            if article:
                return (article[0] + "n " if VOWEL.match(text) else article) + text
            return text

        return SLOT.sub(filled, template)


def _drawn(options, split, rng):
    template = rng.choice(templates(options, split))
    augment = split == "augmented" and rng.random() < AUGMENTED
    return augmented(options, template, rng) if augment else template


def names(kind, split):
    """What may fill {name}."""
    return kind.names or (values.HELD_NAMES if split == "held" else values.NAMES)


def draw(rng, split="seen", kind=None):
    """A random fact; its names come from the same split as its templates."""
    if kind is None:
        kind = rng.choices(KINDS, WEIGHTS)[0]
    slots = templates(kind.who, split) if kind.value is values.secret else kind.who
    who = rng.choice(slots) if slots else ""
    name = rng.choice(names(kind, split))
    if not kind.names and rng.random() < 0.15:
        name += " " + rng.choice(values.HELD_SURNAMES if split == "held" else values.SURNAMES)
    value = kind.value(rng)
    while value in name:
        value = kind.value(rng)
    return Fact(kind, who, name, value)


def kind_named(name):
    return next(kind for kind in KINDS if kind.name == name)


def show(rng, splits=("seen", "augmented", "held"), each=3):
    """Prints samples of each kind."""
    for split in splits:
        for kind in KINDS:
            for _ in range(each):
                fact = draw(rng, split, kind)
                print(
                    f"[{kind.name}, {split}]",
                    fact.state(rng, split),
                    "|",
                    fact.ask(rng, split),
                    "|",
                    fact.value,
                )


if __name__ == "__main__":
    show(random.Random(0))
