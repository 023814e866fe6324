"""Facts that one question asks for together, after RULER (arXiv 2404.06654): several values of one key,
the values of several keys, and the variables of a chain of assignments.

The answer lists the values in the order in which the text, or for several keys the question, has them.
"""

import random
import string
from dataclasses import dataclass

from . import single_fact
from .templates import templates

COUNT = (2, 3, 4)
KEYED = ("magic number", "owned secret", "kept number", "object code", "secret")
VALUES = {
    "magic number": (
        "What are all the special magic numbers for {who} mentioned in the text?",
        "List every special magic number for {who}.",
        "Which special magic numbers are given for {who}?",
        "List all magic numbers for {who}.",
        "magic numbers for {who}?",
        "I need every magic number that goes with {who}.",
        "What are all the special magic numbers for {who} mentioned in the provided text?",
        "Tell me each of the magic numbers of {who}.",
        "Which magic numbers, one after the other, belong to {who}?",
    ),
    "owned secret": (
        "What does the text give as {name}'s {who}, each time?",
        "List every {who} of {name}.",
        "Name all {who}s that {name} has had.",
        "Which {who}s does {name} have?",
        "{name} has several {who}s. What are they?",
        "I need all the {who}s of {name}.",
        "What are all values of the {who} of {name}?",
        "Which {who}s are stated for {name}?",
        "Could you list {name}'s {who}s?",
    ),
    "kept number": (
        "Which numbers does {name} keep for the {who}?",
        "List all numbers that {name} keeps for the {who}.",
        "Name every number that {name} keeps for the {who}.",
        "For the {who}, which numbers does {name} keep?",
        "{name} keeps several numbers for the {who}. Which?",
        "all numbers of {name} for the {who}?",
        "What are all the numbers that {name} keeps for the {who}?",
        "Which numbers are kept by {name} for the {who}?",
        "Could you list the numbers {name} keeps for the {who}?",
    ),
    "object code": (
        "Which codes open the {who} of {name}?",
        "List all {who} codes of {name}.",
        "Name every {who} code that {name} has.",
        "With which codes can {name} open the {who}?",
        "{name} has several {who} codes. Which?",
        "all {who} codes of {name}?",
        "What are all the {who} codes of {name}?",
        "Which {who} codes are stated for {name}?",
        "Could you list {name}'s {who} codes?",
    ),
    "secret": (
        "What does the text give as the {who}, each time?",
        "List every {who} in the text.",
        "Name all {who}s that the text mentions.",
        "Which {who}s are there?",
        "There are several {who}s. What are they?",
        "all {who}s?",
        "What are all values of the {who}?",
        "Which {who}s are stated in the document?",
        "Could you list the {who}s?",
    ),
}
# {who} of a magic number and {name} of the others list several.
KEYS = {
    "magic number": (
        "What are the special magic numbers for {who} mentioned in the text?",
        "Give the special magic numbers for {who}, in this order.",
        "Which magic numbers belong to {who}?",
        "Tell me the magic numbers for {who}.",
        "magic numbers for {who}, in this order?",
        "I need the magic numbers of {who}.",
        "What are all the special magic numbers for {who} mentioned in the provided text?",
        "For {who}, which magic numbers are stated?",
        "Could you give me the magic numbers of {who}, one each?",
    ),
    "owned secret": (
        "What are the {who}s of {name}?",
        "Give the {who}s of {name}, in this order.",
        "Which {who}s do {name} have?",
        "Tell me the {who}s of {name}.",
        "{who}s of {name}?",
        "I need the {who}s of {name}.",
        "For {name}, which {who}s are stated?",
        "Could you give me the {who}s of {name}, one each?",
        "List the {who}s that {name} have.",
    ),
    "placed secret": (
        "What are the {who}s of the {name}?",
        "Give the {who}s of the {name}, in this order.",
        "Which {who}s do the {name} have?",
        "Tell me the {who}s for the {name}.",
        "{who}s of the {name}?",
        "I need the {who}s of the {name}.",
        "For the {name}, which {who}s are stated?",
        "Could you give me the {who}s of the {name}, one each?",
        "List the {who}s that the {name} have.",
    ),
}
# One is held out: RULER's.
VARIABLES = (
    "Find all variables that are assigned the value {value}.",
    "Which variables hold {value}?",
    "Name every variable whose value is {value}.",
    "Which variables are equal to {value}?",
    "Find all variables that are assigned the value {value} in the text above.",
)


@dataclass(frozen=True)
class MultiFact:
    """`texts` state `values`, one each; `question` asks for all of them; `subjects` may not be used again.
    Statements come in the order of the answer, or, `by_question`, in any order."""

    texts: tuple
    values: tuple
    question: str
    subjects: tuple
    by_question: bool = False

    def parts(self, rng, split="seen"):
        parts = list(zip(self.texts, self.values))
        # In the order of the answer a model would learn to follow the text, whatever the question's order.
        return rng.sample(parts, len(parts)) if self.by_question else parts

    def ask(self, rng, split="seen"):
        return self.question


def values_of_one(rng, split="seen", count=None):
    """MultiFact values of one key."""
    kind = single_fact.kind_named(rng.choice(KEYED))
    first = single_fact.draw(rng, split, kind)
    values = _different(rng, kind, count or rng.choice(COUNT))
    stated = [single_fact.Fact(kind, first.who, first.name, value) for value in values]
    texts = tuple(fact.state(rng, split) for fact in stated)
    template = rng.choice(templates(VALUES[kind.name], split))
    question = template.format(who=first.who, name=first.name)
    return MultiFact(texts, tuple(values), question, (first.subject,))


def values_of_several(rng, split="seen", count=None):
    """The values of several keys, asked for at once: of several things, or one secret of several owners."""
    kind = single_fact.kind_named(rng.choice(tuple(KEYS)))
    count = count or rng.choice(COUNT)
    first = single_fact.draw(rng, split, kind)
    if kind.named:
        keys = rng.sample(single_fact.names(kind, split), count)
        whose = [(first.who, key) for key in keys]
    else:
        keys = rng.sample(kind.who, count)
        whose = [(key, "") for key in keys]
    values = _different(rng, kind, count)
    stated = [single_fact.Fact(kind, who, name, value) for (who, name), value in zip(whose, values)]
    texts = tuple(fact.state(rng, split) for fact in stated)
    before = ", the " if kind.names else ", "
    listed = before.join(keys[:-1]) + before.replace(", ", " and ") + keys[-1]
    slots = {"who": first.who, "name": listed} if kind.named else {"who": listed}
    question = rng.choice(templates(KEYS[kind.name], split)).format(**slots)
    subjects = tuple(fact.subject for fact in stated)
    return MultiFact(texts, tuple(values), question, subjects, by_question=True)


def variables(rng, split="seen", count=None):
    """A chain of assignments: VAR A = 12345, VAR B = VAR A, …; the answer names all that hold the value."""
    value = "".join(rng.choice(string.digits) for _ in range(5))
    names = [
        "".join(rng.choice(string.ascii_uppercase) for _ in range(5))
        for _ in range(count or rng.choice(COUNT))
    ]
    sources = [value] + [f"VAR {name}" for name in names[:-1]]
    texts = tuple(f"VAR {name} = {source}" for name, source in zip(names, sources))
    question = rng.choice(templates(VARIABLES, split)).format(value=value)
    return MultiFact(texts, tuple(names), question, (("variables", value),))


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
