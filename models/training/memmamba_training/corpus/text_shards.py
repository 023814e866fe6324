"""Documents of the corpus as text, questions about them, and their tokens with offsets."""

import json
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .json_lines import json_lines

# Share of what is drawn by domain.
DOMAINS = {
    "books": 0.35,
    "docs": 0.27,
    "textbooks": 0.22,
    "transcripts": 0.11,
    "code": 0.02,
    "logs": 0.02,
    "stories": 0.01,
}
LONG = 9000  # characters of a document that is long enough to draw from
COMMON = 1500  # the most frequent words, which tell nothing


class TextShards:
    """Documents (see `read_documents`) by name, and questions about them if there are any.

    `wanted(name)` leaves documents out, with their questions.
    """

    def __init__(self, documents, questions=None, wanted=lambda name: True):
        documents = [document for document in documents if wanted(document["id"])]
        self.documents = {document["id"]: document["text"] for document in documents}
        domains = {document["id"]: document["domain"] for document in documents}
        long = [name for name, text in self.documents.items() if len(text) >= LONG]
        totals = Counter()
        for name in long:
            totals[domains[name]] += len(self.documents[name])
        self.long = long
        self.weights = [
            DOMAINS.get(domains[name], 0) * len(self.documents[name]) / totals[domains[name]] for name in long
        ]
        counts = Counter()
        for name in long[::7]:
            counts.update(re.findall(r"[a-z]{2,}", self.documents[name][:200000]))
        self.common = {word for word, _ in counts.most_common(COMMON)}
        self.questions = []
        if questions:
            with open(questions) as lines:
                rows = map(json.loads, lines)
                self.questions = [row for row in rows if row["doc"] in self.documents]

    def draw(self, rng):
        """A long document."""
        return self.documents[rng.choices(self.long, self.weights)[0]]


def read_documents(folder):
    """The documents of a folder's shards (`*.jsonl.xz`), dicts with id, domain and text.

    FileNotFoundError: there is no shard.
    """
    shards = sorted(Path(folder).glob("*.jsonl.xz"))
    if not shards:
        raise FileNotFoundError(f"no shards (*.jsonl.xz) in {folder}")
    with ThreadPoolExecutor() as threads:
        return [document for shard in threads.map(_documents, shards) for document in shard]


def _documents(shard):
    return list(json_lines(shard))
