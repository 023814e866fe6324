"""Planted facts: statements put into running text, and the questions asked about them later.

A kind of fact has statement and question templates with the slots {value} and, for most, {who}. A third
of the templates (and of the names) is held out of training: `split="seen"` or `"held"`. Where a text
holds no such fact, the answer is ` none`.
"""

import random
import string
from dataclasses import dataclass

QUESTION = "\n\nQuestion: {question}\nAnswer:"
NONE = "none"
SEPARATOR = ", "  # between the values of an answer that lists several

NAMES = """Clara Hugo Amina Pavel Ingrid Tomas Leila Otto Yusuf Marta Kenji Rosa Anton Freya Dmitri Helen Omar
Signe Rafael Noor Edith Viktor Chiara Samuel Astrid Malik Judith Bruno Salma Arthur Petra Idris
Louise Stefan Zainab Walter Nadia Gustav Miriam Felix Agnes Tariq Sylvia Henrik Carmen Joel Ursula
Emil Fatima Albert Renata Caspar Lydia Ivan Beatrice Nils Soraya Martin Elsa Hassan Vera Julius
Greta Karim Sophie Rolf Daphne Simon Ottilie Mehmet Flora Patrick Selma Victor Ines Gerard Alma
Rashid Theresa Oskar Paula Darius Ruth Leonid Cecilia Boris Hanna Elias Marion Ulrich""".split()
HELD_NAMES = """Zelda Barnaby Ximena Thaddeus Oriana
Lucian Philippa Ambrose Tamsin Ignatius Rowena Silas Calliope
Matthias Perpetua Roderick Winifred Evander Rosalind Cornelius""".split()
PLACES = """station harbour library museum hospital theatre garden bakery school castle mill bridge market
chapel factory airport hotel stable brewery lighthouse workshop archive""".split()
OBJECTS = """vault safe locker gate archive cabinet terminal garage cellar office chest cupboard laboratory
server warehouse drawer""".split()
CITIES = """Lisbon Oslo Nairobi Lima Kyoto Dublin Cairo Vienna Quito Prague Hanoi Bergen Tunis Riga Seville
Accra Turin Leeds Boston Delhi Geneva Havana Izmir Jakarta Krakow Lyon Madrid Naples Odessa Porto
Quebec Rome Sofia Tampa Utrecht Warsaw Zagreb""".split()
JOBS = """carpenter surgeon pilot baker librarian plumber judge painter chemist sailor weaver teacher gardener
lawyer butcher dentist printer tailor farmer barber geologist translator goldsmith miller optician""".split()
THINGS = """violin lantern compass kettle ladder mirror anchor barrel basket blanket bottle bracelet candle
carpet chisel clock drum feather flute hammer helmet jewel kite lamp map medal needle oar pearl
pistol ring rope saddle scarf shovel statue sword telescope trumpet umbrella vase wagon whistle""".split()
COLOURS = "red blue green yellow white black silver golden purple grey brown orange crimson violet".split()
MONTHS = """January February March April May June July August September October November December""".split()


# What a text may call a secret. The last third is held out, like templates.
SECRETS = """password|access code|PIN|entry code|secret number|security code|door code|unlock code|master key
code word|serial number|account number|reference number|badge number|room number|activation code|API key
session token|phone number|ticket number|combination|client secret|launch code|safe code
passcode|licence key|order number|recovery code|membership number|encryption key|invoice number|flight number
case number|wifi password|login code|secret phrase""".replace(
    "\n", "|"
).split(
    "|"
)


def digits(rng):
    return "".join(rng.choice(string.digits) for _ in range(rng.randint(4, 8)))


def code(rng):
    alphabet = string.ascii_uppercase + string.digits
    groups = ["".join(rng.choice(alphabet) for _ in range(3)) for _ in range(2)]
    return "-".join(groups)


def hexadecimal(rng):
    return "".join(rng.choice("0123456789abcdef") for _ in range(8))


def secret(rng):
    return rng.choices((digits, code, hexadecimal), (6, 2, 2))[0](rng)


