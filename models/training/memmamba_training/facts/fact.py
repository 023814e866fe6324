"""Planted facts: statements put into running text, and the questions asked about them later.

A kind of fact has statement and question templates (`wordings.py`). A third of the templates (and of the
names) is held out of training: `split="seen"` or `"held"`; `"loose"`, which training takes, is `"seen"` with
some of the wordings changed at random (`loose.py`). Where a text holds no such fact, the answer is ` none`.
"""

import functools
import random
import re
import string
from dataclasses import dataclass

from .augmentation import loosened, scattered
from .templates import FORMS, TEMPLATES, templates

LOOSENED = 0.5  # share of the wordings in training that are changed
SCATTERED = 0.25  # share of the statements in training of which only what they say is left
QUESTION = "\n\nQuestion: {question}\nAnswer:"
NONE = "none"
SEPARATOR = ", "  # between the values of an answer that lists several

NAMES = """Clara Hugo Amina Pavel Ingrid Tomas Leila Otto Yusuf Marta Kenji Rosa Anton Freya Dmitri Helen Omar
Signe Rafael Noor Edith Viktor Chiara Samuel Astrid Malik Judith Bruno Salma Arthur Petra Idris
Louise Stefan Zainab Walter Nadia Gustav Miriam Felix Agnes Tariq Sylvia Henrik Carmen Joel Ursula
Emil Fatima Albert Renata Caspar Lydia Ivan Beatrice Nils Soraya Martin Elsa Hassan Vera Julius
Greta Karim Sophie Rolf Daphne Simon Ottilie Mehmet Flora Patrick Selma Victor Ines Gerard Alma
Rashid Theresa Oskar Paula Darius Ruth Leonid Cecilia Boris Hanna Elias Marion Ulrich
Maria James Priya Wei Aisha Carlos Sofia Mohammed Emma Liam Olivia Noah Yuki Hiroshi Mei Raj Ananya Kofi
Ama Chidi Ngozi Tunde Zanele Thabo Leticia Diego Lucia Mateo Camila Pedro Gabriela Andrei Irina Sergei Olga
Marek Zofia Jan Katarina Milan Jovana Giorgos Eleni Selim Ayse Reza Parisa David Sarah Michael Anna John
Mary Robert Alice George Emily Charles Grace Henry Rose Daniel Laura""".split()
HELD_NAMES = """Zelda Barnaby Ximena Thaddeus Oriana
Lucian Philippa Ambrose Tamsin Ignatius Rowena Silas Calliope
Matthias Perpetua Roderick Winifred Evander Rosalind Cornelius
Peregrine Sunniva Anselm Bronwyn Cassius Delphine Eamon Fenella Gideon Hermione Isidore Jocasta Kwame Linnea
Mordecai Nerys Orlando Primrose Quentin Rhiannon Sebastian Tatiana Umberto Verity Wilhelmina Xavier Yolanda
Zebedee Akira Beate""".split()
# Now and then a name has a surname; who is called so is still known by the first name.
SURNAMES = """Novak Lindqvist Okafor Tanaka Moreau Castellan Petrov Haddad Brennan Fischer Kowalski Rossi
Ahmed Silva
Larsen Mbeki Weber Dubois Garcia Sato Walsh Nowak Horvat Keller Ortega Singh Chen Kim Nguyen Patel Murray
Bauer Costa Eriksen Farouk Galanis Harper Ivanova Jansen Lopez""".split()
HELD_SURNAMES = """Quartermain Abernathy Thistlewood Zielinski Oyelaran Vandermeer Hathersage Bellweather
Yamaguchi Fairweather Drozdov Echeverria""".split()


