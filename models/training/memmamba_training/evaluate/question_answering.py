"""Measures passages and answers: recall, exact match, F1, right place, and what a probability is worth.

    python3 -m memmamba_training.evaluate.question_answering MODEL EVAL RESULTS.json \\
        --questions QUESTIONS.jsonl --texts CORPUS

EVAL is the folder of evaluation sets. A document is cut into passages of about 420 characters, which BM25 and
passage vectors rank. The best are read with a neighbour to either side. Weights of the sum and the point of
“verified” come from questions about documents that training kept out (`written_questions.held`), never from
EVAL. On one GPU a pass over everything takes about a minute.
"""

import argparse
import json
import math
import re
import string
from collections import Counter, defaultdict
from pathlib import Path

import torch

from ..corpus.bm25 import BM25
from ..corpus.passages import passages
from ..corpus.json_lines import json_lines
from ..corpus.text_shards import TextShards, read_documents
from ..corpus.tokenizer import Tokens, add_tokenizer_option
from ..corpus.written_questions import AROUND, held
from ..datasets import passage_vectors, reading
from ..model.loading import load_model, load_reader
from ..objectives.passage_vectors import summed_vectors
from .intervals import wilson

READ = 20  # passages read for a question
SEGMENT, OVERLAP = 4096, 256  # tokens read at once, and of those the ones that only lead up
LONGEST = 40  # tokens of an answer
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)  # of vectors beside BM25
MARGINS = (0.0, 0.05, 0.1, 0.2, 0.4)  # of the reader's beside both


def normed(text):
    """SQuAD's normal form: lower case, no punctuation, no articles."""
    text = "".join(" " if c in string.punctuation else c for c in text.lower())
    return [word for word in text.split() if word not in ("a", "an", "the")]


def f1(found, right):
    found, right = normed(found), normed(right)
    shared = sum((Counter(found) & Counter(right)).values())
    return 2 * shared / (len(found) + len(right)) if shared else float(found == right)


