"""Wordings of facts as templates: what `templates.txt` holds, and which of them are held out of training.

Slots: {value}, {name}, {who} and its spellings (`FORMS`), and {stamp}, a time as in a log.
"""

from pathlib import Path

WORDINGS = Path(__file__).with_name("templates.txt")


def templates(options, split):
    """The last third of the templates (at least one) is held out."""
    held = max(1, len(options) // 3)
    return options[-held:] if split == "held" else options[:-held]


def wordings(path=WORDINGS):
    """Templates by "<kind> statements" and "<kind> questions". The file has one a line, `\\n` for a line end.

    ValueError: what the file holds out is not what `templates` does.
    """
    found, held, title, listed = {}, {}, "", []
    for line in path.read_text("ascii").splitlines():
        if line == "@ held out":
            listed = held.setdefault(title, [])
        elif line.startswith("@ "):
            title = line[2:]
            listed = found.setdefault(title, [])
        elif line:
            listed.append(line.replace("\\n", "\n"))
    for title, seen in found.items():
        found[title] = tuple(seen + held[title])
        if templates(found[title], "seen") != tuple(seen):
            raise ValueError(f"{path.name}: of {title} not the last third is held out")
    return found


TEMPLATES = wordings()


def _joined(text):
    return "".join(word.capitalize() for word in text.split())


# How {who} is spelt elsewhere than in prose: "API key" as api_key, API_KEY, apiKey, ApiKey and api-key.
FORMS = {
    "who": str,
    "Who": lambda text: text[0].upper() + text[1:],
    "snake": lambda text: text.replace(" ", "_").lower(),
    "CONST": lambda text: text.replace(" ", "_").upper(),
    "camel": lambda text: text.split()[0].lower() + _joined(" ".join(text.split()[1:])),
    "Pascal": _joined,
    "kebab": lambda text: text.replace(" ", "-").lower(),
}