def _listed(text):
    """Phrases between bars and line ends."""
    return text.replace("\n", "|").split("|")


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
SECRETS = _listed(
    """password|access code|PIN|entry code|secret number|security code|door code|unlock code|master key
code word|serial number|account number|reference number|badge number|room number|activation code|API key
session token|phone number|ticket number|combination|client secret|launch code|safe code
alarm code|lift code|bank code|area code|tax number|passport number|member id|student number|account PIN
router password|admin password|guest password|database password|secret word|voucher code|discount code
tracking number|parcel number|product key|activation key|private key|access token|refresh token|session id
customer id|device id|registration number|fax number|meter number|file number|patient number|employee number
contract number|policy number|customer number|secret key
passcode|licence key|order number|recovery code|membership number|encryption key|invoice number|flight number
case number|wifi password|login code|secret phrase
booking code|barcode|watchword|docket number|security answer|pairing code|backup code|root password
bearer token
service id|share code|hotline number|crew number|client number|prescription number|transfer code|chip number
admin PIN"""
)
# Those that a place may have, in the same two splits.
PLACED_SECRETS = _listed(
    """door code|alarm code|PIN|security code|entry code|phone number|master key|fax number|meter number
guest password|lift code|unlock code
wifi password|passcode|login code|hotline number|root password|service id"""
)
TERMS = """brannick tolvey quorrel sembly dorrith marlip fennock glavin hursel jantry kelmot lorrick mundle
nasper
orvane pelliock rastin skerrow thunnel ulmish varrock wendle yarrish zimmock bexel cradley drovit eskell
foddin grummet""".split()
MEASURED = _listed(
    """height of the tower|depth of the well|length of the bridge|width of the river|height of the dam
length of the tunnel|depth of the mine|height of the mast|width of the gate|length of the pier
depth of the lake|height of the summit|length of the runway|distance to the coast|circumference of the pond
thickness of the wall|length of the fence|height of the ceiling|diameter of the dome|length of the cable"""
)
EVENTS = _listed(
    """spring fair|council meeting|annual review|harvest feast|book launch|chess final|school concert
board meeting
summer regatta|press conference|opening night|product launch|charity run|trade fair|sports day
general assembly|award ceremony|boat race|flower show|film premiere"""
)
COSTS = _listed(
    """rent|deposit|annual fee|entrance fee|repair bill|insurance premium|scholarship|travel allowance
heating bill
legal bill|advertising budget|training budget|ransom|pension|bonus|severance payment|printing bill|grant
research budget|catering bill|membership fee|parking fine|wage bill|customs duty"""
)
COMPONENTS = _listed(
    """parser|scheduler|template engine|image decoder|installer|firmware|message broker|query planner|router
renderer|search index|compiler|payment module|login service|mobile app|sync client|audio driver|web client
cache layer|report generator|event loop|file watcher"""
)
SERVERS = _listed(
    """mail server|build server|print server|proxy|test database|backup server|time server|license server
staging server|game server|file server|name server|monitoring server|log collector|chat server|gateway
camera server|wiki"""
)
FILES = _listed(
    """report|backup|error log|user list|floor plan|price list|training data|invoice template|address book
manual
photo archive|test summary|meeting protocol|font file|release checklist|customer table|audit log
default config"""
)
DURATIONS = _listed(
    """idle timeout|poll interval|session lifetime|backoff delay|lock timeout|retry delay|connect timeout
heartbeat interval|shutdown delay|cache lifetime|grace period|flush interval"""
)
SIZES = _listed(
    """cache size|upload limit|buffer size|memory limit|heap size|chunk size|log file size|page size
disk quota
attachment limit|stack size|swap size"""
)
OFFICES = """mayor abbot treasurer captain director chairman editor governor ambassador headmaster conductor
secretary warden president bishop coach""".split()
MEDICINES = """lisinopril metformin ibuprofen atorvastatin amoxicillin warfarin omeprazole prednisone insulin
codeine digoxin quinine morphine aspirin ramipril sertraline""".split()
FOODS = """peanuts shellfish milk wheat strawberries eggs soy sesame mustard celery walnuts honey lupin
tomatoes
kiwi almonds garlic cinnamon fish peaches""".split()
WORDS = """orchard atlas comet delta ember falcon granite harvest iris juniper lotus meadow north ocean
prism quartz
raven summit tiger velvet willow zenith anchor bridge cedar""".split()


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