def date(rng):
    return f"{rng.randint(1, 28)} {rng.choice(MONTHS)} {rng.randint(1500, 2099)}"


def amount(rng):
    return f"{rng.randint(1, 999)},{rng.randint(0, 999):03d}"


def choice(words):
    return lambda rng: rng.choice(words)


def coloured(rng):
    return f"{rng.choice(COLOURS)} {rng.choice(THINGS)}"


# What may stand around a statement and before a question, whatever its kind; a third is held out.
LEADS = (
    "Note: ",
    "By the way: ",
    "Important! ",
    "Remember this. ",
    "One thing more. ",
    "NOTE TO SELF: ",
    "Attention: ",
    "Between us: ",
    "Write this down: ",
)
TRAILS = (
    " Remember it.",
    " Keep it in mind.",
    " Do not lose it.",
    " That is all there is to say.",
    " Nobody else knows it.",
    " Mark it well.",
    " You will be asked for it.",
    " So it was agreed.",
    " Never forget it.",
)
REQUESTS = (
    "According to the text, ",
    "Based on what you have read: ",
    "Please answer: ",
    "From memory: ",
    "Now tell me, ",
    "One question: ",
    "As stated above, ",
    "Having read all this, ",
    "Answer this: ",
)


@dataclass(frozen=True)
class Kind:
    """One kind of fact. `who` lists what fills {who}; kinds without it are planted once a text."""

    name: str
    value: object
    statements: tuple
    questions: tuple
    who: tuple = ()
    weight: float = 1.0


def _kind(name, value, statements, questions, who=(), weight=1.0):
    return Kind(name, value, tuple(statements), tuple(questions), tuple(who), weight)


