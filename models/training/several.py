"""Facts that one question asks for together, after RULER (arXiv 2404.06654): several values of one key,
the values of several keys, and the variables of a chain of assignments.

The answer lists the values in the order in which the text, or for several keys the question, has them.
"""

import random
import string
from dataclasses import dataclass

import facts

COUNT = (2, 3, 4)
KEYED = ("magic number", "owned secret", "kept number", "object code", "secret")
VALUES = {
    "magic number": (
        "What are all the special magic numbers for {who} mentioned in the text?",
        "List every special magic number for {who}.",
        "Which special magic numbers are given for {who}?",
        "What are all the special magic numbers for {who} mentioned in the provided text?",
    ),
    "owned secret": (
        "What does the text give as {name}'s {who}, each time?",
        "List every {who} of {name}.",
        "What are all values of the {who} of {name}?",
    ),
    "kept number": (
        "Which numbers does {name} keep for the {who}?",
        "List all numbers that {name} keeps for the {who}.",
        "What are all the numbers that {name} keeps for the {who}?",
    ),
    "object code": (
        "Which codes open the {who} of {name}?",
        "List all {who} codes of {name}.",
        "What are all the {who} codes of {name}?",
    ),
    "secret": (
        "What does the text give as the {who}, each time?",
        "List every {who} in the text.",
        "What are all values of the {who}?",
    ),
}
KEYS = (
    "What are the special magic numbers for {who} mentioned in the text?",
    "Give the special magic numbers for {who}, in this order.",
    "What are all the special magic numbers for {who} mentioned in the provided text?",
)
VARIABLES = (
    "Find all variables that are assigned the value {value}.",
    "Which variables hold {value}?",
    "Find all variables that are assigned the value {value} in the text above.",
)


@dataclass(frozen=True)
class Several:
    """`texts` state `values`, one each; `question` asks for all of them; `subjects` may not be used again."""

    texts: tuple
    values: tuple
    question: str
    subjects: tuple

    def parts(self, rng, split="seen"):
        return list(zip(self.texts, self.values))

    def ask(self, rng, split="seen"):
        return self.question


def values_of_one(rng, split="seen", count=None):
    """Several values of one key."""
    kind = facts.kind_named(rng.choice(KEYED))
    first = facts.draw(rng, split, kind)
    values = _different(rng, kind, count or rng.choice(COUNT))
    stated = [facts.Fact(kind, first.who, first.name, value) for value in values]
    texts = tuple(fact.state(rng, split) for fact in stated)
    template = rng.choice(facts.templates(VALUES[kind.name], split))
    question = template.format(who=first.who, name=first.name)
    return Several(texts, tuple(values), question, (first.subject,))


def values_of_several(rng, split="seen", count=None):
    """The values of several keys, asked for at once."""
    kind = facts.kind_named("magic number")
    names = rng.sample(kind.who, count or rng.choice(COUNT))
    values = _different(rng, kind, len(names))
    stated = [facts.Fact(kind, who, "", value) for who, value in zip(names, values)]
    texts = tuple(fact.state(rng, split) for fact in stated)
    listed = ", ".join(names[:-1]) + " and " + names[-1]
    question = rng.choice(facts.templates(KEYS, split)).format(who=listed)
    return Several(texts, tuple(values), question, tuple(fact.subject for fact in stated))


def variables(rng, split="seen", count=None):
    """A chain of assignments: VAR A = 12345, VAR B = VAR A, …; the answer names all that hold the value."""
    value = "".join(rng.choice(string.digits) for _ in range(5))
    names = [
        "".join(rng.choice(string.ascii_uppercase) for _ in range(5))
        for _ in range(count or rng.choice(COUNT))
    ]
    sources = [value] + [f"VAR {name}" for name in names[:-1]]
    texts = tuple(f"VAR {name} = {source}" for name, source in zip(names, sources))
    question = rng.choice(facts.templates(VARIABLES, split)).format(value=value)
    return Several(texts, tuple(names), question, (("variables", value),))


def draw(rng, split="seen"):
    return rng.choices((values_of_one, values_of_several, variables), (4, 3, 3))[0](rng, split)


def _different(rng, kind, count):
    values = []
    while len(values) < count:
        value = kind.value(rng)
        if not any(value in other or other in value for other in values):
            values.append(value)
    return values


if __name__ == "__main__":
    generator = random.Random(0)
    for make in (values_of_one, values_of_several, variables):
        one = make(generator)
        print(one.texts, one.question, one.values, sep="\n")