class Engine:
    """A model on the GPU with what is asked of it here."""

    def __init__(self, folder, tokens, adapter=None, device="cuda"):
        """`adapter`: file of a reader beside the model, see `model.adapter`."""
        self.model = load_model(folder).to(device)
        self.reader = self.model
        if adapter:
            self.reader = load_reader(folder, adapter).to(device)
        self.tokens, self.device = tokens, device

    def mixed(self):
        """Products in bf16, as in training."""
        return torch.autocast(self.device, torch.bfloat16, enabled=self.device == "cuda")

    def parts(self, ids, query=False):
        """What each token adds to a passage's vector; of a query, read by itself."""
        with self.mixed():
            return self.model.passages.parts(self.model.hidden(ids.to(self.device), pool=not query), query)

    @torch.no_grad()
    def passage_vectors(self, text, found, rows=16):
        """(passages, DIMS) unit vectors of the passages of a text."""
        ids, offsets = self.tokens.encode(text)
        of, current = torch.full((len(ids),), len(found)), 0
        for index, (start, _) in enumerate(offsets):
            while current < len(found) and start >= found[current][1]:
                current += 1
            if current < len(found) and found[current][0] <= start:
                of[index] = current
        step = SEGMENT - OVERLAP
        starts = range(0, max(1, len(ids)), step)
        sums = torch.zeros(len(found) + 1, self.model.passages.DIMS, device=self.device)
        room = starts[-1] + SEGMENT - len(ids)
        ids = torch.cat([torch.tensor(ids), torch.zeros(room, dtype=torch.long)])
        of = torch.cat([of, torch.full((room,), len(found))])
        for first in range(0, len(starts), rows):
            some = starts[first : first + rows]
            part = self.parts(torch.stack([ids[s : s + SEGMENT] for s in some]))
            places = torch.stack([of[s : s + SEGMENT] for s in some])
            for row, start in enumerate(some):
                if start > 0:
                    places[row, :OVERLAP] = len(found)
            sums.index_add_(0, places.flatten().to(self.device), part.flatten(0, 1))
        return torch.nn.functional.normalize(sums[:-1], dim=-1)

    @torch.no_grad()
    def query_vectors(self, queries, width=64):
        found = []
        for first in range(0, len(queries), 256):
            some = queries[first : first + 256]
            ids = torch.zeros(len(some), width, dtype=torch.long)
            of = torch.full((len(some), width), len(some))
            for row, query in enumerate(some):
                encoded = self.tokens.encode(passage_vectors.QUERY.format(query))[0][:width]
                ids[row, : len(encoded)] = torch.tensor(encoded)
                of[row, : len(encoded)] = row
            part = self.parts(ids, query=True)
            found.append(summed_vectors(part, of.to(self.device), len(some)))
        return torch.cat(found)

    @torch.no_grad()
    def read(self, pairs, length=1280, batch=192):
        """[(question, passage)] → [(start, end) in characters, best start logit, log sum of start logits, log
        share of the end, none]."""
        rows, places = self.rows(pairs, length)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
        results = [None] * len(rows)
        for first in range(0, len(order), batch):
            chosen = order[first : first + batch]
            width = max(len(rows[i][0]) for i in chosen)
            given = reading.batch([[rows[i]] for i in chosen], len(chosen), width)
            given = {name: value.to(self.device) for name, value in given.items()}
            with self.mixed():
                u = self.reader.hidden(given["tokens"], pool=False)
                start, end, none = self.reader.reader(u, given["asked"], given["last"])
            start = start.masked_fill(~given["inside"], -1e4)
            total = torch.logsumexp(start, -1)
            end = torch.log_softmax(end.masked_fill(~given["inside"], -1e4), -1)
            ahead = [torch.nn.functional.pad(end, (0, k), value=-1e4)[:, k:] for k in range(LONGEST)]
            spans = start[..., None] + torch.stack(ahead, -1)  # (R, L, LONGEST)
            best, place = spans.flatten(1).max(-1)
            found = zip(chosen, *(x.tolist() for x in (best, place, total, none)))
            for index, score, at, whole, nothing in found:
                at, more = divmod(at, LONGEST)
                at -= rows[index][1]
                low, high = places[index][at][0], places[index][at + more][1]
                passage = pairs[index][1]
                while low < high and passage[low].isspace():
                    low += 1
                results[index] = (low, high, score, whole, nothing)
        return results

    def rows(self, pairs, length):
        """`reading.row` of each pair, and where each token of the passage stands in it."""
        questions = [reading.QUESTION.format(question) for question, _ in pairs]
        texts = [reading.PASSAGE.format(passage) for _, passage in pairs]
        final, lead = self.tokens.encode(reading.ANSWER)[0], len(reading.PASSAGE.format(""))
        rows, places = [], []
        encode = self.tokens.tokenizer.encode_batch
        for asked, passage in zip(encode(questions), encode(texts)):
            asked = asked.ids[: reading.ASKED]
            ids = passage.ids[: length - len(asked) - len(final)]
            rows.append((asked + ids + final, len(asked), len(asked) + len(ids), (), ()))
            places.append([(max(0, a - lead), max(0, b - lead)) for a, b in passage.offsets[: len(ids)]])
        return rows, places


def z(scores):
    return (scores - scores.mean()) / scores.std().clamp(min=1e-6)


class Document:
    """One text with its passages and their vectors."""

    def __init__(self, engine, text):
        self.text, self.found = text, passages(text)
        self.bm25 = BM25([text[a:b] for a, b in self.found])
        self.vectors = engine.passage_vectors(text, self.found)

    def scores(self, question, vector):
        words = torch.tensor(self.bm25.scores(question))
        return z(words), z((self.vectors @ vector).float().cpu())

    def around(self, index):
        return self.found[max(0, index - 1)][0], self.found[min(len(self.found) - 1, index + 1)][1]

    def hit(self, index, gold):
        a, b = self.found[index]
        return any(min(b, high) - max(a, low) >= 0.5 * min(b - a, high - low) for low, high in gold)


def asked_of(document, engine, questions, weight):
    """Adds to every question its ranking and what was read: see `measure`."""
    asked = engine.query_vectors([question["question"] for question in questions])
    for question, vector in zip(questions, asked):
        words, meaning = document.scores(question["question"], vector)
        question["words"], question["meaning"] = words, meaning
        fused = words + weight * meaning
        top = fused.topk(min(READ, len(fused))).indices.tolist()
        question["document"], question["top"] = document, top


