"""Facts as people state them and ask for them: wordings written one by one, in which a question shares hardly
a word with its statement.

`everyday.txt` has one a line, `kind|statement|question|question`, {v} the value and {o} its owner. Every
fifth, by its hash, stays out of training (`held`).
"""

import random
import string
import zlib
from dataclasses import dataclass
from pathlib import Path

from . import values

WORDINGS = Path(__file__).with_name("everyday.txt")
HELD = 5
LOWERED = 0.15  # share of training's questions all in lower case
BARE = 0.1  # without the mark at the end

SOUNDS = ("bra cor del fen gar hol kes lan mor nev oss per quin rud sel tor ul ven wyn yar zan".split(),)
ENDS = "bury dale ford ham holm ley low mere mouth stead ton wick worth by den gate more na ro sa".split()
SHIPS = """Albatross Petrel Marigold Fortuna Halcyon Meridian Pelican Kittiwake Sparrow Bluebell Mistral Orion
Aurora Polaris Juno Hecate Nimbus Sirius Vesta Zephyr Corvus Lyra Draco Hydra""".split()
SERVICES = """billing-api gateway ledger mailer scheduler indexer auth-proxy renderer ingest reporter
cart-service
search-node uploader watcher notifier crawler sandbox archive-job metrics-hub feed-worker""".split()
TECHNICAL = {"version", "port", "url", "path", "identifier", "option", "error", "command", "host", "rate"}
GIVEN = """porridge treacle thimble bramble otter magpie saffron walnut pepper cobalt banjo pickle rhubarb
marble turnip gravel nutmeg ferret heron lobster mustard plover quince teapot bobbin candle puddle
swallow thistle barley cricket dragon kettle mitten parsley gosling""".split()
ROLES = """stoker chaplain notary purser bailiff beekeeper cartographer dispatcher falconer glazier
housekeeper
interpreter joiner locksmith midwife nurse organist porter quartermaster registrar steward typist usher
verger welder caretaker bookkeeper cook driver editor maintainer reviewer auditor operator""".split()
COLOURS = """teal maroon ochre turquoise lilac beige indigo amber olive coral salmon mauve rust navy lime
ivory scarlet charcoal mint peach bottle-green yellow purple brown orange pink""".split()
LANGUAGES = """Portuguese Welsh Finnish Latin Catalan Basque Swahili Hindi Polish Greek Turkish Danish Irish
Dutch
Hungarian Korean Russian Arabic Icelandic Romanian Persian Maltese Breton Yiddish Sorbian""".split()
MATERIALS = """larch slate copper felt nylon granite plywood cork linen zinc leather brass oak marble pewter
bamboo asbestos carbon-fibre limestone aluminium wool canvas porcelain rubber tin birch""".split()
TOOLS = """crowbar spanner hacksaw butter-knife corkscrew chisel pitchfork mallet shovel screwdriver pliers
tweezers bread-knife ruler plumb-line spirit-level boat-hook hairpin ladle soldering-iron awl rasp
trowel""".split()
ADJECTIVES = (
    "Silent Crooked Last Golden Second Winter Borrowed Broken Patient Drowned Little Northern".split()
)
NOUNS = "Orchard Harbour Witness Lantern Season Ferryman Island Ladder Hour Sparrow Widow Garden".split()
STREETS = "Mill Church Station Harbour Castle Market Bridge Orchard Chapel Rope Tanner Linden Weaver".split()
WAYS = "Street Lane Road Row Close Alley Square Terrace Wharf Hill".split()
WHO = "the landlord|her brother|the ferry|the old cook|the council|a heron|the inspector|his mother".split(
    "|"
)
DID = """had sold the keys|never came back|was afraid of the dark|ran out of flour|had miscounted the votes
lost the only map|would not pay for the roof|had been seen there before|kept the windows open all winter
owed them money|mistook salt for sugar|hated the smell of paint|had promised the seat to another
slept through the alarm|could not stand the noise|broke the second oar"""
COMMANDS = "flush drain rotate reload purge resync compact reindex restart verify unlock rebuild".split()
UNITS = {
    "weight": ("kg", "g", "pounds", "tons", "stone", "ounces", "kilos"),
    "distance": ("km", "miles", "metres", "yards", "m", "feet", "kilometres"),
    "speed": ("km/h", "mph", "knots", "m/s", "metres a second"),
    "temperature": ("degrees", "C", "F", "degrees Celsius", "K"),
    "dose": ("mg", "ml", "drops", "tablets", "micrograms", "units"),
    "rate": ("a minute", "per second", "an hour", "litres per minute", "requests per second", "a day"),
}


