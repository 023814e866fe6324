"""Augmentation of wordings, for training: templates changed at random, and statements of nothing but facts.

A model that knows a thousand wordings by heart has nothing left to learn from them. It takes a statement in
other words for none (docs/decisions/0007). What comes of it reads badly, and says what it said.
"""

import collections
import functools
import string

from .templates import FORMS, TEMPLATES, templates

# Such words carry no meaning of a fact, however often they stand in its wordings.
FUNCTION_WORDS = set(
    """a an the this that these is are was were be been has have had do does did of in on at to for from with
    by as it its i you he she they we me my your and or if so not what which who when where how please can
    could would will""".split()
)

TELLING = 0.2  # a word of so many of a kind's templates says what is meant, and stays


def bare(word):
    return word.strip(string.punctuation).lower()


def _plain(word):
    """No slot and no code."""
    return word.strip(".,:;!?\"'()").isalpha()


@functools.cache
def telling(options):
    counts = collections.Counter(word for option in options for word in {bare(w) for w in option.split()})
    return {word for word, count in counts.items() if count >= TELLING * len(options)} - FUNCTION_WORDS


@functools.cache
def held_out():
    return {option.lower() for options in TEMPLATES.values() for option in templates(options, "held")}


@functools.cache
def _fillers():
    """Detokenizer of all seen templates but those that say what a kind means, in order."""
    seen = [template for options in TEMPLATES.values() for template in templates(options, "seen")]
    words = {word.lower() for template in seen for word in template.split() if word.isalpha()}
    return sorted(words.difference(*map(telling, TEMPLATES.values())))


def _run(rng, counts):
    """Some words without a meaning here, with a space before each."""
    return "".join(" " + rng.choice(_fillers()) for _ in range(rng.choice(counts)))


def augmented(options, template, rng):
    """A template of `options` with some words left out, replaced or put in that have no meaning for it, at
    times all in lower case or without its last mark. So there is no end to the wordings, and what is learned
    is to read past words never met at this place. None that is held out comes of it."""
    words, kept = template.split(" "), telling(options)
    for _ in range(rng.choice((1, 1, 2, 3))):
        free = [i for i, word in enumerate(words) if _plain(word) and bare(word) not in kept]
        way = rng.random()
        if way < 0.3 and free and len(words) > 2:
            del words[rng.choice(free)]
        elif way < 0.6 and free:
            words[rng.choice(free)] = rng.choice(_fillers())
        elif len(words) > 1:
            # In front of any word but the first, those that tell what is meant and slots too.
            words.insert(rng.randrange(1, len(words)), _run(rng, (1, 1, 2, 3, 5))[1:])
    if rng.random() < 0.15:
        words = [word.lower() if "{" not in word else word for word in words]
    text = " ".join(words)
    if rng.random() < 0.1 and text[-1] in ".?":
        text = text[:-1]
    return template if text.lower() in held_out() else text


BETWEEN = (
    " ",
    " ",
    ", ",
    ": ",
    " = ",
    " -> ",
    " (",
    ") ",
    "; ",
    " - ",
    " | ",
    "=",
    '="',
    '": "',
    '["',
    '"] = "',
)


def shuffled(says, rng):
    """A statement that no template has: what it `says` and the value in any order, anything between them."""
    parts = ["{value}", *says]
    for index, part in enumerate(parts):
        # Spelt in any way, like {who} in templates.
        if part == "{who}":
            parts[index] = "{" + rng.choice(("who", "who", "who", *FORMS)) + "}"
        elif "{" not in part and rng.random() < 0.3:
            parts[index] = FORMS[rng.choice(tuple(FORMS))](part)
    rng.shuffle(parts)
    text = _run(rng, (0, 0, 1, 2))[1:]
    for part in parts:
        text += (rng.choice(BETWEEN) if text else "") + part + _run(rng, (0, 0, 1, 2, 4))
    return text + rng.choice((".", ".", "", ";", '"', ")"))