def read_all(engine, questions):
    pairs, of = [], []
    for index, question in enumerate(questions):
        for place in question["top"]:
            low, high = question["document"].around(place)
            pairs.append((question["question"], question["document"].text[low:high][:3000]))
            of.append((index, low))
    read = engine.read(pairs)
    for question in questions:
        question["read"] = []
    for (index, base), (low, high, best, total, none) in zip(of, read):
        questions[index]["read"].append((base + low, base + high, best, total, none))
    for question in questions:
        none = question["read"][0][4] if question["read"] else 0.0
        totals = torch.tensor([none] + [row[3] for row in question["read"]])
        whole = float(torch.logsumexp(totals, 0))
        question["margins"] = [row[2] - none for row in question["read"]]
        # The same place may be read twice, as a neighbour: its probability counts once, the best.
        question["answers"] = [(math.exp(row[2] - whole), row[0], row[1]) for row in question["read"]]
        question["best"] = max(question["answers"], default=(0.0, 0, 0))


def ranks(question, weight, margin):
    """The place of the first right passage, or None."""
    scores = question["words"] + weight * question["meaning"]
    if margin and question.get("read"):
        scores = scores.clone()
        low = min(question["margins"])
        for place, value in zip(question["top"], question["margins"]):
            scores[place] += margin * (value - low)
    order = scores.topk(min(60, len(scores))).indices.tolist()
    gold = question["spans"] or [question["passage"]]
    return next((k for k, i in enumerate(order) if question["document"].hit(i, gold)), None)


def recall(questions, weight, margin):
    places = [ranks(question, weight, margin) for question in questions]
    return {
        f"r@{k}": round(100 * sum(p is not None and p < k for p in places) / max(1, len(places)), 1)
        for k in (1, 5, 20)
    }


def judged(questions):
    """[(probability, exact, F1, at the right place)] of the answers to questions that have one."""
    found = []
    for question in questions:
        probability, low, high = question["best"]
        said = question["document"].text[low:high]
        place = any(min(high, b) > max(low, a) for a, b in question["spans"])
        found.append(
            (probability, normed(said) == normed(question["answer"]), f1(said, question["answer"]), place)
        )
    return found


def threshold(answered, unanswered, share=0.9):
    """The lowest probability from which on at least `share` of what is said is right (F1 of a half and the
    right
    place), nothing being right where there is no answer; None if there is none."""
    rows = [(p, f >= 0.5 and place) for p, _, f, place in answered] + [(p, False) for p in unanswered]
    rows.sort(reverse=True)
    right, point = 0, None
    for count, (probability, good) in enumerate(rows, 1):
        right += good
        if count >= 20 and right / count >= share:
            point = probability
    return point


def auc(positive, negative):
    wins = sum((a > b) + 0.5 * (a == b) for a in positive for b in negative)
    return wins / max(1, len(positive) * len(negative))


def measure(name, questions, weight, margin, point):
    by_kind = defaultdict(list)
    for question in questions:
        by_kind[question["kind"]].append(question)
    found = {}
    for kind, some in by_kind.items():
        if kind == "none":
            continue
        systems = {"words": (0, 0), "words + vectors": (weight, 0), "all": (weight, margin)}
        row = {system: recall(some, *given) for system, given in systems.items()}
        for question in some:
            question["kept"] = question["words"]
            question["words"] = question["words"] * 0
        row["vectors"] = recall(some, 1.0, 0)
        for question in some:
            question["words"] = question.pop("kept")
        found[kind] = {"n": len(some), "passages": row}
    facts = judged(by_kind["fact"])
    none = [question["best"][0] for question in by_kind["none"]]
    right = sum(e for _, e, _, _ in facts)
    found["answers"] = {
        "n": len(facts),
        "exact": round(100 * right / len(facts), 1),
        "exact interval": [round(100 * x, 1) for x in wilson(right, len(facts))],
        "f1": round(100 * sum(f for _, _, f, _ in facts) / len(facts), 1),
        "place": round(100 * sum(p for _, _, _, p in facts) / len(facts), 1),
        "auc": round(auc([p for p, _, _, _ in facts], none), 3),
    }
    if point is not None:
        sure = [row for row in facts if row[0] >= point]
        good = sum(f >= 0.5 and place for _, _, f, place in sure)
        found["answers"] |= {
            "point": point,
            "verified": round(100 * len(sure) / len(facts), 1),
            "right among verified": round(100 * good / max(1, len(sure)), 1),
            "verified where nothing is": round(100 * sum(p >= point for p in none) / max(1, len(none)), 1),
        }
    print(name, json.dumps(found), flush=True)
    return found