KINDS = (
    _kind(
        "pass key",
        digits,
        [
            "The pass key is {value}. Remember it. {value} is the pass key.",
            "The pass key is {value}.",
            "{value} is the pass key you must remember.",
            "Remember the pass key: {value}.",
            "The pass key to remember is {value}.",
            "It is {value} that serves as the pass key.",
            "Our pass key, as everybody knows, reads {value}.",
            "Somebody had carved the pass key {value} into the door.",
            "For this text the pass key was chosen to be {value}.",
            "PASS KEY = {value}",
            "There is a pass key here; it is {value}.",
            "Please note {value}, which is the pass key.",
            "You need a pass key, and it is {value}.",
            "Here the pass key is written: {value}.",
            "pass key: {value}",
            "Do not forget the pass key, {value}, it will be asked for.",
            "Whoever reads this should know the pass key {value}.",
            "With {value} as the pass key you may go on.",
        ],
        [
            "What is the pass key?",
            "What is the pass key that is hidden in the text?",
            "What pass key does the text hold?",
            "Tell me the pass key.",
            "Can you say what the pass key was?",
            "Give me the pass key, please.",
            "What should I enter as the pass key?",
            "How does the pass key read?",
            "Name the pass key that the text mentions.",
            "Which number is the pass key?",
            "What was the pass key again?",
            "I have forgotten the pass key. What is it?",
            "Which pass key was given?",
            "Find the hidden pass key.",
            "Do you know the pass key?",
            "The text contains a pass key. Which one?",
            "What did the text say the pass key is?",
            "Please recall the pass key.",
        ],
        weight=3.0,
    ),
    _kind(
        "secret",
        secret,
        [
            "The {who} is {value}.",
            "The {who} is: {value}",
            "{value} is the {who}.",
            "Remember that the {who} is {value}.",
            "They changed the {who} to {value} last night.",
            "Use {value} as the {who}.",
            "The {who} has been set to {value}.",
            '"The {who} is {value}," he said.',
            "- {who}: {value}",
            "{who} = {value}",
            "# {who}: {value}",
            "| {who} | {value} |",
            "For the {who}, write down {value}.",
            "Whoever asks for the {who} is told {value}, nothing else.",
            "It took them a week to learn that {value} was the {who}.",
            "Keep the {who} safe; it is {value}.",
            "the {who} ({value}) must not be lost",
            "Here is the {who} you wanted: {value}.",
            "She wrote {value} on the wall, and that was the {who}.",
            "Our {who} reads {value}.",
            "{who} -> {value}",
            "Nobody but you may know that the {who} is {value}.",
            "We agreed on {value} for the {who}.",
            "The new {who}, valid from today, is {value}.",
        ],
        [
            "What is the {who}?",
            "What is the {who} mentioned in the text?",
            "Which {who} is given?",
            "Tell me the {who}.",
            "Find the {who}.",
            "What does the text say the {who} is?",
            "Which {who} does the text hold?",
            "How does the {who} read?",
            "I am looking for the {who}. What is it?",
            "What should I enter as the {who}?",
            "Name the {who}.",
            "Is there a {who} in the text, and which?",
            "Which {who} was written down?",
            "Somewhere the {who} is stated. What is it?",
            "Can you find the {who} in the text?",
            "What was the {who} again?",
            "Give the {who}.",
            "Which is the hidden {who}?",
            "Please recall the {who}.",
            "Do you remember the {who}?",
            "The {who}, what is it?",
        ],
        who=SECRETS,
        weight=5.0,
    ),
    _kind(
        "owned secret",
        secret,
        [
            "The {who} of {name} is {value}.",
            "{name}'s {who} is {value}.",
            "{name} uses {value} as {who}.",
            "{who} of {name}: {value}",
            "For {name} the {who} is {value}.",
            "{name} was given the {who} {value}.",
            "They gave {name} a new {who}: {value}.",
            "{name} told us that the {who} was {value}.",
            "On the card of {name} stood the {who} {value}.",
        ],
        [
            "What is the {who} of {name}?",
            "What is {name}'s {who}?",
            "Which {who} does {name} use?",
            "Tell me the {who} of {name}.",
            "Find {name}'s {who}.",
            "What {who} does {name} have?",
            "What does the text say is the {who} of {name}?",
            "How does {name}'s {who} read?",
            "Which {who} was given to {name}?",
            "Do you know the {who} that belongs to {name}?",
            "{name} has forgotten the {who}. What is it?",
            "Please recall the {who} of {name}.",
        ],
        who=SECRETS,
        weight=3.0,
    ),
    _kind(
        "object code",
        digits,
        [
            "The {who} code of {name} is {value}.",
            "The code for the {who} of {name} is {value}.",
            "{name} opens the {who} with the code {value}.",
        ],
        [
            "What is the {who} code of {name}?",
            "What is the code for the {who} of {name}?",
            "With which code does {name} open the {who}?",
        ],
        who=OBJECTS,
        weight=3.0,
    ),
    _kind(
        "kept number",
        digits,
        [
            "{name} keeps the number {value} for the {who}.",
            "For the {who}, {name} keeps the number {value}.",
            "The number that {name} keeps for the {who} is {value}.",
        ],
        [
            "Which number does {name} keep for the {who}?",
            "What number does {name} keep for the {who}?",
            "What is the number that {name} keeps for the {who}?",
        ],
        who=PLACES,
        weight=2.0,
    ),
    _kind(
        "magic number",
        digits,
        [
            "One of the special magic numbers for {who} is: {value}.",
            "The special magic number for {who} is: {value}.",
            "A special magic number for {who} is {value}.",
        ],
        [
            "What is the special magic number for {who} mentioned in the text?",
            "What is the special magic number for {who}?",
            "Which special magic number is given for {who}?",
        ],
        who=THINGS,
        weight=3.0,
    ),
    _kind(
        "identifier",
        code,
        [
            "The access code of the {who} is {value}.",
            "Access code for the {who}: {value}",
            "Use the access code {value} for the {who}.",
        ],
        [
            "What is the access code of the {who}?",
            "What is the access code for the {who}?",
            "Which access code opens the {who}?",
        ],
        who=OBJECTS,
    ),
    _kind(
        "token",
        hexadecimal,
        [
            "{who}_token={value}",
            '{who}_token: "{value}"',
            "INFO {who} token {value} accepted",
        ],
        [
            "What is the {who} token?",
            "What is the value of {who}_token?",
            "Which {who} token was accepted?",
        ],
        who=OBJECTS,
        weight=1.5,
    ),
    _kind(
        "birth",
        date,
        [
            "{name} was born on {value}.",
            "The birth date of {name} is {value}.",
            "On {value} {name} was born.",
        ],
        [
            "When was {name} born?",
            "What is the birth date of {name}?",
            "On which day was {name} born?",
        ],
        weight=1.0,
    ),
    _kind(
        "city",
        choice(CITIES),
        [
            "{name} lives in {value}.",
            "The home of {name} is in {value}.",
            "{name} has a house in {value}.",
        ],
        [
            "Where does {name} live?",
            "In which city does {name} live?",
            "Where is the home of {name}?",
        ],
        weight=1.0,
    ),
    _kind(
        "profession",
        choice(JOBS),
        [
            "{name} works as a {value}.",
            "{name} is a {value}.",
            "By trade, {name} is a {value}.",
        ],
        [
            "What is the profession of {name}?",
            "What does {name} work as?",
            "What is {name} by trade?",
        ],
        weight=0.7,
    ),
    _kind(
        "gift",
        coloured,
        [
            "{name} bought a {value} for the {who}.",
            "For the {who}, {name} bought a {value}.",
            "The {who} received a {value} from {name}.",
        ],
        [
            "What did {name} buy for the {who}?",
            "What was bought for the {who} by {name}?",
            "What did the {who} receive from {name}?",
        ],
        who=PLACES,
        weight=1.0,
    ),
    _kind(
        "amount",
        amount,
        [
            "The {who} costs {value} crowns.",
            "The price of the {who} is {value} crowns.",
            "{value} crowns were paid for the {who}.",
        ],
        [
            "How many crowns does the {who} cost?",
            "What is the price of the {who} in crowns?",
            "How many crowns were paid for the {who}?",
        ],
        who=THINGS,
        weight=1.0,
    ),
)


