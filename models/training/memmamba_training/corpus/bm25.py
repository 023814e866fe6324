"""Distributed the passages of a document by words (BM25), for training and measuring.

Plain and quick rather than exact: what ships has its own search (`models/search`).
"""

import math
import re
from collections import Counter, defaultdict

WORD = re.compile(r"[a-z0-9]+")


ENDINGS = ("ingly", "edly", "ings", "ing", "ies", "ed", "es", "s", "ly")


STOP = set(
    """a an the of in on at to for and or is are was were be been by with as it its this that these those from
    his her their he she we you i not no which who what when where how do does did has have had will would can
    could may than then there me my your our about if so but""".split()
)


def stem(word):
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def terms(text):
    return [stem(word) for word in WORD.findall(text.lower()) if word not in STOP]


class BM25:
    """Robertson and Zaragoza 2009, with the usual k1 and b, over the passages of one document."""

    def __init__(self, texts, k1=1.2, b=0.75):
        self.k1, self.b, self.size = k1, b, len(texts)
        self.postings, self.lengths = defaultdict(list), []
        for index, text in enumerate(texts):
            counts = Counter(terms(text))
            self.lengths.append(sum(counts.values()))
            for word, count in counts.items():
                self.postings[word].append((index, count))
        self.mean = max(1, sum(self.lengths) / max(1, self.size))

    def scores(self, query):
        """A score for every passage, 0 where no word is shared."""
        found = [0.0] * self.size
        for word in set(terms(query)):
            postings = self.postings.get(word, ())
            rarity = math.log(1 + (self.size - len(postings) + 0.5) / (len(postings) + 0.5))
            for index, count in postings:
                norm = self.k1 * (1 - self.b + self.b * self.lengths[index] / self.mean)
                found[index] += rarity * count * (self.k1 + 1) / (count + norm)
        return found