def dev_questions(folder):
    """(set and document) → (text, questions) of questions_dev."""
    wanted = defaultdict(lambda: defaultdict(list))
    for row in json_lines(Path(folder) / "questions_dev.jsonl.xz"):
        spans = [[row["answerStart"], row["answerEnd"]]] if "answerStart" in row else []
        entry = {"kind": row["kind"], "question": row["question"], "answer": row.get("answer", "")}
        wanted[row["set"]][row["doc"]].append(entry | {"passage": [row["start"], row["end"]], "spans": spans})
    for name, documents in wanted.items():
        for document in json_lines(Path(folder) / name):
            if document["id"] in documents:
                yield document.get("text", document.get("document")), documents[document["id"]]


def held_questions(texts, path, most=250):
    """(text, questions) of what training kept out, around each passage, offsets moved to the text."""
    texts = TextShards(read_documents(texts), path, held)
    by_passage = defaultdict(list)
    for row in texts.questions:
        if not row["doc"].startswith("fairytale"):
            by_passage[row["doc"], *row["passage"]].append(row)
    for (name, low, high), rows in list(sorted(by_passage.items()))[:most]:
        base = max(0, low - AROUND)
        text = texts.documents[name][base : high + AROUND]
        moved = []
        for row in rows:
            spans = [[a - base, b - base] for a, b in row["spans"]]
            moved.append(row | {"spans": spans, "passage": [low - base, high - base]})
        yield text, moved


def fairy_tales(engine, folder):
    """Exact match and F1 where the section is given and the answer stands in it, word for word."""
    pairs, answers = [], []
    for tale in json_lines(Path(folder) / "fairytaleqa_val.jsonl.xz"):
        for question in tale["questions"]:
            told = [tale["sections"][s] for s in question["sections"] if s in tale["sections"]]
            section, answer = "\n\n".join(told), question["answer"].rstrip(".")
            if answer.lower() in section.lower():
                pairs.append((question["question"], section))
                answers.append(answer)
    read = engine.read(pairs, batch=96)
    said = [pair[1][low:high] for pair, (low, high, *_) in zip(pairs, read)]
    exact = sum(normed(a) == normed(b) for a, b in zip(said, answers))
    found = {
        "n": len(pairs),
        "exact": round(100 * exact / len(pairs), 1),
        "f1": round(100 * sum(map(f1, said, answers)) / len(pairs), 1),
    }
    print("fairy tales", found, flush=True)
    return found


def gather(engine, documents, weight):
    questions = []
    for text, asked in documents:
        asked_of(Document(engine, text), engine, asked, weight)
        questions += asked
    read_all(engine, questions)
    return questions


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("eval")
    parser.add_argument("results", type=Path)
    parser.add_argument("--questions", required=True)
    parser.add_argument("--texts", required=True)
    parser.add_argument("--adapter", help="reader.safetensors of a reader beside the model")
    add_tokenizer_option(parser)
    options = parser.parse_args()
    engine = Engine(options.model, Tokens(options.tokenizer), options.adapter)
    results = {"fairy tales": fairy_tales(engine, options.eval)}
    fitted = gather(engine, held_questions(options.texts, options.questions), 0.5)
    ordered = [question for question in fitted if question["kind"] in ("fact", "sentence")]

    def worth(weight, margin):
        found = recall(ordered, weight, margin)
        return found["r@1"] + found["r@5"]

    weight, margin = max(((w, m) for w in WEIGHTS for m in MARGINS), key=lambda pair: worth(*pair))
    facts = [question for question in fitted if question["kind"] == "fact"]
    none = [question["best"][0] for question in fitted if question["kind"] == "none"]
    point = threshold(judged(facts), none)
    results["fitted"] = {"weight": weight, "margin": margin, "point": point}
    print(results["fitted"], flush=True)
    results["held out"] = measure("held out", fitted, weight, margin, point)
    asked = gather(engine, dev_questions(options.eval), weight)
    results["questions_dev"] = measure("questions_dev", asked, weight, margin, point)
    results["shown"] = [
        {
            "question": question["question"],
            "answer": question["answer"],
            "said": re.sub(r"\s+", " ", question["document"].text[question["best"][1] : question["best"][2]]),
            "probability": round(question["best"][0], 4),
        }
        for question in asked
        if question["kind"] in ("fact", "none")
    ]
    options.results.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