def any_date(rng):
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1700, 2099)
    form = rng.randrange(3)
    if form == 0:
        return f"{day} {MONTHS[month - 1]} {year}"
    return f"{MONTHS[month - 1]} {day}, {year}" if form == 1 else f"{year}-{month:02d}-{day:02d}"


def stamp(rng):
    """A moment, as in the logs of several programs."""
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2015, 2035)
    time = f"{rng.randrange(24):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}"
    form = rng.randrange(4)
    if form == 0:
        return f"{year}-{month:02d}-{day:02d} {time}"
    if form == 1:
        return f"{year}-{month:02d}-{day:02d}T{time}Z"
    return f"[{time}]" if form == 2 else f"{MONTHS[month - 1][:3]} {day:2d} {time}"


def definition(rng):
    kind = "shallow small heavy wooden narrow round copper folding hollow painted striped winged".split()
    noun = "bowl boat knife shed basket drum hat coin bird stool rope cake".split()
    use = (
        "salt fishing winter weddings travellers measuring grain the kitchen festivals shepherds rain".split()
    )
    return f"{rng.choice(kind)} {rng.choice(noun)} for {rng.choice(use)}"


def quotation(rng):
    who = "The river|My heart|Every road|The moon|Our bread|No king|A friend|The truth|That horse|Time".split(
        "|"
    )
    does = """never sleeps|knows the way|asks for nothing|will come home|has no price|must be fed
is always late
belongs to everyone|forgets nobody|cannot be sold|needs no lamp|tells no lies"""
    return f"{rng.choice(who)} {rng.choice(_listed(does))}"


def length(rng):
    return f"{rng.randint(2, 990)} {rng.choice(('metres', 'feet', 'yards', 'm', 'inches'))}"


def money(rng):
    number = (
        f"{rng.randint(1, 99)},{rng.randint(0, 999):03d}" if rng.random() < 0.6 else f"{rng.randint(20, 999)}"
    )
    forms = "${}|EUR {}|{} euros|{} pounds|CHF {}|{} dollars|{} yen|GBP {}|{} rupees|USD {}".split("|")
    return rng.choice(forms).format(number)


def version(rng):
    number = ".".join(str(rng.randint(0, 29)) for _ in range(rng.choice((2, 3, 3))))
    return rng.choice(("", "", "", "v")) + number + rng.choice(("", "", "", "", "-beta", "-rc1"))


def host(rng):
    form = rng.randrange(3)
    if form == 0:
        return f"10.{rng.randrange(100)}.{rng.randrange(10)}.{rng.randrange(1, 255)}"
    name = f"{rng.choice(WORDS)}{rng.randint(1, 40)}" if form == 1 else f"{rng.choice(WORDS)}.local"
    return f"{name}:{rng.randint(1024, 9999)}"


def email(rng):
    user = f"{rng.choice(string.ascii_lowercase)}.{rng.choice(WORDS)}"
    return f"{user}@{rng.choice(WORDS)}.{rng.choice(('com', 'org', 'net'))}"


def path(rng):
    folder = rng.choice(("/srv", "/var/lib", "/home", "/data", "C:/docs", "docs", "assets"))
    name = f"{rng.choice(WORDS)}{rng.randint(1, 9) if rng.random() < 0.5 else ''}"
    return f"{folder}/{name}.{rng.choice(('csv', 'txt', 'log', 'json', 'pdf', 'zip', 'md'))}"


def error(rng):
    form = rng.randrange(4)
    if form == 0:
        return f"E{rng.randint(1000, 9999)}"
    if form == 1:
        return f"0x{rng.randrange(1 << 16):04X}"
    if form == 2:
        what = "TIMEOUT REFUSED OVERFLOW CORRUPT EXPIRED LOCKED MISSING DENIED".split()
        return f"ERR_{rng.choice(what)}_{rng.randint(1, 99)}"
    return f"{rng.choice(string.ascii_uppercase)}{rng.choice(string.ascii_uppercase)}-{rng.randint(100, 999)}"


def duration(rng):
    return f"{rng.randint(2, 999)}{rng.choice(('ms', 's', ' seconds', 'min', ' ms', 'h'))}"


