"""What facts are about and what they state: lists of words, and values at random."""

import string

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


def listed(text):
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
SECRETS = listed(
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
PLACED_SECRETS = listed(
    """door code|alarm code|PIN|security code|entry code|phone number|master key|fax number|meter number
guest password|lift code|unlock code
wifi password|passcode|login code|hotline number|root password|service id"""
)


TERMS = """brannick tolvey quorrel sembly dorrith marlip fennock glavin hursel jantry kelmot lorrick mundle
nasper
orvane pelliock rastin skerrow thunnel ulmish varrock wendle yarrish zimmock bexel cradley drovit eskell
foddin grummet""".split()


MEASURED = listed(
    """height of the tower|depth of the well|length of the bridge|width of the river|height of the dam
length of the tunnel|depth of the mine|height of the mast|width of the gate|length of the pier
depth of the lake|height of the summit|length of the runway|distance to the coast|circumference of the pond
thickness of the wall|length of the fence|height of the ceiling|diameter of the dome|length of the cable"""
)


EVENTS = listed(
    """spring fair|council meeting|annual review|harvest feast|book launch|chess final|school concert
board meeting
summer regatta|press conference|opening night|product launch|charity run|trade fair|sports day
general assembly|award ceremony|boat race|flower show|film premiere"""
)


COSTS = listed(
    """rent|deposit|annual fee|entrance fee|repair bill|insurance premium|scholarship|travel allowance
heating bill
legal bill|advertising budget|training budget|ransom|pension|bonus|severance payment|printing bill|grant
research budget|catering bill|membership fee|parking fine|wage bill|customs duty"""
)


COMPONENTS = listed(
    """parser|scheduler|template engine|image decoder|installer|firmware|message broker|query planner|router
renderer|search index|compiler|payment module|login service|mobile app|sync client|audio driver|web client
cache layer|report generator|event loop|file watcher"""
)


SERVERS = listed(
    """mail server|build server|print server|proxy|test database|backup server|time server|license server
staging server|game server|file server|name server|monitoring server|log collector|chat server|gateway
camera server|wiki"""
)


FILES = listed(
    """report|backup|error log|user list|floor plan|price list|training data|invoice template|address book
manual
photo archive|test summary|meeting protocol|font file|release checklist|customer table|audit log
default config"""
)


DURATIONS = listed(
    """idle timeout|poll interval|session lifetime|backoff delay|lock timeout|retry delay|connect timeout
heartbeat interval|shutdown delay|cache lifetime|grace period|flush interval"""
)


SIZES = listed(
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
    return f"{rng.choice(who)} {rng.choice(listed(does))}"


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
