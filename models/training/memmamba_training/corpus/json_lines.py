"""JSON lines compressed with xz, as the corpus, the questions and the evaluation sets are kept."""

import json
import lzma


def json_lines(path):
    """The values of a file, one a line."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
