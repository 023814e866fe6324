"""The sentences, headings and content words of a text that queries are made of."""

import re

# A sentence ends at a mark and white space, a paragraph at an empty line.
END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[A-Z])|\n\s*\n")


HEADING = re.compile(r"(?m)^#{1,6} +(\S.{2,78})$")


COMMON = set(
    """the and that this with from have been were which their would there they them then than what when where
    will into only some such other more most also very upon could should about after before over under between
    being because through these those your ours hers himself herself itself does done doing having each every
    said says shall must might make made many much like just even still well here while whom whose""".split()
)


def query_sentences(text):
    """(start, end) of the sentences fit to be asked for: of plain words, neither short nor long."""
    found, start = [], 0
    for match in [*END.finditer(text), None]:
        sentence = text[start : match.start() if match else len(text)].rstrip()
        end = start + len(sentence)
        words = re.findall(r"[A-Za-z]{3,}", sentence)
        if 40 <= len(sentence) <= 240 and len(words) >= 6 and sentence.isascii() and start > 0 and match:
            found.append((start, end))
        start = match.end() if match else len(text)
    return found


def content_words(rng, text, most=8):
    """Some of a text's content words, or None where there are too few."""
    words = [w for w in re.findall(r"[A-Za-z][A-Za-z'-]{3,}", text) if w.lower() not in COMMON]
    words = list(dict.fromkeys(words))
    if len(words) < 2:
        return None
    kept = rng.sample(range(len(words)), min(len(words), rng.randint(2, most)))
    order = kept if rng.random() < 0.3 else sorted(kept)
    return [words[i] for i in order]