def memory(rng):
    return f"{rng.randint(2, 999)}{rng.choice(('kB', 'MB', ' MB', 'GB', 'k', ' KiB'))}"


def order(rng):
    return f"{rng.choice(('INV', 'ORD', 'PO', 'AB', 'RX', 'SO'))}-{rng.randint(1000, 99999)}"


def room(rng):
    return f"{rng.choice('ABCDEFGH')}-{rng.randint(100, 999)}"


def dose(rng):
    return f"{rng.choice((5, 10, 20, 25, 40, 50, 75, 100, 250, 500))} mg of {rng.choice(MEDICINES)}"


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
    `scattered`."""

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
    _kind("pass key", digits, weight=4.0, says=("pass key",)),
    _kind("secret", secret, SECRETS, weight=5.0, says=("{who}",)),
    _kind("owned secret", secret, SECRETS, weight=4.0, says=("{who}", "{name}")),
    _kind("placed secret", secret, PLACED_SECRETS, PLACES, weight=2.0, says=("{who}", "{name}")),
    _kind("object code", digits, OBJECTS, weight=2.0),
    _kind("kept number", digits, PLACES, weight=2.0),
    _kind("magic number", digits, THINGS, weight=3.0),
    _kind("identifier", code, OBJECTS),
    _kind("token", hexadecimal, OBJECTS, weight=1.5),
    _kind("birth", date),
    _kind("city", choice(CITIES), weight=0.8),
    _kind("profession", choice(JOBS), weight=0.7),
    _kind("gift", coloured, PLACES, weight=0.8),
    _kind("amount", amount, THINGS),
    _kind("definition", definition, TERMS, weight=0.7),
    _kind("quotation", quotation, weight=0.7),
    _kind("measurement", length, MEASURED, weight=0.8),
    _kind("event", any_date, EVENTS, weight=0.8),
    _kind("money", money, COSTS, weight=0.8),
    _kind("version", version, COMPONENTS, weight=0.8),
    _kind("host", host, SERVERS, weight=0.8),
    _kind("email", email, weight=0.6),
    _kind("path", path, FILES, weight=0.6),
    _kind("error", error, COMPONENTS + SERVERS, weight=0.8),
    _kind("setting", duration, DURATIONS, weight=0.5),
    _kind("size setting", memory, SIZES, weight=0.5, wording="setting"),
    _kind("order", order, THINGS, weight=0.7),
    _kind("room", room, weight=0.6),
    _kind("succession", choice(SURNAMES), OFFICES, weight=0.6),
    _kind("medicine", dose, weight=0.5),
    _kind("allergy", choice(FOODS), weight=0.5),
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
        if split == "loose" and self.kind.says and rng.random() < SCATTERED:
            template = scattered(self.kind.says, rng)
        text = self._fill(template, rng)
        if split == "loose" and text.count(self.value) != template.count("{value}"):
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
                text = stamp(rng) if slot == "stamp" else getattr(self, slot)
            if article:
                return (article[0] + "n " if VOWEL.match(text) else article) + text
            return text

        return SLOT.sub(filled, template)


def _drawn(options, split, rng):
    template = rng.choice(templates(options, split))
    loose = split == "loose" and rng.random() < LOOSENED
    return loosened(options, template, rng) if loose else template


def names(kind, split):
    """What may fill {name}."""
    return kind.names or (HELD_NAMES if split == "held" else NAMES)


def draw(rng, split="seen", kind=None):
    """A random fact; its names come from the same split as its templates."""
    if kind is None:
        kind = rng.choices(KINDS, WEIGHTS)[0]
    slots = templates(kind.who, split) if kind.value is secret else kind.who
    who = rng.choice(slots) if slots else ""
    name = rng.choice(names(kind, split))
    if not kind.names and rng.random() < 0.15:
        name += " " + rng.choice(HELD_SURNAMES if split == "held" else SURNAMES)
    value = kind.value(rng)
    while value in name:
        value = kind.value(rng)
    return Fact(kind, who, name, value)


def kind_named(name):
    return next(kind for kind in KINDS if kind.name == name)


def show(rng, splits=("seen", "loose", "held"), each=3):
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