def measured(kind):
    def value(rng):
        number = str(rng.randint(2, 980))
        if rng.random() < 0.25:
            number += f".{rng.randint(1, 9)}"
        return f"{number} {rng.choice(UNITS[kind])}"

    return value


def number(rng):
    return rng.choice((str(rng.randint(3, 99)), str(rng.randint(100, 9999)), values.amount(rng)))


def percent(rng):
    return f"{rng.randint(1, 99)}" + (f".{rng.randint(1, 9)}" if rng.random() < 0.4 else "")


def time(rng):
    hour, minute = rng.randint(0, 23), rng.randrange(60)
    forms = (
        f"{hour:02d}:{minute:02d}",
        f"{hour % 12 + 1}.{minute:02d} p.m.",
        f"{hour % 12 + 1}:{minute:02d} am",
    )
    return rng.choice(forms)


def date(rng):
    if rng.random() < 0.3:
        day = rng.choice("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
        return f"{day}, {rng.randint(1, 28)} {rng.choice(values.MONTHS)}"
    if rng.random() < 0.3:
        return f"{rng.randint(1, 28)} {rng.choice(values.MONTHS)}"
    return values.any_date(rng)


def place(rng):
    return rng.choice(values.CITIES) if rng.random() < 0.5 else town(rng)


def town(rng):
    return (rng.choice(SOUNDS[0]) + rng.choice(ENDS)).capitalize()


def person(rng):
    first = rng.choice(values.NAMES)
    return first + " " + rng.choice(values.SURNAMES) if rng.random() < 0.5 else first


def title(rng):
    return f"The {rng.choice(ADJECTIVES)} {rng.choice(NOUNS)}"


def identifier(rng):
    alphabet = string.ascii_uppercase + string.digits
    mixed = "".join(rng.choice(alphabet) for _ in range(rng.randint(5, 9)))
    return rng.choice((values.code(rng), values.order(rng), values.hexadecimal(rng), mixed))


def url(rng):
    host = f"{rng.choice(GIVEN)}.{rng.choice(('org', 'example', 'net', 'io', 'co.uk'))}"
    return f"https://{host}/{rng.choice(values.WORDS)}" + (
        f"/{rng.randint(1, 99)}" if rng.random() < 0.5 else ""
    )


def phone(rng):
    digits = "".join(rng.choice(string.digits) for _ in range(6))
    forms = (digits, f"0{rng.randint(20, 99)} {digits}", f"+{rng.randint(30, 49)} {digits[:2]} {digits[2:]}")
    return rng.choice((*forms, f"555-{digits[:4]}"))


def duration(rng):
    unit = rng.choice("minutes hours days weeks months years seconds ms".split())
    return f"{rng.randint(2, 95)} {unit}"


def address(rng):
    return f"{rng.randint(1, 240)} {rng.choice(STREETS)} {rng.choice(WAYS)}"


def score(rng):
    form = rng.randrange(3)
    if form == 0:
        return f"{rng.randint(0, 9)}-{rng.randint(0, 9)}"
    whole = rng.choice((10, 20, 50, 100))
    return f"{rng.randint(1, whole)} out of {whole}" if form == 1 else f"{rng.randint(1, whole)}/{whole}"


def reason(rng):
    return f"{rng.choice(WHO)} {rng.choice(values.listed(DID))}"


def option(rng):
    word, other = rng.choice(values.WORDS), rng.choice(COMMANDS)
    return rng.choice((f"--{other}-{word}", f"{other}_{word}", f"no-{word}", f"{other}{word.capitalize()}"))


def command(rng):
    word, given = rng.choice(COMMANDS), rng.choice(values.WORDS)
    return rng.choice(
        (f"{given}ctl {word}", f"{word} --{given}", f"sudo {given} {word}", f"{word}.sh {given}")
    )


VALUES = {
    "name": person,
    "number": number,
    "date": date,
    "code": values.digits,
    "place": place,
    "amount": values.money,
    "quantity": number,
    "duration": duration,
    "identifier": identifier,
    "time": time,
    "word": values.choice(GIVEN),
    "percent": percent,
    "role": values.choice(ROLES),
    "title": title,
    "phone": phone,
    "version": values.version,
    "url": url,
    "path": values.path,
    "port": lambda rng: str(rng.randint(1024, 65535)),
    "reason": reason,
    "rate": measured("rate"),
    "colour": values.choice(COLOURS),
    "temperature": measured("temperature"),
    "weight": measured("weight"),
    "tool": values.choice(TOOLS),
    "material": values.choice(MATERIALS),
    "distance": measured("distance"),
    "address": address,
    "score": score,
    "option": option,
    "language": values.choice(LANGUAGES),
    "age": lambda rng: str(rng.randint(3, 104)),
    "speed": measured("speed"),
    "dose": measured("dose"),
    "host": values.host,
    "error": values.error,
    "command": command,
}


@dataclass(frozen=True)
class Wording:
    kind: str
    statement: str
    questions: tuple
    number: int

    @property
    def owned(self):
        return "{o}" in self.statement or any("{o}" in question for question in self.questions)


def wordings(path=WORDINGS):
    """The wordings by split, "seen" and "held". ValueError: a line that is not as the file's head says."""
    found = {"seen": [], "held": []}
    for index, line in enumerate(path.read_text("ascii").splitlines()):
        parts = line.split("|")
        if len(parts) != 4 or parts[0] not in VALUES or "{v}" not in parts[1]:
            raise ValueError(
                f"{path.name}, line {index + 1}: not kind|statement with {{v}}|question|question"
            )
        split = "held" if zlib.crc32(line.encode()) % HELD == 0 else "seen"
        found[split].append(Wording(parts[0], parts[1], tuple(parts[2:]), index))
    return {split: tuple(listed) for split, listed in found.items()}


TOLD = wordings()
BY_KIND = {
    split: {kind: tuple(w for w in listed if w.kind == kind) for kind in {w.kind for w in listed}}
    for split, listed in TOLD.items()
}


@dataclass(frozen=True)
class Everyday:
    """One fact in an everyday wording, with what `single_fact.Fact` offers to `datasets.planting`."""

    wording: Wording
    owner: str
    value: str

    @property
    def kind(self):
        return self.wording.kind

    @property
    def subject(self):
        return ("everyday", self.owner if self.wording.owned else self.wording.number)

    @property
    def subjects(self):
        return (self.subject,)

    @property
    def values(self):
        return (self.value,)

    def parts(self, rng, split="seen"):
        """The statement with what it states."""
        return [(self._filled(self.wording.statement), self.value)]

    def ask(self, rng, split="seen"):
        text = self._filled(rng.choice(self.wording.questions))
        if split == "augmented" and rng.random() < LOWERED:
            text = text.lower()
        if split == "augmented" and rng.random() < BARE:
            text = text.rstrip("?.")
        return text

    def _filled(self, template):
        return template.replace("{o}", self.owner).replace("{v}", self.value)


def owner_of(rng, kind, split):
    if split == "held":
        first = rng.choice(values.HELD_NAMES)
        return f"{first} {rng.choice(values.HELD_SURNAMES)}" if rng.random() < 0.5 else first
    draw = rng.random()
    if kind in TECHNICAL and draw < 0.5:
        return rng.choice(SERVICES)
    if draw < 0.65:
        return person(rng)
    return town(rng) if draw < 0.85 else rng.choice(SHIPS)


def draw(rng, split="seen", kind=None):
    """A random fact of a kind, or of any: each wording is as likely as every other. "augmented" is "seen"
    with some of the questions changed."""
    part = "held" if split == "held" else "seen"
    wording = rng.choice(BY_KIND[part][kind] if kind in BY_KIND[part] else TOLD[part])
    owner = owner_of(rng, wording.kind, split)
    while True:
        value = VALUES[wording.kind](rng)
        # As often in the statement as its wording has it, and nowhere in the question.
        told = wording.statement.replace("{o}", owner)
        if (
            value.lower() not in owner.lower()
            and value not in told
            and not any(value in question.replace("{o}", owner) for question in wording.questions)
        ):
            return Everyday(wording, owner, value)


if __name__ == "__main__":
    generator = random.Random(0)
    for _ in range(40):
        fact = draw(generator, "augmented")
        print(
            f"[{fact.kind}]",
            fact.parts(generator)[0][0],
            "|",
            fact.ask(generator, "augmented"),
            "|",
            fact.value,
        )
