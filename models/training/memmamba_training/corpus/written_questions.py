"""Written questions with their places, and hard negatives: passages that look like the answer's.

    python3 -m memmamba_training.corpus.written_questions OUT QUESTIONS CORPUS

The reader and the passage vectors are taught with them. QUESTIONS is a folder with questions_train.jsonl.xz
and fairytaleqa_train.jsonl.xz, CORPUS one with the shards that they ask about. Two files are written:

- OUT/stories-0.jsonl.xz, the fairy tales as one more shard of the corpus.
- OUT/questions.jsonl, a question a line:

      doc, domain, kind ("fact", "sentence", "keywords", "none"), question, answer
      passage  [start, end] of the passage that the question was written about
      spans    [start, end] of the answer, none where it is not said word for word
      near     [start, end] of passages of the same document that share the question's words, not its answer

Offsets are code points.
"""

import argparse
import json
import lzma
import zlib
from collections import defaultdict
from multiprocessing import Pool
from pathlib import Path

from .bm25 import BM25
from .json_lines import json_lines
from .passages import passages

AROUND = 40000  # characters to either side in which similar passages are sought
NEAR = 6  # of them are kept
HELD = 25  # one document in so many is kept out of training, to fit and to check on


def held(document):
    """Whether a document's questions stay out of training."""
    return zlib.crc32(document.encode()) % HELD == 0


def near(text, question, answer, avoid, found, bm25):
    """Passages that BM25 would give for the question, with a neighbour to either side, without the answer."""
    chosen = []
    scores = bm25.scores(question)
    for index in sorted(range(len(found)), key=lambda i: -scores[i]):
        if scores[index] == 0 or len(chosen) == NEAR:
            break
        start, end = found[max(0, index - 1)][0], found[min(len(found) - 1, index + 1)][1]
        apart = end <= avoid[0] or start >= avoid[1]
        if apart and not (answer and answer.lower() in text[start:end].lower()):
            chosen.append([start, end])
    return chosen


def about(text, questions):
    """Rows of the questions about one passage of a text."""
    low, high = questions[0]["start"], questions[0]["end"]
    base = max(0, low - AROUND)
    part = text[base : high + AROUND]
    found = [(start + base, end + base) for start, end in passages(part)]
    bm25 = BM25([text[start:end] for start, end in found])
    for given in questions:
        row = {name: given[name] for name in ("doc", "domain", "kind", "question")}
        spans = [[given["answerStart"], given["answerEnd"]]] if "answerStart" in given else []
        row |= {"answer": given.get("answer", ""), "passage": [low, high], "spans": spans}
        answer = row["answer"] if given["kind"] == "fact" else ""
        row["near"] = near(text, given["question"], answer, (low, high), found, bm25)
        yield row


def tales(path):
    """(document, questions as in questions_train) of every fairy tale; its sections make up the text."""
    for tale in json_lines(path):
        text, places = "", {}
        for number, section in tale["sections"].items():
            places[number] = len(text), len(text) + len(section)
            text += section + "\n\n"
        name = f"fairytale-{tale['id']}"
        asked = []
        for question in tale["questions"]:
            told = [places[number] for number in question["sections"] if number in places]
            if not told:
                continue
            low, high = told[0][0], told[-1][1]
            answer = question["answer"].rstrip(".")
            at = text.lower().find(answer.lower(), low, high)
            row = {
                "doc": name,
                "domain": "stories",
                "start": low,
                "end": high,
                "question": question["question"],
            }
            row |= {"kind": "fact" if at >= 0 else "keywords", "answer": answer}
            if at >= 0:
                row |= {
                    "answer": text[at : at + len(answer)],
                    "answerStart": at,
                    "answerEnd": at + len(answer),
                }
            asked.append(row)
        yield {"id": name, "domain": "stories", "text": text}, asked


def of_document(given):
    text, passages_asked = given
    return [row for questions in passages_asked for row in about(text, questions)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("questions", type=Path, help="folder of the questions")
    parser.add_argument("corpus", type=Path, help="folder of the shards")
    options = parser.parse_args()
    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    asked = defaultdict(lambda: defaultdict(list))
    for row in json_lines(options.questions / "questions_train.jsonl.xz"):
        asked[row["doc"]][row["start"], row["end"]].append(row)
    stories = list(tales(options.questions / "fairytaleqa_train.jsonl.xz"))
    with lzma.open(out / "stories-0.jsonl.xz", "wt", encoding="utf-8") as file:
        for document, rows in stories:
            file.write(json.dumps(document) + "\n")
            for row in rows:
                asked[row["doc"]][row["start"], row["end"]].append(row)

    def documents():
        for document, _ in stories:
            yield document["text"], list(asked[document["id"]].values())
        for shard in sorted(options.corpus.glob("*.jsonl.xz")):
            for document in json_lines(shard):
                if document["id"] in asked:
                    yield document["text"], list(asked[document["id"]].values())

    count = 0
    with Pool() as pool, open(out / "questions.jsonl", "w") as file:
        for rows in pool.imap(of_document, documents(), chunksize=4):
            for row in rows:
                file.write(json.dumps(row) + "\n")
            count += len(rows)
    print(count, "questions", flush=True)


if __name__ == "__main__":
    main()