def templates(options, split):
    """The last third of the templates (at least one) is held out."""
    held = max(1, len(options) // 3)
    return options[:-held] if split == "seen" else options[-held:]


@dataclass(frozen=True)
class Fact:
    kind: Kind
    who: str
    name: str
    value: str

    @property
    def subject(self):
        """What the fact is about: two facts of one subject would contradict each other."""
        named = any("{name}" in template for template in self.kind.statements)
        return (self.kind.name, self.who, self.name if named else "")

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
        text = self._fill(rng.choice(templates(self.kind.statements, split)))
        lead = rng.choice(templates(LEADS, split)) if rng.random() < 0.2 else ""
        trail = rng.choice(templates(TRAILS, split)) if text[-1] == "." and rng.random() < 0.2 else ""
        return lead + text + trail

    def ask(self, rng, split="seen"):
        text = self._fill(rng.choice(templates(self.kind.questions, split)))
        if rng.random() < 0.2:
            named = text.startswith(("I ", self.name or "I "))
            rest = text if named else text[0].lower() + text[1:]
            text = rng.choice(templates(REQUESTS, split)) + rest
        return text

    def _fill(self, template):
        return template.format(who=self.who, name=self.name, value=self.value)


def draw(rng, split="seen", kind=None):
    """A random fact; its names come from the same split as its templates."""
    if kind is None:
        kind = rng.choices(KINDS, [k.weight for k in KINDS])[0]
    slots = templates(kind.who, split) if kind.who == tuple(SECRETS) else kind.who
    who = rng.choice(slots) if slots else ""
    name = rng.choice(NAMES if split == "seen" else HELD_NAMES)
    return Fact(kind, who, name, kind.value(rng))


def kind_named(name):
    return next(kind for kind in KINDS if kind.name == name)


if __name__ == "__main__":
    generator = random.Random(0)
    for one in KINDS:
        fact = draw(generator, kind=one)
        print(fact.state(generator), "|", fact.ask(generator), "|", fact.value)
